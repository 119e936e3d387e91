"""Is an invoice far from its line paid by its age, close to it by the days that are left, and counted from its issue on?"""

import doctest

import numpy as np
import pytest

from insights.features.dataset import open_rows
from insights.features.events import Events, SnapshotRows, events_of
from insights.ledger.ledger import Ledger, day
from insights.ledger.outcomes import DueRules
from insights.model import early_payments
from insights.model.early_payments import HALF_LIFE, NEAR, EarlyPayments
from insights.model.payment_dates import PaymentDateDistribution, fit
from tests.support.ledgers import DAY, START, Row, ledger_of, small_ledger
from tests.support.rewriting import rewritten

NOW = START + 300 * DAY
FLAT = (1 / 91,) * 91  # everybody's, where nothing is known


def paid(terms: int, age: int, issued: int) -> Row:
    """An invoice of customer A: so many days' terms, paid at that age, issued so many days after the start."""
    issue = START + issued * DAY
    return {"issue_date": issue, "due_date": issue + terms * DAY, "paid_date": issue + age * DAY}


def tables(rows: list[Row]) -> tuple[EarlyPayments, SnapshotRows]:
    """The tables of a ledger as of NOW, and its open invoices."""
    events = events_of(ledger_of(rows), DueRules(30))
    opened, _ = open_rows(events, day(NOW))
    return EarlyPayments(events, day(NOW), np.unique(opened.customer), FLAT), opened


def test_who_pays_long_terms_early_does_so_by_age() -> None:
    """A pays 20 days after the issue, be it 40, 60 or 120 days' terms; a new invoice of yesterday has 150."""
    past = [paid(terms, 20, number) for number, terms in enumerate([40, 60, 120] * 20)]
    found, opened = tables([*past, {"issue_date": NOW - DAY, "due_date": NOW + 149 * DAY}])
    shares = found.shares(opened, 149)[0]
    assert shares.sum() == pytest.approx(1)
    assert shares[19] > 0.8, "twenty days after its issue, 130 before its line"


def test_who_watches_the_line_is_paid_by_it() -> None:
    """A pays two days before the line, whatever the terms."""
    past = [paid(terms, terms - 2, number) for number, terms in enumerate([20, 40, 60] * 20)]
    found, opened = tables([*past, {"issue_date": NOW - DAY, "due_date": NOW + 49 * DAY}])
    shares = found.shares(opened, 49)[0]
    assert shares[47] > 0.8
    assert shares[: 50 - NEAR].sum() < 0.1


def test_the_chance_of_an_age_is_of_those_that_were_there() -> None:
    """Sixty of 15 days' terms and forty of 60, twenty of which are paid at the age of 30: half of those there, not a fifth."""
    short = [paid(15, 15, number) for number in range(60)]
    long = [paid(60, age, 190 + number) for number, age in enumerate([30, 60] * 20)]
    found, _ = tables([*short, *long, {"issue_date": NOW - DAY}])
    assert found.by_age[0, 30] == pytest.approx(5 / 10, abs=0.12)
    assert found.by_age[0, 3] < 0.01, "all were there, and none was paid"


def test_who_no_longer_pays_early_is_expected_early_less_than_who_always_did() -> None:
    """Thirty paid at the age of 20 in the first weeks, thirty since then on the line, 60 days after the issue; as of day 300."""
    rows = [paid(60, 20, number) for number in range(30)] + [paid(60, 60, 200 + number) for number in range(30)]
    events = events_of(ledger_of([*rows, {"issue_date": NOW - DAY}]), DueRules(30))
    codes = np.unique(open_rows(events, day(NOW))[0].customer)
    alike, recent = (EarlyPayments(events, day(NOW), codes, FLAT, half_life=each).by_age[0, 20] for each in (None, HALF_LIFE))
    assert alike == pytest.approx(0.5, abs=0.05)
    early, on_the_line = (0.5 ** ((300 - day) / HALF_LIFE) for day in (34.5, 274.5))  # the days of payment, in the middle
    assert recent == pytest.approx(early / (early + on_the_line), abs=0.07)


def test_an_invoice_says_nothing_of_days_before_its_issue() -> None:
    """Of twenty on three days' terms and twenty on nine, the latter all paid a week before the line: so are all of nine days."""
    short = [paid(3, 3, number) for number in range(20)]
    long = [paid(9, 2, number) for number in range(20)]
    found, opened = tables([*short, *long, {"issue_date": NOW - DAY, "due_date": NOW + 8 * DAY}])
    shares = found.shares(opened, NEAR)[0]
    assert shares[NEAR - 7] > 0.7, "a week before the line"


def test_nothing_is_paid_before_the_day_or_before_the_issue() -> None:
    found, opened = tables([paid(60, 20, 0), {"issue_date": NOW - 30 * DAY, "due_date": NOW + 60 * DAY}])
    shares = found.shares(opened, 80)[0]
    assert (shares[:20] == 0).all(), "eighty days before the line are twenty before today"
    assert (shares[20:] > 0).all()


def test_what_was_not_known_changes_no_table() -> None:
    def of(ledger: Ledger) -> tuple[Events, EarlyPayments]:
        events = events_of(ledger, DueRules(15))
        return events, EarlyPayments(events, day(NOW), np.unique(open_rows(events, day(NOW))[0].customer), FLAT)

    (_, before), (_, after) = of(small_ledger()), of(rewritten(small_ledger(), NOW, seed=5))
    assert (before.by_age == after.by_age).all()
    assert (before.by_line == after.by_line).all()


def test_an_invoice_due_in_half_a_year_is_not_expected_at_once_on_a_day_a_quarter_before_its_line() -> None:
    """Everything of 180 days' terms is paid between 20 and 30 days after the issue."""
    past = [paid(180, 20 + number % 11, number) for number in range(60)]
    events = events_of(ledger_of([*past, {"issue_date": NOW - DAY, "due_date": NOW + 179 * DAY}]), DueRules(30))
    rows, _ = open_rows(events, day(NOW))
    forecast = PaymentDateDistribution(fit(events, day(NOW)), events, day(NOW), rows.customer)
    dates = forecast.dates(rows, np.array([[1.0, 0.0, 0.0]]))
    assert 15 <= int(dates.expected[0]) - day(NOW) <= 35


def test_its_examples_hold() -> None:
    assert doctest.testmod(early_payments).failed == 0
