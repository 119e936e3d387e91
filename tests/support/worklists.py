"""Small worklists: predictions, ledgers and events that say only what matters, for the tests of what is agreed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from insights.agreements import ranking
from insights.agreements.events import Agreement, validated
from insights.agreements.promises import judge
from insights.agreements.ranking import Known, Ranked, Weights
from insights.agreements.state import agreed
from insights.ledger.ledger import Ledger, day
from insights.portfolio.snapshot import PREDICTIONS
from tests.support.ledgers import ledger_of

AS_OF = date(2026, 3, 2)  # a Monday
COMPLETE = date(2026, 3, 1)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def predictions(*rows: Mapping[str, Any], as_of: date = AS_OF) -> pa.Table:
    """Open invoices of customer A, EUR 100.00, due on the as-of day, both probabilities 0.5, unless they say otherwise."""
    full = []
    for number, row in enumerate(rows):
        plain = {
            "company": "",
            "customer_id": "A",
            "invoice_id": f"I{number}",
            "line": "1",
            "currency": "EUR",
            "position": number,
        }
        filled = {**plain, "outstanding": 100_00, "due_date": as_of, "issue_date": date(2026, 1, 1), **row}
        late = filled["due_date"] < as_of
        filled.setdefault("p_on_time", 0.0 if late else 0.5)
        filled |= {"customer_name": filled["customer_id"], "amount": filled["outstanding"], "due_by": filled["due_date"]}
        filled |= {"days_past_due": day(as_of) - day(filled["due_date"]), "p_unpaid_7": filled.get("p_unpaid_7", 0.5)}
        full.append(filled)
    return pa.Table.from_pylist(full, schema=PREDICTIONS)


def event(  # noqa: PLR0913 - whom, which, what, when, by whom
    kind: str,
    customer: str = "A",
    invoice: str | None = None,
    *,
    as_of: date = AS_OF,
    number: int = 1,
    actor: str = "ada",
    company: str = "",
    **values: Any,  # noqa: ANN401 - the payload of the kind
) -> Agreement:
    """An event, validated as the store would have it."""
    payload = validated(kind, values, as_of)
    line = None if invoice is None else "1"
    return Agreement(f"event {number}", number, kind, company, customer, invoice, line, as_of, payload, NOW, actor)


def promised(on: date, *invoices: tuple[str, int], **more: Any) -> Agreement:  # noqa: ANN401 - as `event`
    """A promise of customer A that covers invoices (id, outstanding in EUR minor units)."""
    covers = [{"invoice_id": each, "line": "1", "outstanding": owed, "currency": "EUR"} for each, owed in invoices]
    return event("promise", on=on, covers=covers, **more)


def worklist(
    rows: pa.Table,
    *events: Agreement,
    as_of: date = AS_OF,
    ledger: Ledger | None = None,
    known: Known | None = None,
    weights: Weights | None = None,
    viewer: str = "",
) -> Ranked:
    """The worklist of predictions and events; promises are judged by a ledger, where one is given."""
    held = agreed(events, as_of)
    judged = judge(held.promises, ledger or ledger_of([{"customer_id": "nobody"}]), as_of)
    through = ledger.complete_through if ledger else COMPLETE
    return ranking.rank(rows, held, judged, known or Known(through), weights=weights or Weights(), viewer=viewer)


def order(found: Ranked) -> list[str]:
    """The ranked customers, in order."""
    ids: list[str] = found.customers["customer_id"].to_pylist()
    return ids


def held(found: Ranked) -> dict[str, tuple[str, date | None]]:
    """Customer id -> gate and day of return."""
    return {row["customer_id"]: (row["gate"], row["returns"]) for row in found.held_back.to_pylist()}


def figures(found: Ranked) -> dict[tuple[str, str], int]:
    """(customer id, currency) -> what is likely to slip."""
    columns: Sequence[list[Any]] = [found.customers[name].to_pylist() for name in ("customer_id", "currency", "likely")]
    return {(who, currency): likely for who, currency, likely in zip(*columns, strict=True)}
