"""Who is held back from the worklist, why, and until when?"""

import pandas as pd
import streamlit as st

from insights.services.worklist import Worklist
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

MOST = 200  # rows drawn; the command worklist --json has all


def show(view: View, found: Worklist) -> None:
    """One click away: each with its sentence and the day it returns."""
    held = found.ranked.held_back
    if not len(held):
        return
    with st.expander(f"Held back: {fmt.count(len(held), 'customer')}", icon=":material/pause_circle:"):
        rows = held.slice(0, MOST).to_pylist()
        frame = pd.DataFrame(
            {
                "customer": [each["customer_name"] for each in rows],
                "company": [each["company"] for each in rows],
                "why": [found.sentence(each) for each in rows],
                "returns": [each["returns"] for each in rows],
                "likely": [fmt.money(each["likely"], each["currency"]) for each in rows],
            }
        )
        st.dataframe(
            frame,
            hide_index=True,
            column_order=[name for name in frame.columns if name != "company" or len(view.companies) > 1],
            column_config={
                "customer": "Customer",
                "company": "Company",
                "why": st.column_config.TextColumn("Why", width="large"),
                "returns": st.column_config.DateColumn("Returns", format="YYYY-MM-DD"),
                "likely": "Would slip",
            },
            alt="Customers that are held back, why, and the day on which they return",
        )
        if len(held) > MOST:
            st.caption(f"The first {MOST} by what would slip. All of them: python -m insights worklist --json.")
