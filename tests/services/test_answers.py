"""Is what is kept with a scoring what would be computed now, and one customer's rows enough to explain an invoice?"""

import numpy as np
import pytest

from insights import portfolio
from insights.features.dataset import feature_set
from insights.features.whole_ledger import WholeLedger
from insights.ledger.ledger import Ledger, of_rows
from insights.portfolio import positions_of_customer
from insights.portfolio import worklist as lists
from insights.prediction import explain, when
from insights.services import answers, figures, predictions, worklist
from insights.services.ledgers import commit
from insights.store import answers as kept_answers
from insights.store import models
from insights.store.store import Store
from tests.support.ledgers import small_ledger, small_model
from tests.support.rewriting import rewritten
from tests.support.scored import AT
from tests.support.workspaces import ME

pytestmark = pytest.mark.slow


@pytest.fixture
def kept(workspace: Store) -> Ledger:
    """A ledger that is scored as of a day."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = models.save(workspace, small_model(), ledger.id, actor=ME)
    predictions.of_model(workspace, ledger.id, model_id, AT, actor=ME)
    return ledger


def test_a_scoring_keeps_the_counts_of_the_whole_ledger(workspace: Store, kept: Ledger) -> None:
    model = small_model()
    names = {path.name.split("-")[0] for path in workspace.path(kept_answers.place(kept.id)).glob("*.parquet")}
    assert names == {answers.COUNTS, answers.PAYING, answers.FIGURES}
    now = feature_set(kept, model.recipe.due_rules, model.fields).whole
    read = answers.whole_counts(workspace, kept, model.recipe.due_rules, model.fields, _never)
    assert read.extent == now.extent
    assert read.rates.start == now.rates.start
    assert np.array_equal(read.rates.daily, now.rates.daily)
    assert np.array_equal(read.rates.amounts, now.rates.amounts)
    assert read.values.keys() == now.values.keys()
    assert all(read.values[name].equals(table) for name, table in now.values.items())


def test_an_invoice_is_explained_from_its_customer_s_rows_as_from_the_whole_ledger(workspace: Store, kept: Ledger) -> None:
    model = small_model()
    whole = feature_set(kept, model.recipe.due_rules, model.fields)
    counts = answers.whole_counts(workspace, kept, model.recipe.due_rules, model.fields)
    scored = predictions.of_model(workspace, kept.id, models.listed(workspace)[0].id, AT, actor=ME)
    rows = lists.selected(scored, lists.WorklistFilter(tab=lists.ALL)).to_pylist()[:40]
    explained = 0
    for row in rows:
        positions = positions_of_customer(kept, row["company"], row["customer_id"])
        own = feature_set(of_rows(kept, positions), model.recipe.due_rules, model.fields, counts)
        at = int(np.searchsorted(positions, row["position"]))
        why = explain.why(model, own, AT, at)
        assert why == explain.why(model, whole, AT, row["position"])
        assert when.date_evidence(model, own, AT, at) == when.date_evidence(model, whole, AT, row["position"])
        explained += why is not None
    assert explained > 10


def test_how_customers_pay_is_read_as_it_would_be_computed(workspace: Store, kept: Ledger) -> None:
    read, now = worklist.paying_of(kept, AT, workspace), worklist.paying_of(kept, AT)
    assert read.delays == now.delays
    assert read.trends.equals(now.trends)
    assert len(read.delays) > 1


def test_figures_are_read_as_they_would_be_computed(workspace: Store, kept: Ledger) -> None:
    rules = dict.fromkeys(kept.invoices["company"].unique().to_pylist(), small_model().recipe.due_rules)
    read, now = figures.over_time(kept, AT, rules, store=workspace), figures.over_time(kept, AT, rules)
    assert read == now
    assert list(read.months) == list(now.months)
    assert tuple(months[-1] for months in read.months.values()) == portfolio.figures(kept, AT, due_rules=rules)
    assert read.months


def test_what_is_kept_of_a_day_knows_nothing_of_what_came_after(workspace: Store) -> None:
    """A ledger whose rows are rewritten from the day on has the same answers as of that day."""
    first = commit(workspace, small_ledger(), actor=ME)
    second = commit(workspace, rewritten(small_ledger(), AT, 5), actor=ME)
    assert first.fingerprint != second.fingerprint
    before, after = (worklist.paying_of(ledger, AT, workspace) for ledger in (first, second))
    assert before.delays == after.delays
    assert before.trends.equals(after.trends)
    rules = dict.fromkeys(first.invoices["company"].unique().to_pylist(), small_model().recipe.due_rules)
    assert answers.figures(workspace, first, AT, rules) == answers.figures(workspace, second, AT, rules)


def _never() -> WholeLedger:
    raise AssertionError("it is kept already")
