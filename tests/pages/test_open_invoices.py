"""Does the list hold what the sample ledger holds, in the order of what can be prevented?"""

from dataclasses import replace

import pytest

from insights import messages
from insights.portfolio import worklist
from insights.portfolio.snapshot import in_order
from insights.portfolio.worklist import ALL, LIKELY_VERY_LATE, NOT_DUE_FLAGGED, OVERDUE, WorklistFilter
from insights.services import publishing
from insights.store import publications
from insights.store.store import Store
from pages.ui.shared import format as fmt
from tests.support.damage import flip
from tests.support.sample import source
from tests.support.screens import circled, rows, said, screen
from tests.support.workspaces import ME


def test_the_list_opens_on_what_can_still_be_prevented(sample_workspace: Store) -> None:
    app = screen("open_invoices")
    totals = worklist.tabs(source(sample_workspace), WorklistFilter())
    for tab, label in ((NOT_DUE_FLAGGED, "Not yet due, flagged"), (OVERDUE, "Overdue"), (ALL, "All")):
        total = totals[tab]
        assert app.button(key=f"tab_{tab}").label == f"**{label}** · {total.count} · {fmt.short_moneys(total.sums)}"
    expected = worklist.select(source(sample_workspace), WorklistFilter())
    assert rows(app)["invoice"].tolist() == expected.rows["invoice_id"].to_pylist()
    assert all(circled(app))
    assert f"{totals[NOT_DUE_FLAGGED].count} invoices, outstanding {fmt.moneys(expected.total.sums)}" in said(app)


def test_predictions_that_are_not_as_written_are_computed_again_while_the_server_runs(sample_workspace: Store) -> None:
    app = screen("open_invoices")
    before = rows(app)
    (path,) = sample_workspace.home.glob("predictions/*/*/????-??-??.parquet")
    sound = path.read_bytes()
    flip(path, 8 * len(sound) // 3)
    assert rows(app.run()).equals(before)
    assert path.read_bytes() == sound


def test_the_first_row_is_the_largest_amount_at_risk(sample_workspace: Store) -> None:
    first = rows(screen("open_invoices")).iloc[0]
    everything = worklist.selected(source(sample_workspace), WorklistFilter(currencies=("EUR",))).to_pylist()
    largest = max(everything, key=lambda row: row["outstanding"] * (1 - row["p_on_time"]))
    assert first["invoice"] == largest["invoice_id"]
    assert first["customer"] == largest["customer_name"]
    assert first["outstanding"] == fmt.amount(largest["outstanding"], largest["currency"])
    p = [largest["p_on_time"], largest["p_late"], largest["p_very_late"]]
    assert first["likely"] == " · ".join(fmt.percents(p, 0.5))
    assert first["due"] == f"due in {-largest['days_past_due']} days"
    assert first["reason"] == messages.reason(in_order(largest["reasons"], flagged=True)[0], largest["due_date"])


def test_a_tab_changes_the_list_and_the_address(sample_workspace: Store) -> None:
    app = screen("open_invoices", page="2")
    app.button(key="tab_overdue").click().run()
    assert app.query_params["tab"] == "overdue"
    assert "page" not in app.query_params
    expected = worklist.select(source(sample_workspace), WorklistFilter(tab=OVERDUE), sort=LIKELY_VERY_LATE)
    assert rows(app)["invoice"].tolist() == expected.rows["invoice_id"].to_pylist()


def test_filters_come_from_the_address_and_go_back_into_it(sample_workspace: Store) -> None:
    app = screen("open_invoices", tab="all", q="lind", currencies="EUR", amount_from="1000", days_to="10")
    wanted = WorklistFilter(tab=ALL, search="lind", currencies=("EUR",), outstanding=(1000, None), past_due=(None, 10))
    assert rows(app)["invoice"].tolist() == _numbers(sample_workspace, wanted)
    app.text_input(key="filter_q").set_value("grün").run()
    assert app.query_params["q"] == "grün"
    assert rows(app)["invoice"].tolist() == _numbers(sample_workspace, replace(wanted, search="grün"))


@pytest.mark.usefixtures("sample_workspace")
def test_nothing_found_offers_to_clear_the_filters() -> None:
    app = screen("open_invoices", q="nobody has this name")
    assert "No open invoice matches these filters." in said(app)
    next(button for button in app.button if button.label == "Clear the filters").click().run()
    assert "q" not in app.query_params
    assert len(rows(app)) == 50


@pytest.mark.parametrize(
    "asked",
    [{"tab": "nonsense"}, {"page": "x"}, {"page": "-3"}, {"sort": "; DROP"}, {"days_from": "much"}, {"currencies": "ZZZ"}],
)
@pytest.mark.usefixtures("sample_workspace")
def test_nonsense_in_the_address_falls_back_to_the_defaults(asked: dict[str, str]) -> None:
    app = screen("open_invoices", **asked)
    assert not app.exception
    assert len(rows(app)) == 50


def test_paging_goes_through_the_whole_selection(sample_workspace: Store) -> None:
    overdue = worklist.selected(source(sample_workspace), WorklistFilter(tab=OVERDUE), sort=LIKELY_VERY_LATE)
    everything = overdue["invoice_id"].to_pylist()
    shown: list[str] = []
    for page in range(1, -(-len(everything) // 50) + 1):
        shown += rows(screen("open_invoices", tab="overdue", page=str(page)))["invoice"].tolist()
    assert shown == everything


def test_a_threshold_belongs_to_the_publication(sample_workspace: Store) -> None:
    """Published anew with 30 per cent: fewer are flagged, and none that is shown has 30 per cent or more."""
    before = publications.active(sample_workspace)
    assert before
    publishing.publish(sample_workspace, before.model_id, replaces=before.id, threshold=0.3, actor=ME)
    shown = rows(screen("open_invoices"))
    expected = worklist.select(source(sample_workspace), WorklistFilter(threshold=0.3))
    assert shown["invoice"].tolist() == expected.rows["invoice_id"].to_pylist()


def _numbers(workspace: Store, wanted: WorklistFilter) -> list[str]:
    found: list[str] = worklist.selected(source(workspace), wanted)["invoice_id"].to_pylist()
    return found
