"""Who owes how much, and how much of it will probably come on time, late or very late?"""

import streamlit as st

from insights import portfolio
from pages.ui.customers import customer_table
from pages.ui.invoices import invoice_table
from pages.ui.ledgers import exchange_rates
from pages.ui.shared import cache, query_params, session, training_progress, widgets
from pages.ui.shared import format as fmt

PAGE_SIZE = 50

view = session.require_ledger()
session.remember_list("customers")
widgets.title("Customers", f"What is open as of {fmt.day(view.as_of)}, and how much of it will probably be paid in time")
if not view.model_id:
    training_progress.offer(view.ledger, view.as_of)

everybody = cache.customers(view)
if not len(everybody):
    widgets.empty_state("Nothing is open", f"No invoice was open as of {fmt.day(view.as_of)}. Choose another day beside.")
    st.stop()

wanted = customer_table.asked(view, everybody)
customer_table.tiles(view, everybody, cache.balances(view), wanted.currency)
exchange_rates.total(view, everybody)
ranked = portfolio.ranked(everybody, by=wanted.by, currency=wanted.currency, search=wanted.search)
if not len(ranked):
    widgets.empty_state(
        "Nobody found", "No customer with open invoices has this in its name or account.", icon=":material/search_off:"
    )
    st.stop()

drawn, listed = st.columns([2, 3], gap="medium")
with drawn.container(border=True):
    customer_table.chart(ranked, view, wanted)
with listed:
    page = customer_table.show(ranked, view, wanted, page=query_params.page_number(), size=PAGE_SIZE)
    invoice_table.paging(page, view)

st.subheader("How old it is, and how fast it turns into cash", anchor=False)
aged, fast = st.columns([2, 3], gap="medium")
with aged.container(border=True):
    customer_table.ageing(cache.balances(view), wanted.currency)
with fast:
    customer_table.speed(cache.figures(view), wanted.currency)
if note := fmt.overdue(view.rules_by_company.values()):
    st.caption(note)
