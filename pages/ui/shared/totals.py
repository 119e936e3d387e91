"""What is owed by age, expected by week and sold by month: computed once for all sessions, in a reporting currency if wished."""

from datetime import date, timedelta

import pyarrow as pa

from insights.ledger.ledger import Ledger
from insights.portfolio import AgeRanges, LedgerPart, Movement
from insights.portfolio.cash import at_risk_on
from insights.portfolio.converted import Conversion, converted_ledger, converted_replays
from insights.services import ageing
from insights.services import cash as cash_service
from insights.services import figures as figure_service
from insights.services.ageing import AgedLedger
from insights.services.cash import CashBook
from insights.services.figures import FiguresOverTime, PromisesKept
from insights.store import billing_plans
from insights.store.records import BillingPlan
from pages.ui.shared import cache, session
from pages.ui.shared.keeping import kept
from pages.ui.shared.view import View

ALL = LedgerPart()
TWO_YEARS = timedelta(days=731)


@kept(4, "Converting …")
def ledger_in(view: View, by: Conversion) -> Ledger:
    """The view's ledger in a reporting currency."""
    return converted_ledger(view.ledger, by)


@kept(8, "Looking at the ages …")
def aged(view: View, ranges: AgeRanges, by: Conversion | None = None) -> AgedLedger:
    """Everything open in the view by age, with what will probably be unpaid in 30 days where a model speaks."""
    if by:
        return ageing.converted(aged(view, ranges), by)
    opened = ageing.aged(view.ledger, view.as_of, ranges, view.rules_by_company)
    later = unpaid_later(view) if view.model_id else None
    return ageing.with_unpaid(opened, later) if later else opened


@kept(8)
def unpaid_later(view: View) -> pa.Table | None:
    """What will probably still be unpaid of each open invoice (`ageing.unpaid_later`), by what speaks in the view."""
    where, model_id = (session.workspace(), view.ledger.id, view.as_of), "" if view.by_company else view.model_id
    return ageing.unpaid_later(*where, actor=session.person(), model_id=model_id, within=view.within)


def plan(view: View) -> BillingPlan | None:
    """The billing plan that counts for the view's ledger."""
    return billing_plans.newest(session.workspace(), view.held.ledger(view.ledger.id).lineage_id)


def cash(view: View, counting: BillingPlan | None, by: Conversion | None = None, of: LedgerPart = ALL) -> CashBook:
    """What the cash forecast of the view is made from, as it is kept now; in a reporting currency if wished, of some if wished.

    `counting`: what `plan` gives.
    """
    mark = cash_service.mark(session.workspace(), view.ledger.id, session.agreed(), counting.id if counting else "")
    return _cash_in(view, mark, by, of) if by else _cash(view, mark, of)


@kept(4, "Converting …")
def _cash_in(view: View, mark: str, by: Conversion, of: LedgerPart) -> CashBook:
    return _cash(view, mark, of).converted(by)


@kept(4, "Adding up the weeks …")
def _cash(view: View, mark: str, of: LedgerPart) -> CashBook:  # noqa: ARG001 - what is kept is a key
    where, model_id = (session.workspace(), view.ledger.id, view.as_of), "" if view.by_company else view.model_id
    return cash_service.book(*where, actor=session.person(), model_id=model_id, customers=of.customers, within=view.within)


@kept(16, "Looking at the months …")
def figures_over_time(view: View, part: LedgerPart, by: Conversion | None = None) -> FiguresOverTime:
    """The figures of each currency month by month, of a part of the ledger."""
    ledger = ledger_in(view, by) if by else view.ledger
    store = session.workspace() if view.visible.everything else None
    return figure_service.over_time(ledger, view.as_of, view.rules_by_company, part=part, by=by, store=store)


@kept(32)
def movements(view: View, part: LedgerPart, currency: str, by: Conversion | None = None) -> tuple[Movement, ...]:
    """What moved most since the month before."""
    ledger = ledger_in(view, by) if by else view.ledger
    return figure_service.moved(ledger, figures_over_time(view, part, by), currency, view.rules_by_company)


@kept(16)
def promises_kept(view: View, part: LedgerPart, on: tuple[date, ...], agreed: str) -> list[PromisesKept]:  # noqa: ARG001 - a key
    """Of the promises of the time before each day, how many were kept."""
    return figure_service.promises_kept(session.workspace(), view.ledger, on, part, view.visible)


@kept(16)
def at_risk(view: View, part: LedgerPart) -> dict[str, int]:
    """What will probably be paid late or very late, by currency; empty where no model speaks."""
    return figure_service.at_risk_of(cache.source(view), part) if view.model_id else {}


def at_risk_before(view: View, part: LedgerPart, currency: str, by: Conversion | None = None) -> dict[date, float]:
    """What share of the receivables was at risk on each past Monday of two years that is kept, by a model of that time."""
    replays = _replays(view, part, cash_service.mark(session.workspace(), view.ledger.id, "", ""))
    past = at_risk_on(converted_replays(replays, by) if by else replays, currency, view.as_of, part.company)
    first = view.as_of - TWO_YEARS
    return {monday: risk / owed for monday, (risk, owed) in past.items() if owed and monday >= first}


@kept(8)
def _replays(view: View, part: LedgerPart, mark: str) -> pa.Table:  # noqa: ARG001 - a key
    where, model_id = (session.workspace(), view.ledger.id, view.as_of), "" if view.by_company else view.model_id
    customers = part.customers
    if part.customer_id is not None:
        alone = frozenset({(part.company or "", part.customer_id)})
        customers = alone if customers is None else customers & alone
    return cash_service.past_mondays(*where, actor=session.person(), model_id=model_id, customers=customers, within=view.within)
