"""What is a model made from, apart from the ledger?"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from insights.ledger.ledger import Ledger, day
from insights.ledger.outcomes import DueRules


@dataclass(frozen=True)
class Recipe:
    """What a model is made from, apart from the ledger: fields (None = all candidates), rows, lines and seed."""

    DEFAULT_SPAN: ClassVar = timedelta(days=730)  # of training: eight quarters

    fields: tuple[str, ...] | None = None
    very_late_days: int = 30
    grace_days: int = 0
    calendar: str = ""
    training_start: date | None = None  # None: DEFAULT_SPAN before the training date
    seed: int = 0
    rows: tuple[str, ...] = ()  # filters: which invoices to learn from, see `filters`
    leave_out_write_offs: bool = False  # else they count as very late

    @property
    def due_rules(self) -> DueRules:
        return DueRules(self.very_late_days, self.grace_days, self.calendar, self.leave_out_write_offs)

    def training_span(self, ledger: Ledger, as_of: date) -> tuple[int, int]:
        """The days from which a model trained as of a date learns: the first, and the first no more."""
        start = max(day(self.training_start or as_of - self.DEFAULT_SPAN), day(ledger.history_starts) + 1)
        return start, day(as_of)

    def to_json(self) -> dict[str, Any]:
        start = self.training_start
        return asdict(self) | {
            "fields": None if self.fields is None else list(self.fields),
            "training_start": start.isoformat() if start else None,
            "rows": list(self.rows),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Recipe":
        start, chosen = values.get("training_start"), values.get("fields")
        return cls(
            **values
            | {
                "fields": None if chosen is None else tuple(chosen),
                "training_start": date.fromisoformat(start) if start else None,
                "rows": tuple(values.get("rows") or ()),
            }
        )
