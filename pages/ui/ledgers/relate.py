"""Is a ledger a version of another, or one by itself? What was decided at its commit can be decided otherwise afterwards."""

import streamlit as st

from insights import ingest
from insights.ledger.keys import KEY
from insights.services.ledgers import join, separate
from insights.services.versions import newest_versions, proposed
from insights.store import ledgers
from insights.store.records import LedgerRecord
from pages.ui.shared import dialogs, labels, session, widgets
from pages.ui.shared import format as fmt


def button(record: LedgerRecord) -> None:
    """The button that opens the question; nothing where there is no other ledger."""
    others = any(ledger.id != record.id for ledger in session.contents().ledgers)
    if others and st.button("Versions", key=f"versions_{record.id}", icon=":material/history:", type="tertiary"):
        _ask(record)


@dialogs.of_person("Version of which ledger?", icon=":material/history:", width="large")
def _ask(record: LedgerRecord) -> None:
    """Asks, then joins the ledger to another or makes it one by itself."""
    held = session.contents()
    mine = [version for version in held.ledgers if version.lineage_id == record.lineage_id]
    which = f"one of {fmt.count(len(mine))} versions, version {record.version}" if len(mine) > 1 else "a ledger by itself"
    st.text(f"“{record.name or record.id}” is {which}.")
    names = labels.ledgers(newest for newest in newest_versions(held.ledgers) if newest.lineage_id != record.lineage_id)
    if names:
        proposal = proposed(session.workspace(), session.open_ledger(record.id))
        at = list(names).index(proposal.ledger.id) if proposal and proposal.ledger.id in names else None
        chosen = st.selectbox("Another version of", list(names), at, names.__getitem__, placeholder="Choose a ledger")
        if chosen:
            st.text(f"{fmt.count(_shared(record.id, chosen), 'invoice')} of it are in that one too, with the same issue date.")
            widgets.confirm("Make it a version of that", _join, (record, chosen), "Leave it", key="join_for_good")
            return
    if len(mine) > 1:
        widgets.confirm("Make it a ledger by itself", _separate, (record,), "Leave it", key="separate_for_good")


def _shared(ledger_id: str, other: str) -> int:
    columns = (*KEY, "issue_date")
    store = session.workspace()
    return ingest.shared(ledgers.columns(store, other, columns), ledgers.columns(store, ledger_id, columns))


def _join(record: LedgerRecord, other: str) -> None:
    """A callback: joins, unless somebody else just did."""
    if ledgers.get(session.workspace(), record.id).lineage_id != ledgers.get(session.workspace(), other).lineage_id:
        join(session.workspace(), record.id, other, actor=session.person())


def _separate(record: LedgerRecord) -> None:
    """A callback: separates, unless somebody else just did."""
    now = ledgers.get(session.workspace(), record.id)
    if sum(version.lineage_id == now.lineage_id for version in ledgers.listed(session.workspace())) > 1:
        separate(session.workspace(), record.id, actor=session.person())
