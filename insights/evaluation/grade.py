"""May one rely on it? A grade from A to D, with the reasons as codes and values; `words.proof` makes the sentences.

D: no better than the better baseline, or too little to judge. C: better, but that may be chance, or badly calibrated.
B: better for certain, with a reservation. A: better for certain by 5 per cent or more, calibrated, nothing to warn of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from insights.evaluation.drift import MUCH
from insights.evaluation.report import Report

FEWEST_ROWS = 100
FEWEST_DATES = 6
FEWEST_OF_BUCKET = 50
CLEAR_LEAD = 0.05
CALIBRATED, UNCALIBRATED = 0.03, 0.08  # calibration errors, before what chance adds


@dataclass(frozen=True)
class Reason:
    """`good`: speaks for the model."""

    code: str
    good: bool
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Grade:
    """`letter`: A to D."""

    letter: str
    reasons: tuple[Reason, ...]


def grade(report: Report) -> Grade:
    if report.rows < FEWEST_ROWS:
        return Grade("D", (Reason("too_few", good=False, values={"rows": report.rows}),))
    checks = (*_against_baseline(report), *_calibration(report), *_reservations(report))
    letter = max((worst for worst, _ in checks), default="A")
    return Grade(letter, tuple(reason for _, reason in checks))


def _against_baseline(report: Report) -> list[tuple[str, Reason]]:
    losses = {name: quality.log_loss for name, quality in report.pooled.items()}
    best = min((name for name in losses if name != "model"), key=lambda name: losses[name])
    lead = 1 - losses["model"] / losses[best]
    values = {"baseline": best, "lead": lead}
    if lead <= 0:
        return [("D", Reason("no_better", good=False, values=values))]
    if report.differences[best].high >= 0:
        return [("C", Reason("maybe_better", good=False, values=values))]
    return [("A" if lead >= CLEAR_LEAD else "B", Reason("better", good=True, values=values))]


def _calibration(report: Report) -> list[tuple[str, Reason]]:
    error = report.pooled["model"].ece
    if error is None:
        return []
    chance = report.rows**-0.5  # about what it is for a perfect model on so many rows
    letter = "A" if error <= CALIBRATED + chance else "B" if error <= UNCALIBRATED + chance else "C"
    return [(letter, Reason("calibrated" if letter == "A" else "miscalibrated", good=letter == "A", values={"error": error}))]


def _reservations(report: Report) -> list[tuple[str, Reason]]:
    reservations = []
    dates = len(report.dates)
    if dates < FEWEST_DATES:
        reservations.append(("B", Reason("short", good=False, values={"dates": dates})))
    worse = [day.as_of for day in report.dates if any(gap.worse for gap in day.differences.values())]
    if worse:
        reservations.append(("B", Reason("worse_dates", good=False, values={"dates": dates, "worse": len(worse)})))
    for bucket, row in zip(("on_time", "late", "very_late"), report.pooled["model"].confusion, strict=True):
        if sum(row) < FEWEST_OF_BUCKET:
            reservations.append(("B", Reason("thin_bucket", good=False, values={"bucket": bucket, "rows": sum(row)})))
    moved = [name for name, value in report.drift.items() if value > MUCH]
    if moved:
        reservations.append(("B", Reason("drift", good=False, values={"fields": moved[:3], "many": len(moved)})))
    return reservations
