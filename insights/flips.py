"""Which flags would flip if another model spoke? The same open invoices, before and after."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.errors import Refused

_KEPT = ("company", "customer_id", "customer_name", "invoice_id", "line", "currency", "outstanding", "due_date", "days_past_due")


@dataclass(frozen=True)
class Flips:
    """The invoices whose flag differs, the largest outstanding first, and how many open invoices keep theirs.

    Columns of `rows`: those of the invoice, before and after (float64 probabilities of being on time), flagged (bool, after).
    """

    rows: pa.Table
    unchanged: int

    def newly(self, *, flagged: bool) -> pa.Table:
        """The invoices that would become flagged, or would no longer be."""
        return self.rows.filter(pc.equal(self.rows["flagged"], flagged))


def flips(before: pa.Table, after: pa.Table, *, was: float, will: float) -> Flips:
    """What differs between two predictions of one ledger as of one date, under the thresholds `was` and `will`.

    Raises Refused where they are not of the same open invoices.
    """
    if before["position"].to_numpy().tolist() != after["position"].to_numpy().tolist():
        raise Refused("These predictions are not of the same open invoices, so they cannot be compared.", "not_comparable")
    said, says = (table["p_on_time"].to_numpy() for table in (before, after))
    flagged = says < will
    changed = np.flatnonzero(flagged != (said < was))
    rows = after.select(list(_KEPT)).take(pa.array(changed))
    for name, values in (("before", said), ("after", says), ("flagged", flagged)):
        rows = rows.append_column(name, pa.array(values[changed]))
    return Flips(rows.sort_by([("outstanding", "descending"), ("invoice_id", "ascending")]), len(after) - len(changed))


def sums(rows: pa.Table) -> dict[str, int]:
    """Outstanding per currency of some of the rows, minor units."""
    grouped = rows.group_by("currency").aggregate([("outstanding", "sum")])
    return dict(zip(grouped["currency"].to_pylist(), grouped["outstanding_sum"].to_pylist(), strict=True))
