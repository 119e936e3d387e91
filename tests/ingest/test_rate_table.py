"""Does a file of dated rates become exchange rates, without a guess?"""

from datetime import date
from pathlib import Path

import pytest

from insights.ingest import rate_table
from insights.ledger.errors import Refused
from tests.support.rates import TABLE, table


@pytest.mark.slow
def test_every_currency_without_a_rate_is_named(tmp_path: Path) -> None:
    known = rate_table.read(table(tmp_path))
    with pytest.raises(Refused, match="no rate from CHF or GBP to EUR on or before 2024-04-01"):
        known.total({"CHF": 1, "EUR": 1, "GBP": 0, "USD": 1}, "EUR", date(2024, 4, 1))


@pytest.mark.slow
def test_two_rates_of_a_pair_on_one_day_are_refused_unless_they_are_equal(tmp_path: Path) -> None:
    assert len(rate_table.read(table(tmp_path, TABLE + "2024-04-01,EUR,USD,2.0\n")).currencies) == 2
    with pytest.raises(Refused, match=r"two rates from EUR to USD on 2024-04-01: 2 and 2\.01"):
        rate_table.read(table(tmp_path, TABLE + "2024-04-01,EUR,USD,2.01\n"))


@pytest.mark.slow
def test_a_rate_that_may_be_above_a_thousand_is_not_guessed(tmp_path: Path) -> None:
    """1,085 is a little more than one, or a thousand and 85."""
    with pytest.raises(Refused, match=r"Write the rates with four decimals, as 1\.0850"):
        rate_table.read(table(tmp_path, "date;from;to;rate\n2024-01-01;EUR;USD;1,085\n"))
    known = rate_table.read(table(tmp_path, "date;from;to;rate\n2024-01-01;EUR;USD;1,085\n2024-01-02;EUR;USD;1,0850\n"))
    assert known.converted(100000, "EUR", "USD", date(2024, 1, 1)) == 108500


@pytest.mark.slow
def test_the_reporting_currency_first_offered_is_the_one_in_most_pairs(tmp_path: Path) -> None:
    known = rate_table.read(table(tmp_path, "date,from,to,rate\n2024-01-01,GBP,CHF,1.1\n2024-01-01,GBP,AUD,1.9\n"))
    assert known.currencies == ("GBP", "AUD", "CHF")
