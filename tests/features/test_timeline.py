"""Lists of events in order, and what is read from them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insights.features.events import ranks
from insights.features.timeline import Timeline, sorted_order

numbers = st.one_of(st.integers(-5, 5), st.integers(-(2**62), 2**62), st.integers(0, 2**40))


@given(st.lists(numbers, max_size=30))
def test_keys_are_ordered_as_by_a_stable_sort(key: list[int]) -> None:
    """Oracle: Python's sort; numbers too far apart to share 63 bits with their place included."""
    assert sorted_order(np.array(key, np.int64)).tolist() == sorted(range(len(key)), key=key.__getitem__)


@given(st.lists(st.integers(0, 20), max_size=30))
def test_a_rank_is_the_place_among_the_different_values(value: list[int]) -> None:
    different = sorted(set(value))
    assert ranks(np.array(value, np.int64)).tolist() == [different.index(number) for number in value]


def test_the_ranks_of_few_values_that_are_far_apart_take_no_more_memory_than_the_values() -> None:
    """A mark for each number up to the largest would take four exabytes."""
    assert ranks(np.array([2**62, 0, 2**62, 2**61], np.int64)).tolist() == [2, 0, 2, 1]


def test_a_timeline_marks_the_first_event_of_each_customer_and_day() -> None:
    """Customer 0 twice on day 5 and once on day 6, customer 1 on day 5."""
    timeline = Timeline(np.array([0, 1, 0, 0], np.int32), np.array([5, 5, 6, 5], np.int32))
    assert timeline.order.tolist() == [0, 3, 2, 1]
    assert timeline.begins.tolist() == [True, False, True, True]
    nobody = np.zeros(0, np.int32)
    assert Timeline(nobody, nobody).begins.tolist() == []
