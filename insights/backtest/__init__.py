"""How good would the predictions have been? Replay of past as-of dates, and the figures of what came of it.

    dates  = month_starts(ledger, recipe)                  # as-of dates with a past behind and answers ahead
    replay = replay_dates(ledger, dates, recipe)           # one row per open invoice and date, with all probabilities
    whole  = figures(replay.rows, "model")                 # log loss, Brier, AUC, ...; of any selection of the rows
    lead   = difference(replay.rows, "model", "base_rates")  # paired, with a 95 per cent interval over customers

What is replayed is a recipe, refitted on each date on what was known strictly before it, never a fitted booster.
"""

from insights.backtest.dates import month_starts
from insights.backtest.drift import drift
from insights.backtest.figures import Figures, figures, money_error
from insights.backtest.flags import Flags, flags, trade_off
from insights.backtest.grade import Grade, grade
from insights.backtest.intervals import Difference, difference
from insights.backtest.punctuality import Punctuality, punctuality
from insights.backtest.replay import SERIES, Replay, Snapshot, exported, probability, replay_dates, snapshot_at
from insights.backtest.slices import slices

__all__ = [
    "SERIES",
    "Difference",
    "Figures",
    "Flags",
    "Grade",
    "Punctuality",
    "Replay",
    "Snapshot",
    "difference",
    "drift",
    "exported",
    "figures",
    "flags",
    "grade",
    "money_error",
    "month_starts",
    "probability",
    "punctuality",
    "replay_dates",
    "slices",
    "snapshot_at",
    "trade_off",
]
