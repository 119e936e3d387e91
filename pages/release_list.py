"""Whose orders should somebody look at before they go out?"""

import streamlit as st

from insights.services import release as use_case
from pages.ui.customers import release_table
from pages.ui.shared import cache, downloads, query_params, session, training_progress, widgets
from pages.ui.shared import format as fmt

PAGE_SIZE = 50

view = session.require_ledger()
session.remember_list("release_list")
widgets.title("Release list", f"Whose orders to look at before they go out, as of {fmt.day(view.as_of)}")
if not view.model_id:
    training_progress.offer(view.ledger, view.as_of)

waiting = cache.release_list(view, use_case.threshold(session.workspace()))
release_table.tiles(view, waiting)
with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="controls"):
    shown = release_table.chosen(view, waiting)
    st.space("stretch")
    release_table.offer(waiting.threshold)
    named = f"release-list-{view.as_of}"
    downloads.buttons(named, lambda: use_case.exported(shown), kind="release", of=view.ledger.id)
release_table.rule(view, waiting)
if not len(waiting.table):
    widgets.empty_state(*release_table.nobody(waiting))
elif not len(shown):
    widgets.empty_state("Nobody found", "No customer on the list has this in its name or account.", icon=":material/search_off:")
else:
    release_table.show(view, shown, page=query_params.page_number(), size=PAGE_SIZE)
