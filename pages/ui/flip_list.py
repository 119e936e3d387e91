"""What would change on the list if this model were published? The invoices whose flag would flip, before anything changes."""

import pandas as pd
import pyarrow as pa
import streamlit as st

from insights.workspace import ModelRecord, Publication
from pages.ui import computed, session
from pages.ui import format as written
from pages.ui.tiles import Tile, row

MOST = 100


def show(record: ModelRecord, view: session.View, in_force: Publication | None) -> None:
    """Offered for every model but the one that speaks; not where several do."""
    if in_force is not None and view.model_id and not view.own and record.id != view.model_id:
        between(view, view.model_id, record, "this model")


def between(view: session.View, model_id: str, other: ModelRecord, called: str) -> None:
    """Offers the flips from one model to another, as of days on which both may speak."""
    before = session.workspace().model_record(model_id)
    if max(before.trained_as_of, other.trained_as_of) > view.as_of:
        return
    asked = f"Which flags would flip with {called}, as of {written.day(view.as_of)}?"
    if st.toggle(asked, key=f"flips-{model_id}-{other.id}"):
        _draw(computed.flips(view, model_id, other.id), view)


def _draw(rows: pa.Table, view: session.View) -> None:
    flagged = rows.filter(rows["other_flagged"])
    cleared = rows.filter(rows["flagged"])
    row(
        Tile("Would become flagged", written.count(len(flagged)), written.round_moneys(_sums(flagged))),
        Tile("Would no longer be flagged", written.count(len(cleared)), written.round_moneys(_sums(cleared))),
    )
    if len(rows):
        st.dataframe(_frame(rows, view.threshold), hide_index=True, alt="Invoices whose flag would flip")
    if len(rows) > MOST:
        st.caption(f"The first {MOST} of {written.count(len(rows))}.")


def _sums(rows: pa.Table) -> dict[str, int]:
    """Outstanding per currency."""
    grouped = rows.group_by("currency").aggregate([("outstanding", "sum")])
    return dict(zip(grouped["currency"].to_pylist(), grouped["outstanding_sum"].to_pylist(), strict=True))


def _frame(rows: pa.Table, threshold: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "": "becomes flagged" if each["other_flagged"] else "no longer flagged",
                "Customer": each["customer_name"],
                "Invoice": each["invoice_id"],
                "Outstanding": written.money(each["outstanding"], each["currency"]),
                "Due": written.day(each["due_date"]),
                "On time, now": written.percent(each["p_on_time"], threshold),
                "On time, then": written.percent(each["other_p_on_time"], threshold),
            }
            for each in rows.slice(0, MOST).to_pylist()
        ],
        dtype="str",
    )
