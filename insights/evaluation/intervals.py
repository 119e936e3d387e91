"""Is one series really better than another, or was it these customers?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from insights.evaluation.backtest import probability
from insights.ledger.ledger import Floats, Ints
from insights.model.metrics import Outcome, losses

DRAWS = 1_000
AT_ONCE = 4_000_000  # customers drawn at a time, which bounds the memory


@dataclass(frozen=True)
class LossDifference:
    """Mean log loss of one series less that of another on the same rows: below 0 is better. low, high: 95 per cent."""

    mean: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        return self.high < 0

    @property
    def worse(self) -> bool:
        return self.low > 0


def difference(rows: pa.Table, series: str, other: str, seed: int = 0) -> LossDifference:
    """Paired, by bootstrap over customers: the rows of a customer are not independent of each other."""
    outcome: Outcome = np.asarray(rows["outcome"].to_numpy(), np.int8)
    gap = losses(probability(rows, series), outcome) - losses(probability(rows, other), outcome)
    customer = np.unique(rows["customer"].to_numpy(), return_inverse=True)[1]
    count = np.bincount(customer)
    means = resampled(np.bincount(customer, gap, len(count)), count.astype(np.float64), seed)
    low, high = np.quantile(means, [0.025, 0.975])
    return LossDifference(float(gap.mean()), float(low), float(high))


def resampled(total: np.ndarray, count: np.ndarray, seed: int) -> Floats:
    """DRAWS means over customers drawn with replacement, from each customer's total and count of rows."""
    return np.concatenate([total[who].sum(axis=1) / count[who].sum(axis=1) for who in draws(len(total), seed)])


def draws(many: int, seed: int) -> Iterator[Ints]:
    """So many customers drawn with replacement, DRAWS times: int64[draws, many], as many draws at a time as memory bears."""
    random, step = np.random.default_rng(seed), max(1, AT_ONCE // max(many, 1))
    for begin in range(0, DRAWS, step):
        yield random.integers(0, many, (min(step, DRAWS - begin), many))
