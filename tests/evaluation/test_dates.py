"""Which past days are replayed, and which have too little behind or ahead of them?"""

from dataclasses import replace
from datetime import date

from insights.evaluation import (
    month_starts,
    replay_dates,
)
from insights.model.recipe import Recipe
from tests.support.ledgers import invented, small_ledger
from tests.support.replays import RECIPE


def test_replayed_days_have_a_past_behind_and_answers_ahead() -> None:
    """A year from 1 January 2025, with invoices of 30 days net: after 200 days, on 20 July. December's are not answered yet."""
    found = month_starts(small_ledger(), Recipe(very_late_days=15), history=200)
    assert found[0] == date(2025, 8, 1)
    assert found[-1] in {date(2025, 11, 1), date(2025, 12, 1)}
    assert month_starts(small_ledger(), Recipe(very_late_days=15), history=200, months=2) == found[::-1][::2][::-1]
    assert month_starts(small_ledger(), Recipe(very_late_days=15), history=1_000) == ()


def test_days_with_too_little_behind_them_to_train_on_are_not_replayed() -> None:
    """A hundred resolved invoices are needed: with 130 a year, that many are due only towards its end."""
    found = month_starts(invented(130), Recipe(very_late_days=15), history=100)
    everything = month_starts(small_ledger(), Recipe(very_late_days=15), history=100)
    assert len(found) < len(everything)
    for as_of in found:
        replay_dates(invented(130), [as_of], RECIPE)


def test_days_on_which_the_recipe_could_not_be_trained_are_not_replayed() -> None:
    """400 invoices a year, a hundred due ones needed: learning from 1 July on, too few are due before autumn."""
    everything = month_starts(small_ledger(), RECIPE, history=200)
    late_start = replace(RECIPE, training_start=date(2025, 7, 1))
    fewer = month_starts(small_ledger(), late_start, history=200)
    assert set(fewer) < set(everything)
    assert min(fewer) >= date(2025, 9, 1)
    replay_dates(small_ledger(), [min(fewer)], late_start)
    assert month_starts(small_ledger(), replace(RECIPE, rows=("amount>=999999999",)), history=200) == ()
