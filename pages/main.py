"""The frame around every screen: its title, the navigation, which ledger is shown and as of which day."""

import streamlit as st

from pages.ui.shared import frame, session, widgets

st.set_page_config(
    page_title="Payment Insights", page_icon=widgets.circle(flagged=True), layout="wide", initial_sidebar_state=240
)

OF_NO_LEDGER = {"Start", "Ledgers", "Record", "Users"}  # titles of pages that show no ledger, or all

sections = {
    "": [st.Page("start.py", title="Start", icon=":material/home:", default=True)],
    "Daily work": [
        st.Page("worklist.py", title="Worklist", icon=":material/checklist:"),
        st.Page("open_invoices.py", title="Open invoices", icon=":material/receipt_long:"),
        st.Page("customers.py", title="Customers", icon=":material/groups:"),
        st.Page("release_list.py", title="Release list", icon=":material/local_shipping:"),
    ],
    "Overseeing": [
        st.Page("cash.py", title="Cash", icon=":material/payments:"),
        st.Page("ageing.py", title="Ageing", icon=":material/hourglass_bottom:"),
        st.Page("figures.py", title="Figures", icon=":material/monitoring:"),
        st.Page("did_it_help.py", title="Did it help?", icon=":material/balance:"),
    ],
    "Setting up": [
        st.Page("ledgers.py", title="Ledgers", icon=":material/table_view:"),
        st.Page("models.py", title="Models", icon=":material/model_training:"),
        st.Page("trust.py", title="Trust", icon=":material/verified:"),
        st.Page("record.py", title="Record", icon=":material/history:"),
        st.Page("users.py", title="Users", icon=":material/manage_accounts:"),
    ],
}
drilled_to = [st.Page("invoice.py", title="Invoice"), st.Page("customer.py", title="Customer")]
page = st.navigation([*(screen for section in sections.values() for screen in section), *drilled_to], position="hidden")

session.begin()
st.logo(widgets.LOGO, size="large")
with widgets.refusals(), session.one_person():
    with st.sidebar:
        frame.navigation(sections)
        frame.view_choice()
        frame.who()
        frame.backup_reminder()
    frame.admit(page)
    session.follow()
    frame.confirmation()
    if page.title not in OF_NO_LEDGER:
        frame.notices()
    page.run()
