"""How good were the probabilities of some replayed rows?"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from insights.evaluation.backtest import probability
from insights.ledger.ledger import Floats
from insights.ledger.outcomes import ON_TIME
from insights.model.metrics import Outcome, accuracy, brier, calibration_error, commonest, confusion, log_loss, macro_f1, roc_auc


@dataclass(frozen=True)
class QualityFigures:
    """Of one series on some rows. auc and ece: of on time, over the invoices not yet due; None where undefined."""

    rows: int
    log_loss: float
    brier: float  # 0 to 2
    auc: float | None
    ece: float | None  # calibration error, 0 to 1
    accuracy: float
    macro_f1: float
    commonest_accuracy: float  # of always guessing the outcome that was the commonest in these very rows
    commonest_macro_f1: float
    money_error: float  # share of the money that stood in the wrong bucket total
    confusion: tuple[tuple[int, ...], ...]  # [what happened][most probable]

    @property
    def errors_removed(self) -> float | None:
        """Of the errors that always guessing the commonest outcome makes, the share that this does not make."""
        errors = 1 - self.commonest_accuracy
        return 1 - (1 - self.accuracy) / errors if errors > 0 else None


def figures(rows: pa.Table, series: str) -> QualityFigures | None:
    """The figures of a series over replayed rows; None where there are none."""
    if not len(rows):
        return None
    probabilities = probability(rows, series)
    outcome: Outcome = np.asarray(rows["outcome"].to_numpy(), np.int8)
    not_due = rows["past"].to_numpy() <= 0
    on_time = (outcome == ON_TIME)[not_due]
    table, guess = confusion(probabilities, outcome), commonest(outcome)
    return QualityFigures(
        rows=len(rows),
        log_loss=log_loss(probabilities, outcome),
        brier=brier(probabilities, outcome),
        auc=roc_auc(probabilities[not_due, ON_TIME], on_time) if len(on_time) else None,
        ece=calibration_error(probabilities[not_due, ON_TIME], on_time),
        accuracy=accuracy(table),
        macro_f1=macro_f1(table),
        commonest_accuracy=accuracy(guess),
        commonest_macro_f1=macro_f1(guess),
        money_error=money_error(rows, probabilities, outcome),
        confusion=tuple(tuple(int(count) for count in line) for line in table),
    )


def money_error(rows: pa.Table, probabilities: Floats, outcome: Outcome) -> float:
    """Share (0 to 1) of the outstanding that stood in the wrong bucket total: half the sum of the three totals' distances.

    Each as-of date and currency by itself, then their mean, weighted by invoices: currencies are never added.
    """
    group = _groups(rows)
    amount = np.asarray(rows["outstanding"].to_numpy(), np.float64)
    gap = amount[:, None] * (probabilities - np.eye(3)[outcome])
    totals = np.column_stack([np.bincount(group, gap[:, bucket]) for bucket in range(3)])
    whole = np.bincount(group, amount)
    wrong = np.abs(totals).sum(axis=1) / 2 / np.maximum(whole, 1)
    return float(np.average(wrong, weights=np.bincount(group)))


def _groups(rows: pa.Table) -> np.ndarray:
    """A number per (as-of date, currency)."""
    as_of = rows["as_of"].cast(pa.int32()).to_numpy()
    currency = rows["currency"].combine_chunks().dictionary_encode().indices.to_numpy()
    pair = as_of.astype(np.int64) * (int(currency.max(initial=0)) + 1) + currency
    return np.asarray(np.unique(pair, return_inverse=True)[1])
