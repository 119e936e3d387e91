"""Small ledgers and models for the tests of the workspace, the jobs and the command line."""

import random
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from insights.access import laptop
from insights.ledger.ledger import SCHEMA, Ledger, Problem, Problems
from insights.model.imported import Tried
from insights.model.model import Model, Stage
from insights.model.model_metrics import ModelMetrics, Quality
from insights.model.recipe import Recipe
from insights.store import archives
from insights.store.database import FILE, open_database
from insights.store.settings import Settings
from insights.store.store import Store
from insights.store.tables import new_id

ME = laptop("me")  # who acts in the tests
FIRST = date(2024, 1, 1)


@cache
def empty_database() -> bytes:
    """An SQLite database with nothing in it, up to date: all migrations take a sixth of a second, too much for every test."""
    with TemporaryDirectory() as folder:
        open_database(Path(folder))
        return Path(folder, FILE).read_bytes()


def opened(home: Path) -> Store:
    """The store in `home`, as `Store.open`; a new one on SQLite begins with a copy of the empty database."""
    if not Settings().database and not (home / FILE).exists():
        home.mkdir(parents=True, exist_ok=True)
        (home / FILE).write_bytes(empty_database())
    return Store.open(home)


def ledger_of(text: str, *, complete_through: date = date(2024, 3, 31), **changes: object) -> Ledger:
    """A ledger of lines `company|- customer invoice issue due paid|- amount currency`, amounts in minor units."""
    rows = [line.split() for line in text.strip().splitlines()]
    columns = {
        "row": list(range(2, len(rows) + 2)),
        "company": [row[0].replace("-", "") for row in rows],
        "customer_id": [row[1] for row in rows],
        "customer_name": [row[1] for row in rows],
        "invoice_id": [row[2] for row in rows],
        "line": ["1"] * len(rows),
        "kind": ["invoice"] * len(rows),
        "settled_by": ["unknown" if row[5] == "-" else "payment" for row in rows],
        "currency": [row[7] for row in rows],
        "amount": [int(row[6]) for row in rows],
        "outstanding": [int(row[6]) if row[5] == "-" else 0 for row in rows],
        "issue_date": [date.fromisoformat(row[3]) for row in rows],
        "due_date": [date.fromisoformat(row[4]) for row in rows],
        "paid_date": [None if row[5] == "-" else date.fromisoformat(row[5]) for row in rows],
        "terms": [None] * len(rows),
        "disputed": [None] * len(rows),
    }
    values: dict[str, object] = {"rows_read": len(rows), "name": "Example", "history_starts": FIRST} | changes
    return Ledger(pa.table(columns, schema=SCHEMA), complete_through, **values)  # type: ignore[arg-type]


SMALL = """
    north acme  1 2024-01-02 2024-02-01 2024-01-30  100 EUR
    north acme  2 2024-02-05 2024-03-06 -          2500 EUR
    south birch 3 2024-02-10 2024-03-11 2024-03-20  300 USD
    south birch 4 2024-03-01 2024-03-31 -            99 USD
"""


def small_ledger() -> Ledger:
    return ledger_of(SMALL, problems=Problems.of([Problem(6, "Amount", "abc", "no_number")]), rows_read=6, rows_ignored=1)


def with_credit_note(ledger: Ledger, minor: int) -> Ledger:
    """The ledger with a credit note of its first customer, issued with its second row and not applied yet."""
    row = ledger.invoices.slice(1, 1).to_pylist()[0]
    credit = {"kind": "credit_note", "invoice_id": "C1", "row": ledger.rows_read + 2, "amount": -minor, "outstanding": -minor}
    more = pa.Table.from_pylist([row | credit], schema=SCHEMA)
    return replace(ledger, invoices=pa.concat_tables([ledger.invoices, more]), rows_read=ledger.rows_read + 1)


def nameless_ledger() -> Ledger:
    """The small ledger as a file without a column of companies gives it: every row is of the company called ""."""
    return ledger_of(SMALL.replace("north", "-").replace("south", "-"), name="Nameless")


def rates_model(trained_as_of: date = date(2024, 3, 1), *, late: float = 0.25) -> Model:
    """The plainest model there is: the same rates for everybody."""
    return Model(
        recipe=Recipe(),
        trained_as_of=trained_as_of,
        ledger_id="",
        ledger_fingerprint="",
        fields=("amount",),
        stages=(Stage((), rates=(1 - late,)), Stage((), rates=(0.5,))),
        metrics=ModelMetrics(quality=Quality(log_loss=0.5)),
    )


def imported(workspace: Store, model: Model, *, ledger_id: str = "") -> str:
    """The id of a model from elsewhere that somebody trusts; its archive may name a ledger that is here."""
    origin = {"id": new_id(), "name": "From elsewhere", "created_at": "2024-12-01", "actor": "ada", "ledger_id": ledger_id}
    return archives.keep(workspace, Tried(model, origin, {}), trust="Ada gave it to me", actor=ME)


def write_csv(path: Path, *, invoices: int = 600, seed: int = 1) -> Path:
    """A file of invented invoices over a year, about every third one paid late; some still open at the end of 2024."""
    draw = random.Random(seed)  # noqa: S311 - an example, not a secret
    lines = ["Customer ID,Invoice No,Issue Date,Due Date,Paid Date,Amount,Currency"]
    for number in range(invoices):
        issued, due, paid, amount = drawn(draw, number, invoices)
        lines.append(f"C{number % 20:02},R{number:04},{issued},{due},{paid or ''},{amount / 100:.2f},EUR")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def year_of_invoices(*, invoices: int = 600, seed: int = 1) -> Ledger:
    """The ledger of `write_csv`, without the detour over a file."""
    draw = random.Random(seed)  # noqa: S311 - an example, not a secret
    lines = []
    for number in range(invoices):
        issued, due, paid, amount = drawn(draw, number, invoices)
        customer = f"C{number % 20:02}"
        lines.append(f"north {customer} R{number:04} {issued} {due} {paid or '-'} {amount} EUR")
    return ledger_of("\n".join(lines), complete_through=date(2024, 12, 31))


def drawn(draw: random.Random, number: int, invoices: int) -> tuple[date, date, date | None, int]:
    """Issue, due and paid date and amount of one invoice; every second customer pays late more often than not."""
    issued = FIRST + timedelta(days=number * 365 // invoices)
    due = issued + timedelta(days=30)
    late = draw.random() < (0.6 if number % 2 else 0.1)
    paid = due + timedelta(days=draw.randrange(1, 80) if late else -draw.randrange(0, 10))
    return issued, due, paid if paid <= date(2024, 12, 31) else None, draw.randrange(100, 90000)
