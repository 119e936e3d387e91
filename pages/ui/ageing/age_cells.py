"""Which invoices stand behind an amount of the ageing, and how does the whole of it leave the product?"""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import portfolio
from insights.ledger.ledger import INVOICE
from insights.sandbox import folders
from insights.services import exports
from insights.services.ageing import AgedLedger, age_table
from pages.ui.ageing.age_matrix import CELL, HEADINGS, OF, WHO, WHOLE, WantedAges, of_view
from pages.ui.shared import downloads as files
from pages.ui.shared import format as fmt
from pages.ui.shared import links, listing, query_params, session, widgets
from pages.ui.shared.listing import Cell, Column, Group, Listing, Row
from pages.ui.shared.view import View

MOST = 500  # rows shown; the sum is that of all
KINDS = {"invoice": "Invoice", "credit_note": "Credit note", "payment_on_account": "On account"}
EVERYTHING = "Every customer and currency, with the totals."


def show(view: View, aged: AgedLedger, wanted: WantedAges) -> None:
    """The invoices behind the amount that the address names; a hint where it names none."""
    column, who = query_params.get(CELL), query_params.get(WHO)
    if column not in (*wanted.columns, "unpaid"):
        st.caption("Press an amount to see the invoices behind it.")
        return
    of_customer = {"customer_id": who[1:], "company": query_params.get(OF)[1:]} if who else {}
    rows = portfolio.behind(of_view(aged, wanted), wanted.ranges, column, **of_customer)
    named = rows["customer_name"][0].as_py() if who and len(rows) else who[1:] if who else WHOLE
    widgets.data_heading(f"{named}: {wanted.heading(column)}")
    if column == "unpaid" and "unpaid" not in rows.column_names:
        return
    summed = int(pc.sum(rows["unpaid" if column == "unpaid" else "outstanding"]).as_py() or 0)
    if column in ("credits", "on_account"):
        summed = -summed
    more = f", the {MOST} oldest of them shown" if len(rows) > MOST else ""
    counted = fmt.count(len(rows), "row") if column == "net_balance" else fmt.count(len(rows), *_noun(column))
    st.text(f"{counted}, {fmt.money(summed, wanted.currency)}{more}")
    if len(rows):
        _list(view, rows.slice(0, MOST), wanted)


def _noun(column: str) -> tuple[str, str]:
    return {"credits": ("credit note", "credit notes"), "on_account": ("payment", "payments")}.get(
        column, ("invoice", "invoices")
    )


COLUMNS = (
    Column("invoice", "Invoice"),
    Column("kind", "Kind", "short"),
    Column("customer", "Customer"),
    Column("outstanding", "Outstanding", "right"),
    Column("amount", "Amount", "right"),
    Column("age", "Age", "short"),
    Column("due", "Due date", "short"),
    Column("issued", "Issued", "short"),
    Column("unpaid", HEADINGS["unpaid"], "right", help="Outstanding × probability."),
)


def _list(view: View, rows: pa.Table, wanted: WantedAges) -> None:
    """Numbers open the invoice, names the customer; without the columns that would say nothing."""
    listed = rows.to_pylist()
    idle = {
        "kind": all(row["kind"] == INVOICE for row in listed),
        "customer": len({(row["company"], row["customer_id"]) for row in listed}) == 1,
        "unpaid": "unpaid" not in rows.column_names,
    }
    columns = [column for column in COLUMNS if not idle.get(column.name)]
    drawn = [Row(f"{row['kind']}-{links.key(row)}", _cells(row, wanted)) for row in listed]
    caption = "The invoices behind the amount"
    listing.show(Listing(caption, columns, [Group(drawn)], "invoice", scrolls=True), view, key="age-cell")


def _cells(row: Mapping[str, Any], wanted: WantedAges) -> dict[str, Cell]:
    money, is_invoice = wanted.currency, row["kind"] == INVOICE
    return {
        "invoice": links.invoice(row) if is_invoice else links.number(row),
        "kind": KINDS[row["kind"]],
        "customer": links.customer(row),
        "outstanding": fmt.amount(row["outstanding"], money),
        "amount": fmt.amount(row["amount"], money),
        "age": fmt.past_due(row["age"]) if wanted.ranges.by == portfolio.DUE else fmt.days(row["age"]),
        "due": fmt.day(row["due_date"]),
        "issued": fmt.day(row["issue_date"]),
        "unpaid": fmt.amount(row.get("unpaid"), money) if is_invoice else "",
    }


def downloads(view: View, aged: AgedLedger) -> None:
    """A download button per format: every customer and currency, with the totals."""
    with st.container(horizontal=True, width="content"):
        for suffix, label in files.LABELS.items():
            name = f"ageing-{view.as_of}.{suffix}"
            files.button(label, name, _file(view, aged, suffix), key=f"ageing_{suffix}", explained=EVERYTHING)


def _file(view: View, aged: AgedLedger, suffix: str) -> Callable[[], bytes]:
    """What the button calls when it is clicked; nothing is written before."""

    def written() -> bytes:
        with folders.temporary() as folder:
            path = folder / f"ageing.{suffix}"
            table, person = age_table(aged, view.as_of), session.person()
            exports.write(session.workspace(), "ageing", table, path, subject=view.ledger.id, actor=person, sheet="Ageing")
            return path.read_bytes()

    return written
