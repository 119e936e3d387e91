"""Which ledger, day and model does an address show?"""

from datetime import date

import pytest

from insights.portfolio import worklist
from insights.portfolio.worklist import NOT_DUE, WorklistFilter
from insights.store import ledgers, publications
from insights.store.store import Store
from tests.support.screens import lists, rows, said, screen


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"ledger": "nonsense"}, "names a ledger that is not here"),
        ({"as_of": "yesterday"}, "is not a date"),
        ({"as_of": "2027-01-01"}, "everything would look unpaid"),
        ({"as_of": "2020-01-01"}, "nothing was known"),
        ({"model": "nonsense"}, "model"),
    ],
)
@pytest.mark.usefixtures("sample_workspace")
def test_a_link_that_cannot_be_shown_says_why_and_offers_a_way_out(asked: dict[str, str], sentence: str) -> None:
    app = screen("open_invoices", **asked)
    assert not app.exception
    assert sentence in said(app)
    next(button for button in app.button if button.label == "Show the newest ledger").click().run()
    assert app.button[0].label != "Show the newest ledger"
    assert len(lists(app)) == 1


def test_a_model_may_not_speak_of_days_before_its_training(sample_workspace: Store) -> None:
    published = publications.active(sample_workspace)
    assert published
    app = screen("open_invoices", model=published.model_id, as_of="2026-06-01")
    assert "has seen what happened" in said(app)


def test_on_a_past_day_without_a_model_the_ledger_is_shown_without_probabilities(sample_workspace: Store) -> None:
    app = screen("open_invoices", as_of="2026-06-01")
    ledger = ledgers.load(sample_workspace)
    total = worklist.tabs(worklist.unscored(ledger, date(2026, 6, 1)), WorklistFilter())[NOT_DUE]
    assert "No model may predict as of 1 Jun 2026" in said(app)
    assert "Train as of this date" in [button.label for button in app.button]
    assert app.button(key="tab_not_due").label.startswith(f"**Not yet due** · {total.count} · ")
    assert not {"circle", "likely", "reason"} & set(rows(app).columns)


@pytest.mark.usefixtures("sample_workspace")
def test_the_as_of_date_of_the_sidebar_goes_into_the_address_and_back() -> None:
    app = screen("open_invoices")
    app.date_input(key="chosen_as_of").set_value(date(2026, 6, 1)).run()
    assert app.query_params["as_of"] == "2026-06-01"
    assert "model" not in app.query_params
    next(button for button in app.button if button.label == "Back to 31 Oct 2026").click().run()
    assert app.query_params["as_of"] == "2026-10-31"
    assert "model" in app.query_params


@pytest.mark.slow
def test_where_people_sign_in_a_run_that_nobody_stands_behind_shows_nothing(
    small_workspace: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a run came to be without a session: no row, no total, no link to a page."""
    assert "acme" in str(lists(screen("customers")))
    monkeypatch.setenv("INSIGHTS_SIGN_IN", "password")
    app = screen("customers")
    assert "You are signed out." in said(app)
    assert lists(app) == []
    assert "acme" not in said(app)
    assert [each.label for each in app.button] == []
    assert ledgers.listed(small_workspace)
