"""What will be invoiced, by a file of the user's own: which plan counts, how another takes its place, and what it says."""

from typing import TYPE_CHECKING

import streamlit as st

from insights.access import Capability
from insights.messages.cash import planned
from insights.services import billing_plan
from insights.services.cash import CashBook
from insights.store.records import BillingPlan
from pages.ui.ledgers import upload
from pages.ui.shared import dialogs, reading, session, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

ROUND = "plan_round"
MOST = 20  # sentences shown of rows that could not be used


def offer(view: View, book: CashBook, kept: BillingPlan | None) -> None:
    """What the plan that counts says, where there is one (`kept`); folded away, the uploader of another."""
    if kept:
        speaks(book)
    if not session.person().may(Capability.PLAN):
        return
    turn = int(str(session.recall(ROUND) or 0))
    with st.expander("Billing plan", icon=":material/event_note:", expanded=bool(kept and kept.set_aside)):
        _told(kept)
        if kept and st.button("Remove this plan", key=f"remove_{kept.id}", icon=":material/delete:", type="tertiary"):
            _ask_to_remove(kept)
        file = st.file_uploader(
            "What will be invoiced: period or date, amount, and perhaps currency, company, customer, terms",
            type=upload.TYPES,
            key=f"plan_{turn}",
            help="A period is a month (2026-12), a quarter (2026-Q4) or a week (2026-W50). Terms are in days.",
        )
        if file is not None:
            _keep(view, file, turn)


def speaks(book: CashBook) -> None:
    """What the plan that counts says of the days ahead; nothing where it does not speak of these customers."""
    plan = book.planned
    if plan is None or not plan.weeks:
        return
    for currency, amount in plan.planned.items():
        amounts = (fmt.money(amount, currency), fmt.money(plan.invoiced[currency], currency))
        st.text(planned(currency, amounts, plan.over, fmt.day(plan.until), fmt.day(book.as_of)))
    if not plan.planned:
        of = "to these customers " if book.customers is not None else ""
        st.text(f"Nothing more will be invoiced {of}by the billing plan, which ends on {fmt.day(plan.until)}.")


def _told(kept: BillingPlan | None) -> None:
    if kept is None:
        st.text(
            "What is not invoiced yet is what past weeks received from later invoices, in proportion. A plan of your own takes "
            "its place, for the companies and currencies that it names."
        )
        return
    st.text(
        f"{kept.name}: {fmt.count(kept.rows, 'row')}, kept by {kept.actor}, {fmt.moment(kept.created_at)}. What is invoiced of a "
        "period that has begun is taken off. Another file takes its place."
    )
    if kept.set_aside:
        st.text(f"{fmt.count(len(kept.set_aside), 'row')} could not be used:")
        st.text("\n".join(kept.set_aside[:MOST]))


@dialogs.of_person("Remove this billing plan?", icon=":material/delete:")
def _ask_to_remove(kept: BillingPlan) -> None:
    """Asks, then removes."""
    st.text(f"“{kept.name}” will be deleted. The plan before it counts again, if there is one. That it was removed is on record.")
    widgets.confirm("Remove", _remove, (kept,), "Keep it", key="remove_plan")


def _remove(kept: BillingPlan) -> None:
    """A callback: removes the plan, unless somebody else just did."""
    store = session.workspace()
    billing_plan.remove(store, kept.id, actor=session.person())


def _keep(view: View, file: "UploadedFile", turn: int) -> None:
    with upload.kept([file], Capability.PLAN) as (path,):
        with reading.reads([path.name]) as heard:
            billing_plan.keep(session.workspace(), view.ledger.id, path, actor=session.person(), heard=heard)
        upload.forget([path])
        session.remember(ROUND, turn + 1)
        st.rerun()
