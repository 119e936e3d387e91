"""The figures of a finance manager: as of a day, over the months before it, beside goals, and what moved most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights import portfolio
from insights.access import Capability, Person, require
from insights.agreements.promises import JudgedPromise
from insights.ledger import table_files
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.ledger.outcomes import DueRules
from insights.messages.kpis import INPUTS, KPIS, OF_MONEY, WITH_GOALS
from insights.portfolio import CashKpis, LedgerPart, Movement
from insights.portfolio.converted import Conversion
from insights.portfolio.kpis import PERIOD, WHOLE
from insights.services import agreements, answers, predictions, reach
from insights.services.ageing import SILENT
from insights.services.reach import ALL, Visible
from insights.store import agreements as kept_agreements
from insights.store import audit, ledgers
from insights.store.store import Store

GOAL = "figures.goal"  # the action on record


@dataclass(frozen=True)
class FiguresOverTime:
    """The figures of each currency with anything open: by month, oldest first, the last as of the day itself."""

    as_of: date
    months: Mapping[str, list[CashKpis]]
    part: LedgerPart = WHOLE
    by: Conversion | None = None  # into the reporting currency, where they are in one

    def now(self, currency: str) -> CashKpis:
        return self.months[currency][-1]


def over_time(  # noqa: PLR0913 - of what, as of when, by which rules, and where it is kept
    ledger: Ledger,
    as_of: date,
    due_rules: Mapping[str, DueRules],
    *,
    months: int = answers.MONTHS,
    part: LedgerPart = WHOLE,
    by: Conversion | None = None,
    store: Store | None = None,
) -> FiguresOverTime:
    """`by`: into what the ledger was converted (`converted_ledger`). Refused for a day on which the ledger cannot be seen.

    `store`: where the ledger is kept, if this is the whole of it: then MONTHS of all of it are read, if they were asked before.
    """
    ledger.check_as_of(as_of)
    if store and part == WHOLE and by is None and months == answers.MONTHS:
        return FiguresOverTime(as_of, answers.figures(store, ledger, as_of, due_rules))
    return FiguresOverTime(as_of, answers.figures_now(ledger, as_of, due_rules, months, part), part, by)


def moved(ledger: Ledger, figures: FiguresOverTime, currency: str, due_rules: Mapping[str, DueRules]) -> tuple[Movement, ...]:
    """What moved most in a currency since the month before, with the customers that moved it."""
    return portfolio.movements(ledger, figures.months[currency], due_rules, figures.part)


def at_risk(
    store: Store, ledger_id: str, as_of: date, *, actor: Person, model_id: str = "", part: LedgerPart = WHOLE
) -> dict[str, int]:
    """By currency, what will probably be paid late or very late (minor units); empty where no model speaks for all companies."""
    require(actor, Capability.OVERSEE)
    try:
        path = (
            predictions.of_model(store, ledger_id, model_id, as_of, actor=actor)
            if model_id
            else predictions.active(store, ledger_id, as_of, actor=actor)
        )
    except Refused as refused:
        if refused.code in SILENT:
            return {}
        raise
    return at_risk_of(reach.rows_within(path, reach.ledger_within(store, ledgers.load(store, ledger_id), actor.reach)), part)


def at_risk_of(scored: Path | pa.Table, part: LedgerPart = WHOLE) -> dict[str, int]:
    """The same of predictions."""
    rows = pq.read_table(scored) if isinstance(scored, Path) else scored
    return portfolio.sums(portfolio.customers(rows.filter(pa.array(part.of(rows)))), "at_risk")


def behind_at_risk(scored: Path | pa.Table, currency: str, part: LedgerPart = WHOLE, by: Conversion | None = None) -> pa.Table:
    """The open invoices of predictions in the columns of `behind`: weight is what of each will probably be late or very late.

    The weights sum to `at_risk_of`, converted or not, to the minor unit. `currency`: as it is after the conversion.
    """
    rows = pq.read_table(scored) if isinstance(scored, Path) else scored
    return portfolio.evidence_at_risk(rows.filter(pa.array(part.of(rows))), currency, by)


@dataclass(frozen=True)
class PromisesKept:
    """Of the promises whose day lay in the period before a day: how many could be judged by then, and how many were kept."""

    as_of: date
    judged: tuple[JudgedPromise, ...]

    @property
    def kept(self) -> int:
        """Kept in full: what was kept in part is not counted."""
        return sum(promise.standing == "kept" for promise in self.judged)

    @property
    def share(self) -> float | None:
        """0 to 1; None where none was judged."""
        return self.kept / len(self.judged) if self.judged else None


def promises_kept(
    store: Store, ledger: Ledger, on: Sequence[date], part: LedgerPart = WHOLE, visible: Visible = ALL
) -> list[PromisesKept]:
    """As of each of some days, of customers that may be seen, by what was agreed and known before it, over the 90 days before."""
    if not on:
        return []
    listed = kept_agreements.listed(store, until=max(on), lineage_id=agreements.lineage_of(store, ledger))
    days = {day: agreements.standing(store, ledger, day, visible, listed=listed) for day in on}
    return [_promises_kept(days[day], day, part) for day in on]


def _promises_kept(standing: agreements.Standing, as_of: date, part: LedgerPart) -> PromisesKept:
    start = as_of - timedelta(days=PERIOD)
    wanted = (part.company, part.customer_id)
    judged = (
        promise
        for promise in standing.judged
        if promise.standing in ("kept", "partly", "broken")
        and start <= promise.on < as_of
        and (part.customers is None or promise.promise.customer in part.customers)
        and all(asked in (None, own) for asked, own in zip(wanted, promise.promise.customer, strict=True))
    )
    return PromisesKept(as_of, tuple(judged))


def set_goal(store: Store, name: str, value: float | None, *, actor: Person) -> None:
    """Set what a figure should reach, None to have no goal any more. Recorded.

    Shares and CEI in per cent, the amount at risk in per cent of the receivables.
    Refused where there is no such figure, or no such value of it.
    """
    require(actor, Capability.PLAN)
    if name not in WITH_GOALS:
        raise Refused(f"There is no figure “{name}”. There are: {', '.join(WITH_GOALS)}.", "no_such_figure")
    if value is not None and not -1e15 < value < 1e15:
        raise Refused("A goal is a number.", "no_such_goal")
    before = {"value": _latest_goals(store).get(name)}
    with store.database.write() as session:
        audit.record(session, actor, GOAL, name, before, value=value)


def goals(store: Store) -> dict[str, float]:
    """What each figure should reach: days, or 0 to 1 of a share or of the receivables; figures without a goal are left out."""
    latest = _latest_goals(store)
    return {
        name: float(str(value)) / (100 if words.unit in OF_MONEY else 1)
        for name, words in WITH_GOALS.items()
        if (value := latest.get(name)) is not None
    }


def _latest_goals(store: Store) -> dict[str, object]:
    """Figure -> the value that was set last, as it was typed; None where the goal was taken away."""
    return {entry.subject: entry.details["value"] for entry in reversed(audit.listed(store, action=GOAL))}


def figures_table(figures: FiguresOverTime) -> pa.Table:
    """Every month and currency with its figures and what they are made from; amounts as exact decimals, null where undefined."""
    rows = [month for months in figures.months.values() for month in months]
    currency = pa.chunked_array([[row.currency for row in rows]], pa.string())
    amounts = [name for name in INPUTS if name not in ("days", "fell_due_count", "in_time_count")]
    return pa.table(
        {
            "as_of": pa.array([row.as_of for row in rows], pa.date32()),
            "currency": currency,
            **{name: pa.array([getattr(row, name) for row in rows], pa.float64()) for name in KPIS if name != "at_risk"},
            **{
                name: table_files.decimals(pa.chunked_array([[getattr(row, name) for row in rows]], pa.int64()), currency)
                for name in amounts
            },
            **{name: pa.array([getattr(row, name) for row in rows], pa.int64()) for name in INPUTS if name not in amounts},
        }
    )


def behind(ledger: Ledger, figure: CashKpis, name: str, due_rules: Mapping[str, DueRules], part: LedgerPart) -> pa.Table:
    """The invoices behind a figure (`portfolio.evidence`)."""
    return portfolio.evidence(ledger, figure, name, due_rules, part)


def customer_named(ledger: Ledger, customer_id: str, company: str | None) -> LedgerPart:
    """The part of one customer; Refused where the ledger has none by that account, or several companies have one."""
    rows = ledger.invoices.filter(pc.equal(ledger.invoices["customer_id"], customer_id))
    companies = pc.unique(rows["company"]).to_pylist()
    if company is None and len(companies) > 1:
        raise Refused(f"Several companies have a customer {customer_id}: name one by --company.", "ambiguous_customer")
    if not companies or (company is not None and company not in companies):
        raise Refused(f"There is no customer {customer_id} in this ledger.", "no_customer")
    return LedgerPart(companies[0] if company is None else company, customer_id)
