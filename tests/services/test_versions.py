"""Is a newer export known by its invoices, and does it become the next version of its ledger, and of no other?"""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.services import versions
from insights.services.ledgers import commit, delete, join, separate
from insights.store import audit, ledgers, lineages
from insights.store.store import Store
from tests.support.processes import refusal
from tests.support.workspaces import ME, ledger_of, small_ledger

MARCH, APRIL = date(2024, 3, 31), date(2024, 4, 30)


def invoices(numbers: range, *, company: str = "-", day: str = "2024-01-02", until: date = MARCH) -> Ledger:
    """One open invoice of 1.00 EUR per number, each of a customer of its own."""
    lines = [f"{company} C{number} {number} {day} 2024-02-01 - 100 EUR" for number in numbers]
    return ledger_of("\n".join(lines), complete_through=until)


@pytest.mark.parametrize("numbers", [range(10), range(5, 20), range(5), range(5, 6)])
@pytest.mark.slow
def test_a_file_that_shares_half_of_the_smaller_one_is_the_next_version(workspace: Store, numbers: range) -> None:
    """Ten invoices are here; the file has all of them, five of them and ten others, five of them only, or one."""
    first = commit(workspace, invoices(range(10)), actor=ME)
    found = versions.proposed(workspace, invoices(numbers, until=APRIL))
    assert found is not None
    assert (found.ledger.id, found.shared) == (first.id, len({*numbers} & {*range(10)}))


def test_a_file_that_shares_less_is_a_ledger_of_its_own(workspace: Store) -> None:
    commit(workspace, invoices(range(10)), actor=ME)
    assert versions.proposed(workspace, invoices(range(6, 20), until=APRIL)) is None


def test_two_firms_that_number_alike_are_two(workspace: Store) -> None:
    """The same customers and invoice numbers, issued on another day; and the same invoices of a company of another name."""
    commit(workspace, invoices(range(10)), actor=ME)
    assert versions.proposed(workspace, invoices(range(10), day="2024-01-03")) is None
    assert versions.proposed(workspace, invoices(range(10), company="north")) is None


def test_a_file_that_ends_before_the_ledger_is_not_its_next_version(workspace: Store) -> None:
    commit(workspace, invoices(range(10), until=APRIL), actor=ME)
    assert versions.proposed(workspace, invoices(range(10))) is None


def test_of_several_ledgers_the_one_with_most_of_the_invoices_is_proposed_in_its_newest_version(workspace: Store) -> None:
    commit(workspace, invoices(range(6)), actor=ME)
    larger = commit(workspace, invoices(range(9)), actor=ME)
    newest = commit(workspace, invoices(range(9)), after=larger.id, actor=ME)
    found = versions.proposed(workspace, invoices(range(10), until=APRIL))
    assert found is not None
    assert (found.ledger.id, found.ledger.version, found.shared) == (newest.id, 2, 9)


def test_versions_are_numbered_within_their_ledger_and_the_newest_is_the_last_committed(workspace: Store) -> None:
    first = commit(workspace, small_ledger(), actor=ME)
    own = commit(workspace, small_ledger(), actor=ME)
    second = commit(workspace, small_ledger(), after=first.id, actor=ME)
    numbered = [(each.id, each.version, each.sequence) for each in ledgers.listed(workspace)]
    assert numbered == [(second.id, 2, 3), (own.id, 1, 2), (first.id, 1, 1)]
    assert ledgers.get(workspace, first.id).lineage_id == ledgers.get(workspace, second.id).lineage_id
    assert [each.id for each in versions.newest_versions(ledgers.listed(workspace))] == [second.id, own.id]


def test_the_newest_ledger_is_the_last_one_whatever_the_clock_says(workspace: Store) -> None:
    """The clock was put back by years between two commits."""
    first, last = (commit(workspace, small_ledger(), actor=ME) for _ in range(2))
    with workspace.database.write() as session:
        ledgers.find(session, last.id).created_at = datetime(2020, 1, 1, tzinfo=UTC)
    assert ledgers.get(workspace).id == last.id
    assert [each.id for each in ledgers.listed(workspace)] == [last.id, first.id]


@pytest.mark.parametrize("gone", [0, 1, 2])
@pytest.mark.slow
def test_a_version_that_is_deleted_leaves_the_others_together(workspace: Store, gone: int) -> None:
    kept: list[Ledger] = []
    for _ in range(3):
        kept.append(commit(workspace, small_ledger(), after=kept[-1].id if kept else "", actor=ME))
    delete(workspace, kept.pop(gone).id, actor=ME)
    left = ledgers.listed(workspace)[::-1]
    assert [each.id for each in left] == [each.id for each in kept]
    assert len({each.lineage_id for each in left}) == 1
    assert [each.version for each in left] == [number for number in (1, 2, 3) if number != gone + 1]


def test_a_lineage_is_there_as_long_as_a_version_is(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), merges={"11": "10"}, actor=ME)
    lineage = ledgers.get(workspace, ledger.id).lineage_id
    commit(workspace, small_ledger(), after=ledger.id, merges={"12": "10"}, actor=ME)
    assert lineages.merges(workspace, lineage) == {"11": "10", "12": "10"}
    for each in ledgers.listed(workspace):
        delete(workspace, each.id, actor=ME)
    assert refusal(lineages.merges, workspace, lineage) == "no_lineage"


@pytest.mark.slow
def test_ledgers_that_were_kept_apart_can_be_joined_and_separated(workspace: Store) -> None:
    first, own, second = (commit(workspace, small_ledger(), actor=ME) for _ in range(3))
    join(workspace, second.id, first.id, actor=ME)
    join(workspace, own.id, second.id, actor=ME)
    assert [(each.id, each.version) for each in ledgers.listed(workspace)] == [(second.id, 3), (own.id, 2), (first.id, 1)]
    assert refusal(join, workspace, own.id, first.id, actor=ME) == "same_ledger"
    separate(workspace, own.id, actor=ME)
    assert ledgers.get(workspace, own.id).version == 1
    assert refusal(separate, workspace, own.id, actor=ME) == "one_version"
    assert [each.action for each in audit.listed(workspace, own.id)] == ["ledger.separate", "ledger.join", "ledger.commit"]


def test_a_column_that_changed_since_the_version_before_was_not_known_at_issue() -> None:
    older, newer = (
        replace(ledger, invoices=ledger.invoices.append_column("x:rank", pa.array(ranks)), known_at_issue=("rank",))
        for ledger, ranks in ((small_ledger(), ["a", "b", "c", "d"]), (small_ledger(), ["a", "b", "c", "e"]))
    )
    assert versions.update(older, newer).newer.known_at_issue == ()
    assert versions.update(older, older).newer.known_at_issue == ("rank",)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["commit", "next", "next", "delete", "join", "separate"]), max_size=10), st.integers())
def test_whatever_is_done_versions_keep_the_order_of_their_commits(steps: list[str], seed: int) -> None:
    draw = Random(seed)  # noqa: S311 - an example, not a secret
    with TemporaryDirectory() as home:
        store, ids = Store.open(Path(home)), [""]
        for step in steps:
            pick, other = draw.choice(ids), draw.choice(ids)
            if step in ("commit", "next"):
                ids.append(commit(store, invoices(range(1)), after=pick if step == "next" else "", actor=ME).id)
            elif step == "delete" and pick:
                delete(store, pick, actor=ME)
                ids.remove(pick)
            elif pick and other:
                with suppress(Refused):
                    join(store, pick, other, actor=ME) if step == "join" else separate(store, pick, actor=ME)
        found = ledgers.listed(store)[::-1]
        assert [each.id for each in found] == ids[1:]
        for lineage in {each.lineage_id for each in found}:
            numbers = [each.version for each in found if each.lineage_id == lineage]
            assert numbers == sorted(set(numbers))
            assert lineages.merges(store, lineage) == {}
