"""What if the largest pay as due, everybody later, a customer nothing, or new invoices had other terms?"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from insights import messages
from insights.access import Capability
from insights.portfolio import cash
from insights.portfolio.cash import CurrencyForecast
from insights.services import scenarios
from insights.services.cash import CashBook
from pages.ui.cash import weeks
from pages.ui.cash.weeks import WantedCash
from pages.ui.shared import choices, query_params, session, sheets, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

LARGEST, LATER, FAILS, TERMS = "largest", "later", "fails", "terms"
SCENARIOS = {
    LARGEST: "The ten largest invoices are paid when due",
    LATER: "Everybody pays later",
    FAILS: "A customer fails",
    TERMS: "New invoices have shorter terms",
}
USUAL = {LATER: 10, TERMS: 14}  # days
LONGEST = 60  # days
SHIFT, WHO, SUPPOSE = "shift", "who", "suppose"  # of the address
NAME = "scenario_name"


def show(view: View, book: CashBook, base: CurrencyForecast, wanted: WantedCash) -> None:
    """A scenario of the address beside the base, week by week. Its ranges are as wide as the base's."""
    values = asked(book, wanted)
    other = supposing(book, base, wanted, values)
    four, thirteen = (
        f"{fmt.money(other.total(many), wanted.currency)} instead of {fmt.money(base.total(many), wanted.currency)}"
        for many in (4, 13)
    )
    st.text(f"In 4 weeks {four}, in 13 weeks {thirteen}.")
    beside = [line(week, supposed, wanted.currency) for week, supposed in zip(base.weeks, other.weeks, strict=True)]
    sheets.figures(beside, "Each week as it stands, and as it is supposed", key="supposed")
    if not session.person().may(Capability.PLAN):  # what others keep may name customers of theirs
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Keep it as", key=NAME, max_chars=scenarios.LONGEST_NAME, width=300, placeholder=words(values))
        st.button(
            "Keep",
            icon=":material/bookmark_add:",
            on_click=session.on_value_change,
            args=(NAME, lambda typed: _keep(view, typed, values)),
            key="keep_scenario",
        )
    kept_ones(view, book, base, wanted)


def asked(book: CashBook, wanted: WantedCash) -> dict[str, str]:
    """Draws the choices; what is supposed, as it stands in the address."""
    scenario = choices.side_by_side("Suppose", SUPPOSE, SCENARIOS)
    if scenario in USUAL:
        label = "Days later" if scenario == LATER else "Days shorter"
        return {SUPPOSE: scenario, SHIFT: str(days(label, USUAL[scenario], LONGEST))}
    if scenario == FAILS:
        return {SUPPOSE: scenario, WHO: weeks.BETWEEN.join(customer(book, wanted))}
    return {SUPPOSE: scenario}


def supposing(book: CashBook, base: CurrencyForecast, wanted: WantedCash, values: Mapping[str, str]) -> CurrencyForecast:
    """The forecast of what is wanted, if that were so."""
    by_group, rows = dict(book.not_invoiced), weeks.of_view(book.agreed, wanted)
    scenario, by = values.get(SUPPOSE), query_params.whole(values.get(SHIFT, "")) or 0
    if scenario == LARGEST:
        rows = cash.largest_as_due(rows, book.as_of)
    elif scenario == LATER:
        rows = cash.everyone_later(rows, book.as_of, by)
    elif scenario == FAILS:
        company, _, customer_id = values[WHO].partition(weeks.BETWEEN)
        rows = cash.customer_fails(rows, company, customer_id)
    elif scenario == TERMS:
        by_group = {key: cash.terms_shortened(weeks_ahead[None], by)[0] for key, weeks_ahead in by_group.items()}
    by_currency = {made.currency: made for made in book.supposing(rows, by_group, wanted.company)}
    return by_currency.get(wanted.currency, base)


def words(values: Mapping[str, str]) -> str:
    """What is supposed, in a few words; plain text."""
    scenario = values.get(SUPPOSE, "")
    if scenario == FAILS:
        return f"Customer {values[WHO].partition(weeks.BETWEEN)[2]} fails"
    templates = {
        LARGEST: SCENARIOS[LARGEST],
        LATER: "Everybody pays {} days later",
        TERMS: "New invoices have terms {} days shorter",
    }
    return templates.get(scenario, "").format(values.get(SHIFT, ""))


def _keep(view: View, typed: str, values: Mapping[str, str]) -> None:
    """Keeps what is supposed under the name that was typed, else under its words."""
    with widgets.refusals():
        scenarios.keep(session.workspace(), view.ledger.id, typed.strip() or words(values), values, actor=session.person())


def kept_ones(view: View, book: CashBook, base: CurrencyForecast, wanted: WantedCash) -> None:
    """Everything that is kept by name, side by side with the base; nothing where nothing is."""
    kept = scenarios.listed(session.workspace(), view.ledger.id)
    if not kept:
        return
    st.subheader("Kept, side by side", anchor=False)
    named: list[tuple[str, str, CurrencyForecast]] = [("As it stands", "", base)]
    named += [(scenario.name, words(scenario.values), supposing(book, base, wanted, scenario.values)) for scenario in kept]
    sheets.figures(
        [
            {
                "Called": name,
                "Suppose": supposition,
                "In 4 weeks": fmt.amount(other.total(4), wanted.currency),
                "Difference": fmt.amount(other.total(4) - base.total(4), wanted.currency),
                "In 13 weeks": fmt.amount(other.total(13), wanted.currency),
                "Difference of 13": fmt.amount(other.total(13) - base.total(13), wanted.currency),
            }
            for name, supposition, other in named
        ],
        "What is kept, side by side",
        key="kept",
        texts=2,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {scenario.name: scenario for scenario in kept}
        chosen = st.selectbox("Kept", list(names), format_func=messages.plain, key="scenario_chosen", width=300)
        values = {name: str(value) for name, value in names[chosen].values.items()}
        cleared = dict.fromkeys((SUPPOSE, SHIFT, WHO), "")
        st.button("Open", icon=":material/open_in_full:", on_click=_open, args=(cleared | values,), key="open_scenario")
        st.button(
            "Remove", icon=":material/delete:", on_click=_remove, args=(view, chosen), key="remove_scenario", type="tertiary"
        )


def _open(values: dict[str, str]) -> None:
    """A callback: what was kept becomes what the address supposes."""
    query_params.set_params(**values)


def _remove(view: View, name: str) -> None:
    """A callback: removes what is kept under a name."""
    scenarios.remove(session.workspace(), view.ledger.id, name, actor=session.person())


def days(label: str, usual: int, most: int) -> int:
    """So many days, from the address."""
    now = min(max(query_params.number("shift") or usual, 1), most)
    st.number_input(
        label, 1, most, key=session.bind("shift", now), on_change=session.on_filter_change, args=("shift",), width=160
    )
    return now


def customer(book: CashBook, wanted: WantedCash) -> tuple[str, str]:
    """Company and customer id, from the address; the one that owes most by default."""
    names = weeks.largest(weeks.of_view(book.agreed, wanted), weeks.MOST)
    now = query_params.one_of("who", list(names))
    st.selectbox(
        "Customer",
        list(names),
        format_func=lambda key: messages.plain(owing(names[key], wanted.currency)),
        key=session.bind("who", now),
        on_change=session.on_filter_change,
        args=("who",),
        width=420,
    )
    return names[now]["company"], names[now]["customer_id"]


def owing(row: dict[str, Any], currency: str) -> str:
    return f"{row['customer_name']}: {fmt.money(row['outstanding'], currency)}"


def line(base: cash.ForecastWeek, supposed: cash.ForecastWeek, currency: str) -> dict[str, str]:
    low, high = supposed.range or (None, None)
    return {
        "Week from": fmt.day(base.start),
        "As it stands": fmt.amount(base.total, currency),
        "Supposed": fmt.amount(supposed.total, currency),
        "Difference": fmt.amount(supposed.total - base.total, currency),
        "80 % range: from": fmt.amount(low, currency),
        "to": fmt.amount(high, currency),
    }
