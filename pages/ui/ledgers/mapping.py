"""Which column is which, and what does the file not prove? Questions act once they are answered; columns are one form."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from insights import ingest, messages
from insights.ingest import Match, Question
from insights.ledger.money import NO_CURRENCY
from insights.messages.problems import proof
from pages.ui.ledgers import upload
from pages.ui.ledgers.upload import Upload
from pages.ui.shared import format as fmt
from pages.ui.shared import session, widgets

NO_COLUMN = "(no column)"
FROM_FILE = ("maps", "sheet", "encoding", "table", "snapshot")  # questions whose choices hold words of the file
ORDERS = {"dmy": "day first", "mdy": "month first", "ymd": "year first", "julian": "day of the year", "typed": "as typed"}
MARKS = {".": "decimal point", ",": "decimal comma"}
READINGS = ORDERS | MARKS
NO_PRESET = "none"
ALL_SHEETS = "*"
ANSWERED = tuple(field.name for field in fields(ingest.Options))
WIDTHS = [3, 4, 4, 5]


def recognised(work: Upload) -> None:
    """What was recognised without asking: the system, the sheet, the reading of dates and numbers."""
    draft = work.draft
    notes = []
    if draft.preset:
        notes.append(f"recognised as {ingest.presets.titles(session.workspace().home).get(draft.preset, draft.preset)}")
    if draft.mapping:
        notes.append(f"mapped as “{draft.mapping}”")
    if draft.sheet:
        notes.append(f"sheet “{draft.sheet}”")
    notes += [f"{column}: {READINGS.get(reading, reading)}" for column, reading in draft.decided.items()]
    if notes:
        line = " · ".join(notes)
        st.text(line[:1].upper() + line[1:] if draft.preset or draft.mapping or draft.sheet else line)


def questions(work: Upload) -> None:
    """What the file does not prove, asked. The last answer has the file read again at once; until then a button says how many."""
    asked = _distinct(work.draft.questions)
    answers: list[str | None] = []
    terms: dict[str, int | None] = {}
    for question in asked:
        with st.container(border=True):
            answers.append(_question(work, question))
            if question.option == "maps" and question.field == "due_date":
                terms = _terms(work, "Or, if the file has none: payment terms in days")
    by_terms = terms.get("terms_days") != work.options.terms_days
    given = [
        answer is not None or (by_terms and question.option == "maps" and question.field == "due_date")
        for question, answer in zip(asked, answers, strict=True)
    ]
    decided = _decisions(work, asked, answers, {}) | (terms if by_terms else {})
    if asked and all(given):
        with widgets.refusals():  # another answer can be given then
            upload.again(work, decided)
    elif any(given):
        label = f"Read again with {sum(given)} of {fmt.count(len(asked), 'answer')}"
        if st.button(label, type="primary", icon=":material/refresh:", key=f"answered-{work.key}"):
            upload.again(work, decided)


def columns(work: Upload) -> None:
    """The uncertain matches first, then the required ones, then the certain ones; "Read again" applies what was changed."""
    draft = work.draft
    asked = {question.field for question in draft.questions if question.option == "maps"}
    rest = [match for match in draft.matches if match.field not in asked]
    uncertain = [match for match in rest if match.column and not match.accepted]
    required = [match for match in rest if match.accepted and match.column and match.field in ingest.REQUIRED]
    certain = [match for match in rest if match.accepted and match.column and match.field not in ingest.REQUIRED]
    absent = [match for match in rest if not match.column]
    with st.form(f"decisions-{work.key}", border=False):
        terms = {} if "due_date" in asked else _missing_terms(work)
        chosen: dict[str, str] = {}
        if uncertain:
            st.markdown(f"**Please check {'this column' if len(uncertain) == 1 else 'these columns'} first**")
        chosen |= _rows(work, [*uncertain, *required])
        if certain:
            label = f"{fmt.count(len(certain), 'further column')} matched with certainty"
            with st.expander(label, icon=":material/check:"):
                chosen |= _rows(work, certain)
        if absent:
            with st.expander(f"{fmt.count(len(absent), 'field')} without a column", icon=":material/remove:"):
                chosen |= _rows(work, absent)
        _unused(work)
        currency = _currency(work)
        reading = _reading(work)
        if st.form_submit_button("Read again with these decisions", icon=":material/refresh:"):
            upload.again(work, _decisions(work, (), (), chosen) | terms | currency | reading)


def _unused(work: Upload) -> None:
    """Which columns are in no field of the ledger."""
    taken = {match.column for match in work.draft.matches if match.accepted}
    if unused := [header for header in work.draft.headers if header not in taken]:
        st.text("In no field of the ledger: " + ", ".join(f"“{header}”" for header in unused))


def _terms(work: Upload, label: str) -> dict[str, int | None]:
    """Asks for the payment terms in days, as a field of Options."""
    days = st.number_input(
        label, 0, ingest.LONGEST_TERMS, work.options.terms_days, 1, key=f"terms-{work.key}", placeholder="30", width=360,
        help="A missing due date is set so many days after the issue date (SAP: after the baseline date).",
    )  # fmt: skip
    return {"terms_days": days}


def _missing_terms(work: Upload) -> dict[str, int | None]:
    """The same where only some rows have no due date, or where it was answered before; else nothing."""
    ledger = work.draft.ledger
    missing = ingest.counts(ledger).get("due_missing", 0) if ledger else 0
    if not missing and work.options.terms_days is None:
        return {}
    terms = _terms(work, "Payment terms in days, where the due date is missing")
    if missing:
        st.caption(f"{fmt.count(missing, 'row is', 'rows are')} set aside for want of a due date.")
    return terms


def _reading(work: Upload) -> dict[str, str]:
    """Asks how the file is to be read where what was recognised is wrong, as fields of Options: those that were changed."""
    titles = ingest.presets.titles(session.workspace().home) | {NO_PRESET: "(no known system)"}
    asked: dict[str, tuple[str, dict[str, str], str]] = {
        "preset": ("Exported from", titles, work.draft.preset or NO_PRESET),
        "date_order": ("Dates", {"": "as the columns prove", **ORDERS}, work.options.date_order),
        "decimal": ("Decimal mark", {"": "as the columns prove", **MARKS}, work.options.decimal),
    }
    chosen: dict[str, str] = {}
    with st.expander("How the file is read", icon=":material/tune:"):
        for (option, (label, choices, now)), column in zip(asked.items(), st.columns(3), strict=True):
            codes = list(choices)
            answer = column.selectbox(
                label, codes, codes.index(now) if now in codes else 0, choices.__getitem__, key=f"read-{work.key}-{option}"
            )
            chosen |= {option: answer} if answer != now else {}
    return chosen


def _currency(work: Upload) -> dict[str, str]:
    """Asks for the currency of rows that name none, as a field of Options; nothing where every row names one."""
    ledger = work.draft.ledger
    if not work.options.currency and (ledger is None or NO_CURRENCY not in ledger.invoices["currency"].unique().to_pylist()):
        return {}
    code = st.text_input(
        "Currency of rows that name none", work.options.currency, 3, key=f"currency-{work.key}", placeholder="EUR", width=260
    )
    return {"currency": code.strip().upper()}


def _distinct(questions: Sequence[Question]) -> list[Question]:
    """One question per thing to decide: how dates read is asked once, whatever the number of columns."""
    by_option: dict[tuple[str, str], Question] = {}
    for question in questions:
        by_option.setdefault((question.option, question.word or (question.field if question.option == "maps" else "")), question)
    return list(by_option.values())


def _question(work: Upload, question: Question) -> str | None:
    """One question with its choices, none chosen."""
    labels = dict(question.choices)
    key = f"answer-{work.key}-{question.option}-{question.word or question.field}"
    label = f"{messages.plain(question.column or question.field or question.option)}: your answer"
    st.text(question.sentence)
    if question.option in FROM_FILE:  # a radio would take them for Markdown
        return st.selectbox(label, list(labels), None, labels.__getitem__, key=key, label_visibility="collapsed")
    return st.radio(label, list(labels), None, lambda value: messages.plain(labels[value]), key=key, label_visibility="collapsed")


def _rows(work: Upload, matches: Sequence[Match]) -> dict[str, str]:
    """One row per canonical field: its name, the column to choose, the confidence, three samples. Field -> column."""
    chosen = {}
    options = ["", *work.draft.headers]
    for column, heading in zip(st.columns(WIDTHS), ("Field", "Column of the file", "Because", "First values"), strict=True):
        column.caption(heading)
    for match in matches:
        name, column, sure, samples = st.columns(WIDTHS, vertical_alignment="center")
        proposed = match.column if match.accepted or match.field in ingest.REQUIRED else ""
        name.markdown(_label(match.field) + (" \\*" if match.field in ingest.REQUIRED else ""))
        chosen[match.field] = column.selectbox(
            f"Column for {_label(match.field)}",
            options,
            index=options.index(proposed) if proposed in options else 0,
            format_func=lambda header: header or NO_COLUMN,
            key=f"map-{work.key}-{match.field}",
            label_visibility="collapsed",
        )
        guess = f"perhaps {match.column}, {match.confidence}% alike"
        sure.text((proof(match.proof) if match.accepted else guess) if match.column else fmt.NOTHING)
        samples.text(" · ".join(match.samples) or fmt.NOTHING)
    return chosen


def _label(field: str) -> str:
    """What a field is called; fields that only a preset knows by their name: "fiscal_year" is "Fiscal year"."""
    return messages.plain(ingest.FIELDS.get(field, field.replace("_", " ").capitalize()))


def _decisions(
    work: Upload, questions: Sequence[Question], answers: Sequence[str | None], chosen: dict[str, str]
) -> dict[str, Any]:
    """What was answered, changed or confirmed, as fields of Options."""
    before = {match.field: match for match in work.draft.matches}
    confirmed = {
        field: column
        for field, column in chosen.items()
        if column != before[field].column or (column and not before[field].accepted)
    }
    decided = replace(work.options, maps={**work.options.maps, **confirmed})
    for question, answer in zip(questions, answers, strict=True):
        decided = decided if answer is None else question.answered(decided, answer)
    return {name: value for name in ANSWERED if (value := getattr(decided, name)) != getattr(work.options, name)}


def further_files(work: Upload) -> None:
    """Another sheet, further invoices, dated payments and customer attributes, where there are any."""
    sheets = work.draft.sheets
    label = "Further files: invoices, payments, customer attributes"
    with st.expander(f"Sheets. {label}" if len(sheets) > 1 else label, icon=":material/attach_file:"):
        if len(sheets) > 1:
            options = [*sheets, ALL_SHEETS]
            sheet = st.selectbox(
                "Sheet", options, options.index(work.draft.sheet) if work.draft.sheet in options else 0,
                format_func=lambda name: "All, one below the other" if name == ALL_SHEETS else name, key=f"sheet-{work.key}",
            )  # fmt: skip
            if st.button("Read this sheet", key=f"read-sheet-{work.key}"):
                upload.again(work, {"sheet": sheet, "maps": {}})
        upload.ask_for_more(work)
