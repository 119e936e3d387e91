"""Is everything there? Rows, sums per company and currency against a control total, dates, and what the ledger cannot do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

import pyarrow as pa
import pyarrow.compute as pc

from insights import portfolio
from insights.ingest import source_rows
from insights.ingest.grid import text_column
from insights.ledger.errors import Refused
from insights.ledger.ledger import CREDIT_NOTE, INVOICE, Aside, Ledger, Problem, Problems
from insights.ledger.money import NO_CURRENCY, exponent
from insights.messages import problems as words
from insights.messages.problems import PAYMENTS_FILE

ControlKey = str | tuple[str, str]  # a currency, or a company and a currency
CUT_SHARE = 0.02  # at most so many invoices are settled before the first month in which all are: an export cut by settlement
CUT_FEWEST = 50


@dataclass(frozen=True)
class ReconciledPart:
    """One company in one currency: rows and minor units."""

    company: str
    currency: str
    invoices: int
    credits: int  # credit notes and payments on account
    amount: int  # of the invoices
    net_balance: int  # open invoices less credit notes and payments on account
    credit: int  # what is outstanding of credit notes, 0 or below
    on_account: int  # unapplied cash, 0 or below

    @property
    def receivables(self) -> int:
        """What is outstanding of the invoices."""
        return self.net_balance - self.credit - self.on_account


@dataclass(frozen=True)
class Control:
    """A control total beside the ledger's own, minor units; `company` is None where it is for all of them."""

    currency: str
    expected: int
    balance: int
    company: str | None = None

    @property
    def difference(self) -> int:
        return self.balance - self.expected


@dataclass(frozen=True)
class Reconciliation:
    """Rows read = used + set aside + ignored; sums; dates; warnings as problems (row 0)."""

    rows_read: int
    rows_used: int
    rows_set_aside: int
    rows_ignored: int
    set_aside: Mapping[str, int]
    parts: tuple[ReconciledPart, ...]
    net_balances: Mapping[str, int]  # by currency
    controls: tuple[Control, ...]
    first_issue: date
    last_issue: date
    first_paid: date | None
    last_paid: date | None
    complete_through: date
    history_starts: date
    settled: int
    settled_dated: int  # of them, with a paid date
    warnings: tuple[Problem, ...]

    @property
    def balances(self) -> bool:
        """Whether every control total is met."""
        return all(control.difference == 0 for control in self.controls)


def reconciliation(ledger: Ledger, control: Mapping[ControlKey, Decimal | str] | None = None) -> Reconciliation:
    """What there is to check, as of the day after complete-through: sums are those of `portfolio`.

    `control`: currency, or (company, currency) -> net balance as another report states it, as decimal text.

    Raises Refused for what is no amount.
    """
    table = ledger.invoices
    net_balances, parts = totals(ledger), _parts(_as_of_the_last_day(ledger))
    sums: dict[ControlKey, int] = {(part.company, part.currency): part.net_balance for part in parts}
    sums.update(net_balances)
    issue, paid = (pc.min_max(table[name]).as_py() for name in ("issue_date", "paid_date"))
    undated = counts(ledger).get("settled_without_date", 0)
    dated = len(table) - table["paid_date"].null_count
    return Reconciliation(
        rows_read=ledger.rows_read,
        rows_used=len(table),
        rows_set_aside=ledger.rows_set_aside,
        rows_ignored=ledger.rows_ignored,
        set_aside=counts(ledger),
        parts=parts,
        net_balances=net_balances,
        controls=tuple(_control(key, text, sums.get(key, 0)) for key, text in (control or {}).items()),
        first_issue=issue["min"],
        last_issue=issue["max"],
        first_paid=paid["min"],
        last_paid=paid["max"],
        complete_through=ledger.complete_through,
        history_starts=ledger.history_starts,
        settled=dated + undated,
        settled_dated=dated,
        warnings=tuple(entry for entry in ledger.problems.of_the_file if entry.reason in WARNINGS),
    )


WARNINGS = {"no_paid_dates", "settled_undated", "looks_cut", "no_currency", "ids_rounded", "united_unlike"}


def totals(ledger: Ledger) -> dict[str, int]:
    """Net balance per currency, minor units; of every currency in the ledger."""
    balances = dict.fromkeys(sorted(pc.unique(ledger.invoices["currency"]).to_pylist()), 0)
    return balances | portfolio.per_currency(portfolio.net_balances(ledger, ledger.last_as_of, ["currency"]), "net_balance")


def _as_of_the_last_day(ledger: Ledger) -> pa.Table:
    """The rows with what is outstanding as of the day after complete-through, 0 where they are not open then."""
    table = ledger.invoices
    amounts = pa.array(portfolio.open_amounts(ledger, ledger.last_as_of))
    return table.set_column(table.schema.get_field_index("outstanding"), "outstanding", amounts)


def counts(ledger: Ledger) -> dict[str, int]:
    """Reason -> rows set aside, the commonest first."""
    return ledger.problems.aside.counts()


def by_reason(parts: Iterable[Aside]) -> dict[str, tuple[Aside, ...]]:
    """Reason -> what was set aside for it, one part per currency whatever the company; the reason of most rows first."""
    sums: dict[str, dict[str, Aside]] = {}
    for part in parts:
        of_reason = sums.setdefault(part.reason, {})
        before = of_reason.get(part.currency, Aside("", part.currency, 0, 0))
        rows, amount = before.rows + part.rows, before.amount + part.amount
        of_reason[part.currency] = Aside("", part.currency, rows, amount, part.reason)
    together = {reason: tuple(of_reason.values()) for reason, of_reason in sums.items()}
    return dict(sorted(together.items(), key=lambda pair: -sum(part.rows for part in pair[1])))


def problems_table(ledger: Ledger, most: int | None = None) -> pa.Table:
    """The rows that were set aside, or the first of them: file, row, column, value, reason, sentence.

    The row is the line in the file; `file` is "" where there is only one.
    """
    return _told(ledger, ledger.problems.aside[:most])


def remarks_table(ledger: Ledger, most: int | None = None) -> pa.Table:
    """What was noted of single rows that are used or belong to a second file, with the columns of `problems_table`."""
    return _told(ledger, ledger.problems.of_rows_used[:most])


def remarked(ledger: Ledger) -> int:
    """How many rows `remarks_table` has."""
    return len(ledger.problems.of_rows_used)


def every_problem(ledger: Ledger) -> Iterator[pa.Table]:
    """`problems_table`, then `remarks_table`, in parts: there may be millions."""
    yield problems_table(ledger, 0)  # for the names of the columns, where there is nothing else
    for problems in (ledger.problems.aside, ledger.problems.of_rows_used):
        yield from (_told(ledger, problems[first : first + PART]) for first in range(0, len(problems), PART))


PART = 20_000


def places(ledger: Ledger, rows: Iterable[int]) -> list[tuple[str, int]]:
    """File and line of rows by their numbers; the file is "" where there is only one."""
    origins = source_rows.noted(ledger.problems.of_the_file)
    return [source_rows.place(origins, row) for row in rows]


def _told(ledger: Ledger, problems: Problems) -> pa.Table:
    united = places(ledger, problems.table["row"].to_pylist())
    where = [
        (PAYMENTS_FILE, entry.row) if entry.column == PAYMENTS_FILE else at for entry, at in zip(problems, united, strict=True)
    ]
    sentences = [words.problem(replace(entry, row=line), file) for entry, (file, line) in zip(problems, where, strict=True)]
    return pa.table(
        {
            "file": text_column([file for file, _ in where]),
            "row": pa.array([line for _, line in where], pa.int64()),
            **{name: problems.table[name] for name in ("column", "value", "reason")},
            "sentence": text_column(sentences),
        }
    )


def warnings(table: pa.Table, undated: int) -> list[Problem]:
    """What a ledger of these rows cannot do, or may show wrongly."""
    problems = []
    of_invoices = pc.equal(table["kind"], INVOICE)
    invoices = table.select(["issue_date", "due_date", "paid_date"])
    if not pc.all(of_invoices).as_py():
        invoices = invoices.filter(of_invoices)
    if invoices["paid_date"].null_count == len(invoices):
        problems.append(_warning("no_paid_dates"))
    if undated:
        problems.append(_warning("settled_undated", number=undated))
    if (cut := _cut(invoices)) is not None:
        problems.append(_warning("looks_cut", cut.isoformat()))
    if pc.all(pc.equal(table["currency"], NO_CURRENCY)).as_py():
        problems.append(_warning("no_currency"))
    return problems


def _warning(code: str, value: str = "", number: int | None = None) -> Problem:
    return Problem(0, "", value, code, set_aside=False, number=number)


def _cut(invoices: pa.Table) -> date | None:
    """The first paid date where many invoices were issued well before it: settled ones are missing from before."""
    if not len(invoices) or invoices["paid_date"].null_count == len(invoices):
        return None
    first = pc.min(invoices["paid_date"])
    terms = pc.subtract(invoices["due_date"].cast(pa.int32()), invoices["issue_date"].cast(pa.int32()))
    usual = int(pc.approximate_median(terms).as_py() or 0)
    before = pc.less(pc.add(invoices["issue_date"].cast(pa.int32()), usual + 30), first.cast(pa.int32()))
    share = pc.sum(before).as_py() / len(invoices)
    day: date = first.as_py()
    return day if pc.sum(before).as_py() >= CUT_FEWEST and share > CUT_SHARE else None


def _parts(table: pa.Table) -> tuple[ReconciledPart, ...]:
    groups = table.group_by(["company", "currency", "kind"]).aggregate(
        [("amount", "sum"), ("outstanding", "sum"), ([], "count_all")]
    )
    rows: dict[tuple[str, str], dict[str, tuple[int, int, int]]] = {}
    for row in groups.to_pylist():
        key = (row["company"], row["currency"])
        rows.setdefault(key, {})[row["kind"]] = (row["count_all"], row["amount_sum"], row["outstanding_sum"])
    return tuple(_part(*key, kinds) for key, kinds in sorted(rows.items()))


def _part(company: str, currency: str, kinds: Mapping[str, tuple[int, int, int]]) -> ReconciledPart:
    nothing = (0, 0, 0)
    count, amount, _ = kinds.get(INVOICE, nothing)
    credit = kinds.get(CREDIT_NOTE, nothing)
    return ReconciledPart(
        company=company,
        currency=currency,
        invoices=count,
        credits=sum(entry[0] for kind, entry in kinds.items() if kind != INVOICE),
        amount=amount,
        net_balance=sum(entry[2] for entry in kinds.values()),
        credit=credit[2],
        on_account=sum(entry[2] for kind, entry in kinds.items() if kind not in {INVOICE, CREDIT_NOTE}),
    )


def amount(text: Decimal | str, currency: str) -> int:
    """A control total as minor units: 1234567.89 or 1,234,567.89. Raises Refused for what is no amount."""
    plain = re.sub(r"(?<=\d)[, ](?=\d{3}(?!\d))", "", str(text).strip())
    try:
        return int(Decimal(plain).scaleb(exponent(currency)).to_integral_value())
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise Refused(f"“{text}” is no amount: write a control total as 1234567.89.", "no_amount") from error


def _control(key: ControlKey, text: Decimal | str, balance: int) -> Control:
    company, currency = key if isinstance(key, tuple) else (None, key)
    return Control(currency, amount(text, currency), balance, company)
