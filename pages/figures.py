"""Are we getting better? How fast sales turn into cash, over the months, beside goals, and what moved most."""

import streamlit as st

from pages.ui.figures import figure_details, figure_tiles, report_button
from pages.ui.shared import cache, session, widgets
from pages.ui.shared import format as fmt

view = session.require_ledger()
widgets.title("Figures", f"How fast sales turn into cash, as of {fmt.day(view.as_of)} and over the months before")
choices = st.container(horizontal=True, vertical_alignment="bottom")
with choices:
    part = figure_tiles.asked_part(view)
figures = cache.figures_over_time(view, part)
if not figures.months:
    widgets.empty_state("Nothing is open", f"No invoice was open as of {fmt.day(view.as_of)}. Choose another day beside.")
    st.stop()

with choices:
    currency = figure_tiles.asked_currency(figures)
    st.space("stretch")
    report_button.show(view)
figure_tiles.show(view, figures, currency)
figure_tiles.moved(view, figures, currency)
figure_tiles.promises(view, figures)
figure_details.show(view, figures, currency)
