"""What if this invoice were another? Its amount, terms, due date or the customer's last payment, and what would be said then."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from insights import charts
from insights.ledger.keys import InvoiceKey
from insights.ledger.money import decimal_text, exponent
from insights.ledger.outcomes import BUCKETS
from insights.prediction.what_if import Supposed, suppose, terms_known
from pages.ui.shared import cache, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View


def offer(view: View, invoice: Mapping[str, Any]) -> None:
    """The question, behind a switch: it is computed only while it is asked."""
    if not view.model_id:
        return
    if st.toggle("What if it were another?", key=f"what-if-{view.key}"):
        with st.container(border=True):
            _ask(view, invoice)


def _ask(view: View, invoice: Mapping[str, Any]) -> None:
    supposed = _supposed(view, invoice)
    position = view.in_whole(invoice["position"])
    then = suppose(cache.model(view.model_id), cache.book(view.ledger.id, view.model_id), view.as_of, position, supposed)
    for column, bucket, share in zip(st.columns(3), BUCKETS, then.probabilities, strict=True):
        points = round((share - invoice[f"p_{bucket}"]) * 100, 1)
        better = "normal" if bucket == "on_time" else "inverse"
        column.metric(
            charts.LABELS[bucket],
            fmt.percent(share, view.threshold if bucket == "on_time" else None),
            delta=f"{points:+.1f} points" if points else "as it is",
            delta_color=better if points else "off",  # type: ignore[arg-type]
            delta_arrow="auto" if points else "off",
            border=True,
        )
    if then.expected:
        st.text(
            f"Expected then: {fmt.expected(then.low, then.expected, then.high)}{_moved(then.expected, invoice['expected_date'])}"
        )
    st.plotly_chart(
        charts.probabilities(then.probabilities),
        key="supposed",
        config=widgets.STILL,
        alt="The supposed probabilities as one bar",
    )
    st.caption("What went with such invoices in the past: an association, not a cause.")


def _moved(then: date, now: date | None) -> str:
    """By how many days, where it moves: ", 3 days later"."""
    moved = (then - now).days if now else 0
    return f", {fmt.days(abs(moved))} {'later' if moved > 0 else 'earlier'}" if moved else ""


def _supposed(view: View, invoice: Mapping[str, Any]) -> Supposed:
    """Draws what may be supposed, at first as it is; what was not changed is None."""
    currency, places = invoice["currency"], exponent(invoice["currency"])
    key = f"{view.key}-{InvoiceKey.of(invoice)}"
    known = terms_known(cache.model(view.model_id), cache.book(view.ledger.id, view.model_id))
    amount, due, paid, *others = st.columns(4 if known else 3)
    original = float(decimal_text(invoice["amount"], currency))
    money = amount.number_input(
        "Amount",
        min_value=10.0**-places,
        value=original,
        step=max(1.0, float(round(original / 10))),
        format=f"%.{places}f",
        key=f"amount-{key}",
    )
    day = due.date_input(
        "Due date", invoice["due_date"], invoice["issue_date"], format="YYYY-MM-DD", required=True, key=f"due-{key}"
    )
    since = paid.number_input(
        "Days since the last payment",
        0,
        3650,
        None,
        key=f"since-{key}",
        placeholder="as it is",
        help="Of this customer, to this day.",
    )
    terms = None
    if known:
        stands = [invoice["terms"]] if invoice["terms"] else []
        terms = others[0].selectbox(
            "Terms", list(dict.fromkeys([*stands, *known])), 0 if stands else None, key=f"terms-{key}", placeholder="as it is",
            help="As the ledger names them. The due date does not follow by itself: change it, too.",
        )  # fmt: skip
    minor = int(Decimal(str(money)).scaleb(places).to_integral_value())
    return Supposed(
        amount=minor if minor != invoice["amount"] else None,
        terms=terms if terms != invoice["terms"] else None,
        due_date=day if day != invoice["due_date"] else None,
        days_since_payment=since,
    )
