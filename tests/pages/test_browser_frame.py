"""Is our page blank in a frame of another site?"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from insights.access import Role
from insights.services import sign_in, users
from insights.store.store import Store
from tests.conftest import served
from tests.support.workspaces import ME

pytestmark = pytest.mark.browser


@pytest.fixture
def stranger() -> Iterator[str]:
    """Another site on this computer; it frames whatever stands behind the question mark of its address."""

    class Framing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(f'<h1>Theirs</h1><iframe src="{self.path.partition("?")[2]}"></iframe>'.encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Framing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_in_a_frame_of_another_site_nothing_of_ours_is_shown(browser: Browser, stranger: str, tmp_path: Path) -> None:
    with served(tmp_path / "home") as address:
        page = browser.new_context().new_page()
        refusals: list[str] = []
        page.on("console", lambda said: refusals.append(said.text) if "frame-ancestors" in said.text else None)
        for path in ("/", "/customers", "/_stcore/health", "/static/index.html"):
            refusals.clear()
            page.goto(f"{stranger}?{address}{path}")
            page.wait_for_timeout(500)
            framed = page.frames[1]
            assert refusals, path
            assert framed.url.startswith("chrome-error:"), path
            assert not framed.evaluate("document.querySelector('#root, script, pre') !== null && location.protocol === 'http:'")
        page.context.close()


def test_in_a_frame_of_another_site_nothing_is_shown_to_whoever_is_signed_in(
    browser: Browser, stranger: str, tmp_path: Path
) -> None:
    """Another port of this computer is the same site: the browser sends the cookie along."""
    store = Store.open(tmp_path / "home")
    secret = sign_in.begin(store, users.add(store, "Ada", Role.MANAGER, actor=ME), "password", sign_in.Whence("192.0.2.7"))
    with served(store.home, INSIGHTS_SIGN_IN="password") as address:
        context = browser.new_context()
        context.add_cookies([{"name": "insights", "value": secret, "url": address}])
        page = context.new_page()
        sent: list[str] = []
        page.on(
            "request", lambda request: sent.append(request.all_headers().get("cookie", "")) if address in request.url else None
        )
        for path in ("/customers", "/account", "/sign-in", "/sign-out", "/invitation?link=x"):
            sent.clear()
            page.goto(f"{stranger}?{address}{path}")
            page.wait_for_timeout(500)
            assert page.frames[1].url.startswith("chrome-error:"), path
            assert any(secret in cookies for cookies in sent), path
        page.goto(f"{address}/customers")
        page.get_by_text("Signed in as Ada").wait_for(timeout=60_000)
        context.close()
