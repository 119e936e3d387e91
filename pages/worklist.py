"""Whom should I call now, why, what was agreed, and who is held back?"""

import streamlit as st

from pages.ui.shared import cache, query_params, session, training_progress, widgets
from pages.ui.shared import format as fmt
from pages.ui.worklist import drawer, held_back, weights, worklist_table

view = session.require_ledger()
session.remember_list("worklist")
by = "the money that is likely to slip" if view.model_id else "what is outstanding"
widgets.title("Worklist", f"Whom to call as of {fmt.day(view.as_of)}, by {by}")
if not view.model_id:
    training_progress.offer(view.ledger, view.as_of)

worklist = cache.shown_worklist(view, session.agreed(), session.person().name)
worklist_table.tiles(worklist)
part = worklist_table.part_of(worklist, query_params.page_number())
listed, beside = st.columns([6, 5], gap="medium")
with listed, st.container(key="listed"):
    worklist_table.show(view, worklist, part)
    worklist_table.formula(worklist)
    weights.offer(worklist.weights)
    held_back.show(view, worklist)
with beside, st.container(border=True, key="drawer"):
    drawer.show(view, worklist, worklist_table.current(worklist), worklist_table.selected(worklist, part))
