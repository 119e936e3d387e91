"""Can files be united, completed and left out on the screen of ledgers, and is every row said to be of its file?"""

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from insights.store import ledgers
from insights.store.store import Store
from tests.support.screens import click, figures, screen, sheet
from tests.support.uploads import GOOD, files_left

pytestmark = pytest.mark.slow

ASIDE = "Set aside because"
EXPORTS = Path(__file__).parents[1] / "exports"
PAYMENTS = "Invoice No,Paid Date,Amount\n2,2026-02-20,250.50\n9,2026-02-21,5.00\n"
PEOPLE = "Customer ID,Segment\nA,large\nB,small\n"
UNDUE = """Customer ID,Invoice No,Issue Date,Paid Date,Amount,Currency
A,1,2026-01-05,2026-02-10,100.00,EUR
A,2,2026-01-20,,250.50,EUR
"""
File = tuple[str, bytes, str]


def upload(app: AppTest, label: str, *files: File) -> AppTest:
    next(each for each in app.file_uploader if each.label.startswith(label)).set_value(list(files))
    app.run()
    assert not app.exception
    return app


def begun(*files: File) -> AppTest:
    return upload(screen("ledgers.py"), "A receivables ledger", *files)


def text(name: str, content: str) -> File:
    return (name, content.encode(), "text/csv")


def said(app: AppTest) -> list[str]:
    return [each.value for kind in (app.text, app.caption, app.warning, app.info) for each in kind]


def test_open_and_cleared_items_of_sap_are_united_in_one_upload(workspace: Store) -> None:
    """BSID and BSAD of the corpus, each with a row of zero: it is named by its file and its line there."""
    items, cleared = ((EXPORTS / f"sap_tables_{each}.txt").read_text("utf-8") for each in ("bsid", "bsad"))
    (zero,) = [line for line in items.splitlines() if ";0.00;0.00;" in line]
    app = begun(text("bsid.txt", items), text("bsad.txt", f"{cleared}{zero.replace('1800000555', '1800000556')}\n"))
    assert "bsid.txt + bsad.txt" in said(app)
    places = [("bsid.txt", items.splitlines().index(zero) + 1), ("bsad.txt", len(cleared.splitlines()) + 1)]
    aside = sheet(app, "File", ASIDE)
    assert list(zip(aside["File"], map(int, aside["Row"]), strict=True)) == places
    assert aside[ASIDE].tolist() == [f"Row {row} of {name}, WRBTR: the amount is zero." for name, row in places]
    click(app, "Commit this ledger")
    assert not app.exception
    assert set(ledgers.load(workspace).invoices["paid_date"].is_null().to_pylist()) == {True, False}
    assert files_left(workspace) == []


def test_further_invoices_can_be_added_and_left_out_again(workspace: Store) -> None:
    app = begun(text("new.csv", GOOD))
    older = GOOD.replace(",1,2026", ",8,2026").replace(",2,2026", ",9,2026")
    upload(app, "Further invoices", text("old.csv", older))
    assert "Used: old.csv" in said(app)
    assert figures(app)["Rows read"][0] == "8"
    click(app, "Leave out")
    assert figures(app)["Rows read"][0] == "4"
    assert [path.name for path in files_left(workspace)] == ["new.csv"]


def test_a_further_file_that_is_no_table_leaves_all_as_it_was(workspace: Store) -> None:
    app = upload(begun(text("new.csv", GOOD)), "Further invoices", ("scan.csv", b"%PDF-1.7", "text/csv"))
    assert any(each.startswith("scan.csv: This is a PDF") for each in said(app))
    assert figures(app.run())["Rows read"][0] == "4"
    assert len(files_left(workspace)) == 1


@pytest.mark.usefixtures("workspace")
def test_payments_and_attributes_are_joined_and_what_found_no_invoice_is_listed() -> None:
    """Invoice 2 is paid by the second file; the payment of invoice 9 is listed with its line."""
    app = begun(text("new.csv", GOOD))
    upload(app, "Payments", text("payments.csv", PAYMENTS))
    assert figures(app)["Settled and dated"] == ("100%", "of 2 settled")
    noted = sheet(app, "File", "Noted")
    assert noted[["File", "Row"]].values.tolist() == [["payments file", "3"]]
    assert "found no invoice" in noted["Noted"].tolist()[0]
    upload(app, "Customer attributes", text("people.csv", PEOPLE))
    first = sheet(app, "Segment")
    assert first["Segment"].tolist() == ["large", "large", "small"]


def test_a_file_without_due_dates_is_read_with_terms_in_days(workspace: Store) -> None:
    app = begun(text("new.csv", UNDUE))
    assert any("No column of this file is clearly the due date" in each for each in said(app))
    terms = next(each for each in app.number_input if "payment terms in days" in each.label)
    assert terms.value is None
    terms.set_value(14)
    click(app, "Read again with these decisions")
    click(app, "Commit this ledger")
    assert ledgers.load(workspace).invoices["due_date"].to_pylist() == [date(2026, 1, 19), date(2026, 2, 3)]


@pytest.mark.usefixtures("workspace")
def test_terms_are_asked_for_where_only_some_due_dates_are_missing() -> None:
    app = begun(text("new.csv", GOOD.replace("2026-02-19", "")))
    assert "1 row is set aside for want of a due date." in said(app)
    next(each for each in app.number_input if each.label.startswith("Payment terms in days")).set_value(30)
    click(app, "Read again with these decisions")
    assert figures(app)["Set aside"][0] == "1"
    assert any("1 due date was missing and derived from the terms" in each for each in said(app))


@pytest.mark.usefixtures("workspace")
def test_with_every_due_date_there_nothing_is_asked_about_terms() -> None:
    assert not [each for each in begun(text("new.csv", GOOD)).number_input if each.label.startswith("Payment terms")]


@pytest.mark.usefixtures("workspace")
def test_one_row_is_said_to_be_one() -> None:
    """A title, a blank line, the header again, and a total: one of each."""
    lines = GOOD.splitlines()
    app = begun(text("new.csv", "\n".join(["Receivables", *lines[:3], "", lines[0], *lines[3:], "Total,,,,,361.50,"]) + "\n"))
    ignored = next(each for each in said(app) if each.startswith("Ignored: "))
    assert ignored == "Ignored: 1 blank line, 1 repeated header, 1 title line, 1 total"


def test_a_mapping_that_was_remembered_is_recognised_for_two_files(workspace: Store) -> None:
    odd = GOOD.replace("Amount", "Zzz")
    more = odd.replace(",1,2026", ",8,2026")
    app = begun(text("a.csv", odd), text("b.csv", more))
    next(each for each in app.selectbox if each.label.endswith("your answer")).set_value("Zzz")
    click(app, "Read again with these decisions")
    next(each for each in app.text_input if each.label.startswith("Remember these columns")).set_value("Two lists")
    click(app, "Remember")
    assert any("apped as “Two lists”" in each for each in said(begun(text("c.csv", odd), text("d.csv", more))))
    assert ledgers.listed(workspace) == []


@pytest.mark.usefixtures("workspace")
def test_what_was_remembered_can_be_forgotten() -> None:
    app = begun(text("a.csv", GOOD))
    next(each for each in app.text_input if each.label.startswith("Remember these columns")).set_value("Our list")
    click(app, "Remember")
    app = begun(text("b.csv", GOOD))
    assert any("apped as “Our list”" in each for each in said(app))
    click(app, "Forget what was remembered, and read again without it")
    assert not any("apped as" in each for each in said(app))
    assert not any("apped as" in each for each in said(begun(text("c.csv", GOOD))))


@pytest.mark.usefixtures("workspace")
def test_control_totals_can_be_given_per_company() -> None:
    lines = GOOD.splitlines()
    app = begun(text("a.csv", "\n".join([f"Company,{lines[0]}", f"*North*,{lines[2]}", f"South,{lines[4]}"]) + "\n"))
    totals = [each for each in app.text_input if each.label == "Control total, EUR"]
    assert len(totals) == 3  # of both, and of each
    totals[1].set_value("250.00").run()
    assert "The net balance of *North* of this file is EUR 250.50, EUR 0.50 more than the control total." in said(app)
    [each for each in app.text_input if each.label == "Control total, EUR"][2].set_value("1,00").run()
    assert ":red[This is no amount: write it as 1234567.89.]" in said(app)
    assert figures(app)["Rows read"][0] == "2"


@pytest.mark.usefixtures("workspace")
def test_an_export_that_is_cut_is_said_to_be() -> None:
    """Sixty invoices of 2024 and later, and payments of 2026 only: settled ones are missing from before."""
    rows = [
        f"C{at},{at},2024-{at % 12 + 1:02}-05,2024-{at % 12 + 1:02}-25,2026-01-{at % 28 + 1:02},10.00,EUR" for at in range(60)
    ]
    app = begun(text("cut.csv", "\n".join([GOOD.splitlines()[0], *rows]) + "\n"))
    assert any("seems to hold only what is open or was settled since 2026-01-01" in each for each in said(app))


@pytest.mark.usefixtures("workspace")
def test_dates_that_contradict_each_other_stop_the_upload_in_a_sentence() -> None:
    app = begun(text("both.csv", GOOD.replace("2026-01-05", "25/01/2026").replace("2026-01-20", "01/26/2026")))
    assert any("“25/01/2026” (row 2) is day first, “01/26/2026” (row 3) is month first" in each for each in said(app))
    assert not app.metric


def test_sheets_with_the_same_columns_are_chosen_or_united(workspace: Store, tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        for name, number in (("January", "1"), ("February", "2")):
            page = book.add_worksheet(name)
            for at, line in enumerate(GOOD.splitlines()[:2]):
                page.write_row(at, 0, [f"{number}-{cell}" if at and k == 1 else cell for k, cell in enumerate(line.split(","))])
    file = ("book.xlsx", (tmp_path / "book.xlsx").read_bytes(), "application/octet-stream")
    app = begun(file)
    assert any("2 sheets have the same columns: January, February." in each for each in said(app))
    next(each for each in app.selectbox if each.label == "sheet: your answer").set_value("*")
    click(app, "Read again with these decisions")
    assert figures(app)["Used"][0] == "2"
    app = begun(file)
    next(each for each in app.selectbox if each.label == "Sheet").set_value("February")
    click(app, "Read this sheet")
    click(app, "Commit this ledger")
    assert ledgers.load(workspace).invoices["invoice_id"].to_pylist() == ["2-1"]


@pytest.mark.usefixtures("workspace")
def test_what_was_recognised_wrongly_can_be_read_otherwise() -> None:
    """Every date reads day first too; the file is that of no known system."""
    app = begun(text("either.csv", GOOD.replace("2026-01-05", "05/01/2026").replace("2026-01-20", "13/01/2026")))
    assert any("Issued 5 Jan 2026 to 22 Jan 2026" in each for each in said(app))
    next(each for each in app.selectbox if each.label == "Dates").set_value("mdy")
    click(app, "Read again with these decisions")
    assert "Row 3, Issue Date: “13/01/2026” is no date." in sheet(app, "Row", ASIDE)[ASIDE].tolist()
    app = begun(("bsid.txt", (EXPORTS / "sap_tables_bsid.txt").read_bytes(), "text/plain"))
    assert any(each.startswith("Recognised as SAP tables BSID and BSAD") for each in said(app))
    next(each for each in app.selectbox if each.label == "Exported from").set_value("none")
    click(app, "Read again with these decisions")
    assert not any("ecognised as" in each for each in said(app))


@pytest.mark.usefixtures("workspace")
def test_what_was_set_aside_is_told_per_company_and_currency() -> None:
    """North: 250.50 used, 10.00 set aside. Of South nothing can be used: 2.00, and an amount that is none."""
    lines = GOOD.splitlines()
    rows = [f"North,{lines[2]}", f"North,{lines[3]}", "South,C,8,2026-01-05,,,2.00,USD", "South,C,9,2026-01-05,,,abc,USD"]
    app = begun(text("a.csv", "\n".join([f"Company,{lines[0]}", *rows]) + "\n"))
    sums = sheet(app, "Receivables", "Company")
    shown = sums[["Company", "Currency", "Receivables", "Rows set aside", "Their amounts"]].values.tolist()
    assert shown == [["North", "EUR", "250.50", "1", "10.00"], ["South", "USD", "0.00", "2", "2.00"]]


def answer(app: AppTest, label: str, value: str) -> AppTest:
    (asked,) = [each for kind in (app.selectbox, app.radio) for each in kind if each.label == f"{label}: your answer"]
    asked.set_value(value)
    click(app, "Read again with these decisions")
    assert not app.exception
    return app


def test_a_file_whose_encoding_is_not_proven_is_asked_about_before_its_columns(workspace: Store) -> None:
    """Jenő in Hungarian is Jenõ in Portuguese."""
    content = "invoice,customer,invoice date,due date,amount\n1,Jenő,2026-01-05,2026-02-04,5.00\n".encode("windows-1250")
    app = begun(("hungarian.csv", content, "text/csv"))
    assert any(each.startswith("The encoding (character set) of this file is not certain") for each in said(app))
    answer(app, "encoding", "windows-1250")
    click(app, "Commit this ledger")
    assert ledgers.load(workspace).invoices["customer_id"].to_pylist() == ["Jenő"]


def test_two_tables_in_one_file_are_asked_about_and_united(workspace: Store) -> None:
    headers = "Invoice,Customer,Invoice Date,Due Date,Amount"
    tables = f"{headers}\n1,A,2026-01-05,2026-02-04,5.00\n{headers},Paid Date\n2,A,2026-01-05,2026-02-04,6.00,2026-02-01\n"
    app = answer(begun(text("two.csv", tables)), "table", "*")
    assert figures(app)["Rows read"][0] == "2"
    click(app, "Commit this ledger")
    assert ledgers.load(workspace).invoices["paid_date"].to_pylist() == [None, date(2026, 2, 1)]


def test_a_column_that_may_say_what_is_open_or_paid_is_answered_with_what_it_is(workspace: Store) -> None:
    """Of 5.00 and 6.00 nothing and 4.00 are left, or were paid."""
    rows = "1,A,2026-01-05,2026-02-04,5.00,0.00\n2,A,2026-01-05,2026-02-04,6.00,4.00\n"
    content = f"Invoice,Customer,Invoice Date,Due Date,Amount,Left\n{rows}"
    app = begun(text("left.csv", content))
    assert any(each.startswith("Column “Left” (0 · 4) never exceeds “Amount”") for each in said(app))
    answer(app, "Left", "paid_amount=Left")
    click(app, "Commit this ledger")
    assert sorted(ledgers.load(workspace).invoices["outstanding"].to_pylist()) == [200, 500]
