"""Are agreements appended, listed and removed as rows that nobody changes?"""

from datetime import date
from pathlib import Path

import pytest

from insights.access import laptop
from insights.agreements.ranking import Weights
from insights.ledger.errors import Refused
from insights.services.ledgers import commit
from insights.store import agreements, audit, ledgers
from insights.store.agreements import NewAgreement
from insights.store.store import Store
from tests.support.versions import as_before
from tests.support.workspaces import ME, nameless_ledger, opened

DAY = date(2024, 4, 1)


def note(customer: str, day: date = DAY) -> NewAgreement:
    return NewAgreement("note", "north", customer, None, None, day, {"text": "hello"})


def test_events_are_numbered_in_the_order_of_entry(workspace: Store) -> None:
    kept = agreements.append(workspace, [note("A"), note("B")], actor=ME)
    more = agreements.append(workspace, [note("A", date(2024, 3, 1))], actor=laptop("ada"))
    assert [event.sequence for event in agreements.listed(workspace)] == [1, 2, 3]
    assert agreements.listed(workspace) == (*kept, *more)
    assert [event.sequence for event in agreements.listed(workspace, until=date(2024, 3, 31))] == [3]
    assert [event.sequence for event in agreements.listed(workspace, customer=("north", "A"))] == [1, 3]
    assert agreements.get(workspace, more[0].id).actor == "ada"


def test_a_cache_is_told_of_every_change(workspace: Store) -> None:
    seen = {agreements.fingerprint(workspace)}
    agreements.append(workspace, [note("A")], actor=ME)
    seen.add(agreements.fingerprint(workspace))
    agreements.keep_weights(workspace, Weights(minimum=5), actor=ME)
    seen.add(agreements.fingerprint(workspace))
    agreements.remove_old(workspace, date(2024, 5, 1), [("", "north", "A")], actor=ME)
    agreements.append(workspace, [note("B")], actor=ME)
    seen.add(agreements.fingerprint(workspace))
    assert len(seen) == 4


@pytest.mark.slow
def test_retention_removes_what_is_old_with_a_record(workspace: Store) -> None:
    agreements.append(workspace, [note("A", date(2024, 3, 1)), note("B", date(2024, 3, 1)), note("A")], actor=ME)
    assert agreements.old(workspace, DAY) == {("", "north", "A"), ("", "north", "B")}
    assert agreements.remove_old(workspace, DAY, [("", "north", "A")], actor=ME) == 1
    assert [(event.customer_id, event.as_of) for event in agreements.listed(workspace)] == [("B", date(2024, 3, 1)), ("A", DAY)]
    (removed,) = audit.listed(workspace, "retention")
    assert (removed.action, removed.details["events"]) == ("agreements.remove", 1)


def test_of_two_who_take_a_row_one_is_told_by_whom_it_is_taken(workspace: Store) -> None:
    agreements.take(workspace, ("north", "A"), DAY, actor=laptop("ada"))
    agreements.take(workspace, ("north", "A"), DAY, actor=laptop("ada"))
    agreements.take(workspace, ("north", "B"), DAY, actor=laptop("bea"))
    with pytest.raises(Refused, match="ada has taken"):
        agreements.take(workspace, ("north", "A"), DAY, actor=laptop("bea"))
    agreements.take(workspace, ("north", "A"), date(2024, 4, 2), actor=laptop("bea"))


def test_the_weights_are_the_last_ones_kept(workspace: Store) -> None:
    assert agreements.weights(workspace) == Weights()
    for minimum in (5, 7):
        agreements.keep_weights(workspace, Weights(prevention=60, contact_days=3, minimum=minimum), actor=ME)
    assert agreements.weights(workspace) == Weights(60, 3, 7)


@pytest.mark.slow
@pytest.mark.parametrize(("others", "kept"), [(0, True), (1, False)])
def test_events_of_before_belong_to_the_only_ledger_without_companies(tmp_path: Path, others: int, *, kept: bool) -> None:
    """Where there are two, nobody knows whose C1 is meant: both go on showing it."""
    store = opened(tmp_path)
    lineages = [ledgers.get(store, commit(store, nameless_ledger(), actor=ME).id).lineage_id for _ in range(others + 1)]
    agreements.append(store, [NewAgreement("note", "", "acme", None, None, DAY, {"text": "x"}, lineages[0]), note("A")], actor=ME)
    as_before(store, "0008")
    events = agreements.listed(Store.open(tmp_path))
    assert [event.lineage_id for event in events] == [lineages[0] if kept else "", ""]
