"""Is an amount ever shown in a currency that is not its own? Codes, names, signs; documents and the company's books."""

from pathlib import Path

import pytest
import xlsxwriter

from insights.ingest.draft import Options
from insights.ingest.extract import cell_formats
from insights.ingest.parse import parse
from insights.ingest.recognise import currencies, mappings
from tests.ingest.examples import column, draft, file, ledger, notes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("usd", "USD"),
        ("US Dollar", "USD"),
        ("Euro", "EUR"),
        ("British Pound", "GBP"),
        ("Schweizer Franken", "CHF"),
        ("peso mexicano", "MXN"),
        ("Svenska kronor", "SEK"),
        ("日本円", "JPY"),
        ("美元", "USD"),
        ("доллар США", "USD"),
        ("česká koruna", "CZK"),
        ("EUR - Euro", "EUR"),
        ("Fr.", "CHF"),
        ("R$", "BRL"),
        ("zł", "PLN"),
        ("$", ""),
        ("kr", ""),
        ("Rupees", ""),
        ("¥", ""),
        ("ABC", ""),
    ],
)
def test_a_name_or_sign_of_one_currency_is_its_code_and_one_of_several_is_none(text: str, code: str) -> None:
    assert currencies.code_of(text, {}) == code


def test_a_sign_of_several_currencies_is_asked_about(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Amount,Currency
    1,Foo,2025-01-02,2025-02-01,100.00,Euro
    2,Foo,2025-01-12,2025-02-11,200.00,$
    """
    text = test_a_sign_of_several_currencies_is_asked_about.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert (question.option, question.field, question.word) == ("currencies", "currency", "$")
    assert column(ledger(tmp_path, text, question.answered(Options(), "$=CAD")), "currency") == ["EUR", "CAD"]


def test_signs_in_the_amounts_name_the_currency_of_each_row(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Amount
    1,Foo,2025-01-02,2025-02-01,€2000.00
    2,Bar,2025-01-12,2025-02-11,£300.00
    3,Bar,2025-01-12,2025-02-11,CHF 20.50
    """
    found = ledger(tmp_path, test_signs_in_the_amounts_name_the_currency_of_each_row.__doc__ or "")
    assert column(found, "currency") == ["EUR", "GBP", "CHF"]


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ('#,##0.00 "€"', "€"),
        ("[$€-407] #,##0.00", "€"),
        ('"$"#,##0.00', "$"),
        ("[$CHF] 0.00", "CHF"),
        ("yyyy-mm-dd", ""),
        ("0.00", ""),
    ],
)
def test_the_currency_that_a_number_format_shows(code: str, sign: str) -> None:
    assert cell_formats.sign_of(code) == sign


def test_the_formats_of_cells_name_the_currency_of_each_row(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Customer", "Invoice", "Invoice Date", "Due Date", "Amount"])
        for row, code in enumerate(('#,##0.00 "€"', "[$£-809]#,##0.00"), start=1):
            sheet.write_row(row, 0, ["Foo", row, "2025-01-05", "2025-02-05"])
            sheet.write_number(row, 4, 100 * row, book.add_format({"num_format": code}))
    assert column(parse(path, Options()).require(), "currency") == ["EUR", "GBP"]


def test_one_sign_of_several_currencies_leaves_the_currency_unnamed_without_a_question(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Amount
    1,Foo,2025-01-02,2025-02-01,$2000.00
    """
    found = ledger(tmp_path, test_one_sign_of_several_currencies_leaves_the_currency_unnamed_without_a_question.__doc__ or "")
    assert (column(found, "currency"), notes(found)["sign_of_several"]) == (["XXX"], "$")


def test_a_column_of_codes_is_the_currency_where_its_header_says_so_and_asked_about_otherwise(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,HEADER,Amount
    1,Foo,2025-01-05,2025-02-04,EUR,1080.00
    2,Foo,2025-01-15,2025-02-14,JPY,50000
    """
    text = test_a_column_of_codes_is_the_currency_where_its_header_says_so_and_asked_about_otherwise.__doc__ or ""
    assert column(ledger(tmp_path, text.replace("HEADER", "Settlement Curr.")), "currency") == ["EUR", "JPY"]
    (question,) = draft(tmp_path, text.replace("HEADER", "Region")).questions
    assert (question.field, question.column) == ("currency", "Region")


def test_amounts_of_the_books_are_never_in_the_currency_of_the_document(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Currency,Amount (LCY)
    1,Foo,2025-01-05,2025-02-04,EUR,1080.00
    2,Foo,2025-01-15,2025-02-14,USD,500.00
    """
    text = test_amounts_of_the_books_are_never_in_the_currency_of_the_document.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert (question.option, [value for value, _ in question.choices]) == ("currency", ["EUR", "USD", "XXX"])
    assert column(ledger(tmp_path, text, Options(currency="CHF")), "currency") == ["CHF", "CHF"]


def test_a_remembered_mapping_does_not_turn_amounts_of_the_books_into_those_of_documents(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Currency,Amount (LCY)
    1,Foo,2025-01-05,2025-02-04,EUR,1080.00
    """
    text = test_a_remembered_mapping_does_not_turn_amounts_of_the_books_into_those_of_documents.__doc__ or ""
    options = Options(maps={"amount": "Amount (LCY)"}, currency="CHF")
    mappings.save(tmp_path, "mine", draft(tmp_path, text, options), options)
    again = parse(file(tmp_path, text), Options(), mappings.saved(tmp_path))
    assert column(again.require(), "currency") == ["CHF"]


def test_the_currency_of_the_books_goes_with_the_amounts_of_the_books(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Currency,Amount in local currency,Local currency
    1,Foo,2025-01-05,2025-02-04,EUR,1080.00,USD
    2,Foo,2025-01-15,2025-02-14,USD,500.00,USD
    """
    found = ledger(tmp_path, test_the_currency_of_the_books_goes_with_the_amounts_of_the_books.__doc__ or "")
    assert column(found, "currency") == ["USD", "USD"]


def test_what_is_open_in_the_books_is_open_of_the_document_at_the_rate_of_its_row(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Currency,Amount,Amount (Base),Balance (Base)
    1,Foo,2025-01-05,2025-02-04,EUR,1000.00,1080.00,1080.00
    2,Foo,2025-01-15,2025-02-14,JPY,100000,670.00,335.00
    """
    found = ledger(tmp_path, test_what_is_open_in_the_books_is_open_of_the_document_at_the_rate_of_its_row.__doc__ or "")
    assert (column(found, "amount"), column(found, "outstanding")) == ([100000, 100000], [100000, 50000])


def test_without_a_rate_it_is_asked(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Currency,Amount,Remaining Amt. (LCY)
    1,Foo,2025-01-05,2025-02-04,USD,1000.00,920.00
    """
    (question,) = draft(tmp_path, test_without_a_rate_it_is_asked.__doc__ or "").questions
    assert question.field == "amount"
    assert "cannot be told" in question.sentence


def test_a_header_that_names_one_currency_beside_rows_that_name_others_is_asked_about(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Currency,Amount USD
    1,Foo,2025-01-05,2025-02-04,EUR,1080.00
    2,Foo,2025-01-15,2025-02-14,USD,500.00
    """
    text = test_a_header_that_names_one_currency_beside_rows_that_name_others_is_asked_about.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert column(ledger(tmp_path, text, question.answered(Options(), "")), "currency") == ["USD", "USD"]
    assert column(ledger(tmp_path, text, question.answered(Options(), "Currency")), "currency") == ["EUR", "USD"]


def test_a_currency_without_decimals_proves_that_a_mark_parts_groups(tmp_path: Path) -> None:
    """
    Invoice;Customer;Invoice Date;Due Date;Amount;Currency
    1;Foo;2025-01-05;2025-02-04;110,000;JPY
    """
    text = test_a_currency_without_decimals_proves_that_a_mark_parts_groups.__doc__ or ""
    assert column(ledger(tmp_path, text), "amount") == [110000]


def test_what_is_open_under_a_header_of_one_currency_is_not_in_that_of_the_row(tmp_path: Path) -> None:
    """
    Customer,Invoice,Invoice Date,Due Date,Currency,Amount,Rate,Amount EUR,Open EUR
    A,1,2026-01-05,2026-02-04,USD,110.00,1.10,100.00,50.00
    B,2,2026-01-06,2026-02-05,EUR,200.00,1.00,200.00,50.00
    """
    text = test_what_is_open_under_a_header_of_one_currency_is_not_in_that_of_the_row.__doc__ or ""
    assert column(ledger(tmp_path, text), "outstanding") == [5500, 5000]
    without = text.replace(",Amount EUR", "").replace(",100.00,50", ",50").replace(",200.00,50.00", ",50.00")
    assert [(question.field, question.column) for question in draft(tmp_path, without).questions] == [("amount", "Open EUR")]


@pytest.mark.parametrize(
    ("header", "amount"),
    [
        ("Amount (kEUR)", 1_250_000),
        ("Betrag TEUR", 1_250_000),
        ("Amount in thousands", 1_250_000),
        ("amount_cents", 13),
        ("Amount", 1250),
    ],
)
def test_amounts_in_thousands_and_in_cents_by_their_header(tmp_path: Path, header: str, amount: int) -> None:
    cell = "13" if header == "amount_cents" else "12.50"
    text = f"Customer,Invoice,Invoice Date,Due Date,{header}\nA,1,2026-01-05,2026-02-04,{cell}"
    assert column(ledger(tmp_path, text), "amount") == [amount]


@pytest.mark.parametrize(("text", "code"), [("Z-US$", "USD"), ("Z-C$", "CAD"), ("Z-EURO", "EUR")])
def test_ids_of_currencies_of_dynamics(text: str, code: str) -> None:
    assert currencies.code_of(text, {}) == code


def test_a_paid_amount_under_a_header_of_one_currency_is_asked_about(tmp_path: Path) -> None:
    """
    Customer,Invoice,Invoice Date,Due Date,Amount,Currency,Amount paid (USD)
    A,1,2026-01-05,2026-02-04,100.00,EUR,10.00
    B,2,2026-01-07,2026-02-06,200.00,USD,50.00
    """
    text = test_a_paid_amount_under_a_header_of_one_currency_is_asked_about.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert (question.field, question.column) == ("paid_amount", "Amount paid (USD)")
    assert column(ledger(tmp_path, text, question.answered(Options(), "")), "outstanding") == [10000, 20000]


SECTIONS = """
Customer,Invoice No,Invoice Date,Due Date,Amount
Currency: EUR,,,,
C1,1,2026-01-05,2026-02-04,100.00
C2,2,2026-01-07,2026-02-06,200.00
Currency: USD,,,,
C1,3,2026-01-09,2026-02-08,300.00
"""


@pytest.mark.parametrize(
    ("first", "second"), [("Currency: EUR", "Currency: USD"), ("EUR", "USD"), ("Währung  EUR", "Währung  USD")]
)
def test_a_row_above_the_invoices_that_names_a_currency_holds_for_those_below(tmp_path: Path, first: str, second: str) -> None:
    found = ledger(tmp_path, SECTIONS.replace("Currency: EUR", first).replace("Currency: USD", second))
    assert column(found, "currency") == ["EUR", "EUR", "USD"]
    assert notes(found)["currency_from_group_rows"] == "EUR, USD"


def test_the_currency_above_the_header_is_that_of_the_file(tmp_path: Path) -> None:
    text = SECTIONS.replace("Currency: EUR,,,,\n", "").replace("Currency: USD,,,,\n", "")
    found = ledger(tmp_path, f"Open invoices,,,,\nCurrency: SEK,,,,\n{text.lstrip()}")
    assert column(found, "currency") == ["SEK"] * 3


def test_a_customer_whose_group_row_is_a_word_that_is_a_code_too_names_no_currency(tmp_path: Path) -> None:
    """
    Invoice No,Invoice Date,Due Date,Amount
    TOP,,,
    1,2026-01-05,2026-02-04,100.00
    """
    text = test_a_customer_whose_group_row_is_a_word_that_is_a_code_too_names_no_currency.__doc__ or ""
    found = ledger(tmp_path, text)
    assert (column(found, "customer_id"), column(found, "currency")) == (["TOP"], ["XXX"])


def test_a_customer_of_the_name_of_a_currency_is_one_where_rows_name_customers(tmp_path: Path) -> None:
    """
    Invoice No,Invoice Date,Due Date,Amount
    BAM,,,
    1,2026-01-05,2026-02-04,100.00
    Alpha Ltd,,,
    2,2026-01-05,2026-02-04,100.00
    """
    text = test_a_customer_of_the_name_of_a_currency_is_one_where_rows_name_customers.__doc__ or ""
    found = ledger(tmp_path, text)
    assert (column(found, "customer_id"), column(found, "currency")) == (["BAM", "Alpha Ltd"], ["XXX", "XXX"])
    found = ledger(tmp_path, text.replace("BAM,,,", "BAM,,,\n    Beta Ltd,,,"))
    assert (column(found, "customer_id"), column(found, "currency")) == (["Beta Ltd", "Alpha Ltd"], ["BAM", "BAM"])


def test_rows_that_name_no_currency_beside_others_that_do_are_said(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Currency,Amount
    C1,1,2026-01-05,2026-02-04,,100.00
    C2,2,2026-01-07,2026-02-06,USD,200.00
    Total,,,,,300.00
    """
    text = test_rows_that_name_no_currency_beside_others_that_do_are_said.__doc__ or ""
    assert notes(ledger(tmp_path, text))["currency_blank"] == "1 (USD)"
    assert column(ledger(tmp_path, text, Options(currency="USD")), "currency") == ["USD", "USD"]
    assert "currency_blank" not in notes(ledger(tmp_path, text.replace("2026-02-04,,", "2026-02-04,USD,")))
