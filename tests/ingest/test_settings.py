"""Can the last decisions before a commit change without reading the file again?"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from insights import ingest
from insights.ingest.draft import Options
from insights.ledger.errors import Refused
from tests.ingest.examples import column, draft

TEXT = """
invoice_id,customer_id,issue_date,due_date,paid_date,amount,region,days late,In Dispute
A1,C1,2024-01-05,2024-02-05,2024-02-07,100.00,N,2,yes
A2,C1,2024-01-10,2024-02-10,,50.00,S,,no
"""


def test_days_and_columns_known_at_issue_are_decided_as_if_the_file_were_read_so(tmp_path: Path) -> None:
    wanted = Options(complete_through=date(2024, 3, 1), history_starts=date(2024, 1, 8), known_at_issue=("Region", "in dispute"))
    read = draft(tmp_path, TEXT, wanted).require()
    decided = ingest.with_settings(draft(tmp_path, TEXT), wanted).require()
    assert decided.known_at_issue == ("region", "disputed")
    assert decided.fingerprint == read.fingerprint
    assert column(decided, "invoice_id") == column(read, "invoice_id")


def test_what_tells_the_outcome_stays_refused(tmp_path: Path) -> None:
    found = draft(tmp_path, TEXT)
    with pytest.raises(Refused, match="tells the outcome"):
        ingest.with_settings(found, Options(known_at_issue=("days late",)))
    with pytest.raises(Refused, match="no further column “colour”"):
        ingest.with_settings(found, Options(known_at_issue=("colour",)))


def test_anything_else_needs_the_file_again() -> None:
    before = Options()
    assert ingest.only_settings(before, replace(before, complete_through=date(2024, 3, 1), known_at_issue=("a",)))
    assert not ingest.only_settings(before, replace(before, date_order="dmy"))
    assert not ingest.only_settings(before, replace(before, maps={"amount": "Net"}))
