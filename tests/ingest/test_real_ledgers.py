"""Do real ledgers import as they are, with exactly their known faults set aside? Skipped where they are absent."""

import os
from datetime import date
from pathlib import Path

import pytest

from insights import ingest
from insights.evaluation import difference, figures, replay_dates
from insights.ingest.draft import Options
from insights.model.recipe import Recipe
from tests.ingest import forked
from tests.ingest.examples import assert_nothing_lost, column, notes

pytestmark = pytest.mark.long

FOLDER = Path(os.environ.get("INSIGHTS_REAL_LEDGERS") or Path(__file__).parents[3] / "shared" / "data")


def real(name: str) -> Path:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"the real ledger {name} is not on this machine: set INSIGHTS_REAL_LEDGERS to its folder")
    return path


def test_month_first_dates_are_decided_by_the_whole_column_and_outcomes_never_become_fields() -> None:
    path = real("ibm/WA_Fn-UseC_-Accounts-Receivable.csv")
    draft = ingest.read(path, run=forked.run)
    found = draft.require()
    assert (len(found.invoices), found.rows_set_aside, draft.preset) == (2466, 0, "ibm")
    assert draft.decided["InvoiceDate"] == "mdy"
    assert not {"DaysLate", "DaysToSettle"} & set(found.further)
    assert (min(column(found, "issue_date")), max(column(found, "paid_date"))) == (date(2012, 1, 3), date(2014, 1, 9))


def test_a_ledger_with_known_faults_sets_aside_exactly_these() -> None:
    found = ingest.read(real("brazil/ledger.csv"), run=forked.run).require()
    assert ingest.counts(found) == {"amount_missing": 1170, "due_before_issue": 27, "terms_too_long": 24, "paid_before_issue": 20}
    assert (found.rows_read, found.complete_through) == (77414, date(2021, 11, 24))
    assert_nothing_lost(found)


def test_a_workbook_without_document_numbers_imports_with_its_attributes_file() -> None:
    options = Options(attributes=real("brazil/base_cadastral.csv"), currency="BRL")
    found = ingest.read(real("brazil/base_pagamentos_desenvolvimento.xlsx"), options, run=forked.run).require()
    whole = ingest.read(real("brazil/ledger.csv"), run=forked.run).require()
    names = ("customer_id", "issue_date", "due_date", "amount")
    assert sorted(zip(*(column(found, name) for name in names), strict=True)) == sorted(
        zip(*(column(whole, name) for name in names), strict=True)
    )
    assert len(set(column(found, "invoice_id"))) == len(found.invoices)
    assert {"numbered", "ids_rounded", "ids_restored"} <= set(notes(found))
    assert_nothing_lost(found)


@pytest.mark.parametrize(
    ("name", "dates"),
    [
        ("ibm/WA_Fn-UseC_-Accounts-Receivable.csv", (date(2013, 6, 1), date(2013, 10, 1))),
        ("brazil/ledger.csv", (date(2020, 6, 1), date(2021, 3, 1))),
    ],
)
def test_replayed_on_two_past_dates_a_model_beats_what_anybody_could_have_guessed(name: str, dates: tuple[date, ...]) -> None:
    ledger = ingest.read(real(name), run=forked.run).require()
    rows = replay_dates(ledger, dates, Recipe(very_late_days=10)).rows
    assert set(rows["as_of"].to_pylist()) == set(dates)
    assert difference(rows, "model", "base_rates").better
    model, customer = (figures(rows, series) for series in ("model", "customer_past"))
    assert model
    assert customer
    assert model.log_loss < customer.log_loss
