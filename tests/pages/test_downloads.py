"""Do files of a view name its models and thresholds, and have the order of its lists?"""

import json
from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from insights.prediction import export
from insights.services import agreements, contents, predictions
from insights.services.agreements import Entry
from insights.store import ledgers
from insights.store.store import Store
from pages.ui.shared.view import View
from tests.support.screens import PATIENCE
from tests.support.uploads import NOT_YET_DUE
from tests.support.workspaces import ME

FILE_OF_THE_LIST = """
import json
import streamlit as st
from insights.portfolio.worklist import ALL, WorklistFilter
from pages.ui.invoices import downloads
from pages.ui.invoices.invoice_table import Sort
from pages.ui.shared import session

session.begin()
table = downloads._selection(session.require_ledger(), WorklistFilter(ALL), Sort("expected_date", ascending=True))
for row in table.to_pylist():
    place = [row[name] for name in ("company", "customer_id", "invoice_id", "line")]
    dates = [str(row[name] or "") for name in ("expected_date", "agreed_date")]
    st.text(json.dumps([json.dumps(place), dates]))
"""


def test_the_scored_file_of_a_view_of_two_models_names_each_and_flags_by_its_threshold(
    published: Store, two_models: tuple[str, str]
) -> None:
    plain, northern = two_models
    ledger, day = ledgers.load(published), date.fromisoformat(NOT_YET_DUE)
    view = View(contents.read(published), ledger, day, plain, 0.5, published=True, by_company={"north": (northern, 0.7)})
    rows = pq.read_table(predictions.active(published, ledger.id, day, actor=ME))
    written = export.scored_file(rows, view.thresholds(rows), rows["model"], day)
    told = {row["company"]: (row["model"], row["flagged"]) for row in written.to_pylist()}
    assert told == {"north": (northern, True), "south": (plain, False)}


@pytest.mark.slow
def test_a_file_has_the_order_of_its_list_and_both_dates(sample_workspace: Store) -> None:
    """Of the invoice that is expected first somebody says that it is paid long after all others."""

    def written() -> dict[str, list[str]]:
        lines = AppTest.from_string(FILE_OF_THE_LIST, default_timeout=PATIENCE).run().text
        return dict(json.loads(line.value) for line in lines)

    before = written()
    first = next(iter(before))
    company, customer, *invoice = json.loads(first)
    ledger = ledgers.load(sample_workspace)
    on = ledger.default_as_of + timedelta(days=700)
    entry = Entry("override", company, customer, (tuple(invoice),), {"on": on.isoformat(), "reason": "their bank is closed"})
    agreements.enter(sample_workspace, ledger, ledger.default_as_of, [entry], actor=ME)
    after = written()
    assert len(after) > 10
    assert {place: own for place, (own, _) in after.items()} == {place: own for place, (own, _) in before.items()}
    agreed = {place: date_ for place, (_, date_) in after.items() if date_}
    assert agreed.keys() == {first}
    assert agreed[first] >= on.isoformat(), "on a business day"
    shown = [date_ or own for own, date_ in after.values() if date_ or own]
    assert shown == sorted(shown)
    assert shown[-1] == agreed[first]
