"""What would change on the list if this model were published? The invoices whose flag would flip, before anything changes."""

import pandas as pd
import pyarrow as pa
import streamlit as st

from insights.flips import Flips, sums
from insights.workspace import ModelRecord, Publication
from pages.ui import format as written
from pages.ui import session
from pages.ui.tiles import Tile, row

MOST = 100


def show(record: ModelRecord, view: session.View, in_force: Publication | None) -> None:
    """Offered for every model but the one that speaks, as of days on which both may."""
    if in_force is None or record.id == view.model_id or record.trained_as_of > view.as_of or not view.model_id:
        return
    if st.toggle(f"Which flags would flip as of {written.day(view.as_of)}?", key=f"flips-{record.id}"):
        _draw(session.flips(view, record.id), view)


def _draw(found: Flips, view: session.View) -> None:
    flagged, cleared = found.newly(flagged=True), found.newly(flagged=False)
    row(
        Tile("Would become flagged", written.count(len(flagged)), written.round_moneys(sums(flagged))),
        Tile("Would no longer be flagged", written.count(len(cleared)), written.round_moneys(sums(cleared))),
        Tile("Keep their flag", written.count(found.unchanged), f"of the invoices open as of {written.day(view.as_of)}"),
    )
    if len(found.rows):
        st.dataframe(_frame(found.rows, view.threshold), hide_index=True, alt="Invoices whose flag would flip")
    if len(found.rows) > MOST:
        st.caption(f"The {MOST} largest of {written.count(len(found.rows))}.")


def _frame(rows: pa.Table, threshold: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "": "becomes flagged" if each["flagged"] else "no longer flagged",
                "Customer": each["customer_name"],
                "Invoice": each["invoice_id"],
                "Outstanding": written.money(each["outstanding"], each["currency"]),
                "Due": written.day(each["due_date"]),
                "On time, now": written.percent(each["before"], threshold),
                "On time, then": written.percent(each["after"], threshold),
            }
            for each in rows.slice(0, MOST).to_pylist()
        ],
        dtype="str",
    )
