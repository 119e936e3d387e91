"""Is the number of a noun that which its count asks for?"""

import doctest

import pytest

from insights.messages import plurals
from insights.messages.problems import counted, ignored, number


def test_the_examples_in_the_docstring_hold() -> None:
    assert doctest.testmod(plurals).failed == 0


@pytest.mark.parametrize(("count", "words"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries"), (1001, "1,001 entries")])
def test_a_count_is_said_with_its_noun(count: int, words: str) -> None:
    assert counted(count, "entry", "entries") == words


def test_a_sentence_takes_the_number_of_its_count_in_all_its_words() -> None:
    assert number("[row|rows] that [has|have] no date", 1) == "row that has no date"
    assert number("[row|rows] that [has|have] no date", None) == "rows that have no date"
    assert ignored("hidden", 1) == "1 hidden row"
