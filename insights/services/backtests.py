"""The past replayed and judged: what would have been said on earlier days, and what happened?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from insights.access import Capability, Person, require
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.model.recipe import Recipe
from insights.services import leakage_guard, replays
from insights.services.leakage_guard import NOT_ALLOWED
from insights.services.progress import Progress, quiet
from insights.services.reach import ALL, Visible
from insights.store import backtests, ledgers
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.evaluation import Replay
    from insights.evaluation.report import Report


@dataclass(frozen=True)
class Replayed:
    """A replay with its report, as it is kept."""

    replay: "Replay"
    report: "Report"


@dataclass(frozen=True)
class Backtest:
    """A kept replay: its rows as in `evaluation.Replay`, its report, and when it was made (UTC)."""

    rows: pa.Table
    report: "Report"
    made_at: datetime

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(day.as_of for day in self.report.dates)


def backtest(  # noqa: PLR0913 - of what, on which days, what is excused, by whom, and who listens
    store: Store,
    ledger_id: str,
    recipe: Recipe,
    *,
    actor: Person,
    months: int = 1,
    last: int = 0,
    allowed: Mapping[str, str] = NOT_ALLOWED,
    progress: Progress = quiet,
) -> Replayed:
    """Replay a recipe on the first days of months (the `last` ones, 0 = all; every so many `months`), and keep the result.

    `allowed`: column -> reason, of those that look like the outcome and are to be used nevertheless; recorded. Refused with
    code "nothing_to_replay" for a ledger that is too short.
    """
    from insights.evaluation import month_starts
    from insights.evaluation.report import full_report

    require(actor, Capability.TRAIN)
    ledger = ledgers.load(store, ledger_id)
    dates = month_starts(ledger, recipe, months=months)[-last:]
    if not dates:
        raise Refused(
            "This ledger is too short to replay: it takes nine months of history before a month's first day, and the answers "
            "of most invoices open on it.",
            "nothing_to_replay",
        )
    leakage_guard.allow(store, ledger.id, allowed, actor=actor)
    replayed = replays.replay(store, ledger.id, recipe, dates, progress)
    judged = full_report(replayed, ledger)
    backtests.save(store, ledger.id, recipe, replayed.rows, judged.to_json())
    return Replayed(replayed, judged)


def load(store: Store, ledger_id: str, recipe: Recipe) -> Backtest | None:
    """The kept replay of a recipe on a ledger, None where there is none."""
    from insights.evaluation.report import Report

    kept = backtests.load(store, ledger_id, recipe)
    return Backtest(kept.rows, Report.from_json(kept.report), kept.made_at) if kept else None


def of_companies(backtest: Backtest, ledger: Ledger, companies: Sequence[str], visible: Visible = ALL) -> Backtest:
    """The same, judged on the invoices of some companies alone. What was left out is not known per company: None.

    Drift stays that of the whole ledger. To whoever may see some customers, it is judged on theirs, and has no drift. `ledger`:
    the whole of it; `companies`: by default all that may be seen.
    """
    from insights.evaluation import Replay, accuracy_of_dates
    from insights.evaluation.report import report

    whose = ledger.invoices.select(["company", "customer_id"]).take(backtest.rows["position"])
    mine = visible.mask(whose)
    if companies:
        mine &= pc.is_in(whose["company"], pa.array(companies, pa.string())).to_numpy()
    rows = backtest.rows.filter(pa.array(mine)).combine_chunks()
    left_out = tuple((day, 0, 0) for day in backtest.dates)
    judged = report(Replay(rows, backtest.report.recipe, left_out, ledger.id))
    dates = tuple(replace(day, not_yet_answered=None, settled_by_credit=None) for day in judged.dates)
    accuracy = accuracy_of_dates(rows, ledger.complete_through)
    drift = backtest.report.drift if visible.everything else {}
    return replace(backtest, rows=rows, report=replace(judged, dates=dates, dates_said=accuracy, drift=drift))
