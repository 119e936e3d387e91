"""Which ledgers are here, and how does a file become one?"""

import streamlit as st

from pages.ui import format as written
from pages.ui import ledger_list, mapping, parts, review, session, upload

work = upload.current()
parts.title("Ledgers", "Upload a file, check what was understood, commit")
ledger_list.progress()

if work is None:
    upload.ask_for_file()
    committed = session.recall("committed")
    records = session.workspace().ledgers()
    for record in (each for each in records if each.id == committed):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(":green[:material/check_circle:] **Committed**")
            st.text(f"{record.name}: {written.count(record.rows, 'row')}")
            st.space("stretch")
            ledger_list.predict(record, primary=True)
    if records:
        st.subheader("Earlier ledgers", anchor=False)
        ledger_list.show(records)
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    st.text(f"{work.path.name}")
    st.button("Discard this upload", icon=":material/close:", type="tertiary", on_click=upload.discard)

ledger = work.draft.ledger
st.subheader("1 · Columns", anchor=False)
mapping.show(work)
review.notes(work)
if ledger is None:
    st.stop()

st.subheader("2 · Rows", anchor=False)
review.rows(work, ledger)
review.problems(ledger)
st.subheader("3 · Totals", anchor=False)
review.totals(ledger)
with st.expander("The first rows as they were understood"):
    review.preview(ledger)

st.subheader("4 · Commit", anchor=False)
if committed := review.commit(work, ledger):
    session.remember("committed", committed)
    st.rerun()
