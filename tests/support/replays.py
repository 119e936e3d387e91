"""Replays and what was shown, for the tests of how good predictions were."""

from typing import Any

import pyarrow as pa

from insights.model.recipe import Recipe
from tests.support.ledgers import DAY, START

RECIPE = Recipe(very_late_days=15)


LATER = START + 320 * DAY


DEFAULTS: dict[str, Any] = {
    "as_of": START,
    "customer": 0,
    "currency": "EUR",
    "outstanding": 100,
    "past": -5,
    "no_history": False,
    "due_date": START + 5 * DAY,
    "paid_date": START + 5 * DAY,
    "usual_delay": 0.0,
    "expected_date": START + 5 * DAY,
    "date_low": START + 5 * DAY,
    "date_high": START + 5 * DAY,
}


TYPES = {
    "as_of": pa.date32(), "customer": pa.int32(), "outstanding": pa.int64(), "past": pa.int32(), "outcome": pa.int8(),
    "due_date": pa.date32(), "paid_date": pa.date32(), "date_high": pa.date32(), "usual_delay": pa.float64(),
}  # fmt: skip


def rows_of(
    *said: tuple[float, float, float, int],
    other: tuple[float, float, float] = (0.5, 0.3, 0.2),
    **changes: Any,  # noqa: ANN401
) -> pa.Table:
    """Replayed rows of (on time, late, very late, outcome); `changes`: a value, or a list of one per row."""
    rows = []
    for number, (*p, outcome) in enumerate(said):
        row = DEFAULTS | {name: value[number] if isinstance(value, list) else value for name, value in changes.items()}
        row |= {"position": number, "outcome": outcome}
        for series, values in (("model", p), ("base_rates", other), ("customer_past", other)):
            row |= dict(zip((f"{series}_on_time", f"{series}_late", f"{series}_very_late"), values, strict=True))
        rows.append(row)
    table = pa.Table.from_pylist(rows)
    for name, kind in TYPES.items():
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(kind))
    return table
