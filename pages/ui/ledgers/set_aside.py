"""Which rows of a file were set aside, and why: by reason, one by one, and as a file; before the commit and after it."""

from collections.abc import Iterable

import pyarrow as pa
import streamlit as st

from insights import ingest
from insights.ledger import table_files
from insights.ledger.ledger import Aside, Ledger
from insights.messages import problems as problem_words
from insights.services import exports
from insights.store.records import LedgerRecord
from pages.ui.shared import dialogs, pressed, session, sheets
from pages.ui.shared import format as fmt

MOST = 200  # rows shown


def look_up(record: LedgerRecord) -> None:
    """The button that shows what was set aside of a ledger; nothing where nothing was."""
    if record.rows_set_aside and st.button("Set aside", key=f"aside_{record.id}", icon=":material/rule:", type="tertiary"):
        _show(record)


@dialogs.of_person("Rows set aside", width="large", icon=":material/rule:")
def _show(record: LedgerRecord) -> None:
    ledger = session.open_ledger(record.id)
    st.text(f"{fmt.count(record.rows_set_aside, 'row')} of “{record.name or record.id}” set aside:")
    if ledger.aside is None:  # kept by a version that did not count their amounts
        st.text("\n".join(f"{fmt.count(rows)} x {problem_words.reason(code)}" for code, rows in ingest.counts(ledger).items()))
    else:
        reasons(ledger.aside, key=f"reasons-{record.id}")
    sentences(ingest.problems_table(ledger, MOST), "Set aside because", key=f"aside-{record.id}")
    download(ledger, key=f"problems-{record.id}")


def download(ledger: Ledger, *, key: str) -> None:
    """All rows with their reasons, as a file."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "All of them, CSV",
            pressed.as_drawn(lambda: _written(ledger)),
            "rows-set-aside.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=key,
        )
        if (many := sum(ingest.counts(ledger).values())) > MOST:
            st.caption(f"Shown are the first {MOST} of {fmt.count(many, 'row')}.")


def _written(ledger: Ledger) -> bytes:
    rows = sum(ingest.counts(ledger).values())
    exports.note(session.workspace(), "set_aside", rows, subject=ledger.id, actor=session.person())
    return table_files.csv_bytes(ingest.every_problem(ledger))


def reasons(parts: Iterable[Aside], *, key: str) -> None:
    """Rows and amounts per reason, the most rows first; an amount per currency, since two are never added."""
    lines = [
        {
            "Set aside because": problem_words.reason(reason),
            "Rows": fmt.count(sum(part.rows for part in per_currency)),
            "Their amounts": ", ".join(fmt.money(part.amount, part.currency) for part in per_currency),
        }
        for reason, per_currency in ingest.by_reason(parts).items()
    ]
    sheets.figures(lines, "Rows set aside, by reason", key=key, wide=["Set aside because"])


def sentences(table: pa.Table, heading: str, *, key: str) -> None:
    """A table of problems, of so many rows as can be shown: where, and why."""
    lines = [
        {"File": row["file"], "Row": str(row["row"]), heading: row["sentence"]}
        for row in table.select(["file", "row", "sentence"]).to_pylist()
    ]
    if not any(line["File"] for line in lines):
        lines = [{name: text for name, text in line.items() if name != "File"} for line in lines]
    sheets.figures(lines, heading, key=key, texts=2, wide=[heading])
