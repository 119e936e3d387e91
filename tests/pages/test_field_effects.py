"""Which fields act together?"""

import pytest

from insights import messages
from tests.support.screens import screen


@pytest.mark.slow
@pytest.mark.usefixtures("sample_workspace")
def test_the_fields_that_act_together_are_found_and_another_may_be_chosen() -> None:
    """At first the strongest field with its strongest partner; whichever is chosen instead is named beside the chart."""
    app = screen("models.py")
    next(each for each in app.toggle if each.label == "How do the fields act?").set_value(True).run(timeout=120)
    assert not app.exception
    field, partner = (next(each for each in app.selectbox if each.label == label) for label in ("Field", "Together with"))
    assert field.value not in partner.options
    assert any(messages.field(str(partner.value)) in each.value for each in app.caption)
    partner.select_index(3).run()
    assert not app.exception
    assert any(partner.options[3] in each.value for each in app.caption)
