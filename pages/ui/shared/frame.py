"""What stands around every page: the ledger, the day it is seen as of, and the model that speaks."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import streamlit as st

from insights import messages
from insights.ledger.errors import Refused
from pages.ui.shared import format as fmt
from pages.ui.shared import labels, session
from pages.ui.shared.view import View


def navigation(sections: Mapping[str, Sequence[st.Page]]) -> None:
    """Links to the pages, section by section. They carry the view, so that each opens complete in a new tab, too."""
    try:
        view = session.current()
    except Refused:
        view = None
    for heading, pages in sections.items():
        with st.container(gap="xxsmall"):
            if heading:
                st.caption(heading)
            for page in pages:
                st.page_link(page, query_params=session.link(view) if view else None, width="stretch")


def view_choice() -> None:
    """Draws ledger and as-of date in the sidebar; nothing where there is no ledger yet."""
    try:
        view = session.current()
    except Refused:  # the page says why; here is the way out
        st.button("Show the newest ledger", icon=":material/refresh:", on_click=session.choose, width="stretch")
        return
    if view is not None:
        _draw(view)


def _draw(view: View) -> None:
    ledgers = session.contents().ledgers
    names = labels.ledgers_by_day(ledgers)
    session.bind_choices(view)
    st.selectbox(
        "Ledger", list(names), format_func=lambda each: names[each], key=session.LEDGER_CHOICE, on_change=session.on_ledger_change
    )
    st.caption(messages.plain(labels.ledgers(ledgers)[view.ledger.id]))
    st.date_input(
        "As of",
        min_value=min(view.ledger.history_starts + timedelta(days=1), view.as_of),
        max_value=view.ledger.last_as_of,
        format="YYYY-MM-DD",
        key=session.AS_OF_CHOICE,
        on_change=session.on_as_of_change,
        help="Everything is shown as it was known before this day. Past days can be looked at again.",
    )
    if view.as_of != view.ledger.default_as_of:
        st.button(
            f"Back to {fmt.day(view.ledger.default_as_of)}",
            icon=":material/update:",
            on_click=session.choose,
            args=(view.ledger.id,),
            width="stretch",
        )
    if view.as_of == view.ledger.default_as_of < view.ledger.last_as_of:
        st.caption(f"Nothing is open on {fmt.day(view.ledger.last_as_of)}: this is the day after the last invoice was issued.")
    st.caption(_model_line(view))
    if view.model_id and not view.usual:
        st.button(
            "Show the usual model",
            icon=":material/undo:",
            on_click=session.choose,
            args=(view.ledger.id, view.as_of),
            width="stretch",
            help="This address names another model than the one that is published for this day.",
        )


def _model_line(view: View) -> str:
    if not view.model_id:
        return "No model for this day"
    if view.by_company:
        return f"In force: {fmt.count(len(set(view.models_by_company.values())), 'model')}, each for its own companies"
    record = session.contents().model(view.model_id)
    known = {each.id: each.name or each.id for each in session.contents().ledgers}
    learned = f" on {messages.plain(known[record.ledger_id])}" if record.ledger_id in known else ""
    return f"Model trained as of {fmt.day(record.trained_as_of)}{learned}" + (
        ", published" if view.published else ", not published"
    )
