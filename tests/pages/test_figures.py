"""Are the figures what their inputs make, beside their goals, with the invoices behind them?"""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from insights.services import agreements
from insights.services import figures as figure_service
from insights.services.agreements import Entry
from insights.services.ledgers import commit
from insights.store import ledgers, models
from insights.store.store import Store
from tests.support.screens import figures, rows, said, screen
from tests.support.workspaces import ME, ledger_of, rates_model

LEDGER = """
    north A 1 2024-01-05 2024-02-04 -          10000 EUR
    north A 2 2024-02-01 2024-03-02 2024-03-12 60000 EUR
    north B 3 2024-02-01 2024-03-02 -          30000 EUR
    south C 4 2023-11-01 2023-12-01 -            700 JPY
"""


@pytest.fixture
def kept(workspace: Store) -> Store:
    """In the 90 days to 1 April: sales 1 000.00 EUR, of which 400.00 are open and past due; 600.00 were paid 10 days late."""
    commit(workspace, ledger_of(LEDGER, history_starts=date(2023, 6, 1)), actor=ME)
    return workspace


@pytest.mark.usefixtures("kept")
def test_tiles_have_the_figure_and_its_change_since_the_month_before() -> None:
    shown = figures(screen("figures.py"))
    assert shown["DSO"] == ("36 days", "-54.0 days")
    assert shown["CEI"] == ("60.0%", "+60.0 points")
    assert shown["Days beyond terms"][0] == "10 days"
    assert shown["Paid on time, by amount"] == ("0.0%", "")
    assert shown["Amount at risk"] == ("—", "no model for this day")


@pytest.mark.usefixtures("kept")
def test_a_figure_of_yen_without_sales_is_a_dash() -> None:
    shown = figures(screen("figures.py", currency="JPY"))
    assert (shown["DSO"][0], shown["Over 90 days"][0]) == ("—", "100.0%")


@pytest.mark.usefixtures("kept")
def test_a_figure_has_its_formula_inputs_and_invoices() -> None:
    app = screen("figures.py", figure="days_beyond_terms")
    assert "weighted by amount" in said(app)
    assert "EUR 600.00" in said(app)
    assert "Behind it: 1 invoice, EUR 600.00" in said(app)
    assert rows(app, -1)["state"].tolist() == ["paid 10 days late"]


@pytest.mark.usefixtures("kept")
@pytest.mark.slow
def test_figures_of_one_customer() -> None:
    assert figures(screen("figures.py", account="B"))["DSO"][0] == "90 days"
    assert "Nothing is open" in said(screen("figures.py", account="nobody"))


@pytest.mark.slow
def test_promises_of_the_last_90_days_are_counted_with_what_came_of_each(kept: Store) -> None:
    """As of 5 March A promises invoice 2 for 11 March, which came on the 12th: kept. B promises for 20 March: broken."""
    ledger = ledgers.load(kept, ledgers.get(kept).id)
    assert "Promises kept" not in figures(screen("figures.py"))
    for customer, on in (("A", "2024-03-11"), ("B", "2024-03-20")):
        invoice = {"A": "2", "B": "3"}[customer]
        entry = Entry("promise", "north", customer, ((invoice, "1"),), {"on": on})
        agreements.enter(kept, ledger, date(2024, 3, 5), [entry], actor=ME)
    app = screen("figures.py")
    assert figures(app)["Promises kept"] == ("50%", "1 of 2 judged")
    listed = rows(app, 1)
    assert list(zip(listed["customer"], listed["standing"], strict=True)) == [("B", "broken"), ("A", "kept")]
    assert figures(screen("figures.py", account="A"))["Promises kept"][0] == "100%"
    app = screen("figures.py", figure="promises_kept")
    assert "at most a day late, a hundredth short" in said(app)
    app.number_input(key="filter_goal_promises_kept").set_value(75.0).run()
    assert figure_service.goals(kept) == {"promises_kept": 0.75}


@pytest.mark.usefixtures("kept")
def test_what_moved_names_its_customers() -> None:
    moved = rows(screen("figures.py")).set_index("figure")
    assert moved.loc["ADD", "customers"] == "B +EUR 300"
    assert moved.loc["ADD", "direction"] == "worse"


@pytest.mark.slow
def test_a_goal_is_kept_with_who_set_it_and_may_be_taken_back(kept: Store) -> None:
    app = screen("figures.py", figure="paid_on_time")
    app.number_input(key="filter_goal_paid_on_time").set_value(80.0).run()
    assert figure_service.goals(kept) == {"paid_on_time": 0.8}
    assert app.number_input(key="filter_goal_paid_on_time").value == 80.0
    app.number_input(key="filter_goal_paid_on_time").set_value(None).run()
    assert figure_service.goals(kept) == {}


def choices_of(app: AppTest) -> list[str]:
    """The figures that can be looked at one by one."""
    return next(each.options for each in app.segmented_control if each.label == "Figure")


@pytest.mark.slow
def test_the_amount_at_risk_has_its_formula_goal_and_invoices_behind_it(kept: Store) -> None:
    """Without a model it is no choice; with one all that is past due is at risk: 400.00 of two invoices, most of it of B."""
    assert "Amount at risk" not in choices_of(screen("figures.py"))
    models.save(kept, rates_model(), ledgers.get(kept).id, actor=ME)
    app = screen("figures.py", figure="at_risk")
    assert "Amount at risk" in choices_of(app)
    assert "Outstanding × the probability of being paid late or very late" in said(app)
    assert "Behind it: 2 invoices, EUR 400.00" in said(app)
    assert rows(app, -1)["weight"].tolist() == ["300.00", "100.00"]
    assert "Past months come once past weeks are replayed" in said(app)
    app.number_input(key="filter_goal_at_risk").set_value(20.0).run()
    assert figure_service.goals(kept) == {"at_risk": 0.2}
