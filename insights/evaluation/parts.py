"""How is a past day replayed in parts, with the same bits as in one piece? By a model that was trained on that day or before.

shares = backtest.base_shares(events, ...)      # of the whole ledger
tables = [replayed(model, part, as_of, whole, ages, shares) for part in parts]
rows   = together(tables, customer_codes)       # `backtest.replay_model(ledger, [as_of], model).rows`
"""

from collections.abc import Iterable
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights.evaluation.backtest import judged, snapshot_at
from insights.features.dataset import feature_set
from insights.features.partitions import Part
from insights.features.whole_ledger import WholeLedger
from insights.model.early_payments import AgeCounts
from insights.model.model import Model


def replayed(model: Model, part: Part, as_of: date, whole: WholeLedger, ages: AgeCounts, shares: tuple[float, float]) -> pa.Table:
    """The part's rows of `Replay.rows`, positions those of the whole ledger, customers coded within the part."""
    book = feature_set(part.ledger, model.recipe.due_rules, model.fields, whole)
    rows = judged(model, book, snapshot_at(book, as_of), shares, ages)
    return rows.set_column(
        rows.schema.get_field_index("position"), "position", pa.array(part.positions[rows["position"].to_numpy()])
    )


def together(tables: Iterable[pa.Table], customer: npt.NDArray[np.int32]) -> pa.Table:
    """The rows of all parts in the order of the ledger; `customer`: the code of each row of the whole (`customer_codes`)."""
    rows = pa.concat_tables(tables).sort_by("position").combine_chunks()
    own = pa.array(customer[rows["position"].to_numpy()])
    return rows.set_column(rows.schema.get_field_index("customer"), "customer", own)
