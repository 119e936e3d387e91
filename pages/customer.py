"""How is business with this customer, how has it paid so far, and what is open?"""

import streamlit as st

from insights.portfolio import worklist
from pages.ui.customers import call_sheet, customer_details
from pages.ui.invoices import invoice_table
from pages.ui.shared import agreed_dates, cache, links, one_customer, query_params, session, widgets
from pages.ui.shared.listing import Turn

company, customer = query_params.get("company"), query_params.get("customer")
view = session.require_ledger().of(company)
with st.container(key="links-back"):
    links.back(view, "customers", "worklist", "open_invoices", "ageing", "release_list")
insights = one_customer.customer_insights(view, company, customer)
if insights.customer_since is None:
    customer_details.absent(view, customer)
    st.stop()

widgets.data_title(insights.customer_name, customer_details.subtitle(insights))
customer_details.to_do(view, insights)
call_sheet.buttons(view, insights)
customer_details.at_a_glance(view, insights)
customer_details.cases(view, insights)
predicted, history = st.columns(2, gap="medium")
with predicted.container(border=True, height="stretch"):
    customer_details.expected(cache.customers(view), view, insights)
    customer_details.ageing(insights)
with history.container(border=True, height="stretch"):
    st.header("How it has paid", anchor=False)
    customer_details.paid(view, insights, choices=True)
    customer_details.habits(view, insights)

st.header("What was agreed", anchor=False)
customer_details.agreed(view, insights)

opened = worklist.select(
    agreed_dates.source(view), customer_details.open_of(view, insights), page=query_params.page_number(), size=50
)
st.header("Open invoices", anchor=False)
if opened.total.count:
    turn = Turn(opened.page, opened.pages, f"Page {opened.page} of {opened.pages}")
    invoice_table.show(opened.rows, view, key="of_customer", look=invoice_table.Look(without=("customer",)), turn=turn)
else:
    st.text("None.")
