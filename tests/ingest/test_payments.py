"""Do payments find their invoices?"""

from datetime import date
from pathlib import Path

from insights.ingest.draft import Options
from insights.ingest.parse import parse
from tests.ingest.examples import column, file, ledger, notes
from tests.support.exports import OPEN


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


def test_payments_of_the_file_and_of_a_second_one_add_up(tmp_path: Path) -> None:
    path = Path(__file__).parents[1] / "exports" / "erpnext_ledger.csv"
    payments = file(tmp_path, "Invoice,Payment Date,Amount\nSINV-4,2024-03-09,650.00", "payments.csv")
    found = parse(path, Options(payments=payments)).require()
    at = column(found, "invoice_id").index("SINV-4")
    assert (column(found, "outstanding")[at], column(found, "paid_date")[at]) == (5000, None)
