"""Does each row of the table leave out what it says, and does every field of habit stand in one group?"""

from collections import Counter

from benchmarks.ablation import GROUPS, HABITS, WHOLE, left_out
from benchmarks.past_models import development_dates
from insights.evaluation import month_starts
from insights.model.recipe import Recipe
from tests.support.ledgers import small_ledger


def test_every_field_of_habit_is_in_one_group() -> None:
    assert Counter(name for fields in GROUPS.values() for name in fields) == Counter(HABITS)
    assert left_out()[WHOLE] == ()
    assert left_out()["without any habit"] == HABITS


def test_dates_of_development_lie_before_the_last_third() -> None:
    """The first days of October, November and December can be replayed; December is for the end."""
    recipe = Recipe(very_late_days=15)
    assert [when.month for when in month_starts(small_ledger(), recipe)] == [10, 11, 12]
    assert [when.month for when in development_dates(small_ledger(), recipe, 5)] == [10, 11]
    assert [when.month for when in development_dates(small_ledger(), recipe, 1)] == [10]
