"""Which pieces make up the screen of one invoice?"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import streamlit as st

from insights import charts, words, worklist
from insights.outcomes import BUCKETS
from insights.portfolio import AGES, CustomerInsights
from pages.ui import format as written
from pages.ui import parts, session

MOST_OTHERS = 25


def absent(view: session.View, number: str) -> None:
    """Says that an invoice is not open as of the day, and what to do."""
    parts.data_title(f"Invoice {number}" if number else "No invoice chosen")
    parts.empty_state(
        f"Not open as of {written.day(view.as_of)}" if number else "Choose an invoice from the list",
        "It was settled before that day, is not issued yet, or is not in this ledger. Another as-of date may show it.",
        parts.Step("Open invoices", "open_invoices.py", ":material/receipt_long:"),
    )


def facts(invoice: Mapping[str, Any]) -> None:
    """What the ledger says of the invoice."""
    currency = invoice["currency"]
    parts.facts(
        {
            "Outstanding": written.money(invoice["outstanding"], currency),
            "Amount": written.money(invoice["amount"], currency),
            "Customer": invoice["customer_name"],
            "Account": invoice["customer_id"],
            "Company": invoice["company"] or written.NOTHING,
            "Issued": written.day(invoice["issue_date"]),
            "Due": f"{written.day(invoice['due_date'])}, {written.past_due(invoice['days_past_due'])}",
            "Terms": invoice["terms"] or written.NOTHING,
        }
    )


def probabilities(invoice: Mapping[str, Any], threshold: float) -> None:
    """The three probabilities, with the circle where the invoice is flagged, and the bar that they make."""
    p = [invoice[f"p_{bucket}"] for bucket in BUCKETS]
    flagged = p[0] < threshold
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.image(parts.circle(flagged=flagged), width=18, alt=parts.flag_word(flagged=flagged))
        st.markdown("**Flagged:** less likely than not to be paid on time" if flagged else "**Not flagged**")
    for column, bucket, share in zip(st.columns(3), BUCKETS, p, strict=True):
        shown = written.percent(share, threshold if bucket == "on_time" else None)
        column.metric(charts.LABELS[bucket], shown, border=True)
    st.plotly_chart(charts.probabilities(p), key="probabilities", alt="The three probabilities as one bar", config=parts.STILL)
    if invoice["no_history"]:
        st.caption("No history: this customer has not settled an invoice yet, so similar customers speak for it.")


def reasons(invoice: Mapping[str, Any]) -> None:
    """Why: up to five reasons, the strongest first, as a chart and as sentences."""
    given = invoice["reasons"] or []
    if not given:
        return
    st.subheader("Why", anchor=False)
    with st.container(gap="xxsmall"):
        for reason in given:
            st.text(f"•  {words.reason(reason)}")
    moving = [reason for reason in given if reason["effect"]]
    if moving:
        labels = [words.theme(reason["theme"]) for reason in moving]
        effects = [reason["effect"] for reason in moving]
        st.plotly_chart(
            charts.reasons(labels, effects, of=moving[0]["of"]), key="reasons", alt="Reasons by their effect", config=parts.STILL
        )
        st.caption("Points of probability that each reason adds or takes away, taken alone: they do not add up.")


def state_of_business(insights: CustomerInsights) -> None:
    """How business with the customer stands."""
    figures = {
        "Open invoices": written.count(insights.open_invoices),
        "Overdue invoices": written.count(insights.overdue_invoices),
        "Last payment": " · ".join(
            f"{written.money(each.amount, each.currency)} on {written.day(each.paid_date)}" for each in insights.last_payments
        )
        or written.NOTHING,
        "Average days to pay": written.days(insights.average_days_to_pay),
        "Average days late": written.days(insights.average_days_late),
        "Customer since": written.day(insights.customer_since),
    }
    for balance in insights.balances:
        figures |= {
            f"Balance, {balance.currency}": written.amount(balance.outstanding, balance.currency),
            f"Average open invoice, {balance.currency}": written.amount(_whole(balance.average_invoice), balance.currency),
            f"Average overdue, {balance.currency}": written.amount(_whole(balance.average_overdue), balance.currency),
        }
        aged = zip(AGES, balance.aged, strict=True)
        figures |= {
            f"{age} days past due" if age != "current" else "Current": written.amount(minor, balance.currency)
            for age, minor in aged
        }
    parts.facts(figures)


def settled(insights: CustomerInsights) -> None:
    """How the customer's settled invoices were paid, in the three buckets."""
    for column, bucket, number in zip(st.columns(3), BUCKETS, insights.history, strict=True):
        share = number / insights.settled if insights.settled else None
        column.metric(
            f"Paid {charts.LABELS[bucket].lower()}",
            written.percent(share),
            delta=written.count(number, "invoice"),
            delta_color="off",
            delta_arrow="off",
        )


def others(source: Path | pa.Table, invoice: Mapping[str, Any]) -> worklist.Page:
    """The customer's other open invoices, the longest overdue first."""
    mine = worklist.Filter(
        tab=worklist.ALL,
        customer=(invoice["company"], invoice["customer_id"]),
        apart_from=(invoice["invoice_id"], invoice["line"]),
    )
    return worklist.select(source, mine, sort="days_past_due", size=MOST_OTHERS)


def _whole(minor: float | None) -> int | None:
    return None if minor is None else round(minor)
