"""How does a list of open invoices look, and what happens when one is clicked? Text cells, sorted by the server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import streamlit as st

from insights import messages
from insights.ledger.keys import KEY, InvoiceKey
from insights.portfolio import worklist
from insights.portfolio.snapshot import is_flagged
from pages.ui.shared import format as fmt
from pages.ui.shared import query_params, session, widgets
from pages.ui.shared.view import View

ROW_HEIGHT = 30
MOST_ROWS = 18  # in sight at once; more scroll below the headings, so that the paging stays in sight too
FIRST_ASCENDING = {
    "p_on_time",
    "due_date",
    "issue_date",
    "customer_name",
    "customer_id",
    "invoice_id",
    "currency",
    "company",
    "expected_date",
}

# column of the list -> (heading, width, alignment, sort of the worklist)
COLUMNS: Mapping[str, tuple[str, int, str, str]] = {
    "circle": ("", 34, "center", ""),
    "on_time": ("On time", 64, "right", "p_on_time"),
    "invoice": ("Invoice", 88, "left", "invoice_id"),
    "customer": ("Customer", 165, "left", "customer_name"),
    "outstanding": ("Outstanding", 96, "right", "outstanding"),
    "currency": ("Cur.", 44, "left", "currency"),
    "past_due": ("Due", 118, "left", "days_past_due"),
    "reason": ("Main reason", 330, "left", ""),
    "due": ("Due date", 98, "left", "due_date"),
    "expected": ("Expected", 98, "left", "expected_date"),
    "late": ("Late", 70, "right", "p_late"),
    "very_late": ("Very late", 82, "right", "p_very_late"),
    "confidence": ("Confidence", 130, "left", ""),
    "account": ("Account", 95, "left", "customer_id"),
    "issued": ("Issued", 98, "left", "issue_date"),
    "amount": ("Amount", 112, "right", "amount"),
    "company": ("Company", 150, "left", "company"),
}
PREDICTED = ("circle", "on_time", "late", "very_late", "expected", "reason", "confidence")
HELP = {
    "expected": "The day by which it is as likely paid as not.",
    "confidence": "High, medium or low, by how clear the answer and how narrow the range of dates is.",
    "on_time": "How probable it is that it is paid on time.",
}


class Paged(Protocol):
    """A page of anything."""

    @property
    def page(self) -> int: ...

    @property
    def pages(self) -> int: ...


@dataclass(frozen=True)
class Sort:
    """By what a list is sorted: a key of `worklist.SORTS`, and the direction."""

    by: str = worklist.AT_RISK
    ascending: bool = False


def asked_sort() -> Sort:
    """The sort that the URL asks for; by amount at risk where it asks for none."""
    by = query_params.get("sort", worklist.AT_RISK)
    return Sort(by, query_params.get("order") == "up") if by in worklist.SORTS else Sort()


def show(rows: pa.Table, view: View, *, key: str, sort: Sort | None = None, without: Sequence[str] = ()) -> None:
    """The list; the number opens the invoice, and with `sort` a click on a heading sorts the whole selection."""
    hidden = {*without, *(() if view.model_id else PREDICTED), *_idle(rows)}
    shown = [name for name in COLUMNS if name not in hidden]
    frame = _frame(rows, view)[shown]
    places = tuple(InvoiceKey.of(row) for row in rows.select(KEY).to_pylist())
    grid = f"{key}-{view.key}-{hash((places, sort))}"  # another selection is another grid: a click never hits another row
    config = {name: _config(name, sort) for name in shown}
    config["invoice"] = st.column_config.ButtonColumn(
        _heading("invoice", sort), width=COLUMNS["invoice"][1], type="tertiary", alignment="left", key=f"{grid}-open",
        on_click=_open, args=(f"{grid}-open", places, view),
    )  # fmt: skip
    st.dataframe(
        frame,
        key=grid,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=(min(len(frame), MOST_ROWS) + 1) * ROW_HEIGHT + 4,
        column_config=config,
        alt="Open invoices",
        **({"on_select": _sort_by(grid, sort), "selection_mode": "single-column"} if sort else {}),
    )


def _idle(rows: pa.Table) -> list[str]:
    """Columns that say nothing: a company where there is none, an account that is the name."""
    named = rows["customer_name"].to_pylist() != rows["customer_id"].to_pylist()
    return [name for name, says in (("company", any(rows["company"].to_pylist())), ("account", named)) if not says]


def paging(page: Paged, view: View) -> None:
    """Page numbers below a list of more than one page."""
    if page.pages > 1:
        key = f"page-{view.key}-{page.page}-{page.pages}"
        st.pagination(page.pages, default=page.page, key=key, on_change=session.on_page_change, args=(key,))


def _frame(rows: pa.Table, view: View) -> pd.DataFrame:
    """The rows as text, one column per key of COLUMNS."""
    return pd.DataFrame(
        [_cells(row, view.flag_below(row["company"])) for row in rows.to_pylist()], columns=list(COLUMNS), dtype="str"
    )


def _cells(row: Mapping[str, Any], threshold: float) -> dict[str, str]:
    p = [row["p_on_time"], row["p_late"], row["p_very_late"]]
    flagged = is_flagged(p[0], threshold)
    on_time, late, very_late = ("", "", "") if p[0] is None else fmt.percents(p, threshold)
    return {
        "circle": widgets.circle(flagged=flagged),
        "on_time": on_time,
        "invoice": row["invoice_id"] + ("" if row["line"] == "1" else f" / {row['line']}"),
        "customer": row["customer_name"],
        "outstanding": fmt.amount(row["outstanding"], row["currency"]),
        "currency": "" if row["currency"] == "XXX" else row["currency"],
        "due": fmt.day(row["due_date"]),
        "past_due": fmt.past_due(row["days_past_due"]),
        "expected": fmt.day(row["expected_date"]),
        "reason": messages.reason(row["reason"]) if row["reason"] else "",
        "late": late,
        "very_late": very_late,
        "confidence": fmt.confidence(row["confidence"], no_history=bool(row["no_history"])),
        "account": row["customer_id"],
        "issued": fmt.day(row["issue_date"]),
        "amount": fmt.amount(row["amount"], row["currency"]),
        "company": row["company"],
    }


def _heading(name: str, sort: Sort | None) -> str:
    """A column's heading, with an arrow where the list is sorted by it."""
    heading, *_, by = COLUMNS[name]
    arrow = "" if sort is None or by != sort.by or not by else (" ↑" if sort.ascending else " ↓")
    return heading + arrow


def _config(name: str, sort: Sort | None) -> Any:  # noqa: ANN401 - streamlit's column types have no common name
    _, width, alignment, _ = COLUMNS[name]
    if name == "circle":
        return st.column_config.ImageColumn(
            "", width=width, help="A red disc: less likely than the threshold to be paid on time."
        )
    return st.column_config.TextColumn(_heading(name, sort), help=HELP.get(name), width=width, alignment=alignment)  # type: ignore[arg-type]


def _sort_by(grid: str, sort: Sort) -> Any:  # noqa: ANN401 - a callback of streamlit's
    """A callback: the heading that was clicked becomes the sort; a second click turns it round."""

    def sorted_by_heading() -> None:
        by = COLUMNS[name][3] if (name := session.picked_column(grid)) else ""
        if by:
            up = not sort.ascending if by == sort.by else by in FIRST_ASCENDING
            query_params.set_params(sort=by, order="up" if up else "down")

    return sorted_by_heading


def _open(button: str, places: tuple[InvoiceKey, ...], view: View) -> None:
    """A callback: opens the invoice whose number was clicked, as it stood in the list that the browser showed."""
    row = session.clicked(button)
    if row is not None and row < len(places):
        key = places[row]
        session.go("invoice.py", view, company=key.company, customer=key.customer_id, invoice=key.invoice_id, line=key.line)
