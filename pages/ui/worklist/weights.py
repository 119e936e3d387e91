"""By which three weights does a manager want the list to be ranked?"""

import streamlit as st

from insights.access import Capability
from insights.agreements.ranking import Weights
from insights.services import worklist as worklists
from insights.services.worklist import CONTACT_DAYS, MINIMUM
from pages.ui.shared import dialogs, session, widgets


def offer(now: Weights) -> None:
    """The button that opens the form."""
    if session.person().may(Capability.PLAN) and st.button("Weights", key="wl_weights", icon=":material/tune:", type="tertiary"):
        form(now)


@dialogs.of_person("How the worklist is ranked")
def form(now: Weights) -> None:
    with widgets.refusals(), st.form("weights", border=False):
        prevention = st.slider("Prevention against overdue", 0, 100, now.prevention, 5, format="%d%%", help=PREVENTION)
        contact_days = st.number_input("Days between contacts", *CONTACT_DAYS, now.contact_days)
        minimum = st.number_input("Minimum worth", *MINIMUM, now.minimum, help=WORTH)
        st.caption("It holds for everybody from now on, and is recorded under your name.")
        if st.form_submit_button("Save", type="primary"):
            worklists.set_weights(session.workspace(), Weights(prevention, contact_days, minimum), actor=session.person())
            st.rerun()


PREVENTION = "How much what is not due yet counts against what is overdue. 50%: money is money."
WORTH = "Whole units of money likely to slip, below which nobody is called."
