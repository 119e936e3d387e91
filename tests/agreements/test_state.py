"""What holds as of a day, and which events hold some words?"""

from datetime import UTC, date, datetime
from typing import Any

from insights.agreements.events import Agreement
from insights.agreements.state import agreed, with_words


def event(number: int, kind: str, payload: dict[str, Any], *, as_of: date = date(2026, 3, 1)) -> Agreement:
    return Agreement(str(number), number, kind, "", "A", None, None, as_of, payload, datetime(2026, 3, 1, tzinfo=UTC), "ada")


EVENTS = [
    event(1, "note", {"text": "Asks for the Delivery note"}),
    event(2, "dispute", {"reason": "delivery", "resolve": False, "text": ""}),
    event(3, "contact", {"channel": "phone", "outcome": "reached", "text": "no words of it"}),
    event(4, "note", {"text": "delivery again"}, as_of=date(2026, 3, 5)),
    event(5, "note", {"text": "delivery, by mistake"}),
    event(6, "undo", {"event": "5", "text": ""}),
]


def test_events_with_some_words_are_found_the_newest_first_as_of_the_day() -> None:
    """4 is of a later list, 5 was undone."""
    assert [each.id for each in with_words(agreed(EVENTS, date(2026, 3, 1)), " DELIVERY ")] == ["2", "1"]
    assert [each.id for each in with_words(agreed(EVENTS, date(2026, 3, 5)), "delivery")] == ["4", "2", "1"]
    assert with_words(agreed(EVENTS, date(2026, 3, 1)), " ") == []
