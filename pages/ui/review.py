"""Is this the ledger that was meant? What was read, set aside and ignored, what it comes to, and the last decisions."""

import csv
import io
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from insights import ingest, portfolio, words
from insights.ledger import Ledger
from pages.ui import format as written
from pages.ui import upload
from pages.ui.tiles import Tile, row
from pages.ui.upload import Upload

PREVIEW = 20
MOST_PROBLEMS = 200
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet would take such a cell for a formula


def rows(work: Upload, ledger: Ledger) -> None:
    """Rows read = used + set aside + ignored."""
    ignored = ", ".join(f"{count} {reason}" for reason, count in sorted(work.draft.ignored.items()))
    row(
        Tile("Rows read", written.count(ledger.rows_read), "= used + set aside + ignored"),
        Tile("Used", written.count(len(ledger.invoices))),
        Tile("Set aside", written.count(ledger.rows_set_aside), "listed below, with the reason" if ledger.rows_set_aside else ""),
        Tile("Ignored", written.count(ledger.rows_ignored), ignored, "Titles, totals, blank lines: no rows of a ledger."),
    )


def totals(ledger: Ledger) -> None:
    """What is open per currency, as the file ends."""
    for balance in portfolio.balances(ledger, ledger.last_as_of):
        money = balance.currency
        row(
            Tile(f"Open invoices, {money}", written.count(balance.invoices)),
            Tile("Not yet due", written.money(balance.not_due, money)),
            Tile("Overdue", written.money(balance.overdue, money)),
            Tile("Unapplied credits", written.money(balance.unapplied, money)),
        )


def problems(ledger: Ledger) -> None:
    """The rows that were set aside and the values that were noted, and all of them as a file."""
    if not ledger.problems:
        st.markdown(":material/check: No row was set aside.")
        return
    table = ingest.problems_table(ledger)
    shown = table.slice(0, MOST_PROBLEMS).select(["row", "column", "value", "sentence"]).to_pandas()
    st.dataframe(
        shown,
        hide_index=True,
        height=min(320, (len(shown) + 1) * 35 + 3),
        alt="Rows set aside",
        column_config={
            "row": st.column_config.NumberColumn("Row", width=70, format="%d"),
            "column": st.column_config.TextColumn("Column", width=140),
            "value": st.column_config.TextColumn("Value", width=160),
            "sentence": st.column_config.TextColumn("Reason", width=600),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "All of them, CSV",
            lambda: _csv(table),
            "rows-set-aside.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        if len(table) > MOST_PROBLEMS:
            st.caption(f"The first {MOST_PROBLEMS} of {written.count(len(table))}.")


def preview(ledger: Ledger) -> None:
    """The first rows as they were understood."""
    names = ledger.invoices.column_names
    frame = ledger.invoices.slice(0, PREVIEW).select(names).to_pandas()
    for name in ("amount", "outstanding"):
        frame[name] = [written.amount(minor, code) for minor, code in zip(frame[name], frame["currency"], strict=True)]
    frame.columns = pd.Index([ingest.FIELDS.get(name, name.removeprefix("x:")) for name in names])
    st.dataframe(frame, hide_index=True, alt="The first rows of the ledger")


def notes(work: Upload) -> None:
    """What was noted about the file as a whole."""
    for note in work.draft.notes:
        st.text(f"•  {words.problem(note)}")


def commit(work: Upload, ledger: Ledger) -> str | None:
    """The last decisions and the button; the id of the ledger once it is committed."""
    with st.form(f"commit-{work.key}"):
        name, through, starts = st.columns([3, 2, 2])
        decided: dict[str, Any] = {
            "name": name.text_input("Name of this ledger", work.options.name),
            "complete_through": through.date_input(
                "Complete through", ledger.complete_through, format="YYYY-MM-DD", required=True,
                help="The last day of which everything is in this file: up to it, what is not marked as paid was not paid.",
            ),
            "history_starts": starts.date_input(
                "History starts", ledger.history_starts, format="YYYY-MM-DD", required=True,
                help="From when all invoices are here, however they ended: before it, exports often hold slow payers only.",
            ),
        }  # fmt: skip
        if ledger.further:
            decided["known_at_issue"] = tuple(
                st.multiselect(
                    "Further columns that are known when an invoice is issued (only these may become fields of a model)",
                    [*ledger.further, "disputed"],
                    list(work.options.known_at_issue),
                    help="A status, a dispute flag or a segment may have changed since: such a column tells the future.",
                )
            )
        if st.form_submit_button("Commit this ledger", type="primary", icon=":material/check:"):
            before = {"complete_through": ledger.complete_through, "history_starts": ledger.history_starts}
            changed = {key: value for key, value in decided.items() if value != before.get(key)}
            return upload.commit(work, changed)
    return None


def _csv(table: pa.Table) -> bytes:
    """A table as CSV for a spreadsheet, where no cell is a formula."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(table.column_names)
    for values in zip(*(column.to_pylist() for column in table.columns), strict=True):
        lines.writerow([f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value for value in values])
    return out.getvalue().encode("utf-8-sig")
