"""Are amounts in several currencies added only by dated rates, on the screens and by command, and to the minor unit?"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights import portfolio
from insights.ingest import rate_table
from insights.ledger import exchange_rates
from insights.ledger.errors import Refused
from insights.ledger.exchange_rates import ExchangeRates
from insights.portfolio import worklist
from tests.support.rates import table
from tests.support.workspaces import small_ledger


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(["EUR", "USD", "JPY", "KWD"]), st.integers(-(10**12), 10**12), min_size=1))
def test_a_total_is_the_sum_of_its_parts_each_rounded_once(amounts: dict[str, int]) -> None:
    known = ExchangeRates.of(
        [exchange_rates.Rate(date(2024, 1, 1), each, "GBP", Decimal("0.8513")) for each in ("EUR", "USD", "JPY", "KWD")]
    )
    total = known.total(amounts, "GBP", date(2024, 1, 1))
    assert total.amount == sum(part.converted for part in total.parts)
    assert {part.rate.source: part.amount for part in total.parts} == amounts
    assert [part.converted for part in total.parts] == [
        known.converted(minor, source, "GBP", date(2024, 1, 1)) for source, minor in amounts.items()
    ]


PAIRS = "date,from,to,rate\n2024-01-01,EUR,USD,1.10\n2024-02-01,EUR,GBP,0.85\n"


@pytest.mark.slow
def test_two_pairs_with_a_third_currency_give_a_cross_rate_of_the_older_day(tmp_path: Path) -> None:
    """USD 110.00 are EUR 100.00, which are GBP 85.00; before the second rate there is none."""
    known = rate_table.read(table(tmp_path, PAIRS))
    cross = known.rate("USD", "GBP", date(2024, 2, 1))
    assert (cross.day, cross.via, f"{cross.rate:.6f}") == (date(2024, 1, 1), "EUR", "0.772727")
    assert known.converted(11000, "USD", "GBP", date(2024, 2, 1)) == 8500
    assert known.converted(8500, "GBP", "USD", date(2024, 2, 1)) == 11000
    with pytest.raises(Refused, match="no rate from USD to GBP on or before 2024-01-31"):
        known.rate("USD", "GBP", date(2024, 1, 31))


@pytest.mark.slow
def test_a_rate_of_the_pair_itself_goes_before_a_cross_rate_however_old(tmp_path: Path) -> None:
    for pair, rate in (("USD,GBP,0.5", "0.5"), ("GBP,USD,4", "0.25")):
        found = rate_table.read(table(tmp_path, f"{PAIRS}2020-01-01,{pair}\n")).rate("USD", "GBP", date(2024, 2, 1))
        assert (found.rate, found.via, found.day) == (Decimal(rate), "", date(2020, 1, 1))


@pytest.mark.slow
def test_of_several_third_currencies_the_newest_counts_and_nothing_is_chained_further(tmp_path: Path) -> None:
    """By CHF both legs are of March. AUD is known by NZD only, which is no leg to GBP."""
    more = "2024-03-01,USD,CHF,0.9\n2024-03-02,CHF,GBP,0.8\n2024-03-01,AUD,NZD,1.1\n2024-03-01,NZD,EUR,0.5\n"
    known = rate_table.read(table(tmp_path, PAIRS + more))
    found = known.rate("USD", "GBP", date(2024, 3, 2))
    assert (found.via, found.day, found.rate) == ("CHF", date(2024, 3, 1), Decimal("0.72"))
    assert known.rate("USD", "GBP", date(2024, 3, 1)).via == "EUR"
    with pytest.raises(Refused, match="no rate from AUD to GBP"):
        known.rate("AUD", "GBP", date(2024, 3, 2))


@pytest.mark.slow
@given(st.integers(-(10**12), 10**12), st.decimals("0.0001", "9999", places=4), st.decimals("0.0001", "9999", places=4))
def test_a_cross_rate_is_exact_to_the_minor_unit(minor: int, dollars: Decimal, pounds: Decimal) -> None:
    known = ExchangeRates.of(
        [exchange_rates.Rate(date(2024, 1, 1), "EUR", code, rate) for code, rate in (("USD", dollars), ("GBP", pounds))]
    )
    exact = Fraction(minor) * Fraction(pounds) / Fraction(dollars)
    assert abs(known.converted(minor, "USD", "GBP", date(2024, 1, 1)) - exact) <= Fraction(1, 2) + Fraction(1, 10**6)


def test_balances_are_summed_per_currency() -> None:
    opened = worklist.unscored(small_ledger(), small_ledger().last_as_of)
    assert portfolio.sums(portfolio.owing(opened), "outstanding") == {"EUR": 2500, "USD": 99}
