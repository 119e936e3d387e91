"""Which texts of a column are the same?"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from insights.ingest import repeats

DAYS = ["2026-01-05", "", "5 Jan (3)", "05/01/2026", "Ünpaid", "2026-01-05 "]
ROWS = repeats.FEWEST_ROWS + 7


def of_days() -> pa.ChunkedArray:
    """Six texts, again and again, in chunks one of which begins within a longer one."""
    texts = pa.array([DAYS[k * k % len(DAYS)] for k in range(ROWS)])
    return pa.chunked_array([texts[:100], texts.slice(100)])


def of_numbers(rows: int = ROWS) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([f"R-{number:07}-of-a-long-document-number" for number in range(rows)])])


@pytest.mark.parametrize("pattern", [r"^\W*\d|\d{4}", r"\(\d+\)$", r"^$"])
def test_what_a_pattern_says_of_few_texts_is_what_it_says_of_every_row(pattern: str) -> None:
    for column in (of_days(), of_numbers()):
        assert repeats.says(column, pattern).tolist() == pc.match_substring_regex(column, pattern).to_pylist()


def test_texts_are_encoded_in_the_order_of_their_first_rows_and_once_per_column() -> None:
    column = of_days()
    found = repeats.encoded(column)
    assert found.dictionary.to_pylist() == list(dict.fromkeys(column.to_pylist()))
    assert repeats.encoded(column) is found


def test_another_column_in_the_place_of_one_that_is_gone_is_encoded_by_itself() -> None:
    for number in range(50):
        column = pa.chunked_array([pa.array([str(number), "x"])])
        assert repeats.encoded(column).dictionary.to_pylist() == [str(number), "x"]


def test_document_numbers_that_all_differ_may_not_repeat() -> None:
    assert not repeats.may_repeat([of_numbers()]).any()


def test_rows_that_are_the_same_in_all_columns_may_repeat() -> None:
    numbers = pa.chunked_array([pa.array(["a", "b", "a", "a", ""]), pa.array(["b", ""])])
    amounts = np.array([1, -2, 1, 3, 0, -2, 7], np.int32)
    assert repeats.may_repeat([numbers, amounts]).tolist() == [True, True, True, False, False, True, False]


def test_texts_that_differ_only_far_behind_may_repeat_but_not_those_of_another_length() -> None:
    same = "x" * repeats.LONGEST
    column = pa.chunked_array([pa.array([same + "a", same + "b", same + "ab", "x\0", "x"])])
    assert repeats.may_repeat([column]).tolist() == [True, True, False, False, False]


def test_a_text_may_repeat_one_of_another_chunk_whatever_stands_beside_it() -> None:
    """Of the first chunk the longest text has 5 bytes, of the second 60: R-001 stands in both."""
    chunks = [pa.array(["R-001", "R-002"]), pa.array(["R-001", "R-" + "0" * 58, ""]), pa.array([], pa.string())]
    assert repeats.may_repeat([pa.chunked_array(chunks)]).tolist() == [True, False, True, False, False]


def test_no_row_repeats_nothing() -> None:
    assert repeats.may_repeat([pa.chunked_array([pa.array([], pa.string())])]).tolist() == []
