"""Does a training go on without its screen?"""

from datetime import date

import pytest

from insights import jobs
from insights.model.recipe import Recipe
from insights.services import background, predictions
from insights.store import ledgers
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.screens import figures, screen
from tests.support.uploads import wait_for
from tests.support.workspaces import ME


@pytest.mark.slow
@pytest.mark.usefixtures("with_history")
def test_what_leaves_too_few_invoices_cannot_be_trained() -> None:
    app = screen("models.py", part="Train another")
    assert not app.button(key="train").disabled
    app.number_input(key="least_amount").set_value(890.0).run()
    total, needed = figures(app)["Invoices to learn from"]
    assert 0 < int(total) < 50
    assert "needed" in needed
    assert app.button(key="train").disabled


@pytest.mark.slow
def test_a_training_goes_on_through_a_reload_and_is_predicted_with_at_once(with_history: Store) -> None:
    """Begun elsewhere; a new tab shows its progress and cannot begin another; at its end its predictions are there."""
    ledger = ledgers.listed(with_history)[0]
    background.train(with_history, ledger.id, date(2025, 1, 1), Recipe(fields=("late_share",)), actor=ME)
    app = screen("models.py", part="Train another")
    if not jobs.jobs(with_history)[0].ended:
        assert "Cancel" in [each.label for each in app.button]
        assert app.button(key="train").disabled
    wait_for(with_history, "train")
    made = model_store.listed(with_history)[0]
    assert made.fields == ("late_share",)
    assert predictions.kept(with_history, ledger.id, made.id, date(2025, 1, 1))
    app.run()
    app.run()
    assert not app.exception
    assert made.id == next(each for each in app.selectbox if each.label == "Model").value
    assert not app.button(key="train").disabled
