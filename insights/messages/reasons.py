"""How is a reason, a warning or a model's grade said in a sentence?"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

from insights.messages.fields import field
from insights.messages.plurals import noun

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def reason(because: Mapping[str, Any], due: date | None = None) -> str:
    """A sentence with the value, the direction and the size: "paid 3 of the last 5 invoices late: -18 points".

    `due`: the due date of the invoice that it is a reason of, so that weekdays can be called by their names.
    """
    if because["theme"] == "overdue":
        past = int(float(because["value"]))
        return f"overdue {past} day{'s' * (past != 1)}: can no longer be on time"
    if because["theme"] == "average":
        return "nothing in particular speaks against it"
    return f"{value_in_words(because['field'], because['value'], due)}: {points(because['effect'], because['of'])}"


def already(days_past_due: int, *, very_late: bool) -> str:
    """Of an overdue invoice of which nothing else is to be said: what it is by now."""
    return f"{plural(days_past_due, 'day')} past due: {'very late' if very_late else 'late'} already"


def date_of_late(own: int, own_days: int | None, all_days: int) -> str:
    """On what the expected date of an overdue invoice rests while it is not very late."""
    everybody = f"of all customers' late invoices half come {within(all_days)}"
    if own_days is None:
        return f"no late invoice of this customer has come before it was very late; {everybody}"
    half = "it came" if own == 1 else "half came"
    return f"of {plural(own, 'late invoice')} that this customer has paid {half} {within(own_days)}; {everybody}"


def within(days: int) -> str:
    return f"within {plural(days, 'day')} after the last day on time"


def date_of_very_late(soon: float, days: int, *, already: bool) -> str:
    """On what it rests after that."""
    which, begin = ("are unpaid for so long", "next") if already else ("become very late", "first")
    return f"of all customers' invoices that {which} about {percent(soon)} are paid in the {begin} {plural(days, 'day')}"


def points(effect: float, of: str) -> str:
    """A signed number of percentage points on a probability."""
    size = f"{effect:+.0f}" if abs(effect) >= 1 else f"{effect:+.1f}"
    size = size.replace("-", "\N{MINUS SIGN}")
    unit = "points" if of == "on_time" else "points to very late"
    return f"{size} {unit}"


def value_in_words(name: str, value: str, due: date | None = None) -> str:
    """What a field says, in words; of an invoice whose due date is given."""
    if not value:
        return MISSING.get(name, f"{field(name)} unknown")
    if due and name in SAID_OF_DUE:
        return SAID_OF_DUE[name](float(value), due)
    if name in SAID:
        return SAID[name](float(value))
    return f"{field(name)}: {value}"


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def times(power: float) -> str:
    ratio = 2.0**power
    if ratio < 0.1:
        return "less than a tenth of"
    return f"{ratio:.0f} times" if ratio >= 10 else f"{ratio:.1f} times"


def late_of_last(share: float) -> str:
    """Of up to five payments; a share tells their number only where it cannot be reduced."""
    late = Fraction(share).limit_denominator(5)
    words = {Fraction(0): "none", Fraction(1, 2): "half", Fraction(1): "all"}
    if late in words:
        return f"paid {words[late]} of the last invoices late"
    return f"paid {late.numerator} of the last {late.denominator} invoices late"


def plural(number: float, singular: str, many: str = "") -> str:
    count = round(number)
    return f"{count:,} {noun(count, singular, many)}".replace(",", "\N{NO-BREAK SPACE}")


def lateness(days: float) -> str:
    if abs(days) < 0.5:
        return "on the due date"
    return plural(abs(days), "day") + (" late" if days > 0 else " early")


def span(days: float) -> str:
    """Days, months or years: what one would say of so long a time."""
    if days < 60:
        return plural(days, "day")
    return plural(days / 30.44, "month") if days < 730 else f"{days / 365.25:.0f} years"


def by_day(days: float) -> str:
    """The same where something is later than that: `3 days after the due date`."""
    if abs(days) < 0.5:
        return "the due date"
    return f"{plural(abs(days), 'day')} {'after' if days > 0 else 'before'} the due date"


def units(power: float) -> str:
    return f"about {max(2.0**power - 1, 0):.0f} median invoices"


MISSING: Final = {
    "days_since_payment": "has not paid an invoice yet",
    "days_late_mean": "no paid invoice yet",
    "days_late_last_5": "no paid invoice yet",
    "days_late_60": "no payment in the last 60 days",
    "days_late_365": "no payment in the last 365 days",
    "days_late_change": "no payment in the last 60 days",
    "late_last_5": "no paid invoice yet",
}

SAID: Final[dict[str, Callable[[float], str]]] = {
    "amount": lambda v: f"{times(v)} the ledger's median amount",
    "amount_to_usual": lambda v: f"{times(v)} this customer's usual amount",
    "paid_amount_ratio": lambda v: f"{times(v)} the average invoice this customer has paid",
    "terms_days": lambda v: f"terms of {plural(v, 'day')}",
    "days_since_issue": lambda v: f"issued {plural(v, 'day')} ago",
    "days_to_due": lambda v: f"due in {plural(v, 'day')}" if v >= 0 else f"due {plural(-v, 'day')} ago",
    "workdays_to_due": lambda v: (
        f"{plural(v, 'working day') if v else 'no working day'} left to pay"
        if v >= 0
        else f"{plural(-v, 'working day')} past due"
    ),
    "due_weekday": lambda v: f"due on a {WEEKDAYS[int(v)]}",
    "due_day_of_month": lambda v: f"due on day {v:.0f} of the month",
    "due_days_to_month_end": lambda v: (
        f"due {plural(v, 'day')} before the month's end" if v >= 1 else "due on the month's last day"
    ),
    "due_on_weekend": lambda v: "due on a weekend" if v else "not due on a weekend",
    "due_month": lambda v: f"due in {MONTHS[int(v) - 1]}",
    "days_late_mean": lambda v: f"pays {lateness(v)} on average",
    "days_late_spread": lambda v: f"payment days vary by {plural(v, 'day')}",
    "days_late_decayed": lambda v: f"has lately paid {lateness(v)} on average",
    "delay_mean": lambda v: f"average delay of {plural(v, 'day')}",
    "late_share": lambda v: f"about {percent(v)} of this customer's invoices were late",
    "late_share_90": lambda v: f"about {percent(v)} late in the last 90 days",
    "late_share_365": lambda v: f"about {percent(v)} late in the last 365 days",
    "late_if_still_open": lambda v: f"of its invoices still unpaid this close to the due date, about {percent(v)} came late",
    "late_share_by_amount": lambda v: f"{percent(v)} of the amounts paid were paid late",
    "days_late_last_5": lambda v: f"last payments {lateness(v)} on average",
    "days_late_last_3": lambda v: f"very last payments {lateness(v)} on average",
    "days_late_60": lambda v: f"payments of the last 60 days {lateness(v)} on average",
    "days_late_365": lambda v: f"payments of the last 365 days {lateness(v)} on average",
    "days_late_change": lambda v: (
        f"pays {plural(abs(v), 'day')} {'later' if v > 0 else 'sooner'} than before" if abs(v) >= 0.5 else "pays as before"
    ),
    "late_last_5": late_of_last,
    "very_late_share": lambda v: f"about {percent(v)} of this customer's invoices were very late",
    "very_late_if_still_open": lambda v: f"of this customer's late invoices about {percent(v)} became very late",
    "paid_count": lambda v: f"has paid {plural(v, 'invoice')} so far",
    "paid_count_365": lambda v: f"has paid {plural(v, 'invoice')} in the last 365 days",
    "resolved_count": lambda v: f"{plural(v, 'invoice')} fell due so far",
    "issued_count": lambda v: f"{plural(v, 'other invoice')} issued so far",
    "customer_days": lambda v: f"a customer for {span(v)}",
    "overdue_count": lambda v: f"{plural(v, 'other invoice')} overdue now",
    "overdue_amount": lambda v: f"other overdue invoices worth {units(v)}" if v > 0 else "nothing else overdue",
    "oldest_overdue_days": lambda v: f"oldest overdue invoice is {plural(v, 'day')} past due" if v > 0 else "nothing overdue now",
    "open_count": lambda v: f"{plural(v, 'other open invoice')}",
    "open_amount": lambda v: f"other open invoices worth {units(v)}" if v > 0 else "nothing else open",
    "issued_count_30": lambda v: f"{plural(v, 'invoice')} issued in the last 30 days",
    "days_since_payment": lambda v: f"last payment {plural(v, 'day')} ago",
    "paid_count_14": lambda v: f"paid {plural(v, 'invoice')} in the last 14 days",
    "overtaken_days": lambda v: (
        f"has already paid an invoice due {plural(v, 'day')} later" if v > 0 else "has not paid any later invoice yet"
    ),
    "due_together_open": lambda v: (
        f"{plural(v, 'other open invoice')} due on the same day" if v > 0 else "no other open invoice due on the same day"
    ),
    "due_together_settled": lambda v: (
        f"{plural(v, 'other invoice')} due on the same day settled already" if v > 0 else "none due on the same day settled yet"
    ),
    "late_share_same_weekday": lambda v: f"pays about {percent(v)} of what is due on this weekday late",
    "late_share_same_weekend": lambda v: f"pays about {percent(v)} of what is due on such days of the week late",
    "late_share_same_part_of_month": lambda v: f"pays about {percent(v)} of what is due in this part of the month late",
    "late_share_same_terms": lambda v: f"pays about {percent(v)} of its invoices on these terms late",
    "late_share_same_amount_band": lambda v: f"pays about {percent(v)} of its invoices of about this amount late",
    "days_late_p10": lambda v: f"pays one invoice in ten {lateness(v)} or sooner",
    "days_late_p25": lambda v: f"pays one invoice in four {lateness(v)} or sooner",
    "days_late_p50": lambda v: f"pays every other invoice {lateness(v)} or sooner",
    "days_late_p75": lambda v: f"pays one invoice in four later than {by_day(v)}",
    "days_late_p90": lambda v: f"pays one invoice in ten later than {by_day(v)}",
    "paid_week_early_share": lambda v: f"pays about {percent(v)} of its invoices a week early or more",
    "paid_just_before_due_share": lambda v: f"pays about {percent(v)} of its invoices just in time",
    "paid_on_due_date_share": lambda v: f"pays about {percent(v)} of its invoices on the due date itself",
    "paid_days_late_1_to_3_share": lambda v: f"pays about {percent(v)} of its invoices 1 to 3 days late",
    "paid_days_late_4_to_10_share": lambda v: f"pays about {percent(v)} of its invoices 4 to 10 days late",
    "run_weekday_share": lambda v: f"about {percent(v)} of its payments fall on one and the same weekday",
    "run_due_weekday_share": lambda v: f"about {percent(v)} of its payments fall on the weekday of the due date",
    "run_days_before_due": lambda v: f"its days of payment lie about {plural(v, 'day')} before such a due date",
    "run_days_after_due": lambda v: f"its days of payment lie about {plural(v, 'day')} after such a due date",
    "run_days_left": lambda v: (
        f"about {plural(v, 'day')} on which it pays until the due date"
        if v >= 0.5
        else "hardly a day on which it pays until the due date"
    ),
    "usual_weekday_before_due": lambda v: (
        f"the weekday on which it usually pays lies {plural(v, 'day')} before the due date"
        if v >= 1
        else "due on the weekday on which it usually pays"
    ),
    "usual_weekdays_left": lambda v: (
        f"the weekday on which it usually pays comes {plural(v, 'time')} until the due date"
        if v >= 1
        else "the weekday on which it usually pays does not come until the due date"
    ),
    "usual_weekday_ahead": lambda v: (
        f"the weekday on which it usually pays comes in {plural(v, 'day')}"
        if v >= 1
        else "today is the weekday on which it usually pays"
    ),
    "ledger_late_30": lambda v: f"{percent(v)} of all invoices due in the last 30 days were late",
    "ledger_late_90": lambda v: f"{percent(v)} of all invoices due in the last 90 days were late",
    "ledger_very_late_90": lambda v: f"{percent(v)} of all invoices were very late in the last 90 days",
}


SAID_OF_DUE: Final[dict[str, Callable[[float, date], str]]] = {  # where the due date is known, instead
    "late_share_same_weekday": lambda v, due: f"pays about {percent(v)} of what is due on a {weekday(due)} late",
    "late_share_same_weekend": lambda v, due: (
        f"pays about {percent(v)} of what is due {'on a weekend' if due.weekday() >= SATURDAY else 'from Monday to Friday'} late"
    ),
    "late_share_same_part_of_month": lambda v, due: f"pays about {percent(v)} of what is due {part_of_month(due)} late",
    "run_due_weekday_share": lambda v, due: f"about {percent(v)} of its payments fall on a {weekday(due)}, as the due date does",
    "run_days_before_due": lambda v, due: f"its last day of payment before a {weekday(due)} lies about {plural(v, 'day')} back",
    "run_days_after_due": lambda v, due: f"its next day of payment after a {weekday(due)} comes about {plural(v, 'day')} later",
    "usual_weekday_before_due": lambda v, due: (
        f"usually pays on a {weekday(due - timedelta(days=v))}, {plural(v, 'day')} before this due date"
        if v >= 1
        else f"usually pays on a {weekday(due)}, on which this is due"
    ),
}
SATURDAY: Final = 5


def weekday(on: date) -> str:
    return WEEKDAYS[on.weekday()]


def part_of_month(on: date) -> str:
    """Five days of a month, the last ones together: as the fields of habit part it."""
    first = min((on.day - 1) // 5, 5) * 5 + 1
    return f"on days {first} to {first + 4} of the month" if first < 26 else "after the 25th"


def warning(code: str, values: Mapping[str, Any]) -> str:
    """A sentence for one of a model's warnings."""
    if code == "few_invoices":
        return (
            f"Only {values['resolved']} invoices with a known answer: the model is kept simple and is not calibrated, "
            "so read its figures as scores rather than probabilities."
        )
    if code == "short_history":
        return f"The training span has only {values['days']} days: seasons and slow payers are hardly seen."
    if code == "very_late_by_rate":
        return (
            f"Late and very late are told apart by a plain rate per days past due, not by a model ({values['very_late']} of "
            f"{values['not_on_time']} late invoices were very late): a nearer very-late line may give a better one."
        )
    return code
