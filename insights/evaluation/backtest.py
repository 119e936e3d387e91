"""What would have been said on a past day, and what happened then?

On each as-of date a model is trained on what was known strictly before it and predicts every invoice open then. Judged
are those whose very-late line lies on or before the complete-through day, however they ended; the others are not yet
answered. Settled by credit: neither paid nor unpaid, so left out and counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights.features import sampling
from insights.features.catalog import usual
from insights.features.dataset import FeatureSet, feature_set, open_rows
from insights.features.events import Events, SnapshotRows
from insights.features.kernel import Columns, features
from insights.ledger.errors import Refused
from insights.ledger.ledger import NEVER, Days, Floats, Ledger, day, outstanding_at
from insights.ledger.outcomes import BUCKETS
from insights.model.early_payments import AgeCounts
from insights.model.metrics import customer_past, of_shares, shares
from insights.model.model import Model, probabilities
from insights.model.payment_dates import Dates, PaymentDateDistribution
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.model.tuning import Progress, quiet

SERIES: Final = ("model", "base_rates", "customer_past")


@dataclass(frozen=True)
class Snapshot:
    """The invoices open as of a day that can be judged by now. outcome: int8, as in `outcomes`; equal lengths."""

    as_of: date
    rows: SnapshotRows
    invoice: npt.NDArray[np.int64]  # index into the events
    outcome: npt.NDArray[np.int8]
    computed: Columns
    unanswered: int  # left out: their very-late line lies after the complete-through day
    credited: int  # left out: settled by credit, or written off where the lines leave write-offs out


@dataclass(frozen=True)
class Replay:
    """What was said and what happened. One row per as-of date and judged invoice:

    as_of (date32), position (int64, in `ledger.invoices`), customer (int32 code), currency, outstanding (int64 minor
    units), past (int32 days past the on-time line), no_history (bool), outcome (int8: 0 on time, 1 late, 2 very late),
    due_date, paid_date (date32; null = not paid by now), usual_delay (float64: the customer's mean days late, NaN without a
    past), per series NAME the three columns NAME_on_time, NAME_late, NAME_very_late (float64), and the model's expected_date,
    date_low, date_high (date32; a null date_high: no end in sight).
    """

    rows: pa.Table
    recipe: Recipe
    left_out: tuple[tuple[date, int, int], ...]  # (as-of date, not yet answered, settled by credit)
    ledger_id: str = ""

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(day for day, _, _ in self.left_out)


def replay_model(ledger: Ledger, dates: Sequence[date], model: Model) -> Replay:
    """What a model says, as it is, as of each date; Refused for one before its training date: there it has seen the answers."""
    recipe = model.recipe
    book = feature_set(ledger, recipe.due_rules, usual(ledger))
    tables, left_out = [], []
    for as_of in dates:
        if as_of < model.trained_as_of:
            raise Refused(f"On {as_of} this model, trained as of {model.trained_as_of}, has seen the answers.", "model_too_new")
        snapshot = snapshot_at(book, as_of)
        tables.append(judged(model, book, snapshot, base_shares(book.events, recipe.training_span(ledger, as_of), recipe.seed)))
        left_out.append((as_of, snapshot.unanswered, snapshot.credited))
    return Replay(pa.concat_tables(tables).combine_chunks(), recipe, tuple(left_out), ledger.id)


def replay_dates(ledger: Ledger, dates: Sequence[date], recipe: Recipe, progress: Progress = quiet) -> Replay:
    """Train and predict as of each date; Refused where one has too little behind it to train on."""
    book = feature_set(ledger, recipe.due_rules, usual(ledger))
    tables, left_out = [], []
    for number, as_of in enumerate(dates):
        progress(as_of.isoformat(), number / len(dates))
        snapshot = snapshot_at(book, as_of)
        model = train(ledger, as_of, recipe)
        probabilities = {"model": model_says(model, book, snapshot), **baselines_say(book, snapshot, recipe)}
        tables.append(
            with_dates(rows_table(book, snapshot, probabilities), model_dates(model, book, snapshot, probabilities["model"]))
        )
        left_out.append((as_of, snapshot.unanswered, snapshot.credited))
    progress("done", 1.0)
    return Replay(pa.concat_tables(tables).combine_chunks(), recipe, tuple(left_out), ledger.id)


def snapshot_at(book: FeatureSet, as_of: date) -> Snapshot:
    """The invoices open as of a date, with features as of it and the outcomes that are known by now."""
    book.ledger.check_as_of(as_of)
    events, at = book.events, day(as_of)
    rows, invoice = open_rows(events, at)
    answered = events.very_late_after[invoice] <= day(book.ledger.complete_through)
    credited = events.credited[invoice] | events.left_out[invoice]
    kept = np.flatnonzero(answered & ~credited)
    rows, invoice = rows.take(kept), invoice[kept]
    return Snapshot(
        as_of=as_of,
        rows=rows,
        invoice=invoice,
        outcome=events.bucket[invoice],
        computed=features(events, rows, book.rates),
        unanswered=int((~answered & ~credited).sum()),
        credited=int(credited.sum()),
    )


def model_says(model: Model, book: FeatureSet, snapshot: Snapshot) -> Floats:
    """The three probabilities of a model for the snapshot."""
    matrix = replace(book, fields=model.fields).assemble(snapshot.computed, snapshot.rows, snapshot.invoice)
    return probabilities(model, snapshot.rows, matrix)


def judged(
    model: Model, book: FeatureSet, snapshot: Snapshot, both: tuple[float, float], ages: AgeCounts | None = None
) -> pa.Table:
    """The rows of one date as in `Replay.rows`; `both`: `base_shares`; `ages`: of the whole ledger, where `book` is a part."""
    past, very_late_days = snapshot.rows.days_past_due_by, model.recipe.very_late_days
    predicted = {
        "model": model_says(model, book, snapshot),
        "base_rates": of_shares(both, past, very_late_days),
        "customer_past": customer_past(snapshot.computed, past, very_late_days),
    }
    return with_dates(rows_table(book, snapshot, predicted), model_dates(model, book, snapshot, predicted["model"], ages))


def model_dates(
    model: Model, book: FeatureSet, snapshot: Snapshot, predicted: Floats, ages: AgeCounts | None = None
) -> Dates | None:
    """The expected dates of a model for the snapshot; None where it has no timing. `ages` as for `judged`."""
    if model.timing is None:
        return None
    forecast = PaymentDateDistribution(model.timing, book.events, day(snapshot.as_of), snapshot.rows.customer, ages)
    return forecast.dates(snapshot.rows, predicted, model.recipe.calendar)


def baselines_say(book: FeatureSet, snapshot: Snapshot, recipe: Recipe) -> dict[str, Floats]:
    """Base rates of the training rows and the customer's own smoothed past: both know what an overdue invoice cannot be."""
    past = snapshot.rows.days_past_due_by
    both = base_shares(book.events, recipe.training_span(book.ledger, snapshot.as_of), recipe.seed)
    return {
        "base_rates": of_shares(both, past, recipe.very_late_days),
        "customer_past": customer_past(snapshot.computed, past, recipe.very_late_days),
    }


def base_shares(events: Events, span: tuple[int, int], seed: int) -> tuple[float, float]:
    """What `base_rates` are of: the shares of the rows that a model of this span would be taught by."""
    return shares(sampling.first_stage(events, *span, seed), sampling.second_stage(events, *span, seed))


def rows_table(book: FeatureSet, snapshot: Snapshot, probabilities: Mapping[str, Floats]) -> pa.Table:
    """The rows of one date in the columns of `Replay.rows`."""
    many, position = len(snapshot.rows), book.positions[snapshot.invoice]
    computed = snapshot.computed
    columns = {
        "as_of": pa.array([snapshot.as_of] * many, pa.date32()),
        "position": pa.array(position),
        "customer": pa.array(snapshot.rows.customer),
        "currency": book.ledger.invoices["currency"].take(pa.array(position)).combine_chunks(),
        "outstanding": pa.array(outstanding_at(book.ledger, snapshot.as_of, position)),
        "past": pa.array(snapshot.rows.days_past_due_by.astype(np.int32)),
        "no_history": pa.array((computed["paid_count"] == 0) & (computed["resolved_count"] == 0)),
        "outcome": pa.array(snapshot.outcome),
        "due_date": date_column(snapshot.rows.due),
        "paid_date": date_column(book.events.paid[snapshot.invoice]),
        "usual_delay": pa.array(computed["days_late_mean"].astype(np.float64)),
    }
    for name, values in probabilities.items():
        columns |= {f"{name}_{bucket}": pa.array(values[:, number]) for number, bucket in enumerate(BUCKETS)}
    return pa.table(columns)


def date_column(days: Days) -> pa.Array:
    """Days since 1970-01-01 as date32, null for NEVER."""
    return pa.array(days, pa.int32(), mask=days == NEVER).cast(pa.date32())


def with_dates(rows: pa.Table, dates: Dates | None) -> pa.Table:
    """The rows with expected_date, date_low and date_high; null without dates."""
    names = ("expected_date", "date_low", "date_high")
    none = np.full(len(rows), NEVER)
    columns = (dates.expected, dates.low, dates.high) if dates else (none, none, none)
    for name, days in zip(names, columns, strict=True):
        rows = rows.append_column(name, date_column(days))
    return rows


NAMED: Final = (
    "company",
    "customer_id",
    "customer_name",
    "invoice_id",
    "line",
    "currency",
    "issue_date",
    "due_date",
    "paid_date",
)


def exported(replay: Replay, ledger: Ledger) -> pa.Table:
    """The rows for people: which invoice, what was said of it, and what happened in words."""
    table = ledger.invoices.select(NAMED).take(replay.rows["position"])
    table = table.add_column(0, "as_of", replay.rows["as_of"])
    happened = pa.array(BUCKETS).take(replay.rows["outcome"].cast(pa.int32()))
    predicted = [name for name in replay.rows.column_names if name.startswith(tuple(f"{series}_" for series in SERIES))]
    table = table.append_column("days_past_line", replay.rows["past"]).append_column("outcome", happened)
    for name in (*predicted, "expected_date", "date_low", "date_high"):
        table = table.append_column(name, replay.rows[name])
    return table


def probability(rows: pa.Table, series: str) -> Floats:
    """float64[n, 3] of one series of replayed rows."""
    return np.column_stack([np.asarray(rows[f"{series}_{bucket}"].to_numpy(), np.float64) for bucket in BUCKETS])
