"""How does a list of open invoices look? Who, how much, when, how likely, and why; numbers and names open what they name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import messages
from insights.ledger.money import NO_CURRENCY
from insights.ledger.outcomes import ON_TIME
from insights.portfolio import worklist
from insights.portfolio.snapshot import is_flagged
from insights.portfolio.worklist import CustomerGroup
from pages.ui.shared import agreed_dates, cache, habit_mark, links, listing, query_params, session, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Cell, Column, Group, Listing, Row, Turn
from pages.ui.shared.view import View

ORDERS: Mapping[str, str] = {  # a sort of the worklist -> how it is called
    worklist.AT_RISK: "Amount at risk",
    worklist.LIKELY_VERY_LATE: "Likely very late",
    "p_on_time": "On time, least likely",
    "p_very_late": "Very late, most likely",
    "outstanding": "Outstanding",
    "due_date": "Due date",
    "expected_date": "Expected date",
    "customer_name": "Customer",
    "invoice_id": "Invoice",
    "issue_date": "Issued",
    "amount": "Amount",
}
PREDICTED = {worklist.AT_RISK, worklist.LIKELY_VERY_LATE, "p_on_time", "p_very_late", "expected_date"}
FIRST_ASCENDING = {"p_on_time", "due_date", "issue_date", "customer_name", "invoice_id", "expected_date"}


@dataclass(frozen=True)
class Sort:
    """By what a list is sorted: a key of `worklist.SORTS`, and the direction."""

    by: str = worklist.AT_RISK
    ascending: bool = False


def usual(view: View, tab: str) -> Sort:
    """By amount at risk; of what is overdue, and so late already, by what is likely to become very late."""
    return Sort(worklist.LIKELY_VERY_LATE if view.model_id and tab == worklist.OVERDUE else worklist.AT_RISK)


def sort_of(view: View, tab: str, asked: Mapping[str, Sequence[str]]) -> Sort:
    """The sort that the parameters of a list ask for; the usual one where they ask for none."""
    by, order = (asked.get(name, [""])[-1] for name in ("sort", "order"))
    return Sort(by, order == "up") if by in worklist.SORTS else usual(view, tab)


def choose_order(view: View, sort: Sort, first: Sort) -> None:
    """Draws the choice of the order; with another one than the usual, a button that brings that back."""
    orders = [by for by in ORDERS if view.model_id or by not in PREDICTED]
    if not view.model_id:
        orders = [worklist.AT_RISK, *orders]
    if sort.by not in orders:
        orders.append(sort.by)
    names = ORDERS if view.model_id else {**ORDERS, worklist.AT_RISK: "Largest first"}
    st.selectbox(
        "Order",
        orders,
        format_func=lambda by: names.get(by, by),
        key=session.bind("sort", sort.by),
        width=190,
        on_change=lambda: order_by(str(session.bound("sort"))),
    )
    if sort != first:
        usual_again = {"sort": "", "order": ""}
        st.button("Usual order", icon=":material/undo:", type="tertiary", on_click=query_params.set_params, kwargs=usual_again)


def order_by(by: str) -> None:
    """Sorts the list of the address by something else."""
    query_params.set_params(sort=by, order="up" if by in FIRST_ASCENDING else "down")


RISK_HELP = {
    "at_risk": "Of the outstanding amount, the part expected late or very late.",
    "very_late": "Of the outstanding amount, the part expected very late, or never.",
}


@dataclass(frozen=True)
class Look:
    """What a list leaves out, how it is sorted, and whether its overdue rows alone are shown."""

    sort: Sort | None = None  # None: it stands as it is
    overdue: bool = False
    without: Sequence[str] = ()


def show(rows: pa.Table, view: View, *, key: str, look: Look, turn: Turn | None = None) -> None:
    """The list; with a sort, headings sort the whole selection."""
    shown = _columns(view, look)
    _draw((Group([_row(row, view, shown) for row in rows.to_pylist()]),), shown, view, key, look, turn)


def show_grouped(groups: Sequence[CustomerGroup], view: View, *, key: str, look: Look, turn: Turn | None = None) -> None:
    """The list by customer: each with what its invoices come to."""
    shown = _columns(view, Look(look.sort, look.overdue, (*look.without, "customer")))
    drawn = [
        Group([_row(row, view, shown) for row in group.rows.to_pylist()], _head(group, look, view), _more(group))
        for group in groups
    ]
    _draw(drawn, shown, view, key, look, turn)


def _draw(groups: Sequence[Group], shown: Sequence[Column], view: View, key: str, look: Look, turn: Turn | None) -> None:
    sort = look.sort
    listed = Listing("Open invoices", shown, groups, "invoice", turn, _turned(sort) if sort else None)
    listing.show(listed, view, key=key)


def _turned(sort: Sort) -> Callable[[str], None]:
    """What a press on a heading does: sorts by it, or turns the order round."""

    def pressed(name: str) -> None:
        by = SORTED_BY[name]
        if by == sort.by:
            query_params.set_params(sort=by, order="down" if sort.ascending else "up")
        else:
            order_by(by)

    return pressed


EXPECTED = "The day by which it is as likely paid as not; promises, disputes and other dates that were agreed move it."
SORTED_BY = {  # column -> sort of the worklist
    "invoice": "invoice_id",
    "customer": "customer_name",
    "at_risk": worklist.AT_RISK,
    "very_late": worklist.LIKELY_VERY_LATE,
    "outstanding": "outstanding",
    "due": "due_date",
    "expected": "expected_date",
    "likely": "p_on_time",
    "issued": "issue_date",
    "amount": "amount",
}


def _columns(view: View, look: Look) -> list[Column]:
    """The columns of a list, without those that would say nothing."""
    money, heading = ("very_late", "Likely very late") if look.overdue else ("at_risk", "Amount at risk")
    predicted = [
        Column("circle", "Flag", "short", hidden=True),
        Column("invoice", "Invoice", "text"),
        Column("customer", "Customer", "text"),
        Column(money, heading, "right", help=RISK_HELP[money]),
        Column("outstanding", "Outstanding", "right"),
        Column("due", "Due", "short"),
        Column("expected", "Expected", "short", help=EXPECTED),
        Column("likely", "On time · late · very late", "short"),
        Column("reason", "Main reason", "wide"),
    ]  # fmt: skip
    plain = [
        *(column for column in predicted if column.name in ("invoice", "customer", "outstanding", "due")),
        Column("issued", "Issued", "short"),
        Column("amount", "Amount", "right"),
    ]
    columns = [column for column in (predicted if view.model_id else plain) if column.name not in look.without]
    return [_sorting(column, look.sort) for column in columns]


def _sorting(column: Column, sort: Sort | None) -> Column:
    by = SORTED_BY.get(column.name)
    if sort is None or by is None:
        return column
    return column.sorting(now=by == sort.by, ascending=sort.ascending)


def _row(row: Mapping[str, Any], view: View, columns: Sequence[Column]) -> Row:
    return Row(links.key(row), {column.name: CELLS[column.name](row, view) for column in columns})


def _invoice(row: Mapping[str, Any], view: View) -> Cell:
    mark = "disputed" if "position" in row and row["position"] in cache.disputed(view) else ""
    return links.invoice(row, mark=mark)


def _customer(row: Mapping[str, Any], view: View) -> Cell:
    return links.customer(row, mark=habit_mark.of(view, row), below=links.account(row, several=len(view.companies) > 1))


def _money(name: str) -> Callable[[Mapping[str, Any], View], Cell]:
    def cell(row: Mapping[str, Any], view: View) -> Cell:
        several = len(cache.choices(view)["currency"]) > 1
        figure = fmt.amount(row[name], row["currency"])
        return listing.cell(figure, below=row["currency"] if several and row["currency"] != NO_CURRENCY else "")

    return cell


def _expected(row: Mapping[str, Any], view: View) -> Cell:
    return listing.cell(
        fmt.day(row["expected_date"]), below="by what was agreed" if row["position"] in agreed_dates.moved(view) else ""
    )


def _likely(row: Mapping[str, Any], view: View) -> Cell:
    p = [row["p_on_time"], row["p_late"], row["p_very_late"]]
    if p[ON_TIME] is None:
        return ""
    figures = fmt.percents(p, view.flag_below(row["company"]))
    names = ("on time", "late", "very late")
    alt = ", ".join(f"{name} {figure}" for name, figure in zip(names, figures, strict=True))
    return listing.bar(p, " · ".join(figures), alt)


def reason(row: Mapping[str, Any]) -> str:
    """The reason of a row of a list, in words."""
    if not row["reason"]:
        return ""
    if row["reason"]["theme"] == "overdue":
        return messages.already(row["days_past_due"], very_late=row["p_very_late"] == 1)
    return messages.reason(row["reason"], row["due_date"])


def _circle(row: Mapping[str, Any], view: View) -> Cell:
    flagged = is_flagged(row["p_on_time"], view.flag_below(row["company"]))
    return listing.flag(flagged=flagged, alt=widgets.flag_word(flagged=flagged))


CELLS: Mapping[str, Callable[[Mapping[str, Any], View], Cell]] = {
    "circle": _circle,
    "invoice": _invoice,
    "customer": _customer,
    "at_risk": _money("at_risk"),
    "very_late": _money("very_late"),
    "outstanding": _money("outstanding"),
    "amount": _money("amount"),
    "due": lambda row, _: listing.cell(fmt.past_due(row["days_past_due"]), below=fmt.day(row["due_date"])),
    "expected": _expected,
    "issued": lambda row, _: fmt.day(row["issue_date"]),
    "likely": _likely,
    "reason": lambda row, _: reason(row),
}


def _head(group: CustomerGroup, look: Look, view: View) -> listing.Json:
    """The customer, and what its invoices come to."""
    risk = group.very_late if look.overdue else group.at_risk
    name = "likely very late" if look.overdue else "at risk"
    parts = [fmt.count(group.count, "invoice"), f"outstanding {fmt.money(group.outstanding, group.currency)}"]
    parts += [f"{name} {fmt.money(risk, group.currency)}"] if risk is not None else []
    place = {"company": group.company, "customer": group.customer_id}
    mark = habit_mark.of(view, {"company": group.company, "customer_id": group.customer_id})
    return listing.link(group.customer_name, "customer", mark=mark, beside=" · ".join(parts), **place)


def _more(group: CustomerGroup) -> str:
    """What of a customer's invoices is not listed."""
    if (left := group.count - len(group.rows)) == 0:
        return ""
    rest = group.outstanding - pc.sum(group.rows["outstanding"]).as_py()
    return f"and {fmt.count(left, 'more invoice')}, outstanding {fmt.money(rest, group.currency)}"
