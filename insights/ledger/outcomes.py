"""When does an invoice count as on time, late or very late, and since when is that known?

    issue ........ due .. on-time line ........ very-late line ........
                  paid up to here: on time | up to here: late | after: very late

As of a day strictly after a line, whether that line was missed is known, paid or not.
"""

from dataclasses import dataclass

import numpy as np

from insights.ledger.ledger import NEVER

ON_TIME, LATE, VERY_LATE = 0, 1, 2
BUCKETS = ("on_time", "late", "very_late")


@dataclass(frozen=True)
class Lines:
    """Where the two lines lie. `grace_days` after the due date is on time; `very_late_days` more is late.

    `calendar` is a country code of the `holidays` library ("" = every day counts): the on-time line rolls forward to the
    next business day. A write-off was never paid, so it is very late, unless such invoices are left out: as of a day
    after it nobody learns from the invoice, and no prediction is judged by it. The customer's past counts it all the same.
    """

    very_late_days: int = 30
    grace_days: int = 0
    calendar: str = ""
    leave_out_write_offs: bool = False

    def on_time(self, due: np.ndarray) -> np.ndarray:
        """On-time line (int32 days) of due days (int32 days since 1970-01-01)."""
        line = due.astype(np.int32) + np.int32(self.grace_days)
        return roll(line, self.calendar) if self.calendar else line

    def very_late(self, due: np.ndarray) -> np.ndarray:
        """Very-late line (int32 days) of due days."""
        return self.on_time(due) + np.int32(self.very_late_days)

    def bucket(self, due: np.ndarray, paid: np.ndarray) -> np.ndarray:
        """ON_TIME, LATE or VERY_LATE (int8) of invoices paid on `paid`; NEVER counts as very late."""
        return (paid > self.on_time(due)).astype(np.int8) + (paid > self.very_late(due))


def roll(line: np.ndarray, calendar: str) -> np.ndarray:
    """Days moved forward to the next business day of a country's calendar."""
    dates = line.astype("datetime64[D]")
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


__all__ = ["BUCKETS", "LATE", "NEVER", "ON_TIME", "VERY_LATE", "Lines", "calendars", "roll"]
