"""Do the screens of customers, ledgers and models show the right figures, and do their buttons do what they say?"""

import json
import re
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from insights import jobs, messages, portfolio
from insights.model.recipe import Recipe
from insights.prediction import export
from insights.services import background, model_archive, predictions, publishing
from insights.services.ledgers import commit, delete
from insights.store import audit, ledgers, publications
from insights.store import models as model_store
from insights.store.records import ALL_COMPANIES, Scope
from insights.store.store import Store
from pages.ui.shared.view import View
from tests.support.screens import click, figures, screen
from tests.support.workspaces import ME, rates_model, small_ledger, with_credit_note, year_of_invoices

ROOT = Path(__file__).parents[2]


@pytest.fixture
def published(workspace: Store) -> Store:
    """The small ledger, whose two open invoices are both overdue, with the plainest model: late and very late, half each."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    publishing.publish(
        workspace, model_store.save(workspace, rates_model(), ledger.id, name="Plain", actor=ME), replaces=None, actor=ME
    )
    return workspace


# --- customers -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_customers_show_the_two_tiles_and_the_balance_in_the_buckets() -> None:
    """acme owes EUR 25.00, overdue by 26 days: nothing of it on time, half late, half very late."""
    app = screen("customers.py")
    assert app.title[0].value == "Customers"
    shown = figures(app)
    assert shown["Invoices unlikely to be on time"] == ("2", "of 2 open")
    assert shown["Customers mostly at risk"] == ("2", "of 2 with open invoices")
    assert shown["Expected late or very late"] == ("EUR 25", "100% of the receivables")
    (row,) = app.dataframe[0].value.to_dict("records")
    assert {name: row[name] for name in ("customer", "outstanding", "on_time", "late", "very_late", "share_at_risk")} == {
        "customer": "acme",
        "outstanding": 25.0,
        "on_time": 0.0,
        "late": 12.5,
        "very_late": 12.5,
        "share_at_risk": 100.0,
    }


def test_receivables_and_net_balance_are_the_same_figures_on_every_screen(workspace: Store) -> None:
    """acme owes 25.00 and has a credit note of 10.00 that is not applied yet: receivables 25.00, net balance 15.00."""
    ledger = commit(workspace, with_credit_note(small_ledger(), 1000), actor=ME)
    publishing.publish(workspace, model_store.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    app = screen("customers.py", currency="EUR")
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["outstanding"], row["net_balance"]) == (25.0, 15.0)
    assert figures(app)["Receivables"] == ("EUR 25", "net balance EUR 15")
    shown = figures(screen("customer.py", company="north", customer="acme"))
    assert (shown["Receivables"][0], shown["Unapplied"][0], shown["Net balance"][0]) == ("EUR 25.00", "EUR 10.00", "EUR 15.00")
    assert "Balance" not in {**figures(app), **shown}
    assert ledgers.get(workspace, ledger.id).outstanding == {"EUR": 2500, "USD": 99}
    invoice = screen("invoice.py", company="north", invoice="2", line="1")
    facts = " ".join(each.proto.body for each in invoice.get("html"))
    assert re.search(r"Net balance</td><td[^>]*>15.00<", facts)


@pytest.mark.usefixtures("published")
def test_another_currency_shows_its_own_customers() -> None:
    app = screen("customers.py", currency="USD")
    assert app.dataframe[0].value["customer"].tolist() == ["birch"]
    assert figures(app)["DSO"][0] == "22.3 days"  # 0.99 of 3.99 sold in the 90 days


@pytest.mark.usefixtures("published")
def test_a_search_that_finds_nobody_says_so() -> None:
    app = screen("customers.py", q="zzz")
    assert not app.dataframe
    assert any("Nobody found" in each.value for each in app.subheader)


def test_without_a_model_customers_show_what_is_due_and_offer_to_train(workspace: Store) -> None:
    commit(workspace, small_ledger(), actor=ME)
    app = screen("customers.py")
    assert figures(app)["Overdue"][0] == "EUR 25"
    assert "Train as of this date" in [button.label for button in app.button]


@pytest.mark.parametrize("page", ["customers.py", "customer.py", "models.py"])
@pytest.mark.usefixtures("workspace")
def test_an_empty_workspace_offers_the_next_step(page: str) -> None:
    assert [button.label for button in screen(page).button] == ["Go to start"]


@pytest.mark.usefixtures("published")
def test_as_of_a_past_day_shows_what_was_known_then() -> None:
    """As of 2 March birch owes 3.00, not yet due, on time with 75 per cent: 2.25, and so 0.38 late and 0.37 very late."""
    app = screen("customers.py", as_of="2024-03-02", currency="USD")
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["outstanding"], row["on_time"]) == (3.99, 2.99)


# --- one customer ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_a_customer_shows_its_state_of_business_and_what_to_expect() -> None:
    shown = figures(screen("customer.py", company="north", customer="acme"))
    assert shown["Open invoices"] == ("1", "1 overdue")
    assert shown["Average days to pay"] == ("28 days", "2 days early on average")
    assert shown["Last payment"] == ("EUR 1", "30 Jan 2024")
    assert shown["Overdue"] == ("EUR 25.00", "")
    assert shown["Late"] == ("50%", "EUR 12.50")


@pytest.mark.usefixtures("published")
def test_a_customer_of_another_company_is_another_customer() -> None:
    app = screen("customer.py", company="south", customer="acme")
    assert any("Not known as of" in each.value for each in app.subheader)
    assert not app.metric


# --- what if ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_supposing_a_later_due_date_makes_an_overdue_invoice_possible_again() -> None:
    """Invoice 2 is overdue: on time with 0 per cent. Were it due on 2 April, the model's 75 per cent would hold."""
    app = screen("invoice.py", company="north", invoice="2")
    assert figures(app)["On time"][0] == "0%"
    next(each for each in app.toggle if each.label.startswith("What if")).set_value(True).run()
    assert [metric.delta for metric in app.metric if metric.label == "On time"][-1] == "as it is"
    next(each for each in app.date_input if each.label == "Due date").set_value(date(2024, 4, 2)).run()
    assert not app.exception
    supposed = next(metric for metric in app.metric if metric.label == "On time" and "points" in metric.delta)
    assert (supposed.value, supposed.delta) == ("75%", "+75.0 points")


# --- ledgers ---------------------------------------------------------------------------------------------------------

GOOD = """Customer ID,Invoice No,Issue Date,Due Date,Paid Date,Amount,Currency
A,1,2026-01-05,2026-02-04,2026-02-10,100.00,EUR
A,2,2026-01-20,2026-02-19,,250.50,EUR
B,3,2026-01-21,2026-01-01,,10.00,EUR
B,4,2026-01-22,2026-02-21,,1.00,EUR
"""
EITHER = """Customer ID,Invoice No,Issue Date,Due Date,Paid Date,Amount,Currency
A,1,05/01/2026,04/02/2026,10/02/2026,100.00,EUR
A,2,06/01/2026,05/02/2026,,250.50,EUR
"""


def uploaded(content: str | bytes, name: str = "receivables.csv") -> AppTest:
    """The screen of ledgers after a file has arrived."""
    app = screen("ledgers.py")
    app.file_uploader[0].set_value((name, content.encode() if isinstance(content, str) else content, "text/csv"))
    return app.run()


def files_left(workspace: Store) -> list[Path]:
    return [path for path in (workspace.home / "uploads").rglob("*") if path.is_file()]


def test_an_upload_is_checked_committed_and_offered_for_prediction(workspace: Store) -> None:
    """Four rows, of which row 4 is due before it was issued; 251.50 is open."""
    app = uploaded(GOOD)
    assert not app.exception
    shown = figures(app)
    assert [shown[label][0] for label in ("Rows read", "Used", "Set aside", "Ignored")] == ["4", "3", "1", "0"]
    reasons, problems, sums = (app.dataframe[at].value for at in range(3))
    assert (reasons["Rows"].tolist(), reasons["Set aside because"].tolist()) == ([1], ["due on …, before it was issued"])
    assert problems["row"].tolist() == [4]
    assert "before it was issued" in problems["sentence"].tolist()[0]
    assert sums["Receivables"].tolist() == ["251.50"]
    next(each for each in app.text_input if each.label == "Name of this ledger").set_value("January")
    click(app, "Commit this ledger")
    (record,) = ledgers.listed(workspace)
    assert (record.name, record.rows, record.complete_through) == ("January", 3, date(2026, 2, 10))
    assert files_left(workspace) == []
    assert [button.label for button in app.button] == ["Train and predict", "Open"]


def test_a_control_total_that_is_not_met_says_by_how_much(workspace: Store) -> None:
    app = uploaded(GOOD)
    next(each for each in app.text_input if each.label == "Control total, EUR").set_value("250.00").run()
    assert any("EUR 1.50 more than the control total" in each.value for each in app.text)
    next(each for each in app.text_input if each.label == "Control total, EUR").set_value("251.50").run()
    assert any("exactly the control total" in each.value for each in app.text)
    assert files_left(workspace) != []


def test_a_newer_export_shows_what_changed_and_may_keep_what_only_the_earlier_one_has(workspace: Store) -> None:
    """Invoice 2 was settled since, invoice 5 is new, 1 and 4 are in the earlier export only."""
    click(uploaded(GOOD), "Commit this ledger")
    lines = GOOD.splitlines()
    newer = [lines[0], lines[2].replace(",,", ",2026-03-01,"), "B,5,2026-02-25,2026-03-27,,7.00,EUR"]
    app = uploaded("\n".join(newer) + "\n", "newer.csv")
    next(each for each in app.selectbox if each.label == "Newer export of").select_index(1).run()
    shown = figures(app)
    assert [shown[name][0] for name in ("New", "Settled", "Changed", "Unchanged", "Disappeared")] == ["1", "1", "0", "0", "2"]
    next(each for each in app.toggle if each.label.startswith("Keep the rows")).set_value(True).run()
    click(app, "Commit this ledger")
    assert ledgers.load(workspace).invoices["invoice_id"].to_pylist() == ["2", "5", "1", "4"]
    assert [record.name for record in ledgers.listed(workspace)] == ["receivables", "receivables"]


@pytest.mark.usefixtures("workspace")
def test_dates_that_may_be_read_in_two_ways_are_asked_about_with_examples() -> None:
    app = uploaded(EITHER)
    assert not app.metric  # nothing is guessed: no rows before the answer
    assert any("does not prove whether day or month comes first" in each.value for each in app.text)
    app.radio[0].set_value("dmy")
    click(app, "Read again with these decisions")
    assert figures(app)["Used"][0] == "2"
    assert any("Issued 5 Jan 2026 to 6 Jan 2026" in each.value for each in app.caption)


@pytest.mark.usefixtures("workspace")
def test_a_column_that_was_not_recognised_can_be_chosen() -> None:
    app = uploaded(GOOD.replace("Amount", "Zzz"))
    assert not app.metric
    answer = next(each for each in app.selectbox if each.label.endswith("your answer"))
    answer.set_value("Zzz")
    click(app, "Read again with these decisions")
    assert figures(app)["Used"][0] == "3"


def test_a_file_that_is_no_ledger_is_refused_in_a_sentence_and_kept_nowhere(workspace: Store) -> None:
    app = uploaded(b"\x00\x01 nothing", "noise.xlsx")
    assert not app.exception
    assert app.text[0].value.endswith(".")
    assert files_left(workspace) == []
    assert ledgers.listed(workspace) == []


def test_a_discarded_upload_leaves_nothing(workspace: Store) -> None:
    app = click(uploaded(GOOD), "Discard this upload")
    assert not app.exception
    assert files_left(workspace) == []


def test_a_ledger_too_small_to_learn_from_says_so_and_can_be_tried_again(
    workspace: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTS_IDLE_SECONDS", "1")
    commit(workspace, small_ledger(), actor=ME)
    app = click(screen("ledgers.py"), "Train and predict")
    wait_for(workspace, "train", "failed")
    app.run()
    assert any("invoices have a known answer" in each.value for each in app.text)
    assert "Log" in [each.label for each in app.expander]
    assert not next(each for each in app.button if each.label == "Train and predict").disabled


def test_deleting_a_ledger_asks_first(published: Store) -> None:
    app = click(screen("ledgers.py"), "Delete")
    assert any("1 model trained on it" in each.value for each in app.text)
    assert len(ledgers.listed(published)) == 1
    click(app, "Delete for good")
    assert ledgers.listed(published) == []
    assert model_store.listed(published) == []


# --- models ----------------------------------------------------------------------------------------------------------


def test_publishing_a_threshold_and_rolling_back_is_on_record(published: Store) -> None:
    app = screen("models.py")
    next(each for each in app.number_input if each.label.startswith("Flag below")).set_value(30.0)
    next(each for each in app.button if each.label == "Change the threshold").click()
    app.run()
    assert not app.exception
    in_force = publications.in_force(published)
    assert in_force is not None
    assert in_force.threshold == pytest.approx(0.3)
    next(each for each in app.button if each.label == "Roll back now").click()
    app.run()
    in_force = publications.in_force(published)
    assert in_force is not None
    assert (in_force.threshold, in_force.kind) == (0.5, "roll_back")
    assert app.dataframe[0].value["What"].tolist() == ["Rolled back", "Published", "Published"]


def test_a_publication_that_somebody_else_made_meanwhile_is_not_overwritten(published: Store) -> None:
    """The screen shows the first publication; before the click another is published; the click changes nothing."""
    app = screen("models.py")
    first = publications.in_force(published)
    assert first is not None
    publishing.publish(published, first.model_id, replaces=first.id, threshold=0.6, actor=ME)
    next(each for each in app.button if each.label == "Change the threshold").click()
    app.run()
    assert [each.threshold for each in publications.listed(published)] == [0.6, 0.5]


def test_a_model_is_published_for_one_company_and_rolled_back_there_alone(published: Store) -> None:
    """Plain speaks for all companies; Northern is published for north, twice; the roll back of north leaves the rest alone."""
    northern = model_store.save(published, rates_model(late=0.4), ledgers.listed(published)[0].id, name="Northern", actor=ME)
    app = screen("models.py")
    next(each for each in app.selectbox if each.label == "Model").set_value(northern).run()
    scope = next(each for each in app.selectbox if each.label == "Publish for")
    assert scope.options == ["All companies", "north", "south"]
    scope.set_value("north").run()
    click(app, "Publish this model")
    next(each for each in app.selectbox if each.label == "Publish for").set_value("north").run()
    next(each for each in app.number_input if each.label.startswith("Flag below")).set_value(70.0)
    click(app, "Change the threshold")
    in_force = [
        (each.scope, model_store.get(published, each.model_id).name, each.threshold) for each in publications.standing(published)
    ]
    assert in_force == [(ALL_COMPANIES, "Plain", 0.5), (Scope("north"), "Northern", 0.7)]
    said = [each.value for each in app.text]
    assert any(each.startswith("Plain") and each.endswith("published, flagged below 50%") for each in said)
    assert any(each.startswith("Northern") and each.endswith("published for north, flagged below 70%") for each in said)
    assert app.dataframe[0].value["For"].tolist() == ["north", "north", "All companies"]
    click(app, "Roll back now")
    assert [(each.scope, each.threshold) for each in publications.standing(published)] == [
        (ALL_COMPANIES, 0.5),
        (Scope("north"), 0.5),
    ]


@pytest.fixture
def two_models(published: Store) -> tuple[str, str]:
    """Plain for all companies (75 per cent on time, flagged below 50) and Northern for north (60, below 70): their ids."""
    ledger, plain = ledgers.listed(published)[0], model_store.listed(published)[0]
    northern = model_store.save(published, rates_model(late=0.4), ledger.id, name="Northern", actor=ME)
    publishing.publish(published, northern, replaces=None, scope=Scope("north"), threshold=0.7, actor=ME)
    return plain.id, northern


NOT_YET_DUE = "2024-03-05"  # when invoice 2 of north and invoices 3 and 4 of south are open and not yet due


def test_each_company_is_shown_by_the_model_in_force_for_it(two_models: tuple[str, str]) -> None:
    """The list, its first tab, customers, and the invoice say the same of north and south; a named model speaks for both."""
    listed = screen("open_invoices.py", as_of=NOT_YET_DUE, tab="all").dataframe[0].value
    shown = {row["invoice"]: (row["company"], row["on_time"], row["flag"]) for row in listed.to_dict("records")}
    assert shown == {"2": ("north", "60%", "Flagged"), "3": ("south", "75%", ""), "4": ("south", "75%", "")}
    app = screen("open_invoices.py", as_of=NOT_YET_DUE)
    assert app.dataframe[0].value["invoice"].tolist() == ["2"]
    assert "In force: 2 models, each for its own companies" in [each.value for each in app.caption]
    assert "model" not in app.query_params
    assert figures(screen("customers.py", as_of=NOT_YET_DUE))["Invoices unlikely to be on time"] == ("1", "of 3 open")
    for company, number, verdict, on_time in (("north", "2", "**Flagged:**", "60%"), ("south", "4", "**Not flagged:**", "75%")):
        app = screen("invoice.py", as_of=NOT_YET_DUE, company=company, invoice=number)
        assert any(each.value.startswith(verdict) for each in app.markdown)
        assert figures(app)["On time"][0] == on_time

    app = screen("open_invoices.py", as_of=NOT_YET_DUE, tab="all", model=two_models[0])
    assert app.dataframe[0].value["on_time"].tolist() == ["75%", "75%", "75%"]
    click(app, "Show the usual model")
    assert sorted(app.dataframe[0].value["on_time"]) == ["60%", "75%", "75%"]


def test_what_may_still_be_on_time_by_grace_days_is_not_overdue(published: Store) -> None:
    """Northern gives 30 days of grace: invoice 2 of north, due 26 days ago, can still be on time; invoice 4 of south cannot.

    The list, the tiles of the customers and the ages say so alike, and what overdue means is written there.
    """
    ledger = ledgers.listed(published)[0]
    northern = replace(rates_model(late=0.6), recipe=Recipe(grace_days=30))
    publishing.publish(
        published, model_store.save(published, northern, ledger.id, actor=ME), replaces=None, scope=Scope("north"), actor=ME
    )
    app = screen("open_invoices.py", tab="overdue")
    assert app.dataframe[0].value["invoice"].tolist() == ["4"]
    assert "Overdue: can no longer be on time, by the grace days and business days of each company's model." in captions(app)
    app = screen("open_invoices.py")
    assert app.dataframe[0].value["invoice"].tolist() == ["2"]
    assert any(each.label.startswith("**Not yet overdue, flagged**") for each in app.button)
    assert balance_by_age("EUR") == {"current": 25.0}
    assert balance_by_age("USD") == {"1-30": 0.99}
    app = screen("open_invoices.py", model=model_store.listed(published)[0].id, tab="overdue")
    assert not app.dataframe, "named, Northern speaks for south too, whose invoice was due yesterday"
    assert "Overdue: not paid 30 days after the due date, until when it still counts as on time." in captions(app)


def captions(app: AppTest) -> list[str]:
    return [each.value for each in app.caption]


def balance_by_age(currency: str) -> dict[str, float]:
    """What the chart of the customers' screen says is owed, by age."""
    app = screen("customers.py", currency=currency)
    (figure,) = (json.loads(each.proto.spec) for each in app.get("plotly_chart") if "by age" in each.proto.alt)
    return {age: amount for age, amount in zip(figure["data"][0]["x"], figure["data"][0]["y"], strict=True) if amount}


def test_the_scored_file_of_a_view_of_two_models_names_each_and_flags_by_its_threshold(
    published: Store, two_models: tuple[str, str]
) -> None:
    plain, northern = two_models
    ledger, day = ledgers.load(published), date.fromisoformat(NOT_YET_DUE)
    view = View(ledger, day, plain, 0.5, published=True, own={"north": (northern, 0.7)})
    rows = pq.read_table(predictions.in_force(published, ledger.id, day, actor=ME))
    written = export.scored_file(rows, view.thresholds(rows), rows["model"], day)
    told = {row["company"]: (row["model"], row["flagged"]) for row in written.to_pylist()}
    assert told == {"north": (northern, True), "south": (plain, False)}


def test_before_publishing_for_one_company_the_flags_that_would_flip_are_listed_with_their_sums(published: Store) -> None:
    """Plain (75 per cent on time) speaks for all. Below 80, invoices 3 and 4 of south (USD 3.00 and 0.99) become flagged."""
    (plain,) = model_store.listed(published)
    app = screen("models.py", as_of=NOT_YET_DUE)
    assert "Would become flagged" not in figures(app), "nothing would change"
    next(each for each in app.selectbox if each.label == "Publish for").set_value("south").run()
    assert any(each.value == "If it is published, as of 5 Mar 2024: no flag changes." for each in app.caption)
    next(each for each in app.number_input if each.label.startswith("Flag below")).set_value(80.0).run()
    assert figures(app)["Would become flagged"] == ("2", "USD 3.99")
    assert figures(app)["Would no longer be flagged"] == ("0", "—")
    listed = app.dataframe[0].value
    assert listed["Invoice"].tolist() == ["3", "4"]
    assert listed["Outstanding"].tolist() == ["USD 3.00", "USD 0.99"]
    assert set(listed["Company"]) == {"south"}
    assert [(each.scope, each.model_id) for each in publications.standing(published)] == [(ALL_COMPANIES, plain.id)], (
        "looking changes nothing"
    )
    click(app, "Publish this model")
    shown = screen("open_invoices.py", as_of=NOT_YET_DUE).dataframe[0].value
    assert sorted(shown["invoice"]) == ["3", "4"]


def test_sums_of_flips_are_those_of_the_list_to_the_cent() -> None:
    amounts, currencies = [1, 999_999_999_999_999, 2, 7], ["EUR", "EUR", "USD", "EUR"]
    rows = pa.table({"currency": currencies, "outstanding": pa.array(amounts, pa.int64())})
    assert portfolio.sums(rows, "outstanding") == {"EUR": 1_000_000_000_000_007, "USD": 2}


def test_a_model_whose_files_cannot_be_read_says_so_and_the_rest_of_its_screen_stands(published: Store) -> None:
    ledger = ledgers.listed(published)[0]
    broken = model_store.save(published, rates_model(late=0.6), ledger.id, name="Broken", actor=ME)
    path = published.home / "models" / broken / "model.json"
    path.write_text(path.read_text().replace("0.4", "0.5"))
    app = screen("models.py", as_of=NOT_YET_DUE)
    next(each for each in app.selectbox if each.label == "Model").set_value(broken).run()
    assert not app.exception
    assert any("changed after it was saved" in each.value for each in app.text)
    assert "Publish this model" in [each.label for each in app.button]
    assert any(each.label == "How do the fields act?" for each in app.toggle)


@pytest.fixture
def with_history(workspace: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A year of invoices with a plain published model; `case` numbers every invoice, which is said to be known at issue."""
    monkeypatch.setenv("INSIGHTS_IDLE_SECONDS", "1")  # a worker ends soon after its job
    plain = year_of_invoices(invoices=300)
    numbers = pa.array([f"case-{at}" for at in range(300)])
    ledger = commit(
        workspace, replace(plain, invoices=plain.invoices.append_column("x:case", numbers), known_at_issue=("case",)), actor=ME
    )
    publishing.publish(
        workspace,
        model_store.save(workspace, rates_model(date(2025, 1, 1)), ledger.id, name="Plain", actor=ME),
        replaces=None,
        actor=ME,
    )
    return workspace


def test_a_column_becomes_a_field_once_it_is_said_to_be_known_at_issue(workspace: Store) -> None:
    plain = year_of_invoices(invoices=150)
    segments = pa.array([("A", "B")[at % 2] for at in range(150)])
    commit(workspace, replace(plain, invoices=plain.invoices.append_column("x:segment", segments)), actor=ME)
    app = screen("models.py", part="Train another")
    assert "segment" not in [each.label for each in app.toggle]
    next(each for each in app.multiselect if each.label == "Known at issue").set_value(["segment"]).run()
    click(app, "Make the new version")
    assert not app.exception
    assert "segment" in [each.label for each in app.toggle]
    assert [record.known_at_issue for record in ledgers.listed(workspace)] == [("segment",), ()]


@pytest.mark.usefixtures("with_history")
def test_what_leaves_too_few_invoices_cannot_be_trained() -> None:
    app = screen("models.py", part="Train another")
    assert not app.button(key="train").disabled
    app.number_input(key="least_amount").set_value(890.0).run()
    total, needed = figures(app)["Invoices to learn from"]
    assert 0 < int(total) < 50
    assert "needed" in needed
    assert app.button(key="train").disabled


@pytest.mark.slow
def test_training_follows_the_switches_and_what_looks_like_the_outcome_needs_a_reason(with_history: Store) -> None:
    """Amount is switched off. `case` is an identifier: off at first, explained, and used only with a reason, on record."""
    app = screen("models.py", part="Train another")
    announced = figures(app)["Invoices to learn from"][0]
    app.segmented_control(key="fields_from").set_value("all").run()
    assert any(each.value.startswith("case: ") for each in app.text)
    case = next(each for each in app.toggle if each.label == "case")
    assert case.value is False
    case.set_value(True)
    next(each for each in app.toggle if each.label == "Amount").set_value(False).run()
    next(each for each in app.text_input if each.label.startswith("Why it may be used")).set_value("a trial").run()
    app.button(key="train").click().run()
    wait_for(with_history, "train")
    app.run()
    app.run()  # the tab notices, and shows the new model
    assert not app.exception
    made, before = model_store.listed(with_history)
    assert before.name == "Plain"
    assert "amount" not in made.fields
    assert {"terms_days", "x:case"} <= set(made.fields)
    assert str(made.metrics["counts"]["resolved"]) == announced
    assert figures(app)["Accuracy"][0].endswith("%")
    assert publications.in_force(with_history).model_id == before.id  # type: ignore[union-attr]  # training publishes nothing
    (noted,) = [each for each in audit.listed(with_history, made.ledger_id) if each.action == "field.allow"]
    assert noted.details["reason"] == "a trial"


@pytest.mark.slow
@pytest.mark.usefixtures("sample_workspace")
def test_the_fields_that_act_together_are_found_and_another_may_be_chosen() -> None:
    """At first the strongest field with its strongest partner; whichever is chosen instead is named beside the chart."""
    app = screen("models.py")
    next(each for each in app.toggle if each.label == "How do the fields act?").set_value(True).run(timeout=120)
    assert not app.exception
    field, partner = (next(each for each in app.selectbox if each.label == label) for label in ("Field", "Together with"))
    assert field.value not in partner.options
    assert any(messages.field(str(partner.value)) in each.value for each in app.caption)
    partner.select_index(3).run()
    assert not app.exception
    assert any(partner.options[3] in each.value for each in app.caption)


@pytest.mark.slow
def test_a_training_goes_on_through_a_reload_and_is_predicted_with_at_once(with_history: Store) -> None:
    """Begun elsewhere; a new tab shows its progress and cannot begin another; at its end its predictions are there."""
    ledger = ledgers.listed(with_history)[0]
    background.train(with_history, ledger.id, date(2025, 1, 1), Recipe(fields=("late_share",)), actor=ME)
    app = screen("models.py", part="Train another")
    if not jobs.jobs(with_history)[0].ended:
        assert "Cancel" in [each.label for each in app.button]
        assert app.button(key="train").disabled
    wait_for(with_history, "train")
    made = model_store.listed(with_history)[0]
    assert made.fields == ("late_share",)
    assert predictions.kept(with_history, ledger.id, made.id, date(2025, 1, 1))
    app.run()
    app.run()
    assert not app.exception
    assert made.id == next(each for each in app.selectbox if each.label == "Model").value
    assert not app.button(key="train").disabled


@pytest.fixture
def two_recipes(workspace: Store, monkeypatch: pytest.MonkeyPatch) -> tuple[Store, str, str]:
    """A published recipe that knows the customers, and one that knows the weekday only; a year of invoices to replay."""
    monkeypatch.setenv("INSIGHTS_IDLE_SECONDS", "5")  # one worker does both jobs
    ledger = commit(workspace, year_of_invoices(), actor=ME)
    models = []
    for name, recipe in (
        ("Full", Recipe(fields=("late_share", "days_to_due"), very_late_days=10)),
        ("Blind", Recipe(fields=("due_weekday",), very_late_days=10)),
    ):
        model = replace(rates_model(date(2024, 12, 1)), recipe=recipe)
        models.append(model_store.save(workspace, model, ledger.id, name=name, actor=ME))
    publishing.publish(workspace, models[0], replaces=None, actor=ME)
    return workspace, models[0], models[1]


def wait_for(workspace: Store, kind: str, state: str = "done") -> None:
    """Until the worker has ended the job of this kind, in this state."""
    started = time.monotonic()
    while not all(job.ended for job in jobs.jobs(workspace) if job.kind == kind) and time.monotonic() - started < 180:
        time.sleep(0.2)
    assert [job.state for job in jobs.jobs(workspace) if job.kind == kind] == [state]


@pytest.mark.slow
def test_a_worse_recipe_is_found_out_and_needs_a_reason(two_recipes: tuple[Store, str, str]) -> None:
    """Unchecked, it needs a reason; checked on past months, the gate objects; with a reason it is published, on record."""
    workspace, full, blind = two_recipes
    app = screen("models.py")
    next(each for each in app.selectbox if each.label == "Model").set_value(blind).run()
    click(app, "Publish this model")
    assert any("check it on past months first" in each.value for each in app.text)
    click(app, "Check on past months")
    wait_for(workspace, "check")
    app.run()
    app.run()
    assert "above that of the published recipe" in app.error[0].value
    click(app, "Publish this model")
    assert any("above that of the published recipe" in each.value for each in app.text)
    in_force = publications.in_force(workspace)
    assert in_force is not None
    assert in_force.model_id == full
    next(each for each in app.text_input if each.label == "Reason").set_value("a trial")
    click(app, "Publish this model")
    in_force = publications.in_force(workspace)
    assert in_force is not None
    assert (in_force.model_id, in_force.reason, in_force.gate["passed"]) == (blind, "a trial", False)

    app = screen("models.py", part="Compare")
    app.multiselect(key="compared_models").set_value([full, blind]).run()
    click(app, "Compare on past months")
    wait_for(workspace, "compare")
    app.run()
    app.run()
    assert any("B is worse than A" in each.value for each in app.markdown)
    table = app.dataframe[0].value
    assert table["Log loss"].astype(float).idxmin() in (0, 3)
    assert float(table["less A's"][1]) > 0
    gaps = app.dataframe[1].value.set_index("")
    assert {"Log loss", "Brier", "Accuracy", "Macro F1", "Money misplaced"} <= set(gaps.index)
    assert gaps.loc["Log loss", "Certain"] == "worse"
    assert str(gaps.loc["Accuracy", "Difference"]).startswith("-")


def test_a_model_moves_as_one_file_and_a_changed_byte_is_refused(published: Store, tmp_path: Path) -> None:
    (record,) = model_store.listed(published)
    archive = tmp_path / "model.zip"
    model_archive.export(published, record.id, archive, actor=ME)
    delete(published, record.ledger_id, actor=ME)  # its models with it
    commit(published, small_ledger(), actor=ME)
    app = screen("models.py")
    app.file_uploader[0].set_value(("model.zip", archive.read_bytes().replace(b"Plain", b"Fancy"), "application/zip")).run()
    assert not app.exception
    assert model_store.listed(published) == []
    app = screen("models.py")
    app.file_uploader[0].set_value(("model.zip", archive.read_bytes(), "application/zip")).run()
    assert not app.exception
    assert [each.id for each in model_store.listed(published)] == [record.id]
    assert figures(app)["Log loss"][0] == "—"
