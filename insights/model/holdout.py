"""What does a model say of itself? Metrics of the fold it has not seen, counts, influence and warnings."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from insights.features.dataset import FeatureSet
from insights.features.events import SnapshotRows, labels_of, rows_at
from insights.features.kernel import Columns, features
from insights.ledger.ledger import Floats, as_date
from insights.ledger.outcomes import BUCKETS, ON_TIME
from insights.model import payment_dates
from insights.model.metrics import (
    Outcome,
    accuracy,
    base_rates,
    brier,
    calibration_error,
    commonest,
    confusion,
    customer_past,
    log_loss,
    macro_f1,
    reliability,
    roc_auc,
)
from insights.model.model import combine
from insights.model.model_metrics import Baseline, FieldShare, ModelMetrics, ModelWarning, Quality, StageMetrics, TrainingCounts
from insights.model.payment_dates import TAILS, HeldRanges, PaymentDateDistribution
from insights.model.tuning import FOLDS, Fitted, Training, loss

SNAPSHOTS = 8  # as-of dates in the last fold
MOST_JUDGED = 60_000
MOST_RANGES = 2_000  # of each day, by which the ranges of expected dates are fitted


@dataclass(frozen=True)
class HeldOut:
    """The rows of the last fold that are judged, and what the held-out twins say of them (None: there are no twins)."""

    rows: SnapshotRows
    invoice: npt.NDArray[np.int64]
    outcome: Outcome
    computed: Columns
    predicted: Floats | None


def held_out(book: FeatureSet, trainings: list[Training], fitted: list[Fitted]) -> HeldOut:
    """The judged rows, with the features and the twins' probabilities where they can be judged."""
    rows, invoice, outcome = judged_rows(book, trainings[0])
    if not len(rows) or fitted[0].held_out is None:
        return HeldOut(rows, invoice, outcome, {}, None)
    computed = features(book.events, rows, book.rates)
    matrix, past = book.assemble(computed, rows, invoice), rows.days_past_due_by
    odds = [(stage.held_out or stage.final).log_odds(matrix, past) for stage in fitted]
    return HeldOut(rows, invoice, outcome, computed, combine(odds[0], odds[1], past, book.events.very_late_days))


def held_out_metrics(book: FeatureSet, judged: HeldOut, trainings: list[Training], fitted: list[Fitted]) -> ModelMetrics:
    """Metrics of the last fold, which neither rounds nor calibrator have seen; counts, warnings and influence besides."""
    n, resolved = book.events.very_late_days, len(np.unique(trainings[0].sample.invoice))
    by_bucket = {name: int((judged.outcome == number).sum()) for number, name in enumerate(BUCKETS)}
    return ModelMetrics(
        quality=quality(judged, judged.predicted, trainings, n) if judged.predicted is not None else None,
        counts=TrainingCounts(training=len(trainings[0].sample), resolved=resolved, held_out=len(judged.rows), **by_bucket),
        judged=(as_date(trainings[0].fold_day(len(FOLDS) - 1)), as_date(trainings[0].at - 1)),
        stages={t.name: stage_metrics(t, f) for t, f in zip(trainings, fitted, strict=True)},
        importance=importance(trainings, fitted),
        warnings=warnings(trainings, fitted, resolved),
    )


def judged_rows(book: FeatureSet, training: Training) -> tuple[SnapshotRows, npt.NDArray[np.int64], Outcome]:
    """Open invoices on a few days of the last fold whose both lines lie before the training date, however they ended."""
    events = book.events
    labels = labels_of(events, everything=True)
    last = training.at - events.very_late_days - 1
    days_judged = np.unique(np.linspace(training.fold_day(len(FOLDS) - 1), max(last, training.start), SNAPSHOTS).astype(np.int64))
    ended = labels.on_time_known & labels.very_late_known & (events.very_late_after < training.at)
    parts = []
    for at in days_judged:
        open_then = np.flatnonzero(ended & (events.issue < at) & (events.closed >= at))
        parts.append((open_then, np.full(len(open_then), at, np.int32)))
    invoice, at_days = (np.concatenate(column) for column in zip(*parts, strict=True))
    if len(invoice) > MOST_JUDGED:
        some = np.sort(np.random.default_rng(training.seed).choice(len(invoice), MOST_JUDGED, replace=False))
        invoice, at_days = invoice[some], at_days[some]
    return rows_at(events, invoice, at_days), invoice, events.bucket[invoice]


def held_ranges(book: FeatureSet, judged: HeldOut, training: Training, calendar: str) -> HeldRanges:
    """What came of the ranges that the held-out twins would have shown on the first half of the judged days.

    `calendar`: of the business days on which they are said.
    Later days judge those alone whose lines lie near, which are paid within shorter ranges than an open book.
    """
    held = judged_in_all = np.zeros(len(TAILS), np.int64)
    if judged.predicted is None:
        return HeldRanges(held, judged_in_all)
    days = np.unique(judged.rows.at)
    for at in days[: max(SNAPSHOTS // 2, 1)].tolist():
        some = np.flatnonzero(judged.rows.at == at)
        some = some[np.linspace(0, len(some) - 1, min(MOST_RANGES, len(some))).astype(np.int64)]
        rows = judged.rows.take(some)
        forecast = PaymentDateDistribution(payment_dates.fit(book.events, at), book.events, at, rows.customer)
        paid = book.events.paid[judged.invoice[some]]
        held_then, judged_then = forecast.held(rows, judged.predicted[some], paid, training.at, calendar)
        held, judged_in_all = held + held_then, judged_in_all + judged_then
    return HeldRanges(held, judged_in_all)


def quality(judged: HeldOut, predicted: Floats, trainings: list[Training], n: int) -> Quality:
    """The held-out twins' probabilities against what happened, and the baselines'; `n`: very-late days."""
    computed, outcome = judged.computed, judged.outcome
    past = judged.rows.days_past_due_by
    known = [t.sample.take(t.fold(len(FOLDS) - 1)[0]) for t in trainings]
    open_first = past <= 0
    on_time = (outcome == ON_TIME)[open_first]
    guess, table = commonest(outcome), confusion(predicted, outcome)
    return Quality(
        log_loss=log_loss(predicted, outcome),
        accuracy=accuracy(table),
        macro_f1=macro_f1(table),
        brier=brier(predicted, outcome),
        confusion=tuple(map(tuple, table.tolist())),
        auc=roc_auc(predicted[open_first, ON_TIME], on_time),
        ece=calibration_error(predicted[open_first, ON_TIME], on_time),
        reliability=reliability(predicted[open_first, ON_TIME], on_time),
        baselines={
            "commonest": Baseline(accuracy=accuracy(guess), macro_f1=macro_f1(guess)),
            "base_rates": Baseline(log_loss=log_loss(base_rates(known[0], known[1], past, n), outcome)),
            "customer_past": Baseline(log_loss=log_loss(customer_past(computed, past, n), outcome)),
        },
    )


def stage_metrics(training: Training, fitted: Fitted) -> StageMetrics:
    """Log loss of one stage on the last fold beside that of the rate by days past due."""
    judged_rows = training.fold(len(FOLDS) - 1)[1]
    metrics = StageMetrics(
        rows=len(training.sample),
        rounds=fitted.rounds,
        calibrated=fitted.calibrated,
        by_rate=not fitted.final.learners,
        learners=("trees", *fitted.extra_learners) if fitted.final.learners else (),
    )
    if fitted.held_out is None or not len(judged_rows):
        return metrics
    return replace(
        metrics,
        log_loss=loss(fitted.held_out, training, judged_rows),
        baseline_log_loss=loss(replace(fitted.held_out, learners=()), training, judged_rows),
    )


def importance(trainings: list[Training], fitted: list[Fitted]) -> tuple[FieldShare, ...]:
    """Each field's share of the mean absolute contribution to P(on time), over a sample of training rows."""
    training, stage = trainings[0], fitted[0].final
    if not stage.learners:
        return ()
    some = np.linspace(0, len(training.sample) - 1, min(2_000, len(training.sample))).astype(np.int64)
    size = np.abs(stage.contributions(training.matrix[some])[:, :-1]).mean(axis=0)
    shares = size / max(size.sum(), 1e-12)
    ranked = sorted(zip(training.fields, shares.tolist(), strict=True), key=lambda pair: -pair[1])
    return tuple(FieldShare(name, share) for name, share in ranked)


def warnings(trainings: list[Training], fitted: list[Fitted], resolved: int) -> tuple[ModelWarning, ...]:
    """What a reader must know before trusting the figures."""
    out = []
    span = trainings[0].at - int(trainings[0].sample.rows.at.min())
    if trainings[0].small:
        out.append(ModelWarning("few_invoices", {"resolved": resolved}))
    if span < 180:
        out.append(ModelWarning("short_history", {"days": span}))
    if not fitted[1].final.learners:
        out.append(ModelWarning("very_late_by_rate", very_late_counts(trainings)))
    return tuple(out)


def very_late_counts(trainings: list[Training]) -> dict[str, int]:
    """How many invoices were very late, for the warning that proposes a nearer line."""
    sample = trainings[1].sample
    one_each = np.unique(sample.invoice, return_index=True)[1]
    return {"very_late": int(sample.label[one_each].sum()), "not_on_time": len(one_each)}
