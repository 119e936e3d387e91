"""Which invoices stand behind an amount of the ageing, and how does the whole of it leave the product?"""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import portfolio
from insights.ledger.ledger import INVOICE
from insights.sandbox import folders
from insights.services import exports
from insights.services.ageing import AgedLedger, age_table
from pages.ui.ageing.age_matrix import CELL, OF, ROW_HEIGHT, WHO, WHOLE, WantedAges, of_view
from pages.ui.shared import format as fmt
from pages.ui.shared import query_params, session, widgets
from pages.ui.shared.view import View

MOST = 500  # rows shown; the sum is that of all
IN_SIGHT = 12
KINDS = {"invoice": "Invoice", "credit_note": "Credit note", "payment_on_account": "On account"}
MIME = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
FORMATS = {"csv": "CSV", "xlsx": "Excel"}


def show(view: View, aged: AgedLedger, wanted: WantedAges) -> None:
    """The invoices behind the amount that the address names; a hint where it names none."""
    column, who = query_params.get(CELL), query_params.get(WHO)
    if column not in (*wanted.columns, "unpaid"):
        st.caption("Click an amount, or go to it with the arrow keys, to see the invoices behind it.")
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
    what = fmt.count(len(rows), "row") if column == "net_balance" else fmt.count(len(rows), *_noun(column))
    st.text(f"{what}, {fmt.money(summed, wanted.currency)}{more}")
    if len(rows):
        _list(view, rows.slice(0, MOST), wanted)


def _noun(column: str) -> tuple[str, str]:
    return {"credits": ("credit note", "credit notes"), "on_account": ("payment", "payments")}.get(
        column, ("invoice", "invoices")
    )


def _list(view: View, rows: pa.Table, wanted: WantedAges) -> None:
    listed = rows.to_pylist()
    money = wanted.currency
    frame = pd.DataFrame(
        [
            {
                "invoice": row["invoice_id"] + ("" if row["line"] == "1" else f" / {row['line']}"),
                "kind": KINDS[row["kind"]],
                "customer": row["customer_name"],
                "outstanding": fmt.amount(row["outstanding"], money),
                "amount": fmt.amount(row["amount"], money),
                "age": fmt.past_due(row["age"]) if wanted.ranges.by == portfolio.DUE else fmt.days(row["age"]),
                "due": fmt.day(row["due_date"]),
                "issued": fmt.day(row["issue_date"]),
                "unpaid": fmt.amount(row.get("unpaid"), money) if row["kind"] == INVOICE else "",
            }
            for row in listed
        ],
        dtype="str",
    )
    places = tuple((row["company"], row["customer_id"], row["invoice_id"], row["line"], row["kind"]) for row in listed)
    key = f"age-cell-{view.key}-{hash(places)}"
    text = st.column_config.TextColumn
    config: dict[str, Any] = {
        "invoice": st.column_config.ButtonColumn(
            "Invoice", width=100, type="tertiary", alignment="left", key=f"{key}-open", on_click=_open,
            args=(f"{key}-open", places, view),
        ),
        "kind": text("Kind", width=90),
        "customer": text("Customer", width=200),
        "outstanding": text("Outstanding", width=110, alignment="right"),
        "amount": text("Amount", width=110, alignment="right"),
        "age": text("Age" if wanted.ranges.by == portfolio.ISSUE else "Due", width=130),
        "due": text("Due date", width=105),
        "issued": text("Issued", width=105),
        "unpaid": text("Unpaid in 30 days", width=125, alignment="right", help="Outstanding × probability."),
    }  # fmt: skip
    alike = {"kind": all(row["kind"] == INVOICE for row in listed), "customer": len({place[:2] for place in places}) == 1}
    hidden = [name for name, idle in ({"unpaid": "unpaid" not in rows.column_names} | alike).items() if idle]
    st.dataframe(
        frame.drop(columns=hidden), key=key, hide_index=True, row_height=ROW_HEIGHT, alt="The invoices behind the amount",
        height=(min(len(frame), IN_SIGHT) + 1) * ROW_HEIGHT + 4,
        column_config={name: each for name, each in config.items() if name not in hidden},
    )  # fmt: skip


def _open(button: str, places: tuple[tuple[str, ...], ...], view: View) -> None:
    """A callback: opens the invoice whose number was clicked; of a credit, its customer."""
    row = session.clicked(button)
    if row is None or row >= len(places):
        return
    company, customer, invoice, line, kind = places[row]
    if kind == INVOICE:
        session.go("invoice.py", view, company=company, customer=customer, invoice=invoice, line=line)
    session.go("customer.py", view, company=company, customer=customer)


def downloads(view: View, aged: AgedLedger) -> None:
    """A download button per format: every customer and currency, with the totals."""
    with st.container(horizontal=True, width="content"):
        for suffix, label in FORMATS.items():
            st.download_button(
                label,
                data=_file(view, aged, suffix),
                file_name=f"ageing-{view.as_of}.{suffix}",
                mime=MIME[suffix],
                key=f"ageing_{suffix}",
                icon=":material/download:",
                on_click="ignore",
                help="Every customer and currency, with the totals.",
            )


def _file(view: View, aged: AgedLedger, suffix: str) -> Callable[[], bytes]:
    """What the button calls when it is clicked; nothing is written before."""

    def written() -> bytes:
        with folders.temporary() as folder:
            path = folder / f"ageing.{suffix}"
            table, person = age_table(aged, view.as_of), session.person()
            exports.write(session.workspace(), "ageing", table, path, subject=view.ledger.id, actor=person, sheet="Ageing")
            return path.read_bytes()

    return written
