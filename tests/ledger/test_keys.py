"""An invoice is the same where company, customer, number and line are, wherever it is looked for."""

from insights.ingest.update import difference, updated
from insights.ledger.keys import KEY, InvoiceKey, positions
from tests.support.workspaces import ledger_of

TWO_OF_ONE_NUMBER = """
    north acme  7 2024-01-02 2024-02-01 2024-01-30  100 EUR
    north birch 7 2024-01-05 2024-02-04 -          2500 EUR
    south birch 7 2024-01-05 2024-02-04 -            30 EUR
"""


def test_each_invoice_is_found_where_it_stands_and_a_strange_one_nowhere() -> None:
    ledger = ledger_of(TWO_OF_ONE_NUMBER)
    turned = ledger.invoices.take([2, 0, 1])
    assert positions(turned, ledger.invoices).tolist() == [2, 0, 1]
    stranger = ledger_of("north clay 7 2024-01-05 2024-02-04 - 30 EUR").invoices
    assert positions(stranger, ledger.invoices).tolist() == [-1]
    assert positions(ledger.invoices, stranger.slice(0, 0)).tolist() == [-1, -1, -1]


def test_a_key_is_read_from_any_row_that_names_its_invoice() -> None:
    row = ledger_of(TWO_OF_ONE_NUMBER).invoices.to_pylist()[1]
    assert InvoiceKey.of(row) == ("north", "birch", "7", "1")
    assert KEY == ("company", "customer_id", "invoice_id", "line")


def test_a_newer_export_settles_the_invoice_of_the_customer_who_paid_not_that_of_the_same_number() -> None:
    """Acme's invoice 7 was paid before; now Birch's is, too, and the file names Birch first."""
    newer = """
        north birch 7 2024-01-05 2024-02-04 2024-02-20 2500 EUR
        north acme  7 2024-01-02 2024-02-01 2024-01-30  100 EUR
    """
    found = difference(ledger_of(TWO_OF_ONE_NUMBER), ledger_of(newer))
    assert found.settled["customer_id"].to_pylist() == ["birch"]
    assert (len(found.new), len(found.changed), found.unchanged) == (0, 0, 1)
    assert found.disappeared["company"].to_pylist() == ["south"]
    assert len(updated(ledger_of(TWO_OF_ONE_NUMBER), ledger_of(newer)).invoices) == 3
