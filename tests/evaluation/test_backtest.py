"""Replay of past days: who is judged, by which figures, with what certainty, and what a screen makes of it."""

from dataclasses import replace
from datetime import date
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from insights.evaluation import (
    Replay,
    difference,
    drift,
    exported,
    figures,
    flags,
    grade,
    month_starts,
    punctuality,
    replay_dates,
    slices,
    snapshot_at,
    trade_off,
)
from insights.evaluation.drift import psi
from insights.evaluation.report import report
from insights.features.dataset import open_book
from insights.jobs.leases import Claim
from insights.jobs.worker import command
from insights.ledger.ledger import Ledger
from insights.ledger.outcomes import Lines
from insights.messages import grades
from insights.model.recipe import Recipe
from insights.services import monitoring, predictions, publishing
from insights.services.ledgers import commit, delete
from insights.store import backtests, models
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.ledgers import DAY, START, invented, ledger_of, small_ledger
from tests.support.rewriting import rewritten
from tests.support.workspaces import ME, rates_model

RECIPE = Recipe(very_late_days=15)
LATER = START + 320 * DAY
DEFAULTS: dict[str, Any] = {
    "as_of": START,
    "customer": 0,
    "currency": "EUR",
    "outstanding": 100,
    "past": -5,
    "no_history": False,
    "due_date": START + 5 * DAY,
    "paid_date": START + 5 * DAY,
    "usual_delay": 0.0,
    "expected_date": START + 5 * DAY,
    "date_low": START + 5 * DAY,
    "date_high": START + 5 * DAY,
}
TYPES = {
    "as_of": pa.date32(), "customer": pa.int32(), "outstanding": pa.int64(), "past": pa.int32(), "outcome": pa.int8(),
    "due_date": pa.date32(), "paid_date": pa.date32(), "date_high": pa.date32(), "usual_delay": pa.float64(),
}  # fmt: skip


def rows_of(
    *said: tuple[float, float, float, int],
    other: tuple[float, float, float] = (0.5, 0.3, 0.2),
    **changes: Any,  # noqa: ANN401
) -> pa.Table:
    """Replayed rows of (on time, late, very late, outcome); `changes`: a value, or a list of one per row."""
    rows = []
    for number, (*p, outcome) in enumerate(said):
        row = DEFAULTS | {name: value[number] if isinstance(value, list) else value for name, value in changes.items()}
        row |= {"position": number, "outcome": outcome}
        for series, values in (("model", p), ("base_rates", other), ("customer_past", other)):
            row |= dict(zip((f"{series}_on_time", f"{series}_late", f"{series}_very_late"), values, strict=True))
        rows.append(row)
    table = pa.Table.from_pylist(rows)
    for name, kind in TYPES.items():
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(kind))
    return table


@pytest.fixture(scope="module")
def replay() -> Replay:
    return replay_dates(small_ledger(), [START + 280 * DAY, LATER], RECIPE)


# ---------------------------------------------------------------- who is judged


def test_replayed_days_have_a_past_behind_and_answers_ahead() -> None:
    """A year from 1 January 2025, with invoices of 30 days net: after 200 days, on 20 July. December's are not answered yet."""
    found = month_starts(small_ledger(), Recipe(very_late_days=15), history=200)
    assert found[0] == date(2025, 8, 1)
    assert found[-1] in {date(2025, 11, 1), date(2025, 12, 1)}
    assert month_starts(small_ledger(), Recipe(very_late_days=15), history=200, months=2) == found[::-1][::2][::-1]
    assert month_starts(small_ledger(), Recipe(very_late_days=15), history=1_000) == ()


def test_days_with_too_little_behind_them_to_train_on_are_not_replayed() -> None:
    """A hundred resolved invoices are needed: with 130 a year, that many are due only towards its end."""
    found = month_starts(invented(130), Recipe(very_late_days=15), history=100)
    everything = month_starts(small_ledger(), Recipe(very_late_days=15), history=100)
    assert len(found) < len(everything)
    for as_of in found:
        replay_dates(invented(130), [as_of], RECIPE)


def test_days_on_which_the_recipe_could_not_be_trained_are_not_replayed() -> None:
    """400 invoices a year, a hundred due ones needed: learning from 1 July on, too few are due before autumn."""
    everything = month_starts(small_ledger(), RECIPE, history=200)
    late_start = replace(RECIPE, training_start=date(2025, 7, 1))
    fewer = month_starts(small_ledger(), late_start, history=200)
    assert set(fewer) < set(everything)
    assert min(fewer) >= date(2025, 9, 1)
    replay_dates(small_ledger(), [min(fewer)], late_start)
    assert month_starts(small_ledger(), replace(RECIPE, rows=("amount>=999999999",)), history=200) == ()


def test_invoices_not_answered_yet_are_left_out_however_they_ended_and_credited_ones_counted() -> None:
    """As of 1 March 2025, very late after 15 days, known through 30 April: due 14 April is answered, due 20 April is not.

    A  due 14 April, paid 10 March: on time       D  due 20 April, paid 10 March: left out, though it is paid
    B  due 10 April, paid 25 April: late          E  due 10 April, credited 2 April: neither paid nor unpaid
    C  due 10 April, open: very late              F  due 20 February, paid on 28 February: not open any more
    """
    march = date(2025, 3, 1)
    cases = [
        (date(2025, 4, 14), date(2025, 3, 10), "payment"),
        (date(2025, 4, 10), date(2025, 4, 25), "payment"),
        (date(2025, 4, 10), None, "unknown"),
        (date(2025, 4, 20), date(2025, 3, 10), "payment"),
        (date(2025, 4, 10), date(2025, 4, 2), "credit"),
        (date(2025, 2, 20), date(2025, 2, 28), "payment"),
    ]
    rows = [{"issue_date": START, "due_date": due, "paid_date": paid, "settled_by": how} for due, paid, how in cases]
    ledger = ledger_of(rows, complete_through=date(2025, 4, 30), history_starts=START)
    snapshot = snapshot_at(open_book(ledger, Lines(15), ("amount",)), march)
    assert (snapshot.invoice.tolist(), snapshot.outcome.tolist()) == ([0, 1, 2], [0, 1, 2])
    assert (snapshot.unanswered, snapshot.credited) == (1, 1)


def test_nobody_is_judged_by_a_write_off_that_is_left_out() -> None:
    """Due 10 April 2025 and written off on 29 April, after the very-late line of 25 April, as of 1 March."""
    rows = [{"issue_date": START, "due_date": date(2025, 4, 10), "paid_date": date(2025, 4, 29), "settled_by": "write_off"}]
    ledger = ledger_of(rows, complete_through=date(2025, 4, 30), history_starts=START)
    for lines, judged in ((Lines(15), [2]), (Lines(15, leave_out_write_offs=True), [])):
        assert snapshot_at(open_book(ledger, lines, ("amount",)), date(2025, 3, 1)).outcome.tolist() == judged


# ---------------------------------------------------------------- figures


def test_figures_are_those_of_the_definition() -> None:
    """Three rows, one of each outcome: right, wrong and right. Always the commonest would be right once."""
    found = figures(rows_of((0.5, 0.25, 0.25, 0), (0.5, 0.25, 0.25, 1), (0.0, 0.2, 0.8, 2)), "model")
    assert found is not None
    assert found.log_loss == pytest.approx(-(log(0.5) + log(0.25) + log(0.8)) / 3)
    assert found.brier == pytest.approx((0.375 + (0.25 + 0.5625 + 0.0625) + 0.08) / 3)
    assert found.confusion == ((1, 0, 0), (1, 0, 0), (0, 0, 1))
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.commonest_accuracy == pytest.approx(1 / 3)
    assert found.errors_removed == pytest.approx(0.5)
    assert figures(rows_of((1, 0, 0, 0)).slice(0, 0), "model") is None


def test_money_in_the_wrong_bucket_never_adds_currencies() -> None:
    """EUR: 100 said half on time, half late, and paid late: 50 of 100 wrong. JPY: right. On average a quarter."""
    rows = rows_of((0.5, 0.5, 0, 1), (1, 0, 0, 0), currency=["EUR", "JPY"], outstanding=[100, 5_000_000])
    found = figures(rows, "model")
    assert found is not None
    assert found.money_error == pytest.approx(0.25)


def test_a_difference_is_paired_seeded_and_certain_only_over_customers() -> None:
    certain = rows_of(*[(0.8, 0.1, 0.1, 0)] * 30, customer=list(range(30)))
    assert difference(certain, "model", "model").mean == 0
    lead = difference(certain, "model", "base_rates")
    assert lead.mean == pytest.approx(log(0.5) - log(0.8))
    assert lead.better
    assert lead == difference(certain, "model", "base_rates")
    mixed = rows_of(*[(0.8, 0.1, 0.1, 0)] * 20, *[(0.8, 0.1, 0.1, 1)] * 12, customer=[0] * 20 + [1] * 12)
    found = difference(mixed, "model", "base_rates")
    assert not found.better
    assert not found.worse, "two customers, one better and one worse, prove nothing"


def test_the_flag_is_worth_what_it_catches() -> None:
    """Four not yet due: two flagged below 50 per cent, one of them late; of two late, one flagged. Overdue: not counted."""
    rows = rows_of(
        (0.4, 0.4, 0.2, 1), (0.3, 0.4, 0.3, 0), (0.5, 0.3, 0.2, 2), (0.9, 0.1, 0, 0), (0, 0.5, 0.5, 2), past=[-5, 0, -1, -2, 3]
    )  # fmt: skip
    found = flags(rows, 0.5)
    assert (found.invoices, found.flagged, found.late, found.caught) == (4, 2, 2, 1)
    assert (found.precision, found.recall) == (0.5, 0.5)
    assert flags(rows, 0.05).precision is None
    recalls = [each.recall or 0 for each in trade_off(rows)]
    assert recalls == sorted(recalls), "a higher threshold misses fewer"


def test_slices_part_the_rows() -> None:
    rows = rows_of(*[(0.5, 0.3, 0.2, 0)] * 30, past=[-1, 2, -3] * 10, no_history=[True] + [False] * 29, customer=list(range(30)))
    found = slices(rows)
    for one, other in (("not_due", "overdue"), ("known", "no_history"), ("top_customers", "other_customers")):
        assert len(found[one]) + len(found[other]) == 30
    assert len(found["top_customers"]) == 20
    assert len(found["no_history"]) == 1


def test_expected_dates_are_judged_where_slow_payers_have_been_seen() -> None:
    """Due in 5 days; expected in 4, range 2 to 6. Paid after 4, 8 and never: one of three within, 0, 4 and 176 days off."""
    rows = rows_of(
        *[(0.5, 0.3, 0.2, 0)] * 3,
        expected_date=START + 4 * DAY,
        date_low=START + 2 * DAY,
        date_high=START + 6 * DAY,
        paid_date=[START + 4 * DAY, START + 8 * DAY, None],
    )
    found = punctuality(rows, START + 180 * DAY)["model"]
    assert found.coverage == pytest.approx(1 / 3)
    assert found.mean_error == pytest.approx((0 + 4 + 176) / 3)
    assert found.median_error == 4
    assert punctuality(rows, START + 179 * DAY) == {}


# ---------------------------------------------------------------- a replay


def test_a_replay_beats_what_anybody_could_have_guessed(replay: Replay) -> None:
    model, rates = (figures(replay.rows, series) for series in ("model", "base_rates"))
    assert model is not None
    assert rates is not None
    assert model.log_loss < rates.log_loss
    assert difference(replay.rows, "model", "base_rates").better


def test_where_payments_are_anybodys_a_replay_finds_no_skill() -> None:
    """Delays dealt out at random: on time is told apart no better than by chance, and nothing is certainly better."""
    found = replay_dates(invented(600, skill=False), [START + 280 * DAY], RECIPE).rows
    assert not difference(found, "model", "base_rates").better


def test_what_happened_later_does_not_change_what_would_have_been_said(replay: Replay) -> None:
    other = rewritten(small_ledger(), LATER, seed=5)
    said = replay_dates(other, [LATER], RECIPE).rows
    before = {
        (row["due_date"], row["outstanding"], row["customer"]): row for row in replay.rows.to_pylist() if row["as_of"] == LATER
    }
    same = 0
    names = ("model_on_time", "model_very_late", "base_rates_on_time", "customer_past_on_time", "expected_date", "date_low")
    for row in said.to_pylist():
        key = next((k for k in before if k[:2] == (row["due_date"], row["outstanding"])), None)
        if key is not None:
            same += 1
            assert [row[name] for name in names] == [before[key][name] for name in names]
    assert same >= 10


def test_the_exported_rows_name_the_invoice_and_what_happened(replay: Replay) -> None:
    table = exported(replay, small_ledger())
    assert len(table) == len(replay.rows)
    assert set(table["outcome"].to_pylist()) <= {"on_time", "late", "very_late"}
    place = replay.rows["position"].to_pylist()[0]
    assert table["invoice_id"].to_pylist()[0] == small_ledger().invoices["invoice_id"][place].as_py()


# ---------------------------------------------------------------- drift and grade


def test_the_stability_index_is_nought_for_the_same_and_large_for_another() -> None:
    then = np.random.default_rng(1).normal(0, 1, 2_000).astype(np.float32)
    assert psi(then, then) == 0
    assert psi(then, then + 1) > 0.25
    assert psi(then, np.full(100, np.nan, np.float32)) > 1


def test_drift_speaks_of_habits_and_not_of_the_calendar() -> None:
    book = open_book(small_ledger(), Lines(15), ("late_share", "due_month", "customer_days", "terms"))
    found = drift(book, [START + 250 * DAY, START + 280 * DAY, START + 300 * DAY], small_ledger().default_as_of)
    assert set(found) <= {"late_share", "terms"}


def graded(lead: float, *, certain: bool = True, error: float = 0.01, dates: int = 12, late: int = 200) -> str:
    """The letter of a report whose model is better than the better baseline by so much."""
    loss = 0.5 * (1 - lead)
    gap = {"mean": loss - 0.5, "low": loss - 0.6, "high": -0.01 if certain else 0.01}
    found: dict[str, Any] = {
        "rows": 5_000,
        "pooled": {
            "model": {"log_loss": loss, "ece": error, "confusion": [[4000, 0, 0], [late, 0, 0], [500, 0, 0]]},
            "base_rates": {"log_loss": 0.7},
            "customer_past": {"log_loss": 0.5},
        },
        "differences": {"base_rates": gap, "customer_past": gap},
        "dates": [{"as_of": "2025-01-01", "differences": {"base_rates": gap}}] * dates,
    }
    given = grade(found)
    assert all(grades.reason(reason.code, reason.values) for reason in given.reasons)
    return given.letter


def test_a_grade_is_no_better_than_its_worst_reason() -> None:
    assert graded(0.10) == "A"
    assert graded(0.02) == "B"
    assert graded(0.10, error=0.07) == "B"
    assert graded(0.10, dates=3) == "B"
    assert graded(0.10, late=10) == "B"
    assert graded(0.10, error=0.15) == "C"
    assert graded(0.10, certain=False) == "C"
    assert graded(-0.01) == "D"
    assert grade({"rows": 20}).letter == "D"


# ---------------------------------------------------------------- the workspace


def test_a_replay_is_kept_with_its_report_and_goes_with_its_ledger(tmp_path: Path, replay: Replay) -> None:
    store = Store.open(tmp_path)
    ledger = commit(store, small_ledger(), actor=ME)
    assert backtests.load(store, ledger.id, RECIPE) is None
    mine = replace(replay, ledger_id=ledger.id)
    backtests.save(store, mine.ledger_id, mine.recipe, mine.rows, report(mine))
    found = backtests.load(store, ledger.id, RECIPE)
    assert found is not None
    assert found.rows.equals(replay.rows)
    assert found.dates == replay.dates
    assert backtests.load(store, ledger.id, Recipe()) is None
    delete(store, ledger.id, actor=ME)
    assert not list(tmp_path.glob("backtests/*"))


def test_the_worker_replays_by_the_command_line() -> None:
    claimed = Claim("job", "worker", 1, "backtest", "ledger-id", None, "", {"recipe": "{}"})
    line = command(claimed)
    assert line[3:] == ["backtest", "--ledger", "ledger-id", "--last", "12", "--recipe", "{}", "--json", "--watched"]


def shown_ledger(until: date, paid: date | None) -> Ledger:
    """Four invoices due 1 April 2025; two are paid on 20 March, two on `paid`."""
    rows = [{"issue_date": date(2025, 3, 1), "due_date": date(2025, 4, 1), "paid_date": None} for _ in range(4)]
    if paid:
        rows = [row | {"paid_date": date(2025, 3, 20) if n < 2 else paid} for n, row in enumerate(rows)]
    return ledger_of(rows, complete_through=until, history_starts=START)


def test_what_was_really_shown_is_held_against_a_later_export(tmp_path: Path) -> None:
    """Shown on 11 March: 75 per cent on time for all four. By 31 May two are known to have been on time, two late."""
    store = Store.open(tmp_path)
    first = commit(store, shown_ledger(date(2025, 3, 10), None), actor=ME)
    model_id = models.save(store, rates_model(date(2025, 3, 1)), first.id, actor=ME)
    predictions.of_model(store, first.id, model_id, date(2025, 3, 11), actor=ME)
    assert monitoring.shown(store, first.id) == []
    later = commit(store, shown_ledger(date(2025, 5, 31), date(2025, 4, 9)), actor=ME)
    (found,) = monitoring.shown(store, later.id)
    assert (found.as_of, found.shown, found.answered) == (date(2025, 3, 11), 4, 4)
    assert found.said == pytest.approx(0.75)
    assert found.happened == 0.5
    assert (found.flagged, found.flagged_late) == (0, 0)


@pytest.mark.parametrize(("leave_out", "answered", "happened"), [(False, 4, 0.5), (True, 2, 1.0)])
def test_what_was_written_off_was_not_paid_that_day(*, leave_out: bool, answered: int, happened: float, tmp_path: Path) -> None:
    """Due 1 April with five days of grace; two are paid on 20 March, two written off on 3 April: very late, or left out."""
    store, shown_on = Store.open(tmp_path), date(2025, 3, 11)
    first = commit(store, shown_ledger(date(2025, 3, 10), None), actor=ME)
    recipe = Recipe(grace_days=5, leave_out_write_offs=leave_out)
    model_id = models.save(store, replace(rates_model(date(2025, 3, 1)), recipe=recipe), first.id, actor=ME)
    predictions.of_model(store, first.id, model_id, shown_on, actor=ME)
    later = shown_ledger(date(2025, 5, 31), date(2025, 4, 3))
    place, kind = later.invoices.column_names.index("settled_by"), later.invoices["settled_by"].type
    how = pa.array(["payment", "payment", "write_off", "write_off"], kind)
    newest = commit(store, replace(later, invoices=later.invoices.set_column(place, later.invoices.field(place), how)), actor=ME)
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


def test_each_invoice_counts_as_the_model_in_force_for_its_company_showed_it(tmp_path: Path) -> None:
    """As of 11 March all was 75 per cent on time; north then had 40 per cent, below 50. What was only tried said 10.

    After the later export came, 20 per cent was published for all: nobody had seen that before the answers were known.
    """
    store = Store.open(tmp_path)
    first, as_of = commit(store, two_companies(date(2025, 3, 10), None), actor=ME), date(2025, 3, 11)
    everybody, north, tried, after = (
        models.save(store, rates_model(date(2025, 3, 1), late=1 - on_time), first.id, actor=ME)
        for on_time in (0.75, 0.4, 0.1, 0.2)
    )
    seen = publishing.publish(store, everybody, replaces=None, actor=ME)
    predictions.in_force(store, first.id, as_of, actor=ME)
    publishing.publish(store, north, replaces=None, scope=Scope("north"), actor=ME)
    predictions.in_force(store, first.id, as_of, actor=ME)
    predictions.of_model(store, first.id, tried, as_of, actor=ME)
    later = commit(store, two_companies(date(2025, 5, 31), date(2025, 4, 9)), actor=ME)
    publishing.publish(store, after, replaces=seen.id, actor=ME)
    predictions.of_model(store, first.id, after, as_of, actor=ME)

    (found,) = monitoring.shown(store, later.id)
    assert set(found.models) == {everybody, north}
    assert (found.shown, found.answered, found.happened) == (4, 4, 0.5)
    assert found.said == pytest.approx((2 * 0.75 + 2 * 0.4) / 4)
    assert (found.flagged, found.flagged_late) == (2, 2)
    (of_north,) = monitoring.shown(store, later.id, ("north",))
    assert of_north.models == (north,)
    assert of_north.said == pytest.approx(0.4)
    assert of_north.happened == 0


def test_what_was_published_but_never_scored_does_not_replace_what_was_shown(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
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
    assert found.said == pytest.approx(0.75)
