"""Is an amount that no ledger can add up a row set aside, in every currency and column, and never an error?"""

from pathlib import Path

import pytest

from insights import ingest
from insights.ingest.draft import Options
from insights.ingest.recognise.numbers import MOST
from insights.ledger import table_files
from insights.ledger.money import decimal_text, exponent
from tests.ingest.examples import aside, column, file, ledger

HEADER = "invoice_id,customer_id,issue_date,due_date,amount,outstanding,currency\nok,C,2024-01-05,2024-02-05,10.00,10.00,EUR\n"
CURRENCIES = ("EUR", "JPY", "KWD", "CLF")  # with two decimals, none, three and four
LARGE = (
    "9007199254740993",
    "92233720368547758.07",
    "9" * 15,
    "-" + "9" * 15,
    "9" * 400,
    "1e18",
    "1e999",
    "9,999,999,999,999,999.00",
)


@pytest.mark.slow
@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("value", LARGE)
def test_what_is_too_large_is_set_aside_with_its_value(tmp_path: Path, currency: str, value: str) -> None:
    found = ledger(tmp_path, f'{HEADER}big,C,2024-01-05,2024-02-05,"{value}",,{currency}')
    assert aside(found) == [(3, "amount", value[:200], "amount_absurd")]
    assert ingest.problems_table(found)["sentence"].to_pylist()[0].endswith("is too large to be one.")


@pytest.mark.parametrize("currency", CURRENCIES)
def test_an_outstanding_amount_that_is_too_large_is_set_aside(tmp_path: Path, currency: str) -> None:
    found = ledger(tmp_path, f"{HEADER}big,C,2024-01-05,2024-02-05,10.00,{'9' * 20},{currency}")
    assert aside(found) == [(3, "outstanding", "9" * 20, "amount_absurd")]


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_largest_amount_is_exact_to_the_scored_file(tmp_path: Path, currency: str) -> None:
    text = decimal_text(MOST, currency)
    found = ledger(tmp_path, f"{HEADER}big,C,2024-01-05,2024-02-05,{text},,{currency}\nsmall,C,2024-01-05,2024-02-05,1.0001,,CLF")
    assert column(found, "amount") == [1000, MOST, 10001]
    assert table_files.decimals(found.invoices["amount"], found.invoices["currency"]).to_pylist()[1] == MOST / 10 ** exponent(
        currency
    )


def test_payments_that_are_too_large_are_reported_and_the_others_applied(tmp_path: Path) -> None:
    payments = file(
        tmp_path,
        f"invoice_id,paid_date,amount\nok,2024-02-03,{'9' * 15}.00\nok,2024-02-04,10.00\nok,2024-02-04,{'9' * 30}",
        "paid.csv",
    )
    found = ledger(tmp_path, HEADER, Options(payments=payments))
    assert [row["amount"] for row in found.payments.to_pylist()] == [1000]
    assert ingest.remarks_table(found)["row"].to_pylist() == [2, 4]


def test_terms_without_end_are_no_terms(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,terms_days,amount
    1,C,2024-01-05,30,10.00
    2,C,2024-01-05,99999999999999,10.00
    """
    found = ledger(tmp_path, test_terms_without_end_are_no_terms.__doc__ or "", Options(maps={"terms_days": "terms_days"}))
    assert aside(found) == [(3, "due date", "", "due_missing")]


def test_a_long_number_in_a_column_of_the_file_stays_what_it_was(tmp_path: Path) -> None:
    number = "12345678901234567890123"
    text = f"invoice_id,customer_id,issue_date,due_date,amount,Barcode\n1,C,2024-01-05,2024-02-05,10.00,{number}"
    assert column(ledger(tmp_path, text), "x:Barcode") == [number]


def test_a_debit_that_is_no_number_is_set_aside_though_there_is_a_credit(tmp_path: Path) -> None:
    """
    Number,Partner,Invoice Date,Due Date,Journal,Debit,Credit
    1,C,2024-01-05,2024-02-05,Sales,10.00,0.00
    2,C,2024-01-05,2024-02-05,Sales,abc,4.00
    """
    text = test_a_debit_that_is_no_number_is_set_aside_though_there_is_a_credit.__doc__ or ""
    found = ledger(tmp_path, text, Options(preset="odoo_items"))
    assert column(found, "amount") == [1000]
    assert aside(found) == [(3, "Debit", "abc", "number_unreadable")]
