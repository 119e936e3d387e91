"""Does the worklist bring predictions, agreements, weights and rates together, for whoever looks?"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.access import laptop
from insights.agreements.ranking import Weights
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.portfolio.worklist import unscored
from insights.services import agreements, rates, worklist
from insights.services.agreements import Entry
from insights.services.ledgers import commit, delete, join
from insights.store import ledgers
from insights.store.agreements import NewAgreement, append, listed, weights
from insights.store.store import Store
from tests.support.workspaces import ME, ledger_of, opened, small_ledger

AS_OF = date(2024, 4, 1)
DAY = timedelta(days=1)


def of(store: Store, **values: object) -> worklist.Worklist:
    ledger = ledgers.load(store)
    return worklist.worklist(store, ledger, AS_OF, unscored(ledger, AS_OF), **values)  # type: ignore[arg-type]


def enter(store: Store, kind: str, *invoices: tuple[str, str], **values: object) -> None:
    agreements.enter(store, ledgers.load(store), AS_OF, [Entry(kind, "north", "acme", invoices, values)], actor=ME)


def test_marking_the_top_customer_paid_takes_it_off_and_the_record_says_why(small_workspace: Store) -> None:
    assert of(small_workspace).ranked.customers["customer_id"].to_pylist() == ["acme", "birch"]
    enter(small_workspace, "in_payment", text="remittance advice seen")
    found = of(small_workspace)
    assert found.ranked.customers["customer_id"].to_pylist() == ["birch"]
    (held,) = found.ranked.held_back.to_pylist()
    assert found.sentence(held) == f"Said to be in payment on 1 Apr 2024 ({ME.name}): back on 15 Apr 2024."
    (event,) = listed(small_workspace)
    assert (event.kind, event.actor, event.payload["text"]) == ("in_payment", ME.name, "remittance advice seen")


def test_all_is_entered_or_nothing(small_workspace: Store) -> None:
    entries = [Entry("note", "north", "acme", (), {"text": "x"}), Entry("note", "north", "nobody", (), {"text": "x"})]
    with pytest.raises(Refused, match="no customer nobody"):
        agreements.enter(small_workspace, ledgers.load(small_workspace), AS_OF, entries, actor=ME)
    assert listed(small_workspace) == ()


def test_an_invoice_issued_later_is_not_known(small_workspace: Store) -> None:
    entry = Entry("note", "north", "acme", (("2", ""),), {"text": "x"})
    with pytest.raises(Refused, match="no invoice 2"):
        agreements.enter(small_workspace, ledgers.load(small_workspace), date(2024, 2, 5), [entry], actor=ME)


def test_a_snooze_may_wait_for_the_promise_or_the_due_date(small_workspace: Store) -> None:
    enter(small_workspace, "promise", on=AS_OF + 4 * DAY)
    enter(small_workspace, "snooze", until=agreements.AT_PROMISE)
    assert listed(small_workspace)[-1].payload["until"] == "2024-04-05"
    with pytest.raises(Refused, match="still to fall due"):
        enter(small_workspace, "snooze", until=agreements.DUE)


def test_a_promise_that_was_kept_in_part_says_what_came(workspace: Store) -> None:
    """acme owes 25.00 and 15.00, and promised both for 5 April: 25.00 came on that day, 15.00 is still open."""
    first = commit(workspace, ledger_of(PROMISED.format("-")), actor=ME)
    enter(workspace, "promise", on=AS_OF + 4 * DAY)
    later = ledger_of(PROMISED.format("2024-04-05"), complete_through=date(2024, 4, 12))
    commit(workspace, later, after=first.id, actor=ME)
    newest, day = ledgers.load(workspace), date(2024, 4, 13)
    listed_then = worklist.worklist(workspace, newest, day, unscored(newest, day))
    assert "promise of 5 Apr 2024 partly kept (EUR 40.00, EUR 25.00 came)" in listed_then.reasons(1)


PROMISED = """
north acme 1 2024-02-05 2024-03-06 {} 2500 EUR
north acme 2 2024-02-05 2024-03-06 - 1500 EUR
"""


@pytest.mark.slow
def test_rates_rank_currencies_as_one(small_workspace: Store, tmp_path: Path) -> None:
    """USD 0.99 at 100 EUR each is more than EUR 25.00; the rate of the as-of day itself is not known yet."""
    (tmp_path / "rates.csv").write_text("date,from,to,rate\n2024-01-31,USD,EUR,100.0000\n2024-04-01,USD,EUR,0.0001\n", "utf-8")
    rates.keep(small_workspace, tmp_path / "rates.csv", actor=ME)
    found = of(small_workspace)
    assert found.ranked.customers["customer_id"].to_pylist() == ["birch", "acme"]
    assert found.ranked.customers["likely"].to_pylist() == [99, 2500], "figures stay in their own currency"


def test_weights_are_those_in_force_unless_others_are_looked_at(small_workspace: Store) -> None:
    worklist.set_weights(small_workspace, Weights(minimum=20), actor=ME)
    assert weights(small_workspace).minimum == 20
    assert of(small_workspace).ranked.held_back["gate"].to_pylist() == ["small"]
    assert len(of(small_workspace, weights=Weights()).ranked.held_back) == 0
    with pytest.raises(Refused, match="0 to 100"):
        worklist.set_weights(small_workspace, Weights(prevention=101), actor=ME)


def test_a_ledgers_own_disputes_count_on_its_last_day_alone(workspace: Store) -> None:
    ledger = small_ledger()
    at = ledger.invoices.schema.get_field_index("disputed")
    column = pa.array([False, True, None, False], pa.bool_())
    disputed = replace(ledger, invoices=ledger.invoices.set_column(at, ledger.invoices.schema.field(at), column))
    kept = commit(workspace, disputed, actor=ME)
    assert [row["gate"] for row in of(workspace).ranked.held_back.to_pylist()] == ["dispute"]
    assert of(workspace).sentence(of(workspace).ranked.held_back.to_pylist()[0]).startswith("In dispute, as the ledger says")
    assert worklist.disputed(kept, AS_OF - DAY) is None


NAMELESS = """
- C1 {0}1 2024-02-05 2024-03-06 - 2500 EUR
- C2 {0}2 2024-02-05 2024-03-06 - 1500 EUR
"""


def firm(store: Store, name: str, *, after: str = "") -> Ledger:
    """A firm's ledger without a column of companies: its customers are C1 and C2, as those of any other firm."""
    return commit(store, ledger_of(NAMELESS.format(name)), after=after, actor=ME)


def agree(store: Store, ledger: Ledger, kind: str, *invoices: tuple[str, str], **values: object) -> None:
    agreements.enter(store, ledger, AS_OF, [Entry(kind, "", "C1", invoices, values)], actor=ME)


def seen(store: Store, ledger: Ledger) -> tuple[list[str], list[str], int]:
    """Who is ranked, who is held back and by which gate, and how many events hold."""
    found = worklist.worklist(store, ledger, AS_OF, unscored(ledger, AS_OF))
    gates = [f"{row['customer_id']} {row['gate']}" for row in found.ranked.held_back.to_pylist()]
    return found.ranked.customers["customer_id"].to_pylist(), gates, len(found.standing.agreed.events)


EVENTS: dict[str, dict[str, object]] = {
    "promise": {"on": AS_OF + 4 * DAY},
    "contact": {"channel": "phone", "outcome": "reached"},
    "dispute": {"reason": "price"},
    "snooze": {"until": AS_OF + 9 * DAY},
    "in_payment": {"text": ""},
    "note": {"text": "x"},
    "owner": {"name": "Bea"},
}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(sorted(EVENTS)), min_size=1, max_size=4))
@pytest.mark.slow
def test_of_two_firms_without_companies_none_gets_what_was_agreed_with_the_others_c1(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str]
) -> None:
    store = opened(tmp_path_factory.mktemp("two") / "home")
    one, other = firm(store, "A"), firm(store, "B")
    before = seen(store, other)
    for kind in kinds:
        agree(store, one, kind, **EVENTS[kind])
    assert seen(store, other) == before == (["C1", "C2"], [], 0)
    assert seen(store, one)[2] == len(kinds)
    newer = firm(store, "A", after=one.id)
    assert seen(store, newer) == seen(store, one), "its next version has it"


def test_of_two_firms_c1_each_can_be_taken(workspace: Store) -> None:
    one, other = firm(workspace, "A"), firm(workspace, "B")
    agreements.take(workspace, one, AS_OF, ("", "C1"), actor=laptop("ada"))
    agreements.take(workspace, other, AS_OF, ("", "C1"), actor=laptop("bea"))
    with pytest.raises(Refused, match="ada has taken"):
        agreements.take(workspace, firm(workspace, "A", after=one.id), AS_OF, ("", "C1"), actor=laptop("bea"))


def test_what_was_agreed_is_there_again_with_the_same_ledger_after_a_deletion_and_with_no_other(workspace: Store) -> None:
    one = firm(workspace, "A")
    agree(workspace, one, "promise", on=AS_OF + 4 * DAY)
    delete(workspace, one.id, actor=ME)
    assert seen(workspace, firm(workspace, "B"))[2] == 0
    assert seen(workspace, firm(workspace, "A")) == (["C2"], ["C1 promise"], 1)


def test_what_was_agreed_comes_along_where_a_ledger_becomes_a_version_of_another(workspace: Store) -> None:
    first, one = firm(workspace, "A"), firm(workspace, "A")
    agree(workspace, one, "note", text="x")
    assert seen(workspace, first)[2] == 0
    join(workspace, one.id, first.id, actor=ME)
    assert seen(workspace, first)[2] == seen(workspace, one)[2] == 1


def test_with_agreements_a_deletion_takes_those_of_its_own_ledger_alone(workspace: Store) -> None:
    one, other = firm(workspace, "A"), firm(workspace, "B")
    for ledger in (one, other):
        agree(workspace, ledger, "note", text="x")
    assert delete(workspace, one.id, with_agreements=True, actor=ME) == 1
    assert seen(workspace, other)[2] == 1


def test_events_of_before_without_a_lineage_are_seen_by_every_ledger_without_companies(workspace: Store) -> None:
    one, other = firm(workspace, "A"), firm(workspace, "B")
    append(workspace, [NewAgreement("note", "", "C1", None, None, AS_OF, {"text": "long ago"})], actor=ME)
    assert [seen(workspace, each)[2] for each in (one, other)] == [1, 1]
