"""How many invoices would a recipe learn from, and how did they end?"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from insights.events import events_of, invoice_positions, learned_from, resolved
from insights.filters import passing
from insights.ledger import Ledger, day
from insights.model import Recipe
from insights.training import FEWEST, QUARTERS


@dataclass(frozen=True)
class Learnable:
    """Invoices by how they ended, as far as that was known before the training date; late may still become very late."""

    on_time: int
    late: int
    very_late: int

    @property
    def total(self) -> int:
        return self.on_time + self.late + self.very_late

    @property
    def enough(self) -> bool:
        """Whether training would not be refused for their number, or for all having ended alike."""
        return self.total >= FEWEST and 0 < self.on_time < self.total


def learnable(ledger: Ledger, as_of: date, recipe: Recipe) -> Learnable:
    """The invoices that a training as of a date could use. Raises Refused for a filter that cannot be applied."""
    events, at = events_of(ledger, recipe.lines), day(as_of)
    start = max(day(recipe.training_start or as_of - QUARTERS), day(ledger.history_starts) + 1)
    answers = resolved(events, everything=True)
    among = passing(ledger, recipe.rows)[invoice_positions(ledger)]
    usable = answers.first & among & learned_from(events, at) & (events.line < at) & (events.line >= start)
    missed = usable & answers.missed
    very_late = missed & answers.second & answers.very_late & (events.line + np.int32(recipe.very_late_days) < at)
    late = int(missed.sum()) - int(very_late.sum())
    return Learnable(int(usable.sum()) - int(missed.sum()), late, int(very_late.sum()))
