"""How good is a model by its own account? What training measured, typed; in model.json and the workspace it is JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class TrainingCounts:
    """How many rows and invoices, and how those that the metrics judge ended."""

    training: int = 0  # rows of the first stage
    resolved: int = 0  # invoices whose label is known
    held_out: int = 0  # judged rows: invoices open on some days of the last fold
    on_time: int = 0
    late: int = 0
    very_late: int = 0


NOTHING_COUNTED = TrainingCounts()


@dataclass(frozen=True)
class StageMetrics:
    """Of one stage, on the last fold; the losses are None where there was nothing to judge it by."""

    rows: int
    rounds: int  # of the first booster
    calibrated: bool
    by_rate: bool  # a plain rate per days past due took the learners' place
    learners: tuple[str, ...] | None = None  # "trees", "bold", "line"; None: a model from before there were several
    log_loss: float | None = None
    baseline_log_loss: float | None = None  # of the rate by days past due

    def to_json(self) -> dict[str, Any]:
        values = {name: value for name, value in asdict(self).items() if value is not None and name != "learners"}
        return values | ({} if self.learners is None else {"voices": list(self.learners)})

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "StageMetrics":
        known = {name: value for name, value in values.items() if name != "voices"}
        return cls(**known, learners=tuple(values["voices"]) if "voices" in values else None)


@dataclass(frozen=True)
class FieldShare:
    """A field, and its share of the mean absolute contribution to P(on time)."""

    field: str
    share: float


@dataclass(frozen=True)
class ReliabilityBin:
    """Of rows with about the same score: its mean, the share that came true, and how many there are."""

    p: float
    share: float
    n: int


@dataclass(frozen=True)
class ModelWarning:
    """What a reader must know before trusting the figures; `messages.warning` makes the sentence."""

    code: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Baseline:
    """What anybody could have reached without a model, as far as it is defined for this baseline."""

    log_loss: float | None = None
    accuracy: float | None = None
    macro_f1: float | None = None

    def to_json(self) -> dict[str, float]:
        return {name: value for name, value in asdict(self).items() if value is not None}


NO_BASELINE = Baseline()


@dataclass(frozen=True)
class Quality:
    """The probabilities against what happened, on rows of the last fold, which neither rounds nor calibrator have seen.

    auc, ece and reliability: of on time, over the invoices not yet due.
    """

    log_loss: float
    accuracy: float | None = None
    macro_f1: float | None = None
    brier: float | None = None  # 0 to 2
    confusion: tuple[tuple[int, ...], ...] = ()  # [what happened][most probable bucket]
    auc: float | None = None
    ece: float | None = None  # calibration error, 0 to 1
    reliability: tuple[ReliabilityBin, ...] = ()
    baselines: Mapping[str, Baseline] = field(default_factory=dict)  # "commonest", "base_rates", "customer_past"

    def baseline(self, name: str) -> Baseline:
        return self.baselines.get(name, NO_BASELINE)

    def to_json(self) -> dict[str, Any]:
        values = asdict(self) | {"baselines": {name: baseline.to_json() for name, baseline in self.baselines.items()}}
        return values | {"confusion": [list(row) for row in self.confusion], "reliability": [asdict(b) for b in self.reliability]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Quality":
        plain = {name: values.get(name) for name in ("accuracy", "macro_f1", "brier", "auc", "ece")}
        return cls(
            log_loss=values["log_loss"],
            confusion=tuple(tuple(row) for row in values.get("confusion") or ()),
            reliability=tuple(ReliabilityBin(**entry) for entry in values.get("reliability") or ()),
            baselines={name: Baseline(**baseline) for name, baseline in (values.get("baselines") or {}).items()},
            **plain,
        )


@dataclass(frozen=True)
class ModelMetrics:
    """All that a model says of itself. `quality`: None where too few invoices could be judged."""

    quality: Quality | None = None
    counts: TrainingCounts = NOTHING_COUNTED
    judged: tuple[date, date] | None = None  # first and last day of the last fold
    stages: Mapping[str, StageMetrics] = field(default_factory=dict)  # "on_time", "very_late"
    importance: tuple[FieldShare, ...] = ()  # the most influential field first
    warnings: tuple[ModelWarning, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, their names in alphabetical order."""
        values: dict[str, Any] = {}
        if self.counts != NOTHING_COUNTED:
            values["counts"] = asdict(self.counts)
        if self.judged:
            values["held_out"] = {"from": self.judged[0].isoformat(), "to": self.judged[1].isoformat()}
        if self.stages:
            values["stages"] = {name: stage.to_json() for name, stage in self.stages.items()}
            values["importance"] = [asdict(share) for share in self.importance]
            values["warnings"] = [asdict(warning) for warning in self.warnings]
        values |= self.quality.to_json() if self.quality else {}
        ordered: dict[str, Any] = json.loads(json.dumps(values, sort_keys=True))
        return ordered

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "ModelMetrics":
        span = values.get("held_out")
        return cls(
            quality=Quality.from_json(values) if "log_loss" in values else None,
            counts=TrainingCounts(**values.get("counts") or {}),
            judged=(date.fromisoformat(span["from"]), date.fromisoformat(span["to"])) if span else None,
            stages={name: StageMetrics.from_json(stage) for name, stage in (values.get("stages") or {}).items()},
            importance=tuple(FieldShare(**share) for share in values.get("importance") or ()),
            warnings=tuple(ModelWarning(**warning) for warning in values.get("warnings") or ()),
        )


NOT_JUDGED = ModelMetrics()
