"""Is a model what it says: the same bytes, bound by the lines, better than guessing, and blind to what was not known?"""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger, day, days
from insights.model.model import Model
from insights.model.recipe import Recipe
from insights.model.training import FEWEST, train
from tests.support.ledgers import (
    DAY,
    START,
    invented,
    ledger_of,
    quality_of,
    sample_ledger,
    sample_model,
    sample_predictions,
    small_ledger,
    small_model,
)
from tests.support.models import AT, files
from tests.support.rewriting import rewritten

ROOT = Path(__file__).parents[2]


def saved(model: Model, folder: Path) -> dict[str, str]:
    """The sha256 of every file of a model; of which ledger it was made is no part of it."""
    replace(model, ledger_id="", ledger_fingerprint="").save(folder)
    return files(folder)


@pytest.mark.slow
def test_the_same_seed_and_ledger_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    code = "import sys, pathlib; from tests.support.ledgers import small_model; small_model().save(pathlib.Path(sys.argv[1]))"
    threads = {"OMP_NUM_THREADS": "3" if os.environ.get("OMP_NUM_THREADS") == "1" else "1"}  # these must not matter either
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "there")], cwd=ROOT, check=True, env=os.environ | threads)
    small_model().save(tmp_path / "here")
    assert files(tmp_path / "here") == files(tmp_path / "there")
    assert {"model.json", "on_time.ubj"} < set(files(tmp_path / "here"))


def test_another_seed_gives_another_model(tmp_path: Path) -> None:
    other = train(small_ledger(), AT, replace(small_model().recipe, seed=1))
    assert saved(other, tmp_path / "one")["on_time.ubj"] != saved(small_model(), tmp_path / "two")["on_time.ubj"]


@pytest.mark.parametrize("seed", [1, 2])
def test_rewriting_what_was_not_known_leaves_the_bytes_of_a_small_model_equal(seed: int, tmp_path: Path) -> None:
    """Four hundred invoices in a year, trained as of the end of October."""
    after = train(rewritten(small_ledger(), AT, seed), AT, small_model().recipe)
    assert saved(after, tmp_path / "after") == saved(small_model(), tmp_path / "before")


@pytest.mark.slow
def test_rewriting_what_was_not_known_leaves_the_bytes_of_a_tuned_model_equal(tmp_path: Path) -> None:
    """Enough invoices for folds, early stopping and a calibrator; one further column is known at issue."""
    ledger = replace(invented(1500), known_at_issue=("Segment",))
    recipe = Recipe(very_late_days=15, fields=("amount", "days_to_due", "days_late_mean", "late_share", "currency", "x:Segment"))
    before, after = (train(each, AT, recipe) for each in (ledger, rewritten(ledger, AT, 3)))
    assert not before.metrics.warnings, "the model under test must be a tuned one"
    assert saved(after, tmp_path / "after") == saved(before, tmp_path / "before")


def test_a_column_that_varies_only_later_is_no_field_yet() -> None:
    """The first invoice in another currency comes after the training date."""
    ledger = invented(150)
    plain = replace(ledger, invoices=ledger.invoices.set_column(8, ledger.invoices.schema.field(8), [["EUR"] * 150]))
    codes = np.where(days(plain.invoices["issue_date"]) < day(AT), "EUR", "JPY")
    later = replace(plain, invoices=plain.invoices.set_column(8, plain.invoices.schema.field(8), [codes.tolist()]))
    assert "currency" not in train(later, AT).fields
    assert "currency" in train(ledger, AT).fields


def past(many: int, late: int) -> Ledger:
    """So many invoices, all due in January; some were paid five days late, the others on the day."""
    due = START + 30 * DAY
    return ledger_of([{"customer_id": f"C{n % 9}", "paid_date": due + (5 if n < late else 0) * DAY} for n in range(many)])


def test_training_below_a_hundred_known_answers_is_refused_with_their_number() -> None:
    with pytest.raises(Refused, match=r"Only 99 invoices have a known answer.*100 are needed") as refused:
        train(past(FEWEST - 1, late=40), START + 40 * DAY)
    assert refused.value.code == "too_few_invoices"
    assert train(past(FEWEST, late=40), START + 40 * DAY).metrics.counts.resolved == FEWEST


@pytest.mark.parametrize(("late", "what"), [(0, "was paid on time"), (120, "was paid late")])
def test_training_on_one_outcome_is_refused(late: int, what: str) -> None:
    with pytest.raises(Refused, match=f"Every one of the 120 invoices.*{what}") as refused:
        train(past(120, late), START + 40 * DAY)
    assert refused.value.code == "one_outcome"


def test_training_counts_only_answers_that_were_known() -> None:
    """On the due date itself nothing is known, though many have paid."""
    with pytest.raises(Refused, match="Only 0 invoices"):
        train(past(120, late=40), START + 30 * DAY)


def test_training_on_a_day_that_the_ledger_does_not_reach_is_refused() -> None:
    with pytest.raises(Refused, match="complete through"):
        train(small_ledger(), small_ledger().complete_through + 2 * DAY)


def test_a_field_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"called paid_date, x:Segment\. There are: amount") as refused:
        train(small_ledger(), AT, Recipe(fields=("amount", "x:Segment", "paid_date")))
    assert refused.value.code == "unknown_field"
    with pytest.raises(Refused, match="at least one field"):
        train(small_ledger(), AT, Recipe(fields=()))


@pytest.mark.slow
def test_a_model_of_the_sample_beats_its_base_rates_on_what_came_later() -> None:
    """The invoices not yet due on the training date, a quarter before the sample's end, against what it tells since."""
    table, ledger = sample_predictions(), sample_ledger()
    invoices = ledger.invoices.take(table["position"])
    paid = days(invoices["paid_date"])
    p = np.column_stack([table[f"p_{name}"].to_numpy() for name in ("on_time", "late", "very_late")])
    outcome = sample_model().recipe.due_rules.bucket(days(invoices["due_date"]), paid)
    credited = invoices["settled_by"].to_numpy() == "credit"
    known = ~credited & (days(invoices["due_date"]) + 30 < day(ledger.complete_through))
    some = known & (table["days_past_due"].to_numpy() <= 0)
    assert some.sum() > 100
    share = np.bincount(outcome[some], minlength=3) / some.sum()
    with_hindsight = -np.log(share[outcome[some]]).mean()
    assert -np.log(p[some, outcome[some]]).mean() < with_hindsight


@pytest.mark.slow
def test_shuffled_outcomes_give_no_skill() -> None:
    """Everybody's delays are somebody else's: only the days left tell, and the rate by days past due knows those."""
    ledger, lines = invented(1500, skill=False), Recipe(very_late_days=15)
    model = train(ledger, START + 364 * DAY, lines)
    days_alone = train(ledger, START + 364 * DAY, replace(lines, fields=("days_to_due",)))
    assert "few_invoices" not in {found.code for found in model.metrics.warnings}
    for stage in model.metrics.stages.values():
        assert (stage.log_loss or 0) > (stage.baseline_log_loss or 1) - 0.02
    assert abs((quality_of(model).auc or 0) - (quality_of(days_alone).auc or 1)) < 0.04


def test_the_same_ledger_with_its_own_outcomes_has_skill() -> None:
    """What makes the test above say something."""
    stage = small_model().metrics.stages["very_late"]
    assert (stage.log_loss or 1) < (stage.baseline_log_loss or 0) - 0.02
    assert (quality_of(small_model()).auc or 0) > 0.7
