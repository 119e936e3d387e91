"""How old is what is owed as of any date, by whom and in which range, and which invoices stand behind each amount?

Every sum here is a sum of the rows of `open_items`, in integer minor units and one currency:

    receivables = not due + the ranges          net balance = receivables - credits - on account
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger import ledger as ledgers
from insights.ledger.errors import Refused
from insights.ledger.ledger import CREDIT_NOTE, INVOICE, ON_ACCOUNT, Ints, Ledger, day, days
from insights.ledger.outcomes import DueRules
from insights.portfolio.ageing import CUSTOMER, on_time_lines, open_credits

DUE, ISSUE = "due", "issue"  # from which day age counts
LONGEST_RANGE = 3650  # days
MOST_RANGES = 12
NOT_DUE, APART = 0, -1  # places of `open_items`: age 0 or below; credits and payments on account
AGE_SUMS = ("receivables", "credits", "on_account", "net_balance")
_KEPT = ("company", "customer_id", "customer_name", "invoice_id", "line", "kind", "currency", "amount", "issue_date", "due_date")


@dataclass(frozen=True)
class AgeRanges:
    """How receivables are parted by age in days: since the last day on time (`DUE`) or since the issue date (`ISSUE`).

    `ends`: the last day of each range but the last one, which has no end. Raises Refused where they do not ascend from 1 on.
    """

    by: str = DUE
    ends: tuple[int, ...] = (30, 60, 90)

    def __post_init__(self) -> None:
        if self.by not in (DUE, ISSUE):
            raise Refused(f"“{self.by}” is no day that age counts from: say {DUE} or {ISSUE}.", "no_such_age")
        bounds = (0, *self.ends)
        rising = all(low < high <= LONGEST_RANGE for low, high in pairwise(bounds))
        if not self.ends or not rising or len(self.ends) > MOST_RANGES:
            raise Refused(
                f"Ranges are up to {MOST_RANGES} ascending numbers of days between 1 and {LONGEST_RANGE}, like 30,60,90.",
                "no_such_ranges",
            )

    @staticmethod
    def of(text: str, by: str = DUE) -> "AgeRanges":
        """The ranges of a text like "30,60,90"; Refused where it is none."""
        parts = [part.strip() for part in text.split(",")]
        if not all(part.isascii() and part.isdecimal() for part in parts):
            raise Refused(f"“{text}” names no ranges: write their last days like 30,60,90.", "no_such_ranges")
        return AgeRanges(by, tuple(int(part[:6]) for part in parts))

    @property
    def spans(self) -> tuple[tuple[int, int | None], ...]:
        """First and last day of each range, None for no end."""
        return tuple(zip((1, *(end + 1 for end in self.ends)), (*self.ends, None), strict=True))

    @property
    def names(self) -> tuple[str, ...]:
        """As headings: "not due" and each range, like "1-30" and "over 90"."""
        return ("not due", *(f"over {low - 1}" if high is None else f"{low}-{high}" for low, high in self.spans))

    @property
    def columns(self) -> tuple[str, ...]:
        """The same as columns of `matrix`: not_due, days_1_30, days_over_90."""
        return ("not_due", *(f"days_{name.replace('-', '_').replace(' ', '_')}" for name in self.names[1:]))


@dataclass(frozen=True)
class AgedTotal:
    """What is owed in one currency as of a date, by age; minor units."""

    currency: str
    invoices: int
    parts: tuple[int, ...]  # not due, then the ranges
    credits: int  # credit notes that are not applied yet, 0 or above
    on_account: int  # payments that are not applied yet, 0 or above
    unpaid: int | None  # what will probably still be unpaid later (`with_unpaid`); None where nothing is said of some

    @property
    def receivables(self) -> int:
        return sum(self.parts)

    @property
    def net_balance(self) -> int:
        return self.receivables - self.credits - self.on_account


def open_items(
    ledger: Ledger, as_of: date, ranges: AgeRanges, due_rules: DueRules | Mapping[str, DueRules] | None = None
) -> pa.Table:
    """Everything open as of a date, in the ledger's order: invoices, credit notes and payments on account.

    Columns: those of the ledger that name it, position (int64, in `ledger.invoices`), outstanding (int64 minor units, sign as
    the amount), age (int32 days), place (int8: NOT_DUE, the number of the range from 1 on, or APART for what is no invoice).
    `due_rules`: of all invoices, or by company.
    """
    opened, apart = ledgers.open_positions(ledger, as_of), open_credits(ledger, as_of)
    positions = np.sort(np.concatenate([opened, apart]))
    table = ledger.invoices.select(list(_KEPT)).take(pa.array(positions))
    begun = on_time_lines(ledger, positions, due_rules) if ranges.by == DUE else days(table["issue_date"])
    age = (day(as_of) - begun).astype(np.int32)
    place = np.searchsorted([0, *ranges.ends], age).astype(np.int8)
    place[~pc.equal(table["kind"], INVOICE).to_numpy()] = APART
    computed = {
        "position": pa.array(positions),
        "outstanding": pa.array(ledgers.outstanding_at(ledger, as_of, positions)),
        "age": pa.array(age),
        "place": pa.array(place),
    }
    for name, column in computed.items():
        table = table.append_column(name, column)
    return table


def with_unpaid(items: pa.Table, positions: Ints, unpaid: Ints) -> pa.Table:
    """The items with the column unpaid (int64 minor units): what will probably be unpaid later of the invoices at `positions`.

    Null for all others: of them nothing is said.
    """
    order = np.argsort(positions)
    known, wanted = positions[order], items["position"].to_numpy()
    at = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    is_known = known[at] == wanted if len(known) else np.zeros(len(wanted), np.bool_)
    amounts = unpaid[order][at] if len(known) else np.zeros(len(wanted), np.int64)
    return items.append_column("unpaid", pa.array(amounts, pa.int64(), mask=~is_known))


def matrix(items: pa.Table, ranges: AgeRanges, by: Sequence[str] = CUSTOMER) -> pa.Table:
    """One row per value of `by` of the items, in their order: int64 minor units.

    Columns: those of `by`, customer_name where `by` has the customer, invoices (a number), those of `ranges.columns`,
    receivables, credits, on_account (0 or above), net_balance and, where the items have it, unpaid (null where any is).
    With the currency among `by`, since currencies are never added.
    """
    amount, place = items["outstanding"].to_numpy(), items["place"].to_numpy()
    is_credit = pc.equal(items["kind"], CREDIT_NOTE).to_numpy()
    owed, apart = amount * (place != APART), -amount * (place == APART)
    sums = {
        "invoices": (place != APART).astype(np.int64),
        **{name: amount * (place == at) for at, name in enumerate(ranges.columns)},
        "receivables": owed,
        "credits": apart * is_credit,
        "on_account": apart * ~is_credit,
        "net_balance": amount,
    }
    named = ["customer_name"] if "customer_id" in by else []
    table = items.select([*by, *named])
    for name, values in sums.items():
        table = table.append_column(name, pa.array(values))
    wanted = [*((name, "max") for name in named), *((name, "sum") for name in sums)]
    if "unpaid" in items.column_names:
        table = table.append_column("unpaid", pc.if_else(pa.array(place == APART), 0, items["unpaid"]))
        wanted.append(("unpaid", "sum", pc.ScalarAggregateOptions(skip_nulls=False)))  # type: ignore[arg-type]
    sums_of_rows = table.group_by(list(by)).aggregate(wanted)
    return sums_of_rows.rename_columns([*by, *(total[0] for total in wanted)]).sort_by([(name, "ascending") for name in by])


def aged_totals(items: pa.Table, ranges: AgeRanges) -> tuple[AgedTotal, ...]:
    """The sums of all items per currency, in the order of the codes."""
    return tuple(
        AgedTotal(
            currency=row["currency"],
            invoices=row["invoices"],
            parts=tuple(row[name] for name in ranges.columns),
            credits=row["credits"],
            on_account=row["on_account"],
            unpaid=row.get("unpaid"),
        )
        for row in matrix(items, ranges, ["currency"]).to_pylist()
    )


def behind(items: pa.Table, ranges: AgeRanges, column: str, **named: str) -> pa.Table:
    """The items that an amount of `matrix` is the sum of, the oldest first: `behind(items, ranges, "not_due", currency="EUR")`.

    Of net_balance everything, of unpaid and receivables every invoice; outstanding is below 0 of what lowers the net balance.
    """
    kind, place = items["kind"], items["place"]
    wanted = {
        **{name: pc.equal(place, at) for at, name in enumerate(ranges.columns)},
        "receivables": pc.equal(kind, INVOICE),
        "unpaid": pc.equal(kind, INVOICE),
        "credits": pc.equal(kind, CREDIT_NOTE),
        "on_account": pc.equal(kind, ON_ACCOUNT),
        "net_balance": kind.is_valid(),
    }[column]
    for name, value in named.items():
        wanted = pc.and_(wanted, pc.equal(items[name], value))
    order = [("age", "descending"), ("outstanding", "descending"), ("position", "ascending")]
    return items.filter(wanted).sort_by(order)


def exact(ledger: Ledger, as_of: date) -> dict[str, bool]:
    """Per currency of a ledger, whether what is outstanding as of a date is what the books said then.

    It is as of the day of the export, and where payments are dated one by one. Elsewhere part payments of what was still open
    have no date: an open invoice counts with the full amount, *as invoiced*.
    """
    names: list[str] = pc.unique(ledger.invoices["currency"]).to_pylist()
    if as_of == ledger.last_as_of:
        return dict.fromkeys(names, True)
    paid = ledger.invoices["currency"].take(ledger.payments["position"])
    dated = set(pc.unique(paid).to_pylist())
    return {name: name in dated for name in names}
