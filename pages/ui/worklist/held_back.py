"""Who is held back from the worklist, why, and until when?"""

import streamlit as st

from insights.services.worklist import Worklist
from pages.ui.shared import format as fmt
from pages.ui.shared import links, listing
from pages.ui.shared.listing import Column, Group, Listing, Row
from pages.ui.shared.view import View

MOST = 200  # rows drawn; the command worklist --json has all
COLUMNS = (
    Column("customer", "Customer"),
    Column("why", "Why", "wide"),
    Column("returns", "Returns", "short"),
    Column("likely", "Would slip", "right"),
)


def show(view: View, worklist: Worklist) -> None:
    """One click away: each with its sentence and the day it returns."""
    held = worklist.ranked.held_back
    if not len(held):
        return
    with st.expander(f"Held back: {fmt.count(len(held), 'customer')}", icon=":material/pause_circle:"):
        rows = [
            Row(
                f"{row['company']}/{row['customer_id']}/{row['currency']}",
                {
                    "customer": links.customer(row, below=row["company"] if len(view.companies) > 1 else ""),
                    "why": worklist.sentence(row),
                    "returns": fmt.day(row["returns"]) if row["returns"] else "",
                    "likely": fmt.money(row["likely"], row["currency"]),
                },
            )
            for row in held.slice(0, MOST).to_pylist()
        ]
        caption = "Customers that are held back, why, and the day on which they return"
        listing.show(Listing(caption, COLUMNS, [Group(rows)], "customer"), view, key="held_back")
        if len(held) > MOST:
            st.caption(f"The first {MOST} by what would slip. All of them: python -m insights worklist --json.")
