"""Are amounts in several currencies added only by dated rates, on the screens and by command, and to the minor unit?"""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from insights import portfolio
from insights.cli import app as commands
from insights.ingest import rate_table
from insights.ledger import exchange_rates
from insights.ledger.errors import Refused
from insights.ledger.exchange_rates import Rates
from insights.store import audit, ledgers, models, rate_tables
from insights.store.store import Store
from tests.support.screens import click, figures, screen
from tests.support.workspaces import ME, rates_model, small_ledger

TABLE = "date,from,to,rate\n2024-03-31,EUR,USD,1.10\n2024-04-01,EUR,USD,2.00\n"
UPLOADER = "A table of rates: date, from, to, rate"


def table(folder: Path, text: str = TABLE, name: str = "rates.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def uploaded(text: str, into: str = "") -> AppTest:
    """The screen of ledgers after a table of rates has arrived."""
    app = screen("ledgers.py")
    next(each for each in app.text_input if each.label.startswith("Converts into")).set_value(into)
    next(each for each in app.file_uploader if each.label == UPLOADER).set_value(("rates.csv", text.encode(), "text/csv"))
    app.run()
    assert not app.exception
    return app


def parts(app: AppTest) -> list[dict[str, str]]:
    """The rows that the total is the sum of."""
    frame = next(each.value for each in app.dataframe if "Rate of" in each.value)
    return [{str(name): str(value) for name, value in line.items()} for line in frame.to_dict("records")]


# The rule


@given(st.dictionaries(st.sampled_from(["EUR", "USD", "JPY", "KWD"]), st.integers(-(10**12), 10**12), min_size=1))
def test_a_total_is_the_sum_of_its_parts_each_rounded_once(amounts: dict[str, int]) -> None:
    known = Rates.of(
        [exchange_rates.Rate(date(2024, 1, 1), each, "GBP", Decimal("0.8513")) for each in ("EUR", "USD", "JPY", "KWD")]
    )
    total = known.total(amounts, "GBP", date(2024, 1, 1))
    assert total.amount == sum(part.converted for part in total.parts)
    assert {part.rate.source: part.amount for part in total.parts} == amounts
    assert [part.converted for part in total.parts] == [
        known.converted(minor, source, "GBP", date(2024, 1, 1)) for source, minor in amounts.items()
    ]


def test_every_currency_without_a_rate_is_named(tmp_path: Path) -> None:
    known = rate_table.read(table(tmp_path))
    with pytest.raises(Refused, match="no rate from CHF or GBP to EUR on or before 2024-04-01"):
        known.total({"CHF": 1, "EUR": 1, "GBP": 0, "USD": 1}, "EUR", date(2024, 4, 1))


def test_two_rates_of_a_pair_on_one_day_are_refused_unless_they_are_equal(tmp_path: Path) -> None:
    assert len(rate_table.read(table(tmp_path, TABLE + "2024-04-01,EUR,USD,2.0\n")).currencies) == 2
    with pytest.raises(Refused, match=r"two rates from EUR to USD on 2024-04-01: 2 and 2\.01"):
        rate_table.read(table(tmp_path, TABLE + "2024-04-01,EUR,USD,2.01\n"))


def test_a_rate_that_may_be_above_a_thousand_is_not_guessed(tmp_path: Path) -> None:
    """1,085 is a little more than one, or a thousand and 85."""
    with pytest.raises(Refused, match=r"Write the rates with four decimals, as 1\.0850"):
        rate_table.read(table(tmp_path, "date;from;to;rate\n2024-01-01;EUR;USD;1,085\n"))
    known = rate_table.read(table(tmp_path, "date;from;to;rate\n2024-01-01;EUR;USD;1,085\n2024-01-02;EUR;USD;1,0850\n"))
    assert known.converted(100000, "EUR", "USD", date(2024, 1, 1)) == 108500


def test_the_reporting_currency_first_offered_is_the_one_in_most_pairs(tmp_path: Path) -> None:
    known = rate_table.read(table(tmp_path, "date,from,to,rate\n2024-01-01,GBP,CHF,1.1\n2024-01-01,GBP,AUD,1.9\n"))
    assert known.currencies == ("GBP", "AUD", "CHF")


PAIRS = "date,from,to,rate\n2024-01-01,EUR,USD,1.10\n2024-02-01,EUR,GBP,0.85\n"


def test_two_pairs_with_a_third_currency_give_a_cross_rate_of_the_older_day(tmp_path: Path) -> None:
    """USD 110.00 are EUR 100.00, which are GBP 85.00; before the second rate there is none."""
    known = rate_table.read(table(tmp_path, PAIRS))
    cross = known.rate("USD", "GBP", date(2024, 2, 1))
    assert (cross.day, cross.via, f"{cross.rate:.6f}") == (date(2024, 1, 1), "EUR", "0.772727")
    assert known.converted(11000, "USD", "GBP", date(2024, 2, 1)) == 8500
    assert known.converted(8500, "GBP", "USD", date(2024, 2, 1)) == 11000
    with pytest.raises(Refused, match="no rate from USD to GBP on or before 2024-01-31"):
        known.rate("USD", "GBP", date(2024, 1, 31))


def test_a_rate_of_the_pair_itself_goes_before_a_cross_rate_however_old(tmp_path: Path) -> None:
    for pair, rate in (("USD,GBP,0.5", "0.5"), ("GBP,USD,4", "0.25")):
        found = rate_table.read(table(tmp_path, f"{PAIRS}2020-01-01,{pair}\n")).rate("USD", "GBP", date(2024, 2, 1))
        assert (found.rate, found.via, found.day) == (Decimal(rate), "", date(2020, 1, 1))


def test_of_several_third_currencies_the_newest_counts_and_nothing_is_chained_further(tmp_path: Path) -> None:
    """By CHF both legs are of March. AUD is known by NZD only, which is no leg to GBP."""
    more = "2024-03-01,USD,CHF,0.9\n2024-03-02,CHF,GBP,0.8\n2024-03-01,AUD,NZD,1.1\n2024-03-01,NZD,EUR,0.5\n"
    known = rate_table.read(table(tmp_path, PAIRS + more))
    found = known.rate("USD", "GBP", date(2024, 3, 2))
    assert (found.via, found.day, found.rate) == ("CHF", date(2024, 3, 1), Decimal("0.72"))
    assert known.rate("USD", "GBP", date(2024, 3, 1)).via == "EUR"
    with pytest.raises(Refused, match="no rate from AUD to GBP"):
        known.rate("AUD", "GBP", date(2024, 3, 2))


@given(st.integers(-(10**12), 10**12), st.decimals("0.0001", "9999", places=4), st.decimals("0.0001", "9999", places=4))
def test_a_cross_rate_is_exact_to_the_minor_unit(minor: int, dollars: Decimal, pounds: Decimal) -> None:
    known = Rates.of(
        [exchange_rates.Rate(date(2024, 1, 1), "EUR", code, rate) for code, rate in (("USD", dollars), ("GBP", pounds))]
    )
    exact = Fraction(minor) * Fraction(pounds) / Fraction(dollars)
    assert abs(known.converted(minor, "USD", "GBP", date(2024, 1, 1)) - exact) <= Fraction(1, 2) + Fraction(1, 10**6)


def test_balances_are_summed_per_currency() -> None:
    opened = small_ledger().invoices.append_column("days_past_due", [[1, 1, 1, 1]])
    assert portfolio.sums(portfolio.owing(opened), "outstanding") == {"EUR": 2500, "USD": 99}


# The workspace


def test_the_newest_table_counts_and_who_kept_it_is_on_record(small_workspace: Store, tmp_path: Path) -> None:
    assert rate_tables.newest(small_workspace) is None
    first = rate_tables.keep(small_workspace, rate_table.read(table(tmp_path)), "first.csv", actor="ada")
    second = rate_tables.keep(
        small_workspace, rate_table.read(table(tmp_path, TABLE.replace("1.10", "1.1234567890"))), "second.csv", actor="ada"
    )
    assert rate_tables.newest(small_workspace) == second
    assert (second.actor, second.rows, second.first_day, second.last_day) == ("ada", 2, date(2024, 3, 31), date(2024, 4, 1))
    assert str(rate_tables.load(small_workspace, second.id).rate("EUR", "USD", date(2024, 3, 31)).rate) == "1.1234567890"
    assert rate_tables.load(small_workspace, first.id) == rate_table.read(table(tmp_path))
    (entry,) = audit.listed(small_workspace, second.id)
    assert (entry.actor, entry.action, entry.details) == ("ada", "rates.keep", {"name": "second.csv", "rows": 2})
    with pytest.raises(Refused, match="no rate table nowhere"):
        rate_tables.load(small_workspace, "nowhere")


# The command line


def test_the_command_keeps_a_table_and_import_reports_by_it(small_workspace: Store, tmp_path: Path) -> None:
    runner = CliRunner()
    assert "no rates in this workspace yet" in str(runner.invoke(commands, ["rates"]).exception)
    kept = runner.invoke(commands, ["rates", str(table(tmp_path)), "--json"])
    report = json.loads(kept.output)
    assert (report["rows"], report["from"], report["to"], report["currencies"]) == (2, "2024-03-31", "2024-04-01", ["EUR", "USD"])
    assert rate_tables.newest(small_workspace) is not None
    told = runner.invoke(commands, ["rates"])
    assert told.output == "2 rates of 2024-03-31 to 2024-04-01 (rates.csv): EUR, USD\n"
    ledger = table(
        tmp_path,
        "invoice_id,customer_id,issue_date,due_date,amount,currency\nA,C,2024-03-31,2024-04-30,10.00,EUR\nB,C,2024-03-01,2024-03-31,5.00,USD\n",
        "ledger.csv",
    )
    done = runner.invoke(commands, ["import", str(ledger), "--reporting", "usd"])
    assert "Receivables in USD: 16.00 (EUR at 1.1 of 2024-03-31)" in done.output
    assert "Receivables: 10.00 EUR" in done.output


def test_a_table_without_a_column_of_its_currency_is_told_it(small_workspace: Store, tmp_path: Path) -> None:
    path = table(tmp_path, "date,currency,rate\n2024-03-31,USD,0.9\n")
    runner = CliRunner()
    assert "needs the columns date, from, to and rate" in str(runner.invoke(commands, ["rates", str(path)]).exception)
    assert rate_tables.newest(small_workspace) is None
    assert runner.invoke(commands, ["rates", str(path), "--reporting", "eur"]).exit_code == 0
    kept = rate_tables.newest(small_workspace)
    assert kept is not None
    assert kept.currencies == ("EUR", "USD")


# The screens


def test_an_uploaded_table_is_kept_replaced_and_its_faults_are_said(small_workspace: Store) -> None:
    uploaded(TABLE)
    first = rate_tables.newest(small_workspace)
    assert first is not None
    assert (first.name, first.rows) == ("rates.csv", 2)
    app = uploaded("date,from,to,rate\n2024-03-31,EUR,USD,-1\n")
    assert "Row 2 of the rate table is no rate: it needs a date, two currency codes and a rate above 0." in {
        each.value for each in app.text
    }
    assert rate_tables.newest(small_workspace) == first
    app = uploaded("date,currency,rate\n2024-03-30,USD,0.5\n", into="eur")
    assert any(each.value.startswith("rates.csv: 1 rate of 30 Mar 2024 to 30 Mar 2024 between EUR, USD;") for each in app.text)
    assert not [path for path in (small_workspace.home / "uploads").rglob("*") if path.is_file()]


def test_rates_can_be_removed_and_the_table_before_counts_again(small_workspace: Store, tmp_path: Path) -> None:
    first = rate_tables.keep(small_workspace, rate_table.read(table(tmp_path)), "first.csv", actor=ME)
    second = rate_tables.keep(small_workspace, rate_table.read(table(tmp_path)), "second.csv", actor=ME)
    app = click(screen("ledgers.py"), "Remove these rates")
    assert any(each.value.startswith("“second.csv” with its 2 rates will be deleted") for each in app.text)
    assert rate_tables.newest(small_workspace) == second
    app = click(app, "Remove")
    assert rate_tables.newest(small_workspace) == first
    assert any(each.value.startswith("first.csv: 2 rates of ") for each in app.text)
    assert [entry.action for entry in audit.listed(small_workspace, second.id)] == ["rates.remove", "rates.keep"]
    assert CliRunner().invoke(commands, ["rates", "--remove"]).output == "Removed first.csv.\n"
    assert rate_tables.newest(small_workspace) is None
    assert any("Currencies are never added" in each.value for each in screen("ledgers.py").text)


def test_a_total_by_a_cross_rate_says_by_which_currency(small_workspace: Store, tmp_path: Path) -> None:
    """USD 0.99 are EUR 0.90, which are GBP 0.72; EUR 25.00 are GBP 20.00."""
    text = "date,from,to,rate\n2024-03-01,EUR,USD,1.10\n2024-03-02,EUR,GBP,0.80\n"
    rate_tables.keep(small_workspace, rate_table.read(table(tmp_path, text)), "rates.csv", actor=ME)
    app = screen("customers.py", into="GBP")
    assert figures(app)["Receivables, all in GBP"][0] == "GBP 20.72"
    assert [(row["Currency"], row["Rate of"]) for row in parts(app)] == [("EUR", "2 Mar 2024"), ("USD", "1 Mar 2024, via EUR")]


def test_customers_show_a_total_in_one_currency_by_the_rates_known_then(small_workspace: Store, tmp_path: Path) -> None:
    """As of 1 April the rate of that day is not known yet: 0.99 / 1.10 = 0.90."""
    rate_tables.keep(small_workspace, rate_table.read(table(tmp_path)), "rates.csv", actor=ME)
    app = screen("customers.py")
    shown = figures(app)
    assert shown["Receivables, all in EUR"] == ("EUR 25.90", "at the rate of 31 Mar 2024")
    assert shown["Overdue, all in EUR"] == ("EUR 25.90", "100% of the receivables")
    assert shown["Receivables"][0] == "EUR 25"  # that of the currency in view stays
    rows = [(row["Currency"], row["Receivables"], row["Rate of"], row["Receivables in EUR"]) for row in parts(app)]
    assert rows == [("EUR", "25.00", "—", "25.00"), ("USD", "0.99", "31 Mar 2024", "0.90")]
    assert figures(screen("customers.py", into="USD"))["Receivables, all in USD"][0] == "USD 28.49"


def test_with_a_model_the_total_says_what_is_expected_late(small_workspace: Store, tmp_path: Path) -> None:
    models.save(small_workspace, rates_model(), ledgers.load(small_workspace).id, actor=ME)
    rate_tables.keep(small_workspace, rate_table.read(table(tmp_path)), "rates.csv", actor=ME)
    assert figures(screen("customers.py"))["Expected late or very late, all in EUR"] == ("EUR 25.90", "100% of the receivables")


def test_a_missing_rate_is_said_and_no_total_made(small_workspace: Store, tmp_path: Path) -> None:
    rate_tables.keep(small_workspace, rate_table.read(table(tmp_path)), "rates.csv", actor=ME)
    app = screen("customers.py", as_of="2024-03-31")
    assert app.info[-1].value == "There is no rate from USD to EUR on or before 2024-03-30. So there is no total in EUR."
    assert not [label for label in figures(app) if "all in" in label]
    assert figures(app)["Receivables"][0] == "EUR 25"


@pytest.mark.usefixtures("small_workspace")
def test_without_rates_nothing_is_added() -> None:
    assert not [label for label in figures(screen("customers.py")) if "all in" in label]
