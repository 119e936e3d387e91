"""Who may sign in, as what, whose customers do they see, and how are they let in and out?"""

import streamlit as st

from pages.ui.shared import session, widgets
from pages.ui.users import newcomer, one_user, user_list

widgets.title(
    "Users", "Who may sign in, as what, and whose customers they see. What is changed here counts from the next click on."
)
if not session.guarded():
    st.info("Nobody signs in on this server yet: INSIGHTS_SIGN_IN says how people do.", icon=":material/info:")
everybody = user_list.everybody()
one_user.link_once()
if everybody:
    user_list.show(everybody)
    one_user.show(user_list.chosen(everybody))
newcomer.ask(first=not everybody)
