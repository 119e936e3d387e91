"""Is the number of invoices to learn from what a training would use, and no invoice counted before its answer is known?"""

from dataclasses import replace
from datetime import date

import pyarrow as pa

from insights.model.recipe import Recipe
from insights.model.training import train
from insights.model.training_size import Learnable, learnable
from tests.support.workspaces import ledger_of, year_of_invoices

AS_OF = date(2024, 4, 1)


def test_invoices_count_once_their_line_has_passed_however_they_ended() -> None:
    """1: on time. 2: 10 days late. 3: 40 days late. 4: open, 20 days past due, so late so far. 5: due on the as-of date."""
    ledger = ledger_of(
        """
        n a 1 2024-01-02 2024-02-01 2024-01-30 100 EUR
        n a 2 2024-01-02 2024-02-01 2024-02-11 100 EUR
        n a 3 2024-01-02 2024-02-01 2024-03-12 100 EUR
        n a 4 2024-02-11 2024-03-12 -          100 EUR
        n a 5 2024-03-02 2024-04-01 -          100 EUR
        """
    )
    found = learnable(ledger, AS_OF, Recipe())
    assert found == Learnable(on_time=1, late=2, very_late=1)
    assert not found.enough


def test_a_write_off_counts_as_very_late_or_not_at_all() -> None:
    ledger = ledger_of("n a 1 2024-01-02 2024-02-01 2024-03-12 100 EUR")
    written_off = replace(ledger, invoices=with_write_offs(ledger.invoices))
    assert learnable(written_off, AS_OF, Recipe()) == Learnable(on_time=0, late=0, very_late=1)
    assert learnable(written_off, AS_OF, Recipe(leave_out_write_offs=True)).total == 0


def with_write_offs(table: pa.Table) -> pa.Table:
    at = table.column_names.index("settled_by")
    return table.set_column(at, "settled_by", pa.array(["write_off"] * len(table)).cast(table["settled_by"].type))


def test_filters_and_the_training_start_leave_fewer() -> None:
    ledger = year_of_invoices(invoices=400)
    everything = learnable(ledger, date(2025, 1, 1), Recipe())
    assert everything.enough
    large = learnable(ledger, date(2025, 1, 1), Recipe(rows=("amount>=450",)))
    recent = learnable(ledger, date(2025, 1, 1), Recipe(training_start=date(2024, 10, 1)))
    assert 0 < large.total < everything.total
    assert 0 < recent.total < everything.total


def test_what_can_be_learned_from_is_what_training_learns_from() -> None:
    """An invoice counts if it was open on a day of the span up to its line: not one paid before the span, though due in it."""
    ledger, as_of = year_of_invoices(invoices=400), date(2025, 1, 1)
    for recipe in (Recipe(), Recipe(training_start=date(2024, 7, 10)), Recipe(rows=("amount>=450",))):
        assert learnable(ledger, as_of, recipe).total == train(ledger, as_of, recipe).metrics.counts.resolved
