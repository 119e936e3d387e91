"""Is what publishing would change said before it is done: the very flags, and no others, whichever scopes are in force?"""

from datetime import date
from itertools import product

import pyarrow.parquet as pq
import pytest

from insights.portfolio.snapshot import flagged
from insights.services import flag_changes, predictions, publishing
from insights.services.ledgers import commit, delete
from insights.services.predictions import thresholds
from insights.store import ledgers, models, publications
from insights.store.records import ALL_COMPANIES, Scope
from insights.store.store import Store
from tests.support.workspaces import ME, ledger_of, rates_model

AT = date(2024, 3, 5)  # when no invoice is due yet
LEDGER = """
    east  elm   1 2024-02-01 2024-04-01 -   100 EUR
    north acme  2 2024-02-05 2024-03-06 -  2500 EUR
    north acme  3 2024-02-05 2024-03-07 -  1011 EUR
    south birch 4 2024-02-10 2024-03-11 -   300 USD
"""


@pytest.fixture
def ledger_id(workspace: Store) -> str:
    return commit(workspace, ledger_of(LEDGER), actor=ME).id


def model(workspace: Store, ledger_id: str, on_time: float, trained: date = date(2024, 3, 1)) -> str:
    """A model that says the same probability of on time of every invoice that is not yet due."""
    return models.save(workspace, rates_model(trained, late=1 - on_time), ledger_id, actor=ME)


def flags(workspace: Store, ledger_id: str) -> dict[str, bool]:
    """Invoice -> whether the list and the scored file flag it now."""
    rows = pq.read_table(predictions.active(workspace, ledger_id, AT, actor=ME))
    shown = flagged(rows["p_on_time"].to_numpy(), thresholds(workspace, rows, ledgers.get(workspace, ledger_id).lineage_id))
    return dict(zip(rows["invoice_id"].to_pylist(), shown.tolist(), strict=True))


def put_in_force(workspace: Store, scope: Scope, model_id: str, threshold: float) -> None:
    before = publications.active(workspace, scope)
    publishing.publish(workspace, model_id, replaces=before.id if before else None, scope=scope, threshold=threshold, actor=ME)


def announced(workspace: Store, ledger_id: str, model_id: str, scope: Scope, threshold: float) -> dict[str, bool]:
    """Invoice -> the flag that it would have, of those whose flag would change."""
    found = flag_changes.of_publishing(workspace, ledger_id, AT, model_id, scope=scope, threshold=threshold, actor=ME)
    assert all(row["flagged"] != row["other_flagged"] for row in found.to_pylist())
    return {row["invoice_id"]: row["other_flagged"] for row in found.to_pylist()}


NORTH, SOUTH = Scope("north"), Scope("south")
EVERY_STANDING = [(), (ALL_COMPANIES,), (NORTH,), (ALL_COMPANIES, NORTH), (ALL_COMPANIES, NORTH, SOUTH)]


@pytest.mark.slow
@pytest.mark.parametrize("standing", EVERY_STANDING)
def test_what_is_announced_is_what_changes(workspace: Store, ledger_id: str, standing: tuple[Scope, ...]) -> None:
    """Scopes in force at first, at 0.45; then model after model is published here and there, at three other thresholds."""
    models = [model(workspace, ledger_id, on_time) for on_time in (0.4, 0.6)]
    for number, scope in enumerate(standing):
        put_in_force(workspace, scope, models[number % 2], 0.45)
    changed = 0
    for model_id, scope, threshold in product(models, (ALL_COMPANIES, NORTH, SOUTH), (0.5, 0.7, 0.3)):
        said = announced(workspace, ledger_id, model_id, scope, threshold)
        before = flags(workspace, ledger_id)
        put_in_force(workspace, scope, model_id, threshold)
        after = flags(workspace, ledger_id)
        assert said == {number: flag for number, flag in after.items() if flag != before[number]}
        changed += len(said)
    assert changed > 10, "or the test shows nothing"


def test_publishing_for_one_company_leaves_the_others_alone(workspace: Store, ledger_id: str) -> None:
    everybody, north = model(workspace, ledger_id, 0.6), model(workspace, ledger_id, 0.4)
    put_in_force(workspace, ALL_COMPANIES, everybody, 0.5)
    assert announced(workspace, ledger_id, north, NORTH, 0.5) == {"2": True, "3": True}
    assert announced(workspace, ledger_id, north, ALL_COMPANIES, 0.5) == {"1": True, "2": True, "3": True, "4": True}


@pytest.mark.slow
def test_publishing_for_all_leaves_a_company_with_its_own_model_alone(workspace: Store, ledger_id: str) -> None:
    everybody, north = model(workspace, ledger_id, 0.6), model(workspace, ledger_id, 0.4)
    put_in_force(workspace, ALL_COMPANIES, everybody, 0.5)
    put_in_force(workspace, Scope("north"), north, 0.5)
    assert announced(workspace, ledger_id, everybody, ALL_COMPANIES, 0.7) == {"1": True, "4": True}


@pytest.mark.slow
def test_a_threshold_alone_flips_flags_too(workspace: Store, ledger_id: str) -> None:
    everybody = model(workspace, ledger_id, 0.6)
    put_in_force(workspace, ALL_COMPANIES, everybody, 0.5)
    assert announced(workspace, ledger_id, everybody, NORTH, 0.7) == {"2": True, "3": True}
    assert announced(workspace, ledger_id, everybody, ALL_COMPANIES, 0.5) == {}


@pytest.mark.slow
def test_a_model_that_may_not_speak_as_of_the_day_changes_nothing_on_it(workspace: Store, ledger_id: str) -> None:
    put_in_force(workspace, ALL_COMPANIES, model(workspace, ledger_id, 0.6), 0.5)
    later = model(workspace, ledger_id, 0.4, trained=date(2024, 3, 20))
    assert announced(workspace, ledger_id, later, NORTH, 0.5) == {}


def test_where_no_model_speaks_yet_every_flag_is_a_new_one(workspace: Store, ledger_id: str) -> None:
    """The only model was learned from another company's ledger; published for north, it speaks for north."""
    other = commit(
        workspace, ledger_of(LEDGER.replace("north", "west").replace("south", "west").replace("east", "west")), actor=ME
    )
    foreign = model(workspace, other.id, 0.4)
    found = flag_changes.of_publishing(
        workspace, ledger_id, AT, foreign, scope=Scope("north"), threshold=0.5, actor=ME
    ).to_pylist()
    assert [(row["invoice_id"], row["p_on_time"], row["flagged"]) for row in found] == [("2", None, False), ("3", None, False)]
    assert announced(workspace, ledger_id, foreign, ALL_COMPANIES, 0.5) == {}


def test_a_company_whose_own_model_was_deleted_takes_the_threshold_of_all(workspace: Store, ledger_id: str) -> None:
    """North had the model of all at 70 per cent, then one of another ledger, which is deleted: all is again as for all."""
    everybody = model(workspace, ledger_id, 0.6)
    put_in_force(workspace, ALL_COMPANIES, everybody, 0.5)
    put_in_force(workspace, Scope("north"), everybody, 0.7)
    other = commit(workspace, ledger_of(LEDGER), actor=ME)
    put_in_force(workspace, Scope("north"), model(workspace, other.id, 0.4), 0.5)
    delete(workspace, other.id, actor=ME)
    assert publications.threshold(workspace, everybody, "north") == 0.5
    assert set(flags(workspace, ledger_id).values()) == {False}
