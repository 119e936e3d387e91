"""Which pages are there before somebody is in, and about their sign-in? Sign in, sign out, invitation, account.

A small Starlette application of its own. Whoever changes anything posts a form, and says where the form came from.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import parse_qs, quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from insights.ledger.errors import Refused
from insights.server import html
from insights.server.doors import OTHER_SITE, origin_of, sent
from insights.server.redirects import START, local
from insights.server.sign_in import COOKIES, PLAIN, SECURE, cookie, cookie_name, is_https, named, set_cookie, value_of, whence
from insights.services import attempts, failures, passwords, sign_in, users
from insights.services.entrance import Entrance
from insights.services.issuer import CALLBACK, FLOW_HOLDS, Provider, flow_of
from insights.store.records import SignedIn
from insights.store.sessions import LIFETIME
from insights.store.store import Store

LARGEST, MOST_FIELDS = 16 << 10, 20  # bytes and fields of a form
NO_FORM = "This is no form of ours."
DOOR = ThreadPoolExecutor(
    4, "door"
)  # for who is not in yet: whoever guesses, or a provider that is slow, keeps nobody waiting who is
NEXT = "next"
CONTINUE = "Continue to your organisation's sign-in"
SENTENCE = f"At least {passwords.SHORTEST} characters; a sentence that only you know is good. You are signed out everywhere else."
STATE, WATCH = "/sign-in/state", "/sign-in/watch.js"
# A window whose session is over would try to connect for ever: it asks now and then, and shows the page that leads back.
WATCHING = """
const look = async () => {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch("/sign-in/state", { cache: "no-store" }).catch(() => null);
  if (answer && answer.status === 401) location.reload();
};
setInterval(look, 10000);
document.addEventListener("visibilitychange", look);
"""
T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


class Forms:
    """The pages of one entrance."""

    def __init__(self, entrance: Entrance, store: Store) -> None:
        self.entrance, self.store = entrance, store
        self.issuer = Provider(entrance.issuer, entrance.address.origin) if entrance.issuer and entrance.address else None
        pages: dict[str, tuple[Handler, list[str]]] = {
            "/sign-in": (self.sign_in, ["GET", "POST"]),
            "/sign-in/start": (self.start, ["GET"]),
            CALLBACK: (self.callback, ["GET"]),
            STATE: (self.state, ["GET"]),
            WATCH: (self.watch, ["GET"]),
            "/sign-out": (self.sign_out, ["GET", "POST"]),
            "/sign-out/everywhere": (self.sign_out_everywhere, ["POST"]),
            "/account": (self.account, ["GET", "POST"]),
            "/invitation": (self.invitation, ["GET", "POST"]),
        }
        routes = [Route(path, guarded(entrance, page), methods=methods) for path, (page, methods) in pages.items()]
        self.app = Starlette(routes=routes)
        self.paths = frozenset(pages)

    def at(self, path: str) -> bool:
        """Whether a path is one of these pages."""
        return path in self.paths

    # --- in

    async def sign_in(self, request: Request) -> Response:
        target = local(request.query_params.get(NEXT, START))
        if request.method in {"GET", "HEAD"} and inside(request):
            return to(target)
        if self.entrance.provider == sign_in.PROXY:
            return await self.by_proxy(request, target)
        if self.issuer is not None:
            return HTMLResponse(
                html.page("Sign in", html.link(CONTINUE, f"/sign-in/start?next={quote(target, safe='')}", button=True))
            )
        if request.method != "POST":
            return self.ask(target)
        given = await form_of(request)
        target, name = local(given.get(NEXT, START)), given.get("name", "")
        password, origin = given.get("password", ""), whence(request.scope, self.entrance)
        try:
            secret = await at_the_door(lambda: sign_in.by_password(self.store, name, password, origin))
        except Refused as refused:
            return self.ask(target, str(refused), name=name, status=429 if refused.code == "too_many_attempts" else 401)
        return await self.let_in(request, secret, target)

    def ask(self, target: str, fault: str = "", *, name: str = "", status: int = 200) -> Response:
        """The page that asks for name and password."""
        fields = (
            html.field("Name", "name", fill="username", value=name, first=not name),
            html.field("Password", "password", fill="current-password", first=bool(name)),
            html.hidden(NEXT, target),
        )
        forgotten = html.text("Forgotten your password? An administrator gives you a link for another one.")
        body = html.page("Sign in", html.fault(fault), html.form("/sign-in", *fields, do="Sign in"), forgotten)
        return HTMLResponse(body, status)

    async def by_proxy(self, request: Request, target: str) -> Response:
        """Whom the proxy in front names is in; whoever it does not name is told so."""
        name = named(request.scope, self.entrance)
        if not name:
            unnamed = "The proxy in front of this server does not say who you are. Sign in there, or ask whoever runs it."
            return HTMLResponse(html.page("Sign in", html.fault(unnamed)), 401)
        try:
            origin = whence(request.scope, self.entrance)
            secret = await asyncio.to_thread(
                lambda: sign_in.by_proxy(self.store, name, origin, newcomers=self.entrance.newcomers)
            )
        except Refused as refused:
            return HTMLResponse(html.page("Sign in", html.fault(str(refused))), 403)
        return await self.let_in(request, secret, target)

    async def start(self, request: Request) -> Response:
        """To the provider; the browser keeps what has to be the same when it comes back."""
        if self.issuer is None:
            return to("/sign-in")
        issuer, target = self.issuer, local(request.query_params.get(NEXT, START))
        address, flow = await at_the_door(lambda: issuer.begin(target))
        answer = RedirectResponse(address, 303)
        kept, https = await asyncio.to_thread(flow.kept, self.store), is_https(request.scope, self.entrance)
        answer.raw_headers.append(set_cookie(flow_cookie(https=https), kept, https=https, seconds=FLOW_HOLDS))
        return answer

    async def callback(self, request: Request) -> Response:
        """Back from the provider, whose word is checked; then to where somebody wanted to go."""
        https = is_https(request.scope, self.entrance)
        try:
            answer = await self.by_issuer(request, value_of(request.scope, flow_cookie(https=https)))
        except Refused as refused:
            answer = HTMLResponse(
                html.page("Sign in", html.fault(str(refused)), html.link("Try again", "/sign-in", button=True)), 403
            )
        answer.raw_headers.append(set_cookie(flow_cookie(https=https), "", https=https, seconds=0))
        return answer

    async def by_issuer(self, request: Request, kept: str) -> Response:
        if self.issuer is None:
            return to("/sign-in")
        us, origin = self.issuer, whence(request.scope, self.entrance)
        flow = await asyncio.to_thread(flow_of, self.store, kept)
        claims = await at_the_door(lambda: us.finish(flow, dict(request.query_params)))
        subject = us.issuer.issuer, str(claims["sub"])
        role, newcomers = us.role(claims), self.entrance.newcomers
        secret = await asyncio.to_thread(
            lambda: sign_in.by_issuer(self.store, subject, us.name(claims), origin, role=role, newcomers=newcomers)
        )
        return await self.let_in(request, secret, local(flow.target))

    async def let_in(self, request: Request, secret: str, target: str) -> Response:
        """To where somebody wanted to go, with the id of their session; whoever was signed in here before is out."""
        before = await asyncio.to_thread(sign_in.of_browser, self.store, cookie(request.scope, self.entrance))
        if before is not None:
            await asyncio.to_thread(lambda: sign_in.out(self.store, before, actor=users.person_of(before.user)))
        answer = to(target)
        name, https = cookie_name(request.scope, self.entrance), is_https(request.scope, self.entrance)
        answer.raw_headers.append(set_cookie(name, secret, https=https, seconds=int(LIFETIME.total_seconds())))
        return answer

    async def state(self, request: Request) -> Response:
        """Whether somebody is signed in still."""
        return Response(status_code=204 if inside(request) else 401)

    async def watch(self, _: Request) -> Response:
        return Response(WATCHING, media_type="text/javascript")

    # --- out

    async def sign_out(self, request: Request) -> Response:
        """Out by a form, or by a link on a page of ours, as the browser says; a link elsewhere is asked about first."""
        signed_in = inside(request)
        ours = request.method == "POST" or sent(request.scope, b"sec-fetch-site") == ["same-origin"]
        if signed_in is not None and not ours:
            return HTMLResponse(html.page("Sign out?", html.form("/sign-out", do="Sign out")))
        if signed_in is not None:
            await asyncio.to_thread(
                lambda: sign_in.out(
                    self.store, signed_in, actor=users.person_of(signed_in.user, whence(request.scope, self.entrance).address)
                )
            )
        return await self.gone()

    async def sign_out_everywhere(self, request: Request) -> Response:
        if (signed_in := inside(request)) is not None:
            await asyncio.to_thread(
                lambda: sign_in.out_everywhere(
                    self.store,
                    signed_in.user,
                    actor=users.person_of(signed_in.user, whence(request.scope, self.entrance).address),
                )
            )
        return await self.gone()

    async def gone(self) -> Response:
        elsewhere = {sign_in.PROXY: "the proxy", sign_in.OIDC: "your organisation"}.get(self.entrance.provider)
        note = f"You may be signed in at {elsewhere} still, which lets you in again without asking." if elsewhere else ""
        parts = [html.text(note)] if note else []
        issuer, address = self.issuer, self.entrance.address
        if issuer and address and (end := await at_the_door(lambda: issuer.end(f"{address.origin}/sign-in"))):
            parts.append(html.link("Sign out there, too", end))  # a link: no page of ours may send a form elsewhere
        answer = HTMLResponse(html.page("You are signed out", *parts, html.link("Sign in again", "/sign-in", button=True)))
        for name in sorted(COOKIES):
            answer.raw_headers.append(set_cookie(name, "", https=name.startswith("__"), seconds=0))
        return answer

    # --- about oneself

    async def account(self, request: Request) -> Response:
        """Who one is, where one is signed in, and another password."""
        signed_in = inside(request)
        if signed_in is None:
            return to(f"/sign-in?next={quote('/account', safe='')}")
        if request.method != "POST":
            return await self.show_account(signed_in)
        given, user = await form_of(request), signed_in.user
        origin = whence(request.scope, self.entrance)
        try:
            await at_the_door(lambda: sign_in.check_password(self.store, user, given.get("password", ""), origin))
            actor = users.person_of(user, origin.address)
            await at_the_door(lambda: users.reset(self.store, user, given.get("new", ""), actor=actor))
        except Refused as refused:
            return await self.show_account(signed_in, str(refused), 422)
        secret = await asyncio.to_thread(sign_in.begin, self.store, user, sign_in.PASSWORD, origin)
        return await self.let_in(request, secret, "/account")

    async def show_account(self, signed_in: SignedIn, fault: str = "", status: int = 200) -> Response:
        user = signed_in.user
        rows = [
            (
                f"{browser.agent or 'unknown'}{' (this one)' if browser.id == signed_in.id else ''}",
                browser.address,
                f"{browser.created_at:%Y-%m-%d %H:%M}",
                f"{browser.last_seen:%Y-%m-%d %H:%M}",
            )
            for browser in await asyncio.to_thread(sign_in.browsers, self.store, user)
        ]
        parts = [
            html.text(f"{user.name}, {user.role.words}."),
            html.link("Back to Payment Insights", START),
            html.heading("Where you are signed in"),
            html.table(("browser", "address", "since (UTC)", "last seen (UTC)"), rows),
            html.form("/sign-out", do="Sign out here", quiet=True),
            html.form("/sign-out/everywhere", do="Sign out everywhere", quiet=True),
        ]
        if self.entrance.provider == sign_in.PASSWORD:
            fields = (
                html.field("Current password", "password", fill="current-password"),
                html.field("New password", "new", fill="new-password", hint=SENTENCE),
            )
            parts += [html.heading("Another password"), html.fault(fault), html.form("/account", *fields, do="Change it")]
        return HTMLResponse(html.page("Your account", *parts, wide=True), status)

    # --- by a link

    async def invitation(self, request: Request) -> Response:
        """A password by an invitation; who has one is signed in."""
        given = await form_of(request) if request.method == "POST" else {}
        secret = given.get("link") or request.query_params.get("link", "")
        if self.entrance.provider != sign_in.PASSWORD:
            return HTMLResponse(html.page("Invitation", html.fault("Nobody signs in by a password here.")), 403)
        origin = whence(request.scope, self.entrance)
        try:
            await asyncio.to_thread(attempts.count, self.store, f"link {secret[:12]}", origin.address)
            user = await asyncio.to_thread(users.invited, self.store, secret)
        except Refused as refused:
            return HTMLResponse(html.page("Invitation", html.fault(str(refused)), html.link("Sign in", "/sign-in")), 403)
        if request.method != "POST":
            return self.ask_new(user.name, secret)
        try:
            user = await at_the_door(lambda: users.accept(self.store, secret, given.get("new", ""), origin.address))
        except Refused as refused:
            return self.ask_new(user.name, secret, str(refused))
        begun = await asyncio.to_thread(sign_in.begin, self.store, user, sign_in.PASSWORD, origin)
        return await self.let_in(request, begun, START)

    def ask_new(self, name: str, secret: str, fault: str = "") -> Response:
        fields = (
            html.field("Name", "name", fill="username", value=name),
            html.field("New password", "new", fill="new-password", hint=SENTENCE, first=True),
            html.hidden("link", secret),
        )
        body = html.page(f"Welcome, {name}", html.fault(fault), html.form("/invitation", *fields, do="Set the password"))
        return HTMLResponse(body, 422 if fault else 200)


def guarded(entrance: Entrance, page: Handler) -> Handler:
    """A page that nobody posts to from elsewhere, and that says in a sentence what fails."""

    async def answer(request: Request) -> Response:
        origin = sent(request.scope, b"origin")
        if request.method == "POST" and origin != [origin_of(request.scope, entrance.address)]:
            return HTMLResponse(html.page("Not from here", html.fault(OTHER_SITE)), 403)
        try:
            return await page(request)
        except Refused as refused:
            return HTMLResponse(html.page("This did not work", html.fault(str(refused))), 403)
        except failures.FROM_OUTSIDE as error:
            return HTMLResponse(html.page("This did not work", html.fault(failures.sentence(error)[0])), 503)

    return answer


async def at_the_door(work: Callable[[], T]) -> T:
    """What takes its time because passwords are hashed, or a provider is asked."""
    return await asyncio.get_running_loop().run_in_executor(DOOR, work)


def flow_cookie(*, https: bool) -> str:
    """What a browser keeps while it is at the provider."""
    return f"{SECURE if https else PLAIN}-flow"


def inside(request: Request) -> SignedIn | None:
    """Who asks, as the middleware has found."""
    signed_in = request.scope.get("signed_in")
    return signed_in if isinstance(signed_in, SignedIn) else None


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, each once; Refused where it is larger than any of ours, or has more fields."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LARGEST:
            raise Refused(NO_FORM, "too_large")
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Refused(NO_FORM, "too_many_fields") from error
    return {name: values[0] for name, values in fields.items()}


def to(target: str) -> Response:
    """A path of this host."""
    return RedirectResponse(target, 303)
