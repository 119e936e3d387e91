"""Do the figures show the values they were given, in the agreed colours, and nothing that a name smuggles in?"""

import doctest
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights import charts, portfolio
from insights.charts import figures
from insights.ledger.outcomes import BUCKETS


def customers(count: int, currency: str = "EUR", name: str = "Customer") -> pa.Table:
    """Customers with falling amounts: the first owes most, a tenth of it on time, half late, the rest very late."""
    owed = [1_000_00 * (count - at) for at in range(count)]
    return portfolio.customers(
        pa.table(
            {
                "company": [""] * count,
                "customer_id": [f"C{at}" for at in range(count)],
                "customer_name": [name] * count,
                "currency": [currency] * count,
                "outstanding": pa.array(owed, pa.int64()),
                "p_on_time": [0.1] * count,
                "p_late": [0.5] * count,
                "p_very_late": [0.4] * count,
            }
        )
    )


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(figures) == doctest.TestResults(failed=0, attempted=1)


def test_customers_are_stacked_in_the_three_buckets_with_their_colours_and_patterns() -> None:
    figure = charts.customers(customers(1), "EUR")
    assert [(bar.name, list(bar.x)) for bar in figure.data] == [("On time", [100.0]), ("Late", [500.0]), ("Very late", [400.0])]
    assert [bar.marker.color for bar in figure.data] == ["#0072B2", "#E69F00", "#D55E00"]
    assert len({bar.marker.pattern.shape for bar in figure.data}) == 3
    assert figure.layout.barmode == "stack"


def test_customers_beyond_the_top_are_one_bar_of_others_and_no_money_is_lost() -> None:
    table = customers(20)
    figure = charts.customers(table, "EUR", top=5)
    assert figure.data[0].y[-1] == "15 others"
    assert figure.data[0].customdata[-1][1] == charts.OTHERS
    drawn = sum(sum(bar.x) for bar in figure.data)
    assert drawn == pytest.approx(sum(table["outstanding"].to_pylist()) / 100)


def test_points_carry_the_company_and_the_customer_id_as_they_are() -> None:
    assert charts.customers(customers(2), "EUR").data[2].customdata[0] == ["", "C0", "40%"]


def test_a_name_cannot_become_a_link_and_two_customers_of_one_name_stay_apart() -> None:
    figure = charts.customers(customers(2, name='<a href="https://x.example">pay</a>'), "EUR")
    assert "<" not in "".join(figure.data[0].y)
    assert len(set(figure.data[0].y)) == 2


def test_amounts_of_a_currency_without_minor_units_are_drawn_whole() -> None:
    assert charts.customers(customers(1, "JPY"), "JPY").data[0].x == (10_000.0,)


def test_a_ledger_that_names_no_currency_has_none_on_its_axes() -> None:
    figure = charts.customers(customers(1, "XXX"), "XXX")
    assert figure.layout.xaxis.title.text == ""
    assert "XXX" not in figure.data[0].hovertemplate


def test_without_a_model_what_is_due_is_drawn_instead() -> None:
    opened = pa.table(
        {
            "company": ["", ""],
            "customer_id": ["A", "A"],
            "customer_name": ["A", "A"],
            "currency": ["EUR", "EUR"],
            "outstanding": pa.array([300, 500], pa.int64()),
            "due_date": [date(2026, 1, 31), date(2026, 1, 30)],
            "due_by": [date(2026, 1, 31), date(2026, 1, 30)],
            "days_past_due": pa.array([0, 1], pa.int32()),
        }
    )
    figure = charts.customers(portfolio.owing(opened), "EUR", charts.OWED)
    assert [(bar.name, list(bar.x)) for bar in figure.data] == [("Not yet due", [3.0]), ("Overdue", [5.0])]


def test_steps_lead_from_an_average_invoice_to_this_one() -> None:
    """From 50 per cent, punctuality takes 38.4 points and the terms give 15.3 back: in the end 27 per cent."""
    (bars,) = charts.steps(0.5, [("Punctuality", -38.4), ("Terms", 15.3)]).data
    ends = [start + length for start, length in zip(bars.base, bars.x, strict=True)]
    assert ends == pytest.approx([50.0, 11.6, 26.9, 26.9])
    assert list(bars.base[1:3]) == pytest.approx([50.0, 11.6])
    assert list(bars.customdata) == ["50%", "50% to 12%", "12% to 27%", "27%"]
    assert list(bars.text) == ["50%", "\N{MINUS SIGN}38", "+15", "27%"]
    assert list(bars.marker.color[1:3]) == [charts.WORSE, charts.BETTER]


def test_a_long_name_beside_a_step_goes_on_below_and_is_never_cut() -> None:
    (bars,) = charts.steps(0.5, [("How late this customer usually pays <b>", 10.0)]).data
    assert bars.y[1] == "How late this customer<br>usually pays &lt;b&gt;"


def test_a_step_towards_very_late_is_drawn_as_harm() -> None:
    (bars,) = charts.steps(0.5, [("Overdue now", 10.0)], of="very_late").data
    assert bars.marker.color[1] == charts.WORSE


@pytest.mark.slow
@given(st.floats(0, 1), st.lists(st.floats(-9, 9), min_size=1, max_size=6))
def test_the_figures_on_the_steps_add_up_as_they_are_shown(base: float, moves: list[float]) -> None:
    (bars,) = charts.steps(base, [(f"Theme {at}", move) for at, move in enumerate(moves)]).data
    numbers = [int(text.replace("\N{MINUS SIGN}", "-") or 0) for text in bars.text[1:-1]]
    assert round(100 * base) + sum(numbers) == round(bars.x[-1] + bars.base[-1])


def test_history_has_a_column_for_each_month() -> None:
    months = pa.table(
        {"month": [date(2026, 1, 1), date(2026, 2, 1)], "on_time": [5, 1], "late": [2, 0], "very_late": [0, 3]},
    )
    figure = charts.history(months)
    assert list(figure.data[0].x) == ["Jan 2026", "Feb 2026"]
    assert [list(bar.y) for bar in figure.data] == [[5, 1], [2, 0], [0, 3]]


def test_confusion_writes_counts_and_shares_of_what_happened() -> None:
    figure = charts.confusion([[8, 2, 0], [5, 5, 0], [0, 0, 0]])
    assert [cell.text for cell in figure.layout.annotations[:3]] == ["8<br>80%", "2<br>20%", "0<br>0%"]
    assert figure.data[0].z[1][0] == 0.5


def test_the_three_probabilities_fill_the_bar() -> None:
    assert [bar.x[0] for bar in charts.probabilities([0.2, 0.5, 0.3]).data] == [0.2, 0.5, 0.3]


def test_influence_is_drawn_in_the_order_given() -> None:
    assert list(charts.importance(["Share late", "Amount"], [0.6, 0.4]).data[0].text) == ["60%", "40%"]


def test_effects_are_strips_of_points_coloured_by_the_rank_of_their_value() -> None:
    values, moves = np.array([1.0, 5.0, np.nan]), np.array([-0.5, 0.5, 0.0])
    (strip,) = charts.effects(["Share late"], [values], [moves]).data
    assert list(strip.x) == [-0.5, 0.5, 0.0]
    assert list(strip.marker.color) == [0.0, 1.0, 0.5]


def test_dependence_shows_one_field_coloured_by_another() -> None:
    (points,) = charts.dependence("A", np.array([1.0, 2.0]), np.array([0.1, 0.2]), "B", np.array([9.0, 3.0])).data
    assert list(points.x) == [1.0, 2.0]
    assert list(points.marker.color) == [1.0, 0.0]


def test_what_two_fields_do_together_is_called_so() -> None:
    one, other = np.array([1.0, 2.0]), np.array([9.0, 3.0])
    figure = charts.dependence("A", one, np.array([0.1, 0.2]), "B", other, together=True)
    assert figure.layout.yaxis.title.text == "Both together move the log-odds"


def test_pairs_of_fields_are_named_on_two_lines_and_nothing_in_a_name_is_markup() -> None:
    (bars,) = charts.pairs([("Amount", "<b>Own</b>")], [0.123]).data
    assert list(bars.y) == ["Amount<br>× &lt;b&gt;Own&lt;/b&gt;"]
    assert list(bars.text) == ["0.123"]


def test_ageing_is_drawn_in_major_units() -> None:
    assert list(charts.ageing(portfolio.AGES, [100, 0, 0, 0, 0, 250], "EUR").data[0].y) == [1.0, 0, 0, 0, 0, 2.5]


def test_reliability_stands_beside_the_line_of_a_perfect_one() -> None:
    figure = charts.reliability([(0.1, 0.2, 10), (0.9, 0.8, 40)])
    assert list(figure.data[0].x) == [0, 1]
    assert list(figure.data[1].y) == [0.2, 0.8]


def test_every_figure_survives_having_nothing_to_show() -> None:
    nothing = customers(1).slice(0, 0)
    assert charts.customers(nothing, "EUR").data[0].x == ()
    assert len(charts.steps(0.0, []).data[0].x) == 2
    assert charts.importance([], []).data[0].x == ()
    assert charts.history(pa.table({"month": pa.array([], pa.date32()), **{name: pa.array([], pa.int64()) for name in BUCKETS}}))
