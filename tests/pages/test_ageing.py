"""How old is what is owed, and do the invoices behind an amount sum to it?"""

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.csv as pa_csv
import pytest

from insights.ledger.table_files import csv_text
from insights.messages import plain
from insights.portfolio import AgeRanges
from insights.services import rates
from insights.services.ageing import age_table, aged
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.store import Store
from tests.support.screens import figures, lists, rows, said, screen
from tests.support.workspaces import ME, ledger_of, with_credit_note

LEDGER = """
    north acme  1 2024-01-02 2024-02-01 -          10000 EUR
    north acme  2 2024-02-05 2024-03-06 -           2500 EUR
    north birch 3 2024-03-01 2024-04-30 -            700 EUR
    south acme  4 2024-02-10 2024-03-31 -             99 EUR
"""


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


@pytest.fixture
def aged_workspace(workspace: Store) -> Store:
    """As of 1 April 2024 north's acme is 60 and 26 days past due, birch not yet; south's acme since a day. 4.00 are credited."""
    commit(workspace, with_credit_note(ledger_of(LEDGER), 400), actor=ME)
    return workspace


@pytest.mark.usefixtures("aged_workspace")
@pytest.mark.slow
def test_the_matrix_has_a_row_per_customer_below_their_totals() -> None:
    app = screen("ageing.py")
    columns = ["customer", "not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90", "receivables"]
    assert [tuple(row) for row in rows(app)[columns].to_numpy().tolist()] == [
        ("All customers", "7.00", "25.99", "100.00", "0.00", "0.00", "132.99"),
        ("acme", "0.00", "25.00", "100.00", "0.00", "0.00", "125.00"),
        ("birch", "7.00", "0.00", "0.00", "0.00", "0.00", "7.00"),
        ("acme", "0.00", "0.99", "0.00", "0.00", "0.00", "0.99"),
    ]
    drawn = lists(app)[0]["groups"][0]["rows"]
    assert [each.get("total", False) for each in drawn] == [True, False, False, False]
    assert [each["cells"]["customer"]["below"] for each in drawn[1:]] == ["north", "north", "south"]


@pytest.mark.usefixtures("aged_workspace")
@pytest.mark.slow
def test_an_amount_is_a_button_where_invoices_stand_behind_it_and_the_one_chosen_is_marked() -> None:
    drawn = lists(screen("ageing.py", cell="days_1_30", who="=acme", of="=south"))[0]
    south = drawn["groups"][0]["rows"][3]
    assert south["cells"]["days_1_30"] == {"text": "0.99", "chooses": True}
    assert south["cells"]["not_due"] == "0.00"
    assert drawn["chosen"] == [south["key"], "days_1_30"]


@pytest.mark.usefixtures("aged_workspace")
@pytest.mark.slow
def test_a_heading_says_by_what_the_matrix_is_sorted() -> None:
    columns = lists(screen("ageing.py", sorted="oldest"))[0]["columns"]
    assert {each["name"]: each.get("sorted") for each in columns if each.get("sorts")} == {
        "customer": None,
        "days_over_90": "descending",
        "receivables": None,
    }


@pytest.mark.usefixtures("aged_workspace")
@pytest.mark.slow
def test_tiles_say_the_totals_to_the_cent() -> None:
    shown = figures(screen("ageing.py"))
    assert shown["Receivables"] == ("EUR 132.99", "4 open invoices")
    assert shown["Net balance"] == ("EUR 128.99", "EUR 4 not applied yet")
    assert shown["Past due"] == ("EUR 125.99", "95%, EUR 0 over 90 days")
    assert "Likely unpaid in 30 days" not in shown


@pytest.mark.parametrize(
    ("asked", "heading", "says", "listed"),
    [
        ({"cell": "days_1_30"}, "All customers: 1-30 days", "2 invoices, EUR 25.99", ["2", "4"]),
        ({"cell": "days_1_30", "who": "=acme", "of": "=south"}, "acme: 1-30 days", "1 invoice, EUR 0.99", ["4"]),
        ({"cell": "receivables", "company_shown": "=south"}, "All customers: Receivables", "1 invoice, EUR 0.99", ["4"]),
        ({"cell": "credits", "shown": "net"}, "All customers: Credit notes", "1 credit note, EUR 4.00", ["C1"]),
        ({"cell": "net_balance", "shown": "net"}, "All customers: Net balance", "5 rows, EUR 128.99", ["1", "2", "C1", "4", "3"]),
        (
            {"cell": "days_46_60", "by": "issue", "ranges": "45,60"},
            "All customers: 46-60 days",
            "2 invoices, EUR 25.99",
            ["2", "4"],
        ),
    ],
)
@pytest.mark.usefixtures("aged_workspace")
@pytest.mark.slow
def test_the_address_names_an_amount_and_the_invoices_behind_it_sum_to_it(
    asked: dict[str, str], heading: str, says: str, listed: list[str]
) -> None:
    app = screen("ageing.py", **asked)
    assert heading in said(app)
    assert says in said(app)
    assert rows(app, 1)["invoice"].tolist() == listed


@pytest.mark.usefixtures("aged_workspace")
@pytest.mark.slow
def test_a_past_day_of_a_ledger_without_dated_payments_is_said_to_be_as_invoiced() -> None:
    assert "As invoiced" in said(screen("ageing.py", as_of="2024-03-01"))
    assert "As invoiced" not in said(screen("ageing.py"))


@pytest.mark.usefixtures("aged_workspace")
@pytest.mark.slow
def test_what_names_no_ranges_is_said_and_the_usual_ones_are_shown() -> None:
    app = screen("ageing.py", ranges="90,30", cell="days_1_30")
    assert "ascending" in app.warning[0].value
    assert "days_over_90" in rows(app)


@pytest.mark.usefixtures("aged_workspace")
@pytest.mark.slow
def test_a_search_shows_whom_it_names_without_the_totals() -> None:
    assert rows(screen("ageing.py", q="BIR"))["customer"].tolist() == ["birch"]
    assert "No customer" in said(screen("ageing.py", q="nobody"))


def test_the_file_sums_to_what_the_screen_says(aged_workspace: Store) -> None:
    ledger = ledgers.load(aged_workspace, ledgers.get(aged_workspace).id)
    text = csv_text(age_table(aged(ledger, date(2024, 4, 1), AgeRanges(), {}), date(2024, 4, 1)))
    read = pa_csv.read_csv(
        io.BytesIO(text.encode()), convert_options=pa_csv.ConvertOptions(include_columns=["row", "receivables"])
    )
    of_kind = {kind: [row["receivables"] for row in read.to_pylist() if row["row"] == kind] for kind in ("customer", "total")}
    assert round(sum(of_kind["customer"]), 2) == sum(of_kind["total"]) == 132.99


@pytest.mark.usefixtures("published")
def test_a_model_without_payment_dates_leaves_out_what_will_be_unpaid() -> None:
    shown = rows(screen("ageing.py"))
    assert shown["receivables"].tolist() == ["25.00", "25.00"]
    assert "unpaid" not in shown


@pytest.mark.slow
@pytest.mark.usefixtures("sample_workspace")
def test_with_a_model_it_says_what_will_probably_be_unpaid() -> None:
    app = screen("ageing.py", cell="unpaid")
    whole = rows(app).iloc[0]
    assert 0 < amount(whole["unpaid"]) < amount(whole["receivables"])
    assert whole["unpaid"] in figures(app)["Likely unpaid in 30 days"][0]
    assert f"EUR {whole['unpaid']}" in said(app)


@pytest.mark.slow
def test_all_currencies_in_one_are_the_sum_and_what_has_no_rate_stands_apart(workspace: Store, tmp_path: Path) -> None:
    """132.99 EUR and 50.00 USD at 0.9 are 177.99 EUR; the Swiss francs have no rate."""
    more = LEDGER + "    south dune 5 2024-02-10 2024-03-31 - 5000 USD\n    south elm 6 2024-02-10 2024-03-31 - 800 CHF\n"
    commit(workspace, ledger_of(more), actor=ME)
    assert not [each for each in screen("ageing.py").selectbox if each.label == "All currencies in"], "no rates are kept"
    table = tmp_path / "rates.csv"
    table.write_text("date,from,to,rate\n2024-03-31,USD,EUR,0.9\n2024-04-01,USD,EUR,0.5\n", "utf-8")
    rates.keep(workspace, table, actor=ME)
    app = screen("ageing.py", into="EUR", cell="receivables")
    assert figures(app)["Receivables"][0] == "EUR 177.99"
    assert plain("USD at 0.9 of 2024-03-31") in said(app)
    assert plain("There is no rate from CHF to EUR on or before 2024-03-31: that currency stands apart.") in said(app)
    assert "5 invoices, EUR 177.99" in said(app)
    assert figures(screen("ageing.py", into="EUR", currency="CHF"))["Receivables"][0] == "CHF 8.00"
    app = screen("figures.py", into="EUR")
    assert plain("USD at 0.9 of 2024-03-31") in said(app)
    assert "Behind it: 5 invoices, EUR 177.99" in said(app)
