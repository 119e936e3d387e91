"""Which invoices stand behind a figure, and which customers moved it since an earlier day?"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import CREDIT, INVOICE, WRITE_OFF, Ledger, day, days
from insights.ledger.outcomes import BUCKETS, LATE, VERY_LATE, DueRules
from insights.portfolio.age_matrix import AgeRanges, open_items
from insights.portfolio.ageing import on_time_lines
from insights.portfolio.buckets import split
from insights.portfolio.converted import Conversion
from insights.portfolio.kpis import OLD, WHOLE, CashKpis, LedgerPart, Rules, paid_before

FIGURES: Final = (
    *("dso", "count_back_dso", "best_possible_dso", "add", "cei", "days_beyond_terms", "over_90"),
    *("paid_on_time", "paid_on_time_count"),
)
BETTER_HIGH: Final = ("cei", "paid_on_time", "paid_on_time_count")  # of the others less is better
OPEN, NOT_DUE, PAST_DUE, OVER, PAID, FELL_DUE = "open", "not_due", "past_due", "old", "paid", "fell_due"
BEHIND: Final = {  # figure -> which invoices
    "dso": OPEN,
    "count_back_dso": OPEN,
    "best_possible_dso": NOT_DUE,
    "add": PAST_DUE,
    "cei": PAST_DUE,
    "days_beyond_terms": PAID,
    "over_90": OVER,
    "paid_on_time": FELL_DUE,
    "paid_on_time_count": FELL_DUE,
}
_AGES = AgeRanges(ends=(OLD,))
_ORDER = (("weight", "descending"), ("days", "descending"), ("invoice_id", "ascending"))
_KEPT = ("company", "customer_id", "customer_name", "invoice_id", "line", "currency", "amount", "issue_date", "due_date")


def evidence(ledger: Ledger, figure: CashKpis, name: str, due_rules: Rules = None, part: LedgerPart = WHOLE) -> pa.Table:
    """The invoices behind one of FIGURES, as `figure` has it, those that weigh most first.

    Columns: what names them, amount, issue_date, due_date, paid_date (null where open as of the date, or written off), days
    (int32: past due, or late where paid; below 0 = early) and weight (int64 minor units: what the figure counts of it). Of open
    invoices the weights sum to the receivables (or the part of them that is meant), of paid ones to `paid`, of those that fell
    due to `fell_due`.
    """
    rows = _behind(ledger, figure, BEHIND[name], due_rules, part)
    return rows.sort_by(list(_ORDER))


def _behind(ledger: Ledger, figure: CashKpis, kind: str, due_rules: Rules, part: LedgerPart) -> pa.Table:
    """The invoices of a kind of BEHIND, in the ledger's order."""
    rows = _settled(ledger, figure, kind, due_rules) if kind in (PAID, FELL_DUE) else _open(ledger, figure, kind, due_rules)
    return rows.filter(pa.array(part.of(rows)))


def _open(ledger: Ledger, figure: CashKpis, kind: str, due_rules: Rules) -> pa.Table:
    items = open_items(ledger, figure.as_of, _AGES, due_rules)
    place = items["place"].to_numpy()
    meant = {OPEN: place >= 0, NOT_DUE: place == 0, PAST_DUE: place > 0, OVER: place == 2}[kind]
    items = items.filter(pa.array(meant & pc.equal(items["currency"], figure.currency).to_numpy()))
    return pa.table(
        {
            **{column: items[column] for column in _KEPT},
            "paid_date": pa.nulls(len(items), pa.date32()),
            "days": items["age"],
            "weight": items["outstanding"],
        }
    )


def _settled(ledger: Ledger, figure: CashKpis, kind: str, due_rules: Rules) -> pa.Table:
    table, end = ledger.invoices, day(figure.as_of)
    start = end - figure.days
    chosen = pc.and_(pc.equal(table["currency"], figure.currency), pc.equal(table["kind"], INVOICE)).to_numpy()
    if kind == PAID:
        chosen &= paid_before(table, figure.as_of) & (days(table["paid_date"]) >= start)
    positions = np.flatnonzero(chosen)
    if kind == FELL_DUE:
        line, closed = on_time_lines(ledger, positions, due_rules), days(table["paid_date"])[positions]
        credited = pc.equal(table["settled_by"], CREDIT).to_numpy()[positions] & (closed <= line)
        complete = days(table["issue_date"])[positions] >= day(ledger.history_starts)
        positions = positions[(line >= start) & (line < end) & complete & ~credited]
    rows = table.take(pa.array(positions))
    written_off = pc.equal(rows["settled_by"], WRITE_OFF).to_numpy(zero_copy_only=False)
    known = (days(rows["paid_date"]) < end) & ~written_off  # what was written off was never paid
    late = np.where(known, days(rows["paid_date"]), end).astype(np.int64) - days(rows["due_date"])
    return pa.table(
        {
            **{column: rows[column] for column in _KEPT},
            "paid_date": pc.if_else(pa.array(known), rows["paid_date"], None),
            "days": pa.array(late.astype(np.int32)),
            "weight": rows["amount"],
        }
    )


def evidence_at_risk(predictions: pa.Table, currency: str, by: Conversion | None = None) -> pa.Table:
    """The open invoices with anything at risk in the columns of `evidence`: weight is what is expected late or very late.

    `by`: into a reporting currency; of each currency by its running sum, so that the weights sum to the total converted at once.
    """
    parts = split(
        predictions["outstanding"].to_numpy(), np.column_stack([predictions[f"p_{name}"].to_numpy() for name in BUCKETS])
    )
    weight, names = parts[:, LATE] + parts[:, VERY_LATE], predictions["currency"]
    if by is not None:
        weight, names = by.column(weight, names), pa.chunked_array([by.names(names)])
    kept = pa.array((weight > 0) & pc.equal(names, currency).to_numpy())
    columns = {name: predictions[name] for name in _KEPT} | {
        "currency": names,
        "paid_date": pa.nulls(len(predictions), pa.date32()),
        "days": predictions["days_past_due"],
        "weight": pa.array(weight),
    }
    return pa.table(columns).filter(kept).sort_by(list(_ORDER))


@dataclass(frozen=True)
class Mover:
    """A customer, and by how much the amount behind a figure moved with it; minor units."""

    company: str
    customer_id: str
    customer_name: str
    change: int


@dataclass(frozen=True)
class Movement:
    """How far a figure moved since an earlier day, beside how far it usually moves in a month, with its customers."""

    name: str  # of FIGURES
    then: float
    now: float
    usual: float | None  # mean absolute change from month to month before; None where there were none
    movers: tuple[Mover, ...]  # those that moved the amount behind it most, first

    @property
    def change(self) -> float:
        return self.now - self.then

    @property
    def worse(self) -> bool:
        return (self.change < 0) == (self.name in BETTER_HIGH) and self.change != 0

    @property
    def times_usual(self) -> float:
        """How many times as far as usual; without anything usual, or where it was nothing, infinite."""
        return abs(self.change) / self.usual if self.usual else float("inf") if self.change else 0.0


def movements(
    ledger: Ledger, months: list[CashKpis], due_rules: Mapping[str, DueRules] | None, part: LedgerPart = WHOLE, *, most: int = 3
) -> tuple[Movement, ...]:
    """What moved since the last month but one of a currency's `months` (oldest first), what moved most beyond its usual first."""
    if len(months) < 2:
        return ()
    then, now = months[-2], months[-1]
    movers: dict[str, tuple[Mover, ...]] = {}  # several figures rest on the same invoices
    out = []
    for name in FIGURES:
        values = [getattr(month, name) for month in months]
        before, after = values[-2:]
        if before is None or after is None or before == after:
            continue
        steps = [abs(b - a) for a, b in pairwise(values[:-1]) if a is not None and b is not None]
        usual = float(np.mean(steps)) if steps else None
        kind = BEHIND[name]
        if kind not in movers:
            movers[kind] = _movers(ledger, (then, now), kind, due_rules, part)[:most]
        out.append(Movement(name, before, after, usual, movers[kind]))
    return tuple(sorted(out, key=lambda movement: (-movement.times_usual, FIGURES.index(movement.name))))


def _movers(
    ledger: Ledger, span: tuple[CashKpis, CashKpis], kind: str, due_rules: Mapping[str, DueRules] | None, part: LedgerPart
) -> tuple[Mover, ...]:
    """The customers between two days, by how much the amount of some invoices changed: of settled ones, of those paid late."""
    sums: dict[tuple[str, str], int] = {}
    names: dict[tuple[str, str], str] = {}
    for sign, figure in zip((-1, 1), span, strict=True):
        rows = _behind(ledger, figure, kind, due_rules, part)
        if kind in (PAID, FELL_DUE):
            rows = rows.filter(pc.greater(rows["days"], 0))
        grouped = rows.group_by(["company", "customer_id"]).aggregate([("weight", "sum"), ("customer_name", "max")])
        for row in grouped.to_pylist():
            key = (row["company"], row["customer_id"])
            sums[key] = sums.get(key, 0) + sign * row["weight_sum"]
            names[key] = row["customer_name_max"]
    moved = sorted(((change, key) for key, change in sums.items() if change), key=lambda mover: (-abs(mover[0]), mover[1]))
    return tuple(Mover(*key, names[key], change) for change, key in moved)
