"""Small ledgers and tables of predictions for the tests of the portfolio."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from insights.ledger.ledger import PAYMENTS, SCHEMA, Ledger

START = date(2026, 1, 1)


BASE = {
    "company": "",
    "line": "1",
    "kind": "invoice",
    "settled_by": "payment",
    "currency": "EUR",
    "disputed": False,
    "terms": None,
}


def ledger_of(*rows: dict[str, Any], complete_through: date = date(2026, 12, 31), payments: pa.Table | None = None) -> Ledger:
    """A ledger of rows that say only what matters; customer A, 30 days net, open, unless they say otherwise."""
    full = []
    for number, row in enumerate(rows):
        issue = row.get("issue_date", START)
        filled = BASE | {"row": number + 2, "customer_id": "A", "invoice_id": f"I{number}", "paid_date": None} | row
        filled |= {"issue_date": issue, "due_date": row.get("due_date", issue + timedelta(days=30))}
        filled.setdefault("customer_name", filled["customer_id"])
        filled.setdefault("outstanding", 0 if filled["paid_date"] else filled["amount"])
        full.append(filled)
    return Ledger(
        pa.Table.from_pylist(full, schema=SCHEMA),
        complete_through,
        history_starts=date(2025, 1, 1),
        payments=PAYMENTS.empty_table() if payments is None else payments,
    )


AS_OF = date(2026, 6, 1)


near = st.integers(-200, 200).map(lambda n: AS_OF + timedelta(days=n))


@st.composite
def some_row(draw: st.DrawFn) -> dict[str, Any]:
    issue = draw(near)
    paid = draw(st.one_of(st.none(), near.filter(lambda on: on >= issue)))
    kind = draw(st.sampled_from(["invoice", "invoice", "invoice", "credit_note"]))
    return {
        "customer_id": draw(st.sampled_from("AB")),
        "currency": draw(st.sampled_from(["EUR", "JPY"])),
        "kind": kind,
        "settled_by": draw(st.sampled_from(["payment", "credit", "write_off", "unknown"])),
        "amount": draw(st.integers(1, 10**6)) * (1 if kind == "invoice" else -1),
        "issue_date": issue,
        "due_date": issue + timedelta(days=draw(st.integers(0, 90))),
        "paid_date": paid,
    }
