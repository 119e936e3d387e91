"""How far can the predictions be relied on? Proof from the past of this very ledger."""

import streamlit as st

from insights.store import shown_lists
from pages.ui.models import backtest
from pages.ui.shared import cache, session, widgets
from pages.ui.shared import format as fmt
from pages.ui.worklist import association

view = session.require_ledger()
widgets.title("Trust", "What was predicted, against what happened")

view, companies = backtest.asked(view)
recipe = backtest.recipe(view)
kept = backtest.kept(view, recipe, companies)
backtest.shown(view, companies)
association.calibration(cache.contact_cases(view, shown_lists.fingerprint(session.workspace())))
st.header("Past days, predicted again", anchor=False)
backtest.offer(view, recipe, kept)
if kept is None:
    st.stop()

backtest.grade(kept)
if not kept.report.rows:
    st.stop()
st.caption(
    f"{fmt.count(kept.report.rows, 'case')} on {fmt.count(len(kept.dates), 'past day')}, replayed "
    f"{fmt.moment(kept.made_at)}. Invoices whose answer is not known yet are left out, however they ended."
)
months, meaning, flag, slices, dates, watch = st.tabs(
    ["By month", "Means what it says", "The flag", "For whom", "Expected dates", "Is it still like that?"],
    key="proof",
    bind="query-params",
)
with months:
    backtest.by_month(kept)
with meaning:
    backtest.meaning(kept)
with flag:
    backtest.flag(kept, view)
with slices:
    backtest.slices(kept)
with dates:
    backtest.expected_dates(kept)
with watch:
    backtest.drift(kept, companies)
