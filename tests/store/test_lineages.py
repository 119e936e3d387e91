"""Do workspaces of before open with their ledgers as versions, and does what is published of nameless companies stay apart?"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from insights.services import contents, publishing
from insights.services.ledgers import commit
from insights.store import ledgers, models, publications
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.processes import refusal
from tests.support.versions import as_before
from tests.support.workspaces import ME, ledger_of, nameless_ledger, opened, rates_model, small_ledger

AT = date(2024, 4, 1)


def test_ledgers_of_before_are_versions_where_a_later_one_bears_the_name_and_holds_the_invoices(tmp_path: Path) -> None:
    """Example twice with the same invoices, then with others, and the same invoices once more under another name."""
    store = opened(tmp_path)
    other = ledger_of("north acme 9 2024-01-02 2024-02-01 - 100 EUR\nsouth birch 8 2024-01-02 2024-02-01 - 1 USD")
    given = (small_ledger(), small_ledger(), other, replace(small_ledger(), name="Renamed"))
    ids = [commit(store, each, actor=ME).id for each in given]
    before = [(each.id, each.name, each.created_at) for each in ledgers.listed(store)]
    as_before(store, "0005")
    found = {each.id: each for each in ledgers.listed(Store.open(tmp_path))}
    assert [(each.id, each.name, each.created_at) for each in found.values()] == before
    assert [found[each].version for each in ids] == [1, 2, 1, 1]
    assert found[ids[0]].lineage_id == found[ids[1]].lineage_id
    assert len({each.lineage_id for each in found.values()}) == 3
    assert [found[each].sequence for each in ids] == [1, 2, 3, 4]


def test_a_ledger_of_before_whose_file_is_gone_is_a_version_of_none(tmp_path: Path) -> None:
    store = opened(tmp_path)
    first, _ = (commit(store, small_ledger(), actor=ME) for _ in range(2))
    as_before(store, "0005")
    (tmp_path / "ledgers" / first.id / "invoices.parquet").unlink()
    assert [each.version for each in ledgers.listed(Store.open(tmp_path))] == [1, 1]


@pytest.mark.slow
def test_the_net_balance_of_a_ledger_of_before_is_counted_when_it_is_asked_for(tmp_path: Path) -> None:
    store = opened(tmp_path)
    counted = ledgers.get(store, commit(store, small_ledger(), actor=ME).id)
    as_before(store, "0005")
    reopened = Store.open(tmp_path)
    record = ledgers.get(reopened)
    assert record.balance is None
    assert ledgers.balance(reopened, record) == counted.balance == {"EUR": 2500, "USD": 99}


def test_what_was_published_of_ledgers_without_companies_speaks_for_each_of_them_again(tmp_path: Path) -> None:
    """At the migration before, the model of the second firm had taken the place of the first one's, for all companies."""
    store = opened(tmp_path)
    other = ledger_of("- acme 9 2024-01-02 2024-02-01 - 100 EUR", name="Other firm")
    one, two = (commit(store, each, actor=ME) for each in (nameless_ledger(), other))
    mine, theirs = (models.save(store, rates_model(late=late), each.id, actor=ME) for late, each in ((0.1, one), (0.2, two)))
    as_before(store, "0005")
    entry = text(
        "INSERT INTO publications (id, created_at, actor, sequence, seal, scope, number, kind, model_id, threshold, reason, "
        "replaces, gate) VALUES (:id, :at, 'me', :number, '', 'all', :number, 'publish', :model, 0.5, '', :replaces, '{}')"
    )
    with store.database.engine.begin() as connection:
        for number, (model_id, replaces) in enumerate([(mine, None), (theirs, "p1")], 1):
            values = {"id": f"p{number}", "at": f"2026-01-0{number} 00:00:00", "number": number, "model": model_id}
            connection.execute(entry, values | {"replaces": replaces})
    reopened = Store.open(tmp_path)
    held = contents.read(reopened)
    assert [held.model_for(each, AT) for each in (one, two)] == [mine, theirs]
    assert [(each.number, each.replaces) for each in publications.listed(reopened)] == [(1, None), (1, None)]


@pytest.mark.slow
def test_two_firms_without_a_column_of_companies_share_nothing_that_is_published(workspace: Store) -> None:
    """Each publishes for all companies; neither takes the other's place, and a roll back brings back one's own."""
    one, two = commit(workspace, nameless_ledger(), actor=ME), commit(workspace, nameless_ledger(), actor=ME)
    first, second = (models.save(workspace, rates_model(late=late), one.id, actor=ME) for late in (0.1, 0.2))
    theirs = models.save(workspace, rates_model(late=0.3), two.id, actor=ME)
    published = publishing.publish(workspace, first, replaces=None, actor=ME)
    publishing.publish(workspace, theirs, replaces=None, actor=ME)
    later = publishing.publish(workspace, second, replaces=published.id, actor=ME)
    held = contents.read(workspace)
    assert [held.model_for(each, AT) for each in (one, two)] == [second, theirs]
    assert publishing.roll_back(workspace, replaces=later.id, actor=ME).model_id == first
    newer = commit(workspace, nameless_ledger(), after=one.id, actor=ME)
    assert contents.read(workspace).model_for(newer, AT) == first


def test_a_user_may_publish_a_model_for_the_versions_of_another_ledger(workspace: Store) -> None:
    one, two = commit(workspace, nameless_ledger(), actor=ME), commit(workspace, nameless_ledger(), actor=ME)
    model_id = models.save(workspace, rates_model(), one.id, actor=ME)
    chosen = Scope(None, ledgers.get(workspace, two.id).lineage_id)
    publishing.publish(workspace, model_id, replaces=None, scope=chosen, actor=ME)
    held = contents.read(workspace)
    assert [held.model_for(two, AT, company) for company in (None, "")] == [model_id, model_id]


@pytest.mark.parametrize("company", ["", None])
@pytest.mark.slow
def test_a_ledger_with_and_without_names_shares_by_its_names_alone(workspace: Store, company: str | None) -> None:
    """One ledger has north and a company without a name, another only one without: nothing but north is shared."""
    mixed = ledger_of("north acme 1 2024-01-02 2024-02-01 - 1 EUR\n- acme 2 2024-01-02 2024-02-01 - 1 EUR")
    one, two = commit(workspace, mixed, actor=ME), commit(workspace, nameless_ledger(), actor=ME)
    named = commit(workspace, ledger_of("north acme 1 2024-01-02 2024-02-01 - 1 EUR"), actor=ME)
    model_id = models.save(workspace, rates_model(), one.id, actor=ME)
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    held = contents.read(workspace)
    assert held.model_for(named, AT) == model_id
    assert held.model_for(two, AT, company) is None


def test_a_model_from_elsewhere_is_published_for_a_nameless_company_only_where_its_ledger_is_named(workspace: Store) -> None:
    commit(workspace, nameless_ledger(), actor=ME)
    model_id = models.save(workspace, rates_model(), "", actor=ME)
    assert refusal(publishing.publish, workspace, model_id, replaces=None, scope=Scope(""), actor=ME) == "no_lineage"
