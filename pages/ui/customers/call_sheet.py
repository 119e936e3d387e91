"""How does what an agent needs for a call leave the product? On paper, and as a workbook."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from insights.messages import habits as sentences
from insights.portfolio import CustomerInsights, worklist
from insights.prediction import call_sheet
from insights.prediction.call_sheet import CallSheet, SheetLine
from insights.services import exports
from pages.ui.agreements import timeline
from pages.ui.customers import customer_details
from pages.ui.invoices import invoice_table
from pages.ui.shared import agreed_dates, cache, links, one_customer, pressed, session
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

WAYS: Mapping[str, tuple[str, str, Callable[[CallSheet], bytes]]] = {  # ending -> label, type, writer
    "pdf": ("Call sheet (PDF)", "application/pdf", call_sheet.pdf),
    "xlsx": (
        "Call sheet (Excel)",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        call_sheet.workbook,
    ),
}


def buttons(view: View, insights: CustomerInsights) -> None:
    """A download button per format; the sheet is written when one is pressed."""
    with st.container(horizontal=True, key="call_sheet"):
        for ending, (label, mime, write) in WAYS.items():
            st.download_button(
                label,
                data=pressed.as_drawn(_written(view, insights, write)),
                file_name=f"call-sheet-{''.join(filter(str.isalnum, insights.customer_id)) or 'customer'}-{view.as_of}.{ending}",
                mime=mime,
                key=f"call_sheet_{ending}",
                icon=":material/call:",
                on_click="ignore",
                width=190,
            )


def _written(view: View, insights: CustomerInsights, write: Callable[[CallSheet], bytes]) -> Callable[[], bytes]:
    def written() -> bytes:
        details = {"company": insights.company, "customer": insights.customer_id}
        exports.note(session.workspace(), "call_sheet", None, subject=view.ledger.id, actor=session.person(), **details)
        return write(sheet(view, insights))

    return written


def sheet(view: View, insights: CustomerInsights) -> CallSheet:
    """What the sheet says of a customer, the longest overdue invoice first."""
    mine = customer_details.open_of(view, insights)
    rows = worklist.selected(agreed_dates.source(view), mine, sort="days_past_due")
    trend, days = one_customer.habits(view, insights.company, insights.customer_id)
    return CallSheet(
        customer=insights.customer_name,
        below=customer_details.subtitle(insights),
        as_of=view.as_of,
        facts=_facts(insights),
        sentences=[*([sentences.trend(trend)] if trend else []), *sentences.paying_days(days)],
        lines=[_line(row, view) for row in rows.to_pylist()],
        agreed=[
            (fmt.day(event.as_of), words)
            for event, words in timeline.lines(timeline.standing(view), (insights.company, insights.customer_id))
        ],
    )


def _facts(insights: CustomerInsights) -> dict[str, str]:
    last = " · ".join(fmt.money(payment.amount, payment.currency) for payment in insights.last_payments)
    facts: dict[str, str] = {}
    for balance in insights.balances:
        of = f" {balance.currency}" if len(insights.balances) > 1 else ""
        facts[f"Receivables{of}"] = fmt.money(balance.receivables, balance.currency)
        facts[f"Overdue{of}"] = fmt.money(balance.overdue, balance.currency)
        if balance.unapplied:
            facts[f"Unapplied{of}"] = fmt.money(balance.unapplied, balance.currency)
            facts[f"Net balance{of}"] = fmt.money(balance.net_balance, balance.currency)
    return facts | {
        "Last payment": f"{last}, {fmt.day(insights.last_payments[0].paid_date)}" if last else fmt.NOTHING,
        "Open invoices": f"{fmt.count(insights.open_invoices)}, {fmt.count(insights.overdue_invoices)} overdue",
        "Days to pay": fmt.days(insights.average_days_to_pay),
        "Paid on time": f"{fmt.percent(insights.on_time_share)} of {fmt.count(insights.settled, 'invoice')}",
    }


def _line(row: Mapping[str, Any], view: View) -> SheetLine:
    words = {**row, "reason": worklist.main_reason(row, view.flag_below(row["company"]))}
    p = [row[name] for name in worklist.PROBABILITIES]
    return SheetLine(
        invoice=links.number(row),
        due=row["due_date"],
        due_words=fmt.past_due(row["days_past_due"]),
        outstanding=row["outstanding"],
        currency=row["currency"],
        expected=row["expected_date"],
        likely="" if p[0] is None else " · ".join(fmt.percents(p, view.flag_below(row["company"]))),
        reason=invoice_table.reason(words),
        overdue=worklist.is_overdue(row),
        mark="disputed" if row["position"] in cache.disputed(view) else "",
    )
