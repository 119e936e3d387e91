"""Is what will come from invoices not issued yet what came of such invoices before, in proportion?"""

from datetime import date

import numpy as np

from insights.ledger.ledger import Ledger, day
from insights.portfolio import balances
from insights.portfolio.cash import not_invoiced, past_weeks
from tests.support.ledgers import DAY, ledger_of, small_ledger

MONDAY = date(2025, 12, 1)


def steady(amount: int = 1000, *, weeks: int = 60, company: str = "") -> Ledger:
    """Every Monday one invoice, paid on the Monday two weeks later, up to MONDAY: two are open on any Monday.

    The ledger knows everything of the last so many `weeks`, and a few invoices of before.
    """
    rows = []
    for back in range(1, weeks + 8):
        issued = MONDAY - 7 * back * DAY
        paid = issued + 14 * DAY
        rows.append({"issue_date": issued, "amount": amount, "paid_date": paid if paid < MONDAY else None, "company": company})
    return ledger_of(rows, complete_through=MONDAY - DAY, history_starts=MONDAY - 7 * weeks * DAY)


def test_a_steady_business_goes_on() -> None:
    """As of a Monday the two invoices of the weeks before come in weeks 1 and 2; each week after that, one not issued yet."""
    past = past_weeks(steady(), MONDAY)
    later, judged = not_invoiced(past, len(past.at) - 1)
    assert later[0].tolist() == [0, 0, *(1000,) * 11]
    assert judged[0] > judged[12] >= 40


def test_twice_the_book_is_twice_as_much_to_come() -> None:
    """The last four invoices are of 20.00 instead of 10.00: book and sales have doubled, and some of it has come already."""
    rows = steady().invoices.to_pylist()
    for row in rows[:4]:
        row["amount"] = row["outstanding"] = 2000
    past = past_weeks(ledger_of(rows, complete_through=MONDAY - DAY, history_starts=date(2024, 10, 1)), MONDAY)
    later, _ = not_invoiced(past, len(past.at) - 1)
    assert 2000 <= later[0, 12] <= 2200


def test_without_a_past_nothing_is_said() -> None:
    """Three weeks of history: too few past weeks at any horizon."""
    past = past_weeks(steady(weeks=3), MONDAY)
    later, judged = not_invoiced(past, len(past.at) - 1)
    assert (later.sum(), judged.sum()) == (0, 0)


def test_book_and_receipts_of_a_past_day_are_those_of_the_ledger() -> None:
    """The receivables of each past day, and what came within 13 weeks of it: every payment falls into one layer."""
    ledger = small_ledger()
    last = ledger.complete_through - 91 * DAY
    past = past_weeks(ledger, last)
    paid = np.array([(row["paid_date"] and day(row["paid_date"])) or 0 for row in ledger.invoices.to_pylist()])
    amount, currency = ledger.invoices["amount"].to_numpy(), ledger.invoices["currency"].to_numpy()
    for number in (len(past.at) - 1, len(past.at) - 10):
        at = past.at[number]
        owed = {each.currency: each.receivables for each in balances(ledger, date(1970, 1, 1) + at * DAY)}
        for code, receivables in owed.items():
            mine = [place for place, (_, each) in enumerate(past.groups.names) if each == code]
            assert past.book[mine, number].sum() == receivables
            came = amount[(paid >= at) & (paid < at + 91) & (currency == code)].sum()
            assert past.opened[mine, number].sum() + past.issued_later[mine, number].sum() == came
