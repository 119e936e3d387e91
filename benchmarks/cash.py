"""How far off is the cash forecast by the week, beside simple ways, and how often do its ranges hold?

    python benchmarks/cash.py [TITLE=]LEDGER[@known,at,issue] [--as-of DATE] [--mondays N] [--very-late-days N]
    python benchmarks/cash.py --speed ROWS --section cash-speed

Past Mondays are replayed: on each the forecast knows what was known strictly before, and is judged by what came. With --speed:
how long the forecast of an invented ledger of so many invoices takes, once it is scored.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import pyarrow as pa  # noqa: E402
import pyarrow.compute as pc  # noqa: E402
from pyarrow import csv  # noqa: E402

from benchmarks import report  # noqa: E402
from benchmarks.quality import head, line, number, read  # noqa: E402
from benchmarks.speed import AS_OF, invoices  # noqa: E402
from insights import ingest  # noqa: E402
from insights.access import laptop  # noqa: E402
from insights.evaluation.cash import MOST, mondays, replay_cash  # noqa: E402
from insights.evaluation.cash_quality import HorizonQuality, cash_quality, pooled_coverage  # noqa: E402
from insights.model.recipe import Recipe  # noqa: E402
from insights.portfolio.cash import OPEN, TOTAL, of_currency  # noqa: E402
from insights.services import cash, predictions, training  # noqa: E402
from insights.services.ledgers import commit  # noqa: E402
from insights.store.store import Store  # noqa: E402

LABELS = {
    "ours": "Payment Insights",
    "due": "due date",
    "usual": "due date + customer's usual delay",
    "trailing": "mean of the 13 weeks before",
}
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
    report.add_options(parser, "cash-sample")
    options = parser.parse_args(given)
    if (options.ledger is None) == (options.speed is None):
        parser.error("name a ledger, or say --speed ROWS")
    return options


def main(given: Sequence[str]) -> None:
    options = arguments(given)
    if options.speed:
        lines = [report.command("cash.py", given), "", *speed(options.speed)]
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


def speed(rows: int) -> list[str]:
    """How long each step of a forecast takes, of an invented ledger of so many invoices that is scored already.

    The model learns on LEARNED invoices of the same kind: the forecast takes as long whatever it has learned.
    """
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "home")
        model = training.train(store, kept(store, Path(folder), LEARNED), AS_OF, Recipe(), actor=laptop("benchmark"))
        ledger_id = kept(store, Path(folder), rows)
        predictions.of_model(store, ledger_id, model.id, AS_OF, actor=laptop("benchmark"))
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
        return [f"{rows:,} invoices, {len(book.rows):,} of them open:", "", *out]


def kept(store: Store, folder: Path, rows: int) -> str:
    """The id of an invented ledger of so many invoices."""
    path = folder / f"{rows}.csv"
    csv.write_csv(invoices(rows), path)
    return commit(store, ingest.read(path).require(), actor=laptop("benchmark")).id


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
