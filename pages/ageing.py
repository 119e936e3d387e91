"""How old is what is owed, by whom, and which invoices stand behind each amount?"""

import streamlit as st

from insights.services import ageing
from pages.ui.ageing import age_cells, age_matrix
from pages.ui.shared import format as fmt
from pages.ui.shared import one_currency, query_params, session, totals, whose, widgets

PAGE_SIZE = 50

view = session.require_ledger()
session.remember_list("ageing")
widgets.title("Ageing", f"What is owed as of {fmt.day(view.as_of)}, by how old it is")
ranges = age_matrix.asked_ranges()
currencies = [total.currency for total in totals.aged(view, ranges).totals]
by = one_currency.asked(view, currencies)
aged = totals.aged(view, ranges, by)
if (customers := whose.asked(view)) is not None:
    aged = ageing.of_some(aged, customers)
if not currencies:
    widgets.empty_state("Nothing is open", f"No invoice was open as of {fmt.day(view.as_of)}. Choose another day beside.")
    st.stop()

wanted = age_matrix.asked(view, aged, currencies)
one_currency.say(view, currencies, by)
age_matrix.tiles(aged, wanted)
age_matrix.exactness(view, aged, wanted)
age_matrix.show(view, aged, wanted, page=query_params.page_number(), size=PAGE_SIZE)
age_cells.downloads(view, aged)
age_cells.show(view, aged, wanted)
if note := fmt.overdue(view.rules_by_company.values()):
    st.caption(note)
