"""How likely is each open invoice to be paid on time, late or very late? What a model is: predict, save and load.

Two stages in sequence: P(on time), then P(very late | not on time). Each averages its learners in log-odds; calibration is
a slope above 0, so that contributions stay additive. `training` makes models.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from insights.features.events import SnapshotRows
from insights.ledger.errors import Refused
from insights.ledger.ledger import Floats, Matrix
from insights.ledger.outcomes import bucket_probabilities
from insights.model.base_learners import BaseLearner, BoostedTrees, LogisticModel
from insights.model.model_metrics import NOT_JUDGED, ModelMetrics
from insights.model.payment_dates import PaymentDelays
from insights.model.recipe import Recipe

if TYPE_CHECKING:
    import xgboost

STAGES: Final = ("on_time", "very_late")
FORMAT = 2  # of a saved model; 2: stages have learners
MOST = 30.0  # log-odds beyond this are certainty


@dataclass(frozen=True)
class Stage:
    """One of the two questions: the average of its learners' log-odds, stretched; without any, a plain rate by days past due.

    Stretched is how far they lie from `pivot`, by `slope`.

    `edges` and `rates`: P(very late | not on time) by days past the on-time line. Of overdue rows the log-odds are the
    learners' by `blend_weight` and the rate's by the rest: overdue invoices are few, and come in clusters.
    """

    learners: tuple[BaseLearner, ...]
    slope: float = 1.0
    edges: tuple[int, ...] = ()
    rates: tuple[float, ...] = ()
    blend_weight: float = 1.0
    pivot: float = 0.0

    def log_odds(self, matrix: Matrix, past_line: npt.NDArray[np.int64]) -> Floats:
        """Calibrated log-odds per row."""
        if not self.learners:
            return logit(self.rate(past_line))
        return self.stretched(self.margins(matrix), past_line)

    def margins(self, matrix: Matrix) -> Floats:
        """The average of the learners' log-odds, before calibration."""
        average: Floats = np.mean([learner.margins(matrix) for learner in self.learners], axis=0)
        return average

    def stretched(self, margins: Floats, past_line: npt.NDArray[np.int64]) -> Floats:
        """Calibrated log-odds of the learners' `margins`."""
        slope, offset = self.scale_and_offset(past_line)
        return slope * margins + offset

    def contributions(self, matrix: Matrix) -> Floats:
        """float64[rows, fields + 1] before calibration: the average of the learners', the last column the base."""
        out: Floats = np.mean([learner.contributions(matrix) for learner in self.learners], axis=0)
        return out

    def scale_and_offset(self, past_line: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
        """What a row's log-odds are of its learners': times the first, plus the second."""
        weight = np.where(past_line > 0, self.blend_weight, 1.0)
        rate = logit(self.rate(past_line)) if self.blend_weight < 1 else 0.0
        return weight * self.slope, weight * (1 - self.slope) * self.pivot + (1 - weight) * rate

    def rate(self, past_line: npt.NDArray[np.int64]) -> Floats:
        """The smoothed rate by days past the on-time line (below 0 before it)."""
        return np.asarray(self.rates, np.float64)[np.searchsorted(self.edges, past_line, side="right")]


@dataclass(frozen=True)
class Model:
    """A trained model, immutable. `metrics` are of the untouched last fold; `fields` name the matrix's columns in order."""

    recipe: Recipe
    trained_as_of: date
    ledger_id: str
    ledger_fingerprint: str
    fields: tuple[str, ...]
    stages: tuple[Stage, Stage]
    metrics: ModelMetrics = NOT_JUDGED
    timing: PaymentDelays | None = None  # None: a model that says nothing of dates

    def save(self, folder: Path) -> None:
        """Writes model.json and a UBJ file per booster into `folder`; the JSON carries their sha256."""
        folder.mkdir(parents=True, exist_ok=True)
        stages = [save_stage(stage, folder, name, self.fields) for name, stage in zip(STAGES, self.stages, strict=True)]
        content = json.dumps(
            {
                "format": FORMAT,
                "recipe": self.recipe.to_json(),
                "trained_as_of": self.trained_as_of.isoformat(),
                "ledger_id": self.ledger_id,
                "ledger_fingerprint": self.ledger_fingerprint,
                "fields": self.fields,
                "stages": stages,
                "metrics": self.metrics.to_json(),
                "timing": self.timing.to_json() if self.timing else None,
            },
            indent=1,
            sort_keys=True,
        ).encode()
        (folder / "model.json").write_bytes(content)
        (folder / "model.json.sha256").write_text(sha256(content).hexdigest())

    @classmethod
    def load(cls, folder: Path) -> "Model":
        """The saved model; Refused where a file is missing or a byte was changed."""
        digest = read(folder / "model.json.sha256").decode("ascii", "replace").strip()
        content = checked(folder / "model.json", digest)
        values = json.loads(content)
        if values.get("format") != FORMAT:
            sentence = "This model was made by another version of Payment Insights, which this one does not read: train anew."
            raise Refused(sentence, "model_format", format=values.get("format"))
        return cls.from_json(values, lambda learner: load_booster(folder, learner))

    @classmethod
    def from_json(cls, values: dict[str, Any], booster: "Callable[[dict[str, Any]], xgboost.Booster]") -> "Model":
        """The model of the values of model.json; `booster` reads the one of a learner that has a file."""
        stages = [load_stage(kept, booster) for kept in values["stages"]]
        return cls(
            recipe=Recipe.from_json(values["recipe"]),
            trained_as_of=date.fromisoformat(values["trained_as_of"]),
            ledger_id=values["ledger_id"],
            ledger_fingerprint=values["ledger_fingerprint"],
            fields=tuple(values["fields"]),
            stages=(stages[0], stages[1]),
            metrics=ModelMetrics.from_json(values["metrics"]),
            timing=PaymentDelays.from_json(values["timing"]) if values.get("timing") else None,
        )


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Refused(f"The model is incomplete: {path.name} is missing.", "model_incomplete") from None


def checked(path: Path, digest: str) -> bytes:
    """The bytes of a file, which must have this sha256."""
    content = read(path)
    if sha256(content).hexdigest() != digest:
        sentence = f"The model was changed after it was saved: {path.name} is not the file that was written."
        raise Refused(sentence, "model_changed", file=path.name)
    return content


def save_stage(stage: Stage, folder: Path, name: str, fields: Sequence[str]) -> dict[str, Any]:
    """The stage as JSON; its boosters are files of their own, `name`.ubj and `name`_2.ubj, known by their sha256."""
    learners: list[dict[str, Any]] = []
    for number, learner in enumerate(stage.learners, 1):
        if isinstance(learner, BoostedTrees):
            raw, file = raw_booster(learner, fields), f"{name}_{number}.ubj" if number > 1 else f"{name}.ubj"
            (folder / file).write_bytes(raw)
            learners.append({"file": file, "sha256": sha256(raw).hexdigest()})
        elif isinstance(learner, LogisticModel):
            learners.append({"line": learner.to_json()})
        else:
            message = f"no way to save {type(learner).__name__}"
            raise TypeError(message)
    return {
        "voices": learners,
        "slope": stage.slope,
        "pivot": stage.pivot,
        "edges": stage.edges,
        "rates": stage.rates,
        "trust": stage.blend_weight,
    }


def raw_booster(learner: BoostedTrees, fields: Sequence[str]) -> bytes:
    """A booster as UBJ; it calls its fields f0, f1, ..., and carries a mark of which they are, in which order."""
    booster = learner.booster.copy()
    booster.set_attr(fields=order_mark(fields))
    return bytes(booster.save_raw("ubj"))


def order_mark(fields: Sequence[str]) -> str:
    """The same for the same fields in the same order only."""
    return sha256(json.dumps(list(fields)).encode()).hexdigest()


def load_stage(kept: dict[str, Any], booster: "Callable[[dict[str, Any]], xgboost.Booster]") -> Stage:
    learners: list[BaseLearner] = [
        LogisticModel.from_json(learner["line"]) if "line" in learner else BoostedTrees(booster(learner))
        for learner in kept["voices"]
    ]
    pivot = kept.get("pivot", 0.0)  # of earlier models
    return Stage(tuple(learners), kept["slope"], tuple(kept["edges"]), tuple(kept["rates"]), kept["trust"], pivot)


def load_booster(folder: Path, kept: dict[str, Any]) -> "xgboost.Booster":
    import xgboost

    return xgboost.Booster(model_file=bytearray(checked(folder / kept["file"], kept["sha256"])))


# ---------------------------------------------------------------- prediction


def probabilities(model: Model, rows: SnapshotRows, matrix: Matrix) -> Floats:
    """float64[n, 3] on time, late, very late; 0 and 1 exactly where a line has passed."""
    past = rows.days_past_due_by
    odds = [stage.log_odds(matrix, past) for stage in model.stages]
    return combine(odds[0], odds[1], past, model.recipe.very_late_days)


def combine(first: Floats, second: Floats, past: npt.NDArray[np.int64], very_late_days: int) -> Floats:
    """The two stages' log-odds as three probabilities; `past`: days past the last day on time."""
    return bucket_probabilities(sigmoid(first), sigmoid(second), past, very_late_days)


def sigmoid(log_odds: Floats) -> Floats:
    out: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -MOST, MOST)))
    return out


def logit(probability: Floats) -> Floats:
    clipped = np.clip(probability, math.exp(-MOST), 1 - 1e-13)
    out: Floats = np.log(clipped / (1 - clipped))
    return out
