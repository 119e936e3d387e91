"""How good would the predictions have been? Replay of past as-of dates, and the figures of what came of it.

    dates  = month_starts(ledger, recipe)                  # as-of dates with a past behind and answers ahead
    replay = replay_dates(ledger, dates, recipe)           # one row per open invoice and date, with all probabilities
    whole  = figures(replay.rows, "model")                 # log loss, Brier, AUC, ...; of any selection of the rows
    lead   = difference(replay.rows, "model", "base_rates")  # paired, with a 95 per cent interval over customers

What is replayed is a recipe, refitted on each date on what was known strictly before it. A fitted model is judged only where
it came from elsewhere, and only as of days on or after its training date (`replay_model`).

Besides, by module:

    figures         log loss, calibration, money in the wrong bucket
    differences     two ways of predicting on the same rows
    parts           a past day replayed in parts
    backtest        how a past day is replayed
    report          a backtest as it is kept
    cash_quality    how far off it was, and how often its ranges held
    cash            the cash forecast of past Mondays, and what came
    contacted       customers who were contacted beside those who were not
    leakage         which columns tell how an invoice ended
    field_profile   what each field is: label, share missing, values
"""

from insights.evaluation.backtest import SERIES, Replay, Snapshot, exported, probability, replay_dates, replay_model, snapshot_at
from insights.evaluation.date_accuracy import DateAccuracy, accuracy_of_dates
from insights.evaluation.dates import month_starts
from insights.evaluation.drift import drift
from insights.evaluation.figures import QualityFigures, figures, money_error
from insights.evaluation.flags import THRESHOLDS, Caught, Flags, flags, trade_off
from insights.evaluation.grade import Grade, grade
from insights.evaluation.intervals import LossDifference, difference
from insights.evaluation.slices import slices

__all__ = [
    "SERIES",
    "THRESHOLDS",
    "Caught",
    "DateAccuracy",
    "Flags",
    "Grade",
    "LossDifference",
    "QualityFigures",
    "Replay",
    "Snapshot",
    "accuracy_of_dates",
    "difference",
    "drift",
    "exported",
    "figures",
    "flags",
    "grade",
    "money_error",
    "month_starts",
    "probability",
    "replay_dates",
    "replay_model",
    "slices",
    "snapshot_at",
    "trade_off",
]
