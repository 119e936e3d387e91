"""Are figures written so that they contradict nothing?"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.ledger.money import NO_CURRENCY
from pages.ui.shared import format as fmt


@given(st.floats(0, 1), st.sampled_from([0.5, 0.3, 0.05, 0.999, 1.0]))
def test_a_probability_is_never_written_so_that_it_contradicts_the_flag(p: float, threshold: float) -> None:
    text = fmt.percent(p, threshold)
    if text[0] not in "<>":
        assert (float(text.rstrip("%")) < threshold * 100) == (p < threshold)


@given(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)).filter(lambda p: sum(p) > 0))
def test_three_probabilities_are_written_so_that_they_sum_to_a_hundred(weights: tuple[float, float, float]) -> None:
    p = [weight / sum(weights) for weight in weights]
    texts = fmt.percents(p, 0.5)
    if not any(text[0] in "<>" for text in texts):
        assert sum(float(text.rstrip("%")) for text in texts) == pytest.approx(100, abs=1e-9)
        assert not any(text.startswith("-") for text in texts)


@pytest.mark.parametrize(
    ("p", "text"), [(0.0, "0%"), (0.004, "<1%"), (0.4996, "49.96%"), (0.5, "50%"), (0.996, ">99%"), (1.0, "100%"), (None, "—")]
)
def test_probabilities_near_the_ends_and_the_threshold(p: float | None, text: str) -> None:
    assert fmt.percent(p, 0.5) == text


def test_an_expected_date_stands_with_its_range() -> None:
    middle, late = date(2026, 12, 4), date(2027, 2, 3)
    assert fmt.expected(date(2026, 11, 20), middle, late) == "4 Dec 2026 (20 Nov 2026 to 3 Feb 2027)"
    assert fmt.expected(date(2026, 11, 20), middle, None) == "4 Dec 2026 (20 Nov 2026 to no end in sight)"
    assert fmt.expected(None, None, None) == "—"
    assert fmt.confidence("Low", no_history=True) == "Low, no history"
    assert fmt.past_due(1) == "1 day past due"
    assert fmt.past_due(-5) == "due in 5 days"


def test_amounts_have_the_decimals_of_their_currency() -> None:
    assert fmt.money(123456, "EUR") == "EUR 1,234.56"
    assert fmt.money(123456, "JPY") == "JPY 123,456"
    assert fmt.money(123456, "KWD") == "KWD 123.456"
    assert fmt.money(123456, "XXX") == "1,234.56"
    assert fmt.moneys({"GBP": 5, "EUR": 100}) == "EUR 1.00 · GBP 0.05"
    assert fmt.moneys({}) == "—"
    assert fmt.short_moneys({"EUR": 123456789}) == "EUR 1.2M"


def test_what_is_not_impossible_is_not_shown_as_none_and_the_three_still_add_up() -> None:
    """0.67 per cent very late beside 90.51 and 8.82: rounded one by one they would be 91, 9 and 1."""
    assert fmt.percents([0.9051, 0.0882, 0.0067], 0.5) == ("91%", "8%", "1%")
    assert fmt.percents([0.9051, 0.0067, 0.0882], 0.5) == ("91%", "1%", "8%")
    assert fmt.percents([0.0, 0.0, 1.0], 0.5) == ("0%", "0%", "100%")
    assert fmt.percents([0.993, 0.0065, 0.0005], 0.5)[2] == "<1%"


def test_both_ends_of_a_range_have_the_scale_of_their_currency() -> None:
    assert fmt.round_range(123_456, 200_000, "EUR") == "EUR 1,235 to 2,000"
    assert fmt.round_range(123_456, 200_000, "JPY") == "JPY 123,456 to 200,000"
    assert fmt.round_range(1_234_560, 2_000_000, "KWD") == "KWD 1,235 to 2,000"
    assert fmt.round_range(123_456, 200_000, NO_CURRENCY) == "1,235 to 2,000"
