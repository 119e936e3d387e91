"""What would each computed field be, worked out slowly: one invoice, one day, plain lists and dates?

Written from the meaning of the fields (`insights/messages/fields.py`), in the order of `catalog.FIELDS`, and sharing
no code with `insights.features`. `None` stands for "unknown". Where the meaning leaves a choice, it is said here.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median_low, pstdev

Value = float | None

DRAWN = 4  # a customer's share is drawn towards the ledger's as if it had so many more invoices at the ledger's share
CLOSE = (0, 1, 2, 3, 5, 7, 10, 14, 20, 30, 45, 60)  # "still open this close to the line", rounded up to one of these
LONG = (0.0, 0.1, 0.25, 0.5, 0.75)  # "still open this long", rounded down to one of these shares of the very-late days
ONE_DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Invoice:
    """One invoice as a ledger has it, and where its on-time line lies."""

    customer: str
    issue: date
    due: date
    due_by: date
    left: date | None  # the day on which it left the book; None: open at export
    how: str  # "payment", "credit", "write_off" or "unknown"
    amount: int  # minor units
    currency: str
    complete: bool  # issued since the history starts

    @property
    def paid(self) -> date | None:
        return self.left if self.how in {"payment", "unknown"} else None

    @property
    def credited(self) -> date | None:
        return self.left if self.how == "credit" else None

    @property
    def late_by(self) -> int:
        """Days late of a paid one; below zero: early."""
        assert self.paid is not None
        return (self.paid - self.due_by).days

    def left_before(self, day: date) -> bool:
        return self.left is not None and self.left < day

    def open_on(self, day: date) -> bool:
        """Whether it was open as of a day: issued before it, and not gone before it."""
        return self.issue < day and not self.left_before(day)

    def unpaid_until(self, day: date) -> bool:
        """Whether it was neither paid nor credited up to the end of a day; a write-off is no payment."""
        gone = self.paid or self.credited
        return gone is None or gone > day

    def answers(self, line: date, at: date) -> bool:
        """Whether it is known as of a day that a line was met or missed: the line is past, no credit came before."""
        return self.complete and line < at and not (self.credited is not None and self.credited <= line)


@dataclass(frozen=True)
class Question:
    """Of which invoice, as of which day? `in_ledger`: it is one of the ledger's own, not a draft beside it."""

    invoice: Invoice
    at: date
    in_ledger: bool


def values(ledger: list[Invoice], question: Question, very_late_days: int) -> dict[str, Value]:
    """Every computed field of an invoice as of a day but its customer's habits, which are in `oracle_habits`."""
    seen = Seen(ledger, question, very_late_days)
    return {
        **_invoice(seen),
        **_calendar(question.invoice.due),
        **_settled(seen),
        **_punctuality(seen),
        **_very_late(seen),
        **_today(seen),
        **_everyone(seen),
    }


class Seen:
    """What can be seen of the ledger as of the question's day."""

    def __init__(self, ledger: list[Invoice], question: Question, very_late_days: int) -> None:
        self.own, self.at, self.span = question.invoice, question.at, timedelta(days=very_late_days)
        self.everyone = ledger
        self.customer = [i for i in ledger if i.customer == self.own.customer]
        self.issued = [i for i in self.customer if i.issue < self.at]
        self.others = list(self.issued)
        if question.in_ledger and self.own in self.others:
            self.others.remove(self.own)
        paid = [i for i in self.customer if i.complete and i.paid and i.paid < self.at]
        self.paid = sorted(paid, key=lambda i: (i.paid, i.due_by))  # of one day's payments, the later line counts as later
        self.in_ledger = question.in_ledger

    def ago(self, days: int) -> date:
        return self.at - timedelta(days=days)

    def paid_since(self, days: int) -> list[Invoice]:
        return [i for i in self.paid if i.paid and i.paid >= self.ago(days)]

    def usual_amount(self, currency: str, issue: date) -> float | None:
        """The median amount of a currency as of the issue date, to 1/16 of an octave, anew every 28 days."""
        first = min((i.issue for i in self.everyone), default=issue)
        block = first + timedelta(days=(issue - first).days // 28 * 28)
        before = [i.amount for i in self.everyone if i.currency == currency and i.issue < block]
        if not before:
            return None
        return float(2 ** ((math.floor(math.log2(median_low(before)) * 16) + 0.5) / 16))

    def times(self, invoice: Invoice) -> float | None:
        """An amount as a multiple of the usual of its currency."""
        usual = self.usual_amount(invoice.currency, invoice.issue)
        return None if usual is None else invoice.amount / usual

    def size(self, invoice: Invoice) -> int:
        """The same in whole thousandths, an unknown one taken as usual: what sums are made of."""
        times = self.times(invoice)
        return 1000 if times is None else int(min(times * 1000, 2**40))

    def first_answers(self, invoices: list[Invoice]) -> list[Invoice]:
        """Those of which it is known whether the on-time line was met."""
        return [i for i in invoices if i.answers(i.due_by, self.at)]

    def second_answers(self, invoices: list[Invoice]) -> list[Invoice]:
        return [i for i in invoices if i.answers(i.due_by + self.span, self.at)]

    def missed(self, invoice: Invoice) -> bool:
        return invoice.unpaid_until(invoice.due_by)

    def very_late(self, invoice: Invoice) -> bool:
        return invoice.unpaid_until(invoice.due_by + self.span)


def _mean(numbers: list[int]) -> Value:
    return fmean(numbers) if numbers else None


def _log_times(part: Value, whole: Value) -> Value:
    return math.log2(part / whole) if part and whole else None


def _share(true: Callable[[Invoice], bool], invoices: list[Invoice]) -> Value:
    return fmean(true(i) for i in invoices) if invoices else None


def _drawn(true: Callable[[Invoice], bool], own: list[Invoice], everyone: list[Invoice]) -> Value:
    """The share of the customer's invoices, drawn towards that of all; unknown where nobody has any."""
    overall = _share(true, everyone)
    return None if overall is None else (sum(map(true, own)) + DRAWN * overall) / (len(own) + DRAWN)


def _invoice(seen: Seen) -> dict[str, Value]:
    own, at = seen.own, seen.at
    times = seen.times(own)
    paid, issued = [seen.size(i) for i in seen.paid], [seen.size(i) for i in seen.others]
    return {
        "amount": None if times is None else math.log2(max(times, 1e-6)),
        "amount_to_usual": _log_times(times, fmean(issued) / 1000 if issued else None),
        "paid_amount_ratio": _log_times(times, fmean(paid) / 1000 if paid else None),
        "terms_days": (own.due - own.issue).days,
        "days_since_issue": (at - own.issue).days,
        "days_to_due": (own.due - at).days,
        "workdays_to_due": _workdays(own.due, at),
    }


def _workdays(due: date, at: date) -> int:
    """Mondays to Fridays from the as-of day to the due date, both included; overdue: less those from the second day on."""
    if at <= due:
        return sum((at + n * ONE_DAY).weekday() < 5 for n in range((due - at).days + 1))
    return -sum((due + n * ONE_DAY).weekday() < 5 for n in range(2, (at - due).days + 1))


def _calendar(due: date) -> dict[str, Value]:
    next_month = date(due.year + due.month // 12, due.month % 12 + 1, 1)
    return {
        "due_weekday": due.weekday(),
        "due_day_of_month": due.day,
        "due_days_to_month_end": (next_month - due).days - 1,
        "due_on_weekend": due.weekday() >= 5,
        "due_month": due.month,
    }


def _settled(seen: Seen) -> dict[str, Value]:
    """How the customer paid what it has paid."""
    days = [i.late_by for i in seen.paid]
    lately = [i.late_by for i in seen.paid_since(60)]
    by_amount = [(seen.size(i), i.late_by > 0) for i in seen.paid]
    total = sum(size for size, _ in by_amount)
    change = fmean(lately) - fmean(days) if lately else None
    return {
        "days_late_mean": _mean(days),
        "days_late_spread": pstdev(days) if len(days) > 1 else None,
        "days_late_decayed": _decayed(seen),
        "delay_mean": _mean([max(d, 0) for d in days]),
        "late_share_by_amount": sum(size for size, late in by_amount if late) / total if total else None,
        "days_late_last_5": _mean(days[-5:]),
        "days_late_last_3": _mean(days[-3:]),
        "days_late_60": _mean(lately),
        "days_late_365": _mean([i.late_by for i in seen.paid_since(365)]),
        "days_late_change": change,
        "late_last_5": _mean([d > 0 for d in days[-5:]]),
        "paid_count": len(days),
        "paid_count_365": len(seen.paid_since(365)),
        "paid_count_14": len(seen.paid_since(14)),
        "days_since_payment": (seen.at - max(i.paid for i in seen.paid if i.paid)).days if days else None,
        "overtaken_days": _overtaken(seen),
    }


def _decayed(seen: Seen) -> Value:
    """Weight 8 within 60 days, 4 within 180, 2 within 365, 1 before."""
    weighted = [(_weight((seen.at - i.paid).days), i.late_by) for i in seen.paid if i.paid]
    total = sum(weight for weight, _ in weighted)
    return sum(weight * days for weight, days in weighted) / total if total else None


def _weight(days_ago: int) -> int:
    return next((weight for days, weight in ((60, 8), (180, 4), (365, 2)) if days_ago <= days), 1)


def _overtaken(seen: Seen) -> Value:
    if not seen.paid:
        return None
    ahead = (max(i.due_by for i in seen.paid) - seen.own.due_by).days
    return max(-400, min(400, ahead))


def _punctuality(seen: Seen) -> dict[str, Value]:
    """The customer's shares of on-time lines missed, of all those past, paid or not."""
    own, everyone = seen.first_answers(seen.customer), seen.first_answers(seen.everyone)
    left = max((seen.own.due_by - seen.at).days, 0)
    close = timedelta(days=next((c for c in CLOSE if c >= left), CLOSE[-1]))

    def survived(invoices: list[Invoice]) -> list[Invoice]:
        return [i for i in invoices if i.unpaid_until(i.due_by - close - ONE_DAY)]

    return {
        "resolved_count": len(own),
        "late_share": _drawn(seen.missed, own, everyone),
        "late_share_90": _drawn(seen.missed, [i for i in own if i.due_by >= seen.ago(90)], everyone),
        "late_share_365": _drawn(seen.missed, [i for i in own if i.due_by >= seen.ago(365)], everyone),
        "late_if_still_open": _drawn(seen.missed, survived(own), survived(everyone)),
    }


def _very_late(seen: Seen) -> dict[str, Value]:
    """The customer's shares of very-late lines missed, of all those past."""
    own, everyone = seen.second_answers(seen.customer), seen.second_answers(seen.everyone)
    past = max((seen.at - seen.own.due_by).days - 1, 0)
    steps = [math.floor(share * seen.span.days) for share in LONG]
    long = timedelta(days=max(step for step in steps if step <= past))

    def survived(invoices: list[Invoice]) -> list[Invoice]:
        return [i for i in invoices if i.unpaid_until(i.due_by + long)]

    return {
        "very_late_share": _drawn(seen.very_late, own, everyone),
        "very_late_if_still_open": _drawn(seen.very_late, survived(own), survived(everyone)),
    }


def _today(seen: Seen) -> dict[str, Value]:
    """What the customer owes on the day, and how it has been buying. "Other" leaves out the invoice itself."""
    others_open = [i for i in seen.others if i.open_on(seen.at)]
    others_overdue = [i for i in others_open if i.due_by < seen.at]
    overdue = [i for i in seen.issued if i.open_on(seen.at) and i.due_by < seen.at]
    return {
        "issued_count": len(seen.others),
        "issued_count_30": sum(i.issue >= seen.ago(30) for i in seen.issued),
        "customer_days": (seen.at - min(i.issue for i in seen.issued)).days if seen.issued else 0,
        "open_count": len(others_open),
        "open_amount": math.log2(1 + sum(map(seen.size, others_open)) / 1000),
        "overdue_count": len(others_overdue),
        "overdue_amount": math.log2(1 + sum(map(seen.size, others_overdue)) / 1000),
        "oldest_overdue_days": max(((seen.at - i.due_by).days for i in overdue), default=0),
        "due_together_open": sum(i.due_by == seen.own.due_by for i in others_open),
        "due_together_settled": sum(i.due_by == seen.own.due_by for i in seen.others if i.left_before(seen.at)),
    }


def _everyone(seen: Seen) -> dict[str, Value]:
    """The whole ledger's shares by the day of the line."""
    first, second = seen.first_answers(seen.everyone), seen.second_answers(seen.everyone)
    return {
        "ledger_late_30": _share(seen.missed, [i for i in first if i.due_by >= seen.ago(30)]),
        "ledger_late_90": _share(seen.missed, [i for i in first if i.due_by >= seen.ago(90)]),
        "ledger_very_late_90": _share(seen.very_late, [i for i in second if i.due_by + seen.span >= seen.ago(90)]),
    }


def share_of_alike(ledger: list[Invoice], alike: list[Invoice], at: date) -> Value:
    """Share late of the invoices with the same value in a text column, drawn towards all with the weight of 20 invoices."""
    everyone = [i for i in ledger if i.answers(i.due_by, at)]
    own = [i for i in alike if i.answers(i.due_by, at)]
    overall = _share(lambda i: i.unpaid_until(i.due_by), everyone)
    return None if overall is None else (sum(i.unpaid_until(i.due_by) for i in own) + 20 * overall) / (len(own) + 20)
