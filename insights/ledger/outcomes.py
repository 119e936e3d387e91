"""When does an invoice count as on time, late or very late, and since when is that known?

    issue ........ due .... due_by ............ very_late_after ........
            paid up to here: on time | up to here: late | after: very late

As of a day strictly after either, whether it was missed is known, paid or not.
"""

from dataclasses import dataclass

import numpy as np

from insights.ledger.ledger import NEVER

ON_TIME, LATE, VERY_LATE = 0, 1, 2
BUCKETS = ("on_time", "late", "very_late")


@dataclass(frozen=True)
class DueRules:
    """When on time ends and very late begins. `grace_days` after the due date is on time; `very_late_days` more is late.

    `calendar` is a country code of the `holidays` library ("" = every day counts): the last day on time rolls forward to
    the next business day. A write-off was never paid, so it is very late, unless such invoices are left out: as of a day
    after it nobody learns from the invoice, and no prediction is judged by it. The customer's past counts it all the same.
    """

    very_late_days: int = 30
    grace_days: int = 0
    calendar: str = ""
    leave_out_write_offs: bool = False

    def due_by(self, due: np.ndarray) -> np.ndarray:
        """Last day on time (int32 days) of due days (int32 days since 1970-01-01)."""
        last = due.astype(np.int32) + np.int32(self.grace_days)
        return roll(last, self.calendar) if self.calendar else last

    def very_late_after(self, due: np.ndarray) -> np.ndarray:
        """Last day on which being paid is late, not yet very late (int32 days), of due days."""
        return self.due_by(due) + np.int32(self.very_late_days)

    def bucket(self, due: np.ndarray, paid: np.ndarray) -> np.ndarray:
        """ON_TIME, LATE or VERY_LATE (int8) of invoices paid on `paid`; NEVER counts as very late."""
        return (paid > self.due_by(due)).astype(np.int8) + (paid > self.very_late_after(due))


def bucket_probabilities(
    on_time: np.ndarray, very_late_if_missed: np.ndarray, days_past_due_by: np.ndarray, very_late_days: int
) -> np.ndarray:
    """float64[n, 3] on time, late, very late, from P(on time) and P(very late | not on time).

    As of a day after `due_by` on time is impossible, after `very_late_after` very late is certain.
    """
    first = np.where(days_past_due_by > 0, 0.0, on_time)
    very_late = (1 - first) * np.where(days_past_due_by > very_late_days, 1.0, very_late_if_missed)
    return np.column_stack([first, 1 - first - very_late, very_late])


def roll(days: np.ndarray, calendar: str) -> np.ndarray:
    """Days moved forward to the next business day of a country's calendar."""
    dates = days.astype("datetime64[D]")
    return np.busday_offset(dates, 0, roll="forward", holidays=free_days(calendar, dates)).astype(np.int32)


def free_days(calendar: str, dates: np.ndarray) -> np.ndarray:
    """The holidays (datetime64[D]) of a country's calendar in the years of some dates and the next; none for ""."""
    if not calendar or not len(dates):
        return np.array([], "datetime64[D]")
    import holidays

    first, last = (int(year.astype("datetime64[Y]").astype(int)) + 1970 for year in (dates.min(), dates.max()))
    return np.array(sorted(holidays.country_holidays(calendar, years=range(first, last + 2))), dtype="datetime64[D]")


def calendars() -> tuple[str, ...]:
    """The country codes that `roll` knows, in alphabetical order."""
    import holidays

    return tuple(sorted(holidays.list_supported_countries()))


__all__ = ["BUCKETS", "LATE", "NEVER", "ON_TIME", "VERY_LATE", "DueRules", "bucket_probabilities", "calendars", "roll"]
