"""How far can the predictions be relied on? Proof from the past of this very ledger."""

import streamlit as st

from pages.ui import format as written
from pages.ui import parts, proof, session

view = session.require_ledger()
parts.title("Trust", "Past days of this ledger, predicted again on what was known then, against what happened")

view, companies = proof.asked(view)
recipe = proof.recipe(view)
kept = proof.kept(view, recipe, companies)
proof.offer(view, recipe, kept)
if kept is None:
    st.stop()

proof.grade(kept)
if not kept.report["rows"]:
    st.stop()
st.caption(
    f"{written.count(kept.report['rows'], 'case')} on {written.count(len(kept.dates), 'past day')}, replayed "
    f"{written.moment(kept.made_at)}. Invoices whose answer is not known yet are left out, however they ended."
)
months, meaning, flag, slices, dates, watch = st.tabs(
    ["By month", "Means what it says", "The flag", "For whom", "Expected dates", "Since then"],
    key="proof",
    bind="query-params",
)
with months:
    proof.by_month(kept)
with meaning:
    proof.meaning(kept)
with flag:
    proof.flag(kept, view)
with slices:
    proof.slices(kept)
with dates:
    proof.expected_dates(kept)
with watch:
    proof.since_then(view, kept, companies)
