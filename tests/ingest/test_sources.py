"""Do mappings, second files, own presets, reconciliation and updates do what the Ledgers screen says of them?"""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from insights import ingest
from insights.ingest import rate_table
from insights.ingest.draft import Options
from insights.ingest.parse import parse
from insights.ingest.recognise import mappings
from insights.ledger.errors import Refused
from tests.ingest import forked
from tests.ingest.examples import aside, assert_nothing_lost, column, draft, file, ledger, notes

OPEN = """
invoice_id,customer_id,issue_date,due_date,paid_date,amount,region
A1,C1,2024-01-05,2024-02-05,,100.00,N
A2,C1,2024-01-10,2024-02-10,,50.00,N
A3,C2,2024-01-20,2024-02-20,2024-02-19,70.00,S
"""


def test_a_saved_mapping_is_recognised_by_the_headers_whatever_their_order(tmp_path: Path) -> None:
    odd = "Nr,Kd,Von,Bis,Summe X\n1,K1,2/1/2024,2/3/2024,5.00"
    options = Options(
        maps={"invoice_id": "Nr", "customer_id": "Kd", "issue_date": "Von", "due_date": "Bis", "amount": "Summe X"},
        date_order="dmy",
    )
    mappings.save(tmp_path, "Branch list", draft(tmp_path, odd, options), options)
    assert mappings.names(tmp_path) == ["Branch list"]
    again = file(tmp_path, "summe x,KD,nr,von,BIS\n5.00,K1,1,2/1/2024,2/3/2024", "later.csv")
    found = ingest.read(again, home=tmp_path, run=forked.run)
    assert (found.mapping, column(found.require(), "due_date")) == ("Branch list", [date(2024, 3, 2)])
    assert ingest.read(again, Options(mapping="none"), home=tmp_path, run=forked.run).ledger is None
    mappings.delete(tmp_path, "Branch list")
    assert mappings.names(tmp_path) == []
    with pytest.raises(Refused, match="no saved mapping “Branch list”"):
        ingest.read(again, Options(mapping="Branch list"), home=tmp_path, run=forked.run)


def test_what_the_user_says_now_counts_more_than_a_saved_mapping(tmp_path: Path) -> None:
    text = "Nr,Kd,Von,Bis,Summe,Netto\n1,K1,2024-01-02,2024-02-03,5.00,4.00"
    options = Options(maps={"invoice_id": "Nr", "customer_id": "Kd", "issue_date": "Von", "due_date": "Bis", "amount": "Summe"})
    mappings.save(tmp_path, "a", draft(tmp_path, text, options), options)
    known = mappings.saved(tmp_path)
    assert column(parse(file(tmp_path, text), Options(maps={"amount": "Netto"}), known).require(), "amount") == [400]


def test_a_damaged_mapping_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "x.json").write_text("{", encoding="utf-8")
    assert mappings.saved(tmp_path) == ()


def test_a_user_can_add_a_preset_as_one_file(tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    preset = """
    title = "House system"
    detect = [["Aktenzeichen"], ["Wert"]]
    [columns]
    invoice_id = ["Aktenzeichen"]
    customer_id = ["Wer"]
    issue_date = ["Am"]
    due_date = ["Bis"]
    amount = ["Wert"]
    """
    (tmp_path / "presets" / "house.toml").write_text(preset, encoding="utf-8")
    path = file(tmp_path, "Aktenzeichen,Wer,Am,Bis,Wert\n7,K1,2024-01-02,2024-02-03,5.00")
    found = ingest.read(path, home=tmp_path, run=forked.run)
    assert (found.preset, column(found.require(), "invoice_id")) == ("house", ["7"])
    assert ingest.presets.titles(tmp_path)["house"] == "House system"
    with pytest.raises(Refused, match="no preset “hause”"):
        ingest.read(path, Options(preset="hause"), home=tmp_path, run=forked.run)
    (tmp_path / "presets" / "house.toml").write_text("title = ", encoding="utf-8")
    with pytest.raises(Refused, match=r"The preset house.toml cannot be read"):
        ingest.read(path, home=tmp_path, run=forked.run)


def test_payments_find_their_invoice_by_document_or_settle_the_oldest_and_the_rest_is_reported(tmp_path: Path) -> None:
    payments = file(
        tmp_path,
        """
        Invoice,Customer,Payment Date,Amount
        A2,C1,2024-02-01,20.00
        A2,C1,2024-02-12,30.00
        ,C1,2024-02-15,60.00
        A9,C1,2024-02-16,5.00
        ,C7,2024-02-17,6.00
        """,
        "payments.csv",
    )
    found = ledger(tmp_path, OPEN, Options(payments=payments))
    assert column(found, "paid_date") == [None, date(2024, 2, 12), date(2024, 2, 19)]
    assert column(found, "outstanding") == [4000, 0, 0]
    assert found.payments.to_pylist() == [
        {"position": 0, "paid_date": date(2024, 2, 15), "amount": 6000},
        {"position": 1, "paid_date": date(2024, 2, 1), "amount": 2000},
        {"position": 1, "paid_date": date(2024, 2, 12), "amount": 3000},
    ]
    assert [(entry.row, entry.reason) for entry in found.problems if "payment_unmatched" in entry.reason] == [
        (5, "payment_unmatched"),
        (6, "payment_unmatched"),
    ]
    assert notes(found)["payments_unmatched"] == "2 (11.00 XXX)"
    assert found.complete_through == date(2024, 2, 19)


def test_payments_fill_instalments_in_turn_and_stay_in_their_currency(tmp_path: Path) -> None:
    text = """
    invoice_id,customer_id,issue_date,due_date,amount,currency
    A1,C1,2024-01-05,2024-03-05,1000,JPY
    A1,C1,2024-01-05,2024-02-05,500,JPY
    A2,C1,2024-01-05,2024-02-05,10.00,EUR
    """
    plain = file(
        tmp_path,
        "Invoice,Customer,Payment Date,Amount\nA1,C1,2024-02-01,700\n,C1,2024-02-03,100\nA2,C1,2024-02-04,-3.00",
        "plain.csv",
    )
    found = ledger(tmp_path, text, Options(payments=plain))
    assert column(found, "outstanding") == [700, 0, 1000]
    assert [entry.reason for entry in found.problems if entry.column == "payments file"] == [
        "payment_negative",
        "payments_oldest_first",
    ]
    priced = file(
        tmp_path, "Invoice,Customer,Payment Date,Amount,Currency\n,C1,2024-02-03,4.00,EUR\n,C1,2024-02-03,4.00,USD", "priced.csv"
    )
    found = ledger(tmp_path, text, Options(payments=priced))
    assert column(found, "outstanding") == [1000, 500, 600]
    assert notes(found)["payments_unmatched"] == "1 (4.00 USD)"


@pytest.mark.parametrize(("paid", "settled"), [("99.50", True), ("98.90", False)])
def test_a_residual_within_the_tolerance_counts_as_settled(tmp_path: Path, paid: str, settled: bool) -> None:  # noqa: FBT001
    payments = file(tmp_path, f"Invoice,Payment Date,Amount\nA1,2024-02-01,{paid}", "payments.csv")
    found = ledger(tmp_path, OPEN, Options(payments=payments))
    assert (column(found, "paid_date")[0] == date(2024, 2, 1)) is settled


def test_attributes_join_by_customer_and_damaged_ids_get_their_figures_back(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "ledger.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["customer_id", "issue_date", "due_date", "amount"])
        page.write_row(1, 0, [1234567890123456789.0, "2024-01-05", "2024-02-05", 5.0])
    people = file(tmp_path, "customer_id;size\n1234567890123456789;big\n99;small", "people.csv")
    found = parse(path, Options(attributes=people)).require()
    assert column(found, "customer_id") == ["1234567890123456789"]
    assert column(found, "x:size") == ["big"]
    assert {"ids_rounded", "ids_restored"} <= set(notes(found))


def test_an_attributes_file_says_what_it_does_not_know(tmp_path: Path) -> None:
    people = file(tmp_path, "customer_id;size\nC1;big\nC1;huge", "people.csv")
    found = ledger(tmp_path, OPEN, Options(attributes=people))
    assert column(found, "x:size") == ["big", "big", None]
    assert (notes(found)["attributes_missing"], notes(found)["attributes_repeated"]) == ("1", "1")


def test_sheets_with_the_same_columns_are_asked_for_or_read_one_below_the_other(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "months.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for month in ("01", "02"):
            page = book.add_worksheet(month)
            page.write_row(0, 0, ["invoice_id", "customer_id", "issue_date", "due_date", "amount"])
            page.write_row(1, 0, [f"A{month}", "C1", f"2024-{month}-05", f"2024-{month}-25", 5.0])
    asked = parse(path, Options())
    assert [question.option for question in asked.questions] == ["sheet"]
    assert column(parse(path, Options(sheet="02")).require(), "invoice_id") == ["A02"]
    both = parse(path, Options(sheet="*")).require()
    assert (column(both, "invoice_id"), column(both, "row")) == (["A01", "A02"], [2, 4])
    assert_nothing_lost(both)
    with pytest.raises(Refused, match="no sheet “03”; it has 01, 02"):
        parse(path, Options(sheet="03"))


def test_the_reconciliation_adds_up_and_shows_the_difference_to_a_control_total(tmp_path: Path) -> None:
    """
    company,invoice_id,customer_id,issue_date,due_date,paid_date,amount,currency
    A,1,C1,2024-01-05,2024-02-05,,100.00,EUR
    A,2,C1,2024-01-05,2024-02-05,2024-02-09,40.00,EUR
    A,3,C1,2024-01-06,,,-30.00,EUR
    B,4,C1,2024-01-05,2024-02-05,,7000,JPY
    B,5,C1,2024-01-05,2024-01-01,,9,JPY
    Total,,,,,,7117.00,
    """
    found = ledger(tmp_path, test_the_reconciliation_adds_up_and_shows_the_difference_to_a_control_total.__doc__ or "")
    seen = ingest.reconciliation(found, {"EUR": Decimal("75.00"), "JPY": "7000"})
    assert seen.rows_read == seen.rows_used + seen.rows_set_aside + seen.rows_ignored == 6
    assert seen.outstanding == {"EUR": 7000, "JPY": 7000}
    assert [(control.currency, control.difference) for control in seen.controls] == [("EUR", -500), ("JPY", 0)]
    assert not seen.balances
    with pytest.raises(Refused, match="“seventy” is no amount"):
        ingest.reconciliation(found, {"EUR": "seventy"})
    first = seen.parts[0]
    assert (first.company, first.invoices, first.credits, first.amount, first.outstanding, first.credit) == (
        "A",
        2,
        1,
        14000,
        7000,
        -3000,
    )
    assert (seen.settled, seen.settled_dated, seen.first_paid) == (1, 1, date(2024, 2, 9))


def test_an_export_of_open_and_lately_settled_invoices_looks_cut(tmp_path: Path) -> None:
    rows = [
        f"{k},C1,{date.fromordinal(738000 + k * 3)},{date.fromordinal(738030 + k * 3)},{'2023-03-01' if k > 150 else ''},5.00"
        for k in range(200)
    ]
    found = ledger(tmp_path, "\n".join(["invoice_id,customer_id,issue_date,due_date,paid_date,amount", *rows[:150]]))
    assert "no_paid_dates" in notes(found)
    settled = rows[:100] + [row.replace(",,5.00", ",2023-01-15,5.00") for row in rows[100:150]]
    cut = ledger(tmp_path, "\n".join(["invoice_id,customer_id,issue_date,due_date,paid_date,amount", *settled]))
    assert notes(cut)["looks_cut"] == "2023-01-15"


def test_the_difference_of_two_exports_names_what_is_new_changed_settled_and_gone(tmp_path: Path) -> None:
    old = ledger(tmp_path, OPEN)
    new = ledger(
        tmp_path,
        """
        invoice_id,customer_id,issue_date,due_date,paid_date,amount,region
        A1,C1,2024-01-05,2024-02-05,2024-03-01,100.00,N
        A2,C1,2024-01-10,2024-02-28,,50.00,W
        A4,C2,2024-02-25,2024-03-25,,10.00,S
        """,
    )
    seen = ingest.difference(old, new)
    names = [table["invoice_id"].to_pylist() for table in (seen.new, seen.changed, seen.settled, seen.disappeared)]
    assert names == [["A4"], ["A2"], ["A1"], ["A3"]]
    assert seen.changed["was"].to_pylist() == [["due_date", "region"]]
    assert (seen.unchanged, seen.unstable) == (0, ("region",))
    both = ingest.updated(old, new)
    assert column(both, "invoice_id") == ["A1", "A2", "A4", "A3"]
    assert (both.complete_through, both.history_starts) == (date(2024, 3, 1), date(2024, 2, 19))
    assert_nothing_lost(both)


def test_an_updated_ledger_keeps_the_payments_of_the_invoices_that_it_keeps(tmp_path: Path) -> None:
    payments = file(tmp_path, "Invoice,Payment Date,Amount\nA2,2024-02-01,20.00", "payments.csv")
    old = ledger(tmp_path, OPEN, Options(payments=payments))
    new = ledger(tmp_path, "invoice_id,customer_id,issue_date,due_date,amount,colour\nA1,C1,2024-01-05,2024-02-05,100.00,red")
    both = ingest.updated(old, new)
    at = both.payments["position"].to_pylist()
    assert [column(both, "invoice_id")[k] for k in at] == ["A2"]
    assert column(both, "x:colour") == ["red", None, None]


def test_two_currencies_are_added_only_by_a_dated_rate(tmp_path: Path) -> None:
    table = rate_table.read(
        file(tmp_path, "date,from,to,rate\n2024-01-01,EUR,USD,1.10\n2024-02-01,EUR,USD,1.20\n2024-01-01,USD,JPY,150", "rates.csv")
    )
    assert table.converted(10000, "EUR", "USD", date(2024, 1, 31)) == 11000
    assert table.converted(12000, "USD", "EUR", date(2024, 2, 1)) == 10000
    total = table.total({"EUR": 10000, "USD": 500}, "USD", date(2024, 2, 2))
    assert (total.amount, [rate.day for rate in total.rates]) == (12500, [date(2024, 2, 1)])
    with pytest.raises(Refused, match="no rate from EUR to USD on or before 2023-12-31"):
        table.converted(1, "EUR", "USD", date(2023, 12, 31))
    with pytest.raises(Refused, match="no rate from GBP to USD"):
        table.total({"GBP": 1}, "USD", date(2024, 2, 2))
    with pytest.raises(Refused, match="Row 2 of the rate table is no rate"):
        rate_table.read(file(tmp_path, "date,from,to,rate\n2024-01-01,EUR,USD,-1", "bad.csv"))


def test_yen_in_a_raw_table_is_asked_for(tmp_path: Path) -> None:
    path = Path(__file__).parents[1] / "exports" / "sap_tables_yen.txt"
    asked = parse(path, Options())
    assert [(question.option, [value for value, _ in question.choices]) for question in asked.questions] == [
        ("hundredths", ["divided", "whole"])
    ]
    assert column(parse(path, Options(hundredths="whole")).require(), "amount")[:2] == [1250, 100]
    assert column(parse(path, Options(hundredths="divided")).require(), "amount")[:2] == [125000, 9955]
    del tmp_path


def test_rows_alike_under_two_numbers_are_used_and_said(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    A1,C1,2024-01-05,2024-02-05,10.00
    A2,C1,2024-01-05,2024-02-05,10.00
    """
    found = ledger(tmp_path, test_rows_alike_under_two_numbers_are_used_and_said.__doc__ or "")
    assert (aside(found), notes(found)["looks_repeated"]) == ([], "1")


def test_a_mapping_is_kept_as_readable_json(tmp_path: Path) -> None:
    options = Options(currency="EUR")
    path = mappings.save(tmp_path, "Größe 1", draft(tmp_path, OPEN, options), options)
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["maps"]["amount"] == "amount"
    assert kept["answers"] == {"preset": "", "currency": "EUR"}


@pytest.mark.parametrize(
    ("paid", "day", "settled"),
    [
        ("98.00", "2024-01-15", True),
        ("98.00", "2024-01-16", False),
        ("97.00", "2024-01-12", False),
        ("100.00", "2024-03-01", True),
    ],
)
def test_a_short_payment_within_the_cash_discount_is_a_full_payment(tmp_path: Path, paid: str, day: str, settled: bool) -> None:  # noqa: FBT001
    text = "invoice_id,customer_id,issue_date,due_date,amount,terms\nA1,C1,2024-01-05,2024-02-05,100.00,2/10 net 30"
    payments = file(tmp_path, f"Invoice,Payment Date,Amount\nA1,{day},{paid}", "payments.csv")
    found = ledger(tmp_path, text, Options(payments=payments, tolerance="0"))
    assert (column(found, "paid_date") == [date.fromisoformat(day)]) is settled


def test_a_settled_row_may_keep_a_residual_within_the_tolerance(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount,outstanding
    A1,C1,2024-01-05,2024-02-05,2024-02-01,100.00,0.99
    A2,C1,2024-01-05,2024-02-05,2024-02-01,100.00,1.01
    """
    found = ledger(tmp_path, test_a_settled_row_may_keep_a_residual_within_the_tolerance.__doc__ or "")
    assert (column(found, "invoice_id"), column(found, "outstanding")) == (["A1"], [0])
    assert [reason for *_, reason in aside(found)] == ["paid_but_outstanding"]


def test_payments_of_the_file_and_of_a_second_one_add_up(tmp_path: Path) -> None:
    path = Path(__file__).parents[1] / "exports" / "erpnext_ledger.csv"
    payments = file(tmp_path, "Invoice,Payment Date,Amount\nSINV-4,2024-03-09,650.00", "payments.csv")
    found = parse(path, Options(payments=payments)).require()
    at = column(found, "invoice_id").index("SINV-4")
    assert (column(found, "outstanding")[at], column(found, "paid_date")[at]) == (5000, None)


def test_of_a_second_workbook_the_sheet_that_fits_is_read(tmp_path: Path) -> None:
    """A cover and a list of names stand before the payments and the attributes."""
    import xlsxwriter

    path = tmp_path / "second.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Cover").write_row(0, 0, ["Receivables", "2024"])
        sheets = {
            "Payments": [["invoice_id", "paid_date", "amount"], ["A1", "2024-02-03", "100.00"]],
            "People": [["customer_id", "customer_name", "size"], ["C1", "One", "big"]],
        }
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
    found = ledger(tmp_path, OPEN, Options(payments=path, attributes=path))
    assert found.payments["paid_date"].to_pylist() == [date(2024, 2, 3)]
    assert set(column(found, "x:size")) == {"big", None}


def test_a_second_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    scan = tmp_path / "scan.csv"
    scan.write_bytes(b"%PDF-1.7")
    with pytest.raises(Refused, match=r"^Payments file: This is a PDF"):
        ledger(tmp_path, OPEN, Options(payments=scan))
    with pytest.raises(Refused, match=r"^Attributes file: This is a PDF"):
        ledger(tmp_path, OPEN, Options(attributes=scan))
