"""Is nobody let in by a provider's word that is not exactly for us, here and now?"""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from joserfc.jwk import OctKey, RSAKey

from insights.access import Role
from insights.ledger.errors import Refused
from insights.services import issuer
from insights.services.entrance import Issuer
from insights.services.issuer import Provider
from insights.store.store import Store
from tests.support.providers import CLIENT, WORD, Turned, provider
from tests.support.workspaces import opened

OURS = "https://insights.example.com"
ELSEWHERE = "https://evil.example"


@pytest.fixture
def turned() -> Iterator[Turned]:
    with provider() as found:
        yield found


def ours(turned: Turned, **changes: object) -> Provider:
    roles = {"team": Role.AGENT, "boss": Role.MANAGER}
    settings = Issuer(turned.address, CLIENT, WORD, "openid email", "email", "groups", roles)
    return Provider(replace(settings, **changes), OURS)  # type: ignore[arg-type]


def part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_whoever_comes_back_is_who_the_token_says(turned: Turned) -> None:
    us = ours(turned)
    address, flow = us.begin("/customers")
    claims = us.finish(flow, turned.authorize(address))
    assert (claims["sub"], us.name(claims), us.role(claims)) == ("7", "ada@x.example", None)
    assert flow.target == "/customers"
    assert f"redirect_uri={OURS.replace(':', '%3A').replace('/', '%2F')}%2Fsign-in%2Fcallback" in address


def test_a_provider_may_have_taken_a_new_key(turned: Turned) -> None:
    us = ours(turned)
    us.key_set()
    us.keys_at -= 100
    turned.key = turned.signed_by = RSAKey.generate_key(2048, {"kid": "second"})
    turned.header = {"kid": "second"}
    address, flow = us.begin("/")
    assert us.finish(flow, turned.authorize(address))["sub"] == "7"


def unsigned(turned: Turned) -> None:
    now = int(time.time())
    claims = {
        "iss": turned.address,
        "sub": "7",
        "aud": CLIENT,
        "iat": now,
        "exp": now + 300,
        "nonce": next(iter(turned.codes.values()))[0],
    }
    turned.token = f"{part({'alg': 'none'})}.{part(claims)}."


def by_our_own_word(turned: Turned) -> None:
    turned.signed_by, turned.header = OctKey.import_key(WORD * 4), {"alg": "HS256"}


def by_their_public_key(turned: Turned) -> None:
    """A public key as if it were a shared one."""
    head, body, _ = turned.made(next(iter(turned.codes.values()))[0]).split(".")
    head = part({"alg": "HS256", "kid": "first"})
    seal = hmac.digest(turned.key.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    turned.token = f"{head}.{body}.{urlsafe_b64encode(seal).decode().rstrip('=')}"


def by_another_key(turned: Turned) -> None:
    turned.signed_by = RSAKey.generate_key(2048, {"kid": "first"})


def by_a_key_that_the_token_brings(turned: Turned) -> None:
    turned.signed_by = RSAKey.generate_key(2048, {"kid": "own"})
    turned.header = {"kid": "own", "jwk": turned.signed_by.as_dict(private=False)}


def with_another_payload(turned: Turned) -> None:
    head, body, seal = turned.made(next(iter(turned.codes.values()))[0]).split(".")
    now = int(time.time())
    nonce = next(iter(turned.codes.values()))[0]
    other = {"iss": turned.address, "sub": "1", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
    turned.token = f"{head}.{part(other)}.{seal}"
    assert body != part(other)


def of_an_earlier_flow(turned: Turned) -> None:
    turned.token = turned.made("the nonce of an earlier flow")


def claiming(**claims: object) -> Callable[[Turned], None]:
    def turn(turned: Turned) -> None:
        turned.claims = {name: value() if callable(value) else value for name, value in claims.items()}

    return turn


def moved(turned: Turned) -> None:
    turned.moved = True


def without_a_token(turned: Turned) -> None:
    turned.token = ""


def with_nothing_but_a_shared_secret(turned: Turned) -> None:
    """The token is right, the provider says that it never signs so."""
    turned.settings = {"id_token_signing_alg_values_supported": ["HS256"]}


def two_people(turned: Turned) -> None:
    turned.userinfo = {"sub": "8", "groups": ["boss"]}


def ago(seconds: int) -> Callable[[], int]:
    return lambda: int(time.time()) - seconds


TURNS: dict[str, Callable[[Turned], None]] = {
    "no signature": unsigned,
    "signed by the client's own secret": by_our_own_word,
    "signed by the public key as a secret": by_their_public_key,
    "signed by another key of the same name": by_another_key,
    "signed by a key in the token": by_a_key_that_the_token_brings,
    "another payload under the signature": with_another_payload,
    "the token of an earlier flow": of_an_earlier_flow,
    "no nonce": claiming(nonce=None),
    "for another party": claiming(aud="another"),
    "for nobody": claiming(aud=None),
    "for several, by none": claiming(aud=[CLIENT, "another"]),
    "for us, but by another": claiming(azp="another"),
    "of another issuer": claiming(iss=ELSEWHERE),
    "of no issuer": claiming(iss=None),
    "expired": claiming(exp=ago(120)),
    "for ever": claiming(exp=None),
    "of tomorrow": claiming(iat=ago(-86400)),
    "not yet": claiming(nbf=ago(-3600)),
    "of nobody": claiming(sub=None),
    "of an empty name": claiming(sub=""),
    "no token": without_a_token,
    "an endpoint that leads elsewhere": moved,
    "a provider that signs by shared secrets alone": with_nothing_but_a_shared_secret,
    "two people at once": two_people,
}


@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS)
def test_a_token_that_is_not_for_us_here_and_now_lets_nobody_in(turned: Turned, turn: Callable[[Turned], None]) -> None:
    us = ours(turned)
    us.known()
    address, flow = us.begin("/")
    back = turned.authorize(address)
    if turn in {two_people, with_nothing_but_a_shared_secret}:
        us.settings_at = -1e9  # asked anew
    turn(turned)
    with pytest.raises(Refused, match="believed"):
        us.finish(flow, back)


ANSWERS: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "another state": lambda back: back | {"state": "x"},
    "no state": lambda back: {name: value for name, value in back.items() if name != "state"},
    "no code": lambda back: {name: value for name, value in back.items() if name != "code"},
    "another code": lambda back: back | {"code": "x"},
    "an error": lambda back: back | {"error": "access_denied"},
    "another issuer's answer": lambda back: back | {"iss": ELSEWHERE},
}


@pytest.mark.parametrize("change", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_does_not_fit_lets_nobody_in(turned: Turned, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    us = ours(turned)
    address, flow = us.begin("/")
    with pytest.raises(Refused, match="believed"):
        us.finish(flow, change(turned.authorize(address)))


def test_an_answer_lets_in_once_and_only_the_browser_that_began(turned: Turned) -> None:
    us = ours(turned)
    address, flow = us.begin("/")
    back = turned.authorize(address)
    _, other = us.begin("/")
    with pytest.raises(Refused):
        us.finish(other, back | {"state": other.state})  # another browser's proof of PKCE
    address, flow = us.begin("/")
    back = turned.authorize(address)
    assert us.finish(flow, back)
    with pytest.raises(Refused):
        us.finish(flow, back)


@pytest.mark.slow
def test_what_a_browser_keeps_of_a_flow_cannot_be_changed(turned: Turned, workspace: Store, tmp_path: Path) -> None:
    _, flow = ours(turned).begin("/customers")
    kept = flow.kept(workspace)
    assert issuer.flow_of(workspace, kept) == flow
    body, _, signed = kept.partition(".")
    other = part({"state": "s", "nonce": "n", "verifier": "v", "target": "//evil.example", "ends": 9e9})
    forged = ["", ".", "x.y", body, f"{body}.", f"{other}.{signed}", f"{body}.{signed[:-1]}", f"{body[:-2]}.{signed}"]
    forged += [flow.kept(opened(tmp_path / "other")), replace(flow, ends=time.time() - 1).kept(workspace)]
    for each in forged:
        with pytest.raises(Refused, match="believed"):
            issuer.flow_of(workspace, each)
    assert issuer.flow_of(workspace, kept).target == "/customers"


def test_groups_give_the_highest_of_their_roles_and_nothing_where_they_are_not_named(turned: Turned) -> None:
    us = ours(turned)
    assert us.role({}) is None
    assert us.role({"groups": ["team", "boss", "other"]}) is Role.MANAGER
    assert us.role({"groups": "team"}) is Role.AGENT
    for said in ([], ["other"], {"team": 1}, 7):
        with pytest.raises(Refused, match="None of your groups"):
            us.role({"groups": said})
    assert ours(turned, roles={}).role({"groups": ["boss"]}) is None


def test_groups_may_stand_where_the_token_leads(turned: Turned) -> None:
    turned.userinfo = {"sub": "7", "groups": ["boss"], "iss": ELSEWHERE}
    us = ours(turned)
    address, flow = us.begin("/")
    claims = us.finish(flow, turned.authorize(address))
    assert us.role(claims) is Role.MANAGER
    assert claims["iss"] == turned.address


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"issuer": ELSEWHERE}, "calls itself"),
        ({"token_endpoint": "http://evil.example/token"}, "no https"),
        ({"jwks_uri": "file:///etc/passwd"}, "no https"),
        ({"jwks_uri": "https://[keys"}, "no https"),
        ({"userinfo_endpoint": "http://evil.example/userinfo"}, "no https"),
        ({"authorization_endpoint": None}, "no https"),
    ],
)
def test_a_provider_that_is_another_or_leads_over_http_is_not_asked(
    turned: Turned, settings: dict[str, object], said: str
) -> None:
    turned.settings = settings
    with pytest.raises(Refused, match=said):
        ours(turned).begin("/")


def test_the_check_says_what_the_provider_is(turned: Turned) -> None:
    lines = issuer.check(ours(turned))
    assert lines[1] == "It signs by RS256; keys: 1."
    assert lines[-1] == f"It has to send people back to {OURS}/sign-in/callback"
    turned.settings = {"id_token_signing_alg_values_supported": ["none", "HS256"]}
    with pytest.raises(Refused, match="proves nothing"):
        issuer.check(ours(turned))


@pytest.mark.parametrize(
    ("named", "leads"),
    [
        (
            "https://id.example/out",
            "https://id.example/out?client_id=insights&post_logout_redirect_uri=https%3A%2F%2Fus%2Fsign-in",
        ),
        (
            "https://id.example/out?x=1",
            "https://id.example/out?x=1&client_id=insights&post_logout_redirect_uri=https%3A%2F%2Fus%2Fsign-in",
        ),
        (None, ""),
        ("http://id.example/out", ""),
        ("javascript:alert(1)", ""),
        (["https://id.example"], ""),
    ],
)
def test_the_way_out_at_the_provider_is_the_one_that_it_names(turned: Turned, named: object, leads: str) -> None:
    turned.settings = {} if named is None else {"end_session_endpoint": named}
    assert ours(turned).end("https://us/sign-in") == leads


@pytest.mark.slow
def test_a_provider_that_is_gone_is_said_so() -> None:
    with provider() as gone:
        us = ours(gone)
    assert us.end("https://us/sign-in") == "", "signing out here does not hang on it"
    with pytest.raises(Refused, match="cannot be reached"):
        us.begin("/")


@pytest.mark.parametrize(("owed", "settings"), [(10, {}), (0, {"more": "x" * issuer.LARGEST})], ids=["broken off", "endless"])
def test_an_answer_that_breaks_off_or_does_not_end_is_none(turned: Turned, owed: int, settings: dict[str, object]) -> None:
    turned.owed, turned.settings = owed, settings
    with pytest.raises(Refused, match="cannot be reached"):
        ours(turned).begin("/")


def test_more_than_twenty_attacks_are_tried() -> None:
    assert len(TURNS) + len(ANSWERS) > 20
