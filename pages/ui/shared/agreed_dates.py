"""When is an open invoice expected to be paid, by what was agreed of it?"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.ledger.keys import KEY
from insights.services import worklist as worklists
from pages.ui.shared import cache, session
from pages.ui.shared.keeping import kept
from pages.ui.shared.view import View


def source(view: View) -> Path | pa.Table:
    """As `cache.source`, with the expected dates moved by what was agreed: for lists that show or sort by them."""
    as_predicted = cache.source(view)  # looked at each time: what is damaged is computed again
    table, _ = _as_agreed(view, session.agreed())
    return as_predicted if table is None else table


def moved(view: View) -> frozenset[int]:
    """The positions of the open invoices whose expected date is another one by what was agreed."""
    return _as_agreed(view, session.agreed())[1]


def beside_the_models(view: View, rows: pa.Table) -> pa.Table:
    """Rows of `source`, with the model's own `expected_date`; what was agreed in its place is `agreed_date`, null elsewhere."""
    places = pa.array(sorted(moved(view)), pa.int64())
    own, of = rows["expected_date"], cache.source(view)
    agreed = pc.if_else(pc.is_in(rows["position"], places), own, pa.scalar(None, own.type))
    if len(places):
        wanted = ["position", "expected_date"]
        dates = pq.read_table(of, columns=wanted) if isinstance(of, Path) else of.select(wanted)
        own = dates["expected_date"].take(pc.index_in(rows["position"], dates["position"].combine_chunks()))
    at = rows.schema.get_field_index("expected_date")
    return rows.set_column(at, "expected_date", own).append_column("agreed_date", agreed)


@kept(8)
def _as_agreed(view: View, agreed: str) -> tuple[pa.Table | None, frozenset[int]]:
    stands, of = cache.standing(view, agreed), cache.source(view)
    wanted = [*KEY, "outstanding", "position", "expected_date"]
    dates = pq.read_table(of, columns=wanted) if isinstance(of, Path) else of.select(wanted)
    adjusted, dates = worklists.adjusted(dates, stands)
    if not adjusted.any.any():
        return None, frozenset()
    whole = pq.read_table(of) if isinstance(of, Path) else of
    at = whole.schema.get_field_index("expected_date")
    places = dates["position"].filter(pa.array(adjusted.any)).to_pylist()
    return whole.set_column(at, "expected_date", dates["expected_date"]), frozenset(places)
