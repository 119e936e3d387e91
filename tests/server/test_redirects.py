"""Is somebody who signs in led to a path of this host, and never away from it?"""

import pytest

from insights.server.redirects import local

AWAY = [
    "//evil.example",
    "///evil.example",
    "////evil.example/x",
    "/\\evil.example",
    "/\\/evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "evil.example",
    "@evil.example",
    ".evil.example",
    ":80",
    "",
    " /customers",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "/x\r\nSet-Cookie: a=b",
    "/\x00/evil.example",
    "/%09/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/%2f/evil.example",
    "/%2fevil.example",
    "/%252fevil.example",
    "/%5cevil.example",
    "/%255cevil.example",
    "/x/..//evil.example",
    "/..//evil.example",
    "/%2e%2e//evil.example",
    "/\u2215evil.example",
    "/\uff0fevil.example",
    "/\U0001f600",
    "/" + "a" * 3000,
    "/sign-out",
    "/sign-in?next=//evil.example",
    "/%73ign-out",
    "/_stcore/health",
]
STAYS = [
    "/",
    "/customers",
    "/invoice?ledger=1&as_of=2026-10-31&invoice=R%2F7",
    "/customers?q=%C3%A4%20b&next=https://evil.example",
    "/worklist#row-7",
    "/signs",
]


@pytest.mark.parametrize("target", AWAY)
def test_what_leads_away_leads_to_the_start(target: str) -> None:
    assert local(target) == "/"


def test_more_than_forty_ways_away_are_tried() -> None:
    assert len(set(AWAY)) > 40


@pytest.mark.parametrize("target", STAYS)
def test_a_path_of_this_host_is_kept_with_its_query(target: str) -> None:
    assert local(target) == target
