"""Is a customer, and an invoice, named and opened alike in every list?"""

from pages.ui.shared import links

ROW = {"company": "north", "customer_id": "10-1", "customer_name": "Acme", "invoice_id": "4711", "line": "1"}


def test_a_later_instalment_bears_its_number() -> None:
    assert links.number(ROW) == "4711"
    assert links.number(ROW | {"line": "2"}) == "4711 / 2"


def test_an_invoice_and_its_customer_open_by_what_tells_them_from_all_others() -> None:
    assert links.invoice(ROW, mark="disputed") == {
        "text": "4711",
        "to": "invoice?company=north&customer=10-1&invoice=4711&line=1",
        "mark": "disputed",
    }
    assert links.customer(ROW) == {"text": "Acme", "to": "customer?company=north&customer=10-1"}


def test_no_two_invoices_are_taken_for_the_same_row() -> None:
    """Invoice 1-2 of account 10, and invoice 2 of account 10-1."""
    one, other = ROW | {"customer_id": "10", "invoice_id": "1-2"}, ROW | {"customer_id": "10-1", "invoice_id": "2"}
    assert links.key(one) != links.key(other)


def test_below_a_name_stands_what_the_name_does_not_say() -> None:
    assert links.account(ROW, several=True) == "10-1 · north"
    assert links.account(ROW, several=False) == "10-1"
    assert links.account(ROW | {"customer_name": "10-1"}, several=True) == "north"
    assert links.account(ROW | {"customer_name": "10-1", "company": ""}, several=True) == ""
