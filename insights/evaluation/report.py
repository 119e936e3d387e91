"""What is there to say of a replay? Typed for screens and grades, JSON for a machine and for the kept file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from insights.evaluation.backtest import SERIES, Replay
from insights.evaluation.date_accuracy import DateAccuracy, accuracy_of_dates
from insights.evaluation.drift import drift
from insights.evaluation.figures import QualityFigures, figures
from insights.evaluation.intervals import LossDifference, difference
from insights.evaluation.slices import slices
from insights.features.catalog import usual
from insights.features.dataset import feature_set
from insights.ledger.ledger import Ledger
from insights.model.recipe import Recipe

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

BASELINES = tuple(name for name in SERIES if name != "model")
DRIFT_DATES = 4  # replayed days that the invoices open now are held against


@dataclass(frozen=True)
class DateReport:
    """One as-of date. What was left out is None where it is not known: of some companies alone."""

    as_of: date
    not_yet_answered: int | None
    settled_by_credit: int | None
    series: Mapping[str, QualityFigures]  # empty where no invoice could be judged
    differences: Mapping[str, LossDifference]


@dataclass(frozen=True)
class Report:
    """Of a replay: by series (SERIES) and baseline, over all rows, by date and by slice.

    differences: the model's log loss less a baseline's. slices: by the codes of `slices`. dates_said: how good the expected
    dates were, by method of `accuracy_of_dates`. drift: PSI per field of what is open now, the most moved first.
    """

    ledger: str
    recipe: Recipe
    rows: int
    pooled: Mapping[str, QualityFigures]
    differences: Mapping[str, LossDifference]
    dates: tuple[DateReport, ...]
    slices: Mapping[str, Mapping[str, QualityFigures]]
    dates_said: Mapping[str, DateAccuracy] = field(default_factory=dict)
    drift: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As `backtest --json` says it, and as it is kept."""
        return {
            "ledger": self.ledger,
            "recipe": self.recipe.to_json(),
            "rows": self.rows,
            "pooled": figures_json(self.pooled),
            "differences": as_dicts(self.differences),
            "dates": [
                {
                    "as_of": day.as_of.isoformat(),
                    "not_yet_answered": day.not_yet_answered,
                    "settled_by_credit": day.settled_by_credit,
                    "series": figures_json(day.series),
                    "differences": as_dicts(day.differences),
                }
                for day in self.dates
            ],
            "slices": {code: figures_json(by_value) for code, by_value in self.slices.items()},
            "dates_said": as_dicts(self.dates_said),
            "drift": dict(self.drift),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Report":
        return cls(
            ledger=values["ledger"],
            recipe=Recipe.from_json(values["recipe"]),
            rows=values["rows"],
            pooled=figures_of(values["pooled"]),
            differences=differences_of(values["differences"]),
            dates=tuple(
                DateReport(
                    as_of=date.fromisoformat(day["as_of"]),
                    not_yet_answered=day["not_yet_answered"],
                    settled_by_credit=day["settled_by_credit"],
                    series=figures_of(day["series"]),
                    differences=differences_of(day["differences"]),
                )
                for day in values["dates"]
            ),
            slices={code: figures_of(by_value) for code, by_value in values["slices"].items()},
            dates_said={name: DateAccuracy(**accuracy) for name, accuracy in (values.get("dates_said") or {}).items()},
            drift=values.get("drift") or {},
        )


def report(replay: Replay) -> Report:
    """All that the rows say."""
    return Report(
        ledger=replay.ledger_id,
        recipe=replay.recipe,
        rows=len(replay.rows),
        pooled=of_rows(replay.rows),
        differences=differences(replay.rows),
        dates=tuple(
            DateReport(as_of, unanswered, credited, of_rows(rows), differences(rows))
            for as_of, unanswered, credited in replay.left_out
            for rows in (on_date(replay.rows, as_of),)
        ),
        slices={code: of_rows(rows) for code, rows in slices(replay.rows).items()},
    )


def full_report(replay: Replay, ledger: Ledger) -> Report:
    """The same with how good the expected dates were, and how far what is open now differs from the replayed days."""
    return replace(
        report(replay),
        dates_said=accuracy_of_dates(replay.rows, ledger.complete_through),
        drift=drift_since(ledger, replay.recipe, replay.dates),
    )


def drift_since(ledger: Ledger, recipe: Recipe, dates: Sequence[date]) -> dict[str, float]:
    """How far the invoices open now differ from those of a few replayed days: field -> PSI."""
    book = feature_set(ledger, recipe.due_rules, recipe.fields or usual(ledger, dates[-1]))
    last = len(dates) - 1
    spread = {dates[round(place * last / (DRIFT_DATES - 1))] for place in range(DRIFT_DATES)}
    return drift(book, sorted(spread), ledger.default_as_of)


def on_date(rows: pa.Table, as_of: date) -> pa.Table:
    return rows.filter(pc.equal(rows["as_of"], as_of))


def of_rows(rows: pa.Table) -> dict[str, QualityFigures]:
    """Series -> its figures on the rows."""
    return {name: quality for name in SERIES if (quality := figures(rows, name))}


def differences(rows: pa.Table) -> dict[str, LossDifference]:
    """Baseline -> the model's log loss less its own, with the interval."""
    return {name: difference(rows, "model", name) for name in BASELINES} if len(rows) else {}


def figures_json(series: Mapping[str, QualityFigures]) -> dict[str, Any]:
    return {name: asdict(quality) | {"errors_removed": quality.errors_removed} for name, quality in series.items()}


def as_dicts(records: Mapping[str, "DataclassInstance"]) -> dict[str, Any]:
    return {name: asdict(record) for name, record in records.items()}


def figures_of(series: Mapping[str, Any]) -> dict[str, QualityFigures]:
    names = {field.name for field in fields(QualityFigures)}
    known = {name: {key: value for key, value in values.items() if key in names} for name, values in series.items()}
    return {
        name: QualityFigures(**figures | {"confusion": tuple(map(tuple, figures["confusion"]))})
        for name, figures in known.items()
    }


def differences_of(values: Mapping[str, Any]) -> dict[str, LossDifference]:
    return {name: LossDifference(**difference) for name, difference in values.items()}
