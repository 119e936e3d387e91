"""Which ledgers are here, and how does a file become one?"""

import streamlit as st

from pages.ui.ledgers import exchange_rates, ledger_list, mapping, review, spellings, upload
from pages.ui.ledgers import update as updating
from pages.ui.shared import format as fmt
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
mapping.recognised(work)
if ledger is None:
    mapping.questions(work)
    mapping.columns(work)
    mapping.further_files(work)
    review.notes(work)
    review.cells(work)
    st.stop()

rows = st.container()
review.warnings(work)
spellings.ask(work, ledger)
follows = updating.ask(work, ledger)
if committed := review.commit(work, ledger, follows):
    session.remember("committed", committed)
    st.rerun()

aside = f"Set aside: {fmt.count(ledger.rows_set_aside)}" if ledger.rows_set_aside else "Rows"
columns, problems, sums, first = st.tabs(["Columns", aside, "Sums", "First rows"])
with columns:
    mapping.columns(work)
    mapping.further_files(work)
    review.notes(work)
    review.save_mapping(work)
with problems:
    review.problems(work, ledger)
with sums:
    checked = review.controls(work, ledger)
    review.totals(work, checked)
with rows:
    review.rows(work, checked)
with first:
    review.preview(ledger)
