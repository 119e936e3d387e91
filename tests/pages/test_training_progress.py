"""Does a training go on without its screen?"""

from dataclasses import replace
from datetime import date

import pytest

from insights import jobs
from insights.model.recipe import Recipe
from insights.services import background, predictions
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store import models as model_store
from insights.store.store import Store
from pages.ui.shared import training_progress
from tests.support.jobs import no_worker
from tests.support.screens import figures, screen
from tests.support.uploads import wait_for
from tests.support.workspaces import ME, small_ledger


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
    told = [each.value for _ in range(2) for each in app.run().toast]
    assert told == ["The model is trained. It does not speak yet\\: look at it under Models, and publish it there."]
    assert not app.exception
    assert made.id == next(each for each in app.selectbox if each.label == "Model").value
    assert not app.button(key="train").disabled


def test_the_time_left_counts_down_while_no_more_is_done_and_is_estimated_anew_when_more_is(workspace: Store) -> None:
    """A quarter done, 90 seconds left; half a minute later still a quarter; then half, 50 seconds left."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    with no_worker(workspace):
        job = jobs.job(workspace, background.train(workspace, ledger.id, date(2025, 1, 1), Recipe(), actor=ME))
    assert training_progress.left(training_progress.estimate(job, None, 1000.0), 1000.0) == ""
    quarter = training_progress.estimate(replace(job, share=0.25, remaining=90.0), None, 1000.0)
    assert training_progress.left(quarter, 1000.0) == " · about 90 s left"
    still = training_progress.estimate(replace(job, share=0.25, remaining=180.0), quarter, 1030.0)
    assert training_progress.left(still, 1030.0) == " · about 60 s left"
    assert training_progress.left(still, 1100.0) == " · takes longer than estimated"
    half = training_progress.estimate(replace(job, share=0.5, remaining=50.0), still, 1040.0)
    assert training_progress.left(half, 1040.0) == " · about 50 s left"
