"""How long does each step take, and how much memory, at 100 thousand and at a million invoices?

    python benchmarks/speed.py [--rows 100000 --rows 1000000] [--repeat 3] [--into FILE.md]

Every step runs in a child process of its own and is timed inside it, imports apart, so that one step's memory or warm
caches do not help the next. Beside the seconds by the clock stand those of the processor (user and system, children too), which
hold on a machine that does other work as well. Peak memory is that of the step's whole process tree (Linux), sampled every 20 ms.
The floor beside the features is what DuckDB needs for a bare scan and sort of the same columns, in the same run.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import xlsxwriter

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import report  # noqa: E402
from insights.access import laptop  # noqa: E402
from insights.services.ledgers import commit  # noqa: E402
from insights.store import ledgers  # noqa: E402

FIRST, SPAN = date(2023, 1, 2), 1095  # three years
AS_OF = FIRST + timedelta(days=SPAN)
SIZES = (100_000, 1_000_000)
WORKBOOK_ROWS = 200_000
COLUMNS = ("customer_id", "currency", "amount", "issue_date", "due_date", "paid_date", "settled_by")  # what features read


def invoices(count: int, seed: int = 7) -> pa.Table:
    """A ledger of `count` invoices of count/60 customers (sizes of a heavy tail), each with a habit, open at the end or paid."""
    random = np.random.default_rng(seed)
    buyers = max(20, count // 60)
    customer = np.searchsorted(np.cumsum(share := random.pareto(1.2, buyers) + 0.05) / share.sum(), random.random(count))
    issue = np.sort(random.integers(0, SPAN, count))
    terms = np.array([14, 30, 45, 60])[random.integers(0, 4, buyers)][customer]
    habit, spread = random.normal(-2, 12, buyers)[customer], random.uniform(1, 12, buyers)[customer]
    paid = np.maximum(issue + 1, issue + terms + np.round(habit + spread * random.standard_normal(count))).astype(np.int64)
    start = np.datetime64(FIRST)
    amount = np.round(random.lognormal(7, 1.2, count) + 1, 2)
    return pa.table(
        {
            "company": pa.array(np.array(["North", "South"])[customer % 2]),
            "customer_id": pa.array(np.char.add("C", np.char.zfill(customer.astype(str), 7))),
            "invoice_id": pa.array(np.char.add("R", np.char.zfill(np.arange(count).astype(str), 8))),
            "currency": pa.array(np.array(["EUR", "GBP"])[customer % 2]),
            "amount": pa.array(amount),
            "issue_date": pa.array(start + issue),
            "due_date": pa.array(start + issue + terms),
            "paid_date": pa.array(start + paid, mask=paid >= SPAN),
            "terms": pa.array(np.char.add("Net ", terms.astype(str))),
        }
    )


def write_files(folder: Path, count: int) -> None:
    """The generated ledger as CSV, and its first rows as a workbook."""
    ledger = invoices(count)
    pc.write_csv(ledger, folder / "ledger.csv")
    with xlsxwriter.Workbook(folder / "ledger.xlsx", {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ledger.column_names)
        columns = (column.to_pylist() for column in ledger.slice(0, WORKBOOK_ROWS).columns)
        for at, row in enumerate(zip(*columns, strict=True), start=1):
            sheet.write_row(at, 0, row)


# Steps. Each is timed from when its function is called to when it returns, after its imports.


def import_csv(folder: Path) -> Callable[[], object]:
    """CSV to a committed ledger."""
    from insights import ingest
    from insights.store.store import Store

    workspace = Store.open(folder / "home")
    options = ingest.Options(complete_through=AS_OF - timedelta(days=1))
    return lambda: commit(workspace, ingest.read(folder / "ledger.csv", options).require(), actor=laptop())


def import_xlsx(folder: Path) -> Callable[[], object]:
    """XLSX of at most 200,000 rows to a committed ledger."""
    from insights import ingest
    from insights.store.store import Store

    workspace = Store.open(folder / "other")
    options = ingest.Options(complete_through=AS_OF - timedelta(days=1))
    return lambda: commit(workspace, ingest.read(folder / "ledger.xlsx", options).require(), actor=laptop())


def floor(folder: Path) -> Callable[[], object]:
    """DuckDB: a bare scan and sort of the columns that features read."""
    import duckdb

    from insights.store.store import Store

    pq.write_table(ledgers.load(Store.open(folder / "home")).invoices, folder / "floor.parquet")
    columns = ", ".join(COLUMNS)
    query = f"SELECT {columns} FROM '{folder / 'floor.parquet'}' ORDER BY customer_id, issue_date"  # noqa: S608 our own path
    connection = duckdb.connect()
    return lambda: connection.sql(query).to_arrow_table()


def features(folder: Path) -> Callable[[], object]:
    """Features of version 0.1: one row per invoice, each as of a day while it was open."""
    return computed(folder, habit=False)


def features_with_habits(folder: Path) -> Callable[[], object]:
    """The same with the fields of habit."""
    return computed(folder, habit=True)


def computed(folder: Path, *, habit: bool) -> Callable[[], object]:
    """Features of every invoice, from the ledger's columns on."""
    from insights.features import kernel
    from insights.features.events import events_of, rows_at
    from insights.ledger.outcomes import DueRules
    from insights.store.store import Store

    ledger = ledgers.load(Store.open(folder / "home"))

    def compute() -> object:
        events = events_of(ledger, DueRules())
        every = np.arange(len(events))
        rows = rows_at(events, every, events.issue + 1 + (every % 14).astype(np.int32))
        return kernel.features(events, rows, kernel.daily_counts(events), habit=habit)

    return compute


def training(folder: Path) -> Callable[[], object]:
    """Train with the default recipe, and save."""
    from insights.model import training
    from insights.store.store import Store

    ledger = ledgers.load(Store.open(folder / "home"))
    return lambda: training.train(ledger, AS_OF).save(folder / "model")


def probabilities(folder: Path) -> Callable[[], object]:
    """Probabilities of the open invoices, features included."""
    from insights.features import dataset, kernel
    from insights.ledger.ledger import day
    from insights.model import model
    from insights.store.store import Store

    ledger = ledgers.load(Store.open(folder / "home"))
    trained = model.Model.load(folder / "model")

    def compute() -> object:
        book = dataset.feature_set(ledger, trained.recipe.due_rules, trained.fields)
        rows, invoice = dataset.open_rows(book.events, day(AS_OF))
        matrix = book.assemble(kernel.features(book.events, rows, book.rates), rows, invoice)
        return model.probabilities(trained, rows, matrix)

    return compute


def reasons(folder: Path) -> Callable[[], object]:
    """The same with reasons: all that `score` computes."""
    from insights.model import model
    from insights.prediction import scoring
    from insights.store.store import Store

    ledger = ledgers.load(Store.open(folder / "home"))
    trained = model.Model.load(folder / "model")
    return lambda: scoring.score(trained, ledger, AS_OF)


def predict(folder: Path) -> Callable[[], object]:
    """`python -m insights predict`: CSV in, scored Parquet with reasons out."""
    command = [sys.executable, "-m", "insights", "predict", str(folder / "ledger.csv")]
    command += ["--as-of", AS_OF.isoformat(), "--out", str(folder / "scored.parquet")]
    return lambda: subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def replay(folder: Path) -> Callable[[], object]:
    """Replay of one past month: train on what was known, predict what was open, compare."""
    from insights import evaluation
    from insights.model.recipe import Recipe
    from insights.store.store import Store

    ledger, recipe = ledgers.load(Store.open(folder / "home")), Recipe()
    middle = evaluation.month_starts(ledger, recipe)
    return lambda: evaluation.replay_dates(ledger, [middle[len(middle) // 2]], recipe)


STEPS = (import_csv, import_xlsx, floor, features, features_with_habits, training, probabilities, reasons, predict, replay)


# Measuring.


def family(pid: int) -> Iterator[int]:
    """A process and all its descendants (Linux)."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # gone meanwhile
            continue
        for child in children:
            yield from family(int(child))


def resident(pid: int) -> int:
    """Bytes of memory a process family holds now."""
    total = 0
    for member in family(pid):
        try:
            total += int(Path(f"/proc/{member}/statm").read_text().split()[1])
        except (OSError, IndexError):  # gone meanwhile
            continue
    return total * os.sysconf("SC_PAGE_SIZE")


class Cost(NamedTuple):
    """Of one run of a step: seconds by the clock and of the processor, and peak gigabytes."""

    seconds: float
    processor: float
    memory: float


def processor_seconds() -> float:
    """User and system time of this process and of the children that it has waited for."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def measure(step: str, folder: Path) -> Cost:
    """What one step costs, in a child process."""
    environment = os.environ | {"OMP_WAIT_POLICY": "passive", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder)]
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=ROOT, text=True) as child:
        while child.poll() is None:
            peak = max(peak, resident(child.pid))
            time.sleep(0.02)
        answer = child.stdout.read() if child.stdout else ""
    if child.returncode:
        message = f"{step} failed"
        raise SystemExit(message)
    return Cost(**json.loads(answer.splitlines()[-1]), memory=peak / 1e9)


def run_step(step: str, folder: Path) -> None:
    """What the child does: prepare, then time the step."""
    work = next(function for function in STEPS if function.__name__ == step)(folder)
    started, used = time.perf_counter(), processor_seconds()
    work()
    print(json.dumps({"seconds": time.perf_counter() - started, "processor": processor_seconds() - used}))


def table(sizes: list[int], repeat: int, folder: Path) -> Iterator[str]:
    """The lines of a Markdown table: medians over `repeat` runs."""
    yield f"| step | {' | '.join(f'{size:,} invoices: s | processor s | GB' for size in sizes)} |"
    yield "|---" * (1 + 3 * len(sizes)) + "|"
    medians: dict[tuple[str, int], Cost] = {}
    for size in sizes:
        (folder / str(size)).mkdir()
        write_files(folder / str(size), size)
        for step in (function.__name__ for function in STEPS):
            runs = [measure(step, folder / str(size)) for _ in range(repeat)]
            cost = Cost(
                statistics.median(r.seconds for r in runs),
                statistics.median(r.processor for r in runs),
                max(r.memory for r in runs),
            )
            print(
                f"{size:>9,} {step:<22} {cost.seconds:8.2f} s {cost.processor:8.2f} of the processor {cost.memory:6.2f} GB",
                file=sys.stderr,
            )
            medians[step, size] = cost
    for function in STEPS:
        costs = (medians[function.__name__, size] for size in sizes)
        cells = " | ".join(f"{cost.seconds:.2f} | {cost.processor:.2f} | {cost.memory:.2f}" for cost in costs)
        yield f"| {(function.__doc__ or '').splitlines()[0]} | {cells} |"
    for name, title in (("features", "Features of version 0.1"), ("features_with_habits", "Features with habits")):
        ratios = (
            f"{compared.seconds / bare.seconds:.1f} times | {compared.processor / bare.processor:.1f} times | "
            for compared, bare in ((medians[name, size], medians["floor", size]) for size in sizes)
        )
        yield f"| {title} over the floor | {' | '.join(ratios)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, action="append", help="number of invoices; may be repeated")
    parser.add_argument("--repeat", type=int, default=3, help="runs per step; the median counts")
    report.add_options(parser, "speed")
    parser.add_argument("--step", choices=[function.__name__ for function in STEPS], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        run_step(arguments.step, arguments.folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        lines = list(table(arguments.rows or list(SIZES), arguments.repeat, Path(folder)))
    print("\n".join(lines))
    if arguments.into:
        report.write_section(arguments.into, arguments.section, [report.command("speed.py", sys.argv[1:]), "", *lines])


if __name__ == "__main__":
    main()
