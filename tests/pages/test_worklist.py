"""Does the worklist show whom to call, why, and who is held back; and does what is done about it act at once?"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from insights.agreements.ranking import Weights
from insights.services import agreements as use_cases
from insights.services import publishing
from insights.services.agreements import Entry
from insights.services.ledgers import commit
from insights.store import agreements, ledgers, models, publications, shown_lists
from insights.store.store import Store
from tests.support.screens import click, figures, lists, rows, said, screen
from tests.support.workspaces import ME, ledger_of, rates_model, small_ledger

AS_OF = date(2024, 4, 1)


def shown(app: AppTest) -> list[tuple[str, str]]:
    """Customer and figure of each row of the list."""
    return list(rows(app)[["customer", "likely"]].itertuples(index=False, name=None))


def enter(store: Store, kind: str, customer: str, company: str, **values: object) -> None:
    ledger = ledgers.load(store)
    use_cases.enter(store, ledger, AS_OF, [Entry(kind, company, customer, (), values)], actor=ME)


def test_customers_are_ranked_currency_by_currency_with_the_first_one_open(small_workspace: Store) -> None:
    """
    north acme   EUR 25.00 overdue since 6 March
    south birch  USD  0.99 due on 31 March
    """
    app = screen("worklist")
    assert shown(app) == [("acme", "EUR 25.00"), ("birch", "USD 0.99")]
    assert rows(app)["why"][0].startswith("1 overdue, 26 days: EUR 25.00")
    assert figures(app)["To call"][0] == "2"
    assert rows(app, -1)["invoice"].tolist() == ["2"]


def test_where_no_model_speaks_no_probability_is_named(small_workspace: Store) -> None:
    app = screen("worklist")
    assert "EUR 25.00 outstanding\n1 overdue, 26 days: EUR 25.00" in said(app)
    assert "%" not in " ".join(rows(app)["why"])
    assert rows(app, -1)["p"].tolist() == ["—"]
    assert set(figures(app)) == {"To call", "Outstanding", "Held back"}


def test_where_a_model_speaks_its_shares_are_named(published: Store) -> None:
    """No invoice of the model's is on time; of late ones half are very late."""
    app = screen("worklist")
    assert " likely to slip, of EUR 25.00" in said(app)
    assert "1 overdue, 26 days: EUR 25.00 × " in rows(app)["why"][0]
    assert set(figures(app)) == {"To call", "Likely to slip", "Held back"}


@pytest.mark.slow
def test_names_open_the_customer_and_numbers_the_row_beside_the_list(small_workspace: Store) -> None:
    first, second = lists(screen("worklist"))[0]["groups"][0]["rows"]
    assert first["cells"]["customer"]["to"] == "customer?company=north&customer=acme"
    assert first["cells"]["number"] == {"text": "1", "shows": True, "alt": "Show acme beside the list"}
    assert lists(screen("worklist"))[0]["picking"] == {"marked": [], "opened": first["key"]}
    assert lists(click(screen("worklist"), "Next"))[0]["picking"]["opened"] == second["key"]


@pytest.mark.slow
@pytest.mark.parametrize("page", ["customer", "invoice"])
def test_whoever_comes_from_the_worklist_is_led_back_to_it(small_workspace: Store, page: str) -> None:
    def back(app: AppTest) -> str:
        return next(str(link.proto.label) for link in app.get("page_link") if "arrow_back" in link.proto.icon)

    app = screen("worklist")
    for name, value in {"company": "north", "customer": "acme", "invoice": "2", "line": "1"}.items():
        app.query_params[name] = value
    app.switch_page(f"{page}.py").run()
    assert not app.exception
    assert back(app) == "Worklist"
    assert back(screen(page, company="north", customer="acme", invoice="2", line="1")) in ("Customers", "Open invoices")


def test_next_and_previous_go_through_the_list(small_workspace: Store) -> None:
    app = click(screen("worklist"), "Next")
    assert rows(app, -1)["invoice"].tolist() == ["4"]
    assert rows(click(app, "Previous"), -1)["invoice"].tolist() == ["2"]


@pytest.mark.slow
def test_done_puts_off_until_the_next_business_day_and_undo_brings_back(small_workspace: Store) -> None:
    app = click(screen("worklist"), "Done, next")
    (event,) = agreements.listed(small_workspace)
    assert (event.kind, event.payload["until"]) == ("snooze", "2024-04-02")
    assert shown(app) == [("birch", "USD 0.99")]
    use_cases.undo(small_workspace, event.id, AS_OF, actor=ME)
    assert shown(screen("worklist")) == [("acme", "EUR 25.00"), ("birch", "USD 0.99")]


@pytest.mark.slow
def test_a_name_in_the_sidebar_stands_by_what_is_done_and_the_others_see_who_took_a_row(small_workspace: Store) -> None:
    app = screen("worklist")
    next(each for each in app.text_input if each.label == "Your name").input("Ada").run()
    app = click(app, "Take")
    assert [event.actor for event in agreements.listed(small_workspace)] == ["Ada"]
    other = screen("worklist")
    assert rows(other)["whose"].tolist() == ["Ada is at it", ""]
    refused = click(other, "Take")
    assert "Ada has taken this customer" in said(refused)


def test_who_is_held_back_is_named_with_the_reason_and_the_day(small_workspace: Store) -> None:
    enter(small_workspace, "promise", "acme", "north", on=AS_OF + timedelta(days=3))
    enter(small_workspace, "dispute", "birch", "south", reason="price")
    app = screen("worklist")
    assert shown(app) == []
    assert "Nobody is left to call." in said(app)
    assert rows(app, 1)["why"].tolist() == [
        "Promised for 4 Apr 2024, not due yet: back on 4 Apr 2024.",
        "In dispute since 1 Apr 2024 (price): back when it is resolved.",
    ]


def test_hostile_names_stay_text(small_workspace: Store) -> None:
    enter(small_workspace, "owner", "acme", "north", name="**Bea** [x](http://x)")
    app = screen("worklist")
    assert "Owner: **Bea** [x](http://x)" in [text.value for text in app.text]


@pytest.mark.usefixtures("sample_workspace")
def test_the_sample_ledger_has_probabilities_and_expected_dates() -> None:
    app = screen("worklist")
    first = rows(app, -1)
    assert first["expected"].str.match(r"\d+ \w+ \d{4}$").all()
    assert first["p"].str.endswith("%").all()
    assert set(first["circle"]) <= {"flagged", "not flagged"}


def form(call: str) -> AppTest:
    """A screen of one form: its dialog stands open, whatever is pressed in it."""
    script = f"""
from pages.ui.agreements import forms
from pages.ui.agreements.forms import About
from pages.ui.shared import session
from insights.agreements.ranking import Weights
from pages.ui.worklist import weights

session.begin()
view = session.require_ledger()
about = About((("north", "acme"),), "Acme **Ltd**", (("2", "1"),))
{call}
"""
    app = AppTest.from_string(script, default_timeout=60).run()
    assert not app.exception
    return app


def field(app: AppTest, label: str) -> Any:  # noqa: ANN401 - a widget
    """The widget of the form with a label."""
    return next(each for each in (*app.number_input, *app.text_input, *app.slider) if each.label == label)


@pytest.mark.slow
def test_a_manager_sets_the_three_weights_on_the_screen(small_workspace: Store) -> None:
    """USD 0.99 are less than one whole unit, EUR 25.00 are not."""
    assert "Weights" in {each.label for each in screen("worklist").button}
    app = form("weights.form(Weights())")
    field(app, "Minimum worth").set_value(1)
    field(app, "Prevention against overdue").set_value(60)
    click(app, "Save")
    assert agreements.weights(small_workspace) == Weights(prevention=60, contact_days=7, minimum=1)
    assert shown(screen("worklist")) == [("acme", "EUR 25.00")]


@pytest.mark.slow
def test_what_is_agreed_seldom_has_buttons_of_its_own(small_workspace: Store) -> None:
    labels = {each.label for each in screen("worklist").button}
    assert {"Note", "Expected date", "In payment", "Overdue because", "Owner"} <= labels
    app = form("forms.owner(view, about)")
    field(app, "Owner").set_value("Bea")
    click(app, "Save")
    app = form("forms.overdue_reason(view, about)")
    field(app, "Because").set_value("lost invoice")
    click(app, "Save")
    assert rows(screen("worklist"))["whose"].tolist() == ["Bea", ""]
    click(form("forms.in_payment(view, about)"), "Save")
    assert shown(screen("worklist")) == [("birch", "USD 0.99")]
    events = [(event.kind, event.customer_id) for event in agreements.listed(small_workspace)]
    assert events == [("owner", "acme"), ("overdue_reason", "acme"), ("in_payment", "acme")]


@pytest.mark.usefixtures("small_workspace")
def test_a_form_says_whom_it_is_about_and_what_it_does_to_the_list() -> None:
    words = [each.value for each in form("forms.contact(view, about)").markdown]
    assert "**Acme \\*\\*Ltd\\*\\***" in words
    assert "Off the worklist for 7 days; whoever was not reached is back the next day." in said(
        form("forms.contact(view, about)")
    )
    assert "Off the worklist until that day." in said(form("forms.promise(view, about)"))


@pytest.mark.slow
def test_what_was_saved_last_is_said_beside_the_list_with_its_way_back(small_workspace: Store) -> None:
    """The customer has left the list by it, and with it the timeline that could undo it."""
    app = click(screen("worklist"), "Done, next")
    assert shown(app) == [("birch", "USD 0.99")]
    assert "Saved. acme: snoozed until 2 Apr 2024: done for today" in said(app)
    app.button(key="undo_last").click().run()
    assert shown(app) == [("acme", "EUR 25.00"), ("birch", "USD 0.99")]
    assert "Saved." not in said(app)
    assert [event.kind for event in agreements.listed(small_workspace)] == ["snooze", "undo"]


def which(app: AppTest) -> list[str]:
    """What the form of a dispute may be about; nothing where it asks for a new one alone."""
    return [option for each in app.selectbox if each.label == "Which" for option in each.options]


@pytest.mark.slow
def test_only_a_dispute_that_is_open_can_be_said_to_be_resolved_and_that_one_alone_ends(small_workspace: Store) -> None:
    """acme disputes a price as a whole, and the delivery of invoice 2."""
    assert which(form("forms.dispute(view, about)")) == []
    enter(small_workspace, "dispute", "acme", "north", reason="price")
    of_invoice = Entry("dispute", "north", "acme", (("2", "1"),), {"reason": "delivery"})
    use_cases.enter(small_workspace, ledgers.load(small_workspace), AS_OF, [of_invoice], actor=ME)
    app = form("forms.dispute(view, about)")
    price, delivery = "Resolved: price, since 1 Apr 2024", "Resolved: delivery, invoice 2, since 1 Apr 2024"
    assert which(app) == ["A new one", price, delivery]
    app.selectbox[0].set_value(2)
    click(app, "Save")
    assert which(form("forms.dispute(view, about)")) == ["A new one", price]
    bulk = form("forms.dispute(view, About((('north', 'acme'), ('south', 'birch'))))")
    assert which(bulk) == ["A new one", "Resolved: all open ones, of 1 customer"]
    bulk.selectbox[0].set_value(1)
    click(bulk, "Save")
    assert which(form("forms.dispute(view, about)")) == []
    assert [event.customer_id for event in agreements.listed(small_workspace)] == ["acme"] * 4


@pytest.mark.slow
def test_what_the_ledger_calls_disputed_can_be_said_to_be_resolved(workspace: Store) -> None:
    """Invoice 2 of acme is disputed in the ledger of 31 March."""
    ledger = small_ledger()
    disputed = pa.array([number == "2" for number in ledger.invoices["invoice_id"].to_pylist()])
    at = ledger.invoices.column_names.index("disputed")
    commit(workspace, replace(ledger, invoices=ledger.invoices.set_column(at, "disputed", disputed)), actor=ME)
    assert "acme" not in dict(shown(screen("worklist")))
    app = form("forms.dispute(view, about)")
    assert which(app) == ["A new one", "Resolved: as the ledger says, 2"]
    app.selectbox[0].set_value(1)
    click(app, "Save")
    assert "acme" in dict(shown(screen("worklist")))
    assert which(form("forms.dispute(view, about)")) == []


def test_a_reason_is_asked_for_where_somebody_knows_better_when_it_is_paid(small_workspace: Store) -> None:
    app = click(form("forms.override(view, about)"), "Save")
    assert "This override cannot be kept" in said(app)
    field(app, "Because").set_value("told so by the bank")
    click(app, "Save")
    (event,) = agreements.listed(small_workspace)
    assert (event.payload["on"], event.payload["reason"]) == ("2024-04-08", "told so by the bank")


def test_a_list_that_was_tried_is_on_record_once_its_model_is_published(published: Store) -> None:
    """Another model, named by the address, leaves no record; the same list does as soon as that model speaks."""
    ledger = ledgers.listed(published)[0]
    other = models.save(published, rates_model(), ledger.id, name="Other", actor=ME)
    tried = screen("worklist", model=other)
    assert not shown_lists.listed(published, [ledger.id], until=date.max)
    before = publications.active(published)
    publishing.publish(published, other, replaces=before.id if before else None, actor=ME)
    assert shown(screen("worklist")) == shown(tried)
    assert [entry.models for entry in shown_lists.listed(published, [ledger.id], until=date.max)] == [(other,)]


IN_TWO_CURRENCIES = """
north acme 1 2024-02-05 2024-03-06 - 2500 EUR
north acme 2 2024-02-05 2024-03-06 - 3000 USD
"""


@pytest.mark.slow
def test_a_promise_and_a_dispute_take_an_amount_in_the_currency_that_is_chosen(workspace: Store) -> None:
    """acme owes EUR 25.00 and USD 30.00; of these, USD 12.50 are promised, and EUR 5.00 in dispute."""
    commit(workspace, ledger_of(IN_TWO_CURRENCIES), actor=ME)
    app = form("forms.promise(view, About(about.whom, about.name))")
    field(app, "Amount").set_value("12.50")
    next(box for box in app.selectbox if box.label == "Currency of the amount").set_value("USD")
    click(app, "Save")
    app = form("forms.dispute(view, About(about.whom, about.name))")
    field(app, "Amount").set_value("5")
    click(app, "Save")
    assert "In which currency is this amount: EUR, USD?" in said(app), "none is proposed"
    next(box for box in app.selectbox if box.label == "Currency of the amount").set_value("EUR")
    click(app, "Save")
    payloads = [event.payload for event in agreements.listed(workspace)]
    assert [(payload["amount"], payload["currency"]) for payload in payloads] == [(1250, "USD"), (500, "EUR")]


@pytest.mark.slow
def test_the_amount_of_an_invoice_is_in_its_own_currency(workspace: Store) -> None:
    """acme owes EUR 25.00, and USD 30.00 of invoice 2: its own form asks for no currency, and nobody has to choose one."""
    commit(workspace, ledger_of(IN_TWO_CURRENCIES), actor=ME)
    app = form("forms.promise(view, About(about.whom, about.name, (('2', '1'),), fixed=True))")
    assert not [box for box in app.selectbox if box.label == "Currency of the amount"]
    field(app, "Amount").set_value("12.50")
    click(app, "Save")
    app = form("forms.promise(view, About(about.whom, about.name, (('1', '1'), ('2', '1'))))")
    app.multiselect[0].set_value([("2", "1")])
    field(app, "Amount").set_value("12.50")
    click(app, "Save")
    payloads = [event.payload for event in agreements.listed(workspace)]
    assert [(payload["amount"], payload["currency"]) for payload in payloads] == [(1250, "USD")] * 2
