"""Does an invoice show its probabilities, reasons and customer, at any address?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from html import escape
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from insights import messages
from insights.features.dataset import feature_set
from insights.ledger.keys import InvoiceKey
from insights.ledger.ledger import Ledger
from insights.portfolio import worklist
from insights.portfolio.snapshot import in_order
from insights.portfolio.worklist import ALL, WorklistFilter
from insights.prediction.when import date_evidence
from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import ledgers, models, publications
from insights.store.records import LedgerRecord
from insights.store.store import Store
from pages.ui.shared import format as fmt
from tests.support.sample import source
from tests.support.screens import rows, said, screen
from tests.support.workspaces import ME, ledger_of, rates_model, small_ledger

HOSTILE = '![x](https://evil.example/x.png) <img src="https://evil.example/y.png"> **bold** =1+1'


def at(ledger: LedgerRecord, model_id: str, row: Mapping[str, Any]) -> AppTest:
    """The screen of an invoice by its whole address."""
    address = {"company": row["company"], "customer": row["customer_id"], "invoice": row["invoice_id"], "line": row["line"]}
    return screen("invoice", ledger=ledger.id, as_of=ledger.default_as_of.isoformat(), model=model_id, **address)


def test_a_cold_link_to_an_invoice_shows_probabilities_reasons_and_the_customer(sample_workspace: Store) -> None:
    row = worklist.selected(source(sample_workspace), WorklistFilter()).to_pylist()[0]
    ledger, published = ledgers.get(sample_workspace), publications.active(sample_workspace)
    assert published
    app = at(ledger, published.model_id, row)
    assert not app.exception
    shown = {metric.label: metric.value for metric in app.metric}
    p = [row["p_on_time"], row["p_late"], row["p_very_late"]]
    assert (shown["On time"], shown["Late"], shown["Very late"]) == fmt.percents(p, 0.5)
    texts = [text.value for text in app.text]
    given = in_order(row["reasons"], flagged=p[0] < 0.5)
    reasons = [f"{at}.  {messages.reason(reason, row['due_date'])}" for at, reason in enumerate(given, 1)]
    assert [text for text in texts if text[:3] in [f"{at}. " for at in range(1, 6)]] == reasons
    dates = fmt.expected(row["date_low"], row["expected_date"], row["date_high"])
    assert f"Expected payment: {dates}. Confidence: {row['confidence']}." in texts
    assert fmt.money(row["outstanding"], row["currency"]) in said(app)
    others = WorklistFilter(tab=ALL, customer=(row["company"], row["customer_id"]), apart_from=InvoiceKey.of(row))
    assert len(rows(app)) == min(25, worklist.select(source(sample_workspace), others).total.count)


def test_an_overdue_invoice_says_on_what_its_expected_date_rests(sample_workspace: Store) -> None:
    ledger, published = ledgers.get(sample_workspace), publications.active(sample_workspace)
    assert published
    model = models.load(sample_workspace, published.model_id)
    book = feature_set(ledgers.load(sample_workspace, ledger.id), model.recipe.due_rules, model.fields)
    overdue = worklist.selected(source(sample_workspace), WorklistFilter(tab=ALL)).to_pylist()
    for very_late in (False, True):
        row = next(each for each in overdue if each["days_past_due"] > 0 and (each["p_very_late"] == 1) is very_late)
        evidence = date_evidence(model, book, ledger.default_as_of, row["position"])
        assert evidence is not None
        app = at(ledger, published.model_id, row)
        assert not app.exception
        texts = [text.value for text in app.text]
        assert any(f"about {100 * evidence.soon:.0f}% are paid in the " in text for text in texts)
        by_the_customer = [text for text in texts if "after the last day on time" in text]
        assert len(by_the_customer) == (0 if very_late else 1)
        if not very_late and evidence.own_days is not None:
            assert f"half came within {evidence.own_days} day" in by_the_customer[0] or "it came within" in by_the_customer[0]


@pytest.mark.slow
def test_an_invoice_says_what_its_customer_does_with_what_is_due_on_such_a_weekday(empty_workspace: Store) -> None:
    """Twelve Sundays were paid the Thursday after; open is an invoice due on a Sunday, and one due on a Monday."""
    sundays = [date(2024, 1, 7) + timedelta(days=7 * week) for week in range(12)]
    lines = [f"north acme old{due} {due - timedelta(days=30)} {due} {due + timedelta(days=4)} 1000 EUR" for due in sundays]
    lines += [f"north acme {name} 2024-03-20 {due} - 1000 EUR" for name, due in (("sun", "2024-04-14"), ("mon", "2024-04-15"))]
    ledger = ledger_of("\n".join(lines), complete_through=date(2024, 3, 31), history_starts=date(2023, 1, 1))
    record = commit(empty_workspace, ledger, actor=ME)
    publishing.publish(empty_workspace, models.save(empty_workspace, rates_model(), record.id, actor=ME), replaces=None, actor=ME)
    sentence = "Invoices due on a Sunday it pays the Thursday after: 12 of 12 such due dates in two years."
    for name, is_said in (("sun", True), ("mon", False)):
        texts = [text.value for text in screen("invoice", company="north", customer="acme", invoice=name).text]
        assert (sentence in texts) is is_said


@pytest.mark.usefixtures("sample_workspace")
def test_an_invoice_that_is_not_open_says_so() -> None:
    app = screen("invoice", company="Brightwater UK", invoice="no such number")
    assert not app.exception
    assert "Not open as of 31 Oct 2026" in said(app)


@pytest.mark.slow
def test_names_from_a_ledger_are_never_interpreted(empty_workspace: Store) -> None:
    """A customer, a number and a company full of Markdown, HTML and a formula: shown letter by letter, or only in grids."""
    ledger = _renamed(small_ledger(), HOSTILE)
    ledger = commit(empty_workspace, ledger, actor=ME)
    publishing.publish(empty_workspace, models.save(empty_workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    row = worklist.unscored(ledger, ledger.default_as_of).to_pylist()[0]
    listed = screen("open_invoices", tab="all")
    assert set(rows(listed)["customer"].str[:5]) == {"![x]("}
    opened = screen("invoice", company=row["company"], invoice=row["invoice_id"], line=row["line"])
    assert f"Invoice {escape(HOSTILE)}" in opened.html[0].value
    for app in (listed, opened):
        assert not app.exception
        interpreted = [*app.title, *app.header, *app.markdown, *app.caption, *app.button, *app.metric]
        assert not [part for part in interpreted if "evil" in str(getattr(part, "label", "")) + str(part.value)]
        assert not [part for part in app.html if "<img" in str(part.value)]


def _renamed(ledger: Ledger, name: str) -> Ledger:
    """The ledger with hostile text in its names and numbers."""
    table = ledger.invoices
    for column in ("customer_name", "company", "invoice_id"):
        values: list[Any] = [f"{name} {value}" for value in table[column].to_pylist()]
        table = table.set_column(table.schema.get_field_index(column), column, pa.array(values))
    return replace(ledger, invoices=table.cast(ledger.invoices.schema))
