"""What is this, and where do I begin?"""

import streamlit as st

from insights.access import Capability
from insights.services.versions import newest_versions
from pages.ui.overview import role_tiles
from pages.ui.shared import format as fmt
from pages.ui.shared import session, training_progress, widgets

MOST = 3  # ledgers offered here; Ledgers lists them all

widgets.title("Payment Insights")
running = training_progress.sample_job()
if not running:
    with widgets.refusals():
        role_tiles.show()
st.text(
    "Upload a receivables ledger, and see for every open invoice how probable it is that it will be paid on time, late or "
    "very late, and why.\nInvoices that are likely to be late are marked with a red circle, while there is still time to act.\n"
    "Everything stays on this computer: no data leaves it."
)

ledgers = newest_versions(session.contents().ledgers)[:MOST] if not running else []
for at, record in enumerate(ledgers):
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap="xxsmall", width="stretch"):
            st.text(record.name or record.id)
            st.caption(
                f"complete through {fmt.day(record.complete_through)}"
                if not session.person().reach.everything
                else f"{fmt.count(record.rows, 'row')} · complete through {fmt.day(record.complete_through)} · "
                f"receivables {fmt.round_moneys(record.outstanding)}"
            )
        if st.button("Open invoices", key=f"open_{record.id}", type="secondary" if at else "primary"):
            session.go("open_invoices.py", ledger=record.id)

if not session.person().may(Capability.IMPORT):
    st.stop()
sample, own = st.columns(2, border=True)
with sample:
    st.header(":material/explore: Look around", anchor=False)
    st.text("6,000 invented invoices of 120 customers: read, learned from and predicted in a few seconds.")
    if running:
        training_progress.progress(running, training_progress.publish_and_show)
    elif st.button("Try the sample ledger", type="secondary" if ledgers else "primary", key="try_sample"):
        training_progress.start_sample()
with own:
    st.header(":material/upload_file: Use your own ledger", anchor=False)
    st.text("CSV, Excel or Parquet: one row per invoice, with customer, issue date, due date, amount and paid date.")
    if st.button("Upload your ledger", key="upload_own"):
        session.go("ledgers.py")
