"""Did it help to call? What was done on each day's list, and whether contacted customers paid better than predicted."""

import streamlit as st

from insights.store import shown_lists as kept_lists
from pages.ui.shared import cache, session, widgets
from pages.ui.worklist import association, shown_lists

view = session.require_ledger()
widgets.title("Did it help?", "Each day's worklist as it was shown, what was done, and what came of it")
shown = kept_lists.fingerprint(session.workspace())
lists = cache.worked_lists(view, shown)
if not lists:
    widgets.empty_state(
        "No list has been shown yet",
        "Each day's worklist is recorded as it is shown, with rank, figure, gate and owner.",
        widgets.Step("Worklist", "worklist.py", ":material/checklist:"),
    )
    st.stop()

association.show(cache.contact_cases(view, shown))
shown_lists.show(view, lists)
