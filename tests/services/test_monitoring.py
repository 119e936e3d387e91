"""Is what was really shown held against what happened since?"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from insights.ledger.ledger import Ledger
from insights.model.recipe import Recipe
from insights.services import monitoring, predictions, publishing
from insights.services.ledgers import commit
from insights.store import models
from insights.store.records import Scope
from tests.support.ledgers import START, ledger_of
from tests.support.workspaces import ME, opened, rates_model


def shown_ledger(until: date, paid: date | None) -> Ledger:
    """Four invoices due 1 April 2025; two are paid on 20 March, two on `paid`."""
    rows = [{"issue_date": date(2025, 3, 1), "due_date": date(2025, 4, 1), "paid_date": None} for _ in range(4)]
    if paid:
        rows = [row | {"paid_date": date(2025, 3, 20) if n < 2 else paid} for n, row in enumerate(rows)]
    return ledger_of(rows, complete_through=until, history_starts=START)


def test_what_was_really_shown_is_held_against_a_later_export(tmp_path: Path) -> None:
    """Shown on 11 March: 75 per cent on time for all four. By 31 May two are known to have been on time, two late."""
    store = opened(tmp_path)
    first = commit(store, shown_ledger(date(2025, 3, 10), None), actor=ME)
    model_id = models.save(store, rates_model(date(2025, 3, 1)), first.id, actor=ME)
    predictions.of_model(store, first.id, model_id, date(2025, 3, 11), actor=ME)
    assert monitoring.shown(store, first.id) == []
    later = commit(store, shown_ledger(date(2025, 5, 31), date(2025, 4, 9)), after=first.id, actor=ME)
    (found,) = monitoring.shown(store, later.id)
    assert (found.as_of, found.shown, found.answered) == (date(2025, 3, 11), 4, 4)
    assert found.predicted == pytest.approx(0.75)
    assert found.happened == 0.5
    assert (found.flagged, found.flagged_late) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize(("leave_out", "answered", "happened"), [(False, 4, 0.5), (True, 2, 1.0)])
def test_what_was_written_off_was_not_paid_that_day(*, leave_out: bool, answered: int, happened: float, tmp_path: Path) -> None:
    """Due 1 April with five days of grace; two are paid on 20 March, two written off on 3 April: very late, or left out."""
    store, shown_on = opened(tmp_path), date(2025, 3, 11)
    first = commit(store, shown_ledger(date(2025, 3, 10), None), actor=ME)
    recipe = Recipe(grace_days=5, leave_out_write_offs=leave_out)
    model_id = models.save(store, replace(rates_model(date(2025, 3, 1)), recipe=recipe), first.id, actor=ME)
    predictions.of_model(store, first.id, model_id, shown_on, actor=ME)
    later = shown_ledger(date(2025, 5, 31), date(2025, 4, 3))
    place, kind = later.invoices.column_names.index("settled_by"), later.invoices["settled_by"].type
    how = pa.array(["payment", "payment", "write_off", "write_off"], kind)
    written_off = replace(later, invoices=later.invoices.set_column(place, later.invoices.field(place), how))
    newest = commit(store, written_off, after=first.id, actor=ME)
    (found,) = monitoring.shown(store, newest.id)
    assert (found.shown, found.answered, found.happened) == (4, answered, happened)


def two_companies(until: date, paid: date | None) -> Ledger:
    """Of north and south two invoices each, due 1 April 2025, both of south paid on 20 March, north's on `paid`."""
    days = {"north": paid, "south": date(2025, 3, 20) if paid else None}
    rows = [
        {"company": company, "issue_date": date(2025, 3, 1), "due_date": date(2025, 4, 1), "paid_date": days[company]}
        for company in ("north", "south", "north", "south")
    ]
    return ledger_of(rows, complete_through=until, history_starts=START)


@pytest.mark.slow
def test_each_invoice_counts_as_the_model_in_force_for_its_company_showed_it(tmp_path: Path) -> None:
    """As of 11 March all was 75 per cent on time; north then had 40 per cent, below 50. What was only tried said 10.

    After the later export came, 20 per cent was published for all: nobody had seen that before the answers were known.
    """
    store = opened(tmp_path)
    first, as_of = commit(store, two_companies(date(2025, 3, 10), None), actor=ME), date(2025, 3, 11)
    everybody, north, tried, after = (
        models.save(store, rates_model(date(2025, 3, 1), late=1 - on_time), first.id, actor=ME)
        for on_time in (0.75, 0.4, 0.1, 0.2)
    )
    seen = publishing.publish(store, everybody, replaces=None, actor=ME)
    predictions.active(store, first.id, as_of, actor=ME)
    publishing.publish(store, north, replaces=None, scope=Scope("north"), actor=ME)
    predictions.active(store, first.id, as_of, actor=ME)
    predictions.of_model(store, first.id, tried, as_of, actor=ME)
    later = commit(store, two_companies(date(2025, 5, 31), date(2025, 4, 9)), actor=ME)
    publishing.publish(store, after, replaces=seen.id, actor=ME)
    predictions.of_model(store, first.id, after, as_of, actor=ME)

    (found,) = monitoring.shown(store, later.id)
    assert set(found.models) == {everybody, north}
    assert (found.shown, found.answered, found.happened) == (4, 4, 0.5)
    assert found.predicted == pytest.approx((2 * 0.75 + 2 * 0.4) / 4)
    assert (found.flagged, found.flagged_late) == (2, 2)
    (of_north,) = monitoring.shown(store, later.id, ("north",))
    assert of_north.models == (north,)
    assert of_north.predicted == pytest.approx(0.4)
    assert of_north.happened == 0


@pytest.mark.slow
def test_what_was_published_but_never_scored_does_not_replace_what_was_shown(tmp_path: Path) -> None:
    store = opened(tmp_path)
    first, as_of = commit(store, two_companies(date(2025, 3, 10), None), actor=ME), date(2025, 3, 11)
    seen, unseen = (
        models.save(store, rates_model(date(2025, 3, 1), late=1 - on_time), first.id, actor=ME) for on_time in (0.75, 0.4)
    )
    entry = publishing.publish(store, seen, replaces=None, actor=ME)
    predictions.of_model(store, first.id, seen, as_of, actor=ME)
    publishing.publish(store, unseen, replaces=entry.id, actor=ME)
    later = commit(store, two_companies(date(2025, 5, 31), date(2025, 4, 9)), actor=ME)
    (found,) = monitoring.shown(store, later.id)
    assert found.models == (seen,)
    assert found.predicted == pytest.approx(0.75)
