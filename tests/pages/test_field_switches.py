"""Which fields may be learned from, and who says so?"""

from dataclasses import replace

import pyarrow as pa
import pytest

from insights.services.ledgers import commit
from insights.store import audit, ledgers, publications
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.screens import click, figures, screen
from tests.support.uploads import wait_for
from tests.support.workspaces import ME, year_of_invoices


@pytest.mark.slow
def test_a_column_becomes_a_field_once_it_is_said_to_be_known_at_issue(workspace: Store) -> None:
    plain = year_of_invoices(invoices=150)
    segments = pa.array([("A", "B")[at % 2] for at in range(150)])
    commit(workspace, replace(plain, invoices=plain.invoices.append_column("x:segment", segments)), actor=ME)
    app = screen("models.py", part="Train another")
    assert "segment" not in [each.label for each in app.toggle]
    next(each for each in app.multiselect if each.label == "Known at issue").set_value(["segment"]).run()
    click(app, "Make the new version")
    assert not app.exception
    assert "segment" in [each.label for each in app.toggle]
    assert [record.known_at_issue for record in ledgers.listed(workspace)] == [("segment",), ()]


@pytest.mark.slow
def test_training_follows_the_switches_and_what_looks_like_the_outcome_needs_a_reason(with_history: Store) -> None:
    """Amount is switched off. `case` is an identifier: off at first, explained, and used only with a reason, on record."""
    app = screen("models.py", part="Train another")
    announced = figures(app)["Invoices to learn from"][0]
    app.segmented_control(key="fields_from").set_value("all").run()
    assert any(each.value.startswith("case: ") for each in app.text)
    case = next(each for each in app.toggle if each.label == "case")
    assert case.value is False
    case.set_value(True)
    next(each for each in app.toggle if each.label == "Amount").set_value(False).run()
    next(each for each in app.text_input if each.label.startswith("Why it may be used")).set_value("a trial").run()
    app.button(key="train").click().run()
    wait_for(with_history, "train")
    app.run()
    app.run()  # the tab notices, and shows the new model
    assert not app.exception
    made, before = model_store.listed(with_history)
    assert before.name == "Plain"
    assert "amount" not in made.fields
    assert {"terms_days", "x:case"} <= set(made.fields)
    assert str(made.metrics.counts.resolved) == announced
    assert figures(app)["Right (accuracy)"][0].endswith("%")
    assert publications.active(with_history).model_id == before.id  # type: ignore[union-attr]  # training publishes nothing
    (noted,) = [each for each in audit.listed(with_history, made.ledger_id) if each.action == "field.allow"]
    assert noted.details["reason"] == "a trial"
