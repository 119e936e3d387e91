"""What is a flag worth? Of the invoices flagged, how many were late; of those late, how many were flagged."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from insights.ledger.outcomes import ON_TIME
from insights.portfolio.snapshot import flagged

THRESHOLDS = tuple(number / 100 for number in range(5, 100, 5))


class Caught:
    """What a flag is worth, from counts or from what is expected of them."""

    flagged: int
    late: float
    caught: float  # flagged, and late

    @property
    def precision(self) -> float | None:
        """Of the flagged, the share that is late; None where none is flagged."""
        return self.caught / self.flagged if self.flagged else None

    @property
    def recall(self) -> float | None:
        """Of the late, the share that is flagged; None where none is late."""
        return self.caught / self.late if self.late else None


@dataclass(frozen=True)
class Flags(Caught):
    """Of the replayed invoices that were not yet due: flagged where P(on time) was below the threshold."""

    threshold: float
    invoices: int
    flagged: int
    late: int
    caught: int  # flagged, and late


def flags(rows: pa.Table, threshold: float, series: str = "model") -> Flags:
    """Replayed rows at one threshold; exactly at it is not flagged."""
    not_due = rows["past"].to_numpy() <= 0
    late = (rows["outcome"].to_numpy() != ON_TIME)[not_due]
    below = flagged(rows[f"{series}_on_time"].to_numpy(), threshold)[not_due]
    return Flags(threshold, len(late), int(below.sum()), int(late.sum()), int(np.sum(late & below)))


def trade_off(rows: pa.Table) -> tuple[Flags, ...]:
    """The flags at every threshold of THRESHOLDS."""
    return tuple(flags(rows, threshold) for threshold in THRESHOLDS)
