"""Is one customer under several ids remarked on the screen, merged, and merged again in the next version?"""

import pytest
from streamlit.testing.v1 import AppTest

from insights.store import ledgers
from insights.store.store import Store
from tests.support.screens import click, said, screen, standing

pytestmark = pytest.mark.slow  # files that are read

JANUARY = """Customer ID,Customer Name,Invoice No,Issue Date,Due Date,Paid Date,Amount,Currency
10,Alpha Ltd.,1,2026-01-05,2026-02-04,2026-02-10,100.00,EUR
11,ALPHA LIMITED,2,2026-01-20,2026-02-19,,250.50,EUR
12,Beta,3,2026-01-21,2026-02-20,,1.00,EUR
"""
FEBRUARY = JANUARY + "11,ALPHA LIMITED,4,2026-02-21,2026-03-20,,7.00,EUR\n"


def uploaded(content: str, name: str) -> AppTest:
    app = screen("ledgers")
    app.file_uploader[0].set_value((name, content.encode(), "text/csv"))
    return standing(app.run())


def customers(workspace: Store) -> list[str]:
    """Of the newest ledger, in the order of its invoices."""
    found: list[str] = ledgers.load(workspace).invoices["customer_id"].to_pylist()
    return found


def test_what_is_merged_once_is_merged_in_the_next_version_and_can_be_undone(workspace: Store) -> None:
    app = uploaded(JANUARY, "january.csv")
    assert "“Alpha Ltd. · 10”, “ALPHA LIMITED · 11”" in said(app)
    next(each for each in app.selectbox if each.label == "Customer 1: which one it is").set_value("10")
    standing(click(app, "Merge these"))
    assert "11 is 10" in said(app)
    standing(click(app, "Commit this ledger"))
    assert customers(workspace) == ["10", "10", "12"]
    app = uploaded(FEBRUARY, "february.csv")
    assert "11 is 10" in said(app)
    standing(click(app, "Commit this ledger"))
    assert customers(workspace) == ["10", "10", "12", "10"]
    app = standing(click(uploaded(FEBRUARY, "march.csv"), "Undo"))
    assert "11 is 10" not in said(app)
    standing(click(app, "Commit this ledger"))
    assert customers(workspace) == ["10", "11", "12", "11"]


@pytest.mark.usefixtures("workspace")
def test_customers_of_one_spelling_are_not_asked_about() -> None:
    app = uploaded(JANUARY.replace("ALPHA LIMITED", "Gamma"), "january.csv")
    assert not [each.label for each in app.expander if "several ids" in each.label]
