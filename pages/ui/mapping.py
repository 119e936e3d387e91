"""Which column is which, and what does the file not prove? The questions and the matched columns, as one form."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from insights import ingest
from insights.ingest import Match, Question
from pages.ui import format as written
from pages.ui import upload
from pages.ui.upload import Upload

NO_COLUMN = "(no column)"


def show(work: Upload) -> None:
    """Questions first, then the uncertain matches, then the certain ones; "Read again" applies all of it."""
    draft = work.draft
    uncertain = [match for match in draft.matches if not match.accepted]
    certain = [match for match in draft.matches if match.accepted]
    with st.form(f"decisions-{work.key}", border=False):
        answers = [_question(work, question) for question in draft.questions]
        if uncertain:
            st.markdown("**Please check these columns**")
        chosen = _rows(work, uncertain)
        with st.expander(
            f"{written.count(len(certain), 'column')} matched", expanded=draft.ledger is None, icon=":material/check:"
        ):
            chosen |= _rows(work, certain)
        if st.form_submit_button("Read again with these decisions", icon=":material/refresh:"):
            upload.again(work, _decisions(work, draft.questions, answers, chosen))


def _question(work: Upload, question: Question) -> str | None:
    """One question with its choices, none chosen."""
    with st.container(border=True):
        st.text(question.sentence)
        labels = dict(question.choices)
        return st.radio(
            f"{question.column or question.field}: your answer",
            list(labels),
            format_func=lambda value: labels[value],
            index=None,
            key=f"answer-{work.key}-{question.option}-{question.field}",
            label_visibility="collapsed",
        )


def _rows(work: Upload, matches: Sequence[Match]) -> dict[str, str]:
    """One row per canonical field: its name, the column to choose, the confidence, three samples. Field -> column."""
    chosen = {}
    headers = list(work.draft.headers)
    for match in matches:
        name, column, sure, samples = st.columns([3, 4, 2, 6], vertical_alignment="center")
        name.markdown(ingest.FIELDS.get(match.field, match.field) + (" \\*" if match.field in ingest.REQUIRED else ""))
        options = ["", *headers]
        chosen[match.field] = column.selectbox(
            f"Column for {match.field}",
            options,
            index=options.index(match.column) if match.column in options else 0,
            format_func=lambda header: header or NO_COLUMN,
            key=f"map-{work.key}-{match.field}",
            label_visibility="collapsed",
        )
        sure.text(f"{match.confidence}% sure" if match.column else written.NOTHING)
        samples.text(" · ".join(match.samples) or written.NOTHING)
    return chosen


def _decisions(
    work: Upload, questions: Sequence[Question], answers: Sequence[str | None], chosen: dict[str, str]
) -> dict[str, Any]:
    """What was changed or answered, as fields of Options."""
    maps = dict(work.options.maps)
    before = {match.field: match.column for match in work.draft.matches}
    maps |= {field: column for field, column in chosen.items() if column != before[field]}
    maps |= {
        match.field: match.column for match in work.draft.matches if not match.accepted and chosen[match.field] == match.column
    }
    decided: dict[str, Any] = {"maps": maps}
    for question, answer in zip(questions, answers, strict=True):
        if answer is None:
            continue
        if question.option == "maps":
            maps[question.field] = answer
        else:
            decided[question.option] = answer
    return decided
