"""How many invoices would a recipe learn from, and how did they end?"""

from dataclasses import dataclass
from datetime import date

from insights.features.events import Events, Labels, events_of, invoice_positions, labels_of
from insights.features.sampling import Mask, usable_first
from insights.ledger.ledger import Ledger
from insights.ledger.row_filters import passing
from insights.model.recipe import Recipe
from insights.model.training import FEWEST


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
    mask = passing(ledger, recipe.rows)[invoice_positions(ledger)]
    events = events_of(ledger, recipe.due_rules)
    return counted(events, labels_of(events, everything=True), recipe.training_span(ledger, as_of), mask=mask)


def counted(events: Events, labels: Labels, span: tuple[int, int], *, mask: Mask = True) -> Learnable:
    """The same of events, over the days of a training span (`Recipe.training_span`)."""
    usable = usable_first(events, labels, *span) & mask
    missed = usable & labels.missed_due
    very_late = missed & labels.very_late_known & labels.very_late & (events.very_late_after < span[1])
    late = int(missed.sum()) - int(very_late.sum())
    return Learnable(int(usable.sum()) - int(missed.sum()), late, int(very_late.sum()))
