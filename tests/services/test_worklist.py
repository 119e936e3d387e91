"""Does the worklist bring predictions, agreements, weights and rates together, for whoever looks?"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from insights.agreements.ranking import Weights
from insights.ledger.errors import Refused
from insights.ledger.ledger import FURTHER
from insights.portfolio.worklist import unscored
from insights.services import agreements, rates, release, worklist
from insights.services.agreements import Entry
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.agreements import listed, weights
from insights.store.store import Store
from tests.support.workspaces import ME, ledger_of, small_ledger

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
    assert found.sentence(held) == f"Said to be in payment on 1 Apr 2024 ({ME}): back on 15 Apr 2024."
    (event,) = listed(small_workspace)
    assert (event.kind, event.actor, event.payload["text"]) == ("in_payment", ME, "remittance advice seen")


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


@pytest.mark.slow
def test_rates_rank_currencies_as_one(small_workspace: Store, tmp_path: Path) -> None:
    """USD 0.99 at 100 EUR each is more than EUR 25.00."""
    (tmp_path / "rates.csv").write_text("date,from,to,rate\n2024-01-31,USD,EUR,100.0000\n", "utf-8")
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


def test_the_release_list_has_who_is_over_the_limit(workspace: Store) -> None:
    """acme owes 25.00 at a limit of 20.00; birch has none."""
    ledger = ledger_of(
        """
        north acme  1 2024-02-05 2024-03-06 -          2500 EUR
        north birch 2 2024-02-05 2024-03-06 -          9900 EUR
        """
    )
    limits = pa.array([20.0, None], pa.float64())
    commit(workspace, replace(ledger, invoices=ledger.invoices.append_column(FURTHER + "Credit Limit", limits)), actor=ME)
    kept = ledgers.load(workspace)
    found = release.release(workspace, kept, AS_OF, unscored(kept, AS_OF))
    assert [(row["customer_id"], row["over_limit"], row["why"]) for row in found.table.to_pylist()] == [
        ("acme", 500, "over the limit")
    ]
    assert found.limits == "Credit Limit"
    assert [str(each) for each in release.exported(found)["over_limit"].to_pylist()] == ["5.00"]
    assert "no predictions" in found.said
