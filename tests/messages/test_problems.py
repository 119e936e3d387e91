"""Are problems and what is ignored said in the right number?"""

import pytest

from insights.messages import problems as words


def test_counts_are_said_in_the_right_number() -> None:
    assert [words.ignored("blank", count) for count in (1, 2, 1234)] == ["1 blank line", "2 blank lines", "1,234 blank lines"]
    assert words.ignored("total") == "totals"
    assert [words.ignored(code, 1) for code in ("repeated_header", "title", "footer")] == [
        "1 repeated header",
        "1 title line",
        "1 footer",
    ]


@pytest.mark.parametrize("code", words.IGNORED)
def test_what_is_ignored_has_a_name_for_one_and_for_many(code: str) -> None:
    assert words.ignored(code, 1) != words.ignored(code, 2).replace("2", "1")


@pytest.mark.parametrize("code", words.PROBLEMS)
def test_a_reason_without_a_value_is_whole(code: str) -> None:
    said = words.reason(code)
    assert not set("…{}[]|") & set(said)
    assert "  " not in said


def test_a_reason_says_the_same_with_and_without_its_value() -> None:
    assert words.reason("due_before_issue") == "due before it was issued"
    assert words.reason("amount_absurd") == "the amount is too large to be one"
    assert words.reason("date_far") == "it lies years away from nearly all other dates of this column"
