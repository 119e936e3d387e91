"""Is a model published as it was seen, for one company or all?"""

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from insights import portfolio
from insights.services import publishing
from insights.store import ledgers, publications
from insights.store import models as model_store
from insights.store.records import ALL_COMPANIES, Scope
from insights.store.store import Store
from tests.support.screens import click, figures, rows, screen, sheet
from tests.support.uploads import NOT_YET_DUE
from tests.support.workspaces import ME, rates_model


def with_threshold(app: AppTest, per_cent: float) -> AppTest:
    """The screen after another threshold was entered, and looked at."""
    return next(each for each in app.number_input if each.label.startswith("Flag below")).set_value(per_cent).run()


def _change(app: AppTest) -> Button:
    return next(each for each in app.button if each.label == "Change the threshold")


@pytest.mark.slow
def test_publishing_a_threshold_and_rolling_back_is_on_record(published: Store) -> None:
    app = with_threshold(screen("models.py"), 30.0)
    click(app, "Change the threshold")
    assert not app.exception
    in_force = publications.active(published)
    assert in_force is not None
    assert in_force.threshold == pytest.approx(0.3)
    assert [each.value for each in app.toast] == ["The threshold is changed for all companies\\: flagged below 30%."]
    next(each for each in app.button if each.label == "Roll back now").click()
    app.run()
    in_force = publications.active(published)
    assert in_force is not None
    assert (in_force.threshold, in_force.kind) == (0.5, "roll_back")
    assert [each.value for each in app.toast][-1].startswith("Rolled back to ")
    assert sheet(app, "What", "Reason")["What"].tolist() == ["Rolled back", "Published", "Published"]


@pytest.mark.slow
def test_a_threshold_can_be_changed_only_to_another_one(published: Store) -> None:
    """Flagged below 50 per cent: the button wakes up at 30, and sleeps again at 50."""
    app = screen("models.py")
    assert _change(app).disabled
    assert not _change(with_threshold(app, 30.0)).disabled
    assert _change(with_threshold(app, 50.0)).disabled
    assert len(publications.listed(published)) == 1


@pytest.mark.slow
def test_a_publication_that_somebody_else_made_meanwhile_is_not_overwritten(published: Store) -> None:
    """The screen shows the first publication; before the click another is published; the click changes nothing."""
    app = screen("models.py")
    first = publications.active(published)
    assert first is not None
    with_threshold(app, 70.0)
    publishing.publish(published, first.model_id, replaces=first.id, threshold=0.6, actor=ME)
    click(app, "Change the threshold")
    assert [each.threshold for each in publications.listed(published)] == [0.6, 0.5]


@pytest.mark.slow
def test_a_model_is_published_for_one_company_and_rolled_back_there_alone(published: Store) -> None:
    """Plain speaks for all companies; Northern is published for north, twice; the roll back of north leaves the rest alone."""
    northern = model_store.save(published, rates_model(late=0.4), ledgers.listed(published)[0].id, name="Northern", actor=ME)
    app = screen("models.py")
    next(each for each in app.selectbox if each.label == "Model").set_value(northern).run()
    scope = next(each for each in app.selectbox if each.label == "Publish for")
    assert scope.options == ["All companies", "north", "south"]
    scope.set_value("north").run()
    click(app, "Publish this model")
    next(each for each in app.selectbox if each.label == "Publish for").set_value("north").run()
    with_threshold(app, 70.0)
    click(app, "Change the threshold")
    in_force = [
        (each.scope, model_store.get(published, each.model_id).name, each.threshold)
        for each in publications.active_publications(published)
    ]
    assert in_force == [(ALL_COMPANIES, "Plain", 0.5), (Scope("north"), "Northern", 0.7)]
    said = [each.value for each in app.text]
    assert any(each.startswith("Plain") and each.endswith("published, flagged below 50%") for each in said)
    assert any(each.startswith("Northern") and each.endswith("published for north, flagged below 70%") for each in said)
    assert sheet(app, "What", "Reason")["For"].tolist() == ["north", "north", "All companies"]
    click(app, "Roll back now")
    assert [(each.scope, each.threshold) for each in publications.active_publications(published)] == [
        (ALL_COMPANIES, 0.5),
        (Scope("north"), 0.5),
    ]


@pytest.mark.slow
def test_before_publishing_for_one_company_the_flags_that_would_flip_are_listed_with_their_sums(published: Store) -> None:
    """Plain (75 per cent on time) speaks for all. Below 80, invoices 3 and 4 of south (USD 3.00 and 0.99) become flagged."""
    (plain,) = model_store.listed(published)
    app = screen("models.py", as_of=NOT_YET_DUE)
    assert "Would become flagged" not in figures(app), "nothing would change"
    next(each for each in app.selectbox if each.label == "Publish for").set_value("south").run()
    assert any(each.value == "If it is published, as of 5 Mar 2024: no flag changes." for each in app.caption)
    with_threshold(app, 80.0)
    assert figures(app)["Would become flagged"] == ("2", "USD 3.99")
    assert figures(app)["Would no longer be flagged"] == ("0", "—")
    assert figures(app)["Would be flagged"] == ("2 of 2", "USD 3.99")
    by_threshold = sheet(app, "Flag below", "Flagged")
    assert by_threshold.loc[by_threshold["Flag below"] == "75%", "Flagged"].tolist() == ["0"], "exactly at it is not flagged"
    assert by_threshold.loc[by_threshold["Flag below"] == "80%", "of it late, about"].tolist() == ["USD 1"]
    listed = sheet(app, "Invoice", "On time, then")
    assert listed["Invoice"].tolist() == ["3", "4"]
    assert listed["Outstanding"].tolist() == ["USD 3.00", "USD 0.99"]
    assert set(listed["Company"]) == {"south"}
    assert [(each.scope, each.model_id) for each in publications.active_publications(published)] == [(ALL_COMPANIES, plain.id)], (
        "looking changes nothing"
    )
    click(app, "Publish this model")
    shown = rows(screen("open_invoices.py", as_of=NOT_YET_DUE))
    assert sorted(shown["invoice"]) == ["3", "4"]


def test_sums_of_flips_are_those_of_the_list_to_the_cent() -> None:
    amounts, currencies = [1, 999_999_999_999_999, 2, 7], ["EUR", "EUR", "USD", "EUR"]
    rows = pa.table({"currency": currencies, "outstanding": pa.array(amounts, pa.int64())})
    assert portfolio.sums(rows, "outstanding") == {"EUR": 1_000_000_000_000_007, "USD": 2}
