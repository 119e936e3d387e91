"""How far off may a forecast be? Bands from the forecast's own past errors at the same horizon, never from single invoices.

An error of a past Monday is scaled by how far its receipts would have scattered, were every debt paid or not by itself; the
band is that many scales around the middle as hold the wanted share of the past errors. The wanted share is moved, week by
week, by whether the bands before held (adaptive conformal inference, Gibbs and Candes 2021).

Errors of Mondays a week apart overlap: thirteen weeks ahead, each shares twelve with the one before. Twenty of them have seen
as much as a few independent ones would. So few hide how far errors can go: the band is wider by what Student's distribution
says of so few. And they hide on which side: a forecast that was too high through one bad winter may be too low in the next, so
beside each error stands its mirror image, the heavier the fewer are independent.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from insights.ledger.ledger import day
from insights.portfolio.cash.replays import HORIZONS, PastForecasts

Floats = npt.NDArray[np.float64]

MISS: Final = 0.2  # share of the weeks that may lie outside: bands of 80 per cent
FEWEST: Final = 20  # judged past weeks below which no band is drawn
STEP: Final = 0.02  # by which a missed or held week moves the level
LEVELS: Final = (0.02, 0.5)  # between which the level stays
LEAST: Final = 2.0  # independent errors that any judged past is taken for
SIDES: Final = 10.0  # independent errors from which on an error weighs twice as much as its mirror image
OPEN, TOTAL = "open", "total"


@dataclass(frozen=True)
class Bands:
    """Scales below (0 or less) and above (0 or more) the middle, float64[HORIZONS]; NaN where too few weeks are judged.

    judged: how many past weeks each rests on; relative: root mean square of the second layer's relative error.
    """

    below: Floats
    above: Floats
    judged: npt.NDArray[np.int64]
    relative: Floats

    def around(self, middle: Floats, variance: Floats, not_invoiced: Floats) -> tuple[Floats, Floats]:
        """(low, high), float64[HORIZONS] minor units, not below 0: of a middle whose open book scatters by `variance`."""
        width = scales(variance, not_invoiced, self.relative)
        return np.maximum(middle + self.below * width, 0), middle + self.above * width


def scales(variance: Floats, not_invoiced: Floats, relative: Floats | float) -> Floats:
    """The root of both layers' squared scatter; of the open book alone where `not_invoiced` is 0."""
    out: Floats = np.sqrt(variance + (relative * not_invoiced) ** 2)
    return out


def bands(past: PastForecasts, as_of: date, of: str) -> Bands:
    """The bands of a day, of the open book (OPEN) or of both layers (TOTAL), from what was judged before it."""
    many = len(HORIZONS)
    below, above, relative = np.full(many, np.nan), np.full(many, np.nan), np.zeros(many)
    judged = np.zeros(many, np.int64)
    for horizon in range(many):
        errors = Errors.of(past, horizon, of)
        known = np.flatnonzero(errors.over <= day(as_of))
        judged[horizon] = len(known)
        relative[horizon] = errors.relative(known)
        if len(known) >= FEWEST:
            below[horizon], above[horizon] = errors.quantiles(known, errors.level(known, errors.drawn()[2]))
    return Bands(below, above, judged, relative)


@dataclass(frozen=True)
class Errors:
    """The errors of one horizon by past day, oldest first, and what they are scaled by."""

    at: npt.NDArray[np.int64]
    over: npt.NDArray[np.int64]
    error: Floats  # came less said
    variance: Floats
    not_invoiced: Floats
    later_error: Floats  # of the second layer alone
    weeks: tuple[int, int]  # ahead, from and to before

    @classmethod
    def of(cls, past: PastForecasts, horizon: int, of: str) -> "Errors":
        both = of == TOTAL
        came, expected = (past.came, past.total) if both else (past.came_open, past.open_book)
        later = past.not_invoiced[:, horizon] * both
        return cls(
            past.days,
            past.over[:, horizon],
            (came - expected)[:, horizon],
            past.variance[:, horizon],
            later,
            (past.came_later - past.not_invoiced)[:, horizon] * both,
            HORIZONS[horizon],
        )

    def relative(self, known: npt.NDArray[np.int64]) -> float:
        """The second layer's error as a share of what was said of it, over some days: root of the mean of squares."""
        layer = float(np.sum(self.not_invoiced[known] ** 2))
        return float(np.sqrt(np.sum(self.later_error[known] ** 2) / layer)) if layer else 0.0

    def scaled(self, known: npt.NDArray[np.int64]) -> Floats:
        """Errors in scales; what could not scatter and came as said is 0."""
        scale = scales(self.variance[known], self.not_invoiced[known], self.relative(known))
        out: Floats = self.error[known] / np.maximum(scale, 1.0)  # a scale below one minor unit is none
        return out

    def quantiles(self, known: npt.NDArray[np.int64], level: float) -> tuple[float, float]:
        """Scales below and above that leave out `level` of the errors and of their mirror images, half on either side."""
        scaled = self.scaled(known)
        many = independent(scaled, self.weeks)
        by = wider(many, len(scaled))
        low, high = (by * quantile(scaled, share, SIDES / (SIDES + many)) for share in (level / 2, 1 - level / 2))
        return min(low, 0.0), max(high, 0.0)

    def level(self, known: npt.NDArray[np.int64], missed: Floats) -> float:
        """The share to leave out, after the bands of all known days have held (0) or not (1); NaN where none was drawn."""
        moved = np.nansum(MISS - missed[known])
        return float(np.clip(MISS + STEP * moved, *LEVELS))

    def drawn(self) -> tuple[Floats, Floats, Floats]:
        """Of each day the band as it was drawn then, below and above the middle in minor units, and whether it missed."""
        below, above, missed = (np.full(len(self.at), np.nan) for _ in range(3))
        for place, at in enumerate(self.at):
            known = np.flatnonzero(self.over <= at)
            if len(known) < FEWEST:
                continue
            low, high = self.quantiles(known, self.level(known, missed))
            relative = self.relative(known)
            scale = max(float(scales(self.variance[place], self.not_invoiced[place], relative)), 1.0)
            below[place], above[place] = low * scale, high * scale
            missed[place] = not below[place] <= self.error[place] <= above[place]
        return below, above, missed


def independent(scaled: Floats, weeks: tuple[int, int]) -> float:
    """How many independent errors have seen as much as these of days a week apart, so many weeks ahead.

    Even the best forecast's are correlated up to the last of these weeks (Diebold and Mariano 1995); a sum of weeks has been seen
    no more often than it fits between the first and the last. They are taken about 0, where a forecast should be: one that
    is always too low has seen little of what may come.
    """
    begin, end = weeks
    many, whole = len(scaled), float(scaled @ scaled)
    lags = range(1, min(end, many)) if whole > 0 else ()
    shared = sum(max(float(scaled[lag:] @ scaled[:-lag]) / whole, 0.0) for lag in lags)
    return max(min(many / (1 + 2 * shared), (many + end - begin - 1) / (end - begin)), LEAST)


def quantile(scaled: Floats, share: float, mirrored: float) -> float:
    """The quantile of some errors and of their mirror images, which weigh `mirrored` (above 0 to 1) each; Weibull's positions."""
    both = np.concatenate([scaled, -scaled])
    order = np.argsort(both, kind="stable")
    running = np.cumsum(np.where(order < len(scaled), 1.0, mirrored))
    position = running / (running[-1] * (1 + 1 / len(scaled)))
    return float(np.interp(share, position, both[order]))


def wider(many: float, overlapping: int) -> float:
    """By how much a band of overlapping errors, worth `many` independent ones, is wider than one of as many; 1 or more."""
    return max(student(many) / student(overlapping), 1.0)


def student(many: float) -> float:
    """How many standard deviations about 0, estimated from so many errors, leave out half of MISS on a side of the next one."""
    from scipy.special import stdtrit  # a tenth of a second that most commands can do without

    return float(stdtrit(many, 1 - MISS / 2))


@dataclass(frozen=True)
class PastBands:
    """The band as it was drawn on each past day, float64[days, HORIZONS] minor units; NaN where none was."""

    low: Floats
    high: Floats


def past_bands(past: PastForecasts, of: str) -> PastBands:
    """What every past day's band was, of the open book (OPEN) or of both layers (TOTAL), from what was judged before it."""
    middle = past.total if of == TOTAL else past.open_book
    drawn = [Errors.of(past, horizon, of).drawn() for horizon in range(len(HORIZONS))]
    below, above = (np.column_stack([sides[side] for sides in drawn]).reshape(middle.shape) for side in (0, 1))
    return PastBands(np.maximum(middle + below, 0), middle + above)
