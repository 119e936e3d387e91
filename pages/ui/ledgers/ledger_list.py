"""Which ledgers are here, and what can be done with each: open, train and predict, delete."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from insights.services.ledgers import delete
from insights.store import ledgers
from insights.store.records import LedgerRecord
from pages.ui.ledgers import relate, set_aside
from pages.ui.shared import dialogs, job_progress, session, training_progress, widgets
from pages.ui.shared import format as fmt

JOB = "predict_job"  # what the tab remembers of "Train and predict"


def show(records: Sequence[LedgerRecord], committed: object) -> None:
    """The ledger that this tab has just committed, with its next step; below it one row per other ledger, newest first.

    The earlier versions of a ledger stand folded away below its newest one.
    """
    for record in records:
        if record.id == committed:
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                st.markdown(":green[:material/check_circle:] **Committed**", width="content")
                lacking = training_progress.too_few(session.open_ledger(record.id), record.default_as_of)
                _told(record, lacking)
                predict(record, primary=not lacking, disabled=bool(lacking))
                _open(record, primary=bool(lacking))
                set_aside.look_up(record)
    others = [record for record in records if record.id != committed]
    if others:
        st.header("Earlier ledgers" if len(others) < len(records) else "Ledgers here", anchor=False)
    by_lineage: dict[str, list[LedgerRecord]] = {}
    for record in others:
        by_lineage.setdefault(record.lineage_id, []).append(record)
    for newest, *earlier in by_lineage.values():
        _entry(newest)
        if earlier:
            with st.expander(fmt.count(len(earlier), "earlier version"), icon=":material/history:"):
                for record in earlier:
                    _entry(record)


def _entry(record: LedgerRecord) -> None:
    """One ledger with what can be done with it."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        _told(record)
        _open(record)
        predict(record)
        set_aside.look_up(record)
        relate.button(record)
        if st.button("Delete", key=f"delete_{record.id}", icon=":material/delete:", type="tertiary"):
            _ask(record)


def _told(record: LedgerRecord, lacking: str = "") -> None:
    with st.container(gap=None):
        st.text((record.name or record.id) + (f", version {record.version}" if record.version > 1 else ""))
        st.caption(
            f"{fmt.count(record.rows, 'row')} of {fmt.count(record.customers, 'customer')} · complete through "
            f"{fmt.day(record.complete_through)} · receivables {fmt.round_moneys(record.outstanding)} · "
            f"{fmt.count(record.rows_set_aside, 'row')} set aside · {fmt.moment(record.created_at)}"
        )
        if lacking:
            st.text(lacking)


def _open(record: LedgerRecord, *, primary: bool = False) -> None:
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if st.button("Open", key=f"open_{record.id}", icon=":material/arrow_forward:", type=kind):
        session.go("open_invoices.py", ledger=record.id)


def predict(record: LedgerRecord, *, primary: bool = False, disabled: bool = False) -> None:
    """The button "Train and predict": trains as of the ledger's default day, then shows the open invoices."""
    st.button(
        "Train and predict",
        key=f"predict_{record.id}",
        icon=":material/model_training:",
        type="primary" if primary else "secondary",
        on_click=_start,
        args=(record,),
        disabled=disabled or session.recall(JOB) is not None,
    )


def progress() -> None:
    """The training that this tab started here, while it goes on."""
    job_progress.goes_on(JOB, training_progress.publish_and_show)


def _start(record: LedgerRecord) -> None:
    session.choose(record.id)
    session.remember(JOB, training_progress.start(record.id, record.default_as_of))


@dialogs.of_person("Delete this ledger?", icon=":material/delete:")
def _ask(record: LedgerRecord) -> None:
    """Asks, then deletes."""
    mine = [model for model in session.contents().models if model.ledger_id == record.id]
    st.text(
        f"“{record.name or record.id}” with its {fmt.count(record.rows, 'row')}, {fmt.count(len(mine), 'model')} trained "
        "on it and all their predictions will be deleted for good. That it was deleted stays on record."
    )
    widgets.confirm("Delete for good", _delete, (record,), "Keep it", key="delete_for_good")


def _delete(record: LedgerRecord) -> None:
    """A callback: deletes the ledger, unless somebody else just did."""
    if record.id in {ledger.id for ledger in ledgers.listed(session.workspace())}:
        delete(session.workspace(), record.id, actor=session.person())
    session.choose()
