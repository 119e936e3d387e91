"""Is what cannot be safe refused before the server starts?"""

from pathlib import Path

import pytest

from insights.access import Role
from insights.ledger.errors import Refused
from insights.services import entrance
from insights.services.entrance import Address
from insights.store.settings import Settings

WORD = "of the client"
OIDC = {"sign_in": "oidc", "address": "https://insights.example.com", "oidc_issuer": "https://id.example", "oidc_client_id": "us"}


def read(**settings: object) -> entrance.Entrance:
    return entrance.read(Settings.model_validate(settings))


def test_without_a_setting_nobody_signs_in() -> None:
    assert read() == entrance.Entrance("", None, (), "x-forwarded-user", None, None)
    assert not read().guarded


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://insights.example.com", "https://insights.example.com"),
        ("https://Insights.Example.com:443/", "https://insights.example.com"),
        ("https://insights.example.com:8443", "https://insights.example.com:8443"),
        ("http://localhost:8501", "http://localhost:8501"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_address_is_kept_as_browsers_write_its_origin(text: str, origin: str) -> None:
    assert entrance.address_of(text).origin == origin


@pytest.mark.parametrize(
    "text",
    [
        "insights.example.com",
        "ftp://x",
        "https://",
        "https://x/path",
        "https://x?q",
        "https://u@x",
        "https://x:99999",
        "https://[::1",
        "//x",
        "x",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="an origin like"):
        entrance.address_of(text)


def test_passwords_go_over_no_network_unencrypted() -> None:
    with pytest.raises(Refused, match="https"):
        read(sign_in="password", address="http://insights.example.com")
    assert read(sign_in="password", address="https://insights.example.com").address == Address("https", "insights.example.com")


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"address": "https://x.example"}, "INSIGHTS_SIGN_IN"),
        ({"sign_in": "proxy"}, "INSIGHTS_PROXIES"),
        ({"sign_in": "oidc"}, "INSIGHTS_OIDC_ISSUER"),
        (OIDC, "INSIGHTS_OIDC_CLIENT_SECRET_FILE"),
        (OIDC | {"oidc_client_secret_file": "/nowhere/x"}, "cannot be read"),
        (OIDC | {"oidc_client_secret_file": "/nowhere/x", "oidc_issuer": "https://[id"}, "INSIGHTS_OIDC_ISSUER"),
        ({"sign_in": "password", "proxies": "10.0.0.2, x"}, "INSIGHTS_PROXIES"),
    ],
)
def test_what_is_missing_is_named(settings: dict[str, object], missing: str) -> None:
    with pytest.raises(Refused, match=missing):
        read(**settings)


def test_a_secret_that_is_no_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    with pytest.raises(Refused, match="INSIGHTS_OIDC_CLIENT_SECRET_FILE is no text"):
        read(**OIDC, oidc_client_secret_file=str(tmp_path / "secret"))


def test_groups_give_roles(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{WORD}\n")
    kept = OIDC | {"oidc_client_secret_file": str(tmp_path / "secret")}
    issuer = read(**kept, oidc_roles="team=a=agent, cn=x=administrator").issuer
    assert issuer
    assert issuer.client_secret == WORD
    assert issuer.roles == {"team=a": Role.AGENT, "cn=x": Role.ADMINISTRATOR}
    with pytest.raises(Refused, match="boss"):
        read(**kept, oidc_roles="team=boss")


def test_proxies_are_believed_by_address_and_by_network() -> None:
    found = read(sign_in="proxy", proxies="10.0.0.2, 172.16.0.0/12, ::1")
    assert [found.believes(each) for each in ("10.0.0.2", "172.20.1.1", "::1", "10.0.0.3", "127.0.0.1", "x", "")] == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]
