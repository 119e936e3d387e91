"""What stands around every page: the ledger, the day it is seen as of, and the model that speaks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from insights import messages
from insights.access import Capability, require
from insights.ledger.errors import Refused
from insights.services import backups, failures
from pages.ui.shared import format as fmt
from pages.ui.shared import labels, search, session
from pages.ui.shared.view import View

OLD_MODEL = 100  # days after which what a model has learned is said to be old
OLD = 10  # days after which what a ledger knows is said to be old
# Pages of the server's own, so no pages of the navigation: opened in this window, which they leave.
WAYS_OUT = (
    '<p style="margin:0;font-size:.875rem"><a style="color:inherit" href="/account">Your account</a> · '
    '<a style="color:inherit" href="/sign-out">Sign out</a></p>'
)


NEEDED = {  # what somebody must be allowed to do to see a page, by its title
    "Start": Capability.SEE,
    "Worklist": Capability.SEE,
    "Open invoices": Capability.SEE,
    "Invoice": Capability.SEE,
    "Customers": Capability.SEE,
    "Customer": Capability.SEE,
    "Release list": Capability.SEE,
    "Cash": Capability.OVERSEE,
    "Ageing": Capability.OVERSEE,
    "Figures": Capability.OVERSEE,
    "Did it help?": Capability.OVERSEE,
    "Trust": Capability.JUDGE,
    "Ledgers": Capability.IMPORT,
    "Models": Capability.TRAIN,
    "Record": Capability.AUDIT,
    "Users": Capability.PEOPLE,
}


def admit(page: st.Page) -> None:
    """Refused where who looks may not see a page, however they came to it."""
    require(session.person(), NEEDED[page.title])


def may_see(*titles: str) -> bool:
    """Whether who looks may see some pages."""
    person = session.person()
    return all(person.may(NEEDED[title]) for title in titles)


def navigation(sections: Mapping[str, Sequence[st.Page]]) -> None:
    """Links to the pages that somebody may see, section by section.

    They carry the view, so that each opens complete in a new tab, too.
    """
    try:
        view = session.current()
    except (Refused, *failures.FROM_OUTSIDE):
        view = None
    seen = {heading: [page for page in pages if may_see(page.title)] for heading, pages in sections.items()}
    for heading, pages in seen.items():
        if not pages:
            continue
        with st.container(gap="xxsmall", key=f"links-{heading or 'first'}"):
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
    except failures.FROM_OUTSIDE:  # the page says so
        return
    if view is not None:
        search.offer(view)
        _draw(view)


def notices() -> None:
    """Says above a page that shows a ledger where a newer version of it is here, or where what it knows has grown old."""
    try:
        view = session.current()
    except (Refused, *failures.FROM_OUTSIDE):  # the page says why
        return
    if view is None:
        return
    shown = view.held.ledger(view.ledger.id)
    newest = view.held.newest_version(shown)
    if newest.id != shown.id:
        until = fmt.day(shown.complete_through)
        sentence = (
            f"A newer version of this ledger is here: this is version {fmt.count(shown.version)}, complete through {until}."
        )
        label = f"Show version {newest.version}, complete through {fmt.day(newest.complete_through)}"
        with _notice(sentence):
            st.button(label, icon=":material/update:", key="show_newer", on_click=session.choose, args=(newest.id,))
    elif view.as_of == view.ledger.default_as_of and (age := (_today() - shown.complete_through).days) > OLD:
        with _notice(f"What is shown is {fmt.days(age)} old: nothing that was paid or invoiced since is in it."):
            if may_see("Ledgers") and st.button(
                "Upload a newer export", icon=":material/upload_file:", key="upload_newer", type="tertiary"
            ):
                session.go("ledgers.py")
    if view.model_id and view.as_of == view.ledger.default_as_of and (age := _model_age(view)) > OLD_MODEL:
        with _notice(
            f"The model that speaks was trained {fmt.days(age)} before this day: it knows nothing of what changed since."
        ):
            if may_see("Models") and st.button(
                "Train one anew", icon=":material/model_training:", key="train_newer", type="tertiary"
            ):
                session.go("models.py", view)


def _model_age(view: View) -> int:
    """Days from the training of the oldest model that speaks to the view's day."""
    speaking = {model for model in view.models_by_company.values() if model}
    return max(((view.as_of - view.held.model(model).trained_as_of).days for model in speaking), default=0)


def confirmation() -> None:
    """Says once what the run before has done."""
    if sentence := session.notice():
        st.toast(messages.plain(sentence), icon=":material/check_circle:", duration="long")


def _notice(sentence: str) -> DeltaGenerator:
    """A line above the page, with place for a button at its end; `sentence`: our own words, days and numbers alone."""
    line = st.container(horizontal=True, vertical_alignment="center", gap="small")
    line.markdown(f":orange[:material/history:] {sentence}", width="content")
    return line


def _today() -> date:
    return datetime.now(UTC).date()


def who() -> None:
    """Draws who is at the screen: who is signed in, with the ways out; else a name of one's own choice."""
    if session.guarded():
        person = session.person()
        st.caption(messages.plain(f"Signed in as {person.name}, {person.role.words}"))
        st.html(WAYS_OUT)
        return
    st.text_input(
        "Your name",
        key=session.bind_name(),
        max_chars=80,
        placeholder=session.person().name,
        on_change=session.on_name_change,
        help="Stands by whatever you agree, and makes you the owner of customers under this name. Nobody signs in here.",
    )


def backup_reminder() -> None:
    """One quiet line where the newest ledger is in no backup."""
    try:
        line = backups.reminder(session.workspace())
    except (Refused, *failures.FROM_OUTSIDE):  # the page says why
        return
    if line:
        st.caption(f":material/save: {messages.plain(line)}", help=messages.plain(backups.HOW))


def _draw(view: View) -> None:
    ledgers = session.contents().ledgers
    names = labels.ledgers_by_day(ledgers)
    session.bind_choices(view)
    st.selectbox(
        "Ledger",
        list(names),
        format_func=lambda ledger: names[ledger],
        key=session.LEDGER_CHOICE,
        on_change=session.on_ledger_change,
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
    of_ledger = f"ledger of {fmt.day(view.held.ledger(view.ledger.id).complete_through)}"
    if view.by_company:
        many = fmt.count(len(set(view.models_by_company.values())), "model")
        return f"Scores of {many}, each for its own companies; {of_ledger}"
    record = session.contents().model(view.model_id)
    known = {ledger.id: ledger.name or ledger.id for ledger in session.contents().ledgers}
    learned = f" on {messages.plain(known[record.ledger_id])}" if record.ledger_id in known else ""
    published = "published" if view.published else "not published"
    called = "" if record.name == f"as of {record.trained_as_of}" else f" “{messages.plain(record.name)}”"
    return f"Scores of the model{called} trained as of {fmt.day(record.trained_as_of)}{learned}, {published}; {of_ledger}"
