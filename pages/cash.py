"""How much cash comes in which week, how sure is that, and who makes it fall short?"""

import streamlit as st

from insights.portfolio import LedgerPart
from insights.services.cash import PLAN_OF_COMPANIES
from pages.ui.cash import behind, plan, proof, supposed, then, weeks
from pages.ui.shared import choices, one_currency, session, totals, training_progress, whose, widgets
from pages.ui.shared import format as fmt

view = session.require_ledger()
widgets.title("Cash", f"What will come in from {fmt.day(view.as_of)} on, and how sure that is")
if not view.model_id:
    training_progress.offer(view.ledger, view.as_of)
    st.stop()

counting = totals.plan(view)
whole = totals.cash(view, counting)
customers = whose.both(whose.asked(view), weeks.customer_asked(whole))
currencies = whole.currencies
by = one_currency.asked(view, currencies)
everybody = whole if by is None else totals.cash(view, counting, by)
book = everybody if customers is None else totals.cash(view, counting, by, LedgerPart(customers=customers))
in_part = book.customers is not None  # of a company
if not whole.rows.num_rows:
    widgets.empty_state("Nothing is open", f"No invoice was open as of {fmt.day(view.as_of)}. Choose another day beside.")
    st.stop()

wanted = weeks.asked(view, book, currencies, everybody)
one_currency.say(view, currencies, by)
forecast = weeks.forecast(book, wanted)
weeks.tiles(forecast)
proof.offer(view, forecast, whole)
if book.planned and book.planned.unused:
    st.text(PLAN_OF_COMPANIES)
weeks.chart(view, book, forecast, wanted)
if in_part:
    plan.speaks(book)
else:
    plan.offer(view, book, counting)

shown = choices.side_by_side("Show", weeks.SHOW, weeks.SHOWN)
if shown == weeks.FIGURES:
    weeks.table(view, book, forecast, wanted)
elif shown == weeks.INVOICES:
    behind.invoices(view, book, forecast, wanted)
elif shown == weeks.SHORT:
    behind.shortfall(view, book, wanted)
elif shown == weeks.SUPPOSED:
    supposed.show(view, book, forecast, wanted)
elif shown == weeks.BEFORE:
    then.show(view, book, wanted)
else:
    proof.show(book, wanted)
