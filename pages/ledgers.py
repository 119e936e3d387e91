"""Which ledgers are here, and how does a file become one?"""

import streamlit as st

from pages.ui.ledgers import exchange_rates, ledger_list, mapping, review, upload
from pages.ui.ledgers import update as updating
from pages.ui.shared import session, widgets

work = upload.current()
widgets.title("Ledgers", "Upload a file, check what was understood, commit")
ledger_list.progress()

if work is None:
    upload.ask_for_file()
    ledger_list.show(session.contents().ledgers, session.recall("committed"))
    exchange_rates.ask()
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    st.text(" + ".join(work.names))
    st.button("Discard this upload", icon=":material/close:", type="tertiary", on_click=upload.discard)

ledger = work.draft.ledger
st.subheader("1 · Columns", anchor=False)
mapping.recognised(work)
mapping.show(work)
mapping.further_files(work)
review.notes(work)
if ledger is None:
    st.info("The rows are shown as soon as the questions above are answered.", icon=":material/help:")
    review.cells(work)
    st.stop()

update = updating.ask(work, ledger)
st.subheader("2 · Rows", anchor=False)
rows = st.container()
review.problems(work, ledger)
st.subheader("3 · Sums", anchor=False)
checked = review.controls(work, ledger)
review.totals(work, checked)
with rows:
    review.rows(work, checked)
with st.expander("The first rows as they were understood", icon=":material/table_rows:"):
    review.preview(ledger)

st.subheader("4 · Commit", anchor=False)
review.save_mapping(work)
if committed := review.commit(work, ledger, update):
    session.remember("committed", committed)
    st.rerun()
