"""Who has signed in? An ASGI middleware behind `Doors`: nothing of the program is reached without a session that is alive.

Every request and every message of a WebSocket is judged anew, so that whoever is signed out or disabled is out with the next
click; a look every two seconds closes the sockets of those who do not click. Who it is reaches the program in a header of ours
(`HEADER`, by Streamlit's `server.trustedUserHeaders`); what a browser sends under such a name is dropped.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote

from insights.ledger.errors import Refused
from insights.server.doors import POLICY_VIOLATION, PUBLIC, App, Message, Receive, Scope, Send, origin_of, sent
from insights.server.redirects import local
from insights.services import failures, sign_in
from insights.services.entrance import Entrance
from insights.services.sign_in import Whence
from insights.store.records import SignedIn
from insights.store.store import Store

LOG = logging.getLogger(__name__)
OURS = b"x-insights-"  # how the headers begin that only we may set
HEADER = "x-insights-session"
USER_KEY = "insights_session"  # under which the program finds it in `st.user`
TRUSTED = {HEADER: USER_KEY}  # what `server.trustedUserHeaders` has to say
LOOK = 2  # seconds between two looks at the sockets that are open
NO_PAGES = ("/_stcore", "/media/", "/component/", "/auth/", "/oauth2callback", "/static/")
NOBODY = "Sign in first."
NO_PROXY = "This server is reached through its proxy only."


class SignIn:
    """Lets through whom `inside` knows; others get the pages of `forms`, or 401."""

    def __init__(self, app: App, entrance: Entrance, store: Store, forms: App, at: Callable[[str], bool]) -> None:
        """`forms`: the pages that people see before they are in, and about their sign-in; `at` says which paths are theirs."""
        self.app, self.entrance, self.store, self.forms, self.at = app, entrance, store, forms, at
        self.sockets = Sockets(store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        scope = without_ours(scope)
        try:
            signed_in = await self.inside(scope)
        except (Refused, *failures.FROM_OUTSIDE) as error:  # the database does not answer: nobody is let in
            await deny(scope, send, 503, why(error))
            return
        if scope["type"] == "websocket":
            await self.socket(scope, receive, send, signed_in)
        else:
            await self.answer(scope, receive, send, signed_in)

    async def inside(self, scope: Scope) -> SignedIn | None:
        """Who asks, as their cookie says; where a proxy names people, it has to name the same one still."""
        secret = cookie(scope, self.entrance)
        signed_in = await asyncio.to_thread(sign_in.of_browser, self.store, secret) if secret else None
        if signed_in is None or signed_in.provider != self.entrance.provider:
            return None
        if self.entrance.provider == sign_in.PROXY and not sign_in.is_named(signed_in.user, named(scope, self.entrance)):
            return None
        await asyncio.to_thread(sign_in.seen, self.store, signed_in)
        return signed_in

    async def answer(self, scope: Scope, receive: Receive, send: Send, signed_in: SignedIn | None) -> None:
        path = scope["path"]
        if self.at(path):
            await self.forms({**scope, "signed_in": signed_in}, receive, send)
        elif signed_in is not None:
            await self.app(with_session(scope, signed_in), receive, send)
        elif path.startswith(PUBLIC) and ".." not in path:  # the program's own files, which hold nothing of a ledger
            await self.app(scope, receive, send)
        elif is_page(scope):
            await redirect(send, f"/sign-in?next={quote(asked(scope), safe='')}")
        else:
            await deny(scope, send, 401, NOBODY)

    async def socket(self, scope: Scope, receive: Receive, send: Send, signed_in: SignedIn | None) -> None:
        """A WebSocket of somebody, for as long as they are signed in."""
        if signed_in is None:
            await deny(scope, send, 401, NOBODY)
            return
        line = Line(send)

        async def heard() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and not await self.still(signed_in):
                await line.close()
                return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}
            return message

        with self.sockets.kept(signed_in.id, line):
            await self.app(with_session(scope, signed_in), heard, line.say)

    async def still(self, signed_in: SignedIn) -> bool:
        """Whether somebody is signed in still. Where the database does not answer, the run itself says so, and does nothing."""
        try:
            now = await asyncio.to_thread(sign_in.alive, self.store, signed_in.id)
            if now is not None:
                await asyncio.to_thread(sign_in.seen, self.store, now)
        except failures.FROM_OUTSIDE:
            return True
        except Refused:  # the row is damaged
            return False
        return now is not None


class Line:
    """What goes out over one WebSocket; nothing once it is closed."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.open = True

    async def say(self, message: Message) -> None:
        if self.open:
            await self.send(message)

    async def close(self) -> None:
        if self.open:
            self.open = False
            with suppress(Exception):  # the browser has gone meanwhile
                await self.send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": NOBODY})


class Sockets:
    """The WebSockets of this process that are open, by session; those of sessions that are over are closed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.lines: dict[str, set[Line]] = {}
        self.looking: asyncio.Task[None] | None = None

    @contextmanager
    def kept(self, session_id: str, line: Line) -> Iterator[None]:
        """A WebSocket is among those that are open, until its end."""
        lines = self.lines.setdefault(session_id, set())
        lines.add(line)
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self.look())
        try:
            yield
        finally:
            lines.discard(line)
            if not lines and self.lines.get(session_id) is lines:
                del self.lines[session_id]

    async def look(self) -> None:
        """Close the sockets of sessions that are over, for as long as any is open."""
        failing = False
        while self.lines:
            await asyncio.sleep(LOOK)
            try:
                over = await asyncio.to_thread(sign_in.over, self.store, list(self.lines))
            except (Refused, *failures.FROM_OUTSIDE) as error:  # the next look may find it mended
                if not failing:  # once, not every two seconds
                    LOG.warning("Who is signed in still could not be looked up: %s", why(error))
                failing = True
                continue
            failing = False
            for line in [line for session_id in over for line in self.lines.get(session_id, ())]:
                await line.close()


# --- requests ----------------------------------------------------------------------------------------------------------


def without_ours(scope: Scope) -> Scope:
    """A request without the headers that only we may set, however they are written."""
    kept = [(name, value) for name, value in scope["headers"] if not name.lower().replace(b"_", b"-").startswith(OURS)]
    return {**scope, "headers": kept}


def with_session(scope: Scope, signed_in: SignedIn) -> Scope:
    """A request as the program gets it: by whom it is, and without what the browser proves it by."""
    kept = [(name, value) for name, value in scope["headers"] if name.lower() != b"cookie"]
    others = [pair for pair in "; ".join(sent(scope, b"cookie")).split("; ") if pair.partition("=")[0] not in COOKIES]
    cookies = [(b"cookie", "; ".join(filter(None, others)).encode("latin-1"))] if any(others) else []
    return {**scope, "headers": [*kept, *cookies, (HEADER.encode(), signed_in.id.encode())], "signed_in": signed_in}


def is_page(scope: Scope) -> bool:
    """Whether a browser wants to show the answer as a page."""
    wants = " ".join(sent(scope, b"accept"))
    return scope["method"] in {"GET", "HEAD"} and "text/html" in wants and not scope["path"].startswith(NO_PAGES)


def asked(scope: Scope) -> str:
    """Path and query of a request, where they are of this host; the start page else."""
    query = scope.get("query_string", b"").decode("latin-1")
    return local(f"{quote(scope['path'])}?{query}" if query else quote(scope["path"]))


def whence(scope: Scope, entrance: Entrance) -> Whence:
    """From where a request comes; of proxies that are believed, what they say: the last address that is none of theirs."""
    host = peer(scope)
    if entrance.believes(host):
        through = [address.strip() for line in sent(scope, b"x-forwarded-for") for address in line.split(",")]
        host = next((address for address in reversed(through) if not entrance.believes(address)), host)
    return Whence(host[:45], " ".join(sent(scope, b"user-agent"))[:200])


def peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def named(scope: Scope, entrance: Entrance) -> str:
    """Whom a believed proxy names; "" where it names nobody, or somebody else than a proxy does.

    The server below may have put an address of X-Forwarded-For in place of the connection's own, and anybody may write that
    header: an address that stands in it proves nothing.
    """
    claimed = [address.strip() for line in sent(scope, b"x-forwarded-for") for address in line.split(",")]
    host, names = peer(scope), sent(scope, entrance.proxy_header.encode())
    rewritten = any(host and (claim == host or claim.strip("[]").startswith((f"{host}:", f"{host}]"))) for claim in claimed)
    return names[0].strip() if entrance.believes(host) and not rewritten and len(names) == 1 else ""


# --- cookies -----------------------------------------------------------------------------------------------------------

SECURE, PLAIN = "__Host-insights", "insights"  # over https; on this computer without
COOKIES = {SECURE, PLAIN}


def cookie(scope: Scope, entrance: Entrance) -> str:
    """The id of the session that a browser holds; "" where none, or where there are two."""
    return value_of(scope, cookie_name(scope, entrance))


def value_of(scope: Scope, name: str) -> str:
    """The value of one cookie of a request; "" where none, or where there are two."""
    pairs = [pair.strip() for line in sent(scope, b"cookie") for pair in line.split(";")]
    values = [value for known, _, value in (pair.partition("=") for pair in pairs) if known == name]
    return values[0] if len(values) == 1 else ""


def cookie_name(scope: Scope, entrance: Entrance) -> str:
    return SECURE if is_https(scope, entrance) else PLAIN


def is_https(scope: Scope, entrance: Entrance) -> bool:
    return origin_of(scope, entrance.address).startswith("https:")


def set_cookie(name: str, value: str, *, https: bool, seconds: int) -> tuple[bytes, bytes]:
    """The header that gives a browser a cookie for this host alone, for so long, which no script reads."""
    secure = "; Secure" if https else ""
    return b"set-cookie", f"{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}".encode()


# --- answers -----------------------------------------------------------------------------------------------------------


def why(error: Exception) -> str:
    """In a sentence, why nobody could be looked up."""
    return str(error) if isinstance(error, Refused) else failures.sentence(error)[0]


async def redirect(send: Send, target: str) -> None:
    await send(
        {"type": "http.response.start", "status": 303, "headers": [(b"location", target.encode()), (b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})


async def deny(scope: Scope, send: Send, status: int, sentence: str) -> None:
    """Refuse a request; a WebSocket before it is open, which its browser sees as 403."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": sentence})
        return
    body = sentence.encode()
    lines = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body if scope["method"] != "HEAD" else b""})
