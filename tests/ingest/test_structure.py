"""Is a sheet read as the person who made it sees it: tables, groups, blanks, snapshots, rows that do not fit?"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter

from insights.ingest.draft import Options
from insights.ingest.parse import parse
from insights.ledger.errors import Refused
from tests.ingest.examples import aside, assert_nothing_lost, column, draft, file, ledger, notes


def owners(found: object) -> dict[str, str]:
    return dict(zip(column(found, "invoice_id"), column(found, "customer_id"), strict=True))  # type: ignore[arg-type]


TWO_TABLES = """
Still open
Invoice,Customer,Invoice Date,Due Date,Amount
1,C1,2025-01-05,2025-02-04,100.00
2,C1,2025-01-15,2025-02-14,200.00

Paid last year
Invoice,Customer,Invoice Date,Due Date,Paid Date,Amount
3,C1,2024-01-05,2024-02-04,2024-02-10,100.00
"""


def test_two_tables_below_each_other_are_asked_about(tmp_path: Path) -> None:
    asked = draft(tmp_path, TWO_TABLES).questions
    assert [(question.option, [value for value, _ in question.choices]) for question in asked] == [("table", ["*", "1", "2"])]
    whole = ledger(tmp_path, TWO_TABLES, Options(table="*"))
    assert column(whole, "invoice_id") == ["1", "2", "3"]
    assert column(whole, "paid_date") == [None, None, date(2024, 2, 10)]
    first = ledger(tmp_path, TWO_TABLES, Options(table="1"))
    assert (column(first, "invoice_id"), first.rows_ignored) == (["1", "2"], 4)
    with pytest.raises(Refused, match="There is no table 3"):
        draft(tmp_path, TWO_TABLES, Options(table="3"))


def test_a_summary_below_the_ledger_is_left_out_and_counted(tmp_path: Path) -> None:
    text = """
    Invoice,Customer,Invoice Date,Due Date,Amount
    1,C1,2025-01-05,2025-02-04,100.00
    Customer,Balance,Phone
    C1,100.00,555"""
    found = draft(tmp_path, text)
    assert found.ignored["other_table"] == 1
    assert_nothing_lost(found.require())


GROUPS = """
Date,Type,Number,Due Date,Amount,Balance
C1,Alpha Ltd,01234 567890,,,
05/01/2025,Invoice,11,04/02/2025,120.00,120.00
18/01/2025,Invoice,12,14/02/2025,130.00,130.00
Total Alpha Ltd,,,,250.00,250.00
C2,Beta Ltd,Tel 555-2024,Limit 9000,,
20/01/2025,Invoice,13,19/02/2025,240.00,240.00
1 - 30 days,,,,,
21/01/2025,Invoice,14,20/02/2025,300.00,300.00
"""


def test_a_group_row_may_hold_code_name_and_telephone(tmp_path: Path) -> None:
    found = ledger(tmp_path, GROUPS, Options(maps={"issue_date": "Date"}))
    assert owners(found) == {"11": "C1", "12": "C1", "13": "C2", "14": "C2"}
    assert column(found, "customer_name") == ["Alpha Ltd", "Alpha Ltd", "Beta Ltd", "Beta Ltd"]


@pytest.mark.parametrize("name", ["Total Energies", "Toplam Kalite", "Razem Sp. z o.o."])
def test_a_lone_name_above_its_rows_is_a_customer_though_it_begins_as_a_total(tmp_path: Path, name: str) -> None:
    """Its total stands below its rows, with a figure."""
    rows = f"Alpha Ltd,,,\n1,2026-01-05,2026-02-05,100.00\nTotal Alpha Ltd,,,100.00\n{name},,,\n2,2026-01-07,2026-02-07,70.00\nTotal for all,,,"
    found = ledger(tmp_path, f"Invoice,Date,Due Date,Amount\n{rows}")
    assert owners(found) == {"1": "Alpha Ltd", "2": name}


def test_a_line_of_the_page_is_no_customer_and_a_continued_group_the_same(tmp_path: Path) -> None:
    text = GROUPS.replace("1 - 30 days,", "Page 2 of 3,").replace("C2,Beta Ltd,Tel 555-2024,Limit 9000,,", "Beta Ltd,,,,,")
    text += "Beta Ltd (continued),,,,,\n22/01/2025,Invoice,15,21/02/2025,30.00,30.00\n"
    found = ledger(tmp_path, text, Options(maps={"issue_date": "Date"}))
    assert {owners(found)[number] for number in ("13", "14", "15")} == {"Beta Ltd"}


BLOCKS = """
Debitor      100042
Buchungskreis: 1000
Name         Alpha GmbH
Belegnr|Belegdatum|Nettofälligkeit|Betrag
1|15.01.2025|14.02.2025|1.190,00
* Konto 100042|||1.190,00
Debitor      100043
Name         Beta GmbH
Ort          Ulm
Belegnr|Belegdatum|Nettofälligkeit|Betrag
2|25.01.2025|24.02.2025|2.380,00
"""


def test_lines_above_each_block_name_its_customer(tmp_path: Path) -> None:
    found = ledger(tmp_path, BLOCKS)
    assert owners(found) == {"1": "100042", "2": "100043"}
    assert column(found, "customer_name") == ["Alpha GmbH", "Beta GmbH"]
    assert column(found, "company") == ["1000", "1000"]


PIVOT = """
Customer,Invoice,Invoice Date,Due Date,Amount
Alpha,1,2025-01-05,2025-02-04,100.00
,2,2025-01-15,2025-02-14,200.00
Beta,3,2025-01-25,2025-02-24,400.00
"""


def test_customers_named_once_are_filled_down_where_totals_prove_it_else_asked_about(tmp_path: Path) -> None:
    proven = PIVOT.replace("Beta,", "Alpha Total,,,,300.00\nBeta,") + "Beta Total,,,,400.00\nGrand Total,,,,700.00\n"
    found = ledger(tmp_path, proven)
    assert owners(found) == {"1": "Alpha", "2": "Alpha", "3": "Beta"}
    assert "filled_down" in notes(found)
    assert [question.option for question in draft(tmp_path, PIVOT).questions] == ["fill_down"]
    assert owners(ledger(tmp_path, PIVOT, Options(fill_down="yes")))["2"] == "Alpha"
    assert aside(ledger(tmp_path, PIVOT, Options(fill_down="no"))) == [(3, "Customer", "", "customer_missing")]


def test_a_missing_customer_among_many_is_no_pivot(tmp_path: Path) -> None:
    rows = "".join(f"{k},{'' if k == 4 else 'C1'},2025-01-05,2025-02-04,10.00\n" for k in range(9))
    found = ledger(tmp_path, f"Invoice,Customer,Invoice Date,Due Date,Amount\n{rows}")
    assert aside(found) == [(6, "Customer", "", "customer_missing")]


SNAPSHOTS = """
As Of,Invoice,Customer,Invoice Date,Due Date,Amount,Balance
2025-01-31,1,C1,2025-01-05,2025-02-04,100.00,100.00
2025-01-31,2,C1,2025-01-15,2025-02-14,200.00,200.00
2025-02-28,1,C1,2025-01-05,2025-02-04,100.00,40.00
2025-02-28,2,C1,2025-01-15,2025-02-14,200.00,200.00
"""


def test_snapshots_of_the_same_invoices_are_asked_about(tmp_path: Path) -> None:
    asked = draft(tmp_path, SNAPSHOTS).questions
    assert [question.option for question in asked] == ["snapshot"]
    found = ledger(tmp_path, SNAPSHOTS, Options(snapshot="2025-02-28"))
    assert (column(found, "outstanding"), found.rows_ignored) == ([4000, 20000], 2)


def test_a_value_with_a_separator_in_it_is_said_before_money_is_lost(tmp_path: Path) -> None:
    text = "Customer,Invoice,Invoice Date,Due Date,Amount\nC1,1,2025-01-02,2025-02-01,1,234.50\nC1,2,2025-01-03,2025-02-02,12,20"
    with pytest.raises(Refused, match="Row 2 has 6 values, but the header only 5 names: a separator"):
        draft(tmp_path, text)


def test_a_file_without_a_header_asks_which_column_is_which(tmp_path: Path) -> None:
    text = "A1;C1;2025-01-05;2025-02-04;100.00\nA2;C1;2025-01-15;2025-02-14;200.00"
    found = draft(tmp_path, text)
    assert found.headers == ("Column 1", "Column 2", "Column 3", "Column 4", "Column 5")
    fields = ["customer_id", "issue_date", "due_date", "amount"]
    assert [question.field for question in found.questions] == fields
    maps = dict(zip(fields, ("Column 2", "Column 3", "Column 4", "Column 5"), strict=True))
    assert column(ledger(tmp_path, text, Options(maps=maps)), "amount") == [10000, 20000]


def test_the_line_of_the_header_can_be_said(tmp_path: Path) -> None:
    text = "invoice,customer,due date,amount,x\nInvoice,Customer,Invoice Date,Due Date,Amount\n1,C1,2025-01-05,2025-02-04,100.00"
    assert column(ledger(tmp_path, text, Options(header="2")), "amount") == [10000]
    with pytest.raises(Refused, match="There is no line 9"):
        draft(tmp_path, text, Options(header="9"))


def test_a_hidden_sheet_is_read_only_where_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, more in (("Report", []), ("old", ["Currency", "Paid Date"])):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Invoice", "Customer", "Invoice Date", "Due Date", "Amount", *more])
            sheet.write_row(1, 0, [name, "C1", "2025-01-05", "2025-02-04", 10, *(["EUR", ""] if more else [])])
            if more:
                sheet.hide()
    assert column(parse(path, Options()).require(), "invoice_id") == ["Report"]
    assert column(parse(path, Options(sheet="old")).require(), "invoice_id") == ["old"]


def test_merged_cells_say_the_same_of_every_row(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Customer", "Invoice", "Invoice Date", "Due Date", "Amount"])
        for at in range(1, 5):
            sheet.write_row(at, 1, [at, "2025-01-05", "2025-02-04", 10 * at])
        sheet.merge_range(1, 0, 3, 0, "Alpha")
        sheet.write(4, 0, "Beta")
    assert owners(parse(path, Options()).require()) == {"1": "Alpha", "2": "Alpha", "3": "Alpha", "4": "Beta"}


def test_text_guarded_against_a_spreadsheet_is_the_text(tmp_path: Path) -> None:
    text = 'Invoice,Customer No,Invoice Date,Due Date,Amount\n="0001",="000123",="2025-01-02",="2025-02-01",="100.00"\n0002,000123,2025-01-12,2025-02-11,5.00'
    assert owners(parse(file(tmp_path, text), Options()).require()) == {"0001": "000123", "0002": "000123"}


def test_formulas_that_were_never_calculated_are_no_values(tmp_path: Path) -> None:
    """Programs that write workbooks leave their values out, or write 0."""
    for value, choices in (("", [""]), (0, ["", "Balance"])):
        path = tmp_path / f"book{value}.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["Invoice", "Customer", "Invoice Date", "Due Date", "Amount", "Paid", "Balance"])
            for at in range(1, 4):
                sheet.write_row(at, 0, [at, "C1", "2025-01-05", "2025-02-04", 100, 40])
                sheet.write_formula(at, 6, f"=E{at + 1}-F{at + 1}", None, value)
        asked = parse(path, Options()).questions
        assert [(question.field, [code for code, _ in question.choices]) for question in asked] == [("outstanding", choices)]
        assert "formulas" in asked[0].sentence
        assert column(parse(path, Options(maps={"outstanding": "", "paid_amount": "Paid"})).require(), "outstanding")[0] == 6000


def test_hidden_rows_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Invoice", "Customer", "Invoice Date", "Due Date", "Amount"])
        for at in range(1, 4):
            sheet.write_row(at, 0, [at, "C1", "2025-01-05", "2025-02-04", 100])
        sheet.set_row(2, None, None, {"hidden": True})
    assert [question.option for question in parse(path, Options()).questions] == ["hidden_rows"]
    assert column(parse(path, Options(hidden_rows="use")).require(), "invoice_id") == ["1", "2", "3"]
    left = parse(path, Options(hidden_rows="leave")).require()
    assert_nothing_lost(left)
    assert column(left, "invoice_id") == ["1", "3"]


DATEV = """
"EXTF";700;21;"Buchungsstapel";13;20250714093000000;;"RE";;;20410;17;20241001;4;20241001;20250331;"Ausgang";;1
Umsatz;Soll/Haben-Kennzeichen;Konto;Belegdatum;Belegfeld 1;Belegfeld 2
100,00;S;10001;0511;R1;051224
200,00;S;10002;1501;R2;140225
"""


def test_the_first_line_of_a_datev_export_says_the_year(tmp_path: Path) -> None:
    maps = {
        "amount": "Umsatz",
        "customer_id": "Konto",
        "invoice_id": "Belegfeld 1",
        "issue_date": "Belegdatum",
        "due_date": "Belegfeld 2",
    }
    found = ledger(tmp_path, DATEV, Options(maps=maps))
    assert column(found, "issue_date") == [date(2024, 11, 5), date(2025, 1, 15)]
    assert column(found, "due_date") == [date(2024, 12, 5), date(2025, 2, 14)]


def test_a_day_that_has_not_come_does_not_move_the_end_of_the_ledger(tmp_path: Path) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=40)).date()
    text = f"""
    Invoice,Customer,Invoice Date,Due Date,Paid Date,Amount
    1,C1,2025-01-05,2025-02-04,2025-02-01,100.00
    2,C1,2025-01-15,2025-02-14,{ahead},200.00
    3,C1,2025-01-20,2025-02-19,,300.00"""
    found = ledger(tmp_path, text)
    assert found.complete_through == date(2025, 2, 1)
    assert "dates_ahead" in notes(found)


def test_one_day_far_after_all_others_is_asked_about(tmp_path: Path) -> None:
    rows = "".join(f"{k},C1,2025-01-{k:02},2025-03-01,,10.00\n" for k in range(1, 25)) + "99,C1,2025-07-01,2025-08-01,,10.00\n"
    text = f"Invoice,Customer,Invoice Date,Due Date,Paid Date,Amount\n{rows}"
    asked = draft(tmp_path, text).questions
    assert [(question.option, question.choices[0][0]) for question in asked] == [("complete_through", "2025-01-24")]
    assert asked[0].answered(Options(), "2025-01-24").complete_through == date(2025, 1, 24)


def test_rows_that_hold_only_a_customer_name_the_rows_below_them(tmp_path: Path) -> None:
    text = """
    Customer Code,Customer Name,Invoice,Invoice Date,Due Date,Amount
    C1,Alpha,,,,
    ,,1,2025-01-05,2025-02-04,10
    ,,2,2025-01-06,2025-02-05,20
    C2,Beta,,,,
    ,,3,2025-01-07,2025-02-06,30"""
    found = ledger(tmp_path, text)
    assert (owners(found), found.rows_ignored) == ({"1": "C1", "2": "C1", "3": "C2"}, 2)
    assert column(found, "customer_name") == ["Alpha", "Alpha", "Beta"]


def test_a_dump_of_a_database_escapes_its_quotation_marks(tmp_path: Path) -> None:
    text = 'invoice,customer,invoice date,due date,amount,paid date\n1,"Foo \\"Bar\\", Ltd",2025-01-05,2025-02-04,10.00,\\N\n'
    found = ledger(tmp_path, text)
    assert (column(found, "customer_id"), column(found, "paid_date")) == (['Foo "Bar", Ltd'], [None])
