"""What would change on the list? The invoices whose flag would flip, with amounts, before anything does."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import portfolio
from insights.ledger import table_files
from insights.ledger.money import decimal_text
from insights.services import exports
from insights.store.records import ModelRecord, Scope
from pages.ui.shared import cache, pressed, session, sheets
from pages.ui.shared import format as fmt
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

MOST = 200
ALIGN = dict.fromkeys(("Outstanding", "On time, now", "On time, then"), "right")
ON, OFF = "becomes flagged", "no longer flagged"


def of_publishing(view: View, record: ModelRecord, scope: Scope, threshold: float) -> None:
    """What publishing a model for a scope would change in the view: always shown before it is done."""
    rows = cache.flips_of_publishing(view, view.held, record.id, scope, threshold)
    condition = f"If it is published, as of {fmt.day(view.as_of)}"
    if record.trained_as_of > view.as_of:
        st.caption(f"{condition}: it was trained as of {fmt.day(record.trained_as_of)}, so other models speak of this day.")
    elif not len(rows):
        st.caption(f"{condition}: no flag changes.")
    else:
        st.caption(f"{condition}, each company by what is in force for it now and would be then:")
    if len(rows):
        _draw(rows, f"{record.id}-{scope}")


def between(view: View, model_id: str, other: ModelRecord, called: str) -> None:
    """Offers the flips from one model to another, each for all companies, as of days on which both may speak."""
    before = session.contents().model(model_id)
    if max(before.trained_as_of, other.trained_as_of) > view.as_of:
        return
    asked = f"Which flags would flip with {called}, as of {fmt.day(view.as_of)}?"
    if st.toggle(asked, key=f"flips-{model_id}-{other.id}"):
        _draw(cache.flips(view, model_id, other.id), other.id)


def _draw(rows: pa.Table, key: str) -> None:
    """Two tiles with the sums of the list below, to the cent; the list itself, and as a file."""
    flagged = rows.filter(rows["other_flagged"])
    cleared = rows.filter(rows["flagged"])
    row(
        Tile("Would become flagged", fmt.count(len(flagged)), fmt.moneys(portfolio.sums(flagged, "outstanding"))),
        Tile("Would no longer be flagged", fmt.count(len(cleared)), fmt.moneys(portfolio.sums(cleared, "outstanding"))),
    )
    if not len(rows):
        return
    with st.expander(f"Which they are: {fmt.count(len(rows), 'invoice')}", icon=":material/flag:"):
        lines = _lines(rows)
        align = [ALIGN.get(name, "text") for name in lines[0]]
        cells = [list(line.values()) for line in lines]
        sheets.sheet(list(lines[0]), cells, "Invoices whose flag would flip", key=f"flips-{key}", align=align)
        if len(rows) > MOST:
            st.caption(f"The first {MOST:,} of {fmt.count(len(rows))}; the file has all.")
        made = pressed.as_drawn(_file(rows))
        st.download_button(
            "CSV", made, "flags.csv", "text/csv", icon=":material/download:", on_click="ignore", key=f"flips-csv-{key}"
        )


def _lines(rows: pa.Table) -> list[dict[str, str]]:
    """Probabilities of on time, now and then."""
    return [
        {
            "Flag": ON if flip["other_flagged"] else OFF,
            "Company": flip["company"],
            "Customer": flip["customer_name"],
            "Invoice": flip["invoice_id"],
            "Outstanding": fmt.money(flip["outstanding"], flip["currency"]),
            "Due": fmt.day(flip["due_date"]),
            "On time, now": fmt.percent(flip["p_on_time"], flip["flag_below"]),
            "On time, then": fmt.percent(flip["other_p_on_time"], flip["other_flag_below"]),
        }
        for flip in rows.slice(0, MOST).to_pylist()
    ]


def _file(rows: pa.Table) -> Callable[[], str]:
    """What the button calls when it is clicked: the whole list."""

    def file() -> str:
        amounts = zip(rows["outstanding"].to_pylist(), rows["currency"].to_pylist(), strict=True)
        table = pa.table(
            {
                "change": pc.if_else(rows["other_flagged"], ON, OFF),
                **{name: rows[name] for name in ("company", "customer_id", "customer_name", "invoice_id", "line", "currency")},
                "outstanding": [decimal_text(minor, currency) for minor, currency in amounts],
                "due_date": rows["due_date"],
                "p_on_time_now": rows["p_on_time"],
                "p_on_time_then": rows["other_p_on_time"],
            }
        )
        exports.note(session.workspace(), "flags", table.num_rows, actor=session.person())
        return table_files.csv_text(table)

    return file
