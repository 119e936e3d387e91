"""Small ledgers and models for the tests of the workspace, the jobs and the command line."""

import random
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from insights.ledger import SCHEMA, Ledger, Problem
from insights.model import Model, Recipe, Stage

FIRST = date(2024, 1, 1)


def ledger_of(text: str, *, complete_through: date = date(2024, 3, 31), **changes: object) -> Ledger:
    """A ledger of lines `company customer invoice issue due paid|- amount currency`, amounts in minor units."""
    rows = [line.split() for line in text.strip().splitlines()]
    columns = {
        "row": list(range(2, len(rows) + 2)),
        "company": [row[0] for row in rows],
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
    return ledger_of(SMALL, problems=(Problem(6, "Amount", "abc", "no_number"),), rows_read=6, rows_ignored=1)


def rates_model(trained_as_of: date = date(2024, 3, 1), *, late: float = 0.25) -> Model:
    """The plainest model there is: the same rates for everybody."""
    return Model(
        recipe=Recipe(),
        trained_as_of=trained_as_of,
        ledger_id="",
        ledger_fingerprint="",
        fields=("amount",),
        stages=(Stage(None, rates=(1 - late,)), Stage(None, rates=(0.5,))),
        metrics={"log_loss": 0.5},
    )


def write_csv(path: Path, *, invoices: int = 600, seed: int = 1) -> Path:
    """A file of invented invoices over a year, about every third one paid late; some still open at the end of 2024."""
    draw = random.Random(seed)  # noqa: S311 - an example, not a secret
    lines = ["Customer ID,Invoice No,Issue Date,Due Date,Paid Date,Amount,Currency"]
    for number in range(invoices):
        customer = draw.randrange(20)
        issued = FIRST + timedelta(days=number * 365 // invoices)
        due = issued + timedelta(days=30)
        late = draw.random() < (0.1 if customer < 10 else 0.6)
        paid = due + timedelta(days=draw.randrange(1, 80) if late else -draw.randrange(0, 10))
        shown = paid.isoformat() if paid <= date(2024, 12, 31) else ""
        lines.append(f"C{customer:02},R{number:04},{issued},{due},{shown},{draw.randrange(100, 90000) / 100:.2f},EUR")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
