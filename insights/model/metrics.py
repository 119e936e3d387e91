"""How good are probabilities, against what happened and against what anybody could have guessed?"""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from insights.ledger.outcomes import bucket_probabilities
from insights.model.model_metrics import ReliabilityBin

if TYPE_CHECKING:
    from insights.features.kernel import Columns
    from insights.features.sampling import Sample

Floats = npt.NDArray[np.float64]

Outcome = npt.NDArray[np.int8]
SMALLEST = 1e-6  # no probability is taken to be less when it is judged


def log_loss(probability: Floats, outcome: Outcome) -> float:
    """Mean -log of the probability (float64[n, 3]) given to what happened."""
    return float(losses(probability, outcome).mean())


def losses(probability: Floats, outcome: Outcome) -> Floats:
    """-log of the probability given to what happened, per row."""
    chosen = probability[np.arange(len(outcome)), outcome]
    out: Floats = -np.log(np.clip(chosen, SMALLEST, 1))
    return out


def brier(probability: Floats, outcome: Outcome) -> float:
    """Mean squared distance to what happened, summed over the three buckets: 0 to 2."""
    return float(((probability - np.eye(3)[outcome]) ** 2).sum(axis=1).mean())


def confusion(probability: Floats, outcome: Outcome) -> npt.NDArray[np.int64]:
    """Counts [what happened, most probable bucket]."""
    guess = probability.argmax(axis=1)
    return np.bincount(outcome.astype(np.int64) * 3 + guess, minlength=9).reshape(3, 3)


def accuracy(table: npt.NDArray[np.int64]) -> float:
    return float(np.trace(table) / max(table.sum(), 1))


def macro_f1(table: npt.NDArray[np.int64]) -> float:
    """Mean F1 over the buckets that happened or were guessed; 0 for one never hit."""
    hit, happened, guessed = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    present = (happened + guessed) > 0
    return float((2 * hit[present] / (happened + guessed)[present]).mean()) if present.any() else 0.0


def roc_auc(score: Floats, answer: npt.NDArray[np.bool_]) -> float | None:
    """Area under the ROC curve; None with one answer only."""
    from sklearn.metrics import roc_auc_score

    if answer.all() or not answer.any():
        return None
    return float(roc_auc_score(answer, score))


def reliability(score: Floats, answer: npt.NDArray[np.bool_], bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """Rows in equally many quantile bins of the score."""
    order = np.argsort(score, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return tuple(ReliabilityBin(float(score[i].mean()), float(answer[i].mean()), len(i)) for i in parts)


def calibration_error(score: Floats, answer: npt.NDArray[np.bool_], bins: int = 10) -> float | None:
    """Mean distance between score and share over the reliability bins, weighted by count."""
    parts = reliability(score, answer, bins)
    if not parts:
        return None
    return sum(abs(part.p - part.share) * part.n for part in parts) / len(score)


def commonest(outcome: Outcome) -> npt.NDArray[np.int64]:
    """The confusion counts of always guessing the commonest outcome."""
    counts = np.bincount(outcome, minlength=3)
    table = np.zeros((3, 3), np.int64)
    table[:, counts.argmax()] = counts
    return table


def customer_past(computed: "Columns", past: npt.NDArray[np.int64], very_late_days: int) -> Floats:
    """The customer's own smoothed rates as probabilities, knowing that an overdue invoice cannot be on time."""
    late, very = (computed[name].astype(np.float64) for name in ("late_share", "very_late_share"))
    late, very = np.nan_to_num(late, nan=0.5), np.nan_to_num(very, nan=0.1)
    return bucket_probabilities(1 - late, np.clip(very / np.maximum(late, 1e-9), 0.0, 1.0), past, very_late_days)


def base_rates(first: "Sample", second: "Sample", past: npt.NDArray[np.int64], very_late_days: int) -> Floats:
    """The training rows' rates as probabilities, knowing that an overdue invoice cannot be on time."""
    return of_shares(shares(first, second), past, very_late_days)


def shares(first: "Sample", second: "Sample") -> tuple[float, float]:
    """The share on time of the rows of stage 1, and the share very late of those of stage 2."""
    return smooth_share(first.label, first.weight), smooth_share(second.label, second.weight)


def of_shares(both: tuple[float, float], past: npt.NDArray[np.int64], very_late_days: int) -> Floats:
    """`base_rates` by the two shares."""
    on_time, very = (np.full(len(past), share) for share in both)
    return bucket_probabilities(on_time, very, past, very_late_days)


def smooth_share(answer: npt.NDArray[np.uint8], weight: Floats) -> float:
    return float((np.sum(answer * weight) + 1) / (np.sum(weight) + 2))
