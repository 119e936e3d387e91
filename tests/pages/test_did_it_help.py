"""Does the screen show what was done on each day's list, and say of calls no more than can be known?"""

from datetime import date

import pytest

from insights.services import agreements
from insights.services.agreements import Entry
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.store import Store
from tests.support.screens import rows, said, screen
from tests.support.workspaces import ME, nameless_ledger

AS_OF = date(2024, 4, 1)


@pytest.mark.usefixtures("small_workspace")
def test_before_the_first_list_the_way_to_it_is_shown() -> None:
    assert "No list has been shown yet" in said(screen("did_it_help"))


@pytest.mark.slow
def test_the_worklist_is_recorded_when_it_is_shown_first(small_workspace: Store) -> None:
    """acme (EUR 25.00) and birch (USD 0.99) were to be called; acme was contacted and is off the list since."""
    screen("worklist")
    values = {"channel": "phone", "outcome": "reached"}
    ledger = ledgers.load(small_workspace)
    agreements.enter(small_workspace, ledger, AS_OF, [Entry("contact", "north", "acme", (), values)], actor=ME)
    screen("worklist")
    app = screen("did_it_help")
    lists, entries = rows(app, 2), rows(app, 3)
    assert lists[["as_of", "customers", "contact", "held_back"]].to_numpy().tolist() == [["1 Apr 2024", "2", "1", "0"]]
    assert entries[["number", "customer", "likely", "done"]].to_numpy().tolist() == [
        ["1", "acme", "EUR 25.00", "contact"],
        ["2", "birch", "USD 0.99", ""],
    ]
    assert "On the worklist: contacted or not" in said(screen("trust"))
    assert said(app).count("it takes 20 customers in each group") == 2


def test_a_ledger_without_companies_has_its_lists_too(workspace: Store) -> None:
    commit(workspace, nameless_ledger(), actor=ME)
    screen("worklist")
    app = screen("did_it_help")
    assert rows(app, 2)["customers"].tolist() == ["2"]


def test_a_past_day_that_is_looked_at_is_not_recorded(small_workspace: Store) -> None:
    screen("worklist", as_of="2024-03-20")
    assert "No list has been shown yet" in said(screen("did_it_help"))
