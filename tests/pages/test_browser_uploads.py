"""Do many files that nobody means well with leave the server and everybody else alone, and end with the tab they came from?"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, Page

from insights.sandbox.limits import Machine
from tests.conftest import SANDBOX, chromium, served
from tests.ingest.test_hostile import repeated_cells
from tests.pages.test_browser import SLOW, opened

pytestmark = pytest.mark.browser

ENDED = 5.0  # seconds after a tab was closed
LARGEST = 1536  # megabytes of the server's memory
PATIENCE = 2.0  # seconds in which 95 of 100 pages of others are there
BUSY = 2.0  # times what it took without the bombs, on a machine that is busy with other work already
AT_ONCE = 20
LOOKS = 20  # at pages of others


def line_ends(path: Path) -> Path:
    """Takes a core for minutes: nothing but the ends of lines."""
    path.write_bytes(b"invoice_id,customer_id,issue_date,due_date,amount\n" + b"\r\n" * (10 << 20))
    return path


def server_at(address: str) -> psutil.Process:
    port = urlsplit(address).port
    listening = (each for each in psutil.net_connections("tcp") if each.status == psutil.CONN_LISTEN)
    return psutil.Process(next(each.pid for each in listening if each.pid and each.laddr and each.laddr.port == port))


def parsers(server: psutil.Process) -> list[psutil.Process]:
    found = []
    for child in server.children():
        with suppress(psutil.Error):  # it has just ended
            if "insights.ingest" in child.cmdline():
                found.append(child)
    return found


def as_many(server: psutil.Process, wanted: int) -> bool:
    return len(parsers(server)) == wanted


def until(true: Callable[[], bool], seconds: float) -> float:
    """Seconds until it was true; fails after so many."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds
        time.sleep(0.05)
    return time.monotonic() - begun


@contextmanager
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    try:
        page = context.new_page()
        page.set_default_timeout(SLOW)
        yield page
    finally:
        context.close()


def upload(page: Page, address: str, path: Path) -> None:
    opened(page, f"{address}/ledgers")
    page.locator('input[type="file"]').first.set_input_files(path)


def test_who_waits_is_told_and_a_closed_tab_ends_its_parser(browser: Browser, tmp_path: Path) -> None:
    """As many tabs as there are turns, and one more."""
    slow = line_ends(tmp_path / "slow.csv")
    turns = min(Machine.ours().cores, Machine.ours().memory // 2048)
    with served(tmp_path / "home") as address:
        server = server_at(address)
        contexts = [browser.new_context() for _ in range(turns + 1)]
        pages = [context.new_page() for context in contexts]
        for number, page in enumerate(pages):
            page.set_default_timeout(SLOW)
            upload(page, address, slow)
            wanted = min(number + 1, turns)
            until(partial(as_many, server, wanted), 60)
        pages[-1].get_by_text("Another file is being read; yours is next.").wait_for()
        first = parsers(server)[0]
        assert not {"INSIGHTS_HOME", "HOME", "USER"} & set(first.environ())
        contexts[0].close()
        until(lambda: not first.is_running(), ENDED)
        until(partial(as_many, server, turns), ENDED)  # the next one's turn
        for context in contexts[1:]:
            context.close()
        until(lambda: not parsers(server), ENDED)
        until(lambda: not list((tmp_path / "home" / "uploads").glob("*")), ENDED)


@pytest.mark.long
def test_twenty_bombs_at_once_leave_the_server_and_others_alone(browser: Browser, tmp_path: Path) -> None:
    bombs = [line_ends(tmp_path / "slow.csv"), repeated_cells(tmp_path / "repeated.ods")]
    with served(tmp_path / "home") as address, tab(browser) as other, another_like(browser) as theirs:
        server = server_at(address)
        looks(other, address)  # the first time costs everybody what is loaded once
        alone = looks(other, address)
        known = drawers()
        for number in range(AT_ONCE):
            upload(theirs.new_context().new_page(), address, bombs[number % len(bombs)])
        until(lambda: bool(parsers(server)), 60)
        most, memory = list[int](), list[int]()

        def watch() -> None:
            most.append(len(parsers(server)))
            memory.append(server.memory_info().rss >> 20)

        with drawing_nothing(known):
            beside = looks(other, address, watch)
        told = f"{AT_ONCE} bombs: {max(most)} parsers at most, server {max(memory)} MB"
        told += f", others' p95 {beside:.1f} s, without bombs {alone:.1f} s"
        for context in theirs.contexts:
            context.close()
        ended = until(lambda: not parsers(server), ENDED)
        print(f"{told}; all ended {ended:.1f} s after their tabs were closed")  # noqa: T201 - the figures are asked for
        assert max(most) <= Machine.ours().cores
        assert max(memory) <= LARGEST
        assert beside <= max(PATIENCE, BUSY * alone)


@contextmanager
def another_like(browser: Browser) -> Iterator[Browser]:
    """A browser of somebody else's."""
    other = browser.browser_type.launch(executable_path=chromium(), args=SANDBOX)
    try:
        yield other
    finally:
        other.close()


def drawers() -> set[psutil.Process]:
    """What draws pages for the browsers that this process started."""
    kinds = {"--type=renderer", "--type=gpu-process"}
    out = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            if kinds & set(" ".join(process.cmdline()).split()):
                out.add(process)
    return out


@contextmanager
def drawing_nothing(known: set[psutil.Process]) -> Iterator[None]:
    """Twenty people have twenty machines: what the new browsers draw is not taken from the server's. Their connections stay."""
    stopped = drawers() - known
    for process in stopped:
        process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            with suppress(psutil.Error):
                process.resume()


def looks(page: Page, address: str, watch: Callable[[], object] = lambda: None) -> float:
    """Within how many seconds 95 of 100 pages are there."""
    waited = []
    for number in range(LOOKS):
        begun = time.monotonic()
        opened(page, f"{address}/{('customers', 'trust', 'models', 'start')[number % 4]}")
        waited.append(time.monotonic() - begun)
        watch()
    return statistics.quantiles(waited, n=20)[-1]
