"""Is a model what it says: the same bytes, bound by the lines, better than guessing, and blind to what was not known?"""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.features.catalog import usual
from insights.features.dataset import open_book, open_rows
from insights.features.events import Rows, events_of
from insights.features.sampling import Sample, first_stage, second_stage
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger, day, days
from insights.ledger.outcomes import Lines
from insights.model.base_learners import Line, Trees
from insights.model.model import Model, Stage, combine, logit, probabilities, sigmoid
from insights.model.recipe import Recipe
from insights.model.training import FEWEST, train
from insights.model.tuning import FOLDS, Training, best_rounds, quiet, stretch, tune
from insights.prediction.scoring import score
from tests.support.ledgers import (
    DAY,
    START,
    invented,
    ledger_of,
    sample_ledger,
    sample_model,
    sample_predictions,
    small_ledger,
    small_model,
)
from tests.support.rewriting import rewritten

ROOT = Path(__file__).parents[2]
AT = START + 300 * DAY


def files(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def saved(model: Model, folder: Path) -> dict[str, str]:
    """The sha256 of every file of a model; of which ledger it was made is no part of it."""
    replace(model, ledger_id="", ledger_fingerprint="").save(folder)
    return files(folder)


# --- the same in, the same out ---------------------------------------------------------------------------------------


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


def test_rewriting_what_was_not_known_leaves_the_bytes_of_a_tuned_model_equal(tmp_path: Path) -> None:
    """Enough invoices for folds, early stopping and a calibrator; one further column is known at issue."""
    ledger = replace(invented(1500), known_at_issue=("Segment",))
    recipe = Recipe(very_late_days=15, fields=("amount", "days_to_due", "days_late_mean", "late_share", "currency", "x:Segment"))
    before, after = (train(each, AT, recipe) for each in (ledger, rewritten(ledger, AT, 3)))
    assert not before.metrics["warnings"], "the model under test must be a tuned one"
    assert saved(after, tmp_path / "after") == saved(before, tmp_path / "before")


def test_a_column_that_varies_only_later_is_no_field_yet() -> None:
    """The first invoice in another currency comes after the training date."""
    ledger = invented(150)
    plain = replace(ledger, invoices=ledger.invoices.set_column(8, ledger.invoices.schema.field(8), [["EUR"] * 150]))
    codes = np.where(days(plain.invoices["issue_date"]) < day(AT), "EUR", "JPY")
    later = replace(plain, invoices=plain.invoices.set_column(8, plain.invoices.schema.field(8), [codes.tolist()]))
    assert "currency" not in train(later, AT).fields
    assert "currency" in train(ledger, AT).fields


# --- what it refuses -------------------------------------------------------------------------------------------------


def past(many: int, late: int) -> Ledger:
    """So many invoices, all due in January; some were paid five days late, the others on the day."""
    due = START + 30 * DAY
    return ledger_of([{"customer_id": f"C{n % 9}", "paid_date": due + (5 if n < late else 0) * DAY} for n in range(many)])


def test_training_below_a_hundred_known_answers_is_refused_with_their_number() -> None:
    with pytest.raises(Refused, match=r"Only 99 invoices have a known answer.*100 are needed") as refused:
        train(past(FEWEST - 1, late=40), START + 40 * DAY)
    assert refused.value.code == "too_few_invoices"
    assert train(past(FEWEST, late=40), START + 40 * DAY).metrics["counts"]["resolved"] == FEWEST


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


# --- recipes ---------------------------------------------------------------------------------------------------------


def test_a_recipe_survives_json() -> None:
    recipe = Recipe(("amount", "terms"), 10, 3, "DE", date(2025, 2, 3), 4, ("amount>=5",))
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert Recipe.from_json(Recipe().to_json()) == Recipe()


def test_a_model_uses_the_chosen_fields_only_and_in_one_order() -> None:
    recipe = Recipe(fields=("late_share", "currency", "amount"), very_late_days=15)
    model = train(small_ledger(), AT, recipe)
    assert model.fields == ("amount", "late_share", "currency")
    assert {found["field"] for found in model.metrics["importance"]} == set(model.fields)


def resolved_by(recipe: Recipe, history_starts: date = START) -> int:
    model = train(replace(small_ledger(), history_starts=history_starts), AT, recipe)
    return int(model.metrics["counts"]["resolved"])


def test_training_reaches_neither_before_its_start_nor_before_the_history() -> None:
    recipe = Recipe(very_late_days=15, fields=("days_to_due",))
    whole = resolved_by(recipe)
    assert resolved_by(replace(recipe, training_start=START + 120 * DAY)) < whole
    assert resolved_by(replace(recipe, training_start=START - 120 * DAY)) == whole
    assert resolved_by(recipe, START + 120 * DAY) < whole
    assert resolved_by(replace(recipe, training_start=START), START + 120 * DAY) == resolved_by(recipe, START + 120 * DAY)


def test_a_model_without_chosen_fields_takes_the_usual_ones() -> None:
    assert small_model().fields == usual(small_ledger(), AT)
    assert {"late_share", "days_to_due", "amount", "company", "currency", "terms"} < set(small_model().fields)
    assert not {"disputed", "x:Segment", "x:Score"} & set(small_model().fields), "states at export"


# --- saving ----------------------------------------------------------------------------------------------------------


def test_a_loaded_model_says_the_same(tmp_path: Path) -> None:
    small_model().save(tmp_path / "first")
    loaded = Model.load(tmp_path / "first")
    assert replace(loaded, stages=small_model().stages) == small_model()
    one, other = (score(model, small_ledger(), AT) for model in (small_model(), loaded))
    assert one.equals(other)
    loaded.save(tmp_path / "again")
    assert files(tmp_path / "again") == files(tmp_path / "first")


@pytest.mark.parametrize("name", ["model.json", "model.json.sha256", "on_time.ubj", "very_late.ubj"])
def test_a_model_with_a_changed_or_missing_file_is_refused(name: str, tmp_path: Path) -> None:
    small_model().save(tmp_path)
    path = tmp_path / name
    content = path.read_bytes()
    for place in (0, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        with pytest.raises(Refused, match="changed after it was saved"):
            Model.load(tmp_path)
    path.unlink()
    with pytest.raises(Refused, match=f"{name} is missing"):
        Model.load(tmp_path)


# --- the lines -------------------------------------------------------------------------------------------------------

odds = st.floats(-50, 50)


@given(odds, odds, st.integers(-90, 200), st.integers(1, 60))
def test_after_a_line_it_is_certain_that_it_was_missed(first: float, second: float, past_line: int, very_late: int) -> None:
    on_time, late, very = combine(np.array([first]), np.array([second]), np.array([past_line]), very_late)[0].tolist()
    assert on_time + late + very == pytest.approx(1, abs=1e-12)
    assert min(on_time, late, very) >= 0
    assert (on_time == 0) == (past_line > 0)
    assert (very == 1) >= (past_line > very_late)
    assert (late == 0) >= (past_line > very_late)


def test_the_lines_hold_for_every_open_invoice_of_the_sample() -> None:
    table = sample_predictions()
    past_due = table["days_past_due"].to_numpy()
    p = np.column_stack([table[f"p_{name}"].to_numpy() for name in ("on_time", "late", "very_late")])
    assert np.abs(p.sum(axis=1) - 1).max() < 1e-9
    assert (p >= 0).all()
    assert set(p[past_due > 0, 0]) == {0.0}
    assert set(p[past_due > 30, 2]) == {1.0}
    assert p[past_due <= 0, 0].min() > 0
    assert p[past_due <= 30, 2].max() < 1


def test_the_lines_move_with_grace_days() -> None:
    """Three days of grace: three days past due can still be on time, and very late begins at 18 days."""
    recipe = Recipe(very_late_days=15, grace_days=3, fields=("late_share", "days_to_due"))
    table = score(train(small_ledger(), AT, recipe), small_ledger(), AT)
    past_due, on_time = table["days_past_due"].to_numpy(), table["p_on_time"].to_numpy()
    assert (on_time > 0).tolist() == (past_due <= 3).tolist()
    assert (table["p_very_late"].to_numpy() == 1).tolist() == (past_due > 18).tolist()
    assert ((past_due > 0) & (past_due <= 3)).any(), "or the test shows nothing"


@settings(max_examples=50)
@given(st.floats(1e-9, 1 - 1e-9))
def test_log_odds_and_probabilities_are_each_other(p: float) -> None:
    assert sigmoid(logit(np.array([p])))[0] == pytest.approx(p, rel=1e-6)


# --- skill -----------------------------------------------------------------------------------------------------------


def test_a_model_of_the_sample_beats_guessing_both_ways() -> None:
    metrics = sample_model().metrics
    guesses = metrics["baselines"]
    assert metrics["log_loss"] < guesses["base_rates"]["log_loss"]
    assert metrics["log_loss"] < guesses["customer_past"]["log_loss"]
    assert metrics["accuracy"] > guesses["commonest"]["accuracy"]
    assert metrics["macro_f1"] > guesses["commonest"]["macro_f1"]
    assert not metrics["warnings"]
    assert sum(map(sum, metrics["confusion"])) == metrics["counts"]["held_out"]


def test_a_model_of_the_sample_beats_its_base_rates_on_what_came_later() -> None:
    """The invoices not yet due on the training date, a quarter before the sample's end, against what it tells since."""
    table, ledger = sample_predictions(), sample_ledger()
    invoices = ledger.invoices.take(table["position"])
    paid = days(invoices["paid_date"])
    p = np.column_stack([table[f"p_{name}"].to_numpy() for name in ("on_time", "late", "very_late")])
    outcome = sample_model().recipe.lines.bucket(days(invoices["due_date"]), paid)
    credited = invoices["settled_by"].to_numpy() == "credit"
    known = ~credited & (days(invoices["due_date"]) + 30 < day(ledger.complete_through))
    some = known & (table["days_past_due"].to_numpy() <= 0)
    assert some.sum() > 100
    share = np.bincount(outcome[some], minlength=3) / some.sum()
    with_hindsight = -np.log(share[outcome[some]]).mean()
    assert -np.log(p[some, outcome[some]]).mean() < with_hindsight


def test_shuffled_outcomes_give_no_skill() -> None:
    """Everybody's delays are somebody else's: only the days left tell, and the rate by days past due knows those."""
    ledger, lines = invented(1500, skill=False), Recipe(very_late_days=15)
    model = train(ledger, START + 364 * DAY, lines)
    days_alone = train(ledger, START + 364 * DAY, replace(lines, fields=("days_to_due",)))
    assert "few_invoices" not in {found["code"] for found in model.metrics["warnings"]}
    for stage in model.metrics["stages"].values():
        assert stage["log_loss"] > stage["baseline_log_loss"] - 0.02
    assert abs(model.metrics["auc"] - days_alone.metrics["auc"]) < 0.04


def test_the_same_ledger_with_its_own_outcomes_has_skill() -> None:
    """What makes the test above say something."""
    stage = small_model().metrics["stages"]["very_late"]
    assert stage["log_loss"] < stage["baseline_log_loss"] - 0.02
    assert small_model().metrics["auc"] > 0.7


# --- few cases -------------------------------------------------------------------------------------------------------


def test_below_a_thousand_answers_a_model_is_kept_simple_and_says_so() -> None:
    assert [stage.slope for stage in small_model().stages] == [1, 1]
    assert "few_invoices" in {found["code"] for found in small_model().metrics["warnings"]}


def test_below_fifty_very_late_ones_a_rate_takes_the_place_of_the_second_stage_marked(tmp_path: Path) -> None:
    """Very late only after 35 days: too few to learn from."""
    recipe = Recipe(very_late_days=35, fields=("late_share", "days_to_due"))
    model = train(small_ledger(), AT, recipe)
    (warning,) = [found for found in model.metrics["warnings"] if found["code"] == "very_late_by_rate"]
    assert 0 < warning["values"]["very_late"] < 50
    assert not model.stages[1].voices
    assert model.metrics["stages"]["very_late"]["by_rate"]
    model.save(tmp_path)
    table = score(Model.load(tmp_path), small_ledger(), AT)
    past_due = table["days_past_due"].to_numpy()
    overdue = (past_due > 0) & (past_due <= 35)
    told = table["p_very_late"].to_numpy()[overdue]
    assert overdue.any()
    assert np.allclose(told, model.stages[1].rate(past_due[overdue].astype(np.int64)))


def test_a_rate_by_days_past_due_is_looked_up_by_its_edges() -> None:
    stage = Stage((), edges=(0, 10), rates=(0.1, 0.2, 0.3))
    assert stage.rate(np.array([-5, -1, 0, 9, 10, 99])).tolist() == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3]
    assert sigmoid(stage.log_odds(np.zeros((1, 0), np.float32), np.array([3])))[0] == pytest.approx(0.2)


def test_a_fold_trains_on_what_was_known_on_its_day_and_is_judged_on_later_days() -> None:
    events = events_of(small_ledger(), Lines(15))
    for stage, span in ((first_stage, 0), (second_stage, 15)):
        sample = stage(events, day(START), day(AT), 0)
        matrix = np.zeros((len(sample), 0), np.float32)
        training = Training("on_time", (), sample, matrix, small=False, seed=0, start=day(START), at=day(AT))
        judged_before: set[int] = set()
        for number in range(len(FOLDS)):
            known, judged = training.fold(number)
            begin = training.fold_day(number)
            assert (sample.rows.line[known] + span < begin).all()
            assert (sample.rows.at[judged] >= begin).all()
            assert not set(judged.tolist()) & (judged_before | set(known.tolist()))
            judged_before |= set(judged.tolist())
            assert len(known)
            assert len(judged)


# --- calibration -----------------------------------------------------------------------------------------------------


def test_the_calibrator_finds_the_slope_that_bent_the_odds() -> None:
    """Answers drawn at half the log-odds."""
    draw = np.random.default_rng(1)
    told = draw.normal(0, 3, 40_000)
    answer = (draw.random(40_000) < sigmoid(told / 2)).astype(np.uint8)
    assert stretch(told, answer, np.ones(40_000)) == pytest.approx(0.5, abs=0.03)


def test_a_calibrator_never_turns_the_odds_round() -> None:
    told = np.linspace(-3, 3, 200)
    assert stretch(told, (told < 0).astype(np.uint8), np.ones(200)) == 1
    assert stretch(told, np.ones(200, np.uint8), np.ones(200)) == 1


def test_the_rounds_are_those_with_the_least_pooled_loss() -> None:
    """One fold stopped after two rounds, where it stays; the other is best after three and has twice the weight."""
    assert best_rounds([np.array([0.5, 0.4]), np.array([0.9, 0.8, 0.6, 0.7])], [1.0, 2.0]) == 3


# --- one path --------------------------------------------------------------------------------------------------------


def test_training_and_scoring_see_the_same_features() -> None:
    """The matrix that a training row has on a day is the one that scoring makes of that day's snapshot."""
    model, ledger = small_model(), small_ledger()
    book = open_book(ledger, model.recipe.lines, model.fields)
    rows, invoice = open_rows(book.events, day(AT))
    matrix = book.matrix(rows, invoice)
    each = np.concatenate([book.matrix(rows.take(slice(n, n + 1)), invoice[n : n + 1]) for n in range(len(rows))])
    assert matrix.tobytes() == each.tobytes()
    told = probabilities(model, rows, matrix)
    table = score(model, ledger, AT)
    assert told[:, 0].tolist() == table["p_on_time"].to_pylist()
    assert told[:, 2].tolist() == table["p_very_late"].to_pylist()


@pytest.mark.parametrize(("invoices", "chosen"), [(24_999, 3), (25_000, 1)])
def test_few_invoices_leave_a_choice_of_voices_that_many_do_not(invoices: int, chosen: int) -> None:
    zeros = np.zeros(invoices, np.int32)
    rows = Rows(zeros, zeros, zeros, zeros, zeros.astype(np.int64), zeros, zeros, zeros == 0)
    answer = (np.arange(invoices) % 2).astype(np.uint8)
    sample = Sample(rows, np.arange(invoices), answer, np.ones(invoices), zeros)
    matrix = np.random.default_rng(0).normal(size=(invoices, 2)).astype(np.float32)
    training = Training("on_time", ("one", "two"), sample, matrix, small=False, seed=0, start=0, at=1)
    assert len(training.grown.beside) == chosen
    taught = training.grow(np.arange(8), 1, ("bold", "line"))
    assert [type(voice) for voice in taught] == [Trees, Trees, Line]


@pytest.mark.parametrize(("bent", "best"), [(False, "line"), (True, "bold")])
def test_folds_choose_the_voices_that_err_least(bent: bool, best: str) -> None:  # noqa: FBT001
    """Three thousand invoices, 16 fields. What all sum up to, each little, is a line's; the product of two signs is not."""
    draw, many = np.random.default_rng(3), 3_000
    matrix = draw.normal(size=(many, 16)).astype(np.float32)
    odds = 3 * np.sign(matrix[:, 0] * matrix[:, 1]) if bent else matrix.sum(axis=1) / 2
    at = np.sort(draw.integers(0, 1_000, many)).astype(np.int32)
    zeros = np.zeros(many, np.int32)
    rows = Rows(np.arange(many, dtype=np.int32), zeros, at, at, zeros.astype(np.int64), zeros, at, zeros == 0)
    answer = (draw.random(many) < sigmoid(odds)).astype(np.uint8)
    sample = Sample(rows, np.arange(many), answer, np.ones(many), at + 1)
    names = tuple(f"f{n}" for n in range(16))
    tuned = tune(Training("on_time", names, sample, matrix, small=False, seed=0, start=0, at=1_000), quiet, 0.0)
    assert best in tuned.beside
    assert tuned.beside != (("line",) if bent else ("bold",))


def test_a_model_of_another_version_is_refused_with_a_sentence(tmp_path: Path) -> None:
    small_model().save(tmp_path)
    old = (tmp_path / "model.json").read_text().replace('"format": 2', '"format": 1').encode()
    (tmp_path / "model.json").write_bytes(old)
    (tmp_path / "model.json.sha256").write_text(sha256(old).hexdigest())
    with pytest.raises(Refused, match="train anew"):
        Model.load(tmp_path)


def test_margins_of_more_rounds_than_there_are_are_those_of_all() -> None:
    trees = small_model().stages[0].voices[0]
    assert isinstance(trees, Trees)
    matrix = np.zeros((2, len(small_model().fields)), np.float32)
    assert (trees.margins(matrix, 10**6) == trees.margins(matrix)).all()
