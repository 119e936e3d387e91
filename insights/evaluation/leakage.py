"""Which of the ledger's own columns tell how an invoice ended, whatever the user says of them?

A column marked known at issue is still no field if it is an identifier, repeats the outcome, is filled (or valued)
differently for open and settled invoices, or changed for an invoice between two versions of the ledger. One that alone
predicts better than anything known on the issue date should is asked about again, with the figure. Everything here is
judged on what was known strictly before a day.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.features.events import invoice_positions
from insights.ledger.keys import KEY
from insights.ledger.ledger import FURTHER, NEVER, Ledger, day, days
from insights.model.metrics import roc_auc

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

FEWEST = 50  # invoices of a kind from which anything is said of it
UNIQUE = 0.9  # share of different values from which a text is an identifier
SAME = 0.9  # share of invoices on which a column repeats the outcome
NEAR = 3  # days within which one date repeats another
FILLED = 0.15  # difference in the share filled
MISSED = 0.1  # share of the settled that a value must have for its absence among the open to tell anything
PURE = 0.995  # ROC AUC from which a column is the outcome itself
IMPLAUSIBLE = 0.9  # ROC AUC from which it is asked about
YEAR = 365
FIT = 0.7  # share of the invoices, oldest first, from which rates are learned
BINS = 20

Code = Literal["agreed", "identifier", "outcome", "filled_by_end", "valued_by_end", "changed", "implausible"]


@dataclass(frozen=True)
class Leak:
    """Why a column should not become a field. `blocked`: it may not, short of a recorded reason; else it is asked about."""

    column: str  # without prefix
    code: Code
    figure: float  # what was measured: a share, a count or a ROC AUC
    blocked: bool = True


@dataclass(frozen=True)
class InvoiceStates:
    """The invoices issued before a day, and how each stood then. All arrays of equal length."""

    table: pa.Table
    issue: npt.NDArray[np.int32]
    due: npt.NDArray[np.int32]
    paid: npt.NDArray[np.int32]  # NEVER where not paid before the day
    at: int

    @property
    def settled(self) -> Mask:
        return np.asarray(self.paid != NEVER)

    @property
    def fresh(self) -> Mask:
        """Open and not yet due: whatever such a column says was said before the end."""
        return np.asarray(~self.settled & (self.due >= self.at))

    @property
    def lately_settled(self) -> Mask:
        """Settled, and issued within a year before the oldest fresh one: the same business, but ended."""
        oldest = int(self.issue[self.fresh].min(initial=self.at))
        return np.asarray(self.settled & (self.issue >= oldest - YEAR))


def leaks(
    ledger: Ledger, columns: Sequence[str] | None = None, *, as_of: date | None = None, earlier: Sequence[Ledger] = ()
) -> tuple[Leak, ...]:
    """What speaks against columns (by default all that are marked known at issue); `earlier`: older versions of the ledger."""
    view = seen(ledger, as_of or ledger.last_as_of)
    suspicions = []
    for column in ledger.known_at_issue if columns is None else columns:
        name = column if column == "disputed" else FURTHER + column
        if name in view.table.column_names:
            suspicions += list(first(judge(view, column, name, [(ledger, older) for older in earlier])))
    return tuple(suspicions)


def first(suspicions: Iterator[Leak]) -> Iterator[Leak]:
    """The first reason is enough."""
    yield from [leak for leak, _ in zip(suspicions, range(1), strict=False)]


def seen(ledger: Ledger, as_of: date) -> InvoiceStates:
    at = day(as_of)
    table = ledger.invoices.take(pa.array(invoice_positions(ledger)))
    table = table.filter(pa.array(days(table["issue_date"]) < at))
    paid = days(table["paid_date"])
    return InvoiceStates(
        table, days(table["issue_date"]), days(table["due_date"]), np.where(paid < at, paid, NEVER).astype(np.int32), at
    )


# What was agreed with a customer or done to get money: who is called often is called because he pays late.
AGREED = re.compile(
    r"dunn(?:ing|ed)|reminder|mahn(?!ung?sgeb)|relance|solicit[oi]|aanmaning|promis|\bptp\b|disput|collector|"
    r"(?:last|next|number of|date of|days since|nr of|no of)[\s_-]*(?:contact|call|follow)|"
    r"contact[\s_-]*(?:date|count|level|outcome)|"
    r"\b(?:calls|contacts|contacted|snoozed?|escalat\w*)\b|expected[\s_-]*(?:payment|pay)[\s_-]*da(?:te|y)",
    re.IGNORECASE,
)


def is_agreed(column: str) -> bool:
    """Whether a column is called as what was agreed or done: calls, reminders, promises, disputes. Never a field."""
    return column != "disputed" and AGREED.search(column.replace("_", " ")) is not None


def judge(view: InvoiceStates, column: str, name: str, versions: Sequence[tuple[Ledger, Ledger]]) -> Iterator[Leak]:
    if is_agreed(column):
        yield Leak(column, "agreed", 1.0)
    cells = view.table[name]
    if changed := sum(changes(newer, older, name) for newer, older in versions):
        yield Leak(column, "changed", changed)
    if (share := identifies(view, cells)) is not None:
        yield Leak(column, "identifier", share)
    if (share := repeats_outcome(view, cells)) is not None:
        yield Leak(column, "outcome", share)
    if (gap := filled_by_end(view, cells)) is not None:
        yield Leak(column, "filled_by_end", gap)
    if (share := valued_by_end(view, cells)) is not None:
        yield Leak(column, "valued_by_end", share)
    skill = alone(view, cells)
    if skill is not None and skill >= IMPLAUSIBLE:
        yield Leak(column, "outcome" if skill >= PURE else "implausible", skill, blocked=skill >= PURE)


def changes(newer: Ledger, older: Ledger, name: str) -> int:
    """Invoices of both versions whose value is not the same."""
    if (
        name not in older.invoices.column_names
        or older.invoices.schema.field(name).type != newer.invoices.schema.field(name).type
    ):
        return 0
    old = older.invoices.select([*KEY, name]).rename_columns([*KEY, "old"])
    joined = newer.invoices.select([*KEY, name]).rename_columns([*KEY, "new"]).join(old, list(KEY), join_type="inner")
    same = pc.or_kleene(pc.equal(joined["new"], joined["old"]), pc.and_(pc.is_null(joined["new"]), pc.is_null(joined["old"])))
    return int(len(joined) - (pc.sum(pc.fill_null(same, fill_value=False)).as_py() or 0))


def identifies(view: InvoiceStates, cells: pa.ChunkedArray) -> float | None:
    """The share of different values, where they tell invoices (or customers) apart rather than describe them."""
    known = cells.drop_null()
    if len(known) < 2 * FEWEST:
        return None
    share = pc.count_distinct(known).as_py() / len(known)
    if pa.types.is_string(cells.type):
        return share if share > UNIQUE else names_customers(view, cells)
    if pa.types.is_floating(cells.type) and share > UNIQUE:
        values = known.to_numpy()
        whole = bool(np.all(values == np.round(values)))
        figures = np.floor(np.log10(np.maximum(np.abs(values), 1)))
        numbered = np.mean(figures == np.median(figures)) > SAME and np.median(figures) >= 5
        rising = abs(np.corrcoef(values, view.issue[np.asarray(cells.is_valid())])[0, 1]) > 0.98
        return share if whole and (numbered or rising) else None
    return None


def names_customers(view: InvoiceStates, cells: pa.ChunkedArray) -> float | None:
    """The share of customers that have a value of their own, where nearly all have."""
    pairs = pa.table({"customer": view.table["customer_id"], "value": cells}).filter(cells.is_valid())
    customers = pc.count_distinct(pairs["customer"]).as_py()
    own = pairs.group_by("value").aggregate([("customer", "count_distinct")])["customer_count_distinct"]
    share = pc.sum(pc.equal(own, 1)).as_py() / max(customers, 1)
    return share if customers >= FEWEST / 2 and share > UNIQUE else None


def repeats_outcome(view: InvoiceStates, cells: pa.ChunkedArray) -> float | None:
    """The share of settled invoices on which the column is the payment, its delay, or their distance."""
    usable = view.settled & np.asarray(cells.is_valid())
    if usable.sum() < FEWEST:
        return None
    paid, due, issue = (column[usable].astype(np.float64) for column in (view.paid, view.due, view.issue))
    if pa.types.is_date(cells.type):
        values = days(cells)[usable].astype(np.float64)
        repeats = near(values, paid)
        return repeats if repeats > SAME - 0.1 and repeats > max(near(values, due), near(values, issue)) + 0.1 else None
    if not pa.types.is_floating(cells.type):
        return None
    values = cells.to_numpy()[usable]
    shares = [float(np.mean(np.abs(values - truth) < 0.5)) for truth in (paid - due, np.maximum(paid - due, 0), paid - issue)]
    likeness = [
        abs(float(np.corrcoef(values, truth)[0, 1])) for truth in (paid - due, paid - issue) if values.std() and truth.std()
    ]
    most = max(*shares, *(like if like > 0.97 else 0 for like in likeness), 0)
    return most if most > SAME else None


def near(values: Floats, truth: Floats) -> float:
    return float(np.mean(np.abs(values - truth) <= NEAR))


def filled_by_end(view: InvoiceStates, cells: pa.ChunkedArray) -> float | None:
    """The difference in the share filled between lately settled and fresh invoices, where it is more than chance."""
    known = np.asarray(cells.is_valid())
    if pa.types.is_floating(cells.type):
        known &= pc.fill_null(cells, 0).to_numpy() != 0  # an amount of nothing is as good as none
    if pa.types.is_boolean(cells.type):
        known &= pc.fill_null(cells, fill_value=False).to_numpy()
    ended, fresh = known[view.lately_settled], known[view.fresh]
    if min(len(ended), len(fresh)) < FEWEST:
        return None
    gap = float(ended.mean() - fresh.mean())
    together = np.concatenate([ended, fresh]).mean()
    chance = np.sqrt(together * (1 - together) * (1 / len(ended) + 1 / len(fresh)))
    emptied = gap < 0 and known[view.settled & (view.issue >= view.issue[view.fresh].min())].mean() < fresh.mean() / 2
    return abs(gap) if abs(gap) > 5 * chance and (gap > FILLED or (emptied and -gap > 2 * FILLED)) else None


def valued_by_end(view: InvoiceStates, cells: pa.ChunkedArray) -> float | None:
    """The share of a value among lately settled invoices that no fresh one has, or the other way round."""
    if pa.types.is_date(cells.type) or pc.count_distinct(cells).as_py() > BINS:
        return None
    ended, fresh = (shares(cells.filter(pa.array(mask))) for mask in (view.lately_settled, view.fresh))
    if min(view.lately_settled.sum(), view.fresh.sum()) < FEWEST:
        return None
    gone = [share for value, share in ended.items() if value not in fresh]
    new = [share for value, share in fresh.items() if value not in ended]
    most = max([*gone, *new], default=0.0)
    return most if most > MISSED else None


def shares(cells: pa.ChunkedArray) -> dict[object, float]:
    """Value -> its share of the filled cells."""
    counted = cells.drop_null().value_counts()
    return {row["values"]: row["counts"] / max(len(cells) - cells.null_count, 1) for row in counted.to_pylist()}


def alone(view: InvoiceStates, cells: pa.ChunkedArray) -> float | None:
    """ROC AUC (0.5 and above) of the column by itself for missing the due date: rates of the older, tried on the newer."""
    resolved = np.flatnonzero(view.due < view.at)
    order = resolved[np.argsort(view.issue[resolved], kind="stable")]
    cut = int(len(order) * FIT)
    if len(order) - cut < FEWEST:
        return None
    missed = view.paid > view.due
    group = groups(cells, order[:cut])
    many = int(group.max()) + 1
    late, count = (np.bincount(group[order[:cut]], weight, many) for weight in (missed[order[:cut]], None))
    share = missed[order[:cut]].mean()
    rate = (late + BINS * share) / (count + BINS)
    return roc_auc(rate[group[order[cut:]]], missed[order[cut:]])


def groups(cells: pa.ChunkedArray, known: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """A number per row: its value's, or that of its bin; 0 where empty."""
    if pa.types.is_floating(cells.type) or pa.types.is_date(cells.type):
        values = days(cells).astype(np.float64) if pa.types.is_date(cells.type) else cells.to_numpy().astype(np.float64)
        values = np.where(np.asarray(cells.is_valid()), values, np.nan)
        old = values[known][~np.isnan(values[known])]
        edges = np.unique(np.quantile(old, np.linspace(0, 1, BINS + 1)[1:-1])) if len(old) else np.array([0.0])
        return np.where(np.isnan(values), 0, np.searchsorted(edges, values, side="right") + 1).astype(np.int64)
    encoded = cells.cast(pa.string()).combine_chunks().dictionary_encode()
    return np.asarray(pc.fill_null(encoded.indices, -1).to_numpy().astype(np.int64) + 1)


WHY: Final[dict[str, str]] = {
    "agreed": "it is what was agreed with the customer, or done to be paid: who is called often is called because he pays late",
    "identifier": "{figure:.0%} of its values stand for one invoice or customer only, so it names them and teaches nothing",
    "outcome": "it repeats how the invoice ended ({figure:.0%})",
    "filled_by_end": "it is filled differently for open and settled invoices (by {figure:.0%}), so it tells them apart",
    "valued_by_end": "it has values that only settled or only open invoices have ({figure:.0%})",
    "changed": "it changed for {figure:.0f} invoices between two versions of this ledger, so it was not known at issue",
    "implausible": "by itself it predicts late payment implausibly well (ROC AUC {figure:.3f}); was it really known at issue?",
}


def sentence(leak: Leak) -> str:
    """Why, in words."""
    return f"{leak.column}: {WHY[leak.code].format(figure=leak.figure)}."
