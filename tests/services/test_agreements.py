"""Is an amount in a currency that is owed, and is what was agreed removed once it is old and its customer is gone?"""

from datetime import date

import pytest

from insights.access import laptop
from insights.ledger.errors import Refused
from insights.services import agreements
from insights.services.agreements import Entry
from insights.services.ledgers import commit, delete
from insights.store import audit
from insights.store.agreements import listed
from insights.store.store import Store
from tests.support.workspaces import ME, ledger_of

AS_OF, LATER = date(2024, 4, 1), date(2024, 5, 1)
OLD = """
north acme  1 2024-02-05 2024-03-06 - 2500 EUR
north birch 2 2024-02-05 2024-03-06 - 2500 EUR
"""
NEW = "north birch 2 2024-02-05 2024-03-06 - 2500 EUR"


@pytest.mark.slow
def test_old_agreements_of_customers_in_no_ledger_go_with_a_record(workspace: Store) -> None:
    """acme and birch have notes of 1 April; acme is in no ledger once the first one is deleted."""
    ledger = commit(workspace, ledger_of(OLD), actor=ME)
    notes = [Entry("note", "north", who, (), {"text": "x"}) for who in ("acme", "birch")]
    agreements.enter(workspace, ledger, AS_OF, notes, actor=ME)
    commit(workspace, ledger_of(NEW), after=ledger.id, actor=ME)
    assert agreements.retire(workspace, LATER, actor=ME).customers == (), "an old version has acme"
    delete(workspace, ledger.id, actor=ME)
    assert agreements.retire(workspace, AS_OF, actor=ME).events == 0, "not old enough"
    assert agreements.retire(workspace, LATER, remove=False, actor=ME).customers == (("north", "acme"),)
    assert len(listed(workspace)) == 2
    assert agreements.retire(workspace, LATER, actor=laptop("ada")).events == 1
    assert [event.customer_id for event in listed(workspace)] == ["birch"]
    (removed,) = audit.listed(workspace, "retention")
    assert (removed.actor, removed.details) == ("ada", {"lists_before": "2024-05-01", "customers": 1, "events": 1})


def test_of_a_firm_without_companies_that_is_gone_the_other_firms_customers_keep_nothing(workspace: Store) -> None:
    """Both firms have a C1; the first one's ledger is deleted."""
    one, other = (commit(workspace, ledger_of(f"- C1 {each} 2024-02-05 2024-03-06 - 2500 EUR"), actor=ME) for each in "AB")
    for ledger in (one, other):
        agreements.enter(workspace, ledger, AS_OF, [Entry("note", "", "C1", (), {"text": ledger.id})], actor=ME)
    delete(workspace, one.id, actor=ME)
    assert agreements.retire(workspace, LATER, actor=ME).events == 1
    assert [event.payload["text"] for event in listed(workspace)] == [other.id]


@pytest.mark.parametrize("kind", ["promise", "dispute"])
def test_an_amount_is_refused_in_a_currency_that_is_not_owed(workspace: Store, kind: str) -> None:
    """acme owes CHF, and of invoice 2 USD; invoice 3, in EUR, is paid."""
    owing = """
    north acme 1 2024-02-05 2024-03-06 -          2500 CHF
    north acme 2 2024-02-05 2024-03-06 -          3000 USD
    north acme 3 2024-02-05 2024-03-06 2024-03-06 3000 EUR
    """
    ledger = commit(workspace, ledger_of(owing), actor=ME)
    values = {"on": date(2024, 4, 5)} if kind == "promise" else {"reason": "price"}

    def entry(currency: str, *invoices: str) -> Entry:
        named = tuple((invoice, "") for invoice in invoices)
        return Entry(kind, "north", "acme", named, values | {"amount": "5", "currency": currency})

    with pytest.raises(Refused, match=r"^This is not owed in CHF, but in USD\.$"):
        agreements.resolved(workspace, ledger, AS_OF, [entry("CHF", "2")])
    with pytest.raises(Refused, match=r"^This is not owed in EUR, but in CHF and USD\.$"):
        agreements.resolved(workspace, ledger, AS_OF, [entry("EUR")])
    for allowed in (entry("usd", "2"), entry("", "2"), entry("CHF"), entry("USD", "1", "2")):
        assert agreements.resolved(workspace, ledger, AS_OF, [allowed])
