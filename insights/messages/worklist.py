"""How is said why a customer is on the worklist, and why another is held back?"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from insights.ledger.money import NO_CURRENCY, exponent
from insights.messages.plurals import noun
from insights.messages.reasons import MONTHS, WEEKDAYS

OUTCOMES: Final = {
    "reached": "reached",
    "not_reached": "not reached",
    "promised": "payment promised",
    "refused": "refused to pay",
}
CHANNELS: Final = {"phone": "by phone", "email": "by e-mail", "letter": "by letter", "visit": "by a visit"}
EVEN = 0.5  # days late that are no habit


def reasons(
    row: Mapping[str, Any],
    invoices: Sequence[Mapping[str, Any]],
    *,
    usual: tuple[float, int] | None = None,
    changed: str = "",
    missed: Mapping[str, Any] | None = None,
) -> list[str]:
    """Why a customer has its place: the figure, what it is of, habits, a promise not kept whole (on, promised, paid, standing).

    row, invoices: of `ranking.Ranked`; usual: days late, of so many paid invoices; changed: as `habits.changed`. Of what no model
    predicted, no share is said.
    """
    currency = row["currency"]
    owed = money(row["outstanding"], currency)
    parts = [f"{money(row['likely'], currency)} likely to slip, of {owed}" if is_predicted(invoices) else f"{owed} outstanding"]
    if missed:
        came = "nothing came" if not any(missed["paid"].values()) else f"{moneys(missed['paid'])} came"
        how = "broken" if missed["standing"] == "broken" else "partly kept"
        parts.append(f"promise of {on(missed['on'])} {how} ({moneys(missed['promised'])}, {came})")
    for late in (True, False):
        some = [invoice for invoice in invoices if invoice["overdue"] is late]
        if some:
            parts.append(_part(some, currency, late=late))
    if usual and abs(usual[0]) >= EVEN:
        many = abs(round(usual[0])) or 1
        side = "late" if usual[0] > 0 else "early"
        parts.append(f"usually {many} {noun(many, 'day')} {side} ({usual[1]} paid in the last twelve months)")
    return [*parts, changed] if changed else parts


def is_predicted(invoices: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a model spoke of them; where none did, their whole outstanding ranks, and no probability may be named."""
    return any(invoice["p_on_time"] is not None for invoice in invoices)


def _part(invoices: Sequence[Mapping[str, Any]], currency: str, *, late: bool) -> str:
    """One of the two sums, with what it is made of: 2 overdue, ...: EUR 40.00 x 85% still unpaid in a week."""
    many, owed, slipping = (
        len(invoices),
        sum(invoice["outstanding"] for invoice in invoices),
        sum(invoice["likely"] for invoice in invoices),
    )
    if late:
        oldest = max(invoice["days_past_due"] for invoice in invoices)
        how_late = f"{many} overdue, {'the oldest ' * (many > 1)}{oldest} {noun(oldest, 'day')}"
        ending = "still unpaid in a week"
    else:
        first = min(invoice["due_by"] for invoice in invoices)
        how_late = f"{many} due {'from ' * (many > 1)}{WEEKDAYS[first.weekday()]}, {on(first)}"
        ending = "paid too late"
    if not is_predicted(invoices):
        return f"{how_late}: {money(owed, currency)}"
    return f"{how_late}: {money(owed, currency)} × {100 * slipping / max(owed, 1):.0f}% {ending}"


def held_back(held: Mapping[str, Any], details: Mapping[str, Any]) -> str:
    """Why a customer is held back, and until when; `held`: a row of `Ranked.held_back`, `details`: of the event behind it."""
    known = details.get("as_of")
    text = {
        "paid": lambda: f"Said to be in payment on {on(known)} ({details['actor']})",
        "dispute": lambda: _dispute(details),
        "promise": lambda: _promise(details),
        "contacted": lambda: (
            f"Contacted on {on(known)} {CHANNELS[details['channel']]} by {details['actor']} ({OUTCOMES[details['outcome']]})"
        ),
        "snoozed": lambda: f"Snoozed on {on(known)} by {details['actor']}",
        "small": lambda: _small(held, details),
        "relationship": lambda: _relationship(held, details),
    }[held["gate"]]()
    if held["returns"]:
        return f"{text}: back on {on(held['returns'])}."
    return f"{text}: back with the next ledger." if details.get("ledger_through") and held["gate"] == "snoozed" else f"{text}."


def _dispute(details: Mapping[str, Any]) -> str:
    if "reason" not in details:
        return "In dispute, as the ledger says: back when it no longer does"
    return f"In dispute since {on(details['as_of'])} ({details['reason']}): back when it is resolved"


def _promise(details: Mapping[str, Any]) -> str:
    amount = f" ({money(details['amount'], details['currency'])})" if details.get("amount") else ""
    return f"Promised for {on(date.fromisoformat(details['on']))}{amount}, not due yet"


def _small(held: Mapping[str, Any], details: Mapping[str, Any]) -> str:
    least = f"{details['currency']} {details['minimum']:,}" if details["minimum"] else "anything that can be paid"
    return f"{money(held['likely'], held['currency'])} likely to slip, less than {least}"


def _relationship(held: Mapping[str, Any], details: Mapping[str, Any]) -> str:
    who = f"only {details['owner']}, who owns it, calls" if details["owner"] else "name an owner, who alone calls"
    return f"Owes more than a tenth of everything in {held['currency']}: {who}"


def money(minor: int, currency: str) -> str:
    """`money(123456, "EUR") == "EUR 1,234.56"`."""
    places = exponent(currency)
    figure = f"{Decimal(int(minor)).scaleb(-places):,.{places}f}"
    return figure if currency == NO_CURRENCY else f"{currency} {figure}"


def moneys(sums: Mapping[str, int]) -> str:
    """Sums per currency, never added."""
    return " and ".join(money(minor, currency) for currency, minor in sorted(sums.items()))


def on(day: date | None) -> str:
    """`on(date(2026, 3, 14)) == "14 Mar 2026"`."""
    return "" if day is None else f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"
