"""In one reporting currency: is every total the sum of its rows, and what the total comes to at once?"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights import portfolio
from insights.ledger.exchange_rates import ExchangeRates, Rate
from insights.ledger.ledger import Ledger
from insights.portfolio import AgeRanges
from insights.portfolio.cash import matrix
from insights.portfolio.converted import Conversion, converted_cash, converted_items, converted_layer, converted_ledger
from tests.support.cash import said
from tests.support.ledgers import DAY, START, Row, ledger_of, payments_of

ON = date(2026, 8, 31)
NOW = date(2026, 9, 1)
RATES = ExchangeRates.of(
    [
        Rate(date(2026, 1, 1), "USD", "EUR", Decimal("0.9137")),
        Rate(date(2026, 9, 1), "USD", "EUR", Decimal("0.5")),
        Rate(date(2026, 1, 1), "JPY", "EUR", Decimal("0.00613")),
    ]
)
BY = Conversion.of(RATES, ["EUR", "USD", "JPY", "CHF"], "EUR", ON)


def several() -> Ledger:
    """Three invoices in USD, one in EUR, one of 12 345 JPY, one in CHF, and a credit note of 5.05 USD, all open."""
    rows: list[Row] = [
        *({"currency": "USD", "amount": amount} for amount in (10_01, 20_03, 33_33)),
        {"currency": "EUR", "amount": 7_77},
        {"currency": "JPY", "amount": 12_345},
        {"currency": "CHF", "amount": 1_00},
        {"currency": "USD", "amount": -5_05, "kind": "credit_note", "outstanding": -5_05},
    ]
    return ledger_of([{"issue_date": START, "customer_id": f"C{n}"} | row for n, row in enumerate(rows)])


def test_the_rate_is_the_latest_on_or_before_the_day_and_what_has_none_stands_apart() -> None:
    assert BY.rates["USD"].rate == Decimal("0.9137"), "not that of the day after"
    assert BY.apart == ("CHF",)
    assert (BY.name("USD"), BY.name("CHF")) == ("EUR", "CHF")
    assert BY.total(12_345, "JPY") == 75_67, "yen have no cents: 75.67 EUR"


@given(st.lists(st.integers(-(10**12), 10**12), max_size=30))
def test_what_is_rounded_row_by_row_sums_to_the_total_converted_at_once(amounts: list[int]) -> None:
    found = BY.running(np.array(amounts, np.int64), "USD")
    assert int(found.sum()) == RATES.converted(sum(amounts), "USD", "EUR", ON)
    factor = Fraction(Decimal("0.9137"))
    assert all(abs(one - two * factor) <= 1 for one, two in zip(found.tolist(), amounts, strict=True))


def test_an_ageing_in_one_currency_is_the_sum_of_each_currency_s_total() -> None:
    """63.37 USD are 57.90 EUR, and 75.67 of JPY and 7.77: 141.34; the credit note 4.61; CHF by itself."""
    items = portfolio.open_items(several(), NOW, AgeRanges())
    totals = {each.currency: each for each in portfolio.aged_totals(converted_items(items, BY), AgeRanges())}
    assert set(totals) == {"EUR", "CHF"}
    assert totals["EUR"].receivables == 57_90 + 75_67 + 7_77
    assert totals["EUR"].credits == 4_61
    assert totals["CHF"].receivables == 1_00
    rows = portfolio.behind(converted_items(items, BY), AgeRanges(), "receivables", currency="EUR")
    assert sum(rows["outstanding"].to_pylist()) == totals["EUR"].receivables


def test_what_is_unpaid_later_is_no_more_than_what_is_owed() -> None:
    items = portfolio.open_items(several(), NOW, AgeRanges())
    owed = items["outstanding"].to_numpy()
    with_later = portfolio.with_unpaid(items, items["position"].to_numpy()[:6], np.maximum(owed[:6] - 1, 0))
    found = converted_items(with_later, BY)
    pairs = [(row["unpaid"], row["outstanding"]) for row in found.to_pylist() if row["kind"] == "invoice"]
    assert all(0 <= unpaid <= outstanding for unpaid, outstanding in pairs)
    assert found["unpaid"].to_pylist()[6] is None


def test_expected_cash_in_one_currency_sums_to_what_is_outstanding() -> None:
    rows = said(("A", "2026-09-20", 10_01, {3: 0.4, 40: 0.35}), ("B", "2026-10-20", 99_99, {60: 0.5}))
    rows = rows.set_column(rows.column_names.index("currency"), "currency", [["USD", "USD"]])
    found = converted_cash(rows, BY)
    assert set(found["currency"].to_pylist()) == {"EUR"}
    whole = matrix(found, "weeks").sum(axis=1) + found["later"].to_numpy() + found["never"].to_numpy()
    assert whole.tolist() == found["outstanding"].to_pylist()
    assert sum(found["outstanding"].to_pylist()) == RATES.converted(110_00, "USD", "EUR", ON)
    assert matrix(found, "days").reshape(2, 13, 7).sum(axis=2).tolist() == matrix(found, "weeks").tolist()


def test_both_currencies_of_a_company_are_one_layer() -> None:
    weeks = {("N", "USD"): np.full(13, 100), ("N", "EUR"): np.full(13, 7), ("S", "CHF"): np.full(13, 3)}
    found = converted_layer(weeks, BY)
    assert set(found) == {("N", "EUR"), ("S", "CHF")}
    assert int(found["N", "EUR"].sum()) == 11_88 + 91


def test_figures_are_of_the_converted_ledger_and_what_was_paid_in_full_is_so_still() -> None:
    """100.01 USD in three parts of 33.34, 33.34 and 33.33: 91.38 EUR, and nothing is left."""
    paid = [(0, START + 5 * DAY, 33_34), (0, START + 9 * DAY, 33_34), (0, START + 12 * DAY, 33_33)]
    row = {"currency": "USD", "amount": 100_01, "issue_date": START, "paid_date": START + 12 * DAY}
    ledger = ledger_of([row, {"currency": "EUR", "amount": 5_00, "issue_date": START}], payments=payments_of(*paid))
    found = converted_ledger(ledger, BY)
    assert found.invoices["currency"].to_pylist() == ["EUR", "EUR"]
    assert found.invoices["amount"].to_pylist() == [91_38, 5_00]
    assert sum(found.payments["amount"].to_pylist()) == 91_38
    (figure,) = portfolio.figures(found, START + 31 * DAY)
    assert (figure.currency, figure.receivables, figure.sales) == ("EUR", 5_00, 96_38)


def test_with_no_rate_at_all_nothing_is_converted() -> None:
    by = Conversion.of(RATES, ["CHF"], "EUR", ON)
    assert by.rates == {}
    items = portfolio.open_items(several(), NOW, AgeRanges())
    assert converted_items(items, by).equals(items)


@pytest.mark.parametrize("into", ["JPY"])
def test_currencies_without_cents_are_whole(into: str) -> None:
    by = Conversion.of(RATES, ["EUR", "USD"], into, ON)
    assert by.total(1_00, "EUR") == 163
