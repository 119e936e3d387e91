"""Which open invoices need attention, before it is too late?"""

import streamlit as st

from insights.portfolio import worklist
from pages.ui.invoices import downloads, filters, invoice_table
from pages.ui.shared import cache, query_params, session, training_progress, widgets
from pages.ui.shared import format as fmt

PAGE_SIZE = 50

view = session.require_ledger()
session.remember_list()
widgets.title("Open invoices")
if not view.model_id:
    training_progress.offer(view.ledger, view.as_of)

source = cache.source(view)
tab_row = st.container()
sort = invoice_table.asked_sort()
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    wanted = filters.filters(view)
    st.space("stretch")
    downloads.buttons(view, source, wanted, sort)
with tab_row:
    filters.tabs(view, worklist.tabs(source, wanted), wanted.tab)

page = worklist.select(
    source, wanted, sort=sort.by, ascending=sort.ascending, page=query_params.number("page") or 1, size=PAGE_SIZE
)
order = ("the largest amounts at risk first" if view.model_id else "the largest first") if sort.by == worklist.AT_RISK else ""
st.text(f"{fmt.count(page.total.count, 'invoice')}, receivables {fmt.moneys(page.total.sums)}{', ' * bool(order)}{order}")
if page.total.count:
    invoice_table.show(page.rows, view, key="open_invoices", sort=sort)
    invoice_table.paging(page, view)
else:
    widgets.empty_state("Nothing here", "No open invoice matches these filters.", icon=":material/filter_alt_off:")
    st.button("Clear the filters", on_click=query_params.clear_filters, icon=":material/filter_alt_off:")
