"""Which fields may a model use?"""

from insights.features.catalog import FIELDS, candidates
from tests.support.ledgers import ledger_of


def test_fields_are_the_computed_ones_and_own_columns_known_at_issue_that_vary() -> None:
    """Currency varies, company does not; Segment is marked, Region is not; disputes are a state at export."""
    rows = [
        {"currency": c, "x:Segment": s, "x:Region": s, "disputed": s == "a"}
        for c, s in (("EUR", "a"), ("JPY", "b"), ("EUR", "b"))
    ]
    assert candidates(ledger_of(rows)) == (*FIELDS, "currency")
    marked = ledger_of(rows, known_at_issue=("Segment", "disputed"))
    assert set(candidates(marked)) == {*FIELDS, "currency", "x:Segment", "disputed"}
