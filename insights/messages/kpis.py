"""How are the figures of a finance manager called, and by what formula are they made? In words."""

from dataclasses import dataclass
from typing import Final

DAYS, SHARE, PERCENT, MONEY = "days", "share", "percent", "money"  # a share is 0 to 1, per cent 0 to 100
OF_MONEY: Final = (SHARE, MONEY)  # whose goal is a share: of an amount, that of the receivables


@dataclass(frozen=True)
class FigureWords:
    """What a figure is called, its formula, the fields of `CashKpis` that enter it, and in what it is counted."""

    label: str
    formula: str
    inputs: tuple[str, ...]
    unit: str = DAYS
    behind: str = "open invoices"


KPIS: Final = {
    "dso": FigureWords(
        "DSO", "Days sales outstanding: receivables / sales of the period × its days.", ("receivables", "sales", "days")
    ),
    "count_back_dso": FigureWords(
        "Count-back DSO",
        "How many days of the latest sales the receivables amount to, counted back month by month.",
        ("receivables",),
    ),
    "best_possible_dso": FigureWords(
        "Best possible DSO",
        "The DSO if everything were paid when due: what is not yet due / sales of the period × its days.",
        ("not_due", "sales", "days"),
        behind="open invoices that are not due",
    ),
    "add": FigureWords(
        "ADD",
        "Average days delinquent: DSO less the best possible DSO, so what is past due / sales of the period × its days.",
        ("past_due", "sales", "days"),
        behind="open invoices past due",
    ),
    "cei": FigureWords(
        "CEI",
        "Collection effectiveness: (receivables at the start + sales − receivables) / "
        "(receivables at the start + sales − what is not yet due).",
        ("opening", "sales", "receivables", "not_due"),
        PERCENT,
        "open invoices past due: what could have been collected and was not",
    ),
    "days_beyond_terms": FigureWords(
        "Days beyond terms",
        "Due date to payment of the invoices paid in the period, weighted by amount; below 0 is early.",
        ("paid",),
        behind="invoices paid in the period",
    ),
    "over_90": FigureWords(
        "Over 90 days",
        "Share of the receivables that is more than 90 days past due.",
        ("old", "receivables"),
        SHARE,
        "open invoices more than 90 days past due",
    ),
    "paid_on_time": FigureWords(
        "Paid on time, by amount",
        "Of the invoices whose last day on time lay in the period, the share of the amount that was paid by then.",
        ("in_time", "fell_due"),
        SHARE,
        "invoices that fell due in the period",
    ),
    "paid_on_time_count": FigureWords(
        "Paid on time, by number",
        "Of the invoices whose last day on time lay in the period, the share that was paid by then.",
        ("in_time_count", "fell_due_count"),
        SHARE,
        "invoices that fell due in the period",
    ),
    "at_risk": FigureWords(
        "Amount at risk",
        "Outstanding × the probability of being paid late or very late, summed over the open invoices.",
        ("receivables",),
        MONEY,
        "open invoices, of each what will probably be paid late or very late",
    ),
}
PROMISES_KEPT: Final = "promises_kept"  # no field of `CashKpis`: it is made of what was agreed, not of the ledger alone
WITH_GOALS: Final = KPIS | {
    PROMISES_KEPT: FigureWords(
        "Promises kept",
        "Of the promises whose day lay in the 90 days before, those kept in full; at most a day late, a hundredth short.",
        (),
        SHARE,
    )
}
INPUTS: Final = {
    "receivables": "Receivables",
    "not_due": "Not yet due",
    "past_due": "Past due",
    "old": "More than 90 days past due",
    "opening": "Receivables at the start",
    "sales": "Sales of the period",
    "paid": "Paid in the period",
    "fell_due": "Fell due in the period",
    "in_time": "Of these paid on time",
    "fell_due_count": "Invoices that fell due in the period",
    "in_time_count": "Of these paid on time",
    "days": "Days of the period",
}
