"""Is a cash forecast made once, kept and read, with the ranges that its past Mondays stand for?"""

import json
from dataclasses import replace
from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest

from insights.access import Person, Reach, Role
from insights.model.recipe import Recipe
from insights.portfolio.cash import PlannedInvoice, at_risk_on
from insights.services import cash, ledgers, publishing, training
from insights.services.ledgers import commit
from insights.store import cash as kept
from insights.store import housekeeping, models
from insights.store import ledgers as ledgers_kept
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.ledgers import invented
from tests.support.workspaces import ME

pytestmark = pytest.mark.slow


@pytest.fixture
def trained(workspace: Store) -> tuple[Store, str, date]:
    """A year of 700 invoices as of its end, with a model: some 24 Mondays can be replayed."""
    ledger = commit(workspace, replace(invented(700), name="Invented"), actor=ME)
    as_of = ledger.default_as_of
    training.train(workspace, ledger.id, as_of, Recipe(very_late_days=15), actor=ME)
    return workspace, ledger.id, as_of


def test_a_forecast_is_made_once_and_then_read(trained: tuple[Store, str, date]) -> None:
    store, ledger_id, as_of = trained
    path = cash.expected(store, ledger_id, as_of, actor=ME)
    made = path.stat().st_mtime_ns
    first, again = (cash.forecast(store, ledger_id, as_of, actor=ME) for _ in range(2))
    assert first == again
    assert path.stat().st_mtime_ns == made
    assert pq.read_schema(path).metadata[b"as_of"].decode() == as_of.isoformat()
    assert all(week.range is None for each in first.currencies for week in each.weeks), "nothing is replayed yet"
    assert {each.judged for each in first.currencies} == {0}


def test_ranges_come_with_the_past_mondays_which_are_kept(trained: tuple[Store, str, date]) -> None:
    """24 Mondays: the first weeks have 20 that are over and so a range, the last have none."""
    store, ledger_id, as_of = trained
    before = cash.forecast(store, ledger_id, as_of, actor=ME)
    many = cash.replay(store, ledger_id, as_of, actor=ME)
    assert many >= 20
    assert cash.replay(store, ledger_id, as_of, actor=ME) == 0, "they are kept"
    after = cash.forecast(store, ledger_id, as_of, actor=ME)
    for one, two in zip(before.currencies, after.currencies, strict=True):
        assert two.judged == many
        assert [week.total for week in one.weeks] == [week.total for week in two.weeks]
        first, last = two.weeks[0], two.weeks[-1]
        assert first.range
        assert first.open_range
        assert 0 <= first.range[0] <= first.total <= first.range[1]
        assert first.open_range[0] <= first.open_book <= first.open_range[1]
        assert last.range is None


def test_past_mondays_say_what_was_at_risk_then_without_making_a_forecast(trained: tuple[Store, str, date]) -> None:
    """Of all, and of half of the customers: those that a forecast of the day rests on."""
    store, ledger_id, as_of = trained
    cash.replay(store, ledger_id, as_of, actor=ME)
    invoices = ledgers_kept.load(store, ledger_id).invoices.select(["company", "customer_id"]).to_pylist()
    half = frozenset(sorted({(row["company"], row["customer_id"]) for row in invoices})[::2])
    for customers in (None, half):
        past = cash.past_mondays(store, ledger_id, as_of, actor=ME, customers=customers)
        assert past.equals(cash.book(store, ledger_id, as_of, actor=ME, customers=customers).replays)
        said = at_risk_on(past, "EUR", as_of)
        assert len(said) > 20
        assert list(said) == sorted(said)
        assert all(0 <= risk <= owed for risk, owed in said.values())
        assert any(0 < risk < owed for risk, owed in said.values())


def test_of_some_customers_there_are_both_layers_and_ranges_of_their_own(trained: tuple[Store, str, date]) -> None:
    """Two halves of the customers are the whole open book, each with ranges of its own; of nobody nothing comes."""
    store, ledger_id, as_of = trained
    cash.replay(store, ledger_id, as_of, actor=ME)
    invoices = ledgers_kept.load(store, ledger_id).invoices.select(["company", "customer_id"]).to_pylist()
    who = sorted({(row["company"], row["customer_id"]) for row in invoices})
    whole, *halves = (
        cash.forecast(store, ledger_id, as_of, actor=ME, customers=each)
        for each in (None, frozenset(who[::2]), frozenset(who[1::2]))
    )
    for each in whole.currencies:
        parts = [next(part for part in half.currencies if part.currency == each.currency) for half in halves]
        for name in ("outstanding", "later", "never"):
            assert sum(getattr(part, name) for part in parts) == getattr(each, name)
        for number, week in enumerate(each.weeks):
            assert sum(part.weeks[number].open_book for part in parts) == week.open_book
        for part in parts:
            first = part.weeks[0]
            assert part.judged >= part.fewest
            assert first.range
            assert 0 <= first.range[0] <= first.total <= first.range[1]
            assert sum(week.not_invoiced for week in part.weeks) > 0
    assert cash.forecast(store, ledger_id, as_of, actor=ME, customers=frozenset({("", "nobody")})).currencies == ()
    read = cash.book(store, ledger_id, as_of, actor=ME, customers=frozenset(who[::2]))
    assert read.forecasts() is read.forecasts(), "asked twice, computed once"
    path = next(store.home.glob(f"cash/{ledger_id}/*/customers/*.parquet"))
    before = cash.mark(store, ledger_id, "", "")
    path.unlink()
    assert cash.mark(store, ledger_id, "", "") != before, "what was read is read anew"
    assert cash.replay(store, ledger_id, as_of, actor=ME) == 1, "what is lost of the customers is made again"


def test_what_is_replayed_goes_with_its_ledger(trained: tuple[Store, str, date]) -> None:
    store, ledger_id, as_of = trained
    cash.replay(store, ledger_id, as_of, actor=ME)
    assert list(store.home.glob(f"cash/{ledger_id}/*/*.parquet"))
    assert list(store.home.glob(f"predictions/{ledger_id}/*/*.cash.parquet"))
    ledgers.delete(store, ledger_id, actor=ME)
    housekeeping.tidy(store)
    assert not list(store.home.glob(f"cash/{ledger_id}"))
    assert not list(store.home.glob(f"predictions/{ledger_id}"))
    assert models.listed(store) == []


def test_of_a_company_that_is_within_reach_everything_is_as_in_the_whole_and_of_no_other(
    trained: tuple[Store, str, date],
) -> None:
    """A plan of both companies, one row of it naming neither: that is parted as in the whole."""
    store, ledger_id, as_of = trained
    days = (as_of, as_of + timedelta(days=60))
    rows = (("north", 900_000), ("south", 500_000), (None, 70_000))
    plan = [PlannedInvoice(number, *days, "EUR", amount, company) for number, (company, amount) in enumerate(rows)]
    ann = Person("Ann", Role.MANAGER, Reach(companies=frozenset({"south"})), "3f0c")
    whole, south = (cash.book(store, ledger_id, as_of, actor=actor, plan=plan) for actor in (ME, ann))
    assert set(south.rows["company"].to_pylist()) == {"south"}
    assert {company for company, _ in (*south.not_invoiced, *south.learned)} == {"south"}
    assert south.forecasts() == whole.forecasts("south")
    assert south.planned
    assert 500_000 < sum(south.planned.planned.values()) < 570_000


def test_what_was_said_then_is_of_all_that_is_visible_and_by_the_model_that_spoke(workspace: Store) -> None:
    """A year of 700 invoices of north and south, looked at a week before its end: by the model that is published, then by
    another; last, where south has a model of its own, by both together, and by somebody who sees north alone.
    """
    ledger = commit(workspace, replace(invented(700), name="Invented"), actor=ME)
    as_of, then = ledger.default_as_of, ledger.default_as_of - timedelta(days=7)
    spoke, other = (training.train(workspace, ledger.id, then, Recipe(very_late_days=days), actor=ME).id for days in (15, 10))
    publishing.publish(workspace, spoke, replaces=None, actor=ME)
    by_spoke = cash.expected(workspace, ledger.id, then, actor=ME)
    cash.expected(workspace, ledger.id, then, actor=ME, model_id=other)
    assert [(said.as_of, said.path) for said in cash.shown_before(workspace, ledger.id, as_of)] == [(then, by_spoke)]
    publishing.publish(workspace, other, scope=Scope("south"), replaces=None, actor=ME)
    by_both = cash.expected(workspace, ledger.id, then, actor=ME)
    assert [said.path for said in cash.shown_before(workspace, ledger.id, as_of)] == [by_both]
    of_north = pq.read_schema(by_both).with_metadata({"models": json.dumps({"north": spoke})}).empty_table()
    kept.write(workspace, by_both.parent.with_name("mix-north") / by_both.name, of_north)
    assert [said.path for said in cash.shown_before(workspace, ledger.id, as_of)] == [by_both], "the last says nothing of south"
