"""Ledgers for the tests of features, model, reasons and scored files: by hand, invented with habits, and the sample one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from insights import ingest
from insights.ledger.ledger import FURTHER, PAYMENTS, SCHEMA, Ledger
from insights.model.model import Model
from insights.model.model_metrics import Quality
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.prediction.scoring import score
from insights.services import sample

Row = dict[str, Any]

DAY = timedelta(days=1)
START = date(2025, 1, 1)
PLAIN: Row = {
    "company": "",
    "customer_id": "A",
    "line": "1",
    "kind": "invoice",
    "currency": "EUR",
    "amount": 100_00,
    "issue_date": START,
    "paid_date": None,
    "terms": None,
    "disputed": None,
}


def ledger_of(rows: Sequence[Row], **of_ledger: Any) -> Ledger:  # noqa: ANN401 - the fields of Ledger
    """A ledger of rows that say only what matters: customer A, 100 EUR, 30 days net, open, unless they say otherwise."""
    further = {name: _type(rows, name) for row in rows for name in row if name.startswith(FURTHER)}
    schema = pa.schema([*SCHEMA, *(pa.field(name, kind) for name, kind in further.items())])
    table = pa.Table.from_pylist([_filled(number, row) for number, row in enumerate(rows)], schema=schema)
    whole = {"complete_through": date(2026, 12, 31), "history_starts": date(2024, 1, 1)}
    return Ledger(table, **whole | of_ledger)


def _filled(number: int, row: Row) -> Row:
    full: Row = PLAIN | {"row": number + 2, "invoice_id": f"I{number}"} | row
    full.setdefault("due_date", full["issue_date"] + 30 * DAY)
    full.setdefault("customer_name", full["customer_id"])
    full.setdefault("settled_by", "payment" if full["paid_date"] else "unknown")
    full.setdefault("outstanding", 0 if full["paid_date"] else full["amount"])
    return full


def _type(rows: Sequence[Row], name: str) -> pa.DataType:
    given = next(row[name] for row in rows if row.get(name) is not None)
    return pa.date32() if isinstance(given, date) else pa.float64() if isinstance(given, float) else pa.string()


def payments_of(*paid: tuple[int, date, int]) -> pa.Table:
    """Dated payments: (position of the invoice, day, minor units)."""
    position, day, amount = zip(*paid, strict=True) if paid else ((), (), ())
    return pa.table({"position": position, "paid_date": day, "amount": amount}, schema=PAYMENTS)


def in_order(ledger: Ledger, order: np.ndarray) -> Ledger:
    """The same ledger with its rows in another order."""
    place = np.argsort(order)[ledger.payments["position"].to_numpy()]
    payments = ledger.payments.set_column(0, PAYMENTS.field("position"), pa.array(place))
    return replace(ledger, invoices=ledger.invoices.take(pa.array(order)), payments=payments)


def invented(many: int = 400, *, seed: int = 1, customers: int = 20, skill: bool = True) -> Ledger:
    """A year of invoices, 30 days net, of customers with habits from weeks early to weeks late; open at the year's end.

    Without skill, every payment's delay is somebody else's: nothing but the day says when an invoice will be paid.
    """
    draw = np.random.default_rng(seed)
    customer = draw.integers(0, customers, many)
    issue = np.sort(draw.integers(0, 365, many))
    habit = np.linspace(-20, 25, customers)[customer]
    late_by = np.maximum(habit + draw.gamma(1.2, 9, many) - 6, -25).astype(int)
    if not skill:
        draw.shuffle(late_by)
    end = START + 364 * DAY
    rows = []
    for number in range(many):
        issued = START + int(issue[number]) * DAY
        paid = issued + (30 + int(late_by[number])) * DAY
        at = int(customer[number])
        rows.append(
            {
                "company": "north" if at % 2 else "south",
                "customer_id": f"C{at:03}",
                "currency": "EUR" if at % 3 else "JPY",
                "amount": int(draw.lognormal(9, 1)) + 1,
                "issue_date": issued,
                "paid_date": paid if paid <= end else None,
                "terms": f"net 30 {'abc'[at % 3]}",
                "disputed": bool(draw.random() < 0.05),
                f"{FURTHER}Segment": f"S{at % 4}",
                f"{FURTHER}Score": float(draw.normal()),
            }
        )
    return ledger_of(rows, complete_through=end, history_starts=START)


@cache
def small_ledger() -> Ledger:
    return invented()


@cache
def small_model(at: date = START + 300 * DAY) -> Model:
    """A model of the invented ledger, which has too few invoices to be calibrated; trained in a second."""
    return train(small_ledger(), at, Recipe(very_late_days=15))


def quality_of(model: Model) -> Quality:
    """How good a model is by its own account; of one that could be judged."""
    assert model.metrics.quality is not None
    return model.metrics.quality


@cache
def sample_ledger() -> Ledger:
    return ingest.read(sample.FILE, ingest.Options(name=sample.NAME)).require()


@cache
def sample_model() -> Model:
    """A model of the sample ledger a quarter before its end, so that some of what it predicts is known by then."""
    return train(sample_ledger(), sample_ledger().complete_through - 90 * DAY)


@cache
def sample_predictions() -> pa.Table:
    return score(sample_model(), sample_ledger(), sample_model().trained_as_of)
