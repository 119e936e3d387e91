"""How far off was the cash forecast on past Mondays, beside simple ways, and how often did its ranges hold?"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from insights.portfolio.cash import HORIZONS, OPEN, TOTAL, PastForecasts, known, past_bands

Floats = npt.NDArray[np.float64]

LEVELS: Final = (0.1, 0.9)  # of the ranges' two ends


@dataclass(frozen=True)
class HorizonQuality:
    """One layer (or both) at one horizon; shares of what came, None where nothing came or nothing was judged.

    errors: method -> sum of absolute errors / what came (WAPE). bias: of ours, signed, above 0 where too much was said.
    held: share of the judged ranges that held; width: mean width / mean of what came; pinball: mean loss of both ends over that.
    """

    weeks: tuple[int, int]  # from, to before
    judged: int
    errors: dict[str, float | None]
    bias: float | None
    ranges: int
    held: float | None
    width: float | None
    pinball: float | None


def cash_quality(past: PastForecasts, as_of: date, of: str) -> tuple[HorizonQuality, ...]:
    """How good the open book's forecast (OPEN), or that of both layers (TOTAL), was at each horizon, of what is over by a day."""
    over, drawn = known(past, as_of), past_bands(past, of)
    came = past.came if of == TOTAL else past.came_open
    ways = {"ours": past.total, "trailing": past.before}
    if of == OPEN:
        ways = {"ours": past.open_book, "due": past.due, "usual": past.usual}
    out = []
    for number, weeks in enumerate(HORIZONS):
        mine = over[:, number]
        ranged = mine & ~np.isnan(drawn.low[:, number])
        whole = float(came[mine, number].sum())
        real, low, high = came[ranged, number], drawn.low[ranged, number], drawn.high[ranged, number]
        out.append(
            HorizonQuality(
                weeks=weeks,
                judged=int(mine.sum()),
                errors={way: share(np.abs(forecast - came)[mine, number].sum(), whole) for way, forecast in ways.items()},
                bias=share((ways["ours"] - came)[mine, number].sum(), whole),
                ranges=int(ranged.sum()),
                held=float(((real >= low) & (real <= high)).mean()) if len(real) else None,
                width=share((high - low).sum(), real.sum()),
                pinball=share(pinball(real, low, LEVELS[0]) + pinball(real, high, LEVELS[1]), 2 * real.sum()),
            )
        )
    return tuple(out)


def pinball(came: Floats, forecast: Floats, level: float) -> float:
    """The summed loss of a quantile."""
    gap = came - forecast
    return float(np.maximum(level * gap, (level - 1) * gap).sum())


def share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def pooled_coverage(past: PastForecasts, as_of: date, of: str, weeks: int = 6) -> tuple[float | None, int]:
    """Share of the ranges of the first weeks that held, together, and how many were judged."""
    rows = cash_quality(past, as_of, of)[:weeks]
    judged = sum(row.ranges for row in rows)
    return (sum(row.ranges * (row.held or 0.0) for row in rows) / judged if judged else None), judged
