"""Is a list that changed within the day rebuilt as it was shown, whatever changed in it?"""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.store import shown_lists
from insights.store.list_changes import changed, changes, in_order
from insights.store.shown_lists import ENTRIES
from insights.store.store import Store
from tests.support.workspaces import ME

Entries = list[tuple[str, int | None]]  # customer, and what is likely to slip; None: held back


def entries(rows: Entries) -> pa.Table:
    """Ranked ones in their order, each with an invoice, then those held back."""
    ranked = [
        {"number": at, "likely": likely, "invoices": [{"invoice_id": who, "line": "1", "outstanding": likely, "slips": 0.5}]}
        | {"company": "", "customer_id": who, "customer_name": who, "currency": "EUR", "owner": ""}
        for at, (who, likely) in enumerate(((who, likely) for who, likely in rows if likely is not None), 1)
    ]
    held = [
        {"company": "", "customer_id": who, "customer_name": who, "currency": "EUR", "likely": 1, "gate": "snoozed"}
        for who, likely in rows
        if likely is None
    ]
    return pa.Table.from_pylist([*ranked, *held], schema=ENTRIES)


lists = st.lists(
    st.tuples(st.sampled_from("ABCDEFGH"), st.none() | st.integers(1, 3)), unique_by=lambda each: each[0], max_size=8
).map(entries)


def test_only_who_changed_is_kept_and_numbers_move_by_themselves() -> None:
    """
    before  1 A  2 B  3 C  4 D  held E
    now     1 A  2 C  3 E  4 D  held B
    """
    before = entries([("A", 5), ("B", 4), ("C", 3), ("D", 2), ("E", None)])
    now = entries([("A", 5), ("C", 3), ("E", 2), ("D", 2), ("B", None)])
    found = changes(before, now)
    assert found.select(["number", "customer_id", "gate"]).to_pylist() == [
        {"number": None, "customer_id": "B", "gate": "snoozed"},
        {"number": 3, "customer_id": "E", "gate": None},
    ]
    assert changed(before, found).equals(in_order(now))


def test_who_is_gone_is_gone() -> None:
    before, now = entries([("A", 5), ("B", 4)]), entries([("B", 4)])
    assert changed(before, changes(before, now)).equals(now)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shown=st.lists(lists, min_size=1, max_size=4), day=st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_list_of_a_day_is_read_back_as_it_was_shown(workspace: Store, shown: list[pa.Table], day: date) -> None:
    for table in shown:
        shown_lists.keep(workspace, "ledger", day, [], table, actor=ME)
        last = [each for each in shown_lists.listed(workspace, ["ledger"], until=day) if each.as_of == day][-1]
        assert shown_lists.entries(workspace, last.id).equals(in_order(table))
