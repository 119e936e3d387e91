"""What are a model's fields called on a screen, and what do they mean?"""

from typing import Final

from insights.ledger.ledger import FURTHER

GROUPS: Final = {
    "invoice": "The invoice",
    "past": "The customer's past",
    "habit": "The customer's habits",
    "present": "The customer today",
    "calendar": "Calendar",
    "ledger": "The whole ledger",
    "own": "The ledger's own columns",
}

THEMES: Final = {
    "overdue": "Overdue",
    "amount": "Amount against the usual",
    "terms": "Payment terms",
    "age": "Time left and age",
    "calendar": "Due day in the calendar",
    "punctuality": "This customer's punctuality",
    "recent": "Recent change in punctuality",
    "very_late_past": "Very late payments before",
    "relationship": "Length and size of the relationship",
    "overdue_now": "Overdue now",
    "open_now": "Open invoices now",
    "payment_rhythm": "Payment rhythm",
    "due_together": "Invoices due on the same day",
    "alike": "This customer's invoices like this one",
    "usual_delay": "How late this customer usually pays",
    "payment_runs": "Weekdays on which this customer pays",
    "everyone": "All customers lately",
    "own": "Particulars of invoice and customer",
}

# Label and explanation of each.
NAMES: Final = {
    "amount": ("Amount", "The invoice amount against the median of its currency."),
    "amount_to_usual": ("Amount against this customer's usual", "How many times the customer's average invoice this one is."),
    "paid_amount_ratio": ("Amount against paid invoices", "How many times the customer's average paid invoice this one is."),
    "terms_days": ("Payment terms in days", "Days from issue date to due date."),
    "days_since_issue": ("Days since issue", "Age of the invoice on the as-of date."),
    "days_to_due": ("Days to due date", "Days left; below zero once overdue."),
    "workdays_to_due": ("Working days to due date", "Mondays to Fridays left to pay on, the due date included."),
    "due_weekday": ("Weekday of the due date", "Monday to Sunday."),
    "due_day_of_month": ("Day of month of the due date", "1 to 31."),
    "due_days_to_month_end": ("Days from due date to month end", "0 on the last day of a month."),
    "due_on_weekend": ("Due on a weekend", "Whether the due date is a Saturday or Sunday."),
    "due_month": ("Month of the due date", "January to December."),
    "days_late_mean": ("Average days late", "Over all settled invoices of the customer; early payments count below zero."),
    "days_late_spread": ("Spread of days late", "Standard deviation over the customer's settled invoices."),
    "days_late_decayed": ("Average days late, recent ones count more", "Weights fall from 8 within 60 days to 1 after a year."),
    "delay_mean": ("Average delay", "Average days late, early payments counted as zero."),
    "late_share": (
        "Share late",
        "Share of the customer's invoices that missed their due date, drawn towards the ledger's share.",
    ),
    "late_share_90": ("Share late, last 90 days", "The same of invoices due in the last 90 days."),
    "late_share_365": ("Share late, last 365 days", "The same of invoices due in the last 365 days."),
    "late_if_still_open": (
        "Share late of those open this close to due",
        "Of the customer's invoices that were still open so many days before the due date, the share that became late.",
    ),
    "late_share_by_amount": ("Share late by amount", "Share of the customer's settled amount that was paid late."),
    "days_late_last_5": ("Average days late, last five", "Over the customer's last five payments."),
    "days_late_last_3": ("Average days late, last three", "Over the customer's last three payments."),
    "days_late_60": ("Average days late, last 60 days", "Over payments of the last 60 days."),
    "days_late_365": ("Average days late, last 365 days", "Over payments of the last 365 days."),
    "days_late_change": ("Change in days late", "Average of the last 60 days less the average of all."),
    "late_last_5": ("Share late of the last five", "Of the customer's last five payments."),
    "very_late_share": (
        "Share very late",
        "Share of the customer's invoices that were very late, drawn towards the ledger's share.",
    ),
    "very_late_if_still_open": (
        "Share very late of those open this long",
        "Of the customer's invoices still open so long after the due date, the share that became very late.",
    ),
    "paid_count": ("Invoices paid", "Number of the customer's settled invoices."),
    "paid_count_365": ("Invoices paid, last 365 days", "Number settled in the last 365 days."),
    "resolved_count": ("Invoices that fell due", "Number of the customer's invoices whose due date has passed."),
    "issued_count": ("Invoices issued", "Number of the customer's other invoices so far."),
    "customer_days": ("Days as a customer", "Days since the customer's first invoice in the ledger."),
    "overdue_count": ("Other overdue invoices", "Number of the customer's other invoices that are overdue now."),
    "overdue_amount": ("Other overdue amount", "Their amount, in median invoices."),
    "oldest_overdue_days": ("Oldest overdue invoice", "Days past due of the customer's oldest open invoice."),
    "open_count": ("Other open invoices", "Number of the customer's other open invoices."),
    "open_amount": ("Other open amount", "Their amount, in median invoices."),
    "issued_count_30": ("Invoices issued, last 30 days", "How much the customer bought lately."),
    "days_since_payment": ("Days since last payment", "Since the customer last settled an invoice."),
    "paid_count_14": ("Invoices paid, last 14 days", "Number the customer settled in the last 14 days."),
    "overtaken_days": (
        "Overtaken by later invoices",
        "How much later the latest due date is that the customer has already settled.",
    ),
    "due_together_open": (
        "Others due on the same day, still open",
        "Number of the customer's other open invoices with the same due date: what is due together is often paid together.",
    ),
    "due_together_settled": (
        "Others due on the same day, settled",
        "Number of the customer's other invoices with the same due date that are settled already.",
    ),
    "late_share_same_weekday": (
        "Share late, due on the same weekday",
        "Of the customer's invoices that fell due on this weekday, the share that became late, drawn towards its share of all.",
    ),
    "late_share_same_weekend": (
        "Share late, due on weekends or on weekdays",
        "The same of invoices due from Saturday to Sunday, or from Monday to Friday, as this one is.",
    ),
    "late_share_same_part_of_month": (
        "Share late, due in the same part of the month",
        "The same of invoices due within the same five days of a month; the last part begins on the 26th.",
    ),
    "late_share_same_terms": ("Share late, same payment terms", "The same of invoices with as many days from issue to due date."),
    "late_share_same_amount_band": (
        "Share late, amounts like this one",
        "The same of invoices of a similar amount: within the same step of a scale on which each step is four times the last.",
    ),
    "days_late_p10": ("Days late of its soonest tenth", "A tenth of the customer's payments came so many days late or sooner."),
    "days_late_p25": (
        "Days late of its soonest quarter",
        "A quarter of the customer's payments came so many days late or sooner.",
    ),
    "days_late_p50": ("Days late in the middle", "Half of the customer's payments came so many days late or sooner."),
    "days_late_p75": ("Days late of all but a quarter", "Three quarters of its payments came so many days late or sooner."),
    "days_late_p90": ("Days late of all but a tenth", "Nine tenths of the customer's payments came so many days late or sooner."),
    "paid_week_early_share": (
        "Share paid a week early",
        "Of the customer's payments, the share that came seven days or more before the due date.",
    ),
    "paid_just_before_due_share": (
        "Share paid just in time",
        "Of the customer's payments, the share that came on the due date or in the two days before it.",
    ),
    "paid_on_due_date_share": ("Share paid on the due date", "Of the customer's payments, the share that came on the due date."),
    "paid_days_late_1_to_3_share": ("Share paid 1 to 3 days late", "Of the customer's payments, the share that came so late."),
    "paid_days_late_4_to_10_share": ("Share paid 4 to 10 days late", "Of the customer's payments, the share that came so late."),
    "run_weekday_share": (
        "Share of its usual weekday",
        "Of the days on which the customer pays, the share that falls on its commonest weekday.",
    ),
    "run_due_weekday_share": (
        "Share of the due date's weekday",
        "Of the days on which the customer pays, the share that falls on the weekday of the due date.",
    ),
    "run_days_before_due": (
        "Days from its payment day to the due date",
        "How long before the due date the customer's last day of payment lies, by the weekdays on which it pays.",
    ),
    "run_days_after_due": (
        "Days from the due date to its payment day",
        "How long after the due date the customer's next day of payment lies, by the weekdays on which it pays.",
    ),
    "run_days_left": (
        "Payment days left",
        "How many of the customer's days of payment lie before the due date or on it, were there one a week.",
    ),
    "usual_weekday_before_due": (
        "Days from its usual weekday to the due date",
        "How long before the due date the weekday lies on which the customer pays most often.",
    ),
    "usual_weekdays_left": ("Usual weekdays left", "How often the customer's usual weekday comes until the due date."),
    "usual_weekday_ahead": ("Days until its usual weekday", "When the weekday comes next on which the customer pays most often."),
    "ledger_late_30": ("Share late of all customers, 30 days", "Over all invoices due in the last 30 days."),
    "ledger_late_90": ("Share late of all customers, 90 days", "Over all invoices due in the last 90 days."),
    "ledger_very_late_90": (
        "Share very late of all customers",
        "Over all invoices whose very-late line fell in the last 90 days.",
    ),
    "company": ("Company", "Which of your companies issued the invoice."),
    "currency": ("Currency", "Currency of the invoice."),
    "terms": ("Payment terms", "The terms as the ledger names them."),
    "disputed": ("Disputed", "Whether the invoice was disputed at issue."),
    "days_past_due": ("Days past due", "Days since the due date."),
}


def theme(code: str) -> str:
    """The label of a theme."""
    return THEMES.get(code, code)


def group(code: str) -> str:
    """The label of a group of fields."""
    return GROUPS.get(code, code)


def field(name: str) -> str:
    """The label of a field; a further column of the ledger is called as the file calls it."""
    return NAMES[name][0] if name in NAMES else name.removeprefix(FURTHER)


def field_help(name: str) -> str:
    """A sentence on what the field holds."""
    return NAMES[name][1] if name in NAMES else "A column of your ledger, marked as known at issue."
