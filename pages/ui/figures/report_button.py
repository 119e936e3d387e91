"""How does the monthly report leave the screen? As a PDF that is made when its button is pressed."""

from datetime import UTC, datetime

import streamlit as st

from insights.services import exports, report
from pages.ui.shared import pressed, session
from pages.ui.shared.view import View


def show(view: View) -> None:
    """The button; the report is of the whole ledger, whatever part of it the screen shows."""

    def made() -> bytes:
        model_id = "" if view.by_company or view.usual else view.model_id
        store, actor, today = session.workspace(), session.person(), datetime.now(UTC).date()
        gathered = report.gathered(store, view.ledger.id, view.as_of, actor=actor, model_id=model_id, made_on=today)
        exports.note(store, "report", None, subject=view.ledger.id, actor=actor)
        return report.pdf(gathered)

    st.download_button(
        "Monthly report",
        data=pressed.as_drawn(made),
        file_name=f"receivables-{view.as_of}.pdf",
        mime="application/pdf",
        key="monthly_report",
        icon=":material/picture_as_pdf:",
        on_click="ignore",
        help="Cash to expect, ageing, customers and figures of the whole ledger, as a PDF to forward.",
    )
