"""Does each role see its tiles first, and does each tile say what the list behind it sums to?"""

from dataclasses import replace
from datetime import date

import pytest

from insights.access import Role, laptop
from insights.evaluation import replay_dates
from insights.evaluation.report import report
from insights.model.recipe import Recipe
from insights.services import overviews, publishing
from insights.services.ledgers import commit
from insights.store import audit, backtests, ledgers, models
from insights.store.store import Store
from pages.ui.shared import format as fmt
from tests.support.screens import figures, said, screen
from tests.support.workspaces import ME, rates_model, small_ledger


@pytest.mark.usefixtures("published")
@pytest.mark.slow
def test_an_agent_s_tiles_say_what_the_tabs_of_the_list_say() -> None:
    """Both open invoices are overdue."""
    shown = figures(screen("start.py"))
    assert shown["Overdue"] == ("2", "EUR 25.00 · USD 0.99")
    assert shown["Not yet due, flagged"] == ("0", "—")
    assert shown["Customers mostly at risk"] == ("2", "of 2 customers")
    assert shown["To call"][0] == figures(screen("worklist.py"))["To call"][0]
    tabs = [button.label for button in screen("open_invoices.py", tab="overdue").button]
    assert any(label.startswith("**Overdue** · 2 · EUR 25") for label in tabs)


@pytest.mark.slow
def test_a_role_is_remembered_by_name_and_on_record(published: Store) -> None:
    app = screen("start.py")
    app.segmented_control(key="overview_role").set_value(Role.MANAGER).run()
    assert overviews.overview_of(published, laptop()) == Role.MANAGER
    assert figures(screen("start.py"))["Receivables"] == ("EUR 25.00", "1 open invoice")
    overviews.choose(published, Role.POWER_USER, actor=laptop())
    shown = figures(screen("start.py"))
    assert shown["Models"] == ("1", "one is published")
    assert shown["Proof from the past"] == ("—", "nothing is replayed yet")
    assert [entry.action for entry in audit.listed(published, laptop().name)] == [overviews.CHOOSE] * 2


@pytest.mark.slow
def test_a_power_user_s_proof_is_what_trust_has_of_this_ledger(with_history: Store) -> None:
    ledger = ledgers.load(with_history)
    recipe = Recipe.from_json(dict(models.listed(with_history)[0].recipe))
    replay = replace(replay_dates(ledger, [date(2024, 8, 1), date(2024, 9, 1)], recipe), ledger_id=ledger.id)
    backtests.save(with_history, replay.ledger_id, replay.recipe, replay.rows, report(replay).to_json())
    overviews.choose(with_history, Role.POWER_USER, actor=laptop())
    assert figures(screen("start.py"))["Proof from the past"] == (f"{len(replay.rows):,} cases", "on 2 past days, replayed")


@pytest.mark.slow
def test_a_manager_s_tiles_are_the_cells_of_the_ageing(workspace: Store) -> None:
    commit(workspace, small_ledger(), actor=ME)
    overviews.choose(workspace, Role.MANAGER, actor=laptop())
    shown = figures(screen("start.py"))
    assert shown["Past due"] == ("EUR 25.00", "100% of the receivables")
    assert shown["Over 90 days past due"][0] == "EUR 0.00"
    assert "besides, USD 0.99 are owed" in said(screen("start.py"))
    behind = said(screen("ageing.py", cell="receivables", currency="EUR"))
    assert "1 invoice, EUR 25.00" in behind


@pytest.mark.usefixtures("small_workspace")
def test_an_address_that_names_no_ledger_leaves_the_start_page_as_it_is() -> None:
    app = screen("start.py", ledger="gone")
    assert "Payment Insights" in said(app)
    assert not app.segmented_control


def test_a_manager_sees_the_cash_that_the_screen_cash_says(sample_workspace: Store) -> None:
    overviews.choose(sample_workspace, Role.MANAGER, actor=laptop())
    app = screen("start.py")
    tile = figures(app)["Cash of the next 4 weeks"][0]
    shown = figures(screen("cash.py", currency="EUR"))["Next 4 weeks"][0]
    assert tile == shown


@pytest.mark.slow
@pytest.mark.parametrize(("trained", "old"), [(date(2023, 12, 1), True), (date(2024, 3, 1), False)])
def test_a_model_that_was_trained_long_ago_is_said_to_be_old(workspace: Store, trained: date, *, old: bool) -> None:
    """The ledger is of 31 March 2024."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = models.save(workspace, rates_model(trained), ledger.id, name="Plain", actor=ME)
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    text = said(screen("open_invoices.py"))
    assert ("The model that speaks was trained 122 days before this day" in text) is old
    assert f"Scores of the model “Plain” trained as of {fmt.day(trained)}" in text
