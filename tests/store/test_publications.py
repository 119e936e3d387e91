"""Whom is a publication for, and which model speaks? Companies without a name, unrelated ledgers, workspaces of before."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from insights.access import laptop
from insights.ledger.errors import Refused
from insights.services import contents, predictions, publishing
from insights.services.ledgers import commit, delete
from insights.store import audit, ledgers, models, publications
from insights.store import models as model_store
from insights.store.records import ALL_COMPANIES, Scope
from insights.store.store import Store
from tests.support.postgres import POSTGRES, POSTGRES_LATER, SQLITE
from tests.support.processes import python, refusal
from tests.support.versions import as_before
from tests.support.workspaces import ME, nameless_ledger, rates_model, small_ledger

AT = date(2024, 4, 1)


@pytest.mark.slow
def test_the_company_without_a_name_is_one_company_and_not_all(workspace: Store) -> None:
    """Everybody's model speaks for north and south; the nameless company of another ledger has one of its own."""
    named, nameless = commit(workspace, small_ledger(), actor=ME), commit(workspace, nameless_ledger(), actor=ME)
    lineage = ledgers.get(workspace, nameless.id).lineage_id
    everybody, own = (
        models.save(workspace, rates_model(), named.id, actor=ME),
        models.save(workspace, rates_model(late=0.4), nameless.id, actor=ME),
    )
    publishing.publish(workspace, everybody, replaces=None, threshold=0.3, actor=ME)
    entry = publishing.publish(workspace, own, replaces=None, scope=Scope(""), threshold=0.7, actor=ME)
    assert [(each.scope, each.model_id) for each in publications.active_publications(workspace)] == [
        (ALL_COMPANIES, everybody),
        (Scope("", lineage), own),
    ]
    assert predictions.models_by_company(workspace, nameless.id, AT) == {"": own}
    assert predictions.models_by_company(workspace, named.id, AT) == {"north": everybody, "south": everybody}
    assert (publications.threshold(workspace, own, "", lineage), publications.threshold(workspace, everybody, "north")) == (
        0.7,
        0.3,
    )
    with pytest.raises(Refused, match="Somebody else published for \\(no company\\)"):
        publishing.publish(workspace, own, replaces=None, scope=Scope(""), actor=ME)
    publishing.roll_back(workspace, replaces=entry.id, actor=ME)
    assert publications.active(workspace, Scope("", lineage)) is None
    assert publications.active(workspace) is not None


@pytest.mark.slow
def test_publications_of_a_workspace_of_before_mean_what_they_meant(tmp_path: Path) -> None:
    """Written under the second migration, where "" meant all companies."""
    home = tmp_path / "home"
    workspace = Store.open(home)
    ledger = commit(workspace, small_ledger(), actor=ME)
    everybody, north = (models.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    publishing.publish(workspace, everybody, replaces=None, actor=ME)
    publishing.publish(workspace, north, replaces=None, scope=Scope("north"), actor=ME)
    as_before(workspace, "0002")
    with workspace.database.engine.begin() as connection:
        assert set(connection.execute(text("SELECT scope FROM publications")).scalars()) == {"", "north"}
    reopened = Store.open(home)
    assert [(each.scope, each.model_id) for each in publications.active_publications(reopened)] == [
        (ALL_COMPANIES, everybody),
        (Scope("north"), north),
    ]


def test_a_commit_queues_one_scoring_where_something_is_published(workspace: Store) -> None:
    from insights import jobs

    ledger = commit(workspace, small_ledger(), actor=ME)
    assert jobs.jobs(workspace) == []
    publishing.publish(workspace, models.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    newer = commit(workspace, small_ledger(), actor=ME)
    assert [(job.kind, job.ledger_id) for job in jobs.jobs(workspace)] == [("score", newer.id)]


def test_publishing_expects_what_was_seen(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    one, two = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    first = publishing.publish(workspace, one, replaces=None, threshold=0.4, reason="to begin with", actor=ME)
    assert refusal(publishing.publish, workspace, two, replaces=None, actor=ME) == "overtaken"
    second = publishing.publish(workspace, two, replaces=first.id, actor=ME)
    assert refusal(publishing.publish, workspace, one, replaces=first.id, actor=ME) == "overtaken"
    assert publications.active(workspace) == second
    assert [entry.number for entry in publications.listed(workspace)] == [2, 1]
    assert (first.reason, first.threshold, first.actor) == ("to begin with", 0.4, ME.name)
    assert (publications.threshold(workspace, one), publications.threshold(workspace, two)) == (0.4, 0.5)


def test_a_model_that_cannot_be_read_is_neither_published_nor_rolled_back_to(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    one, two = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    first = publishing.publish(workspace, one, replaces=None, actor=ME)
    second = publishing.publish(workspace, two, replaces=first.id, actor=ME)
    (workspace.home / "models" / one / "model.json").write_text("{}")
    assert refusal(publishing.publish, workspace, one, replaces=second.id, actor=ME) == "damaged"
    assert refusal(publishing.roll_back, workspace, replaces=second.id, actor=ME) == "damaged"
    assert publications.active(workspace) == second


def test_the_threshold_changes_without_training(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    first = publishing.publish(workspace, model_id, replaces=None, actor=ME)
    publishing.publish(workspace, model_id, replaces=first.id, threshold=0.7, actor=ME)
    assert publications.threshold(workspace, model_id) == 0.7
    assert len(model_store.listed(workspace)) == 1
    assert refusal(publishing.publish, workspace, model_id, replaces=None, threshold=1.0, actor=ME) == "threshold"


def test_rolling_back_twice_goes_two_back(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    models = [model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2, 0.3)]
    entry = None
    for number, model_id in enumerate(models):
        entry = publishing.publish(
            workspace, model_id, replaces=entry.id if entry else None, threshold=0.4 + number / 10, actor=ME
        )
    assert entry is not None
    back = publishing.roll_back(workspace, replaces=entry.id, reason="too many flags", actor=ME)
    assert (back.model_id, back.threshold, back.kind, back.reason) == (models[1], 0.5, "roll_back", "too many flags")
    again = publishing.roll_back(workspace, replaces=back.id, actor=ME)
    assert again.model_id == models[0]
    assert refusal(publishing.roll_back, workspace, replaces=again.id, actor=ME) == "nothing_before"
    assert len(publications.listed(workspace)) == 5


@pytest.mark.slow
def test_what_is_in_force_already_is_not_published_again(workspace: Store) -> None:
    """One at 0.5 for all; again: nothing. At 0.7, for north, and after another model it is a publication like any other."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    one, other = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    first = publishing.publish(workspace, one, replaces=None, actor=ME)
    with pytest.raises(Refused, match=r"in force for all companies already.* below the same 0\.5"):
        publishing.publish(workspace, one, replaces=first.id, reason="to be sure", actor=ME)
    assert publications.listed(workspace) == [first]
    assert [record.subject for record in audit.listed(workspace) if record.action == "model.publish"] == [first.id]
    assert refusal(publishing.roll_back, workspace, replaces=first.id, actor=ME) == "nothing_before"
    publishing.publish(workspace, one, replaces=None, scope=Scope("north"), actor=ME)
    second = publishing.publish(workspace, one, replaces=first.id, threshold=0.7, actor=ME)
    third = publishing.publish(workspace, other, replaces=second.id, actor=ME)
    publishing.publish(workspace, one, replaces=third.id, actor=ME)
    assert len(publications.listed(workspace)) == 5


@pytest.mark.slow
def test_a_roll_back_goes_to_the_last_that_was_different(workspace: Store) -> None:
    """One, another, and one again, of which an earlier version of the product wrote two entries; then the other is gone.

    While it is there the roll back brings it; once it is gone, nothing that differs was ever in force.
    """
    ledger, own = (commit(workspace, small_ledger(), actor=ME) for _ in range(2))
    one = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    other = model_store.save(workspace, rates_model(late=0.2), own.id, actor=ME)
    first = publishing.publish(workspace, one, replaces=None, actor=ME)
    second = publishing.publish(workspace, other, replaces=first.id, actor=ME)
    third = publishing.publish(workspace, one, replaces=second.id, actor=ME)
    with workspace.database.write() as session:
        again = publications.new("publish", ALL_COMPANIES, actor=ME, model_id=one, threshold=0.5, reason="")
        again.id, again.number, again.replaces = "again", third.number + 1, third.id
        session.add(again)
    assert publications.before(workspace, "again") == second
    delete(workspace, own.id, actor=ME)
    assert refusal(publishing.roll_back, workspace, replaces="again", actor=ME) == "nothing_before"


@pytest.mark.slow
def test_a_company_can_have_a_model_of_its_own(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    everybody, north = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    publishing.publish(workspace, everybody, replaces=None, actor=ME)
    publishing.publish(workspace, north, replaces=None, scope=Scope("north"), actor=ME)
    at = date(2024, 4, 1)
    assert [contents.read(workspace).model_for(ledger, at, company) for company in ("", "north", "south")] == [
        everybody,
        north,
        everybody,
    ]
    assert refusal(publishing.publish, workspace, north, replaces=None, scope=Scope("nowhere"), actor=ME) == "no_company"


@pytest.mark.slow
def test_a_company_goes_back_to_the_model_of_all_companies(workspace: Store) -> None:
    """North gets a model of its own and is rolled back; gets another, twice, and is rolled back step by step."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    everybody, north = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    at = date(2024, 4, 1)
    first = publishing.publish(workspace, north, replaces=None, scope=Scope("north"), actor=ME)
    assert refusal(publishing.roll_back, workspace, replaces=first.id, actor=ME) == "nothing_before"
    for_all = publishing.publish(workspace, everybody, replaces=None, threshold=0.3, actor=ME)
    assert publications.before(workspace, first.id) == for_all
    back = publishing.roll_back(workspace, replaces=first.id, reason="too early", actor=ME)
    assert (back.kind, back.model_id, back.reason) == ("withdraw", "", "too early")
    assert publications.active(workspace, Scope("north")) is None
    assert contents.read(workspace).model_for(ledger, at, "north") == everybody
    assert publications.threshold(workspace, everybody, "north") == 0.3
    assert refusal(publishing.roll_back, workspace, replaces=first.id, actor=ME) == "overtaken"
    second = publishing.publish(workspace, north, replaces=None, scope=Scope("north"), threshold=0.4, actor=ME)
    third = publishing.publish(workspace, north, replaces=second.id, scope=Scope("north"), threshold=0.6, actor=ME)
    again = publishing.roll_back(workspace, replaces=third.id, actor=ME)
    assert (again.kind, again.threshold) == ("roll_back", 0.4)
    assert publishing.roll_back(workspace, replaces=again.id, actor=ME).kind == "withdraw"
    assert publications.active(workspace) == for_all


@pytest.mark.slow
@pytest.mark.parametrize(
    ("database", "rounds"),
    [(SQLITE, 100), (POSTGRES, 40), *(pytest.param(kind, 500, marks=pytest.mark.long) for kind in (SQLITE, POSTGRES))],
    indirect=["database"],
)
def test_of_many_who_publish_at_once_exactly_one_wins_and_all_is_recorded(workspace: Store, rounds: int) -> None:
    """In each round, four users want to replace the same publication at the same moment."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    models = [model_store.save(workspace, rates_model(late=(1 + number) / 10), ledger.id, actor=ME) for number in range(4)]
    seen: str | None = None
    barrier = threading.Barrier(len(models))
    others = [Store.open(workspace.home) for _ in models]

    def attempt(number: int, expected: str | None, below: float) -> str:
        barrier.wait()
        try:
            actor = laptop(f"user {number}")
            return publishing.publish(others[number], models[number], replaces=expected, threshold=below, actor=actor).id
        except Refused as error:
            return error.code

    with ThreadPoolExecutor(len(models)) as pool:
        for number in range(1, rounds + 1):
            below = number / (rounds + 1)  # of each round its own, so that whoever wins twice changes something
            got = pool.map(attempt, range(len(models)), [seen] * len(models), [below] * len(models))
            seen, *others_got = sorted(got, key="overtaken".__eq__)
            assert others_got == ["overtaken"] * 3
    entries = publications.listed(workspace)
    assert [entry.number for entry in entries] == list(range(rounds, 0, -1))
    assert all(entry.replaces == before.id for entry, before in pairwise(entries))
    recorded = {record.subject: record.actor for record in audit.listed(workspace) if record.action == "model.publish"}
    assert recorded == {entry.id: entry.actor for entry in entries}


@pytest.mark.slow
@POSTGRES_LATER
def test_processes_that_publish_at_once_never_overwrite_each_other(workspace: Store) -> None:
    """Three processes change the threshold forty times each, looking again whenever they were overtaken."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    code = f"""
from insights.access import laptop
from insights.ledger.errors import Refused
from insights.services import publishing
from insights.store import publications
from insights.store.store import Store
store, done = Store.open(), 0
while done < 40:
    seen = publications.active(store)
    below = 0.4 if seen and seen.threshold == 0.6 else 0.6
    try:
        publishing.publish(store, "{model_id}", replaces=seen.id if seen else None, threshold=below, actor=laptop("me"))
        done += 1
    except Refused as error:
        assert error.code == "overtaken", error
"""
    running = [python(workspace, code) for _ in range(3)]
    assert [process.wait(timeout=180) for process in running] == [0, 0, 0]
    entries = publications.listed(workspace)
    assert [entry.number for entry in entries] == list(range(120, 0, -1))
    assert len([record for record in audit.listed(workspace) if record.action == "model.publish"]) == 120
