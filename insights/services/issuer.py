"""Who is somebody, by the word of an OpenID Connect provider? The code flow with PKCE; nothing of a token is believed unchecked.

Authlib has the flow, joserfc (by its author) the tokens. Whatever does not fit ends in one sentence; why goes to the log.
"""

import json
import logging
import secrets
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from insights.access import Role
from insights.ledger.errors import Refused
from insights.services.entrance import Issuer, unheard
from insights.store import signing
from insights.store.store import Store

LOG = logging.getLogger(__name__)
CALLBACK = "/sign-in/callback"
TIMEOUT = 10  # seconds for each question to the provider
KNOWN_FOR = 3600  # seconds for which its settings and keys are kept
KEYS_AGAIN = 60  # seconds between two looks for a key that is not known
FLOW_HOLDS = 600  # seconds from the first step to the last
LEEWAY = 60  # seconds by which two clocks may differ
LARGEST, BLOCK = 1 << 20, 1 << 16  # bytes of an answer, and of what is read of it at a time
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)  # by keys of theirs
NOT_IN = "The provider did not say who you are in a way that can be believed. Try again; ask an administrator if it goes on."
NO_GROUP = "None of your groups may use this. Ask an administrator."
UNREACHED = "The provider cannot be reached. Try again, or ask an administrator."
Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Flow:
    """What has to be the same when somebody comes back from the provider; their browser keeps it, signed."""

    state: str
    nonce: str
    verifier: str  # of PKCE
    target: str  # where they wanted to go
    ends: float  # seconds since the epoch

    def kept(self, store: Store) -> str:
        """For a cookie."""
        body = urlsafe_b64encode(json.dumps(asdict(self)).encode())
        return f"{body.decode().rstrip('=')}.{signing.signature(store, b'flow:' + body.rstrip(b'='))}"


def flow_of(store: Store, kept: str) -> Flow:
    """What `Flow.kept` made; Refused where it is not as it was made, or too old."""
    body, _, signed = kept.partition(".")
    if not signing.is_ours(store, b"flow:" + body.encode(), signed):
        raise not_in("the cookie of the flow is missing or tampered with")
    flow = Flow(**json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    if flow.ends < time.time():
        raise not_in("the flow took too long")
    return flow


class Provider:
    """One issuer, as this server knows it."""

    def __init__(self, issuer: Issuer, origin: str) -> None:
        """`origin`: ours, as browsers know it."""
        self.issuer, self.redirect = issuer, f"{origin}{CALLBACK}"
        self.lock = threading.Lock()
        self.settings: Claims = {}
        self.keys: KeySet | None = None
        self.settings_at = self.keys_at = 0.0

    def begin(self, target: str) -> tuple[str, Flow]:
        """The address at the provider where somebody signs in, and what has to be the same when they come back."""
        flow = Flow(
            secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), target, time.time() + FLOW_HOLDS
        )
        with self.session() as session:
            address, _ = session.create_authorization_url(
                self.known()["authorization_endpoint"], state=flow.state, nonce=flow.nonce, code_verifier=flow.verifier
            )
        return str(address), flow

    def finish(self, flow: Flow, answer: Mapping[str, str]) -> Claims:
        """Who somebody is who came back: the claims of their token. Refused where anything does not fit."""
        if not compare_digest(flow.state.encode(), answer.get("state", "").encode()):
            raise not_in("the state is another")
        if answer.get("iss", self.issuer.issuer) != self.issuer.issuer:
            raise not_in("another issuer answered")
        if "error" in answer or not answer.get("code"):
            raise not_in(f"the provider said {answer.get('error', 'nothing')[:80]!r}")
        try:
            with self.session() as session:
                token = session.fetch_token(
                    self.known()["token_endpoint"],
                    code=answer["code"],
                    code_verifier=flow.verifier,
                    grant_type="authorization_code",
                    timeout=TIMEOUT,
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            raise unreached(error) from error
        except Exception as error:  # Authlib's errors have no kind of their own in common with what JSON throws
            raise not_in(f"the code was not taken: {error}") from error
        claims = self.checked(str(token.get("id_token", "")), flow.nonce)
        return self.completed(claims, str(token.get("access_token", "")))

    def end(self, after: str) -> str:
        """The address at the provider where somebody signs out there, and is sent back to `after`; "" where it names none."""
        try:
            endpoint = str(self.known().get("end_session_endpoint", ""))
        except Refused:
            return ""
        if not unheard(endpoint):
            return ""
        asked = urlencode({"client_id": self.issuer.client_id, "post_logout_redirect_uri": after})
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{asked}"

    def checked(self, id_token: str, nonce: str) -> Claims:
        """The claims of a token that this issuer signed for us, just now, for this flow."""
        algorithms = usable(self.known())
        if not algorithms:  # of none, joserfc would take those that it recommends, shared secrets among them
            raise not_in("the provider signs by nothing that can be checked")
        try:
            try:
                token = jwt.decode(id_token, self.key_set(), algorithms=algorithms)
            except (JoseError, ValueError):  # perhaps by a key that is new
                token = jwt.decode(id_token, self.key_set(anew=True), algorithms=algorithms)
            claims = dict(token.claims)
            jwt.JWTClaimsRegistry(
                leeway=LEEWAY,
                iss={"essential": True, "value": self.issuer.issuer},
                sub={"essential": True},
                aud={"essential": True, "value": self.issuer.client_id},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise not_in(f"the token is none of ours: {error}") from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self.issuer.client_id:
            raise not_in("the token was made for another party")
        if not claims["sub"]:
            raise not_in("the token names nobody")
        return claims

    def completed(self, claims: Claims, access_token: str) -> Claims:
        """The claims, with what the provider says of name and groups elsewhere, where it does and the token does not."""
        wanted = {self.issuer.name_claim, self.issuer.groups_claim} - set(claims)
        endpoint = self.known().get("userinfo_endpoint")
        if not wanted or not endpoint or not access_token:
            return claims
        try:
            more = self.ask(endpoint, Authorization=f"Bearer {access_token}")
        except Refused:
            return claims  # a claim that is missing changes nothing
        if more.get("sub") != claims["sub"]:
            raise not_in("the provider speaks of two people")
        return {**{name: value for name, value in more.items() if name in wanted}, **claims}

    def role(self, claims: Claims) -> Role | None:
        """The highest role that somebody's groups give; None where nothing is said of groups: then nothing changes.

        Refused for whoever is in none of the groups.
        """
        listed = claims.get(self.issuer.groups_claim)
        if listed is None or not self.issuer.roles:
            return None
        groups = (
            {listed}
            if isinstance(listed, str)
            else {group for group in listed if isinstance(group, str)}
            if isinstance(listed, list)
            else set()
        )
        given = [role for role in Role if role in {self.issuer.roles.get(group) for group in groups}]
        if not given:
            raise Refused(NO_GROUP, "no_group")
        return given[-1]

    def name(self, claims: Claims) -> str:
        """What a newcomer is called."""
        names = (claims.get(claim) for claim in (self.issuer.name_claim, "preferred_username", "email", "name", "sub"))
        return next(name for name in names if isinstance(name, str) and name.strip())

    # --- what the provider says of itself

    def known(self) -> Claims:
        """Its settings, asked for once an hour. Refused where they are not of this issuer, or lead over http."""
        with self.lock:
            if time.monotonic() - self.settings_at > KNOWN_FOR or not self.settings:
                self.settings = self.discovered()
                self.settings_at = time.monotonic()
            return self.settings

    def discovered(self) -> Claims:
        known = self.ask(f"{self.issuer.issuer.rstrip('/')}/.well-known/openid-configuration")
        if known.get("issuer") != self.issuer.issuer:
            raise Refused(f"The provider calls itself {known.get('issuer')!r}, not {self.issuer.issuer!r}.", "other_issuer")
        optional = {"userinfo_endpoint"} & known.keys()
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", *optional):
            if not unheard(str(known.get(name, ""))):
                raise Refused(f"The provider's {name} is no https address.", "bad_provider")
        return known

    def key_set(self, *, anew: bool = False) -> KeySet:
        """Its keys; anew where a token was signed by none of them, at most once a minute."""
        address = self.known()["jwks_uri"]
        with self.lock:
            age = time.monotonic() - self.keys_at
            if self.keys is None or age > KNOWN_FOR or (anew and age > KEYS_AGAIN):
                self.keys = KeySet.import_key_set(self.ask(address))  # type: ignore[arg-type]
                self.keys_at = time.monotonic()
            return self.keys

    def ask(self, address: str, **headers: str) -> Claims:
        """A JSON object of the provider."""
        try:
            with requests.get(address, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
                body = b""
                for block in answer.iter_content(BLOCK):
                    body += block
                    if len(body) > LARGEST:
                        break
            answered = json.loads(body) if answer.status_code == requests.codes.ok and len(body) <= LARGEST else None
        except (requests.RequestException, OSError, ValueError) as error:
            raise unreached(error) from error
        if not isinstance(answered, dict):
            raise unreached(ValueError(f"{address} answered {answer.status_code}"))
        return answered

    def session(self) -> OAuth2Session:
        return OAuth2Session(
            self.issuer.client_id,
            self.issuer.client_secret,
            scope=self.issuer.scopes,
            redirect_uri=self.redirect,
            code_challenge_method="S256",
        )


def check(provider: Provider) -> list[str]:
    """What the provider says of itself, as lines; Refused where it cannot be used."""
    known = provider.known()
    algorithms = usable(known)
    if not algorithms:
        raise Refused(f"The provider signs by {', '.join(signed_by(known))} only, which proves nothing here.", "bad_provider")
    keys = len(provider.key_set().keys)
    pkce = "S256" in known.get("code_challenge_methods_supported", [])
    return [
        f"The provider {provider.issuer.issuer} answers.",
        f"It signs by {', '.join(algorithms)}; keys: {keys}.",
        "It knows PKCE." if pkce else "It does not say that it knows PKCE (S256); the challenge is sent all the same.",
        f"It has to send people back to {provider.redirect}",
    ]


def signed_by(known: Claims) -> list[str]:
    """By which algorithms a provider signs tokens."""
    return [str(algorithm) for algorithm in known.get("id_token_signing_alg_values_supported", ["RS256"])]


def usable(known: Claims) -> list[str]:
    """Those of its algorithms that prove that it was the provider who signed."""
    return [algorithm for algorithm in signed_by(known) if algorithm in ALGORITHMS]


def not_in(why: str) -> Refused:
    LOG.warning("Nobody was let in by the provider: %s", why)
    return Refused(NOT_IN, "not_believed")


def unreached(error: Exception) -> Refused:
    LOG.warning("The provider did not answer: %s", error)
    return Refused(UNREACHED, "no_provider")
