"""Which invoices stand behind a week's cash, and who will probably leave it short?"""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights.portfolio import cash
from insights.portfolio.cash import CurrencyForecast
from insights.services.cash import CashBook
from pages.ui.cash import weeks
from pages.ui.cash.weeks import WEEK, WantedCash
from pages.ui.shared import format as fmt
from pages.ui.shared import query_params, session
from pages.ui.shared.view import View

MOST = 200  # rows shown; the sum is that of all
ROW_HEIGHT = 30
SHORT_WEEKS = 4


def invoices(view: View, book: CashBook, forecast: CurrencyForecast, wanted: WantedCash) -> None:
    """The invoices of which something is expected in the week that the address names."""
    names = {str(number): f"Week {number}, from {fmt.day(week.start)}" for number, week in enumerate(forecast.weeks, 1)}
    now = query_params.one_of(WEEK, list(names))
    st.selectbox(
        "Week",
        list(names),
        format_func=lambda each: names[each],
        key=session.bind(WEEK, now),
        on_change=session.on_filter_change,
        args=(WEEK,),
        width=300,
    )
    rows = cash.of_week(weeks.of_view(book.agreed, wanted), int(now) - 1)
    expected = int(pc.sum(rows["expected"]).as_py() or 0)
    more = f", the {MOST} largest shown" if len(rows) > MOST else ""
    later = forecast.weeks[int(now) - 1].not_invoiced
    st.text(
        f"{fmt.money(expected, wanted.currency)} from {fmt.count(len(rows), 'open invoice')}{more}; and "
        f"{fmt.money(later, wanted.currency)} from invoices not issued yet."
    )
    amounts = {"expected": "Expected in this week", "outstanding": "Outstanding"}
    listing(rows.slice(0, MOST), wanted, amounts, key=f"week-{view.key}-{now}", view=view)


def listing(rows: pa.Table, wanted: WantedCash, amounts: dict[str, str], *, key: str, view: View) -> None:
    """Invoices as a grid; a click on one opens it."""
    listed = rows.to_pylist()
    frame = pd.DataFrame(
        [
            {
                "Invoice": each["invoice_id"],
                "Customer": each["customer_name"],
                **{heading: fmt.amount(each[name], wanted.currency) for name, heading in amounts.items()},
                "Due date": fmt.day(each["due_date"]),
                "On time": fmt.percent(each["p_on_time"], view.flag_below(each["company"])),
            }
            for each in listed
        ],
        dtype="str",
    )
    right = {name: st.column_config.TextColumn(name, alignment="right") for name in (*amounts.values(), "On time")}
    choice = st.dataframe(
        frame,
        hide_index=True,
        column_config=right,
        row_height=ROW_HEIGHT,
        on_select="rerun",
        selection_mode="single-row",
        key=f"behind-{key}",
    )
    if picked := choice.selection.rows:
        each = listed[picked[0]]
        session.go("invoice.py", view, company=each["company"], invoice=each["invoice_id"], line=each["line"])


def shortfall(view: View, book: CashBook, wanted: WantedCash) -> None:
    """Customers by what they will probably leave unpaid of what is due within four weeks, or is past due."""
    rows = cash.shortfall(weeks.of_view(book.agreed, wanted), book.as_of, SHORT_WEEKS)
    due, expected, short = (int(pc.sum(rows[name]).as_py() or 0) for name in ("due", "expected", "short"))
    money = wanted.currency
    st.text(
        f"Of {fmt.money(due, money)} that is past due or falls due within four weeks, {fmt.money(expected, money)} will "
        f"probably come by then, and {fmt.money(short, money)} will not."
    )
    several = len(view.companies) > 1
    weeks.listing(
        [
            {
                "Customer": each["customer_name"],
                **({"Company": each["company"]} if several else {}),
                "Due by then": fmt.amount(each["due"], money),
                "Expected by then": fmt.amount(each["expected"], money),
                "Short": fmt.amount(each["short"], money),
                "Of the whole": fmt.percent(each["short"] / short if short else None),
            }
            for each in rows.slice(0, MOST).to_pylist()
        ],
        left=2 if several else 1,
    )
