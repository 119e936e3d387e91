"""Do the screens of customers, ledgers and models show the right figures, and do their buttons do what they say?"""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from insights.services import model_archive
from insights.services.ledgers import commit, delete
from insights.store import audit, ledgers, signing
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.screens import circled, click, figures, rows, screen, standing
from tests.support.uploads import NOT_YET_DUE
from tests.support.workspaces import ME, rates_model, small_ledger

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("page", ["customers.py", "customer.py", "models.py"])
@pytest.mark.usefixtures("workspace")
def test_an_empty_workspace_offers_the_next_step(page: str) -> None:
    assert [button.label for button in screen(page).button] == ["Go to start"]


@pytest.mark.slow
def test_each_company_is_shown_by_the_model_in_force_for_it(two_models: tuple[str, str]) -> None:
    """The list, its first tab, customers, and the invoice say the same of north and south; a named model speaks for both."""
    app = screen("open_invoices.py", as_of=NOT_YET_DUE, tab="all")
    listed = zip(rows(app).to_dict("records"), circled(app), strict=True)
    shown = {row["invoice"]: (row["customer"], row["likely"].split(" ")[0], flagged) for row, flagged in listed}
    assert shown == {"2": ("acme", "60%", True), "3": ("birch", "75%", False), "4": ("birch", "75%", False)}
    app = screen("open_invoices.py", as_of=NOT_YET_DUE)
    assert rows(app)["invoice"].tolist() == ["2"]
    assert any(each.value.startswith("Scores of 2 models, each for its own companies; ledger of") for each in app.caption)
    assert "model" not in app.query_params
    assert figures(screen("customers.py", as_of=NOT_YET_DUE))["Invoices unlikely to be on time"] == (
        "1",
        "of 3 in all currencies",
    )
    for company, number, verdict, on_time in (("north", "2", "**Flagged:**", "60%"), ("south", "4", "**Not flagged:**", "75%")):
        app = screen("invoice.py", as_of=NOT_YET_DUE, company=company, invoice=number)
        assert any(each.value.startswith(verdict) for each in app.markdown)
        assert figures(app)["On time"][0] == on_time

    app = screen("open_invoices.py", as_of=NOT_YET_DUE, tab="all", model=two_models[0])
    assert first_probabilities(app) == ["75%", "75%", "75%"]
    click(app, "Show the usual model")
    assert sorted(first_probabilities(app)) == ["60%", "75%", "75%"]


@pytest.mark.slow
def test_a_model_whose_files_cannot_be_read_says_so_and_the_rest_of_its_screen_stands(published: Store) -> None:
    ledger = ledgers.listed(published)[0]
    broken = model_store.save(published, rates_model(late=0.6), ledger.id, name="Broken", actor=ME)
    path = published.home / "models" / broken / "model.json"
    path.write_text(path.read_text().replace("0.4", "0.5"))
    app = screen("models.py", as_of=NOT_YET_DUE)
    next(each for each in app.selectbox if each.label == "Model").set_value(broken).run()
    assert not app.exception
    assert any("“Broken”" in each.value and "is damaged" in each.value for each in app.text)
    assert "Publish this model" in [each.label for each in app.button]
    assert any(each.label == "How do the fields act?" for each in app.toggle)


@pytest.mark.slow
def test_a_model_moves_as_one_file_and_a_changed_byte_is_refused(published: Store, tmp_path: Path) -> None:
    (record,) = model_store.listed(published)
    archive = tmp_path / "model.zip"
    model_archive.export(published, record.id, archive, actor=ME)
    (published.home / signing.KEY).unlink()  # from here on, the workspace is another than the one that wrote the file
    delete(published, record.ledger_id, actor=ME)  # its models with it
    commit(published, small_ledger(), actor=ME)
    app = screen("models.py")
    app.file_uploader[0].set_value(("model.zip", archive.read_bytes().replace(b"Plain", b"Fancy"), "application/zip")).run()
    assert not app.exception
    assert model_store.listed(published) == []
    app = screen("models.py")
    app.file_uploader[0].set_value(("model.zip", archive.read_bytes(), "application/zip")).run()
    assert not app.exception
    assert model_store.listed(published) == []  # tried, and trusted by nobody yet
    assert not click(app, "Trust it and take it in").exception
    assert "Say why you trust it first" in app.warning[0].value
    next(each for each in app.text_input if each.label == "Why do you trust it?").set_value("Ada sent it")
    app = click(app, "Trust it and take it in")
    assert not app.exception
    assert [each.id for each in model_store.listed(published)] == [record.id]
    (taken,) = [each for each in audit.listed(published, record.id) if each.action == "model.import"]
    assert taken.details["trust"] == "Ada sent it"
    assert "nobody has checked them here" in app.info[0].value
    assert figures(app)["Far off (log loss)"][0] == "—"
    assert not app.success  # what it claims of itself is no praise


@pytest.mark.slow
def test_a_model_that_this_workspace_wrote_comes_back_without_a_reason(published: Store, tmp_path: Path) -> None:
    (record,) = model_store.listed(published)
    archive = tmp_path / "model.zip"
    model_archive.export(published, record.id, archive, actor=ME)
    delete(published, record.ledger_id, actor=ME)
    commit(published, small_ledger(), actor=ME)
    app = screen("models.py")
    app.file_uploader[0].set_value(("model.zip", archive.read_bytes(), "application/zip")).run()
    assert not click(app, "Take it in").exception
    assert [each.id for each in model_store.listed(published)] == [record.id]


@pytest.mark.slow
def test_a_model_is_deleted_on_its_screen_once_it_is_not_in_force(published: Store) -> None:
    ledger, (plain,) = ledgers.listed(published)[0], model_store.listed(published)
    other = model_store.save(published, rates_model(late=0.6), ledger.id, name="Other", actor=ME)
    app = screen("models.py", as_of=NOT_YET_DUE)
    assert next(each for each in app.button if each.label == "Delete this model").disabled
    next(each for each in app.selectbox if each.label == "Model").set_value(other).run()
    app = click(click(app, "Delete this model"), "Delete for good")
    assert not app.exception
    assert [each.id for each in model_store.listed(published)] == [plain.id]


@pytest.mark.slow
def test_a_model_is_named_on_its_screen_and_called_so_everywhere(published: Store) -> None:
    """In the menu, in the sidebar of every screen, and letter by letter whatever it is; an empty name changes nothing."""
    app = screen("models.py")
    field = next(each for each in app.text_input if each.label == "Name")
    assert field.value == "Plain"
    field.set_value("*Spring* 2024").run()
    assert [each.name for each in model_store.listed(published)] == ["*Spring* 2024"]
    assert any("The model has its new name." in str(each.value) for each in (*app.success, *app.toast))
    menu = next(each for each in screen("models.py").selectbox if each.label == "Model")
    assert menu.options[0].startswith("*Spring* 2024 · ")
    assert any("Scores of the model “\\*Spring\\* 2024” trained as of" in each.value for each in screen("customers.py").caption)
    next(each for each in app.text_input if each.label == "Name").set_value(" ").run()
    assert next(each for each in standing(app).text_input if each.label == "Name").value == "*Spring* 2024"
    assert [each.name for each in model_store.listed(published)] == ["*Spring* 2024"]


def first_probabilities(app: AppTest) -> list[str]:
    """The first of the three probabilities of each row."""
    return [likely.split(" ")[0] for likely in rows(app)["likely"]]


@pytest.mark.parametrize(
    ("loss", "published", "kind", "sentence"),
    [
        (0.620, 0.564, "error", "Worse than the published model on the same cases: 10% further off (log loss)."),
        (0.564, 0.620, "success", "Better than both baselines: 19% less far off than the better one (log loss)."),
        (0.564, None, "success", "Better than both baselines: 19% less far off than the better one (log loss)."),
        (0.700, 0.800, "error", "Not better than the baselines: do not rely on it."),
    ],
)
def test_a_model_that_is_worse_than_the_published_one_is_not_called_better_than_baselines(
    loss: float, published: float | None, kind: str, sentence: str
) -> None:
    """Baselines lose 0.8 and 0.7 on the same cases."""

    def page(loss: float, published: float | None) -> None:
        from pages.ui.models import model_details

        model_details.verdict(loss, [0.8, 0.7], published)

    app = AppTest.from_function(page, args=(loss, published), default_timeout=60).run()
    assert [each.value for each in getattr(app, kind)] == [sentence]
    assert len(app.error) + len(app.success) == 1
