"""Which month is a word, in languages that differ?"""

import pytest

from insights.ingest.recognise.months import months


@pytest.mark.parametrize(
    ("word", "month"),
    [
        ("May", 5),
        ("marts", 3),
        ("ledna", 1),
        ("Şubat", 2),
        ("мая", 5),
        ("Σεπτεμβρίου", 9),
        ("ม.ค.", 1),
        ("يناير", 1),
        ("gegužės", 5),
        ("มี.ค.", 3),
    ],
)
def test_a_month_of_many_languages_is_read(word: str, month: int) -> None:
    assert months([word]) == {word: month}


def test_a_word_that_is_another_month_in_another_language_is_none_by_itself() -> None:
    assert months(["listopada"]) == {"listopada": 0}


@pytest.mark.parametrize(("other", "month"), [("studenoga", 10), ("grudnia", 11)])
def test_the_other_words_of_the_column_tell_its_language(other: str, month: int) -> None:
    """Croatian or Polish."""
    assert months(["listopada", other])["listopada"] == month


def test_what_is_no_month_is_none_and_takes_nothing_from_the_others() -> None:
    assert months(["Rechnung", "Mai"]) == {"Rechnung": 0, "Mai": 5}
