"""Are totals in one currency shown with their rates, and only with rates?"""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from insights.cli import app as commands
from insights.ingest import rate_table
from insights.store import audit, ledgers, models, rate_tables
from insights.store.store import Store
from tests.support.rates import TABLE, table
from tests.support.screens import click, figures, screen, sheet
from tests.support.workspaces import ME, rates_model

pytestmark = pytest.mark.slow  # screens

UPLOADER = "A table of rates: date, from, to, rate"


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
    frame = sheet(app, "Rate of")
    return [{str(name): str(value) for name, value in line.items()} for line in frame.to_dict("records")]


@pytest.mark.slow
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


@pytest.mark.slow
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
