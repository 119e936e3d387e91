"""Does a real browser make nothing of names that look like images, links, scripts or addresses?"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.conftest import ROOT, wait_for
from tests.pages.test_browser import browser, opened, page
from tests.support.payloads import PAYLOADS

__all__ = ["browser", "page"]  # fixtures
pytestmark = pytest.mark.browser


@pytest.fixture
def screen() -> Iterator[str]:
    """A server of sixty such names, in everything that knows Markdown, each through `plain`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "tests/support/payloads.py", "--server.port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "--server.headless", "true"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(address := f"http://127.0.0.1:{port}", process)
            yield address
        finally:
            process.terminate()


def test_sixty_hostile_names_are_shown_and_nothing_else(page: Page, screen: str) -> None:
    opened(page, screen)
    page.get_by_text("the end").wait_for()
    drawn = page.get_by_test_id("stMain")
    for made in ("a", "img", "iframe", "script", "table", "svg[onload]", "h1", "h2", "del", "code", ".katex", "blockquote"):
        assert drawn.locator(made).count() == 0, made
    shown = drawn.inner_text().replace("\u2060", "")
    for payload in PAYLOADS:
        assert " ".join(payload.split()) in " ".join(shown.split())
    assert page.title() != "owned"
