"""Do the screens say what the sample ledger holds, at any address, and never show a traceback?"""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights import messages
from insights.ledger.ledger import Ledger
from insights.portfolio import worklist
from insights.portfolio.worklist import ALL, NOT_DUE, NOT_DUE_FLAGGED, OVERDUE, Filter
from insights.services import predictions, publishing
from insights.services.ledgers import commit
from insights.store import ledgers, models, publications
from insights.store.store import Store
from pages.ui.shared import format as written
from tests.support.screens import said, screen
from tests.support.workspaces import ME, rates_model, small_ledger

ROOT = Path(__file__).parents[2]
PAGES = ("start", "open_invoices", "invoice", "customers", "customer", "ledgers", "models", "trust")
HOSTILE = '![x](https://evil.example/x.png) <img src="https://evil.example/y.png"> **bold** =1+1'


def source(workspace: Store) -> Path:
    ledger = ledgers.get(workspace)
    published = publications.in_force(workspace)
    assert published
    return predictions.of_model(workspace, ledger.id, published.model_id, ledger.default_as_of, actor=ME)


# --- every page ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("empty_workspace")
def test_every_page_stands_without_a_ledger(page: str) -> None:
    app = screen(page)
    assert not app.exception
    assert said(app)


@pytest.mark.parametrize("page", ["open_invoices", "invoice", "customers", "customer"])
@pytest.mark.usefixtures("empty_workspace")
def test_without_a_ledger_the_next_step_is_offered(page: str) -> None:
    app = screen(page)
    assert "No ledger yet" in said(app)
    assert [button.label for button in app.button] == ["Go to start"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("sample_workspace")
def test_every_page_stands_with_a_ledger(page: str) -> None:
    app = screen(page)
    assert not app.exception
    assert said(app)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"ledger": "nonsense"}, "names a ledger that is not here"),
        ({"as_of": "yesterday"}, "is not a date"),
        ({"as_of": "2027-01-01"}, "everything would look unpaid"),
        ({"as_of": "2020-01-01"}, "nothing was known"),
        ({"model": "nonsense"}, "model"),
    ],
)
@pytest.mark.usefixtures("sample_workspace")
def test_a_link_that_cannot_be_shown_says_why_and_offers_a_way_out(asked: dict[str, str], sentence: str) -> None:
    app = screen("open_invoices", **asked)
    assert not app.exception
    assert sentence in said(app)
    next(button for button in app.button if button.label == "Show the newest ledger").click().run()
    assert app.button[0].label != "Show the newest ledger"
    assert len(app.dataframe) == 1


def test_a_model_may_not_speak_of_days_before_its_training(sample_workspace: Store) -> None:
    published = publications.in_force(sample_workspace)
    assert published
    app = screen("open_invoices", model=published.model_id, as_of="2026-06-01")
    assert "has seen what happened" in said(app)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", ""])  # noqa: S104 - what has to be refused
def test_a_server_that_others_could_reach_does_not_start(address: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true", f"--server.address={address}"]
    environment = os.environ | {"INSIGHTS_HOME": str(tmp_path)}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode != 0
    assert "there is no sign-in yet" in answer.stdout + answer.stderr


# --- open invoices ---------------------------------------------------------------------------------------------------


def test_the_list_opens_on_what_can_still_be_prevented(sample_workspace: Store) -> None:
    app = screen("open_invoices")
    totals = worklist.tabs(source(sample_workspace), Filter())
    for tab, label in ((NOT_DUE_FLAGGED, "Not yet due, flagged"), (OVERDUE, "Overdue"), (ALL, "All")):
        total = totals[tab]
        assert app.button(key=f"tab_{tab}").label == f"**{label}** · {total.count} · {written.short_moneys(total.sums)}"
    expected = worklist.select(source(sample_workspace), Filter())
    shown = app.dataframe[0].value
    assert shown["invoice"].tolist() == expected.rows["invoice_id"].to_pylist()
    assert set(shown["flag"]) == {"Flagged"}
    assert f"{totals[NOT_DUE_FLAGGED].count} invoices, receivables {written.moneys(expected.total.sums)}" in said(app)


def test_the_first_row_is_the_largest_amount_at_risk(sample_workspace: Store) -> None:
    first = screen("open_invoices").dataframe[0].value.iloc[0]
    rows = worklist.selected(source(sample_workspace), Filter()).to_pylist()
    largest = max(rows, key=lambda row: row["outstanding"] * (1 - row["p_on_time"]))
    assert first["invoice"] == largest["invoice_id"]
    assert first["customer"] == largest["customer_name"]
    assert first["outstanding"] == written.amount(largest["outstanding"], largest["currency"])
    assert first["on_time"] == written.percent(largest["p_on_time"], 0.5)
    assert first["reason"] == messages.reason(largest["reasons"][0])


def test_a_tab_changes_the_list_and_the_address(sample_workspace: Store) -> None:
    app = screen("open_invoices", page="2")
    app.button(key="tab_overdue").click().run()
    assert app.query_params["tab"] == "overdue"
    assert "page" not in app.query_params
    expected = worklist.select(source(sample_workspace), Filter(tab=OVERDUE))
    assert app.dataframe[0].value["invoice"].tolist() == expected.rows["invoice_id"].to_pylist()


def test_filters_come_from_the_address_and_go_back_into_it(sample_workspace: Store) -> None:
    app = screen("open_invoices", tab="all", q="lind", currencies="EUR", amount_from="1000", days_to="10")
    wanted = Filter(tab=ALL, search="lind", currencies=("EUR",), outstanding=(1000, None), past_due=(None, 10))
    assert app.dataframe[0].value["invoice"].tolist() == _numbers(sample_workspace, wanted)
    app.text_input(key="filter_q").set_value("grün").run()
    assert app.query_params["q"] == "grün"
    assert app.dataframe[0].value["invoice"].tolist() == _numbers(sample_workspace, replace(wanted, search="grün"))


@pytest.mark.usefixtures("sample_workspace")
def test_nothing_found_offers_to_clear_the_filters() -> None:
    app = screen("open_invoices", q="nobody has this name")
    assert "No open invoice matches these filters." in said(app)
    next(button for button in app.button if button.label == "Clear the filters").click().run()
    assert "q" not in app.query_params
    assert len(app.dataframe[0].value) == 50


@pytest.mark.parametrize(
    "asked",
    [{"tab": "nonsense"}, {"page": "x"}, {"page": "-3"}, {"sort": "; DROP"}, {"days_from": "much"}, {"currencies": "ZZZ"}],
)
@pytest.mark.usefixtures("sample_workspace")
def test_nonsense_in_the_address_falls_back_to_the_defaults(asked: dict[str, str]) -> None:
    app = screen("open_invoices", **asked)
    assert not app.exception
    assert len(app.dataframe[0].value) == 50


def test_paging_goes_through_the_whole_selection(sample_workspace: Store) -> None:
    everything = _numbers(sample_workspace, Filter(tab=OVERDUE))
    shown: list[str] = []
    for page in range(1, -(-len(everything) // 50) + 1):
        shown += screen("open_invoices", tab="overdue", page=str(page)).dataframe[0].value["invoice"].tolist()
    assert shown == everything


def test_a_threshold_belongs_to_the_publication(sample_workspace: Store) -> None:
    """Published anew with 30 per cent: fewer are flagged, and none that is shown has 30 per cent or more."""
    before = publications.in_force(sample_workspace)
    assert before
    publishing.publish(sample_workspace, before.model_id, replaces=before.id, threshold=0.3, actor=ME)
    shown = screen("open_invoices").dataframe[0].value
    expected = worklist.select(source(sample_workspace), Filter(threshold=0.3))
    assert shown["invoice"].tolist() == expected.rows["invoice_id"].to_pylist()


# --- as-of dates -----------------------------------------------------------------------------------------------------


def test_on_a_past_day_without_a_model_the_ledger_is_shown_without_probabilities(sample_workspace: Store) -> None:
    app = screen("open_invoices", as_of="2026-06-01")
    ledger = ledgers.load(sample_workspace)
    total = worklist.tabs(worklist.unscored(ledger, date(2026, 6, 1)), Filter())[NOT_DUE]
    assert "No model may predict as of 1 Jun 2026" in said(app)
    assert "Train as of this date" in [button.label for button in app.button]
    assert app.button(key="tab_not_due").label.startswith(f"**Not yet due** · {total.count} · ")
    assert not {"on_time", "flag", "reason"} & set(app.dataframe[0].value.columns)


@pytest.mark.usefixtures("sample_workspace")
def test_the_as_of_date_of_the_sidebar_goes_into_the_address_and_back() -> None:
    app = screen("open_invoices")
    app.date_input(key="chosen_as_of").set_value(date(2026, 6, 1)).run()
    assert app.query_params["as_of"] == "2026-06-01"
    assert "model" not in app.query_params
    next(button for button in app.button if button.label == "Back to 31 Oct 2026").click().run()
    assert app.query_params["as_of"] == "2026-10-31"
    assert "model" in app.query_params


# --- one invoice -----------------------------------------------------------------------------------------------------


def test_a_cold_link_to_an_invoice_shows_probabilities_reasons_and_the_customer(sample_workspace: Store) -> None:
    row = worklist.selected(source(sample_workspace), Filter()).to_pylist()[0]
    ledger, published = ledgers.get(sample_workspace), publications.in_force(sample_workspace)
    assert published
    app = screen(
        "invoice",
        ledger=ledger.id,
        as_of=ledger.default_as_of.isoformat(),
        model=published.model_id,
        company=row["company"],
        invoice=row["invoice_id"],
        line=row["line"],
    )
    assert not app.exception
    shown = {metric.label: metric.value for metric in app.metric}
    p = [row["p_on_time"], row["p_late"], row["p_very_late"]]
    assert (shown["On time"], shown["Late"], shown["Very late"]) == written.percents(p, 0.5)
    texts = [text.value for text in app.text]
    reasons = [f"{at}.  {messages.reason(reason)}" for at, reason in enumerate(row["reasons"], 1)]
    assert [text for text in texts if text[:3] in [f"{at}. " for at in range(1, 6)]] == reasons
    dates = written.expected(row["date_low"], row["expected_date"], row["date_high"])
    assert f"Expected payment: {dates}. Confidence: {row['confidence']}." in texts
    assert written.money(row["outstanding"], row["currency"]) in said(app)
    others = Filter(tab=ALL, customer=(row["company"], row["customer_id"]), apart_from=(row["invoice_id"], row["line"]))
    assert len(app.dataframe[0].value) == min(25, worklist.select(source(sample_workspace), others).total.count)


@pytest.mark.usefixtures("sample_workspace")
def test_an_invoice_that_is_not_open_says_so() -> None:
    app = screen("invoice", company="Brightwater UK", invoice="no such number")
    assert not app.exception
    assert "Not open as of 31 Oct 2026" in said(app)


def test_names_from_a_ledger_are_never_interpreted(empty_workspace: Store) -> None:
    """A customer, a number and a company full of Markdown, HTML and a formula: shown letter by letter, or only in grids."""
    ledger = _renamed(small_ledger(), HOSTILE)
    ledger = commit(empty_workspace, ledger, actor=ME)
    publishing.publish(empty_workspace, models.save(empty_workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    row = worklist.unscored(ledger, ledger.default_as_of).to_pylist()[0]
    listed = screen("open_invoices", tab="all")
    assert set(listed.dataframe[0].value["customer"].str[:5]) == {"![x]("}
    opened = screen("invoice", company=row["company"], invoice=row["invoice_id"], line=row["line"])
    assert f"Invoice {escape(HOSTILE)}" in opened.html[0].value
    for app in (listed, opened):
        assert not app.exception
        interpreted = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.button, *app.metric]
        assert not [part for part in interpreted if "evil" in str(getattr(part, "label", "")) + str(part.value)]
        assert not [part for part in app.html if "<img" in str(part.value)]


# --- how figures are written -----------------------------------------------------------------------------------------


@given(st.floats(0, 1), st.sampled_from([0.5, 0.3, 0.05, 0.999, 1.0]))
def test_a_probability_is_never_written_so_that_it_contradicts_the_flag(p: float, threshold: float) -> None:
    text = written.percent(p, threshold)
    if text[0] not in "<>":
        assert (float(text.rstrip("%")) < threshold * 100) == (p < threshold)


@given(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)).filter(lambda p: sum(p) > 0))
def test_three_probabilities_are_written_so_that_they_sum_to_a_hundred(weights: tuple[float, float, float]) -> None:
    p = [weight / sum(weights) for weight in weights]
    texts = written.percents(p, 0.5)
    if not any(text[0] in "<>" for text in texts):
        assert sum(float(text.rstrip("%")) for text in texts) == pytest.approx(100, abs=1e-9)
        assert not any(text.startswith("-") for text in texts)


@pytest.mark.parametrize(
    ("p", "text"), [(0.0, "0%"), (0.004, "<1%"), (0.4996, "49.96%"), (0.5, "50%"), (0.996, ">99%"), (1.0, "100%"), (None, "—")]
)
def test_probabilities_near_the_ends_and_the_threshold(p: float | None, text: str) -> None:
    assert written.percent(p, 0.5) == text


def test_an_expected_date_stands_with_its_range() -> None:
    middle, late = date(2026, 12, 4), date(2027, 2, 3)
    assert written.expected(date(2026, 11, 20), middle, late) == "4 Dec 2026 (20 Nov 2026 to 3 Feb 2027)"
    assert written.expected(date(2026, 11, 20), middle, None) == "4 Dec 2026 (20 Nov 2026 to no end in sight)"
    assert written.expected(None, None, None) == "—"
    assert written.confidence("Low", no_history=True) == "Low, no history"
    assert written.past_due(1) == "1 day past due"
    assert written.past_due(-5) == "due in 5 days"


def test_amounts_have_the_decimals_of_their_currency() -> None:
    assert written.money(123456, "EUR") == "EUR 1,234.56"
    assert written.money(123456, "JPY") == "JPY 123,456"
    assert written.money(123456, "KWD") == "KWD 123.456"
    assert written.money(123456, "XXX") == "1,234.56"
    assert written.moneys({"GBP": 5, "EUR": 100}) == "EUR 1.00 · GBP 0.05"
    assert written.moneys({}) == "—"
    assert written.short_moneys({"EUR": 123456789}) == "EUR 1.2M"


def _numbers(workspace: Store, wanted: Filter) -> list[str]:
    found: list[str] = worklist.selected(source(workspace), wanted)["invoice_id"].to_pylist()
    return found


def _renamed(ledger: Ledger, name: str) -> Ledger:
    """The ledger with hostile text in its names and numbers."""
    table = ledger.invoices
    for column in ("customer_name", "company", "invoice_id"):
        values: list[Any] = [f"{name} {value}" for value in table[column].to_pylist()]
        table = table.set_column(table.schema.get_field_index(column), column, pa.array(values))
    return replace(ledger, invoices=table.cast(ledger.invoices.schema))
