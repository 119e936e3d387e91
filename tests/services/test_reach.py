"""Does somebody who may see one company get rows of no other?"""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insights.access import CAPABILITIES, EVERYTHING, NOBODY, Capability, Person, Reach, Role
from insights.access.people import WITHIN_REACH
from insights.ledger.ledger import FURTHER, PAYMENTS, Ledger, open_invoices
from insights.portfolio.worklist import unscored
from insights.services import agreements, figures, predictions, report, worklist
from insights.services import contents as contents_service
from insights.services.agreements import Entry
from insights.services.ledgers import commit
from insights.services.reach import (
    LedgerWithin,
    Visible,
    contents_within,
    customers_owned,
    has_any,
    in_groups,
    ledger_within,
    rows_within,
    visible,
)
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


def test_a_ledger_within_reach_has_the_rows_of_its_companies_and_no_problems(workspace: Store) -> None:
    whole = small_ledger()
    seen = ledger_within(workspace, whole, SOUTH)
    assert seen.ledger.invoices["customer_id"].to_pylist() == ["birch", "birch"]
    assert seen.positions is not None
    assert seen.positions.tolist() == [2, 3]
    assert (len(seen.ledger.problems), seen.ledger.rows_read) == (0, 2)
    assert ledger_within(workspace, whole, EVERYTHING).ledger is whole
    assert ledger_within(workspace, whole, Reach(frozenset())).ledger.invoices.num_rows == 0


def test_part_payments_stay_with_their_invoices(workspace: Store) -> None:
    """Each company has one invoice with a payment in part."""
    paid = {"position": [1, 3], "paid_date": [date(2024, 3, 1), date(2024, 3, 30)], "amount": [500, 9]}
    columns = {name: paid.get(name, [None, None]) for name in PAYMENTS.names}
    whole = replace(small_ledger(), payments=pa.table(columns, schema=PAYMENTS))
    (row,) = open_invoices(ledger_within(workspace, whole, SOUTH).ledger, AS_OF).to_pylist()
    assert (row["invoice_id"], row["outstanding"]) == ("4", 90)


def test_predictions_within_reach_point_into_the_ledger_within_reach(scored: tuple[Store, str, str]) -> None:
    store, ledger_id, model_id = scored
    path = predictions.of_model(store, ledger_id, model_id, AS_OF, actor=AGENT)
    seen = ledger_within(store, small_ledger(), SOUTH)
    rows = rows_within(path, seen)
    named = seen.ledger.invoices["invoice_id"].take(rows["position"])
    assert (rows["invoice_id"].to_pylist(), named.to_pylist()) == (["4"], ["4"])
    assert rows_within(path, LedgerWithin(small_ledger())).equals(pq.read_table(path))


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
    assert [each.id for each in agreements.standing(workspace, ledger, AS_OF, Visible(SOUTH.companies)).agreed.events] == [
        south.id
    ]
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
    seen = ledger_within(workspace, ledger, SOUTH)
    rows = worklist.worklist(workspace, seen.ledger, AS_OF, unscored(seen.ledger, AS_OF), visible=seen.visible).ranked
    named = [*rows.customers["customer_id"].to_pylist(), *rows.held_back["customer_id"].to_pylist()]
    assert set(named) == {"birch"}


@pytest.mark.parametrize("role", Role)
def test_whoever_may_not_see_everything_does_nothing_that_concerns_all_of_it(role: Role) -> None:
    limited = Person("Ann", role, SOUTH)
    assert {each for each in Capability if limited.may(each)} == WITHIN_REACH & CAPABILITIES[role]


# --- groups and owners ---------------------------------------------------------------------------------------------------

FOUR = """
    north acme  1 2024-01-02 2024-02-01 - 100 EUR
    north birch 2 2024-01-03 2024-02-02 - 200 EUR
    north birch 3 2024-02-05 2024-03-06 - 300 EUR
    south cedar 4 2024-01-04 2024-02-03 - 400 EUR
"""
KEY, BO = Reach(groups=frozenset({("Segment", "Key")})), Reach(owners=frozenset({"Bo"}))


@pytest.fixture
def in_segments(workspace: Store) -> tuple[Store, Ledger]:
    """Acme is a key customer; birch was until its newest invoice; cedar is one of the south."""
    plain = ledger_of(FOUR)
    segments = pa.array(["Key", "Key", "Small", "Key"])
    changed = replace(plain, invoices=plain.invoices.append_column(f"{FURTHER}Segment", segments))
    return workspace, commit(workspace, changed, actor=ME)


def customers(store: Store, ledger: Ledger, reach: Reach) -> list[str]:
    return sorted(set(ledger_within(store, ledger, reach).ledger.invoices["customer_id"].to_pylist()))


def owns(store: Store, ledger: Ledger, customer: tuple[str, str], name: str) -> None:
    agreements.enter(store, ledger, AS_OF, [Entry("owner", *customer, (), {"name": name})], actor=ME)


def test_a_group_is_that_of_the_newest_invoice(in_segments: tuple[Store, Ledger]) -> None:
    assert customers(*in_segments, KEY) == ["acme", "cedar"]
    assert customers(*in_segments, Reach(groups=frozenset({("Segment", "Small")}))) == ["birch"]


@pytest.mark.parametrize(
    ("column", "value", "companies", "within"),
    [
        ("Segment", "Key", None, True),
        ("Segment", "Small", None, True),
        ("Segment", "Small", {"south"}, False),
        ("Segment", "Large", None, False),
        ("Region", "Key", None, False),
    ],
)
def test_whether_a_ledger_has_a_group_is_known_without_opening_it(
    in_segments: tuple[Store, Ledger], column: str, value: str, companies: set[str] | None, *, within: bool
) -> None:
    store, ledger = in_segments
    reach = Reach(frozenset(companies) if companies else None, frozenset({(column, value)}))
    assert in_groups(store, ledger.id, reach) is within
    assert in_groups(store, ledger.id, SOUTH), "there is no limit to a group"


def test_whether_a_ledger_has_a_customer_of_an_owner_is_known_without_opening_it(in_segments: tuple[Store, Ledger]) -> None:
    store, ledger = in_segments
    other = commit(store, ledger_of("south oak 9 2024-01-02 2024-02-01 - 1 EUR"), actor=ME)
    lineage = agreements.lineage_of(store, ledger)
    owns(store, ledger, ("south", "cedar"), "Bo")
    owned = customers_owned(store, lineage, BO)
    assert owned == {("south", "cedar")}
    assert [has_any(store, each.id, owned) for each in (ledger, other)] == [True, False]
    assert customers_owned(store, lineage, replace(BO, companies=frozenset({"north"}))) == set()
    owns(store, ledger, ("south", "cedar"), "")
    assert customers_owned(store, lineage, BO) == set()
    assert customers_owned(store, lineage, Reach(owners=frozenset({""}))) == set(), "who has no owner is nobody's"
    assert not has_any(store, ledger.id, frozenset())


def test_of_several_limits_customers_lie_within_each(in_segments: tuple[Store, Ledger]) -> None:
    assert customers(*in_segments, replace(KEY, companies=frozenset({"north"}))) == ["acme"]
    owns(*in_segments, ("south", "cedar"), "Bo")
    assert customers(*in_segments, replace(KEY, companies=frozenset({"north"}), owners=frozenset({"Bo"}))) == []


@pytest.mark.parametrize(
    "reach",
    [
        NOBODY,
        Reach(groups=frozenset()),
        Reach(owners=frozenset()),
        Reach(owners=frozenset({""})),  # whoever has no owner is nobody's
        Reach(groups=frozenset({("Segment", "")})),
        Reach(groups=frozenset({("Region", "North")})),  # a column that this ledger has not
        Reach(groups=frozenset({("amount", "100")})),
    ],
)
def test_a_limit_that_nobody_is_within_shows_nobody(in_segments: tuple[Store, Ledger], reach: Reach) -> None:
    assert customers(*in_segments, reach) == []


def test_an_owner_is_whoever_is_by_now_whatever_the_day(in_segments: tuple[Store, Ledger]) -> None:
    store, ledger = in_segments
    owns(store, ledger, ("north", "acme"), "Bo")
    assert customers(store, ledger, BO) == ["acme"]
    owns(store, ledger, ("north", "acme"), "Cy")
    owns(store, ledger, ("north", "birch"), "Bo")
    assert customers(store, ledger, BO) == ["birch"]
    assert visible(store, ledger, BO).key != visible(store, ledger, Reach(owners=frozenset({"Cy"}))).key


def test_of_a_company_in_part_nothing_is_agreed_with_the_others(in_segments: tuple[Store, Ledger]) -> None:
    """Ann sees acme and cedar; birch is of the same company as acme."""
    store, ledger = in_segments
    ann = Person("Ann", Role.AGENT, KEY, "3f0c")
    birch = Entry("note", "north", "birch", (), {"text": "secret"})
    (noted,) = agreements.enter(store, ledger, AS_OF, [birch], actor=ME)
    assert refusal(agreements.enter, store, ledger, AS_OF, [birch], actor=ann) == "out_of_reach"
    assert refusal(agreements.take, store, ledger, AS_OF, ("north", "birch"), actor=ann) == "out_of_reach"
    assert refusal(agreements.undo, store, noted.id, AS_OF, actor=ann) == "out_of_reach"
    seen = visible(store, ledger, KEY)
    assert agreements.standing(store, ledger, AS_OF, seen).agreed.events == ()
    (own,) = agreements.enter(
        store, ledger_within(store, ledger, KEY).ledger, AS_OF, [replace(birch, customer_id="acme")], actor=ann
    )
    assert agreements.undo(store, own.id, AS_OF, actor=ann).customer_id == "acme"


def test_files_and_figures_are_of_what_is_within_reach(in_segments: tuple[Store, Ledger]) -> None:
    store, ledger = in_segments
    ann = Person("Ann", Role.MANAGER, KEY, "3f0c")
    model_id = model_store.save(store, rates_model(date(2024, 3, 1)), ledger.id, actor=ME)
    scored = predictions.scored_file(store, ledger.id, AS_OF, model_id=model_id, actor=ann).table
    assert scored["customer_id"].to_pylist() == ["acme", "cedar"]
    assert sum(figures.at_risk(store, ledger.id, AS_OF, model_id=model_id, actor=ann).values()) == 500
    report_of = report.gathered(store, ledger.id, AS_OF, model_id=model_id, actor=ann, made_on=AS_OF)
    assert [total.receivables for total in report_of.aged.totals] == [500]
    assert "birch" not in repr(report_of)
    assert refusal(worklist.source_of, store, ledger, AS_OF, actor=ann) == "out_of_reach"
