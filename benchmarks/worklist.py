"""How long does the server take to re-rank the worklist and draw it? Beside an empty page, in the same run.

    python benchmarks/worklist.py [--open 100000] [--customers 20000] [--runs 30] [--into FILE.md]

A temporary workspace with an invented ledger, a model of base rates, its predictions, an agreement with every tenth
customer. Before each run of the page something is agreed with somebody, so that nothing of the ranking can be remembered. A
run is the whole script of the page, without a browser; what it sends is what its elements measure. Processor seconds are said
as well: on a machine that is busy with other work, the clock says more of that work than of this page.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[0] = str(ROOT)  # in place of this folder, whose `pages` would stand before the screens

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402

from benchmarks import report  # noqa: E402
from insights.access import laptop  # noqa: E402
from insights.ledger.ledger import SCHEMA, Ledger  # noqa: E402
from insights.model.model import Model, Stage  # noqa: E402
from insights.model.model_metrics import ModelMetrics, Quality  # noqa: E402
from insights.model.recipe import Recipe  # noqa: E402
from insights.services import agreements as use_cases  # noqa: E402
from insights.services import predictions, worklist  # noqa: E402
from insights.services.agreements import Entry  # noqa: E402
from insights.services.ledgers import commit  # noqa: E402
from insights.store import agreements, models  # noqa: E402
from insights.store.agreements import NewAgreement  # noqa: E402
from insights.store.store import Store  # noqa: E402

COMPLETE = date(2026, 3, 1)
AS_OF = COMPLETE + timedelta(days=1)
GOAL = 1.0  # seconds
MOST_SENT = 250  # kilobytes


def ledger(many: int, customers: int) -> Ledger:
    """As many open invoices, and as many that were paid in the year before."""
    draw = np.random.default_rng(7)
    count, end = 2 * many, np.datetime64(COMPLETE)
    is_open = np.arange(count) < many
    issue = end - np.where(is_open, draw.integers(1, 60, count), draw.integers(90, 420, count))
    due = issue + 30
    paid = np.where(is_open, np.datetime64("NaT"), due + draw.integers(-10, 40, count))
    amount, customer = draw.lognormal(11, 1, count).astype(np.int64) + 1, draw.integers(0, customers, count)
    names = [f"C{number:06}" for number in customer]
    columns = {
        "row": np.arange(2, count + 2),
        "company": [""] * count,
        "customer_id": names,
        "customer_name": names,
        "invoice_id": [f"R{number:07}" for number in range(count)],
        "line": ["1"] * count,
        "kind": ["invoice"] * count,
        "settled_by": np.where(is_open, "unknown", "payment"),
        "currency": ["EUR"] * count,
        "amount": amount,
        "outstanding": np.where(is_open, amount, 0),
        "issue_date": issue,
        "due_date": due,
        "paid_date": paid,
        "terms": [None] * count,
        "disputed": [None] * count,
    }
    rows = pa.table({name: pa.array(values, SCHEMA.field(name).type) for name, values in columns.items()}, schema=SCHEMA)
    return Ledger(rows, COMPLETE, COMPLETE - timedelta(days=500), rows_read=count, name="Invented")


def rates_model() -> Model:
    """The same probabilities for everybody: what a worklist costs does not depend on them."""
    stages = (Stage((), rates=(0.7,)), Stage((), rates=(0.3,)))
    metrics = ModelMetrics(quality=Quality(log_loss=0.5))
    return Model(Recipe(), COMPLETE - timedelta(days=100), "", "", ("amount",), stages, metrics)


def prepared(home: Path, many: int, customers: int) -> tuple[Store, Ledger]:
    """The workspace, an event of every tenth customer in it."""
    store = Store.open(home)
    kept = commit(store, ledger(many, customers), actor=laptop())
    model_id = models.save(store, rates_model(), kept.id, actor=laptop())
    predictions.of_model(store, kept.id, model_id, AS_OF, actor=laptop())
    events = [
        NewAgreement(
            "snooze", "", f"C{number:06}", None, None, AS_OF, {"until": "2026-03-09", "ledger_through": None, "text": ""}
        )
        for number in range(0, customers, 10)
    ]
    agreements.append(store, events, actor=laptop())
    return store, kept


Took = tuple[float, float]  # seconds by the clock, and of the processor


def measured(store: Store, kept: Ledger, runs: int) -> tuple[dict[str, list[Took]], int]:
    """What each run took: an empty page, the page after an event, and the ranking alone; and the bytes that the page sends."""
    empty = AppTest.from_string("import streamlit as st\nst.title('Nothing')", default_timeout=120)
    page = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=120)
    page.switch_page("worklist.py")
    shown(page)
    found: dict[str, list[Took]] = {"an empty page": [], "the worklist, ranked anew": [], "of which the ranking": []}
    source = worklist.source_of(store, kept, AS_OF, actor=laptop())
    for number in range(runs):
        entry = Entry("note", "", kept.invoices["customer_id"][number].as_py(), (), {"text": "called"})
        use_cases.enter(store, kept, AS_OF, [entry], actor=laptop())
        found["an empty page"].append(timed(lambda: shown(empty)))
        found["the worklist, ranked anew"].append(timed(lambda: shown(page)))
        found["of which the ranking"].append(timed(lambda: worklist.worklist(store, kept, AS_OF, source)))
    return found, sent(page)


def sent(app: AppTest) -> int:
    """Bytes of all elements of a page, as the browser gets them, before they are packed."""
    protos = (getattr(node, "proto", None) for node in app._tree)  # noqa: SLF001 - no other way in
    return sum(each.ByteSize() for each in protos if each is not None and hasattr(each, "ByteSize"))


def timed(act: Callable[[], object]) -> Took:
    begun = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def shown(app: AppTest) -> None:
    app.run()
    assert not app.exception, app.exception


def lines(found: dict[str, list[Took]], size: int, many: int, customers: int) -> Iterator[str]:
    """A Markdown table."""
    yield f"{many:,} open invoices of {customers:,} customers, an agreement with every tenth:"
    yield ""
    yield "| | runs | median, s | p95, s | median, processor s | p95, processor s |"
    yield "|---|---|---|---|---|---|"
    for name, took in found.items():
        figures = [f"{np.percentile([each[of] for each in took], at):.2f}" for of in (0, 1) for at in (50, 95)]
        yield f"| {name} | {len(took)} | {' | '.join(figures)} |"
    yield ""
    yield (
        f"At most {GOAL:.1f} s at p95 is aimed at, on a machine that does nothing else; the load of this one was "
        f"{os.getloadavg()[0]:.0f} on {os.cpu_count()} cores. A run sends {size / 1000:.0f} KB; at most {MOST_SENT} are aimed at."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--open", type=int, default=100_000, help="number of open invoices")
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=30)
    report.add_options(parser, "worklist")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INSIGHTS_HOME"] = folder
        store, kept = prepared(Path(folder), arguments.open, arguments.customers)
        figures = list(lines(*measured(store, kept, arguments.runs), arguments.open, arguments.customers))
    print("\n".join(figures))
    if arguments.into:
        report.write_section(arguments.into, arguments.section, [report.command("worklist.py", sys.argv[1:]), "", *figures])


if __name__ == "__main__":
    main()
