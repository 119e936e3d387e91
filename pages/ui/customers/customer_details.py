"""Which pieces make up the screen of one customer?"""

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import charts, messages
from insights.ledger.money import NO_CURRENCY
from insights.ledger.outcomes import BUCKETS
from insights.messages import habits as sentences
from insights.messages.worklist import CHANNELS, OUTCOMES
from insights.portfolio import AGES, Balance, CustomerInsights, worklist
from pages.ui.agreements import forms, open_disputes, timeline
from pages.ui.shared import cache, choices, one_customer, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

TWELVE = 12  # months
PENDING = ("open", "due", "partly", "broken")  # standings of a promise that somebody still has to see to
CASES = "Disputes that are not resolved, and promises that are not kept yet."


def absent(view: View, customer: str) -> None:
    """Says that there is nothing of a customer as of the day, and what to do."""
    widgets.data_title(customer or "No customer chosen")
    widgets.empty_state(
        f"Not known as of {fmt.day(view.as_of)}" if customer else "Choose a customer from the list",
        "No invoice of this customer was issued before that day, or the account is not in this ledger.",
        widgets.Step("Customers", "customers.py", ":material/groups:"),
    )


def subtitle(insights: CustomerInsights) -> str:
    """Account, company and since when."""
    parts = [f"Account {insights.customer_id}", insights.company, f"customer since {fmt.day(insights.customer_since)}"]
    return " · ".join(part for part in parts if part)


def at_a_glance(view: View, insights: CustomerInsights) -> None:
    """How business stands, at a glance; one row for the behaviour, and what is owed per currency."""
    last = insights.last_payments
    paid = " · ".join(fmt.round_money(payment.amount, payment.currency) for payment in last)
    row(
        Tile("Open invoices", fmt.count(insights.open_invoices), f"{fmt.count(insights.overdue_invoices)} overdue"),
        Tile(
            "Average days to pay",
            fmt.days(insights.average_days_to_pay),
            _lateness(insights.average_days_late),
            "Issue to payment, of the invoices paid in the year before this day.",
        ),
        Tile("Paid on time", fmt.percent(insights.on_time_share), f"of {fmt.count(insights.settled, 'settled invoice')}"),
        Tile("Last payment", paid or fmt.NOTHING, fmt.day(last[0].paid_date) if last else ""),
    )
    limits = one_customer.credit_limits(view, insights.company, insights.customer_id)
    for balance in insights.balances:
        _owed(balance, limits.get(balance.currency))


def _owed(balance: Balance, limit: int | None) -> None:
    """What is owed in one currency, to the cent; three tiles to a row, for amounts are wide."""
    money, apart = balance.currency, balance.unapplied
    row(
        Tile("Receivables", fmt.money(balance.receivables, money), "", "Outstanding on open invoices."),
        Tile("Not yet due", fmt.money(balance.not_due, money)),
        Tile("Overdue", fmt.money(balance.overdue, money)),
    )
    row(
        Tile(
            "Net balance",
            fmt.money(balance.net_balance, money),
            f"less {fmt.money(apart, money)} unapplied" if apart else "nothing is unapplied",
            "Receivables less credit notes and payments on account that are not applied to an invoice yet.",
        ),
        Tile("Average open invoice", fmt.money(_whole(balance.average_invoice), money), f"of {fmt.count(balance.invoices)}"),
        Tile(
            "Average overdue invoice",
            fmt.money(_whole(balance.average_overdue), money),
            f"of {fmt.count(balance.overdue_invoices)}",
        ),
        *([] if limit is None else [_limit(balance, limit)]),
    )


def _limit(balance: Balance, limit: int) -> Tile:
    """The credit limit, and how much of it the net balance uses."""
    used = fmt.percent(max(balance.net_balance, 0) / limit) if limit else fmt.NOTHING
    return Tile(
        "Credit limit", fmt.money(limit, balance.currency), f"{used} used", "As the ledger's file has it; used: the net balance."
    )


def _lateness(average: float | None) -> str:
    """Mean days late in words: `12 days late on average`, `3 days early on average`."""
    if average is None:
        return ""
    return f"{fmt.days(abs(average))} {'late' if average >= 0 else 'early'} on average"


def expected(customers: pa.Table, view: View, insights: CustomerInsights) -> None:
    """What will probably become of the customer's receivables, per currency; by due date where no model speaks."""
    st.header("What to expect" if view.model_id else "What is due", anchor=False)
    is_mine = pc.and_(pc.equal(customers["customer_id"], insights.customer_id), pc.equal(customers["company"], insights.company))
    mine = customers.filter(is_mine)
    shown = BUCKETS if view.model_id else charts.OWED
    if not len(mine):
        st.text("Nothing is open.")
    for owed in mine.to_pylist():
        currency, whole = owed["currency"], owed["outstanding"]
        tiles = [
            Tile(charts.LABELS[part], fmt.percent(owed[part] / whole if whole else None), fmt.money(owed[part], currency))
            for part in shown
        ]
        row(*tiles, border=False)
        bar = charts.parted(shown, [owed[part] / whole if whole else 0 for part in shown])
        st.plotly_chart(
            bar, key=f"expected-{currency}", config=widgets.STILL, alt="The receivables by how it will probably be paid"
        )


def paid(view: View, insights: CustomerInsights, *, choices: bool = False) -> None:
    """How the customer's settled invoices were paid, in the three buckets, month by month.

    With `choices` by number or by amount, of twelve months or of all; without, the numbers of the last twelve.
    """
    if not insights.settled:
        st.text("No invoice of this customer was settled before this day.")
        return
    currency, whole = _ways(insights) if choices else ("", False)
    months = one_customer.payment_history(view, insights.company, insights.customer_id, currency)
    shown = months if whole else months.slice(max(0, len(months) - TWELVE))
    sums = [pc.sum(shown[bucket]).as_py() or 0 for bucket in BUCKETS]
    tiles = [
        Tile(
            f"Paid {charts.LABELS[bucket].lower()}",
            fmt.percent(part / sum(sums) if sum(sums) else None),
            fmt.round_money(part, currency) if currency else fmt.count(part, "invoice"),
        )
        for bucket, part in zip(BUCKETS, sums, strict=True)
    ]
    row(*tiles, border=False)
    st.plotly_chart(
        charts.history(shown, currency), key="history", config=widgets.STILL, alt="Invoices settled per month, by bucket"
    )


def _ways(insights: CustomerInsights) -> tuple[str, bool]:
    """Draws the choices; the currency of the amounts, "" for numbers, and whether all months are shown."""
    currencies = sorted(
        {balance.currency for balance in insights.balances} | {payment.currency for payment in insights.last_payments}
    )
    with st.container(horizontal=True, gap="small", key="controls"):
        amounts = {code: f"Amounts {messages.plain(code)}" for code in currencies}
        way = choices.menu("Show", "paid_by", {"": "Number of invoices", **amounts}, width=190)
        span = choices.menu("Of", "paid_in", {"": "The last twelve months", "all": "All months"}, width=190)
    return way, span == "all"


def habits(view: View, insights: CustomerInsights) -> None:
    """Whether it pays worse than it used to, with the evidence, and on which days it usually pays."""
    trend, days = one_customer.habits(view, insights.company, insights.customer_id)
    if trend:
        st.text(sentences.trend(trend))
    for sentence in sentences.paying_days(days):
        st.text(sentence)


def to_do(view: View, insights: CustomerInsights) -> None:
    """Buttons for what is agreed now."""
    customer = (insights.company, insights.customer_id)
    rows = worklist.selected(cache.source(view), open_of(view, insights)).select(["invoice_id", "line"]).to_pylist()
    invoices = tuple((row["invoice_id"], row["line"]) for row in rows)
    with st.container(key="agree-with-customer"):  # keeps the place of all its buttons free
        forms.buttons(view, forms.About((customer,), insights.customer_name, invoices))
    forms.last(view, customer)


def cases(view: View, insights: CustomerInsights) -> None:
    """What is open with the customer besides invoices, when somebody last spoke with it, and whose it is."""
    customer = (insights.company, insights.customer_id)
    standing = timeline.standing(view)
    state = standing.agreed.of(customer)
    promises = [promise for promise in standing.promises_of(customer) if promise.standing in PENDING and promise.open_invoices]
    disputes = open_disputes.opened(view, (customer,), None)
    counted = [fmt.count(len(kind), noun) for kind, noun in ((disputes, "dispute"), (promises, "promise")) if kind]
    contact = state.contact
    spoken = f"{CHANNELS[contact.payload['channel']]}: {OUTCOMES[contact.payload['outcome']]}" if contact else ""
    row(
        Tile("Open cases", fmt.count(len(disputes) + len(promises)), " · ".join(counted), CASES),
        Tile("Last contact", fmt.day(contact.as_of) if contact else fmt.NOTHING, spoken),
        Tile("Owner", messages.plain(state.owner) or fmt.NOTHING),
    )


def agreed(view: View, insights: CustomerInsights) -> None:
    """All that was agreed, as one timeline."""
    timeline.show(view, timeline.standing(view), (insights.company, insights.customer_id))


def ageing(insights: CustomerInsights) -> None:
    """What is owed by age, per currency."""
    for balance in insights.balances:
        st.caption("By age" if balance.currency == NO_CURRENCY else f"By age, {messages.plain(balance.currency)}")
        figure = charts.ageing(AGES, balance.aged, balance.currency, height=190)
        st.plotly_chart(figure, key=f"ageing-{balance.currency}", config=widgets.STILL, alt="Receivables by age")


def _whole(minor: float | None) -> int | None:
    return None if minor is None else round(minor)


def open_of(view: View, insights: CustomerInsights) -> worklist.WorklistFilter:
    """The filter of the customer's open invoices."""
    customer = (insights.company, insights.customer_id)
    return worklist.WorklistFilter(tab=worklist.ALL, customer=customer, threshold=view.flag_below(insights.company))
