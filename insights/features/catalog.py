"""Which fields may a model use, what kind is each, and how do the ledger's own columns become numbers?"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import FURTHER, NEVER, Ledger, days

ALWAYS_KNOWN = ("company", "currency", "terms")  # columns of SCHEMA that are known at issue by their nature


@dataclass(frozen=True)
class ModelField:
    """One input of a model. `group`: invoice, past, habit, present, ledger, calendar or own; `theme`: what reasons call it."""

    name: str
    group: str
    theme: str


_GROUPS: Final = {
    ("invoice", "amount"): ("amount", "amount_to_usual", "paid_amount_ratio"),
    ("invoice", "terms"): ("terms_days",),
    ("invoice", "age"): ("days_since_issue", "days_to_due", "workdays_to_due"),
    ("calendar", "calendar"): (
        "due_weekday",
        "due_day_of_month",
        "due_days_to_month_end",
        "due_on_weekend",
        "due_month",
    ),
    ("past", "punctuality"): (
        "days_late_mean",
        "days_late_spread",
        "days_late_decayed",
        "delay_mean",
        "late_share",
        "late_share_365",
        "late_if_still_open",
        "late_share_by_amount",
    ),
    ("past", "recent"): (
        "days_late_last_5",
        "days_late_last_3",
        "days_late_60",
        "days_late_365",
        "days_late_change",
        "late_last_5",
        "late_share_90",
    ),
    ("past", "very_late_past"): ("very_late_share", "very_late_if_still_open"),
    ("past", "relationship"): (
        "paid_count",
        "paid_count_365",
        "resolved_count",
        "issued_count",
        "customer_days",
    ),
    ("present", "overdue_now"): ("overdue_count", "overdue_amount", "oldest_overdue_days"),
    ("present", "open_now"): ("open_count", "open_amount", "issued_count_30"),
    ("present", "payment_rhythm"): ("days_since_payment", "paid_count_14", "overtaken_days"),
    ("present", "due_together"): ("due_together_open", "due_together_settled"),
    ("habit", "alike"): (
        "late_share_same_weekday",
        "late_share_same_weekend",
        "late_share_same_part_of_month",
        "late_share_same_terms",
        "late_share_same_amount_band",
    ),
    ("habit", "usual_delay"): (
        "days_late_p10",
        "days_late_p25",
        "days_late_p50",
        "days_late_p75",
        "days_late_p90",
        "paid_week_early_share",
        "paid_just_before_due_share",
        "paid_on_due_date_share",
        "paid_days_late_1_to_3_share",
        "paid_days_late_4_to_10_share",
    ),
    ("habit", "payment_runs"): (
        "run_weekday_share",
        "run_due_weekday_share",
        "run_days_before_due",
        "run_days_after_due",
        "run_days_left",
        "usual_weekday_before_due",
        "usual_weekdays_left",
        "usual_weekday_ahead",
    ),
    ("ledger", "everyone"): ("ledger_late_30", "ledger_late_90", "ledger_very_late_90"),
}
FIELDS: Final = {name: ModelField(name, *key) for key, names in _GROUPS.items() for name in names}


def own(name: str) -> ModelField:
    """The field of one of the ledger's own columns."""
    return ModelField(name, "own", "terms" if name == "terms" else "own")


def field(name: str) -> ModelField:
    """The field of that name, whether computed or the ledger's own."""
    return FIELDS.get(name) or own(name)


def allowed(ledger: Ledger) -> tuple[str, ...]:
    """The fields that a model of this ledger may use: the computed ones, and own columns known at issue."""
    names = [*ALWAYS_KNOWN, *(FURTHER + name for name in ledger.known_at_issue if name != "disputed")]
    if "disputed" in ledger.known_at_issue:
        names.append("disputed")
    return (*FIELDS, *(name for name in names if name in ledger.invoices.column_names))


def candidates(ledger: Ledger, as_of: date | None = None) -> tuple[str, ...]:
    """Those of them that say something: own columns must vary among what was issued before `as_of` (None: ever)."""
    table = ledger.invoices
    if as_of is not None:
        table = table.filter(pc.less(table["issue_date"], pa.scalar(as_of, pa.date32())))
    return tuple(name for name in allowed(ledger) if name in FIELDS or pc.count_distinct(table[name], mode="all").as_py() > 1)


def usual(ledger: Ledger, as_of: date | None = None) -> tuple[str, ...]:
    """The candidates that a recipe uses unless it chooses: all but those that tell past days apart (docs/decisions)."""
    return tuple(name for name in candidates(ledger, as_of) if field(name).group != "ledger")


def is_text(table: pa.Table, name: str) -> bool:
    """Whether an own column holds values to tell apart rather than numbers or dates to compare."""
    return not (pa.types.is_floating(table[name].type) or pa.types.is_date(table[name].type))


def own_number(table: pa.Table, name: str) -> npt.NDArray[np.float32]:
    """An own column of numbers, or of dates as days before the issue date; NaN where empty."""
    column = table[name]
    if pa.types.is_date(column.type):
        when, issue = days(column), days(table["issue_date"])
        return np.where(when == NEVER, np.nan, issue - when).astype(np.float32)
    return np.asarray(column.to_numpy(), np.float32)
