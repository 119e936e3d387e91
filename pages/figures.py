"""Are we getting better? How fast sales turn into cash, over the months, beside goals, and what moved most."""

import streamlit as st

from pages.ui.figures import figure_details, figure_tiles, report_button
from pages.ui.shared import format as fmt
from pages.ui.shared import one_currency, session, totals, widgets

view = session.require_ledger()
widgets.title("Figures", f"How fast sales turn into cash, as of {fmt.day(view.as_of)} and over the months before")
part = figure_tiles.asked_part(view)
currencies = list(totals.figures_over_time(view, part).months)
by = one_currency.asked(view, currencies)
figures = totals.figures_over_time(view, part, by)
if not figures.months:
    with st.container(horizontal=True, vertical_alignment="bottom", key=session.free_key("controls")):
        figure_tiles.ask_part(view)
    widgets.empty_state("Nothing is open", f"No invoice was open as of {fmt.day(view.as_of)}. Choose another day beside.")
    st.stop()

with st.container(horizontal=True, vertical_alignment="bottom", key=session.free_key("controls")):
    figure_tiles.ask_part(view)
with st.container(horizontal=True, vertical_alignment="bottom", key=session.free_key("controls")):
    currency = figure_tiles.ask_currency(figures)
    one_currency.ask(currencies)
    st.space("stretch")
    report_button.show(view)
one_currency.say(view, currencies, by)
figure_tiles.show(view, figures, currency)
figure_tiles.moved(view, figures, currency)
figure_tiles.promises(view, figures)
figure_details.show(view, figures, currency)
