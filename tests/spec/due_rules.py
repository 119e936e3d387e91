"""When is an invoice paid on time, late or very late, and when is it overdue?"""

import numpy as np

from insights.ledger import ledger as ledgers
from insights.ledger.ledger import NEVER, as_date
from insights.ledger.ledger import day as day_number
from insights.ledger.outcomes import BUCKETS, DueRules
from tests.spec.rule import EMPTY, Row, Rule, a_day, day, number, with_weekday, yes
from tests.support.ledgers import ledger_of


def lines_of(row: Row) -> DueRules:
    return DueRules(
        very_late_days=number(row.get("very late after", "30")),
        grace_days=number(row.get("grace", EMPTY)),
        calendar="" if row.get("calendar", EMPTY) == EMPTY else row["calendar"],
    )


def bucket(row: Row) -> tuple[str, ...]:
    lines, due = lines_of(row), np.array([day_number(a_day(row["due"]))], np.int32)
    paid = day(row["paid"])
    at = np.array([day_number(paid) if paid else NEVER], np.int32)
    named = BUCKETS[int(lines.bucket(due, at)[0])].replace("_", " ")
    return with_weekday(as_date(lines.due_by(due)[0])), with_weekday(as_date(lines.very_late_after(due)[0])), named


def known(row: Row) -> tuple[str, ...]:
    as_of = a_day(row["as of"])
    ledger = ledger_of([{"issue_date": a_day(row["issued"]), "due_date": a_day(row["due"]), "paid_date": day(row["paid"])}])
    opened = ledgers.open_invoices(ledger, as_of)
    if not len(opened):
        return "no", EMPTY, EMPTY
    late = opened["days_past_due"][0].as_py()
    return "yes", str(late).replace("-", "−"), yes(late > 0)


RULES = (
    Rule(
        "On time, late, very late",
        "An invoice may be paid until its due date, plus the days of grace, moved to the next business day where a calendar is "
        "chosen (grace first, then the move). Paid on that last day is on time. The days of *very late after* count from there. "
        "Never paid is very late.",
        ("on time until", "late until", "outcome"),
        """
        | due | grace | very late after | calendar | paid | on time until | late until | outcome |
        |---|---|---|---|---|---|---|---|
        | Fri 2026-03-06 | 0 | 30 | – | 2026-02-20 | Fri 2026-03-06 | Sun 2026-04-05 | on time |
        | Fri 2026-03-06 | 0 | 30 | – | 2026-03-06 | Fri 2026-03-06 | Sun 2026-04-05 | on time |
        | Fri 2026-03-06 | 0 | 30 | – | 2026-03-07 | Fri 2026-03-06 | Sun 2026-04-05 | late |
        | Fri 2026-03-06 | 0 | 30 | – | 2026-04-05 | Fri 2026-03-06 | Sun 2026-04-05 | late |
        | Fri 2026-03-06 | 0 | 30 | – | 2026-04-06 | Fri 2026-03-06 | Sun 2026-04-05 | very late |
        | Fri 2026-03-06 | 0 | 30 | – | – | Fri 2026-03-06 | Sun 2026-04-05 | very late |
        | Fri 2026-03-06 | 0 | 10 | – | 2026-03-17 | Fri 2026-03-06 | Mon 2026-03-16 | very late |
        | Fri 2026-03-06 | 3 | 10 | – | 2026-03-09 | Mon 2026-03-09 | Thu 2026-03-19 | on time |
        | Fri 2026-03-06 | 3 | 10 | – | 2026-03-10 | Mon 2026-03-09 | Thu 2026-03-19 | late |
        | Sat 2026-03-07 | 0 | 30 | – | 2026-03-09 | Sat 2026-03-07 | Mon 2026-04-06 | late |
        | Sat 2026-03-07 | 0 | 30 | DE | 2026-03-09 | Mon 2026-03-09 | Wed 2026-04-08 | on time |
        | Fri 2026-03-06 | 1 | 30 | DE | 2026-03-09 | Mon 2026-03-09 | Wed 2026-04-08 | on time |
        | Fri 2026-04-03 | 0 | 30 | DE | 2026-04-07 | Tue 2026-04-07 | Thu 2026-05-07 | on time |
        | Thu 2025-12-25 | 0 | 30 | DE | 2025-12-29 | Mon 2025-12-29 | Wed 2026-01-28 | on time |
        """,
        bucket,
    ),
    Rule(
        "What is open as of a day",
        "As of a day, what counts is what was known strictly before it: an invoice issued on that day is not in the ledger yet, a "
        "payment on that day has not happened yet, and an invoice due on that day can still be on time. (No grace, no calendar.)",
        ("open", "days past due", "overdue"),
        """
        | issued | due | paid | as of | open | days past due | overdue |
        |---|---|---|---|---|---|---|
        | 2026-01-01 | 2026-01-31 | – | 2026-01-01 | no | – | – |
        | 2026-01-01 | 2026-01-31 | – | 2026-01-02 | yes | −29 | no |
        | 2026-01-01 | 2026-01-31 | – | 2026-01-31 | yes | 0 | no |
        | 2026-01-01 | 2026-01-31 | – | 2026-02-01 | yes | 1 | yes |
        | 2026-01-01 | 2026-01-31 | 2026-02-10 | 2026-02-10 | yes | 10 | yes |
        | 2026-01-01 | 2026-01-31 | 2026-02-10 | 2026-02-11 | no | – | – |
        | 2026-01-01 | 2026-01-31 | 2026-01-01 | 2026-01-02 | no | – | – |
        """,
        known,
    ),
)
