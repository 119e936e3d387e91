"""How long does each screen take over a large ledger, and what does it cost the server? In Chromium, beside an empty page.

    python benchmarks/screens.py [--open 100000] [--customers 20000] [--settled 2000000] [--rounds 6] [--into FILE.md]

An invented ledger with a model trained on it, its predictions, and an agreement with every tenth customer; the app as
`make run` starts it, Debian's Chromium, a new document for each load. The rounds go from screen to screen, an empty page of
Streamlit alone among them. Another invoice, customer and search in each; before the worklist is ranked anew, something is agreed.

- list: from the address until the list, chart or tiles that the screen is for stand there; the first of all by itself.
- whole: until the run of the script has ended.
- server: from the first message of the run to its last, as they reach the browser; beside it the server's processor seconds.
- sent: bytes over the stream, as the server writes them.
- shift: what moves while it is drawn, as browsers measure it (above .1 they call it in need of improvement).
- Memory is of the server's process, not its workers: what it holds for itself, and, apart, files mapped into it, which the
  system may drop; of a session: what so many more tabs add, by their number.

First invoice: a server that was just started, the list, then the first invoice. Seconds of a machine that does nothing else.
"""

import argparse
import base64
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).parent.parent
sys.path[0] = str(ROOT)  # in place of this folder, whose `pages` would stand before the screens

import numpy as np  # noqa: E402
import psutil  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright  # noqa: E402
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg  # noqa: E402

from benchmarks import report  # noqa: E402
from insights import jobs  # noqa: E402
from insights.access import laptop  # noqa: E402
from insights.ledger.ledger import SCHEMA, Ledger  # noqa: E402
from insights.model import training  # noqa: E402
from insights.services import agreements, predictions, publishing  # noqa: E402
from insights.services.agreements import Entry  # noqa: E402
from insights.services.ledgers import commit  # noqa: E402
from insights.store import agreements as agreement_store  # noqa: E402
from insights.store import ledgers, models  # noqa: E402
from insights.store.agreements import NewAgreement  # noqa: E402
from insights.store.store import Store  # noqa: E402
from scripts.screenshots import CHROMIUM, READY, server, wait_for  # noqa: E402
from scripts.team import free_port  # noqa: E402

COMPLETE = date(2026, 10, 31)
AS_OF = COMPLETE + timedelta(days=1)
SPAN = 1095  # days of history
OVER = 1.0  # seconds over the empty page, p95 that is aimed at
FIRST_INVOICE = 2.0
MOST_HELD = 700  # MB of the server
BINARY = 2  # of a WebSocket's frames
TABS = 8  # further tabs, by which a session's memory is measured
EMPTY, RANKED_ANEW, SEARCHED, INVOICE, CUSTOMER = (
    "an empty page",
    "worklist, ranked anew",
    "open_invoices, searched",
    "invoice",
    "customer",
)
LIST = '[data-testid="stBidiComponentIsolated"]'
CHART = '[data-testid="stPlotlyChart"] .plot-container'
METRIC = '[data-testid="stMetric"]'
SHOWN = {  # screen -> what it is for
    EMPTY: "h1",
    "start": '[data-testid="stMetric"], [data-testid="stButton"]',
    "worklist": LIST,
    RANKED_ANEW: LIST,
    "open_invoices": LIST,
    SEARCHED: LIST,
    "open_invoices, by customer": LIST,
    INVOICE: METRIC,
    "customers": CHART,
    CUSTOMER: CHART,
    "cash": CHART,
    "ageing": LIST,
    "ageing, a cell": LIST,
    "figures": METRIC,
    "did_it_help": "h1",
    "ledgers": '[data-testid="stFileUploader"]',
    "models": "h1",
    "trust": "h1",
    "record": "h1",
    "users": "h1",
}
PATHS = {
    "start": "",
    RANKED_ANEW: "worklist",
    "open_invoices, by customer": "open_invoices?by_customer=True",
    "ageing, a cell": "ageing?cell=days_31_60",
}
OBSERVED = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


# --- the ledger ------------------------------------------------------------------------------------------------------


def ledger(many: int, customers: int, settled: int, seed: int = 7) -> Ledger:
    """So many open invoices, so many settled ones over three years, of customers of unlike size and habit; two companies."""
    draw = np.random.default_rng(seed)
    count, end = many + settled, np.datetime64(COMPLETE)
    is_open = np.arange(count) < many
    share = draw.pareto(1.2, customers) + 0.05
    customer = np.searchsorted(np.cumsum(share) / share.sum(), draw.random(count)).clip(0, customers - 1)
    customer[:customers] = np.arange(customers)[: len(customer)]  # everybody owes something
    terms = np.array([14, 30, 45, 60])[draw.integers(0, 4, customers)][customer]
    age = np.where(is_open, draw.integers(1, 75, count), draw.integers(75, SPAN, count))  # days since issue
    late = np.round(
        draw.normal(-2, 12, customers)[customer] + draw.uniform(1, 12, customers)[customer] * draw.standard_normal(count)
    )
    took = np.clip(terms + late, 1, None).astype(np.int64)
    issue = end - age
    paid = np.where(is_open, np.datetime64("NaT"), np.minimum(issue + took, end))
    amount = draw.lognormal(11, 1.2, count).astype(np.int64) + 100
    of_company, order = customer % 2, np.argsort(-age, kind="stable")
    numbers = pa.array(customer[order])
    columns = {
        "row": np.arange(2, count + 2),
        "company": pa.array(["North", "South"]).take(pa.array(of_company[order])),
        "customer_id": pa.array([f"C{number:06}" for number in range(customers)]).take(numbers),
        "customer_name": pa.array([f"Customer {number:06} & Sons Ltd" for number in range(customers)]).take(numbers),
        "invoice_id": pa.array([f"R{number:08}" for number in range(count)]),
        "line": pa.array(["1"] * count),
        "kind": pa.array(["invoice"] * count),
        "settled_by": pa.array(["payment", "unknown"]).take(pa.array(is_open[order].astype(np.int64))),
        "currency": pa.array(["EUR", "GBP"]).take(pa.array(of_company[order])),
        "amount": amount[order],
        "outstanding": np.where(is_open, amount, 0)[order],
        "issue_date": issue[order],
        "due_date": (issue + terms)[order],
        "paid_date": paid[order],
        "terms": pa.array([f"Net {days}" for days in range(61)]).take(pa.array(terms[order])),
        "disputed": pa.nulls(count, pa.bool_()),
    }
    rows = pa.table({name: pa.array(values, SCHEMA.field(name).type) for name, values in columns.items()}, schema=SCHEMA)
    return Ledger(rows, COMPLETE, COMPLETE - timedelta(days=SPAN), rows_read=count, name=f"{count:,} invented invoices")


def prepared(home: Path, many: int, customers: int, settled: int) -> Store:
    """The workspace: ledger, published model, predictions, events; made where it is not there yet."""
    ready = home / "ready"
    store = Store.open(home)
    if ready.exists():
        return store
    kept = commit(store, ledger(many, customers, settled), actor=laptop())
    model_id = models.save(store, training.train(kept, AS_OF), kept.id, actor=laptop())
    publishing.publish(store, model_id, replaces=None, reason="a benchmark", actor=laptop())
    predictions.of_model(store, kept.id, model_id, AS_OF, actor=laptop())
    names = kept.invoices["customer_id"].unique().to_pylist()[::10]
    company = {name: "North" if int(name[1:]) % 2 == 0 else "South" for name in names}
    said = {"until": (AS_OF + timedelta(days=7)).isoformat(), "ledger_through": None, "text": ""}
    events = [NewAgreement("snooze", company[name], name, None, None, AS_OF, said) for name in names]
    agreement_store.append(store, events, actor=laptop())
    ready.touch()
    return store


# --- loads -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    """One load of a screen: seconds, bytes, what moved, and MB of the server after it."""

    shown: float
    whole: float
    server: float
    processor: float
    sent: int
    shift: float
    held: int


@dataclass
class Stream:
    """What the server sends to a tab during one load."""

    sent: int = 0
    begun: float = 0.0
    ended: float = 0.0

    def hear(self, event: dict[str, Any]) -> None:
        """A frame, as the browser's own clock saw it."""
        frame = event["response"]
        data = base64.b64decode(frame["payloadData"]) if frame["opcode"] == BINARY else frame["payloadData"].encode()
        self.sent += len(data)
        self.begun = self.begun or event["timestamp"]
        message = ForwardMsg()
        message.ParseFromString(data)
        if message.WhichOneof("type") == "script_finished":
            self.ended = event["timestamp"]


@dataclass
class Measured:
    """What came of it."""

    loads: dict[str, list[Load]] = field(default_factory=lambda: defaultdict(list))
    first_invoice: list[float] = field(default_factory=list)
    begun_with: list[float] = field(default_factory=list)  # the list, at a server that was just started
    tab: float = 0.0  # MB
    most_held: int = 0
    most_mapped: int = 0


class Place:
    """The ledger as addresses name it: another invoice and customer each time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ledger_id = ledgers.get(store).id
        path = next(iter(store.home.glob("predictions/**/[!.]*.parquet")))
        names = {"company": "company", "customer_id": "customer", "invoice_id": "invoice", "line": "line"}
        rows = pq.read_table(path, columns=list(names)).rename_columns(list(names.values()))
        self.draw = random.Random(1)  # noqa: S311 - an example
        self.invoices = rows.take(pa.array(sorted(self.draw.sample(range(len(rows)), min(len(rows), 2000))))).to_pylist()

    def path(self, screen: str) -> str:
        """Below the server's address."""
        invoice = self.draw.choice(self.invoices)
        if screen == INVOICE:
            return f"invoice?{urlencode(invoice)}"
        if screen == CUSTOMER:
            return f"customer?{urlencode({name: invoice[name] for name in ('company', 'customer')})}"
        if screen == SEARCHED:
            return f"open_invoices?{urlencode({'tab': 'all', 'search': invoice['customer']})}"
        return PATHS.get(screen, screen)

    def agree(self) -> None:
        """Something with somebody, so that nothing of the ranking can be remembered."""
        whole = ledgers.load(self.store, self.ledger_id)
        invoice = self.draw.choice(self.invoices)
        entry = Entry("note", invoice["company"], invoice["customer"], (), {"text": "called"})
        agreements.enter(self.store, whole, AS_OF, [entry], actor=laptop())


def load(page: Page, address: str, shown: str, process: psutil.Process) -> Load:
    """Opens an address in a new document, and waits until it is whole."""
    stream = Stream()
    client = page.context.new_cdp_session(page)
    client.on("Network.webSocketFrameReceived", stream.hear)
    client.send("Network.enable")
    spent, begun = processor(process), time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(shown).first.wait_for()
    seen = time.perf_counter() - begun
    page.wait_for_selector(READY)
    whole = time.perf_counter() - begun
    used = processor(process) - spent
    page.wait_for_timeout(300)
    shift = page.evaluate("window.shifted")
    client.detach()
    wrong = page.locator('[data-testid="stException"], [data-testid="stAlertContentError"]')
    assert not wrong.count(), (address, wrong.first.inner_text())
    return Load(seen, max(seen, whole), stream.ended - stream.begun, used, stream.sent, shift, held(process))


def processor(process: psutil.Process) -> float:
    taken = process.cpu_times()
    return float(taken.user + taken.system)


def held(process: psutil.Process) -> int:
    """MB that the process holds for itself: no file."""
    return _of_status(process, "RssAnon")


def mapped(process: psutil.Process) -> int:
    """MB of files that are mapped into it, libraries among them."""
    return _of_status(process, "RssFile")


def _of_status(process: psutil.Process, name: str) -> int:
    lines = Path(f"/proc/{process.pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) >> 10


@contextmanager
def empty_server(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A page of Streamlit that holds a heading, with this project's settings."""
    (folder / "empty.py").write_text("import streamlit as st\nst.title('Nothing')\n")
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(folder / "empty.py"),
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(address := f"http://127.0.0.1:{port}")
            yield address, psutil.Process(process.pid)
        finally:
            process.terminate()


@contextmanager
def served(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The app, just started, and its process."""
    before = {child.pid for child in psutil.Process().children()}
    with server(home) as address:
        (process,) = [child for child in psutil.Process().children() if child.pid not in before]
        yield address, process


def settle(store: Store) -> None:
    """Waits until the workers have done what is queued."""
    while any(jobs.standing(store)[0].get(state, 0) for state in ("waiting", "running")):
        time.sleep(0.5)


def window(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.add_init_script(OBSERVED)
    context.set_default_timeout(180_000)
    return context


def measured(browser: Browser, store: Store, screens: list[str], rounds: int, starts: int) -> Measured:
    """All screens, round by round; then further tabs; then servers that are just started."""
    came, place = Measured(), Place(store)
    with tempfile.TemporaryDirectory() as folder, empty_server(Path(folder)) as (empty, empty_process):
        with served(store.home) as (address, process):
            settle(store)
            page = window(browser).new_page()
            load(page, empty, SHOWN[EMPTY], empty_process)  # what the browser keeps of Streamlit is fetched once
            for _ in range(rounds + 1):  # the first load of each is a column of its own
                for screen in screens:
                    if screen == RANKED_ANEW:
                        place.agree()
                    where = (empty, empty_process) if screen == EMPTY else (f"{address}/{place.path(screen)}", process)
                    came.loads[screen].append(load(page, where[0], SHOWN[screen], where[1]))
                    print(f"{screen}: {came.loads[screen][-1]}", file=sys.stderr, flush=True)
            came.most_mapped = mapped(process)
            came.tab = _tab(browser, [f"{address}/{place.path(screen)}" for screen in screens if screen != EMPTY], process)
            came.most_held = max(
                held(process), *(each.held for name, loads in came.loads.items() if name != EMPTY for each in loads)
            )
        for _ in range(starts):
            with served(store.home) as (address, process):
                page = window(browser).new_page()
                load(page, empty, SHOWN[EMPTY], empty_process)
                came.begun_with.append(load(page, f"{address}/open_invoices", LIST, process).shown)
                came.first_invoice.append(load(page, f"{address}/{place.path(INVOICE)}", SHOWN[INVOICE], process).whole)
    return came


def _tab(browser: Browser, addresses: list[str], process: psutil.Process) -> float:
    """MB that a further tab adds."""
    before, contexts = held(process), [window(browser) for _ in range(TABS)]
    for number, context in enumerate(contexts):
        page = context.new_page()
        page.goto(addresses[number % len(addresses)])
        page.wait_for_selector(READY)
    added = held(process) - before
    for context in contexts:
        context.close()
    return added / TABS


# --- the tables ------------------------------------------------------------------------------------------------------


def p(share: int, values: list[float]) -> float:
    return float(np.percentile(values, share)) if values else float("nan")


def lines(came: Measured, given: argparse.Namespace) -> Iterator[str]:
    """Markdown."""
    yield (
        f"{given.open:,} open invoices of {given.customers:,} customers, {given.settled:,} settled; {given.rounds} loads of each "
        f"screen after its first, on {os.cpu_count()} cores; seconds:"
    )
    yield ""
    columns = "first list", "list p50", "list p95", "over the empty page, p95", "whole p50", "whole p95", "server p50"
    yield f"| screen | {' | '.join(columns)} | processor p50 | sent, KB | shift |"
    yield f"|---|{'---|' * (len(columns) + 3)}"
    bare = p(50, [load.shown for load in came.loads[EMPTY][1:]])
    for screen, (first, *loads) in came.loads.items():
        shown, whole = [load.shown for load in loads], [load.whole for load in loads]
        seconds = (first.shown, p(50, shown), p(95, shown), p(95, shown) - bare, p(50, whole), p(95, whole))
        spent = p(50, [load.server for load in loads]), p(50, [load.processor for load in loads])
        sent, shift = p(50, [load.sent for load in loads]) / 1000, p(50, [load.shift for load in loads])
        yield f"| {screen} | {' | '.join(f'{figure:.2f}' for figure in (*seconds, *spent))} | {sent:.0f} | {shift:.3f} |"
    every = [load.shown - bare for screen, (_, *loads) in came.loads.items() if screen != EMPTY for load in loads]
    yield ""
    yield (
        f"All screens: the list {p(50, every):.2f} s (p50) and {p(95, every):.2f} s (p95) over the empty page; "
        f"at most {OVER:.1f} s at p95 is aimed at."
    )
    if came.first_invoice:
        yield (
            f"A server just started: the list after {_seconds(came.begun_with)} s, then the first invoice, whole, after "
            f"{_seconds(came.first_invoice)} s (at most {FIRST_INVOICE:.0f} s is aimed at)."
        )
    held_after = ", ".join(f"{screen} {loads[0].held}" for screen, loads in came.loads.items() if screen != EMPTY)
    yield (
        f"The server holds {came.most_held} MB at most (at most {MOST_HELD} is aimed at), besides {came.most_mapped} MB of "
        f"mapped files, and {came.tab:.1f} MB more for each further tab. After the first load of each: {held_after}."
    )


def _seconds(seconds: list[float]) -> str:
    return ", ".join(f"{taken:.1f}" for taken in seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--open", type=int, default=100_000, help="open invoices")
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--settled", type=int, default=2_000_000, help="settled invoices")
    parser.add_argument("--rounds", type=int, default=6, help="loads of each screen after its first")
    parser.add_argument("--starts", type=int, default=2, help="servers that are started for the first invoice")
    parser.add_argument("--screen", action="append", choices=[*SHOWN], help="these alone, beside the empty page")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the workspace there, and take it again the next time")
    parser.add_argument("--prepare", action="store_true", help="make the workspace, and measure nothing")
    report.add_options(parser, "screens")
    given = parser.parse_args()
    screens = [EMPTY, *(given.screen or [name for name in SHOWN if name != EMPTY])]
    program = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    with ExitStack() as stack:
        home = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = prepared(home, given.open, given.customers, given.settled)
        if given.prepare:
            return
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        figures = list(lines(measured(browser, store, screens, given.rounds, given.starts), given))
        browser.close()
    print("\n".join(figures))
    if given.into:
        report.write_section(given.into, given.section, [report.command("screens.py", sys.argv[1:]), "", *figures])


if __name__ == "__main__":
    main()
