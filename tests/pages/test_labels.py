"""Can two ledgers, models or companies be confused in a menu? No two labels are alike, whatever they are called."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.records import Scope
from insights.store.store import Store
from pages.ui.shared import labels
from tests.support.workspaces import ME, small_ledger

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def test_a_label_is_no_longer_than_it_takes() -> None:
    told = {1: ("A", "May", "x"), 2: ("A", "June", "y"), 3: ("B", "May", "z"), 4: ("A", "June", "y")}
    assert labels.distinct(told) == {1: "A · May", 2: "A · June · y", 3: "B", 4: "A · June · y (2)"}
    assert labels.scopes(["All companies", ""]) == {
        Scope(): "All companies · all",
        Scope("All companies"): "All companies · one company",
        Scope(""): "(no company)",
    }


@given(st.dictionaries(st.integers(), st.lists(st.sampled_from(["A", "B", "A · B", "A (2)", ""]), min_size=1, max_size=3)))
def test_no_two_labels_are_alike(told: dict[int, list[str]]) -> None:
    assert len(set(labels.distinct(told).values())) == len(told)


@pytest.mark.slow
def test_a_ledger_is_called_by_name_and_day_and_where_both_are_alike_by_its_import(empty_workspace: Store) -> None:
    """Two imports of one name and day, a minute apart; a third in the same minute is told apart by its id."""
    record = ledgers.get(empty_workspace, commit(empty_workspace, small_ledger(), actor=ME).id)
    first = replace(record, id="first-of-all", created_at=NOON)
    second = replace(record, id="second-of-all", created_at=NOON.replace(minute=1))
    assert labels.ledgers([first]) == {first.id: "Example, complete through 31 Mar 2024"}
    assert labels.ledgers([first, second]) == {
        first.id: "Example, complete through 31 Mar 2024 · imported 14 Mar 2026, 12:00 UTC",
        second.id: "Example, complete through 31 Mar 2024 · imported 14 Mar 2026, 12:01 UTC",
    }
    third = replace(second, id="third-of-all")
    assert labels.ledgers([first, second, third])[third.id].endswith("12:01 UTC · third-of")
    assert labels.ledgers_by_day([first]) == {first.id: "31 Mar 2024 · Example"}
