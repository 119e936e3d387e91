"""Providers of OpenID Connect on this machine: one that a test can turn hostile, and `oidc-provider-mock` for people."""

import json
import subprocess
import sys
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import urlopen

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
CLIENT, WORD = "insights", "of the client"


class Turned:
    """A provider, and what it does otherwise than it should."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.key = KEY
        self.codes: dict[str, tuple[str, str]] = {}  # code -> nonce and challenge
        self.claims: dict[str, Any] = {}  # in place of the right ones; None takes one away
        self.header: dict[str, Any] = {}
        self.signed_by: Any = self.key
        self.token: str | None = None  # in place of one that is made
        self.settings: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.moved = False  # the token's endpoint leads elsewhere
        self.owed = 0  # bytes that are announced and never come

    def authorize(self, address: str) -> dict[str, str]:
        """What the browser brings back of a visit to the provider's page."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked["nonce"], asked["code_challenge"]
        return {"code": code, "state": asked["state"], "iss": self.address}

    def made(self, nonce: str) -> str:
        """The token for a nonce."""
        if self.token is not None:
            return self.token
        now = int(time.time())
        right = {
            "iss": self.address,
            "sub": "7",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": "ada@x.example",
        }
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "first"} | self.header, claims, self.signed_by, algorithms=["RS256", "HS256"])

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                "code_challenge_methods_supported": ["S256"],
                **({"userinfo_endpoint": f"{self.address}/userinfo"} if self.userinfo is not None else {}),
                **self.settings,
            }
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/userinfo":
            return 200, self.userinfo or {}
        if path == "/token" and not self.moved:
            nonce, challenge = self.codes.pop(form.get("code", ""), ("", "gone"))
            proof = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
            who = unquote(b64decode(authorization.removeprefix("Basic ")).decode())
            if proof != challenge or who != f"{CLIENT}:{WORD}":
                return 400, {"error": "invalid_grant"}
            return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.made(nonce)}
        return 302 if path == "/token" else 404, {}


@contextmanager
def provider() -> Iterator[Turned]:
    """A provider that is what it should be, until the test turns it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self.reply({name: values[0] for name, values in parse_qs(body).items()})

        def reply(self, form: dict[str, str]) -> None:
            status, told = turned.answer(urlsplit(self.path).path, form, self.headers.get("authorization", ""))
            body = json.dumps(told).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("location", f"{turned.address}/elsewhere")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body) + turned.owed))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        turned = Turned(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))  # how often it looks whether it is to end
        thread.start()
        yield turned
        server.shutdown()
        thread.join()


@contextmanager
def signing_in(port: int, *people: dict[str, Any]) -> Iterator[str]:
    """The issuer of a provider of its own, a process on this port; of people it says these claims."""
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    command += [part for claims in people for part in ("--user-claims", json.dumps(claims))]
    issuer = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            answers(f"{issuer}/.well-known/openid-configuration")
            yield issuer
        finally:
            process.terminate()


def answers(address: str) -> None:
    for _ in range(300):
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - our own provider
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"{address} does not answer")


def settings_for(issuer: str, address: str, secret: str) -> dict[str, str]:
    """Of a server at `address` whose people sign in there; `secret`: the path of the file with the client's."""
    return {
        "INSIGHTS_SIGN_IN": "oidc",
        "INSIGHTS_ADDRESS": address,
        "INSIGHTS_OIDC_ISSUER": issuer,
        "INSIGHTS_OIDC_CLIENT_ID": CLIENT,
        "INSIGHTS_OIDC_CLIENT_SECRET_FILE": secret,
        "INSIGHTS_OIDC_ROLES": "team=agent,boss=manager",
    }
