"""What is there to say of a replay, as plain values for a machine, a file or a screen?"""

from dataclasses import asdict
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from insights.evaluation.backtest import SERIES, Replay
from insights.evaluation.figures import figures
from insights.evaluation.intervals import difference
from insights.evaluation.slices import slices

BASELINES = tuple(name for name in SERIES if name != "model")


def report(replay: Replay) -> dict[str, Any]:
    """JSON-able: ledger, recipe, dates (each with its figures and what was left out), pooled, slices, differences."""
    return {
        "ledger": replay.ledger_id,
        "recipe": replay.recipe.to_json(),
        "rows": len(replay.rows),
        "pooled": of_rows(replay.rows),
        "differences": differences(replay.rows),
        "dates": [
            {
                "as_of": as_of.isoformat(),
                "not_yet_answered": unanswered,
                "settled_by_credit": credited,
                "series": of_rows(on_date(replay.rows, as_of)),
                "differences": differences(on_date(replay.rows, as_of)),
            }
            for as_of, unanswered, credited in replay.left_out
        ],
        "slices": {code: of_rows(rows) for code, rows in slices(replay.rows).items()},
    }


def on_date(rows: pa.Table, as_of: date) -> pa.Table:
    return rows.filter(pc.equal(rows["as_of"], as_of))


def of_rows(rows: pa.Table) -> dict[str, Any]:
    """Series -> its figures on the rows."""
    found = {name: figures(rows, name) for name in SERIES}
    return {name: asdict(each) | {"errors_removed": each.errors_removed} for name, each in found.items() if each}


def differences(rows: pa.Table) -> dict[str, Any]:
    """Baseline -> the model's log loss less its own, with the interval."""
    return {name: asdict(difference(rows, "model", name)) for name in BASELINES} if len(rows) else {}
