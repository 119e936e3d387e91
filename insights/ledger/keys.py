"""Which invoice is meant, wherever one is named: in a newer export, a link, a list, or what was once predicted?"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import Ints

SEPARATOR = "\x1f"  # the unit separator, which no cell of a ledger holds


class InvoiceKey(NamedTuple):
    """What tells an invoice from all others of a ledger, and finds it again in another version; `line`: the instalment."""

    company: str
    customer_id: str
    invoice_id: str
    line: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "InvoiceKey":
        """The key of a row that has at least the columns KEY."""
        return cls(*(row[name] for name in KEY))


KEY = InvoiceKey._fields  # as columns


def positions(wanted: pa.Table, among: pa.Table) -> Ints:
    """The row of `among` that is each invoice of `wanted`; -1 where it is not there. Both have the columns KEY."""
    wanted_keys, all_keys = (pc.binary_join_element_wise(*(table[name] for name in KEY), SEPARATOR) for table in (wanted, among))
    place = pc.index_in(wanted_keys, value_set=all_keys.combine_chunks())
    return np.asarray(pc.fill_null(place, -1).to_numpy(), np.int64)
