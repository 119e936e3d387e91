"""What is new, changed, settled and gone between two exports?"""

from datetime import date
from pathlib import Path

from insights import ingest
from insights.ingest.draft import Options
from tests.ingest.examples import assert_nothing_lost, column, file, ledger
from tests.support.exports import OPEN
from tests.support.workspaces import ledger_of


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


RENAMED = """
    invoice_id,customer_id,issue_date,due_date,amount
    {one},2024-01-05,2024-02-05,100.00
    {two},2024-01-10,2024-02-10,50.00
    """


def test_an_invoice_under_another_customer_id_is_the_same_one(tmp_path: Path) -> None:
    """C1 is called X1 in the newer export; its second invoice, of another amount besides, is another one."""
    old = ledger(tmp_path, RENAMED.format(one="A1,C1", two="A2,C1"))
    new = ledger(tmp_path, RENAMED.format(one="A1,X1", two="A2,X1").replace("50.00", "51.00"))
    seen = ingest.difference(old, new)
    assert [len(table) for table in (seen.new, seen.changed, seen.disappeared)] == [1, 1, 1]
    assert (seen.changed["was"].to_pylist(), seen.before["customer_id"].to_pylist()) == ([["customer_id"]], ["C1"])
    assert seen.customers == (ingest.CustomerChange("", "C1", "X1", 1),)
    both = ingest.updated(old, new)
    assert (column(both, "invoice_id"), column(both, "customer_id")) == (["A1", "A2", "A2"], ["X1", "X1", "C1"])


def test_of_two_invoices_alike_none_is_taken_for_another() -> None:
    """Two customers have an invoice 1 of one day and amount; which of them became X1 cannot be told."""
    old, new = (
        ledger_of(f"- {one} 1 2024-01-05 2024-02-05 - 100 EUR\n- {two} 1 2024-01-05 2024-02-05 - 100 EUR")
        for one, two in (("C1", "C2"), ("X1", "X2"))
    )
    seen = ingest.difference(old, new)
    assert (len(seen.new), len(seen.disappeared), seen.customers) == (2, 2, ())


def test_changes_are_counted_by_dates_and_amounts(tmp_path: Path) -> None:
    old = ledger(tmp_path, RENAMED.format(one="A1,C1", two="A2,C1"))
    new = ledger(tmp_path, RENAMED.format(one="A1,C1", two="A2,C1").replace("02-05", "02-06").replace("50.00", "51.00"))
    seen = ingest.difference(old, new)
    assert (len(seen.changed), seen.redated, seen.amounts_changed) == (2, 1, 1)
    assert ingest.difference(old, old).unchanged == 2
