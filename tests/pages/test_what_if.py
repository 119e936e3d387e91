"""What would be if an invoice were another?"""

from datetime import date

import pytest

from tests.support.screens import figures, screen


@pytest.mark.slow
@pytest.mark.usefixtures("published")
def test_supposing_a_later_due_date_makes_an_overdue_invoice_possible_again() -> None:
    """Invoice 2 is overdue: on time with 0 per cent. Were it due on 2 April, the model's 75 per cent would hold."""
    app = screen("invoice.py", company="north", invoice="2")
    assert figures(app)["On time"][0] == "0%"
    next(each for each in app.toggle if each.label.startswith("What if")).set_value(True).run()
    assert [metric.delta for metric in app.metric if metric.label == "On time"][-1] == "as it is"
    next(each for each in app.date_input if each.label == "Due date").set_value(date(2024, 4, 2)).run()
    assert not app.exception
    supposed = next(metric for metric in app.metric if metric.label == "On time" and "points" in metric.delta)
    assert (supposed.value, supposed.delta) == ("75%", "+75.0 points")
