"""Is a model trained once, by the rules, and kept with who trained it?"""

from dataclasses import replace
from datetime import date

import pytest

from insights.access import laptop
from insights.ledger.errors import Refused
from insights.ledger.ledger import FURTHER
from insights.model.recipe import Recipe
from insights.services import predict, training
from insights.services.ledgers import commit
from insights.store import audit, ledgers, models
from insights.store.store import Store
from insights.store.tables import new_id
from tests.support.workspaces import ME, rates_model, year_of_invoices

AS_OF = date(2024, 12, 1)
CLEARED = f"{FURTHER}Cleared"


@pytest.mark.slow
def test_an_id_that_is_there_already_is_not_trained_again(workspace: Store) -> None:
    """A job whose worker died after the model was kept is tried once more."""
    ledger = commit(workspace, year_of_invoices(), actor=ME)
    model_id = models.save(workspace, rates_model(AS_OF), ledger.id, model_id=new_id(), actor=laptop("ada"))
    again = training.train(workspace, ledger.id, AS_OF, Recipe(), model_id=model_id, actor=ME)
    assert (again.id, again.actor) == (model_id, "ada")
    assert len(models.listed(workspace)) == 1


@pytest.mark.slow
def test_a_model_is_kept_with_its_name_and_who_trained_it(workspace: Store) -> None:
    ledger = commit(workspace, year_of_invoices(), actor=ME)
    stages: list[str] = []
    kept = training.train(
        workspace,
        ledger.id,
        AS_OF,
        Recipe(very_late_days=20),
        name="Twenty",
        actor=laptop("ada"),
        progress=lambda stage, _: stages.append(stage),
    )
    assert (kept.name, kept.actor, kept.ledger_id, kept.trained_as_of) == ("Twenty", "ada", ledger.id, AS_OF)
    assert models.made_with(workspace, kept.id)["device"] == "cpu"
    assert stages
    (recorded,) = audit.listed(workspace, kept.id)
    assert (recorded.action, recorded.actor) == ("model.save", "ada")


@pytest.mark.slow
def test_predict_in_one_go_keeps_the_rules_of_a_training_and_nothing_else(workspace: Store) -> None:
    """A column that tells the outcome is refused without a reason, and the workspace at hand is not touched."""
    ledger = year_of_invoices()
    told = replace(
        ledger,
        invoices=ledger.invoices.append_column(CLEARED, ledger.invoices["paid_date"]),
        known_at_issue=("Cleared",),
    )
    with pytest.raises(Refused) as refused:
        predict.predict(told, AS_OF, Recipe(fields=("amount", CLEARED)), actor=ME)
    assert refused.value.code == "leak"
    scored = predict.predict(ledger, AS_OF, Recipe(), actor=ME).scored
    assert len(scored.models) == 1
    assert scored.table.num_rows > 0
    assert ledgers.listed(workspace) == []
