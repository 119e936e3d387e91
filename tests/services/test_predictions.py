"""Are predictions computed once, by the model that may?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pyarrow.parquet as pq
import pytest

from insights.ledger.errors import Refused
from insights.portfolio.snapshot import PREDICTIONS
from insights.services import predictions, publishing
from insights.services.ledgers import commit, delete
from insights.store import audit, publications
from insights.store import models as model_store
from insights.store.records import ALL_COMPANIES, Scope
from insights.store.store import Store
from tests.support.processes import died, refusal
from tests.support.workspaces import ME, rates_model, small_ledger


def test_predictions_are_computed_once_and_carry_their_model(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    at = date(2024, 4, 1)
    assert not predictions.kept(workspace, ledger.id, model_id, at)
    path = predictions.of_model(workspace, ledger.id, model_id, at, actor=ME)
    written = path.stat().st_mtime_ns
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: predictions.of_model(workspace, ledger.id, model_id, at, actor=ME), range(8))) == {path}
    assert path.stat().st_mtime_ns == written
    assert pq.read_table(path)["model"].to_pylist() == [model_id, model_id]
    assert [record.action for record in audit.listed(workspace)].count("predictions.make") == 1


@pytest.mark.slow
def test_a_model_never_predicts_days_whose_answers_it_saw(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(date(2024, 3, 1)), ledger.id, actor=ME)
    assert refusal(predictions.of_model, workspace, ledger.id, model_id, date(2024, 2, 29), actor=ME) == "trained_too_late"


@pytest.mark.slow
def test_each_company_is_predicted_by_the_model_in_force_for_it(workspace: Store) -> None:
    """North is predicted by its own model, south by the one for all; each at the threshold it was published with."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    everybody, north = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    at = date(2024, 4, 1)
    publishing.publish(workspace, everybody, replaces=None, threshold=0.3, actor=ME)
    assert predictions.active(workspace, ledger.id, at, actor=ME) == predictions.of_model(
        workspace, ledger.id, everybody, at, actor=ME
    )
    publishing.publish(workspace, north, replaces=None, scope=Scope("north"), threshold=0.6, actor=ME)
    assert predictions.models_by_company(workspace, ledger.id, at) == {"north": north, "south": everybody}
    path = predictions.active(workspace, ledger.id, at, actor=ME)
    rows = pq.read_table(path)
    assert dict(zip(rows["company"].to_pylist(), rows["model"].to_pylist(), strict=True)) == {"north": north, "south": everybody}
    assert rows["position"].to_pylist() == sorted(rows["position"].to_pylist())
    assert [publications.threshold(workspace, model, company) for model, company in ((north, "north"), (everybody, "south"))] == [
        0.6,
        0.3,
    ]
    assert [(each.scope, each.model_id) for each in publications.active_publications(workspace)] == [
        (ALL_COMPANIES, everybody),
        (Scope("north"), north),
    ]
    other = commit(workspace, small_ledger(), actor=ME)
    elsewhere = predictions.active(workspace, other.id, at, actor=ME)
    delete(workspace, ledger.id, actor=ME)
    assert not path.exists()
    assert not elsewhere.exists()
    assert refusal(predictions.active, workspace, other.id, at, actor=ME) == "no_model"


@pytest.mark.slow
def test_a_model_that_is_published_for_one_company_says_nothing_of_the_others(workspace: Store) -> None:
    """A newer export of north and south; what is published is for north alone: neither a file nor a nightly scoring guesses."""
    older, newer = (commit(workspace, small_ledger(), actor=ME) for _ in range(2))
    model_id = model_store.save(workspace, rates_model(), older.id, actor=ME)
    entry = publishing.publish(workspace, model_id, replaces=None, scope=Scope("north"), actor=ME)
    at = date(2024, 4, 1)
    with pytest.raises(Refused, match="for other companies than south") as refused:
        predictions.active(workspace, newer.id, at, actor=ME)
    assert refused.value.code == "no_model"
    assert predictions.rescore(workspace, [newer.id], actor=ME) == []
    publishing.publish(workspace, model_id, replaces=None, scope=Scope("south"), actor=ME)
    assert predictions.active(workspace, newer.id, at, actor=ME).exists()
    assert [each.model_id for each in predictions.rescore(workspace, [newer.id], actor=ME)] == [entry.model_id]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["predictions.written", "predictions.listed"])
def test_predictions_that_die_are_made_again(workspace: Store, where: str) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    died(
        workspace,
        where,
        "from datetime import date; "
        f"predictions.of_model(Store.open(), '{ledger.id}', '{model_id}', date(2024, 4, 1), actor=laptop('me'))",
    )
    assert not predictions.kept(workspace, ledger.id, model_id, date(2024, 4, 1))
    assert pq.read_metadata(predictions.of_model(workspace, ledger.id, model_id, date(2024, 4, 1), actor=ME)).num_rows == 2


def test_predictions_of_an_earlier_version_are_computed_anew_in_their_place(workspace: Store) -> None:
    """Until the last day on time was a column, files did not have it."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id, at = model_store.save(workspace, rates_model(), ledger.id, actor=ME), ledger.default_as_of
    path = predictions.of_model(workspace, ledger.id, model_id, at, actor=ME)
    made = pq.read_table(path)
    assert set(PREDICTIONS.names) <= set(made.column_names)
    pq.write_table(made.drop_columns(["due_by"]), path)
    assert not predictions.kept(workspace, ledger.id, model_id, at)
    assert predictions.of_model(workspace, ledger.id, model_id, at, actor=ME) == path
    assert pq.read_table(path).equals(made)
    assert predictions.kept(workspace, ledger.id, model_id, at)
    assert predictions.active(workspace, ledger.id, at, actor=ME) == path
