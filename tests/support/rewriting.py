"""The same ledger, had everything turned out otherwise that was not known on a date."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from insights.ledger.ledger import FURTHER, PAYMENTS, Ledger, Problems
from tests.support.ledgers import DAY

Draw = np.random.Generator
HOW = ("payment", "unknown", "credit", "write_off")


def rewritten(ledger: Ledger, as_of: date, seed: int) -> Ledger:
    """A ledger that was the same up to the day before `as_of`.

    What was open is settled otherwise, or never; what was issued later is dropped, changed or joined by more, by new
    customers in new currencies; payments and columns that were not known at issue are anybody's guess.
    """
    draw = np.random.default_rng(seed)
    rows = ledger.invoices.to_pylist()
    kept = [n for n, row in enumerate(rows) if row["issue_date"] < as_of or draw.random() < 0.5]
    changed = [_otherwise(rows[n], ledger, as_of, draw) for n in kept]
    extra = [_new(rows[int(draw.integers(len(rows)))], as_of, draw) for _ in range(int(draw.integers(4)))]
    before = int(draw.integers(len(extra) + 1))
    table = pa.Table.from_pylist([*extra[:before], *changed, *extra[before:]], schema=ledger.invoices.schema)
    place = {n: before + number for number, n in enumerate(kept)}
    return replace(
        ledger,
        invoices=table,
        payments=_payments(ledger, place, as_of, draw),
        complete_through=max(ledger.complete_through, as_of) + int(draw.integers(400)) * DAY,
        problems=Problems.of(),
    )


def _otherwise(row: dict[str, Any], ledger: Ledger, as_of: date, draw: Draw) -> dict[str, Any]:
    if row["issue_date"] >= as_of:
        return _new(row, as_of, draw)
    out = row | _unmarked(row, ledger, draw)
    if row["paid_date"] is None or row["paid_date"] >= as_of:
        out |= _settlement(as_of, row["amount"], draw)
    return out


def _settlement(from_day: date, amount: int, draw: Draw) -> dict[str, Any]:
    settled = None if draw.random() < 0.3 else from_day + int(draw.integers(120)) * DAY
    outstanding = int(draw.integers(1, 9)) * (1 if amount > 0 else -1) if settled is None else 0
    return {"paid_date": settled, "settled_by": str(draw.choice(HOW)), "outstanding": outstanding}


def _unmarked(row: dict[str, Any], ledger: Ledger, draw: Draw) -> dict[str, Any]:
    """Every column that has no date of its own and is not marked as known at issue: states at export."""
    out: dict[str, Any] = {}
    for name in ("disputed", *(FURTHER + further for further in ledger.further)):
        if name.removeprefix(FURTHER) in ledger.known_at_issue:
            continue
        drawn = {"string": f"v{draw.integers(3)}", "double": float(draw.normal()), "bool": bool(draw.integers(2))}
        out[name] = drawn.get(str(ledger.invoices.schema.field(name).type))
    return out


def _new(like: dict[str, Any], as_of: date, draw: Draw) -> dict[str, Any]:
    """An invoice that nobody knew of before the day."""
    issue = as_of + int(draw.integers(200)) * DAY
    amount = int(draw.integers(1, 10**6))
    further = {name: None for name in like if name.startswith(FURTHER)}
    return (
        like
        | further
        | _settlement(issue, amount, draw)
        | {
            "company": str(draw.choice([like["company"], "founded later"])),
            "customer_id": str(draw.choice([like["customer_id"], "newcomer"])),
            "invoice_id": f"later {draw.integers(10**9)}",
            "kind": "invoice",
            "currency": str(draw.choice([like["currency"], "CHF", "KWD"])),
            "amount": amount,
            "terms": "terms that nobody had heard of",
            "issue_date": issue,
            "due_date": issue + int(draw.integers(90)) * DAY,
        }
    )


def _payments(ledger: Ledger, place: dict[int, int], as_of: date, draw: Draw) -> pa.Table:
    """The payments before the day, in their places; the later ones on other days, or not at all."""
    known = [row for row in ledger.payments.to_pylist() if row["paid_date"] < as_of]
    open_still = sorted({row["position"] for row in ledger.payments.to_pylist()} & place.keys())
    later = [
        {"position": n, "paid_date": as_of + int(draw.integers(50)) * DAY, "amount": int(draw.integers(1, 99))}
        for n in open_still
        if draw.random() < 0.5
    ]
    moved = [row | {"position": place[row["position"]]} for row in known + later if row["position"] in place]
    return pa.Table.from_pylist(moved, schema=PAYMENTS)
