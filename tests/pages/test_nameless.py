"""Do all screens stand on a ledger without companies, and do two ledgers of one name stay apart?"""

from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from insights import jobs
from insights.evaluation import flags, replay_dates
from insights.evaluation.report import report
from insights.model.recipe import Recipe
from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import backtests, ledgers, models
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.screens import circled, click, figures, said, screen, standing
from tests.support.workspaces import ME, nameless_ledger, rates_model, small_ledger, year_of_invoices

pytestmark = pytest.mark.slow  # every page again

PAGES = ("start", "open_invoices", "invoice", "customers", "customer", "release_list", "ledgers", "models", "trust")


@pytest.fixture
def nameless(empty_workspace: Store) -> Store:
    """A ledger without companies and its published model, which flags below 50 per cent."""
    ledger = commit(empty_workspace, nameless_ledger(), actor=ME)
    publishing.publish(
        empty_workspace, models.save(empty_workspace, rates_model(), ledger.id, name="Plain", actor=ME), replaces=None, actor=ME
    )
    return empty_workspace


@pytest.mark.parametrize("own", [False, True], ids=["for_all", "of_its_own"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_stands_on_a_ledger_without_companies(nameless: Store, page: str, own: bool) -> None:  # noqa: FBT001
    """Published for all companies, or for the one without a name: one model speaks, and its ledger is named."""
    if own:
        publishing.publish(nameless, models.listed(nameless)[0].id, replaces=None, scope=Scope(""), threshold=0.9, actor=ME)
    shown = screen(page, company="", customer="acme", invoice="2")
    assert "Scores of the model “Plain” trained as of 1 Mar 2024 on Nameless, published; ledger of 31 Mar 2024" in [
        each.value for each in shown.caption
    ]


def test_one_company_without_a_name_is_flagged_below_its_own_threshold(nameless: Store) -> None:
    """75 per cent on time: not flagged below 50, flagged below 90, which is in force for the nameless company alone."""
    assert circled(screen("open_invoices", as_of="2024-03-05", tab="all")) == [False] * 3
    publishing.publish(nameless, models.listed(nameless)[0].id, replaces=None, scope=Scope(""), threshold=0.9, actor=ME)
    assert circled(screen("open_invoices", as_of="2024-03-05", tab="all")) == [True] * 3


def test_trust_judges_the_model_of_a_ledger_without_companies(empty_workspace: Store) -> None:
    """A year of invoices, replayed on one day."""
    year = year_of_invoices(invoices=300)
    column = pa.array([""] * len(year.invoices))
    where = year.invoices.schema.get_field_index("company")
    ledger = commit(
        empty_workspace,
        replace(year, invoices=year.invoices.set_column(where, year.invoices.schema.field(where), column)),
        actor=ME,
    )
    publishing.publish(
        empty_workspace, models.save(empty_workspace, rates_model(date(2025, 1, 1)), ledger.id, actor=ME), replaces=None, actor=ME
    )
    assert "Replay the last twelve months" in [each.label for each in screen("trust").button]
    replay = replay_dates(ledger, [ledger.complete_through - timedelta(days=90)], Recipe())
    replay = replace(replay, ledger_id=ledger.id)
    backtests.save(empty_workspace, replay.ledger_id, replay.recipe, replay.rows, report(replay).to_json())
    found = flags(replay.rows, 0.5)
    assert figures(screen("trust"))["Flagged"] == (f"{found.flagged}", f"of {found.invoices} not yet due")


# --- two ledgers of one name -----------------------------------------------------------------------------------------


@pytest.fixture
def two_of_a_name(empty_workspace: Store) -> tuple[str, str]:
    """Two exports of one name, complete through 31 March and 30 April: their ids."""
    ledger = small_ledger()
    first = commit(empty_workspace, ledger, actor=ME)
    second = commit(empty_workspace, replace(ledger, complete_through=date(2024, 4, 30)), actor=ME)
    return first.id, second.id


def chosen_ledger(app: AppTest) -> str:
    return str(app.query_params["ledger"])


def test_a_newer_export_of_the_same_name_stays_in_view_at_the_next_click(two_of_a_name: tuple[str, str]) -> None:
    first, second = two_of_a_name
    app = screen("open_invoices")
    assert app.selectbox(key="chosen_ledger").options == [
        "30 Apr 2024 · Example",
        "31 Mar 2024 · Example",
    ]
    assert chosen_ledger(standing(click(app, app.button(key="tab_all").label))) == second
    app.selectbox(key="chosen_ledger").set_value(first).run()
    assert chosen_ledger(app) == first
    assert chosen_ledger(standing(click(app, app.button(key="tab_overdue").label))) == first


def test_models_of_one_name_and_minute_are_told_apart(nameless: Store) -> None:
    ledger = ledgers.listed(nameless)[0]
    models.save(nameless, rates_model(late=0.4), ledger.id, name="Plain", actor=ME)
    options = next(each for each in screen("models").selectbox if each.label == "Model").options
    assert len(set(options)) == 2
    assert all(each.startswith("Plain · Nameless · ") for each in options)


# --- unrelated ledgers -----------------------------------------------------------------------------------------------


def test_an_unpublished_model_of_another_ledger_does_not_speak(empty_workspace: Store) -> None:
    """Two ledgers without companies: a model is trained on the first, and the second is shown as if it were not there."""
    first = commit(empty_workspace, nameless_ledger(), actor=ME)
    second = commit(empty_workspace, replace(nameless_ledger(), complete_through=date(2024, 4, 30)), actor=ME)
    models.save(empty_workspace, rates_model(), first.id, actor=ME)
    assert "No model for this day" in said(screen("open_invoices", ledger=second.id))
    assert "not published" in said(screen("open_invoices", ledger=first.id))


def test_a_published_model_of_other_companies_is_said_not_to_speak(empty_workspace: Store) -> None:
    """The published model knows north and south; a ledger without companies is shown without it, and why is said."""
    named = commit(empty_workspace, small_ledger(), actor=ME)
    publishing.publish(empty_workspace, models.save(empty_workspace, rates_model(), named.id, actor=ME), replaces=None, actor=ME)
    other = commit(empty_workspace, nameless_ledger(), actor=ME)
    assert "was trained on a ledger of other companies" in said(screen("open_invoices", ledger=other.id))
    own = models.save(empty_workspace, rates_model(), other.id, actor=ME)
    assert screen("open_invoices", ledger=other.id).query_params["model"] == own


def test_a_commit_on_the_screen_queues_one_scoring(nameless: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_IDLE_SECONDS", "1")
    app = screen("ledgers")
    lines = (
        "Customer ID,Invoice No,Issue Date,Due Date,Paid Date,Amount,Currency",
        "A,1,2026-01-05,2026-02-04,2026-02-10,100.00,EUR",
        "A,2,2026-01-20,2026-02-19,,250.50,EUR",
    )
    app.file_uploader[0].set_value(("new.csv", "\n".join(lines).encode(), "text/csv")).run()
    standing(click(app, "Commit this ledger"))
    assert [job.kind for job in jobs.jobs(nameless) if job.ledger_id == ledgers.listed(nameless)[0].id] == ["score"]
