"""On which past days is a replay worth doing?"""

from datetime import date, timedelta

from insights.features.events import events_of, invoice_positions, labels_of
from insights.ledger.ledger import Ledger, day
from insights.ledger.row_filters import passing
from insights.model.recipe import Recipe
from insights.model.training_size import counted

HISTORY = 270  # days of history before the first as-of date
ANSWERED = 0.5  # share of the invoices open then whose answers must be known by now
FEWEST_OPEN = 10


def month_starts(ledger: Ledger, recipe: Recipe, *, months: int = 1, history: int = HISTORY) -> tuple[date, ...]:
    """The first days of months, `history` days after the history's start or later, oldest first.

    Only days with enough behind them to train the recipe on, and at least FEWEST_OPEN open invoices of which at least
    ANSWERED had their very-late line by the ledger's complete-through day, however they ended. Every `months`-th, counted
    back from the newest.
    """
    events = events_of(ledger, recipe.due_rules)
    labels = labels_of(events, everything=True)
    mask = passing(ledger, recipe.rows)[invoice_positions(ledger)]
    end = events.very_late_after
    dates = []
    for first in _firsts(ledger.history_starts + timedelta(days=history), ledger.complete_through):
        at = day(first)
        is_open = (events.issue < at) & (events.closed >= at)
        answered = is_open & (end <= day(ledger.complete_through))
        if is_open.sum() < FEWEST_OPEN or answered.sum() < ANSWERED * is_open.sum():
            continue
        if counted(events, labels, recipe.training_span(ledger, first), mask=mask).enough:
            dates.append(first)
    return tuple(dates[::-1][::months][::-1])


def _firsts(start: date, end: date) -> list[date]:
    """First days of the months from `start` to `end`."""
    month = start.year * 12 + start.month - (start.day == 1)
    last = end.year * 12 + end.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(month, last + 1)]
