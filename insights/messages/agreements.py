"""How is said what was agreed with a customer, and how well it keeps its word?"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from insights.messages.plurals import noun
from insights.messages.worklist import CHANNELS, OUTCOMES, money, on

STANDINGS: Final = {
    "open": "not due yet",
    "due": "due now",
    "kept": "kept",
    "partly": "partly kept",
    "broken": "broken",
    "renewed": "replaced by a later one",
    "unjudged": "cannot be judged: the invoices are not in this ledger, or were credited",
}


def agreement(kind: str, payload: Mapping[str, Any], standing: str = "") -> str:
    """What an event says, on one line: "promise for 4 Dec 2026 (EUR 1,500.00), broken"."""
    text = payload.get("text") or ""
    words = _words(kind, payload, standing)
    return f"{words}: {text}" if text and kind != "note" else words


def _words(kind: str, payload: Mapping[str, Any], standing: str) -> str:  # noqa: PLR0911 - a line for each kind
    amount = f" ({money(payload['amount'], payload['currency'])})" if payload.get("amount") else ""
    match kind:
        case "note":
            return str(payload["text"])
        case "contact":
            return f"contact {CHANNELS[payload['channel']]}: {OUTCOMES[payload['outcome']]}"
        case "promise":
            return f"promise for {_day(payload['on'])}{amount}" + (f", {STANDINGS[standing]}" if standing else "")
        case "dispute":
            reason = f" ({payload['reason']})" if payload["reason"] else ""
            return f"dispute{' resolved' if payload['resolve'] else ''}{reason}{amount}"
        case "snooze":
            return f"snoozed until {_day(payload['until']) if payload.get('until') else 'the next ledger'}"
        case "override":
            return f"expected on {_day(payload['on'])}: {payload['reason']}"
        case "owner":
            return f"owner: {payload['name'] or 'nobody'}"
        case "overdue_reason":
            return f"overdue because: {payload['reason']}"
        case _:
            return {"in_payment": "said to be in payment", "take": "taken"}.get(kind, "undone")


def _day(text: str) -> str:
    return on(date.fromisoformat(text))


def kept_rate(kept: int, partly: int, broken: int, interval: tuple[float, float] | None) -> str:
    """How a customer's promises went: counts, and the share's interval where there are enough to speak of one."""
    judged = kept + partly + broken
    if not judged:
        return "no promise has been judged yet"
    likely = f", so probably {100 * interval[0]:.0f} to {100 * interval[1]:.0f}% of the next ones" if interval else ""
    some = f" ({partly} partly)" if partly else ""
    return f"{kept} of {judged} {noun(judged, 'promise')} kept{some}{likely}"
