"""What would each field of habit be, worked out slowly? Beside `oracle`, which has the rest.

A value that a customer has shown is drawn towards what is usual with the weight of four invoices, or of four days of payment.
"""

import math
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

from tests.support.oracle import DRAWN, ONE_DAY, Invoice, Question, Seen, Value, values

UPPER = (-14, -7, -3, -1, 0, 1, 2, 3, 5, 7, 10, 20)  # the last days late of the histogram's bins; one more is open
ENDS = (-30, 60)  # where the outermost bins are taken to end
RUNS = (
    "run_weekday_share",
    "run_due_weekday_share",
    "run_days_before_due",
    "run_days_after_due",
    "run_days_left",
    "usual_weekday_before_due",
    "usual_weekdays_left",
    "usual_weekday_ahead",
)


def every_value(ledger: list[Invoice], question: Question, very_late_days: int) -> dict[str, Value]:
    """Every computed field of an invoice as of a day."""
    found = values(ledger, question, very_late_days)
    return {**found, **habits(ledger, question, very_late_days, found["late_share"])}


def habits(ledger: list[Invoice], question: Question, very_late_days: int, late_share: Value) -> dict[str, Value]:
    """Every field of habit of an invoice as of a day; `late_share`: the customer's, as `oracle` has it."""
    seen = Seen(ledger, question, very_late_days)
    known = seen.first_answers(seen.customer)

    def same(value: Callable[[Invoice], object]) -> Value:
        alike = [i for i in known if value(i) == value(seen.own)]
        return None if late_share is None else (sum(map(seen.missed, alike)) + DRAWN * late_share) / (len(alike) + DRAWN)

    own = [(i.customer, i.paid, i.late_by) for i in seen.paid if i.paid]
    everyone = [(i.customer, i.paid, i.late_by) for i in ledger if i.complete and i.paid and i.paid < seen.at]
    return {
        "late_share_same_weekday": same(lambda i: i.due.weekday()),
        "late_share_same_weekend": same(lambda i: i.due.weekday() >= 5),
        "late_share_same_part_of_month": same(lambda i: min((i.due.day - 1) // 5, 5)),
        "late_share_same_terms": same(lambda i: (i.due - i.issue).days),
        "late_share_same_amount_band": same(lambda i: band(seen.size(i))),
        **_delays(_drawn([bin_of(late) for _, _, late in own], [bin_of(late) for _, _, late in everyone], len(UPPER) + 1)),
        **_runs(_weekdays(own, everyone), seen.own.due, seen.at),
    }


def band(thousandths: int) -> int:
    """Which two octaves of the usual amount: 0 from the usual to four times it; the last from 4 ** 9 times on."""
    exact = Fraction(thousandths, 1000)
    return max((k for k in range(-5, 10) if exact >= Fraction(4) ** k), default=-6)


def bin_of(late: int) -> int:
    return next((number for number, upper in enumerate(UPPER) if late <= upper), len(UPPER))


def _drawn(own: list[int], everyone: list[int], many: int) -> list[float]:
    """Shares by value, drawn towards everyone's; empty where nobody has any."""
    if not everyone:
        return []
    return [(own.count(v) + DRAWN * (everyone.count(v) / len(everyone))) / (len(own) + DRAWN) for v in range(many)]


def _weekdays(own: list[tuple[str, date, int]], everyone: list[tuple[str, date, int]]) -> list[float]:
    """Shares of the weekdays among days of payment, each counted once per customer however much was paid on it."""

    def weekdays(some: list[tuple[str, date, int]]) -> list[int]:
        return [paid.weekday() for _, paid in sorted({(customer, paid) for customer, paid, _ in some})]

    return _drawn(weekdays(own), weekdays(everyone), 7)


def _delays(shares: list[float]) -> dict[str, Value]:
    def between(first: int, last: int) -> Value:
        return sum(shares[bin_of(first) : bin_of(last) + 1]) if shares else None

    return {
        **{f"days_late_p{q}": _quantile(shares, q / 100) for q in (10, 25, 50, 75, 90)},
        "paid_week_early_share": between(-99, -7),
        "paid_just_before_due_share": between(-2, 0),
        "paid_on_due_date_share": between(0, 0),
        "paid_days_late_1_to_3_share": between(1, 3),
        "paid_days_late_4_to_10_share": between(4, 10),
    }


def _quantile(shares: list[float], wanted: float) -> Value:
    """As if each bin's share lay evenly on its days."""
    up_to, begin = 0.0, float(ENDS[0])
    for share, end in zip(shares, (*UPPER, ENDS[1]), strict=False):
        if up_to + share >= wanted - 1e-9:
            return begin + (end - begin) * (wanted - up_to) / share
        up_to, begin = up_to + share, end
    return None


def _runs(shares: list[float], due: date, at: date) -> dict[str, Value]:
    """Were there one day of payment a week, on each weekday with its share."""
    if not shares:
        return dict.fromkeys(RUNS)
    usual = shares.index(max(shares))
    left = [(at + timedelta(days=n)).weekday() for n in range((due - at).days + 1)]
    before = [(due - n * ONE_DAY).weekday() for n in range(7)]
    after = [(due + n * ONE_DAY).weekday() for n in range(7)]
    ahead = [(at + n * ONE_DAY).weekday() for n in range(7)]
    return {
        "run_weekday_share": max(shares),
        "run_due_weekday_share": shares[due.weekday()],
        "run_days_before_due": math.fsum(n * shares[weekday] for n, weekday in enumerate(before)),
        "run_days_after_due": math.fsum(n * shares[weekday] for n, weekday in enumerate(after)),
        "run_days_left": math.fsum(shares[weekday] for weekday in left),
        "usual_weekday_before_due": before.index(usual),
        "usual_weekdays_left": left.count(usual),
        "usual_weekday_ahead": ahead.index(usual),
    }
