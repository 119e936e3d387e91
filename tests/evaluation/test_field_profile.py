"""Is each field described by what it holds?"""

from dataclasses import replace

import pyarrow as pa

from insights.evaluation.field_profile import described
from tests.support.workspaces import year_of_invoices


def test_a_column_of_text_has_as_many_values_as_the_file_and_is_missing_where_the_file_has_none() -> None:
    """Three sectors, every tenth invoice without one; of a model's encoding there are hundreds of values."""
    ledger = year_of_invoices(invoices=300)
    sectors = pa.array([None if number % 10 == 0 else "ABC"[number % 3] for number in range(300)])
    ledger = replace(ledger, invoices=ledger.invoices.append_column("x:sector", sectors), known_at_issue=("sector",))
    found = {each.name: each for each in described(ledger)}
    assert found["x:sector"].distinct == 3
    assert 0.05 < found["x:sector"].missing < 0.15
    assert found["due_weekday"].distinct == 7
    assert found["due_weekday"].missing == 0
