"""Which open invoices need attention, before it is too late?"""

import streamlit as st

from pages.ui.invoices import downloads, filters, invoice_list, invoice_table
from pages.ui.shared import query_params, session, training_progress, widgets

view = session.require_ledger()
session.remember_list()
widgets.title("Open invoices")
if not view.model_id:
    training_progress.offer(view.ledger, view.as_of)

wanted = filters.wanted(view, query_params.now())
sort = invoice_table.sort_of(view, wanted.tab, query_params.now())
filters.tabs(view, wanted)
with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="controls"):
    filters.draw(view)
    invoice_table.choose_order(view, sort, invoice_table.usual(view, wanted.tab))
    invoice_list.choose_grouping()
    st.space("stretch")
    downloads.buttons(view, wanted, sort)

if not invoice_list.show(view, wanted, sort):
    widgets.empty_state("Nothing here", "No open invoice matches these filters.", icon=":material/filter_alt_off:")
    st.button("Clear the filters", on_click=query_params.clear_filters, icon=":material/filter_alt_off:")
