"""How do the figures look at a glance: a tile each with its months, and what moved most since the month before?"""

from dataclasses import replace

import pyarrow.compute as pc
import streamlit as st

from insights import portfolio
from insights.agreements.promises import JudgedPromise
from insights.messages.kpis import KPIS, PERCENT, PROMISES_KEPT, SHARE, WITH_GOALS
from insights.portfolio import LedgerPart, Movement
from insights.services import rates
from insights.services.figures import FiguresOverTime, PromisesKept
from pages.ui.shared import choices, listing, query_params, session, totals, whose
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Cell, Column, Group, Listing, Row
from pages.ui.shared.view import View

ACROSS = 5  # tiles in a row
USUAL = 1.5  # times as far as usual, from which a movement stands out
TIMES = f"How far the figure moved, divided by how far it usually moves in a month; from {USUAL} on it stands out."


def asked_part(view: View) -> LedgerPart:
    """Whose figures the address asks for: of all, a company or one of its customers."""
    company, account = choices.chosen_company(view.companies), query_params.get("account").strip()
    part = _of_customer(view, account, company) if account else LedgerPart(company)
    return replace(part, customers=whose.asked(view))


def ask_part(view: View) -> None:
    """Draws what `asked_part` reads."""
    choices.company(view.companies)
    whose.ask(view)
    st.text_input(
        "Customer",
        key=session.bind("account", query_params.get("account")),
        placeholder="All, or an account",
        width=190,
        on_change=session.on_filter_change,
        args=("account",),
        help="The account of one customer.",
    )


def ask_currency(figures: FiguresOverTime) -> str:
    return choices.side_by_side("Currency", "currency", choices.names_of_currencies(list(figures.months)))


def _of_customer(view: View, account: str, company: str | None) -> LedgerPart:
    """The part of a customer; of the first company that has it, where none is chosen."""
    mine = view.ledger.invoices.filter(pc.equal(view.ledger.invoices["customer_id"], account))
    companies = pc.unique(mine["company"]).to_pylist()
    return LedgerPart(company if company is not None else companies[0] if companies else None, account)


def show(view: View, figures: FiguresOverTime, currency: str) -> None:
    """A tile per figure: its value, the change since the month before, its months as a line, and its formula."""
    months = figures.months[currency]
    at_risk = totals.at_risk(view, figures.part)
    risk = (rates.sums(at_risk, figures.by) if figures.by else at_risk).get(currency)
    for begin in range(0, len(KPIS), ACROSS):
        names = list(KPIS)[begin : begin + ACROSS]
        places = st.container(key=session.free_key("charted")).columns(ACROSS)  # kept free by its key, as other tiles are
        for column, name in zip(places, names, strict=False):
            words = KPIS[name]
            if name == "at_risk":
                owed = months[-1].receivables
                share = fmt.percent(risk / owed if risk is not None and owed else None)
                below = f"{share} of the receivables" if risk is not None else "no model for this day"
                before = totals.at_risk_before(view, figures.part, currency, figures.by) if risk is not None else {}
                shares = [*before.values(), *([risk / owed] if risk is not None and owed else [])]
                column.metric(
                    words.label, fmt.round_money(risk, currency), below, delta_color="off", delta_arrow="off",
                    help=words.formula, border=True, height="stretch", chart_data=shares if len(shares) > 2 else None,
                )  # fmt: skip
                continue
            values = [getattr(month, name) for month in months]
            known = [value for value in values if value is not None]
            column.metric(
                words.label,
                fmt.figure(values[-1], words.unit),
                _change(values, words.unit),
                delta_color="normal" if name in portfolio.BETTER_HIGH else "inverse",
                help=words.formula,
                border=True,
                height="stretch",
                chart_data=known if len(known) > 2 else None,
            )


def _change(values: list[float | None], unit: str) -> str | None:
    """The change since the month before, signed; None where there is none."""
    if len(values) < 2 or values[-1] is None or values[-2] is None or round(values[-1] - values[-2], 3) == 0:
        return None
    change = values[-1] - values[-2]
    return f"{change * 100:+.1f} points" if unit == SHARE else f"{change:+.1f}{' points' if unit == PERCENT else ' days'}"


def moved(view: View, figures: FiguresOverTime, currency: str) -> None:
    """What moved most since the month before, beside what is usual, with the customers that moved it."""
    months = figures.months[currency]
    st.header("What moved most", anchor=False)
    movements = totals.movements(view, figures.part, currency, figures.by)
    if not movements:
        st.text("Nothing moved, or there is no month before to compare with.")
        return
    st.caption(f"Since {fmt.day(months[-2].as_of)}, what moved farthest first, measured by how far it usually moves in a month.")
    columns = (
        Column("figure", "Figure"),
        Column("then", "Then", "right"),
        Column("now", "Now", "right"),
        Column("direction", "Which way", "short"),
        Column("usual", "Times the usual", "right", help=TIMES),
        Column("customers", "With the customers", "wide"),
    )
    rows = [Row(movement.name, _row(movement, currency)) for movement in movements]
    listing.show(Listing("What moved most", columns, [Group(rows)], "figure"), view, key="moved")


def _row(movement: Movement, currency: str) -> dict[str, Cell]:
    words = KPIS[movement.name]
    times = movement.times_usual
    customers = (f"{mover.customer_name} {_signed(mover.change, currency)}" for mover in movement.movers)
    return {
        "figure": words.label,
        "then": fmt.figure(movement.then, words.unit),
        "now": fmt.figure(movement.now, words.unit),
        "direction": "worse" if movement.worse else "better",
        "usual": listing.cell("new" if times == float("inf") else f"{times:.1f}", strong=times >= USUAL),
        "customers": " · ".join(customers),
    }


def _signed(minor: int, currency: str) -> str:
    return f"{'+' if minor > 0 else '−'}{fmt.round_money(abs(minor), currency)}"


def promises_by_month(view: View, figures: FiguresOverTime) -> list[PromisesKept]:
    """As of the days of the figures' months; nothing where no promise could be judged in any."""
    days = [month.as_of for month in next(iter(figures.months.values()))]
    months = totals.promises_kept(view, figures.part, tuple(days), session.agreed())
    return months if any(month.judged for month in months) else []


def promises(view: View, figures: FiguresOverTime) -> None:
    """How many promises of the last 90 days were kept, and which; nothing where none could be judged in all the months."""
    months = promises_by_month(view, figures)
    if not months:
        return
    now = months[-1]
    known = [month.share for month in months if month.share is not None]
    st.subheader("Promises kept", anchor=False)
    tile, listed = st.columns([1, 4], gap="medium")
    tile.metric(
        WITH_GOALS[PROMISES_KEPT].label,
        fmt.percent(now.share),
        f"{fmt.count(now.kept)} of {fmt.count(len(now.judged))} judged",
        delta_color="off",
        delta_arrow="off",
        help=WITH_GOALS[PROMISES_KEPT].formula,
        border=True,
        chart_data=known if len(known) > 2 else None,
    )
    judged = sorted(now.judged, key=lambda promise: promise.on, reverse=True)
    columns = (
        Column("customer", "Account"),
        Column("on", "Promised for", "short"),
        Column("promised", "Promised", "right"),
        Column("paid", "Paid by then", "right"),
        Column("standing", "Standing", "short"),
    )
    if judged:
        rows = [Row(str(at), _promise(promise)) for at, promise in enumerate(judged)]
        with listed:
            promises = Listing("Promises judged in the period", columns, [Group(rows)], "customer", scrolls=True)
            listing.show(promises, view, key="judged")


def _promise(judged: JudgedPromise) -> dict[str, Cell]:
    company, customer = judged.promise.customer
    return {
        "customer": listing.link(customer, "customer", below=company, company=company, customer=customer),
        "on": fmt.day(judged.on),
        "promised": fmt.moneys(judged.promised),
        "paid": fmt.moneys(judged.paid),
        "standing": {"partly": "kept in part"}.get(judged.standing, judged.standing),
    }
