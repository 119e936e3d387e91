"""What changed between two exports of the same source, and how do they become one ledger?

Invoices are the same where their keys are (`keys.InvoiceKey`); one that is left on either side is the same as one under another
customer id with the same company, number, line, amount and issue date. Ledgers are immutable: `updated` makes a new one.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.keys import SEPARATOR, positions
from insights.ledger.ledger import FURTHER, PAYMENTS, Ints, Ledger

COMPARED = ("customer_id", "kind", "currency", "amount", "issue_date", "due_date")
STATE = ("outstanding", "settled_by", "disputed")
DATES, AMOUNTS = {"issue_date", "due_date"}, {"currency", "amount", "outstanding"}
BESIDES_CUSTOMER = ("company", "invoice_id", "line", "kind", "currency", "amount", "issue_date")  # alike: the same invoice


@dataclass(frozen=True)
class CustomerChange:
    """So many invoices of a customer stand under another id in the newer export."""

    company: str
    was: str  # customer id
    now: str
    invoices: int


@dataclass(frozen=True)
class LedgerDiff:
    """Invoices of the newer ledger that are new, changed or newly settled, and those that only the older one has.

    `changed` has the columns of the newer ledger and `was`: a list of the columns that differ; `before` has its rows as the older
    one has them. An invoice that was settled is in `settled` only. `unstable` names the further columns that changed for some
    invoice: they were not known at issue. `customers`: who stands under another id now, most invoices first.
    """

    new: pa.Table
    changed: pa.Table
    settled: pa.Table
    disappeared: pa.Table
    before: pa.Table
    unchanged: int
    unstable: tuple[str, ...]
    customers: tuple[CustomerChange, ...]

    @property
    def redated(self) -> int:
        """How many of the changed have another issue or due date."""
        return self._with(DATES)

    @property
    def amounts_changed(self) -> int:
        """How many of the changed have another amount, outstanding amount or currency."""
        return self._with(AMOUNTS)

    def _with(self, names: set[str]) -> int:
        return sum(not names.isdisjoint(was) for was in self.changed["was"].to_pylist())


def difference(old: Ledger, new: Ledger) -> LedgerDiff:
    """What `new` says otherwise than `old`, invoice by invoice."""
    before, after = old.invoices, new.invoices
    place = _places(after, before)
    both = np.flatnonzero(place >= 0)
    left, right = before.take(pa.array(place[both])), after.take(pa.array(both))
    settled = pc.and_(pc.is_null(left["paid_date"]), pc.is_valid(right["paid_date"])).to_numpy()
    shared = [name for name in before.column_names if name.startswith(FURTHER) and name in after.column_names]
    differs = {name: _differs(left[name], right[name]) for name in (*COMPARED, "paid_date", *STATE, *shared)}
    own = [differs[name] for name in (*COMPARED, "paid_date", *STATE)]
    changed = np.logical_or.reduce(own) & ~settled if own else settled
    gone = _gone(len(before), place)
    at = pa.array(np.flatnonzero(changed))
    return LedgerDiff(
        new=after.take(pa.array(np.flatnonzero(place < 0))),
        changed=_with_was(right, changed, differs),
        settled=right.filter(pa.array(settled)),
        disappeared=before.take(pa.array(gone)),
        before=left.take(at),
        unchanged=int((~changed & ~settled).sum()),
        unstable=tuple(name.removeprefix(FURTHER) for name in (*shared, "disputed") if differs[name].any()),
        customers=_customers(left, right, differs["customer_id"]),
    )


def shared(old: pa.Table, new: pa.Table) -> int:
    """How many invoices of `new` are in `old` too, with the same issue date. Both have the columns KEY and issue_date."""
    place = positions(new, old)
    both = np.flatnonzero(place >= 0)
    days = (old["issue_date"].take(pa.array(place[both])), new["issue_date"].take(pa.array(both)))
    return int(pc.sum(pc.equal(*days)).as_py() or 0)


def _places(after: pa.Table, before: pa.Table) -> Ints:
    """The row of `before` that is each invoice of `after`; -1 where it is not there."""
    place = positions(after, before)
    new, gone = np.flatnonzero(place < 0), _gone(len(before), place)
    if len(new) and len(gone):
        newer, older = (_alike_but_for_customer(table, at) for table, at in ((after, new), (before, gone)))
        place_before = pc.fill_null(pc.index_in(newer, value_set=older), -1).to_numpy(zero_copy_only=False)
        once = [pc.is_in(texts, value_set=_once(texts)).to_numpy(zero_copy_only=False) for texts in (newer, older)]
        sure = (place_before >= 0) & once[0] & once[1][np.maximum(place_before, 0)]
        place[new[sure]] = gone[place_before[sure]]
    return place


def _gone(rows: int, place: Ints) -> Ints:
    """Of so many rows, those that are the place of none."""
    there = np.zeros(rows, bool)
    there[place[place >= 0]] = True
    return np.flatnonzero(~there)


def _alike_but_for_customer(table: pa.Table, at: Ints) -> pa.Array:
    rows = table.take(pa.array(at))
    texts = [rows[name].cast(pa.string()) for name in BESIDES_CUSTOMER]
    return pc.binary_join_element_wise(*texts, SEPARATOR).combine_chunks()


def _once(texts: pa.Array) -> pa.Array:
    """The texts that stand in an array but once."""
    counts = pc.value_counts(texts)
    return counts.field("values").filter(pc.equal(counts.field("counts"), 1))


def _customers(left: pa.Table, right: pa.Table, moved: np.ndarray) -> tuple[CustomerChange, ...]:
    rows = pa.array(np.flatnonzero(moved))
    columns = [right["company"].take(rows), left["customer_id"].take(rows), right["customer_id"].take(rows)]
    groups = pa.table(columns, names=["company", "was", "now"]).group_by(["company", "was", "now"])
    changes = [CustomerChange(*row) for row in zip(*groups.aggregate([([], "count_all")]).to_pydict().values(), strict=True)]
    return tuple(sorted(changes, key=lambda change: (-change.invoices, change.company, change.was, change.now)))


def updated(old: Ledger, new: Ledger) -> Ledger:
    """The newer export followed by the invoices that only the older one has, those as they were last seen.

    rows_read counts both parts, so that it still equals used + set aside + ignored.
    """
    gone = _gone(len(old.invoices), _places(new.invoices, old.invoices))
    kept = old.invoices.take(pa.array(gone))
    invoices = pa.concat_tables([new.invoices, kept], promote_options="permissive") if _alike(new, old) else _by_name(new, kept)
    return replace(
        new,
        invoices=invoices.combine_chunks(),
        payments=_payments(old, new, gone),
        complete_through=max(old.complete_through, new.complete_through),
        history_starts=min(old.history_starts, new.history_starts),
        rows_read=new.rows_read + len(gone),
        id="",
    )


def _alike(new: Ledger, old: Ledger) -> bool:
    return bool(new.invoices.schema.equals(old.invoices.schema))


def _by_name(new: Ledger, kept: pa.Table) -> pa.Table:
    """The older rows with the columns of the newer ledger: a further column of another type is read as text or left empty."""
    columns = []
    for entry in new.invoices.schema:
        if entry.name in kept.column_names and kept[entry.name].type == entry.type:
            columns.append(kept[entry.name])
        else:
            columns.append(pa.nulls(len(kept), entry.type))
    return pa.concat_tables([new.invoices, pa.Table.from_arrays(columns, schema=new.invoices.schema)])


def _payments(old: Ledger, new: Ledger, gone: np.ndarray) -> pa.Table:
    """Those of the newer ledger, and of the older one those of the invoices that are kept."""
    position = old.payments["position"].to_numpy()
    at = np.searchsorted(gone, position)
    mine = (at < len(gone)) & (
        gone[np.minimum(at, max(0, len(gone) - 1))] == position if len(gone) else np.zeros(len(position), bool)
    )
    moved = old.payments.filter(pa.array(mine))
    moved = moved.set_column(0, PAYMENTS.field("position"), pa.array(len(new.invoices) + at[mine], pa.int64()))
    return pa.concat_tables([new.payments, moved]).combine_chunks()


def _differs(left: pa.ChunkedArray, right: pa.ChunkedArray) -> np.ndarray:
    if left.type != right.type:
        left, right = left.cast(pa.string()), right.cast(pa.string())
    one_null = pc.not_equal(pc.is_null(left), pc.is_null(right))
    differs: np.ndarray = pc.or_(pc.not_equal(left, right).fill_null(fill_value=False), one_null).to_numpy()
    return differs


def _with_was(right: pa.Table, changed: np.ndarray, differs: dict[str, np.ndarray]) -> pa.Table:
    at = np.flatnonzero(changed)
    names = [[name.removeprefix(FURTHER) for name, mask in differs.items() if mask[k]] for k in at]
    return right.take(pa.array(at)).append_column("was", pa.array(names, pa.list_(pa.string())))
