"""What does a model say of every open invoice as of a date, and how is that written to a file?"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights.features.dataset import FeatureSet, feature_set, open_rows
from insights.features.events import SnapshotRows
from insights.features.kernel import Columns, features
from insights.features.whole_ledger import WholeLedger
from insights.ledger.errors import Refused
from insights.ledger.ledger import NEVER, Ledger, day, open_invoices
from insights.model.early_payments import AgeCounts
from insights.model.model import Model, probabilities
from insights.model.payment_dates import PaymentDateDistribution, confidence
from insights.model.tuning import Progress, quiet
from insights.portfolio.snapshot import SOON, snapshot
from insights.prediction.explain import reasons

CHUNK = 50_000  # rows explained at a time, which bounds the memory
COMPUTED = 5 * CHUNK  # rows whose fields are computed at a time: each time all events are put in order


@dataclass(frozen=True)
class Whole:
    """What a part of a ledger must know of all of it to be scored alone; those of the parts add up."""

    counts: WholeLedger
    ages: AgeCounts

    def __add__(self, other: "Whole") -> "Whole":
        return Whole(self.counts + other.counts, self.ages + other.ages)


def score(
    model: Model,
    ledger: Ledger,
    as_of: date,
    progress: Progress = quiet,
    whole: Whole | None = None,
    book: FeatureSet | None = None,
) -> pa.Table:
    """One row per invoice open as of the date, in ledger order: the columns of `snapshot.PREDICTIONS`.

    `whole`: counts of the whole ledger, where this one is a part of it (`parts`): the same bits as from the whole.
    `book`: the feature set of ledger and model, where it is made already.
    Refused for a date before the model's training date: there it has seen the answers.
    """
    ledger.check_as_of(as_of)
    if as_of < model.trained_as_of:
        raise Refused(
            f"This model was trained as of {model.trained_as_of}: on {as_of} it would have seen the answers. "
            f"Train one as of {as_of}, or choose a later date.",
            "model_too_new",
        )
    opened = open_invoices(ledger, as_of)
    book = book or feature_set(ledger, model.recipe.due_rules, model.fields, whole.counts if whole else None)
    rows, invoice = open_rows(book.events, day(as_of))
    order = np.searchsorted(book.positions[invoice], opened["position"].to_numpy())
    rows, invoice = rows.take(order), invoice[order]
    parts = [pa.table({})]
    forecast = None
    if model.timing:
        ages = whole.ages if whole else None
        forecast = PaymentDateDistribution(model.timing, book.events, day(as_of), rows.customer, ages)
    for first in range(0, max(len(rows), 1), COMPUTED):
        computed = features(book.events, rows.take(slice(first, first + COMPUTED)), book.rates)
        for begin in range(first, min(first + COMPUTED, max(len(rows), 1)), CHUNK):
            some, of = slice(begin, begin + CHUNK), slice(begin - first, begin - first + CHUNK)
            columns = {name: column[of] for name, column in computed.items()}
            part = _scored(model, book, rows.take(some), invoice[some], columns)
            parts.append(with_dates(part, forecast, rows.take(some), model.recipe.calendar))
            progress("reasons", min(1.0, (begin + CHUNK) / max(len(rows), 1)))
    scored = pa.concat_tables(parts[1:])
    return snapshot(opened, rows.due_by, {name: scored[name] for name in scored.column_names}).combine_chunks()


def _scored(model: Model, book: FeatureSet, rows: SnapshotRows, invoice: npt.NDArray[np.int64], computed: Columns) -> pa.Table:
    matrix = book.assemble(computed, rows, invoice)
    predicted = probabilities(model, rows, matrix)
    no_history = (computed["paid_count"] == 0) & (computed["resolved_count"] == 0)
    return pa.table(
        {
            "p_on_time": predicted[:, 0],
            "p_late": predicted[:, 1],
            "p_very_late": predicted[:, 2],
            "no_history": no_history,
            "reasons": reasons(model, book, rows, invoice, matrix),
        }
    )


def with_dates(scored: pa.Table, forecast: PaymentDateDistribution | None, rows: SnapshotRows, calendar: str) -> pa.Table:
    """The scored rows with expected_date, date_low, date_high (null: no end in sight), confidence, p_unpaid_7."""
    columns = {name: pa.nulls(len(rows), pa.date32()) for name in ("expected_date", "date_low", "date_high")}
    columns |= {"confidence": pa.nulls(len(rows), pa.string()), "p_unpaid_7": pa.nulls(len(rows), pa.float64())}
    if forecast is not None:
        predicted = np.column_stack([scored[name].to_numpy() for name in ("p_on_time", "p_late", "p_very_late")])
        dates = forecast.dates(rows, predicted, calendar)
        columns = {
            "expected_date": pa.array(dates.expected).cast(pa.date32()),
            "date_low": pa.array(dates.low).cast(pa.date32()),
            "date_high": pa.array(dates.high, mask=dates.high == NEVER).cast(pa.date32()),
            "confidence": pa.array(confidence(dates, predicted, scored["no_history"].to_numpy()), pa.string()),
            "p_unpaid_7": pa.array(forecast.unpaid_after(rows, predicted, SOON)),
        }
    for name, column in columns.items():
        scored = scored.append_column(name, column)
    return scored


# ---------------------------------------------------------------- files
