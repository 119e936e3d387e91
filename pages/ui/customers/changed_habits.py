"""Which customers now pay otherwise than they used to, with the evidence?"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights.messages import habits as sentences
from insights.portfolio import DaysLateTrend
from insights.portfolio.changed_habits import FALSE_SHARE
from insights.services.changed_habits import exported
from pages.ui.shared import cache, downloads, links, listing
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Cell, Column, Group, Listing, Row
from pages.ui.shared.view import View

MOST = 20  # customers drawn; the files have all
CAPTION = "Customers whose habit changed, those who pay later first"
COLUMNS = (
    Column("customer", "Customer"),
    Column("change", "Now pays", "short", help="The mean days late of the last 90 days less that of the year before those."),
    Column("now", "Last 90 days", "short"),
    Column("before", "Year before", "short"),
    Column(
        "later", "Later in", "short", help="Of all pairs of a recent day of payment and one before, those in which it is later."
    ),
    Column("owed", "Receivables", "right"),
)


def show(view: View, everybody: pa.Table, companies: Sequence[str]) -> None:
    """The list of some companies (none = all), the rule behind it, and the buttons that write it; `everybody`: who owes what."""
    trends = cache.paying(view).trends
    if companies:
        trends = trends.filter(pc.is_in(trends["company"], pa.array(companies)))
    changed = trends.filter(trends["changed"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.header("Whose habit changed", anchor=False)
        st.space("stretch")
        if len(changed):
            named, of = f"changed-habits-{view.as_of}", view.ledger.id
            downloads.buttons(named, lambda: exported(changed), kind="changed_habits", of=of, key="changed_habits")
    if len(changed):
        drawn = changed.slice(0, MOST).to_pylist()
        rows = [Row(links.customer_key(row), _cells(view, row, everybody)) for row in drawn]
        more = fmt.count(len(changed) - MOST, "more customer") if len(changed) > MOST else ""
        listing.show(
            Listing(CAPTION, COLUMNS, [Group(rows, more=more and f"and {more}")], "customer"), view, key="changed_habits"
        )
    st.caption(sentences.rule(len(trends), len(changed), FALSE_SHARE))


def _cells(view: View, row: Mapping[str, Any], everybody: pa.Table) -> dict[str, Cell]:
    trend = DaysLateTrend.of(row)
    return {
        "customer": links.customer(row, below=links.account(row, several=len(view.companies) > 1)),
        "change": listing.cell(sentences.short(trend).removeprefix("pays "), strong=trend.worse),
        "now": listing.cell(sentences.days_late(trend.now), below=fmt.count(trend.invoices_now, "invoice")),
        "before": listing.cell(sentences.days_late(trend.before), below=fmt.count(trend.invoices_before, "invoice")),
        "later": f"{100 * trend.later:.0f} of 100 pairs",
        "owed": _owed(everybody, row),
    }


def _owed(everybody: pa.Table, row: Mapping[str, Any]) -> str:
    """What the customer owes per currency; an em dash where nothing is open."""
    is_mine = pc.and_(pc.equal(everybody["company"], row["company"]), pc.equal(everybody["customer_id"], row["customer_id"]))
    mine = everybody.filter(is_mine)
    return fmt.moneys(dict(zip(mine["currency"].to_pylist(), mine["outstanding"].to_pylist(), strict=True)))
