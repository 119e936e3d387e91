"""Replay of past days: who is judged, by which figures, with what certainty, and what a screen makes of it."""

from datetime import date

import pytest

from insights.access import laptop
from insights.evaluation import (
    Replay,
    difference,
    exported,
    figures,
    replay_dates,
    snapshot_at,
)
from insights.features.dataset import feature_set
from insights.jobs.leases import Claim
from insights.jobs.worker import command
from insights.ledger.outcomes import DueRules
from tests.support.ledgers import DAY, START, invented, ledger_of, small_ledger
from tests.support.replays import LATER, RECIPE
from tests.support.rewriting import rewritten


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
    snapshot = snapshot_at(feature_set(ledger, DueRules(15), ("amount",)), march)
    assert (snapshot.invoice.tolist(), snapshot.outcome.tolist()) == ([0, 1, 2], [0, 1, 2])
    assert (snapshot.unanswered, snapshot.credited) == (1, 1)


def test_nobody_is_judged_by_a_write_off_that_is_left_out() -> None:
    """Due 10 April 2025 and written off on 29 April, after the very-late line of 25 April, as of 1 March."""
    rows = [{"issue_date": START, "due_date": date(2025, 4, 10), "paid_date": date(2025, 4, 29), "settled_by": "write_off"}]
    ledger = ledger_of(rows, complete_through=date(2025, 4, 30), history_starts=START)
    for lines, judged in ((DueRules(15), [2]), (DueRules(15, leave_out_write_offs=True), [])):
        assert snapshot_at(feature_set(ledger, lines, ("amount",)), date(2025, 3, 1)).outcome.tolist() == judged


def test_a_replay_beats_what_anybody_could_have_guessed(replay: Replay) -> None:
    model, rates = (figures(replay.rows, series) for series in ("model", "base_rates"))
    assert model is not None
    assert rates is not None
    assert model.log_loss < rates.log_loss
    assert difference(replay.rows, "model", "base_rates").better


@pytest.mark.slow
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


def test_the_worker_replays_by_the_command_line() -> None:
    claimed = Claim("job", "worker", 1, "backtest", "ledger-id", None, "", {"recipe": "{}"}, laptop())
    line = command(claimed)
    assert line[3:] == ["backtest", "--ledger", "ledger-id", "--last", "12", "--recipe", "{}", "--json", "--watched"]
