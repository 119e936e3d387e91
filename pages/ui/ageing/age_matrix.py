"""How does the matrix of customers and ages look, what may be chosen of it, and what does a click on an amount do?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import messages, portfolio
from insights.ledger.errors import Refused
from insights.ledger.keys import SEPARATOR
from insights.portfolio import AgeRanges
from insights.services.ageing import UNPAID_DAYS, AgedLedger
from pages.ui.shared import choices, links, listing, one_currency, query_params, session, whose
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Choosing, Column, Listing, Row, Turn
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

OWED, NET = "receivables", "net"
COUNTED = {portfolio.DUE: "Due date", portfolio.ISSUE: "Issue date"}
SHOWN = {OWED: "Receivables", NET: "Net balance"}
SORTS = {"receivables": "Amount", "oldest": "Oldest", "customer_name": "Name"}
WHOLE = "All customers"
RANGES = "30,60,90"
CELL, WHO, OF = "cell", "who", "of"  # of the address: the column chosen, and whose amount it is: account, company
HEADINGS = {
    "receivables": "Receivables",
    "credits": "Credit notes",
    "on_account": "On account",
    "net_balance": "Net balance",
    "unpaid": f"Unpaid in {UNPAID_DAYS} days",
}
HELP = {
    "receivables": "What is outstanding on open invoices: not due and all ranges.",
    "credits": "Credit notes that are not applied to an invoice yet.",
    "on_account": "Payments that are not applied to an invoice yet.",
    "net_balance": "Receivables less credit notes and payments on account.",
    "unpaid": f"What will probably still be unpaid {UNPAID_DAYS} days from this day: outstanding × probability, summed.",
}


@dataclass(frozen=True)
class WantedAges:
    """What the address asks of the matrix; `company` None: of all."""

    ranges: AgeRanges
    currency: str
    company: str | None
    shown: str  # OWED or NET
    by: str  # of SORTS
    search: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The amounts, as columns of `portfolio.matrix`."""
        apart = ("credits", "on_account", "net_balance") if self.shown == NET else ()
        ages = self.ranges.columns if self.ranges.by == portfolio.DUE else self.ranges.columns[1:]  # issued is never ahead
        return (*ages, "receivables", *apart)

    def heading(self, column: str) -> str:
        """Of a column of amounts."""
        names = dict(zip(self.ranges.columns, self.ranges.names, strict=True))
        if column == "not_due":
            return "Not due"
        return f"{names[column]} days".replace("over", "Over") if column in names else HEADINGS[column]


def asked_ranges() -> AgeRanges:
    """From which day age counts, and the ranges, as the address asks; the usual ones where it names none."""
    by = query_params.one_of("by", list(COUNTED))
    try:
        return AgeRanges.of(query_params.get("ranges", RANGES), by)
    except Refused:
        return AgeRanges(by)


def ask_ranges() -> None:
    """Draws what `asked_ranges` reads; what names no ranges is said."""
    by = choices.side_by_side("Age counts from", "by", COUNTED)
    text = query_params.get("ranges", RANGES)
    st.text_input(
        "Ranges end after days",
        key=session.bind("ranges", text),
        width=165,
        on_change=session.on_filter_change,
        args=("ranges",),
        help="The last day of each range but the last one, ascending: 30,60,90.",
    )
    try:
        AgeRanges.of(text, by)
    except Refused as refused:
        st.warning(messages.plain(str(refused)), icon=":material/info:")


def asked(view: View, aged: AgedLedger, owed: list[str]) -> WantedAges:
    """Draws the choices, which live in the address: what is counted, then how it is shown; `owed`: the currencies as they are."""
    currencies = [total.currency for total in sorted(aged.totals, key=lambda total: -total.invoices)]
    companies = sorted(pc.unique(aged.items["company"]).to_pylist())
    with st.container(horizontal=True, vertical_alignment="bottom", key=session.free_key("controls")):
        ask_ranges()
        search = choices.search("Customer", "Name or account", width=190)
        company = choices.company(companies)
        whose.ask(view)
    with st.container(horizontal=True, vertical_alignment="bottom", key=session.free_key("controls")):
        currency = choices.side_by_side("Currency", "currency", choices.names_of_currencies(currencies or owed))
        one_currency.ask(owed)
        shown = choices.side_by_side("Shown", "shown", SHOWN)
        by = choices.side_by_side("Sorted by", "sorted", SORTS)
    return WantedAges(aged.ranges, currency, company, shown, by, (search or "").strip())


def of_view(aged: AgedLedger, wanted: WantedAges) -> pa.Table:
    """The items of the currency and company chosen."""
    mine = pc.equal(aged.items["currency"], wanted.currency)
    if wanted.company is not None:
        mine = pc.and_(mine, pc.equal(aged.items["company"], wanted.company))
    return aged.items.filter(mine)


def tiles(aged: AgedLedger, wanted: WantedAges) -> None:
    """The totals of what is chosen."""
    totals = portfolio.aged_totals(of_view(aged, wanted), aged.ranges)
    if not totals:
        return
    (total,), money = totals, wanted.currency
    past = total.receivables - total.parts[0]
    oldest = f"{fmt.round_money(total.parts[-1], money)} over {aged.ranges.ends[-1]} days"
    apart = total.credits + total.on_account
    shown = [
        Tile("Receivables", fmt.money(total.receivables, money), fmt.count(total.invoices, "open invoice")),
        Tile("Net balance", fmt.money(total.net_balance, money), f"{fmt.round_money(apart, money)} not applied yet"),
    ]
    if aged.ranges.by == portfolio.DUE:
        share = past / total.receivables if total.receivables else None
        shown.append(Tile("Past due", fmt.money(past, money), f"{fmt.percent(share)}, {oldest}"))
    else:
        shown.append(Tile(f"Issued over {aged.ranges.ends[-1]} days ago", fmt.money(total.parts[-1], money)))
    if total.unpaid is not None:
        share = total.unpaid / total.receivables if total.receivables else None
        shown.append(
            Tile(
                f"Likely unpaid in {UNPAID_DAYS} days",
                fmt.money(total.unpaid, money),
                f"{fmt.percent(share)} of the receivables",
                HELP["unpaid"],
            )
        )
    row(*shown)


def exactness(view: View, aged: AgedLedger, wanted: WantedAges) -> None:
    """Whether a past day is shown as the books had it."""
    if not aged.exact[wanted.currency]:
        st.caption(
            f":material/info: As invoiced: this ledger does not date payments in part, so whatever was open on "
            f"{fmt.day(view.as_of)} counts with its full amount."
        )
    elif view.as_of != view.ledger.last_as_of:
        st.caption(f"As the books said before {fmt.day(view.as_of)}: payments in part count from the day after they came.")


def show(view: View, aged: AgedLedger, wanted: WantedAges, *, page: int, size: int) -> None:
    """One page of the matrix below its totals; an amount chooses the invoices behind it, a name opens the customer."""
    items = of_view(aged, wanted)
    ranked = sorted_rows(portfolio.matrix(items, wanted.ranges), wanted)
    pages = max(1, -(-len(ranked) // size))
    page = min(page, pages)
    customers = ranked.slice((page - 1) * size, size)
    if not len(ranked):
        st.text("No customer with something open has this in its name or account.")
    total = [] if wanted.search else portfolio.matrix(items, wanted.ranges, ["currency"]).to_pylist()
    amounts = [*wanted.columns, *(["unpaid"] if "unpaid" in ranked.column_names else [])]
    several = wanted.company is None and pc.count_distinct(items["company"]).as_py() > 1
    rows = [_row(owed, amounts, wanted.currency, several=several) for owed in (*total, *customers.to_pylist())]
    first = (page - 1) * size + 1
    turn = Turn(page, pages, f"{first:,} to {first + len(customers) - 1:,} of {fmt.count(len(ranked), 'customer')}")
    listed = Listing(
        CAPTION,
        [_sorting(Column("customer", "Customer"), wanted)]
        + [_sorting(Column(name, wanted.heading(name), "right", help=HELP.get(name)), wanted) for name in amounts],
        listing.whole(rows),
        "customer",
        turn,
        lambda name: query_params.set_params(sorted=_sorts(wanted)[name]),
        choosing=Choosing(_chosen(), _choose),
        matrix=True,
        scrolls=len(rows) > listing.IN_SIGHT,
    )
    listing.show(listed, view, key="ages")


CAPTION = "What each customer owes, by age; an amount shows the invoices behind it"


def _row(row: Mapping[str, Any], amounts: Sequence[str], currency: str, *, several: bool) -> Row:
    """A customer, or all of them; an amount of nothing has no invoices behind it, but a net balance of nothing may."""
    total = "customer_id" not in row
    cells: dict[str, listing.Cell] = {
        name: listing.chooses(fmt.amount(row[name], currency))
        if row[name] or name == "net_balance"
        else fmt.amount(row[name], currency)
        for name in amounts
    }
    if total:
        return Row("", {"customer": WHOLE, **cells}, total=True)
    cells["customer"] = links.customer(row, below=links.account(row, several=several))
    return Row(links.customer_key(row), cells)


def _sorts(wanted: WantedAges) -> dict[str, str]:
    """Column -> what its heading sorts by."""
    return {
        "customer": "customer_name",
        wanted.ranges.columns[-1]: "oldest",
        "net_balance" if wanted.shown == NET else "receivables": "receivables",
    }


def _sorting(column: Column, wanted: WantedAges) -> Column:
    by = _sorts(wanted).get(column.name)
    if by is None:
        return column
    return column.sorting(now=by == wanted.by, ascending=by == "customer_name")


def _chosen() -> tuple[str, str] | None:
    """Row and column of the amount that the address names."""
    column, who = query_params.get(CELL), query_params.get(WHO)
    if not column:
        return None
    return (f"{query_params.get(OF)[1:]}{SEPARATOR}{who[1:]}" if who else "", column)


def _choose(row: str, column: str) -> None:
    """A callback: the amount that was pressed becomes part of the address."""
    company, _, customer = row.partition(SEPARATOR)
    who = {WHO: f"={customer}", OF: f"={company}"} if row else {WHO: "", OF: ""}
    query_params.set_params(**{CELL: column, query_params.PAGE: query_params.get(query_params.PAGE), **who})


def sorted_rows(rows: pa.Table, wanted: WantedAges) -> pa.Table:
    """The customers that the search names, in the order chosen."""
    if wanted.search:
        either = (pc.match_substring(rows[name], wanted.search, ignore_case=True) for name in ("customer_name", "customer_id"))
        rows = rows.filter(pc.or_(*either))
    by = {"oldest": wanted.ranges.columns[-1], "receivables": "net_balance" if wanted.shown == NET else "receivables"}
    column = by.get(wanted.by, wanted.by)
    direction = "ascending" if column == "customer_name" else "descending"
    names = [(name, "ascending") for name in ("customer_name", "company", "customer_id")]
    return rows.sort_by(
        [(column, direction), *(order for order in (("receivables", "descending"), *names) if order[0] != column)]
    )
