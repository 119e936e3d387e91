"""How is the record of who did what looked through? By person, by what was done, by day; a page of it at a time."""

import json
from datetime import date

import streamlit as st

from insights import messages
from insights.services import who_did_what
from insights.store.audit import RecordFilter
from insights.store.records import Record
from pages.ui.shared import downloads as files
from pages.ui.shared import format as fmt
from pages.ui.shared import listing, query_params, session, widgets
from pages.ui.shared.listing import Cell, Column, Group, Listing, Row, Turn

SIZE = 50
EVERYBODY, EVERYTHING = "Everybody", "Everything"
WHO, WHAT, SUBJECT, FIRST, LAST = "who", "what", "id", "from", "to"  # query parameters
COLUMNS = (
    Column("number", "Number", "right"),
    Column("when", "When", "short"),
    Column("who", "Who", help="By screen, command or job, and from which address."),
    Column("what", "What"),
    Column("id", "Id", "wide"),
    Column("before", "Before", "wide"),
    Column("now", "Now", "wide"),
)
MOST = 300  # characters of what was before and is so now


def asked() -> RecordFilter:
    """The filter that the address asks for, with the widgets that change it."""
    people, actions = who_did_what.choices(session.workspace(), actor=session.person())
    kinds = sorted({action.partition(".")[0] for action in actions})
    who = query_params.one_of(WHO, ("", *people))
    kind = query_params.one_of(WHAT, ("", *kinds, *actions))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _choice("Who", WHO, who, ["", *people], EVERYBODY)
        _choice("What", WHAT, kind, ["", *sorted({*kinds, *actions})], EVERYTHING)
        _typed("Id or name", SUBJECT)
        for label, name in (("From", FIRST), ("To", LAST)):
            key = session.bind(name, day_of(name))
            st.date_input(label, key=key, format="YYYY-MM-DD", on_change=session.on_filter_change, args=(name,), width=140)
    return RecordFilter(query_params.get(SUBJECT).strip(), kind, who, first=day_of(FIRST), last=day_of(LAST))


def day_of(name: str) -> date | None:
    """A day of the address, None where it names none."""
    try:
        return date.fromisoformat(query_params.get(name))
    except ValueError:
        return None


def _choice(label: str, name: str, value: str, options: list[str], none: str) -> None:
    st.selectbox(
        label,
        options,
        format_func=lambda value: value or none,
        key=session.bind(name, value),
        on_change=session.on_filter_change,
        args=(name,),
        width=190,
    )


def _typed(label: str, name: str) -> None:
    key = session.bind(name, query_params.get(name))
    st.text_input(label, key=key, on_change=session.on_filter_change, args=(name,), max_chars=200, width=180)


def show(wanted: RecordFilter) -> None:
    """A page of the records that a filter leaves, the newest first."""
    store, person = session.workspace(), session.person()
    many = who_did_what.count(store, wanted, actor=person)
    if not many:
        widgets.empty_state("Nothing on record", "Nobody did this in those days.", icon=":material/search_off:")
        return
    pages = -(-many // SIZE)
    page = min(query_params.page_number(), pages)
    records = who_did_what.records(store, wanted, skip=(page - 1) * SIZE, most=SIZE, actor=person)
    turn = Turn(page, pages, f"Page {page} of {pages}: {fmt.count(many, 'record')}, the newest first. Moments are in UTC.")
    rows = [Row(str(record.sequence), _cells(record)) for record in records]
    listing.show(Listing("Who did what, the newest first", COLUMNS, [Group(rows)], "number", turn), None, key="record")
    if pages == 1:
        st.caption(f"{fmt.count(many, 'record')}, the newest first. Moments are in UTC.")


def _cells(record: Record) -> dict[str, Cell]:
    return {
        "number": str(record.sequence),
        "when": f"{record.at:%Y-%m-%d %H:%M:%S}",
        "who": listing.cell(record.actor, below=" ".join(filter(None, (record.source, record.address)))),
        "what": record.action,
        "id": record.subject,
        "before": _written(record.before),
        "now": _written(record.details),
    }


def _written(values: object) -> str:
    text = json.dumps(values, ensure_ascii=False) if values else ""
    return text if len(text) <= MOST else f"{text[:MOST]} …"


def downloads(wanted: RecordFilter) -> None:
    """All that the filter leaves, as a file; the export is itself on record."""

    def rows() -> list[dict[str, object]]:
        return who_did_what.exported(session.workspace(), wanted, actor=session.person())

    with st.container(horizontal=True):
        files.button("CSV", "record.csv", lambda: files.written(who_did_what.table(rows()), "csv"), key="record_csv")
        files.button("JSON", "record.json", lambda: json.dumps(rows(), ensure_ascii=False, indent=1).encode(), key="record_json")


def chain() -> None:
    """Looks whether every record is as it was written, when somebody asks."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if not st.button("Check the chain", key="check_chain", icon=":material/link:"):
            st.caption("Each record bears the seal of the one before: what was changed, moved or removed is named.")
            return
        broken = who_did_what.broken(session.workspace(), actor=session.person())
        for sentence in broken:
            st.error(messages.plain(sentence), icon=":material/link_off:")
        if not broken:
            st.success("Every record is as it was written, and none is missing.", icon=":material/check:")
