"""Which rates are kept, how do others take their place, and what is owed in one currency by them?"""

from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import streamlit as st

from insights import messages, portfolio
from insights.ledger.errors import Refused
from insights.ledger.exchange_rates import ConvertedTotal, Rate
from insights.ledger.money import NO_CURRENCY
from insights.services import rates
from insights.store import rate_tables
from insights.store.records import RateTable
from pages.ui.ledgers import upload
from pages.ui.shared import cache, dialogs, query_params, reading, session, sheets, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

ROUND = "rates_round"
ONE_DAY = timedelta(days=1)


def ask() -> None:
    """Draws which rates are kept, and the uploader of others; problems as their sentence."""
    turn = int(str(session.recall(ROUND) or 0))
    with st.expander("Exchange rates", icon=":material/currency_exchange:"):
        kept = rate_tables.newest(session.workspace())
        _told(kept)
        if kept and st.button("Remove these rates", key=f"remove_{kept.id}", icon=":material/delete:", type="tertiary"):
            _ask_to_remove(kept)
        into = st.text_input("Converts into, where the table has no such column", placeholder="EUR", max_chars=3, width=300)
        file = st.file_uploader(
            "A table of rates: date, from, to, rate",
            type=upload.TYPES,
            key=f"rates_{turn}",
            help="One unit of “from” is so many units of “to”, from that day until the next rate of the two.",
        )
        if file is not None:
            _keep(file, into.strip().upper(), turn)


def _told(kept: RateTable | None) -> None:
    if kept is None:
        st.text("Currencies are never added. With a table of dated rates, Customers shows a total in one currency as well.")
        return
    st.text(
        f"{kept.name}: {fmt.count(kept.rows, 'rate')} of {fmt.day(kept.first_day)} to {fmt.day(kept.last_day)} "
        f"between {', '.join(kept.currencies)}; kept by {kept.actor}, {fmt.moment(kept.created_at)}. "
        "Another table takes its place. Where a pair is missing, its rate is made from two others by a third currency."
    )


@dialogs.of_person("Remove these rates?", icon=":material/delete:")
def _ask_to_remove(kept: RateTable) -> None:
    """Asks, then removes."""
    st.text(
        f"“{kept.name}” with its {fmt.count(kept.rows, 'rate')} will be deleted. The table before it counts again, if there "
        "is one; else there are no totals in one currency. That it was removed stays on record."
    )
    widgets.confirm("Remove", _remove, (kept,), "Keep them", key="remove_rates")


def _remove(kept: RateTable) -> None:
    """A callback: removes the table, unless somebody else just did."""
    if (counting := rate_tables.newest(session.workspace())) and counting.id == kept.id:
        rates.remove(session.workspace(), kept.id, actor=session.person())


def _keep(file: "UploadedFile", into: str, turn: int) -> None:
    with upload.kept([file]) as (path,):
        with reading.reads([path.name]) as heard:
            rates.keep(session.workspace(), path, target=into, actor=session.person(), heard=heard)
        upload.forget([path])
        session.remember(ROUND, turn + 1)
        st.rerun()


def total(view: View, everybody: pa.Table) -> None:
    """What all currencies come to in one, by the rates known as of the date; nothing where there are no rates, or no need."""
    kept, owed = rate_tables.newest(session.workspace()), portfolio.sums(everybody, "outstanding")
    if kept is None or set(owed) == {kept.currencies[0]}:
        return
    with st.container(border=True):
        chosen, shown = st.columns([1, 5], gap="medium")
        into = query_params.one_of("into", kept.currencies)
        chosen.selectbox(
            "All currencies in",
            kept.currencies,
            key=session.bind("into", into),
            on_change=session.on_filter_change,
            args=("into",),
        )
        known, day = cache.rates(kept.id), view.as_of - ONE_DAY  # known strictly before the as-of date
        label, name = ("Expected late or very late", "at_risk") if view.model_id else ("Overdue", "overdue")
        with shown:
            try:
                totals = (known.total(owed, into, day), known.total(portfolio.sums(everybody, name), into, day))
            except Refused as refused:
                st.info(f"{messages.plain(str(refused))} So there is no total in {messages.plain(into)}.", icon=":material/info:")
            else:
                _tiles(*totals, label)
                with st.expander("How it adds up"):
                    sheets.figures(_parts(*totals, label), "The parts of the totals, by currency", key="parts")


def _tiles(balance: ConvertedTotal, part: ConvertedTotal, label: str) -> None:
    into, share = balance.currency, fmt.percent(part.amount / balance.amount if balance.amount else None)
    days = ", ".join(fmt.day(day) for day in sorted({rate.day for rate in balance.rates}))
    row(
        Tile(
            f"Receivables, all in {messages.plain(into)}",
            fmt.money(balance.amount, into),
            f"at {'rates' if len(balance.rates) > 1 else 'the rate'} of {days}" if days else "",
            "The receivables of each currency are converted and rounded; these are added.",
        ),
        Tile(f"{label}, all in {messages.plain(into)}", fmt.money(part.amount, into), f"{share} of the receivables"),
        border=False,
    )


def _rate_of(rate: Rate, into: str) -> str:
    if rate.source == into:
        return fmt.NOTHING
    return f"{fmt.day(rate.day)}, via {rate.via}" if rate.via else fmt.day(rate.day)


def _parts(balance: ConvertedTotal, part: ConvertedTotal, label: str) -> list[dict[str, str]]:
    """One row per currency, as text: the amounts that the tiles are the sums of."""
    into = balance.currency
    return [
        {
            "Currency": "none" if owed.rate.source == NO_CURRENCY else owed.rate.source,
            "Receivables": fmt.amount(owed.amount, owed.rate.source),
            f"Rate to {into}": f"{owed.rate.rate:.6g}",
            "Rate of": _rate_of(owed.rate, into),
            f"Receivables in {into}": fmt.amount(owed.converted, into),
            f"{label} in {into}": fmt.amount(of_it.converted, into),
        }
        for owed, of_it in zip(balance.parts, part.parts, strict=True)
    ]
