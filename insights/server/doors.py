"""Who is let in to the web server? Browsers that show our own pages; no other site's, and without sign-in no other computer.

An ASGI middleware, before everything else. Judged is what cannot be set by a page: the address at which the connection was
accepted, and the headers Host and Origin, which have to name exactly our scheme, host and port: those of this computer, or the
address under which the server is reached (`entrance.Address`), which there is only where people sign in.
"""

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Any

from insights.services.entrance import Address

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PUBLIC = "/static/"  # the program's own files, which hold nothing of a ledger: they alone may be kept by a browser
USUAL_PORT = {"http": 80, "https": 443}  # not written in an address
POLICY_VIOLATION = 1008  # WebSocket close code

ELSEWHERE = "This server answers on this computer only: sign-in is not switched on."
OTHER_NAME = "This server does not go by the name that was asked for."
OTHER_SITE = "Pages of another site cannot use this server."


@dataclass(frozen=True)
class Door:
    """What the accepted connection itself says of our address."""

    scheme: str  # "http" or "https"
    host: str  # an IP address of this machine, or the path of a socket
    port: int

    @property
    def own(self) -> bool:
        """Whether only this computer can have reached it."""
        try:
            address = ip_address(self.host)
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return (mapped or address).is_loopback

    @property
    def hosts(self) -> set[str]:
        """What may stand in Host: the names of this computer, with our port."""
        names = ("127.0.0.1", "localhost", "[::1]")
        bare = {*names} if USUAL_PORT[self.scheme] == self.port else set()
        return bare | {f"{name}:{self.port}" for name in names}


class Doors:
    """Lets through what `refused` has nothing against, and tells browsers what our pages may do."""

    def __init__(self, app: App, page: str = "", address: Address | None = None) -> None:
        """`page`: the HTML whose inline scripts may run; `address`: under which others than this computer may ask."""
        self.app = app
        self.address = address
        self.scripts = " ".join(["'self'", *inline_scripts(page)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)  # the server's start and end
        elif reason := refused(scope, self.address):
            await refuse(scope, send, reason)
        else:
            await self.app(scope, receive, self.guarded(scope, send))

    def guarded(self, scope: Scope, send: Send) -> Send:
        """`send`, with our headers in place of whatever the answer says on the same matters."""
        ours = [
            (name.encode(), value.encode())
            for name, value in headers(origin_of(scope, self.address), scope["path"], self.scripts).items()
        ]
        names = {name for name, _ in ours}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [pair for pair in message.get("headers", ()) if pair[0].lower() not in names]
                message = {**message, "headers": [*others, *ours]}
            await send(message)

        return answer


def door(scope: Scope) -> Door:
    host, port = scope.get("server") or ("", 0)
    return Door("https" if scope["scheme"] in {"https", "wss"} else "http", host, port or 0)


def refused(scope: Scope, address: Address | None = None) -> str:
    """Why a request is refused, as a sentence; "" for one that is welcome.

    A WebSocket has to name its Origin, as every browser does: what flows over it are ledgers. Over HTTP a browser leaves
    it out where a page asks for its own files.
    """
    if address is None and not door(scope).own:
        return ELSEWHERE
    ours, origin = origin_of(scope, address), sent(scope, b"origin")
    if not ours:
        return OTHER_NAME
    allowed = [[ours], *([[]] if scope["type"] == "http" else [])]
    return "" if origin in allowed else OTHER_SITE


def origin_of(scope: Scope, address: Address | None) -> str:
    """Our own origin as this browser asked for it: scheme, host and port; "" where Host names none of our names.

    A proxy in front may speak http to us: what browsers see of the address is what the settings say.
    """
    at, host = door(scope), sent(scope, b"host")
    if len(host) != 1:
        return ""
    name = host[0].lower()
    if address is not None and name == address.netloc:
        return address.origin
    return f"{at.scheme}://{name}" if at.own and name in at.hosts else ""


def sent(scope: Scope, name: bytes) -> list[str]:
    """All values of a request's header; more than one of those that we judge is one too many."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


async def refuse(scope: Scope, send: Send, reason: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
        return
    fixed = {
        "content-length": str(len(reason)),
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    lines = [(name.encode(), value.encode()) for name, value in fixed.items()]
    await send({"type": "http.response.start", "status": 403, "headers": lines})
    await send({"type": "http.response.body", "body": reason.encode()})


def headers(origin: str, path: str, scripts: str) -> dict[str, str]:
    """What a browser may do with an answer: no other site's frame, picture, script or request; nothing kept on disk."""
    socket = f"ws{origin.removeprefix('http')}"  # older browsers do not take 'self' for it
    policy = (
        "default-src 'none'",
        f"script-src {scripts}",
        "style-src 'self' 'unsafe-inline'",  # the screens' styles are made while they run
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        f"connect-src 'self' {socket}",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    answered = {
        "content-security-policy": "; ".join(policy),
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    if origin.startswith("https:"):
        answered |= {"strict-transport-security": "max-age=31536000"}
    return answered if path.startswith(PUBLIC) else answered | {"cache-control": "no-store"}


def inline_scripts(page: str) -> list[str]:
    """The scripts that stand in a page itself, as a Content-Security-Policy names them: by their sha256."""
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts]
