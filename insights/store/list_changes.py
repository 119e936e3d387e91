"""How is a list that changed within the day kept without keeping again what did not? As what changed in it, by customer."""

from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CUSTOMER: Final = ("company", "customer_id", "currency")  # one entry each


def changes(before: pa.Table, now: pa.Table) -> pa.Table:
    """The entries of `now` that are not in `before` but for their number, and, without number and gate, those that are gone.

    Both have the columns of `store.shown_lists.ENTRIES`. Where one is ranked among others that did not change, their numbers
    move and their order stays: `changed` numbers them again.
    """
    key = ", ".join(CUSTOMER)
    query = f"""
        WITH other AS (SELECT * EXCLUDE (number) FROM now EXCEPT SELECT * EXCLUDE (number) FROM before)
        SELECT now.* FROM now SEMI JOIN other USING ({key})
        UNION ALL BY NAME
        SELECT {key} FROM before ANTI JOIN now USING ({key})
        ORDER BY {key}
    """  # noqa: S608 - names of columns, ours
    with duckdb.connect() as database:
        database.register("now", now).register("before", before)
        return database.sql(query).to_arrow_table().select(now.column_names).cast(now.schema)


def changed(before: pa.Table, change: pa.Table) -> pa.Table:
    """The list after `changes`: ranked entries by number, then those held back by customer."""
    kept = before.filter(pc.invert(pc.is_in(names(before), value_set=names(change).combine_chunks())))
    same, moved = (table.filter(pc.is_valid(table["number"])) for table in (kept, change))
    same = same.sort_by("number")
    free = np.setdiff1d(np.arange(1, len(same) + len(moved) + 1), moved["number"].to_numpy())[: len(same)]
    same = same.set_column(same.schema.get_field_index("number"), same.schema.field("number"), pa.array(free, pa.int64()))
    held = (table.filter(pc.and_(pc.is_null(table["number"]), pc.is_valid(table["gate"]))) for table in (kept, change))
    return in_order(pa.concat_tables([same, moved, *held]))


def in_order(entries: pa.Table) -> pa.Table:
    """Ranked entries by number, then those held back by customer."""
    return entries.sort_by([(name, "ascending") for name in ("number", *CUSTOMER)])


def names(entries: pa.Table) -> pa.ChunkedArray:
    """Each entry's customer, company and currency as one text."""
    return pc.binary_join_element_wise(*(entries[name] for name in CUSTOMER), "\x1f")
