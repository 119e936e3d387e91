"""Will this invoice be paid on time, why (not), and how is business with the customer?"""

import streamlit as st

from insights.ledger.keys import InvoiceKey
from insights.portfolio import worklist
from pages.ui.customers import customer_details
from pages.ui.invoices import invoice_details, invoice_list, invoice_table, what_if
from pages.ui.shared import agreed_dates, cache, links, one_customer, query_params, session, training_progress, widgets

company, number, line = query_params.get("company"), query_params.get("invoice"), query_params.get("line", "1")
key = InvoiceKey(company, query_params.get("customer"), number, line)
whole = session.require_ledger()
view = whole.of(company)
source = cache.source(view)
invoice = worklist.invoice(source, key)
with st.container(horizontal=True, vertical_alignment="center", key="links-back-walk"):
    links.back(view, "open_invoices", "worklist", "ageing")
    if invoice:
        st.space("stretch")
        invoice_list.walk(whole, InvoiceKey.of(invoice))
if invoice is None:
    invoice_details.absent(view, number)
    st.stop()

invoice_details.heading(view, invoice)
insights = one_customer.customer_insights(view, company, invoice["customer_id"])
prediction, facts = st.columns([2, 1], gap="large")
with facts:
    invoice_details.facts(invoice)
with prediction:
    if view.model_id:
        agreed_on = worklist.invoice(agreed_dates.source(view), key) if invoice["position"] in agreed_dates.moved(view) else None
        invoice_details.probabilities(invoice, view.threshold, agreed_on["expected_date"] if agreed_on else None)
    else:
        training_progress.offer(view.ledger, view.as_of)
if view.model_id:
    with st.spinner("Explaining …"):
        why = one_customer.why(view, invoice["position"])
    invoice_details.reasons(invoice, why, view.threshold)
    invoice_details.due_habit(view, invoice)
    invoice_details.date_evidence(one_customer.date_evidence(view, invoice["position"]))
    what_if.offer(view, invoice)

st.header("What was agreed", anchor=False)
invoice_details.agreed(view, invoice)

with st.container(horizontal=True, vertical_alignment="center"):
    widgets.data_heading(invoice["customer_name"])
    place = session.link(view, company=company, customer=invoice["customer_id"])
    st.page_link("customer.py", label="Open customer", icon=":material/arrow_forward:", icon_position="right", query_params=place)
state, aged, history = st.columns([6, 4, 7], gap="medium")
with state:
    invoice_details.state_of_business(insights)
with aged:
    invoice_details.aged(insights)
with history:
    customer_details.paid(view, insights)

others = invoice_details.others(agreed_dates.source(view), invoice, view.threshold)
st.header("Other open invoices of this customer", anchor=False)
if others.total.count:
    invoice_table.show(others.rows, view, key="others", look=invoice_table.Look(without=("customer",)))
else:
    st.text("None.")
