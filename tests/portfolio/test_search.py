"""Does a search bring what was known of a ledger, and nothing later?"""

from datetime import date

from insights.portfolio.search import search
from tests.support.portfolio import ledger_of

AS_OF = date(2026, 3, 1)
LEDGER = ledger_of(
    {"amount": 1, "customer_id": "K1", "customer_name": "Grünhagen GmbH", "invoice_id": "RE-77", "paid_date": date(2026, 2, 1)},
    {"amount": 1, "customer_id": "K1", "customer_name": "Grünhagen GmbH", "invoice_id": "RE-78"},
    {"amount": 1, "customer_id": "K2", "customer_name": "Alt-Grün KG", "invoice_id": "X-1", "paid_date": AS_OF},
    {"amount": 1, "customer_id": "K3", "customer_name": "Grünspan AG", "invoice_id": "RE-79", "issue_date": AS_OF},
)


def test_names_that_begin_with_it_come_first_and_nothing_of_later_is_there() -> None:
    """Grünspan has its first invoice on the day itself: it is not known yet."""
    matches = search(LEDGER, AS_OF, "grün")
    assert [(each.customer_id, each.invoices) for each in matches.customers] == [("K1", 2), ("K2", 1)]
    assert matches.invoices == ()


def test_invoices_are_there_settled_or_open_as_of_the_day() -> None:
    """X-1 was paid on the day itself, which is not known yet."""
    numbers = {each.key.invoice_id: each.is_open for each in search(LEDGER, AS_OF, "re-7").invoices}
    assert numbers == {"RE-77": False, "RE-78": True}
    assert search(LEDGER, AS_OF, "x-1").invoices[0].is_open


def test_one_letter_is_too_few_and_signs_are_letters() -> None:
    assert search(LEDGER, AS_OF, " g ").customers == ()
    assert search(LEDGER, AS_OF, "%_").customers_in_all == 0


def test_how_many_more_there_are_is_counted() -> None:
    matches = search(LEDGER, AS_OF, "grün", most=1)
    assert (len(matches.customers), matches.customers_in_all) == (1, 2)
