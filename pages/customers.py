"""Who owes how much, and how much of it will probably come on time, late or very late?"""

import streamlit as st

from insights import portfolio
from pages.ui.customers import changed_habits, customer_table
from pages.ui.ledgers import exchange_rates
from pages.ui.shared import cache, downloads, query_params, session, training_progress, widgets
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
ranked = portfolio.ranked(everybody, by=wanted.by, currency=wanted.currency, search=wanted.search, companies=wanted.companies)
if not len(ranked):
    widgets.empty_state(
        "Nobody found", "No customer with open invoices has this in its name or account.", icon=":material/search_off:"
    )
    st.stop()

drawn, aged = st.columns([3, 2], gap="medium")
with drawn.container(border=True):
    customer_table.chart(ranked, view, wanted)
with aged.container(border=True):
    st.header("How old it is", anchor=False)
    customer_table.ageing(cache.balances(view), wanted.currency)
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.header("Who owes it", anchor=False)
    st.space("stretch")
    named = f"customers-{view.as_of}-{wanted.currency}"
    downloads.buttons(named, lambda: portfolio.exact_amounts(ranked), kind="customers", of=view.ledger.id)
customer_table.show(ranked, view, wanted, page=query_params.page_number(), size=PAGE_SIZE)
changed_habits.show(view, everybody, wanted.companies)
st.header("How fast it turns into cash", anchor=False)
customer_table.speed(cache.figures(view), wanted.currency)
if note := fmt.overdue(view.rules_by_company.values()):
    st.caption(note)
