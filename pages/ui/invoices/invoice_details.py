"""Which pieces make up the screen of one invoice?"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import streamlit as st

from insights import charts, messages
from insights.ledger.keys import InvoiceKey
from insights.ledger.outcomes import BUCKETS
from insights.messages import habits
from insights.portfolio import AGES, CustomerInsights, worklist
from insights.portfolio.snapshot import in_order, is_flagged
from insights.prediction.explain import Why
from insights.prediction.when import SOON, DateEvidence
from pages.ui.agreements import forms, timeline
from pages.ui.shared import cache, links, one_customer, session, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

MOST_OTHERS = 25
AGE_LABELS = {"current": "Not yet due", "over 180": "Over 180 days"}


def absent(view: View, number: str) -> None:
    """Says that an invoice is not open as of the day, and what to do."""
    step = widgets.Step("Open invoices", "open_invoices.py", ":material/receipt_long:")
    if not number:
        widgets.empty_state("No invoice chosen", "Choose one from the list of open invoices.", step)
        return
    widgets.data_title(f"Invoice {number}")
    widgets.empty_state(
        f"Not open as of {fmt.day(view.as_of)}",
        "It was settled before that day, is not issued yet, or is not in this ledger. Another as-of date may show it.",
        step,
    )


def heading(view: View, invoice: Mapping[str, Any]) -> None:
    """The invoice's number, and that it is disputed where the ledger says so."""
    widgets.data_title(f"Invoice {links.number(invoice)}")
    if invoice["position"] in cache.disputed(view):
        st.text("Disputed, as the ledger says.")


def facts(invoice: Mapping[str, Any]) -> None:
    """What the ledger says of the invoice."""
    currency = invoice["currency"]
    widgets.facts(
        {
            "Outstanding": fmt.money(invoice["outstanding"], currency),
            "Amount": fmt.money(invoice["amount"], currency),
            "Customer": invoice["customer_name"],
            "Account": invoice["customer_id"],
            "Company": invoice["company"] or fmt.NOTHING,
            "Issued": fmt.day(invoice["issue_date"]),
            "Due": f"{fmt.day(invoice['due_date'])}, {fmt.past_due(invoice['days_past_due'])}",
            "Terms": invoice["terms"] or fmt.NOTHING,
        }
    )


def probabilities(invoice: Mapping[str, Any], threshold: float, agreed_on: date | None) -> None:
    """The three probabilities, with the circle where the invoice is flagged, and the bar that they make; and the expected date.

    agreed_on: the date by what was agreed, None where that is the model's.
    """
    p = [invoice[f"p_{bucket}"] for bucket in BUCKETS]
    flagged = is_flagged(p[0], threshold)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.image(widgets.circle(flagged=flagged), width=18, alt=widgets.flag_word(flagged=flagged))
        limit = fmt.percent(threshold)
        verdict = f"**Flagged:** on time is less than {limit} probable"
        st.markdown(
            verdict if flagged else f"**Not flagged:** on time is {fmt.percent(p[0], threshold)} probable, {limit} or more"
        )
    tiles = st.container(key="tiles-probabilities")  # by its key the styles keep its place free
    for column, bucket, shown in zip(tiles.columns(3), BUCKETS, fmt.percents(p, threshold), strict=True):
        column.metric(charts.LABELS[bucket], shown, border=True)
    st.plotly_chart(charts.probabilities(p), key="probabilities", alt="The three probabilities as one bar", config=widgets.STILL)
    dates = fmt.expected(invoice["date_low"], invoice["expected_date"], invoice["date_high"])
    sure = fmt.confidence(invoice["confidence"], no_history=invoice["no_history"])
    if agreed_on:
        st.text(f"Expected payment by what was agreed: {fmt.day(agreed_on)}. By the model alone: {dates}. Confidence: {sure}.")
    else:
        st.text(f"Expected payment: {dates}. Confidence: {sure}.")
    if invoice["no_history"]:
        st.caption("No history: this customer has not settled an invoice yet, so similar customers speak for it.")


def reasons(invoice: Mapping[str, Any], why: Why | None, threshold: float) -> None:
    """Why: up to five reasons as sentences, in the order of all lists, and the way from an average invoice to this one."""
    given = in_order(why.reasons if why else invoice["reasons"], flagged=is_flagged(invoice["p_on_time"], threshold))
    if not given and not why:
        return
    st.header("Why", anchor=False)
    reasons, drawn = st.columns(2, gap="large")
    with reasons.container(gap="xsmall"):
        for number, reason in enumerate(given, 1):
            st.text(f"{number}.  {messages.reason(reason, invoice['due_date'])}")
        if not given:
            st.text("Nothing moves it by a point: it is like an average invoice.")
        elif why:
            st.caption(
                "Points of probability from that of an average invoice to this one's; what adds less than one is not named."
            )
    if why:
        with drawn.container(gap="xsmall", key=session.free_key("steps")):
            steps = charts.steps(why.base, _steps(why), of=why.of)
            st.plotly_chart(steps, key="reasons", alt="From an average invoice to this one", config=widgets.STILL)


def due_habit(view: View, invoice: Mapping[str, Any]) -> None:
    """What the customer does with what falls due on such a weekday, where that is a habit."""
    _, days = one_customer.habits(view, invoice["company"], invoice["customer_id"])
    if habit := days.of_due_date(invoice["due_date"]):
        st.text(habits.after_due(habit))


def date_evidence(evidence: DateEvidence | None) -> None:
    """On what the expected date of an overdue invoice rests."""
    if evidence is None:
        return
    st.subheader("Why this date", anchor=False)
    if not evidence.very_late:
        _sentence(messages.date_of_late(evidence.own, evidence.own_days, evidence.all_days))
    _sentence(messages.date_of_very_late(evidence.soon, SOON, already=evidence.very_late))


def _sentence(text: str) -> None:
    st.text(f"{text[0].upper()}{text[1:]}.")


def _steps(why: Why) -> list[tuple[str, float]]:
    """The themes that are among the reasons by name, and the rest together."""
    named = {reason["theme"] for reason in why.reasons}
    strongest = [(messages.theme(theme), points) for theme, points in why.themes if theme in named]
    return [*strongest, ("Everything else", sum(points for theme, points in why.themes if theme not in named))]


def agreed(view: View, invoice: Mapping[str, Any]) -> None:
    """Buttons for what is agreed on this invoice now, and what was, on it or with the customer as a whole."""
    customer, number = (invoice["company"], invoice["customer_id"]), (invoice["invoice_id"], invoice["line"])
    forms.buttons(view, forms.About((customer,), invoice["customer_name"], (number,), fixed=True))
    forms.last(view, customer)
    timeline.show(view, timeline.standing(view), customer, invoice=number)


def state_of_business(insights: CustomerInsights) -> None:
    """How business with the customer stands."""
    payments = (
        f"{fmt.money(payment.amount, payment.currency)}, {fmt.day(payment.paid_date)}" for payment in insights.last_payments
    )
    figures = {
        "Open invoices": fmt.count(insights.open_invoices),
        "Overdue invoices": fmt.count(insights.overdue_invoices),
        "Last payment": " · ".join(payments) or fmt.NOTHING,
        "Average days to pay": fmt.days(insights.average_days_to_pay),
        "Average days late": fmt.days(insights.average_days_late),
        "Customer since": fmt.day(insights.customer_since),
    }
    for balance in insights.balances:
        figures |= {
            "Average open invoice": fmt.money(_whole(balance.average_invoice), balance.currency),
            "Average overdue invoice": fmt.money(_whole(balance.average_overdue), balance.currency),
        }
    widgets.facts(figures)


def aged(insights: CustomerInsights) -> None:
    """What the customer owes, by age, per currency."""
    for balance in insights.balances:
        ages = zip(AGES, balance.aged, strict=True)
        owed = {
            AGE_LABELS.get(age, f"{age} days"): fmt.amount(minor, balance.currency) if minor else fmt.NOTHING
            for age, minor in ages
        }
        less = {"Not yet applied": -balance.unapplied, "Net balance": balance.net_balance} if balance.unapplied else {}
        unapplied = {name: fmt.amount(minor, balance.currency) for name, minor in less.items()}
        widgets.facts({f"Receivables {balance.currency}": fmt.amount(balance.receivables, balance.currency), **owed, **unapplied})


def others(source: Path | pa.Table, invoice: Mapping[str, Any], threshold: float) -> worklist.Page:
    """The customer's other open invoices, the longest overdue first."""
    mine = worklist.WorklistFilter(
        tab=worklist.ALL,
        customer=(invoice["company"], invoice["customer_id"]),
        apart_from=InvoiceKey.of(invoice),
        threshold=threshold,
    )
    return worklist.select(source, mine, sort="days_past_due", size=MOST_OTHERS)


def _whole(minor: float | None) -> int | None:
    return None if minor is None else round(minor)
