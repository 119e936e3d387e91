"""Does a team wait? Signed-in people who each open a page every few seconds, over real WebSockets, at a whole team's server.

    python benchmarks/load.py [--users 30] [--minutes 10] [--rows 200000] [--apps 2] [--chromium 5] [--keep FOLDER]

PostgreSQL, Caddy with TLS, app processes and workers, started as `scripts/team.py` does, over the invented ledger of
benchmarks/speed.py with a published model. Each person signs in by password, keeps one tab, and goes from page to page as the
navigation does: a page lasts from the message that asks for it until the program says that the run has ended. Beginnings are
spread over the seconds between two pages. What a page draws is not drawn here (--chromium: so many people more, in a browser
that does). An error is a stream that breaks, a run that fails, a sentence of failure on the screen, or a page that takes longer
than a minute.

What this program itself takes of the processors is stated; memory is what each app process holds for itself (USS).
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import ssl
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import psutil  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
import requests  # noqa: E402
from playwright.sync_api import Error, sync_playwright  # noqa: E402
from streamlit.proto.Alert_pb2 import Alert  # noqa: E402
from streamlit.proto.BackMsg_pb2 import BackMsg  # noqa: E402
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg  # noqa: E402
from websockets.asyncio.client import ClientConnection, connect  # noqa: E402
from websockets.exceptions import WebSocketException  # noqa: E402

from benchmarks import report  # noqa: E402
from benchmarks.pages import prepared  # noqa: E402
from insights import jobs  # noqa: E402
from insights.access import Role, laptop  # noqa: E402
from insights.services import users  # noqa: E402
from insights.store.store import Store  # noqa: E402
from scripts.screenshots import CHROMIUM, READY  # noqa: E402
from scripts.team import Team, free_port, running  # noqa: E402

EVERY = 15.0  # seconds between two pages of a person
PASSWORD = "thirty quick brown foxes"  # noqa: S105 - of people who are invented
LISTS = ("worklist", "open_invoices", "customers", "cash", "ageing", "figures", "did_it_help")
DETAILS = ("invoice", "customer")
LONGEST = 60.0  # seconds of a page
GOAL = 2.0  # seconds, p95
WARM = 1  # rounds over all pages, one after the other at each app, before it counts


@dataclass
class Measured:
    """What came of it."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by page
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[int, ...]] = field(default_factory=list)  # bytes of each app, once a minute and at both ends
    processors: dict[str, float] = field(default_factory=dict)  # seconds of each part, and of this program

    @property
    def all(self) -> list[float]:
        """Of all pages but those of the browser."""
        return [seconds for page, taken in self.seconds.items() if not page.startswith("Chromium") for seconds in taken]


@dataclass(frozen=True)
class Place:
    """Where people go: the server, whom it trusts, and whom the ledger knows."""

    address: str
    trusted: ssl.SSLContext
    root: str
    invoices: list[dict[str, str]]  # as parameters of an address

    def query(self, page: str, draw: random.Random) -> str:
        """What stands in the address of a page."""
        if page not in DETAILS:
            return ""
        invoice = draw.choice(self.invoices)
        return urlencode(invoice if page == "invoice" else {name: invoice[name] for name in ("company", "customer")})


class Tab:
    """One browser tab's stream."""

    def __init__(self, stream: ClientConnection) -> None:
        self.stream = stream
        self.pages: dict[str, str] = {}  # path -> the hash by which the stream names it

    async def open(self, page: str, query: str = "") -> str:
        """Asks for a page, and waits until its run has ended: what went wrong, "" for nothing."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_script_hash = self.pages.get(page, "")
        await self.stream.send(message.SerializeToString())
        wrong = ""
        while True:
            heard = ForwardMsg()
            heard.ParseFromString(bytes(await self.stream.recv()))  # type: ignore[arg-type]  # frames are binary
            kind = heard.WhichOneof("type")
            if kind == "navigation":
                self.pages = {page.url_pathname: page.page_script_hash for page in heard.navigation.app_pages}
            elif kind == "delta":
                wrong = wrong or failure(heard)
            elif kind == "session_event" and heard.session_event.WhichOneof("type") == "script_compilation_exception":
                wrong = "the script does not compile"
            elif kind == "script_finished" and heard.script_finished in {
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
            }:
                return wrong or ("" if heard.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY else "the run failed")


def failure(message: ForwardMsg) -> str:
    """What an element on the screen says of a failure; "" for every other."""
    element = message.delta.new_element
    kind = element.WhichOneof("type")
    if kind == "exception":
        return str(element.exception.message)
    return str(element.alert.body) if kind == "alert" and element.alert.format == Alert.ERROR else ""


# --- people ----------------------------------------------------------------------------------------------------------


def signed_in(place: Place, name: str) -> dict[str, str]:
    """The cookies of somebody who has signed in, as a browser does."""
    with requests.Session() as browser:
        browser.trust_env = False  # else its own list of authorities comes first
        browser.verify = place.root
        browser.get(f"{place.address}/sign-in", timeout=LONGEST).raise_for_status()
        form = {"name": name, "password": PASSWORD, "next": "/"}
        headers = {"Origin": place.address}
        answer = browser.post(f"{place.address}/sign-in", form, headers=headers, timeout=LONGEST, allow_redirects=False)
        if answer.status_code != requests.codes.see_other:
            raise SystemExit(f"{name} could not sign in: {answer.status_code}")
        return {str(cookie.name): str(cookie.value) for cookie in browser.cookies}


def tab_of(place: Place, cookies: dict[str, str]) -> connect:
    """A stream to the program."""
    at = urlsplit(place.address)
    return connect(
        f"wss://{at.netloc}/_stcore/stream",
        ssl=place.trusted,
        origin=place.address,  # type: ignore[arg-type]  # a str of its own name
        additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())},
        max_size=None,
        compression=None,  # as the server, which compresses nothing
    )


async def person(number: int, place: Place, cookies: dict[str, str], until: float, measured: Measured, first: float) -> None:
    """Opens a page every `EVERY` seconds, the first at `first`."""
    draw = random.Random(number)  # noqa: S311 - an example
    while time.monotonic() < until:  # again where the stream broke
        try:
            async with tab_of(place, cookies) as stream:
                tab = Tab(stream)
                await tab.open("")
                while first < until:
                    await asyncio.sleep(max(0.0, first - time.monotonic()))
                    page = draw.choice(LISTS + DETAILS)
                    begun = time.perf_counter()
                    async with asyncio.timeout(LONGEST):
                        wrong = await tab.open(page, place.query(page, draw))
                    measured.seconds[page].append(time.perf_counter() - begun)
                    if wrong:
                        measured.errors.append(f"{page}: {wrong}")
                    first += EVERY
                return
        except (OSError, WebSocketException, TimeoutError) as error:
            measured.errors.append(f"stream of person {number}: {type(error).__name__} {error}")
            first += EVERY


async def warm(place: Place, cookies: Sequence[dict[str, str]]) -> None:
    """Each page once at the app of each of these people, so that nobody pays for what is read once for all."""
    draw = random.Random(0)  # noqa: S311 - an example
    for known in cookies:
        async with tab_of(place, known) as stream:
            tab = Tab(stream)
            await tab.open("")
            for page in (LISTS + DETAILS) * WARM:
                if wrong := await tab.open(page, place.query(page, draw)):
                    raise SystemExit(f"{page}: {wrong}")


async def watch(team: Team, until: float, measured: Measured) -> None:
    """Writes down once a minute what the apps hold."""
    while True:
        measured.memory.append(tuple(psutil.Process(pid).memory_full_info().uss for pid in pids(team, "app")))
        if time.monotonic() >= until:
            return
        await asyncio.sleep(min(60.0, max(0.0, until - time.monotonic())))


def browse(place: Place, cookies: Sequence[dict[str, str]], until: float, measured: Measured) -> None:
    """People in Chromium, each in a window of their own, who load a page every `EVERY` seconds."""
    program = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        windows = []
        for known in cookies:
            context = browser.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900})
            context.add_cookies([{"name": name, "value": value, "url": place.address} for name, value in known.items()])
            windows.append(context.new_page())
        draw, at = random.Random(99), 0  # noqa: S311 - an example
        pause = EVERY / len(windows)
        following = time.monotonic()
        while time.monotonic() < until:
            page, window = draw.choice(LISTS), windows[at % len(windows)]
            begun = time.perf_counter()
            try:
                window.goto(f"{place.address}/{page}", timeout=1000 * LONGEST)
                window.wait_for_selector(READY, timeout=1000 * LONGEST)
                measured.seconds[f"Chromium: {page}"].append(time.perf_counter() - begun)
            except Error as error:
                measured.errors.append(f"Chromium, {page}: {str(error).splitlines()[0]}")
            at += 1
            following += pause
            time.sleep(max(0.0, following - time.monotonic()))
        browser.close()


# --- the whole -------------------------------------------------------------------------------------------------------


async def worked(team: Team, place: Place, names: Sequence[str], in_browser: Sequence[str], minutes: float) -> Measured:
    """All people at work for so many minutes."""
    cookies = [await asyncio.to_thread(signed_in, place, name) for name in names]
    windows = [await asyncio.to_thread(signed_in, place, name) for name in in_browser]
    apps = {known.get("insights_app", ""): known for known in cookies}
    await warm(place, list(apps.values()))
    measured, begun = Measured(), time.monotonic()
    until, before = begun + 60 * minutes, spent(team)
    browsing = threading.Thread(target=browse, args=(place, windows, until, measured)) if windows else None
    if browsing:
        browsing.start()
    people = [
        person(number, place, known, until, measured, begun + EVERY * number / len(cookies))
        for number, known in enumerate(cookies)
    ]
    await asyncio.gather(watch(team, until, measured), *people)
    if browsing:
        await asyncio.to_thread(browsing.join)
    measured.processors = {name: seconds - before[name] for name, seconds in spent(team).items()}
    return measured


def spent(team: Team) -> dict[str, float]:
    """Seconds of the processors that each part has taken until now."""
    parts = {
        name: [pid]
        for kind in ("app", "worker", "proxy")
        for name, pid in zip(names_of(team, kind), pids(team, kind), strict=True)
    }
    if team.cluster.process:
        parts["database"] = [team.cluster.process.pid]
    return {"this program": time.process_time()} | {name: sum(map(seconds_of, numbers)) for name, numbers in parts.items()}


def seconds_of(pid: int) -> float:
    """Of a process and the children that it has."""
    process = psutil.Process(pid)
    times = [member.cpu_times() for member in (process, *process.children(recursive=True))]
    return sum(taken.user + taken.system for taken in times)


def names_of(team: Team, kind: str) -> list[str]:
    return sorted(name for name in team.processes if name.startswith(kind))


def pids(team: Team, kind: str) -> list[int]:
    return [team.processes[name].pid for name in names_of(team, kind)]


def ready(team: Team, rows: int, names: Sequence[str]) -> tuple[Store, list[dict[str, str]]]:
    """The workspace with ledger, model, predictions and people, made where it is not there yet; and its open invoices."""
    made = team.folder / "ready.json"
    store = Store.open(team.home) if made.exists() else prepared(team.home, rows)
    known = {user.name for user in users.everybody(store, actor=laptop())}
    for name in names:
        if name not in known:
            users.add_with_password(store, name, Role.MANAGER, PASSWORD, actor=laptop())
    if not made.exists():
        path = next(iter(store.home.glob("predictions/**/[!.]*.parquet")))
        shown = pq.read_table(path, columns=["company", "customer_id", "invoice_id", "line"]).slice(0, 5000)
        columns = {"company": "company", "customer_id": "customer", "invoice_id": "invoice", "line": "line"}
        made.write_text(json.dumps(shown.rename_columns(columns).to_pylist()))
    return store, json.loads(made.read_text())


def settle(store: Store) -> None:
    """Waits until the workers have done what was queued before anybody came."""
    while any(jobs.standing(store)[0].get(state, 0) for state in ("waiting", "running")):
        time.sleep(0.5)


def p(share: int, seconds: Sequence[float]) -> float:
    return float(np.percentile(seconds, share)) if seconds else float("nan")


def lines(measured: Measured, given: argparse.Namespace) -> Iterator[str]:
    """Markdown: what it was, each page, memory by minute, processors."""
    pages = sum(map(len, measured.seconds.values()))
    yield (
        f"{given.users} people over WebSockets and {given.chromium} in Chromium, a page each every {EVERY:.0f} s, "
        f"{given.minutes:g} minutes, {given.rows:,} invoices, PostgreSQL, {given.apps} app processes behind Caddy, "
        f"{os.cpu_count()} cores: {pages} pages, {len(measured.errors)} errors; p50 {p(50, measured.all):.2f} s, "
        f"p95 {p(95, measured.all):.2f} s (at most {GOAL:g} is aimed at)."
    )
    yield from ("", "| page | opened | p50, s | p95, s | longest, s |", "|---|---|---|---|---|")
    for page, seconds in sorted(measured.seconds.items()):
        yield f"| {page} | {len(seconds)} | {p(50, seconds):.2f} | {p(95, seconds):.2f} | {max(seconds):.2f} |"
    yield from ("", "Memory of the apps, MB, at the beginning and after each minute: ")
    yield "; ".join(" + ".join(f"{held >> 20}" for held in moment) for moment in measured.memory) + "."
    yield from (
        "",
        "Seconds of the processors: " + ", ".join(f"{name} {taken:.0f}" for name, taken in measured.processors.items()) + ".",
    )
    yield from (f"- {error}" for error in sorted(set(measured.errors))[:20])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=30, help="people over WebSockets")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rows", type=int, default=200_000, help="invoices of the ledger")
    parser.add_argument("--apps", type=int, default=2, help="app processes")
    parser.add_argument("--chromium", type=int, default=0, help="people more, in a browser")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the workspace there, and take it again the next time")
    report.add_options(parser, "load")
    given = parser.parse_args()
    names = [f"Person {number}" for number in range(given.users)]
    in_browser = [f"Window {number}" for number in range(given.chromium)]
    with ExitStack() as held:
        folder = given.keep or Path(
            held.enter_context(tempfile.TemporaryDirectory(prefix="load-", dir="/tmp", ignore_cleanup_errors=True))
        )
        team = Team(folder, f"https://localhost:{free_port()}", apps=given.apps, database_settings=("max_connections=120",))
        team.start_database()
        os.environ |= {
            name: team.environment()[name] for name in ("INSIGHTS_HOME", "INSIGHTS_DATABASE_FILE", "INSIGHTS_START_WORKERS")
        }
        store, invoices = ready(team, given.rows, [*names, *in_browser])
        held.enter_context(running(team))
        settle(store)
        root = str(team.root_certificate)
        place = Place(team.address, ssl.create_default_context(cafile=root), root, invoices)
        measured = asyncio.run(worked(team, place, names, in_browser, given.minutes))
        figures = list(lines(measured, given))
    print("\n".join(figures))
    if given.into:
        report.write_section(given.into, given.section, [report.command("load.py", sys.argv[1:]), "", *figures])
    if measured.errors:
        sys.exit(1)


if __name__ == "__main__":
    main()
