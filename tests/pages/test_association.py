"""Is of calls only said what is beyond the week before, and calibration split by who was contacted?"""

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from tests.evaluation.test_contacted import cases, groups
from tests.support.screens import rows, said


def drawn(function: str, table: pa.Table) -> AppTest:
    """A screen of one function of `pages/ui/worklist/association.py`."""
    rows = table.to_pylist()
    script = f"""
import pyarrow as pa
from insights.evaluation.contacted import CASES
from pages.ui.worklist import association
association.{function}(pa.Table.from_pylist({rows!r}, schema=CASES))
"""
    app = AppTest.from_string(script, default_timeout=60).run()
    assert not app.exception
    return app


@pytest.mark.slow
def test_what_stood_there_in_the_week_before_is_not_shown() -> None:
    after = groups(40, before=False, contacted_pay=8, others_pay=4)
    hidden = drawn("show", cases(*after, *groups(40, before=True, contacted_pay=8, others_pay=4)))
    assert list(rows(hidden).columns) == ["Group", "Customers", "Invoices"]
    assert "the same customers differed as much" in said(hidden)
    apart = drawn("show", cases(*after, *groups(40, before=True, contacted_pay=5, others_pay=5)))
    table = rows(apart)
    assert table[["Predicted", "Paid"]].to_numpy().tolist() == [["50%", "80%"], ["50%", "40%"]]
    assert table["Paid less predicted"][0].startswith("+30.0 points (")
    assert "contacted customers paid more than predicted: +40.0 points" in said(apart)
    assert "An association, not an effect" in said(apart)


@pytest.mark.slow
def test_calibration_stands_for_contacted_and_others_apart() -> None:
    app = drawn("calibration", cases(*groups(40, before=False, contacted_pay=8, others_pay=4)))
    assert "**Contacted**: 40 invoices" in said(app)
    assert len(app.get("plotly_chart")) == 2
    assert "Too few to hold" in said(drawn("calibration", cases(*groups(5, before=False, contacted_pay=8, others_pay=4))))
