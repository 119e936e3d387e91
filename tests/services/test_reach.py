"""Does somebody who may see one company get rows of no other?"""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insights.access import EVERYTHING, Capability, Person, Reach, Role
from insights.ledger.ledger import PAYMENTS, open_invoices
from insights.portfolio.worklist import unscored
from insights.services import agreements, predictions, worklist
from insights.services import contents as contents_service
from insights.services.agreements import Entry
from insights.services.ledgers import commit
from insights.services.reach import contents_within, ledger_within, rows_within
from insights.store import agreements as agreements_store
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.processes import refusal
from tests.support.workspaces import ME, ledger_of, rates_model, small_ledger

SOUTH = Reach(frozenset({"south"}))
AGENT = Person("Ann", Role.AGENT, SOUTH, "3f0c")
AS_OF = date(2024, 4, 1)


@pytest.fixture
def scored(workspace: Store) -> tuple[Store, str, str]:
    """The small ledger (north: acme, south: birch) and a model of it."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    return workspace, ledger.id, model_store.save(workspace, rates_model(), ledger.id, actor=ME)


def test_a_ledger_within_reach_has_the_rows_of_its_companies_and_no_problems() -> None:
    whole = small_ledger()
    seen = ledger_within(whole, SOUTH)
    assert seen.ledger.invoices["customer_id"].to_pylist() == ["birch", "birch"]
    assert seen.positions is not None
    assert seen.positions.tolist() == [2, 3]
    assert (len(seen.ledger.problems), seen.ledger.rows_read) == (0, 2)
    assert ledger_within(whole, EVERYTHING).ledger is whole
    assert ledger_within(whole, Reach(frozenset())).ledger.invoices.num_rows == 0


def test_part_payments_stay_with_their_invoices() -> None:
    """Each company has one invoice with a payment in part."""
    paid = {"position": [1, 3], "paid_date": [date(2024, 3, 1), date(2024, 3, 30)], "amount": [500, 9]}
    columns = {name: paid.get(name, [None, None]) for name in PAYMENTS.names}
    whole = replace(small_ledger(), payments=pa.table(columns, schema=PAYMENTS))
    (row,) = open_invoices(ledger_within(whole, SOUTH).ledger, AS_OF).to_pylist()
    assert (row["invoice_id"], row["outstanding"]) == ("4", 90)


def test_predictions_within_reach_point_into_the_ledger_within_reach(scored: tuple[Store, str, str]) -> None:
    store, ledger_id, model_id = scored
    path = predictions.of_model(store, ledger_id, model_id, AS_OF, actor=AGENT)
    seen = ledger_within(small_ledger(), SOUTH)
    rows = rows_within(path, SOUTH, seen.positions)
    named = seen.ledger.invoices["invoice_id"].take(rows["position"])
    assert (rows["invoice_id"].to_pylist(), named.to_pylist()) == (["4"], ["4"])
    assert rows_within(path, EVERYTHING, None).equals(pq.read_table(path))


def test_a_scored_file_has_what_lies_within_reach(scored: tuple[Store, str, str]) -> None:
    store, ledger_id, model_id = scored
    limited = predictions.scored_file(store, ledger_id, AS_OF, model_id=model_id, actor=AGENT)
    assert limited.table["company"].to_pylist() == ["south"]
    assert predictions.scored_file(store, ledger_id, AS_OF, model_id=model_id, actor=ME).table.num_rows == 2


def test_a_ledger_without_a_company_within_reach_is_not_there(workspace: Store) -> None:
    commit(workspace, small_ledger(), actor=ME)
    other = commit(workspace, ledger_of("west oak 9 2024-01-02 2024-02-01 - 100 EUR"), actor=ME)
    held = contents_service.read(workspace)
    assert [each.id == other.id for each in contents_within(held, SOUTH).ledgers] == [False]
    assert contents_within(held, EVERYTHING) is held


def test_what_was_agreed_with_others_is_neither_seen_nor_undone_nor_entered(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    note = {"text": "secret"}
    (north,) = agreements.enter(workspace, ledger, AS_OF, [Entry("note", "north", "acme", (), note)], actor=ME)
    (south,) = agreements.enter(workspace, ledger, AS_OF, [Entry("note", "south", "birch", (), note)], actor=AGENT)
    assert [each.id for each in agreements.standing(workspace, ledger, AS_OF, SOUTH).agreed.events] == [south.id]
    entry = Entry("note", "north", "acme", (), note)
    assert refusal(agreements.enter, workspace, ledger, AS_OF, [entry], actor=AGENT) == "out_of_reach"
    assert refusal(agreements.take, workspace, ledger, AS_OF, ("north", "acme"), actor=AGENT) == "out_of_reach"
    assert refusal(agreements.undo, workspace, north.id, AS_OF, actor=AGENT) == "out_of_reach"
    assert len(agreements_store.listed(workspace)) == 2
    assert "secret" not in agreements.dispute_reasons(workspace, SOUTH)


def test_a_worklist_within_reach_names_nobody_else(workspace: Store) -> None:
    """Acme of the north and birch of the south are overdue; acme is also held back by a snooze."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    snooze = Entry("snooze", "north", "acme", (), {"until": "2024-05-01", "text": ""})
    agreements.enter(workspace, ledger, AS_OF, [snooze], actor=ME)
    seen = ledger_within(ledger, SOUTH)
    rows = worklist.worklist(workspace, seen.ledger, AS_OF, unscored(seen.ledger, AS_OF), reach=SOUTH).ranked
    named = [*rows.customers["customer_id"].to_pylist(), *rows.held_back["customer_id"].to_pylist()]
    assert set(named) == {"birch"}


@pytest.mark.parametrize("role", Role)
def test_whoever_may_not_see_everything_does_nothing_that_concerns_all_of_it(role: Role) -> None:
    limited = Person("Ann", role, SOUTH)
    assert {each for each in Capability if limited.may(each)} == {Capability.SEE, Capability.AGREE, Capability.EXPORT}
