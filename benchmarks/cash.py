"""How far off is the cash forecast by the week, beside simple ways, and how often do its ranges hold?

    python benchmarks/cash.py [TITLE=]LEDGER[@known,at,issue] [--as-of DATE] [--mondays N] [--very-late-days N]
    python benchmarks/cash.py --speed ROWS [--open N] [--loads N] --section cash-speed
    python benchmarks/cash.py --predict ROWS --section cash-predict

Past Mondays are replayed: on each the forecast knows what was known strictly before, and is judged by what came. With --speed:
how long the forecast of an invented ledger of so many invoices takes, once it is scored and its past Mondays are kept, and with
--loads how long its screen: the page loaded anew in Chromium, then a click on another period, each so often. With --predict: how
long `predict --forecast` takes on a file of so many, past Mondays and all.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.compute as pc  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from pyarrow import csv  # noqa: E402

from benchmarks import report  # noqa: E402
from benchmarks.quality import head, line, number, read  # noqa: E402
from benchmarks.speed import AS_OF, invoices  # noqa: E402
from insights import ingest  # noqa: E402
from insights.access import laptop  # noqa: E402
from insights.evaluation.cash import MOST, mondays, replay_cash  # noqa: E402
from insights.evaluation.cash_quality import HorizonQuality, cash_quality, pooled_coverage  # noqa: E402
from insights.ledger.ledger import NEVER, day  # noqa: E402
from insights.model.recipe import Recipe  # noqa: E402
from insights.portfolio.cash import (  # noqa: E402
    BY_CUSTOMER,
    OPEN,
    TOTAL,
    WEEKS,
    ReplayedDay,
    not_invoiced,
    of_currency,
    past_weeks,
    replayed,
)
from insights.services import cash, predictions, publishing, training  # noqa: E402
from insights.services.ledgers import commit  # noqa: E402
from insights.store import cash as cash_store  # noqa: E402
from insights.store import ledgers, models  # noqa: E402
from insights.store.store import Store  # noqa: E402
from scripts.screenshots import CHROMIUM, READY, server  # noqa: E402

LABELS = {
    "ours": "Payment Insights",
    "due": "due date",
    "usual": "due date + customer's usual delay",
    "trailing": "mean of the 13 weeks before",
}
WARM = 2  # loads that do not count: the server reads ledger and forecast
LEARNED = 30_000  # invoices that the model of --speed learns on
LAYERS = {OPEN: "the open invoices alone", TOTAL: "everything that comes in"}


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "ledger", nargs="?", help="a file; before it perhaps a title and =, after it an @ and its columns known at issue"
    )
    parser.add_argument("--as-of", type=date.fromisoformat, help="judged by what came before this day [default: the ledger's]")
    parser.add_argument("--mondays", type=int, default=MOST, metavar="N", help="at most so many, the last ones")
    parser.add_argument("--very-late-days", type=int, default=Recipe.very_late_days, metavar="N")
    parser.add_argument("--speed", type=int, metavar="ROWS", help="time the forecast of an invented ledger instead")
    parser.add_argument("--open", type=int, metavar="N", help="with --speed: so many of the invoices are open")
    parser.add_argument("--loads", type=int, metavar="N", help="with --speed: load the screen and click so often, too")
    parser.add_argument("--predict", type=int, metavar="ROWS", help="time `predict --forecast` on an invented file instead")
    report.add_options(parser, "cash-sample")
    options = parser.parse_args(given)
    if sum(chosen is not None for chosen in (options.ledger, options.speed, options.predict)) != 1:
        parser.error("name a ledger, or say --speed ROWS, or --predict ROWS")
    return options


def main(given: Sequence[str]) -> None:
    options = arguments(given)
    if options.speed or options.predict:
        rows = speed(options.speed, options.open, options.loads) if options.speed else predict(options.predict)
        lines = [report.command("cash.py", given), "", *rows]
        print("\n".join(lines))
        if options.into:
            report.write_section(options.into, options.section, lines)
        return
    title, ledger = read(options.ledger)
    as_of, recipe = options.as_of or ledger.default_as_of, Recipe(very_late_days=options.very_late_days)
    days = mondays(ledger, recipe, as_of, options.mondays)
    begun, cpu = time.perf_counter(), time.process_time()
    rows = pa.concat_tables([monday.rows for monday in replay_cash(ledger, days, recipe)]).combine_chunks()
    took = f"{time.perf_counter() - begun:.0f} s ({time.process_time() - cpu:.0f} s of processors)"
    lines = [report.command("cash.py", given), "", f"**{title}**: {len(days)} Mondays, {days[0]} to {days[-1]}, in {took}.", ""]
    for currency in sorted(pc.unique(rows["currency"]).to_pylist()):
        past = of_currency(rows, currency, as_of)
        for of, what in LAYERS.items():
            held, judged = pooled_coverage(past, as_of, of)
            together = f"{held:.1%} of {judged} ranges" if held is not None else "no ranges"
            lines += [f"{currency}, {what}; weeks 1 to 6 together: {together} held.", ""]
            lines += [*table(cash_quality(past, as_of, of)), ""]
    print("\n".join(lines))
    if options.into:
        report.write_section(options.into, options.section, lines)


def speed(rows: int, opened: int | None, loads: int | None) -> list[str]:
    """How long each step of a forecast takes, of an invented ledger of so many invoices that is scored and replayed already.

    The model learns on LEARNED invoices of the same kind: the forecast takes as long whatever it has learned. What its past
    Mondays said is invented too: what came, more or less.
    """
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "home")
        model = training.train(store, kept(store, Path(folder), LEARNED), AS_OF, Recipe(), actor=laptop("benchmark"))
        ledger_id = kept(store, Path(folder), rows, opened)
        predictions.of_model(store, ledger_id, model.id, AS_OF, actor=laptop("benchmark"))
        many = keep_mondays(store, ledger_id, Recipe.from_json(dict(models.get(store, model.id).recipe)))
        out = head("step, after scoring", "s", "processor s")
        begun, cpu = time.perf_counter(), time.process_time()
        whole = begun, cpu

        def step(name: str) -> None:
            nonlocal begun, cpu
            out.append(line(name, number(time.perf_counter() - begun, 2), number(time.process_time() - cpu, 2)))
            begun, cpu = time.perf_counter(), time.process_time()

        cash.expected(store, ledger_id, AS_OF, model_id=model.id, actor=laptop("benchmark"))
        step("expected cash of every open invoice, kept")
        book = cash.book(store, ledger_id, AS_OF, model_id=model.id, actor=laptop("benchmark"))
        step("both layers, agreements, past Mondays: read")
        book.forecasts()
        step("weeks and ranges by currency")
        begun, cpu = whole
        step("all of it")
        shown = screen(store, ledger_id, model.id, loads) if loads else []
        return [f"{rows:,} invoices, {len(book.rows):,} of them open, {many} past Mondays kept:", "", *out, *shown]


def screen(store: Store, ledger_id: str, model_id: str, loads: int) -> list[str]:
    """Seconds until Cash of a ledger stands: the page loaded anew, and after a click on another period."""
    publishing.publish(store, model_id, replaces=None, reason="a benchmark", actor=laptop("benchmark"))
    program = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    anew, clicked = [], []
    with server(store.home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(120_000)
        for number in range(loads + WARM):
            begun = time.perf_counter()
            page.goto(f"{address}/cash?ledger={ledger_id}&as_of={AS_OF}")
            page.get_by_test_id("stPlotlyChart").first.wait_for()
            page.wait_for_selector(READY)
            anew.append(time.perf_counter() - begun)
            period = ("Months", "Days")[number % 2]
            begun = time.perf_counter()
            choice = page.get_by_role("radio", name=period, exact=True)
            choice.or_(page.get_by_role("button", name=period, exact=True)).first.click()
            page.wait_for_url(re.compile(f"period={period.lower()}"))
            page.wait_for_selector(READY)
            clicked.append(time.perf_counter() - begun)
        browser.close()
    out = ["", *head("the screen Cash", "times", "median, s", "95 of 100 within, s")]
    for what, seconds in (("the page loaded anew", anew[WARM:]), ("a click on another period", clicked[WARM:])):
        out.append(line(what, loads, number_of(seconds, 50), number_of(seconds, 95)))
    return out


def number_of(seconds: Sequence[float], share: int) -> str:
    return number(float(np.percentile(seconds, share)), 2)


def kept(store: Store, folder: Path, rows: int, opened: int | None = None) -> str:
    """The id of an invented ledger of so many invoices; those paid last are open still, so that `opened` are."""
    table, path = invoices(rows), folder / f"{rows}.csv"
    if opened:
        paid = table["paid_date"].cast(pa.int32()).fill_null(NEVER.item()).to_numpy()
        still = np.zeros(rows, np.bool_)
        still[np.argsort(-paid.astype(np.int64), kind="stable")[:opened]] = True
        unpaid = pc.if_else(pa.array(still), pa.scalar(None, table["paid_date"].type), table["paid_date"])
        table = table.set_column(table.column_names.index("paid_date"), "paid_date", unpaid)
    csv.write_csv(table, path)
    return commit(store, ingest.read(path).require(), actor=laptop("benchmark")).id


def keep_mondays(store: Store, ledger_id: str, recipe: Recipe) -> int:
    """Keeps every past Monday as if it had been replayed, and says how many they are: what was said is what came, roughly."""
    ledger, draw = ledgers.load(store, ledger_id), np.random.default_rng(5)
    days = mondays(ledger, recipe, AS_OF)
    past = past_weeks(ledger, days[-1], (days[-1] - days[0]).days // 7 + MOST)
    company, currency = ([name[side] for name in past.groups.names] for side in (0, 1))
    for monday in days:
        number = past.at.index(day(monday))
        came = past.opened[:, number]
        columns = {
            "as_of": pa.array([monday] * len(came), pa.date32()),
            "company": pa.array(company),
            "currency": pa.array(currency),
            "outstanding": past.book[:, number],
            "at_risk": past.book[:, number] // 10,
            "open_book": np.rint(came * draw.lognormal(0, 0.1, came.shape)).astype(np.int64),
            "not_invoiced": not_invoiced(past, number)[0],
            "variance": np.repeat(came.mean(axis=1, keepdims=True) ** 2 / 1000.0, WEEKS + 2, axis=1),
            "due": came,
            "usual": came,
            "before": past.before[:, number],
            "came_open": came,
            "came_later": past.issued_later[:, number],
        }
        cash_store.save(
            store,
            cash_store.folder_of(store, ledger_id, recipe),
            ReplayedDay(monday, replayed(columns), BY_CUSTOMER.empty_table()),
        )
    return len(days)


def predict(rows: int) -> list[str]:
    """How long the command `predict --forecast` takes on a file of so many invented invoices, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.csv"
        csv.write_csv(invoices(rows), path)
        words = [sys.executable, "-m", "insights", "predict", str(path), "--as-of", AS_OF.isoformat()]
        words += ["--out", str(Path(folder) / "scored.csv"), "--forecast", str(Path(folder) / "cash.json")]
        begun, before = time.perf_counter(), os.times()
        subprocess.run(words, check=True, cwd=ROOT, env=os.environ | {"INSIGHTS_HOME": str(Path(folder) / "home")})
        wall, after = time.perf_counter() - begun, os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        out = head("command", "s", "processor s")
        out.append(
            line("`predict FILE --forecast FILE.json`, training and past Mondays in it", number(wall, 0), number(spent, 0))
        )
        return [f"{rows:,} invoices:", "", *out]


def table(rows: Sequence[HorizonQuality]) -> list[str]:
    """One row per horizon: WAPE of each way, bias, coverage and width."""
    ways = list(rows[0].errors)
    out = head("weeks", "Mondays", *(f"WAPE: {LABELS[way]}" for way in ways), "bias", "ranges", "held", "width", "pinball")
    for row in rows:
        begin, end = row.weeks
        weeks = str(end) if end - begin == 1 else f"1 to {end}"
        errors = [number(row.errors[way], 3) for way in ways]
        held = "—" if row.held is None else f"{row.held:.0%}"
        out.append(
            line(weeks, row.judged, *errors, number(row.bias, 3), row.ranges, held, number(row.width, 2), number(row.pinball, 3))
        )
    return out


if __name__ == "__main__":
    main(sys.argv[1:])
