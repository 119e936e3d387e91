"""How old is what is owed, how does it split over the buckets, and how fast does it turn into cash?"""

import numpy as np

from insights import portfolio
from insights.ledger.outcomes import DueRules
from insights.portfolio import AGES
from tests.spec.rule import EMPTY, Row, Rule, a_day, number, thousands
from tests.support.ledgers import START, ledger_of


def age(row: Row) -> tuple[str, ...]:
    calendar = "" if row["calendar"] == EMPTY else row["calendar"]
    ledger = ledger_of([{"issue_date": START, "due_date": a_day(row["due"]), "amount": 7}])
    (balance,) = portfolio.balances(ledger, a_day(row["as of"]), DueRules(grace_days=number(row["grace"]), calendar=calendar))
    return (AGES[balance.aged.index(7)],)


def split(row: Row) -> tuple[str, ...]:
    shares = np.array([[number(cell) for cell in row["on time, late, very late, %"].split(", ")]]) / 100
    parts = portfolio.split(np.array([number(row["outstanding"])]), shares)[0]
    return tuple(thousands(int(part)) for part in parts)


def speed(row: Row) -> tuple[str, ...]:
    opening, sales, closing, not_due, length = (number(row[name]) for name in ("opening", "sales", "closing", "not due", "days"))
    dso, best = portfolio.dso_of(closing, sales, length), portfolio.dso_of(not_due, sales, length)
    add = None if dso is None or best is None else dso - best
    cei = portfolio.cei_of(opening, sales, closing, not_due)
    return tuple(EMPTY if value is None else f"{value:.1f}" for value in (dso, best, add, cei))


RULES = (
    Rule(
        "Ageing",
        "The age of an open invoice counts from the last day on which it could be paid on time, so that grace and calendar move it as "
        "they move the outcome. On that day itself it is current.",
        ("age",),
        """
        | due | as of | grace | calendar | age |
        |---|---|---|---|---|
        | 2026-01-31 | 2026-01-15 | 0 | – | current |
        | 2026-01-31 | 2026-01-31 | 0 | – | current |
        | 2026-01-31 | 2026-02-01 | 0 | – | 1-30 |
        | 2026-01-31 | 2026-03-02 | 0 | – | 1-30 |
        | 2026-01-31 | 2026-03-03 | 0 | – | 31-60 |
        | 2026-01-31 | 2026-04-01 | 0 | – | 31-60 |
        | 2026-01-31 | 2026-04-02 | 0 | – | 61-90 |
        | 2026-01-31 | 2026-05-02 | 0 | – | 91-180 |
        | 2026-01-31 | 2026-07-30 | 0 | – | 91-180 |
        | 2026-01-31 | 2026-07-31 | 0 | – | over 180 |
        | 2026-01-31 | 2026-02-05 | 5 | – | current |
        | 2026-01-31 | 2026-02-06 | 5 | – | 1-30 |
        | Sat 2026-01-31 | 2026-02-02 | 0 | DE | current |
        | Sat 2026-01-31 | 2026-02-03 | 0 | DE | 1-30 |
        """,
        age,
    ),
    Rule(
        "An amount over the three buckets",
        "The outstanding amount times the three probabilities, in whole minor units: everything is rounded down, and what is left goes "
        "to the largest fractions, so that every row, and every total, sums to the cent.",
        ("on time", "late", "very late"),
        """
        | outstanding | on time, late, very late, % | on time | late | very late |
        |---|---|---|---|---|
        | 100 00 | 10, 50, 40 | 1 000 | 5 000 | 4 000 |
        | 1 000 00 | 50, 30, 20 | 50 000 | 30 000 | 20 000 |
        | 10 000 00 | 1, 4, 95 | 10 000 | 40 000 | 950 000 |
        | 1 | 20, 30, 50 | 0 | 0 | 1 |
        | 100 | 33, 33, 34 | 33 | 33 | 34 |
        | 7 | 0, 50, 50 | 0 | 4 | 3 |
        | 99 | 0, 0, 100 | 0 | 0 | 99 |
        """,
        split,
    ),
    Rule(
        "How fast sales turn into cash",
        "DSO = receivables ÷ sales of the period × its days; the best possible DSO is the same with what is not yet due, and ADD is what "
        "lies between. CEI = (opening + sales − closing) ÷ (opening + sales − not due) × 100. Without sales there is no DSO, which is "
        "shown as a dash and never as 0.",
        ("DSO", "best possible", "ADD", "CEI"),
        """
        | opening | sales | closing | not due | days | DSO | best possible | ADD | CEI |
        |---|---|---|---|---|---|---|---|---|
        | 400 | 1 000 | 500 | 300 | 90 | 45.0 | 27.0 | 18.0 | 81.8 |
        | 0 | 1 000 | 400 | 0 | 90 | 36.0 | 0.0 | 36.0 | 60.0 |
        | 0 | 1 000 | 1 000 | 1 000 | 30 | 30.0 | 30.0 | 0.0 | – |
        | 500 | 0 | 100 | 0 | 90 | – | – | – | 80.0 |
        | 0 | 0 | 0 | 0 | 90 | – | – | – | – |
        """,
        speed,
    ),
)
