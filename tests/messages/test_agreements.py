"""Is what was agreed said in a line that a colleague understands?"""

from typing import Any

import pytest

from insights.agreements.events import KINDS
from insights.messages.agreements import agreement, kept_rate

PAYLOADS: dict[str, tuple[dict[str, Any], str]] = {
    "note": ({"text": "calls back"}, "calls back"),
    "contact": ({"channel": "phone", "outcome": "reached", "text": "soon"}, "contact by phone: reached: soon"),
    "promise": ({"on": "2026-12-04", "amount": 150000, "currency": "EUR"}, "promise for 4 Dec 2026 (EUR 1,500.00), broken"),
    "dispute": ({"reason": "price", "resolve": True}, "dispute resolved (price)"),
    "snooze": ({"until": None}, "snoozed until the next ledger"),
    "override": ({"on": "2026-12-04", "reason": "said so"}, "expected on 4 Dec 2026: said so"),
    "overdue_reason": ({"reason": "no purchase order"}, "overdue because: no purchase order"),
    "owner": ({"name": ""}, "owner: nobody"),
    "in_payment": ({}, "said to be in payment"),
    "take": ({}, "taken"),
    "undo": ({"event": "x"}, "undone"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_agreement_has_its_line(kind: str) -> None:
    payload, expected = PAYLOADS[kind]
    assert agreement(kind, payload, "broken") == expected


def test_two_promises_are_no_share() -> None:
    assert kept_rate(0, 0, 0, None) == "no promise has been judged yet"
    assert kept_rate(1, 0, 1, None) == "1 of 2 promises kept"
    assert kept_rate(8, 1, 1, (0.49, 0.943)) == "8 of 10 promises kept (1 partly), so probably 49 to 94% of the next ones"
