"""How is a model trained on what was known before a day?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np

from insights.features import sampling
from insights.features.catalog import allowed, usual
from insights.features.dataset import FeatureSet, feature_set, open_rows
from insights.features.kernel import features
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger, day
from insights.ledger.row_filters import passing
from insights.model import payment_dates
from insights.model.model import STAGES, Model, probabilities
from insights.model.model_metrics import NOT_JUDGED
from insights.model.recipe import Recipe
from insights.model.tuning import Progress, Training, fit, learns_habits, quiet, restaged

FEWEST = 100  # resolved invoices to train at all


FEWEST_CALIBRATED = 1_000  # resolved invoices to choose the rounds and calibrate


QUARTERS = Recipe.DEFAULT_SPAN


TIMED = 2_000  # open invoices by which the ranges of expected dates are fitted


def train(ledger: Ledger, as_of: date, recipe: Recipe | None = None, progress: Progress = quiet) -> Model:
    """A model from what was known strictly before `as_of`; Refused where that is too little, saying what is missing."""
    recipe = recipe or Recipe()
    ledger.check_as_of(as_of)
    progress("features", 0.0)
    names = chosen_fields(ledger, recipe, as_of)
    book = feature_set(ledger, recipe.due_rules, names)
    start, at = recipe.training_span(ledger, as_of)
    mask = passing(ledger, recipe.rows)[book.positions]
    samples = (
        sampling.first_stage(book.events, start, at, recipe.seed, mask=mask),
        sampling.second_stage(book.events, start, at, recipe.seed, mask=mask),
    )
    resolved = len(np.unique(samples[0].invoice))
    check_enough(samples[0], resolved)
    matrices = tuple(
        book.matrix(sample.rows, sample.invoice, habit=learns_habits(stage, names))
        for stage, sample in zip(STAGES, samples, strict=True)
    )
    progress("features", 0.05)
    small = resolved < FEWEST_CALIBRATED
    trainings = [
        Training(name, names, sample, matrix, small, recipe.seed, start, at)
        for name, sample, matrix in zip(STAGES, samples, matrices, strict=True)
    ]
    from insights.model.holdout import held_out, held_out_metrics, held_ranges  # it judges what is made here

    fitted = [fit(training, progress, number / 2) for number, training in enumerate(trainings)]
    judged = held_out(book, trainings, fitted)
    model = Model(
        recipe=recipe,
        trained_as_of=as_of,
        ledger_id=ledger.id,
        ledger_fingerprint=ledger.fingerprint,
        fields=names,
        stages=(fitted[0].final, fitted[1].final),
        metrics=held_out_metrics(book, judged, trainings, fitted),
    )
    past = held_ranges(book, judged, trainings[0], recipe.calendar)
    model = replace(model, timing=timed(model, book, at, past))
    progress("done", 1.0)
    return model


def taught_again(model: Model, book: FeatureSet, ledger: Ledger, as_of: date) -> Iterator[Training]:
    """What each stage of a model learns from as of another day; a stage's matrix is made when it is asked for."""
    recipe = model.recipe
    start, at = recipe.training_span(ledger, as_of)
    mask = passing(ledger, recipe.rows)[book.positions]
    for name, draw in zip(STAGES, (sampling.first_stage, sampling.second_stage), strict=True):
        sample = draw(book.events, start, at, recipe.seed, mask=mask)
        matrix = book.matrix(sample.rows, sample.invoice)
        yield Training(name, model.fields, sample, matrix, small=False, seed=recipe.seed, start=start, at=at)


def refitted(model: Model, ledger: Ledger, as_of: date) -> Model:
    """A model that was tuned on an earlier day, its learners taught anew by what was known strictly before `as_of`.

    What tuning chose stays: learners, rounds, slopes, weights. It has no metrics of its own. Quick, for replays of many days.
    """
    book, at = feature_set(ledger, model.recipe.due_rules, model.fields), day(as_of)
    trainings = taught_again(model, book, ledger, as_of)
    first, second = (restaged(stage, training) for stage, training in zip(model.stages, trainings, strict=True))
    again = replace(model, trained_as_of=as_of, stages=(first, second), metrics=NOT_JUDGED)
    timing = payment_dates.fit(book.events, at)
    return replace(again, timing=replace(timing, tail=model.timing.tail) if model.timing else timing)


def timed(model: Model, book: FeatureSet, at: int, past: payment_dates.HeldRanges) -> payment_dates.PaymentDelays:
    """The timing of payments, its ranges as wide as held on `past` days, and as some invoices open on the training date ask."""
    events = book.events
    rows, invoice = open_rows(events, at)
    chosen = np.linspace(0, max(len(rows) - 1, 0), min(TIMED, len(rows))).astype(np.int64)
    rows, invoice = rows.take(chosen), invoice[chosen]
    own = events.take(np.isin(events.customer, rows.customer))
    matrix = book.assemble(features(own, rows, book.rates), rows, invoice)
    predicted = probabilities(model, rows, matrix)
    return payment_dates.with_fitted_tail(payment_dates.fit(events, at), events, rows, predicted, past)


def chosen_fields(ledger: Ledger, recipe: Recipe, as_of: date) -> tuple[str, ...]:
    """The recipe's fields, in the ledger's order; Refused where one is none of its. None chosen: the usual."""
    if recipe.fields is None:
        return usual(ledger, as_of)
    possible = allowed(ledger)
    unknown = sorted(set(recipe.fields) - set(possible))
    if unknown:
        sentence = f"No field of this ledger is called {', '.join(unknown)}. There are: {', '.join(possible)}."
        raise Refused(sentence, "unknown_field", fields=unknown)
    if not recipe.fields:
        raise Refused("A model needs at least one field.", "no_fields")
    return tuple(name for name in possible if name in recipe.fields)


def check_enough(sample: sampling.Sample, resolved: int) -> None:
    if resolved < FEWEST:
        raise Refused(
            f"Only {resolved} invoices have a known answer (their due date, with grace days, has passed) in the training "
            f"span, and {FEWEST} are needed. A longer history, or a later as-of date, would give more.",
            "too_few_invoices",
            resolved=resolved,
        )
    if len(np.unique(sample.label)) < 2:
        outcome = "was paid on time" if sample.label.all() else "was paid late"
        sentence = f"Every one of the {resolved} invoices with a known answer {outcome}: there is nothing to tell apart."
        raise Refused(sentence, "one_outcome", resolved=resolved)
