"""Is every feature what its meaning says, of nothing but what was known, and the same in any order and partition?"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.features.catalog import FIELDS
from insights.features.dataset import open_rows
from insights.features.events import Events, SnapshotRows, events_of, rows_at
from insights.features.kernel import Columns, daily_counts, features, medians, span
from insights.features.value_counts import target_encoding_as_of, value_counts
from insights.ledger.ledger import Ledger, day
from insights.ledger.outcomes import DueRules
from tests.support import oracle, oracle_habits
from tests.support.ledgers import DAY, START, Row, in_order, ledger_of, sample_ledger
from tests.support.rewriting import rewritten

FEW = settings(max_examples=60, deadline=None)


@dataclass(frozen=True)
class Case:
    """A ledger as rows, the day it is seen on, and where the lines lie."""

    rows: list[Row]
    at: date
    lines: DueRules
    history_starts: date

    @property
    def ledger(self) -> Ledger:
        return ledger_of(self.rows, history_starts=self.history_starts)

    @property
    def invoices(self) -> list[oracle.Invoice]:
        return [self.invoice(row) for row in self.rows]

    def invoice(self, row: Row) -> oracle.Invoice:
        due = row["due_date"]
        return oracle.Invoice(
            customer=f"{row['company']}/{row['customer_id']}",
            issue=row["issue_date"],
            due=due,
            due_by=due + self.lines.grace_days * DAY,
            left=row["paid_date"],
            how=row["settled_by"],
            amount=row["amount"],
            currency=row["currency"],
            complete=row["issue_date"] >= self.history_starts,
        )


LINES = st.builds(DueRules, st.sampled_from([5, 10, 30]), st.sampled_from([0, 3]))


WINDOWS = (0, 5, 10, 14, 30, 60, 90, 180, 365)  # days that a field looks back, and very-late days


@st.composite
def invoices(draw: st.DrawFn, lines: DueRules) -> Row:
    """An invoice on few different days, often paid on a line; years apart for the long windows."""
    issue = START + (draw(st.integers(0, 40)) + draw(st.sampled_from([0, 0, 0, 60, 365]))) * DAY
    due = issue + draw(st.sampled_from([0, 7, 30])) * DAY
    line = due + lines.grace_days * DAY
    near = st.sampled_from([line + n * DAY for n in (-2, 0, 1, 2, 7, lines.very_late_days, lines.very_late_days + 1)])
    paid = draw(st.none() | near | st.integers(0, 60).map(lambda n: issue + n * DAY))
    return {
        "company": draw(st.sampled_from(["north", "south"])),
        "customer_id": draw(st.sampled_from("AAB")),
        "issue_date": issue,
        "due_date": due,
        "paid_date": max(paid, issue) if paid else None,
        "settled_by": draw(st.sampled_from(["payment", "payment", "unknown", "credit", "write_off"])),
        "amount": draw(st.sampled_from([1, 250, 990, 1000, 64_000, 10**12])),
        "currency": draw(st.sampled_from(["EUR", "JPY"])),
        "x:Region": draw(st.sampled_from(["a", "b"])),
    }


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """The as-of date is most often one on which a window ends, or the day after."""
    lines = draw(LINES)
    rows = draw(st.lists(invoices(lines), min_size=2, max_size=14))
    row = draw(st.sampled_from(rows))
    on = [day for name in ("issue_date", "due_date", "paid_date") if (day := row[name])]
    window = draw(st.sampled_from(WINDOWS)) + draw(st.integers(0, 1)) + draw(st.sampled_from([0, lines.grace_days]))
    at = max(draw(st.sampled_from(on)) + window * DAY, START + DAY)
    return Case(rows, at, lines, history_starts=START + draw(st.sampled_from([0, 0, 20])) * DAY)


def snapshot(ledger: Ledger, lines: DueRules, at: date) -> tuple[Events, SnapshotRows, Columns]:
    events = events_of(ledger, lines)
    rows, _ = open_rows(events, day(at))
    return events, rows, features(events, rows, daily_counts(events))


def draft_of(events: Events, number: int, at: date, issue: date) -> SnapshotRows:
    """A copy of an invoice as a draft of another day, seen on a day: nothing of it is in the ledger."""
    one = rows_at(events, np.array([number]), day(at))
    delay = np.int32(day(issue)) - one.issue
    return replace(one, issue=one.issue + delay, due=one.due + delay, due_by=one.due_by + delay, counted=np.array([False]))


def assert_as_told(found: Columns, row: int, told: dict[str, oracle.Value]) -> None:
    """Every field of a row is what the oracle says, to the precision of float32."""
    for name, value in told.items():
        number = found[name][row]
        expected = np.nan if value is None else value
        assert np.isclose(number, expected, rtol=1e-5, atol=1e-4, equal_nan=True), f"{name}: {number}, told {value}"


def test_the_oracle_and_the_kernel_know_every_computed_field() -> None:
    one = oracle.Invoice("A", START, START, START, None, "unknown", 1, "EUR", complete=True)
    told = oracle_habits.every_value([one], oracle.Question(one, START + DAY, in_ledger=True), 30)
    assert set(told) == set(FIELDS) == set(snapshot(ledger_of([{}]), DueRules(), START + DAY)[2])
    assert len(FIELDS) >= 30


@pytest.mark.slow
@FEW
@given(cases())
def test_every_field_of_an_open_invoice_is_what_its_meaning_says(case: Case) -> None:
    _, rows, found = snapshot(case.ledger, case.lines, case.at)
    told = [i for i in case.invoices if i.open_on(case.at)]
    assert len(rows) == len(told)
    for number, invoice in enumerate(told):
        question = oracle.Question(invoice, case.at, in_ledger=True)
        assert_as_told(found, number, oracle_habits.every_value(case.invoices, question, case.lines.very_late_days))


@pytest.mark.slow
@FEW
@given(cases(), st.integers(0, 13), st.sampled_from([0, 0, 3, 40]))
def test_every_field_of_a_draft_is_what_its_meaning_says(case: Case, number: int, days_old: int) -> None:
    """A draft of today, or one of some days ago that nobody has entered yet."""
    number, issue = number % len(case.rows), case.at - days_old * DAY
    events = events_of(case.ledger, case.lines)
    found = features(events, draft_of(events, number, case.at, issue), daily_counts(events))
    like = case.invoices[number]
    delay = issue - like.issue
    draft = replace(like, issue=issue, due=like.due + delay, due_by=like.due_by + delay, left=None)
    question = oracle.Question(draft, case.at, in_ledger=False)
    assert_as_told(found, 0, oracle_habits.every_value(case.invoices, question, case.lines.very_late_days))


@pytest.mark.slow
@FEW
@given(cases())
def test_every_field_of_an_invoice_on_its_day_of_issue_is_what_its_meaning_says(case: Case) -> None:
    events = events_of(case.ledger, case.lines)
    found = features(events, rows_at(events, np.arange(len(events)), events.issue), daily_counts(events))
    for number, invoice in enumerate(case.invoices):
        question = oracle.Question(invoice, invoice.issue, in_ledger=True)
        assert_as_told(found, number, oracle_habits.every_value(case.invoices, question, case.lines.very_late_days))


@pytest.mark.slow
@FEW
@given(cases())
def test_the_share_late_of_alike_invoices_is_what_its_meaning_says(case: Case) -> None:
    events, rows, _ = snapshot(case.ledger, case.lines, case.at)
    region = case.ledger.invoices["x:Region"]
    which = open_rows(events, day(case.at))[1]
    found = target_encoding_as_of(value_counts(region, events), region.take(pa.array(which)), rows, daily_counts(events))
    for number, own in zip(found, which, strict=True):
        alike = [i for i, row in zip(case.invoices, case.rows, strict=True) if row["x:Region"] == case.rows[own]["x:Region"]]
        told = oracle.share_of_alike(case.invoices, alike, case.at)
        assert np.isclose(number, np.nan if told is None else told, equal_nan=True)


@pytest.mark.slow
@FEW
@given(cases(), st.integers(0, 2**32))
def test_what_was_not_known_changes_no_feature(case: Case, seed: int) -> None:
    before = snapshot(case.ledger, case.lines, case.at)[2]
    after = snapshot(rewritten(case.ledger, case.at, seed), case.lines, case.at)[2]
    assert_same_rows(before, after)


def assert_same_rows(one: Columns, other: Columns) -> None:
    """The same bits in every column, whatever the order of the rows."""
    tables = [np.column_stack([columns[name] for name in FIELDS]).view(np.int32) for columns in (one, other)]
    first, second = (table[np.lexsort(table.T)] for table in tables)
    assert first.shape == second.shape
    different = [name for name, same in zip(FIELDS, (first == second).all(axis=0), strict=True) if not same]
    assert not different


@pytest.mark.slow
@FEW
@given(cases(), st.permutations(range(14)))
def test_the_order_of_rows_changes_no_feature(case: Case, order: list[int]) -> None:
    moved = in_order(case.ledger, np.array([place for place in order if place < len(case.rows)]))
    assert_same_rows(snapshot(case.ledger, case.lines, case.at)[2], snapshot(moved, case.lines, case.at)[2])


def test_of_payments_on_one_day_those_due_later_are_the_last_in_any_order() -> None:
    """Six invoices paid on one day, 6 to 1 days late: the last five are 5 to 1 days late."""
    paid = START + 40 * DAY
    rows = [{"due_date": paid - late * DAY, "paid_date": paid} for late in range(1, 7)]
    for some in (rows, rows[::-1]):
        _, _, found = snapshot(ledger_of([*some, {"issue_date": paid}]), DueRules(), paid + DAY)
        assert found["days_late_last_5"].tolist() == [3.0]
        assert found["days_late_last_3"].tolist() == [2.0]


@pytest.mark.slow
@FEW
@given(cases())
def test_partitions_by_customer_give_the_same_bits(case: Case) -> None:
    events = events_of(case.ledger, case.lines)
    rows, _ = open_rows(events, day(case.at))
    low, high = span(events)
    many = int(events.currency.max()) + 1
    parts = [events.take(events.customer % 2 == part) for part in (0, 1)]
    rates = daily_counts(parts[0], low, high, many) + daily_counts(parts[1], low, high, many)
    whole = daily_counts(events)
    assert (rates.daily == whole.daily).all()
    assert (rates.amounts == whole.amounts).all()
    found = features(events, rows, whole)
    for number, part in enumerate(parts):
        which = np.flatnonzero(rows.customer % 2 == number)
        alone = features(part, rows.take(which), rates)
        for name, column in alone.items():
            assert column.tobytes() == found[name][which].tobytes(), name


def test_rates_of_different_spans_do_not_add_up() -> None:
    events = events_of(ledger_of([{}, {"issue_date": START + 9 * DAY}]), DueRules())
    with pytest.raises(ValueError, match="different spans"):
        daily_counts(events) + daily_counts(events, span(events)[0], span(events)[1] + 1)


def test_a_payment_on_the_as_of_date_is_not_known_yet() -> None:
    """Two invoices of A; the first is paid on 10 February, four days after its due date."""
    paid = START + 40 * DAY
    ledger = ledger_of([{"due_date": paid - 4 * DAY, "paid_date": paid}, {}])
    _, _, today = snapshot(ledger, DueRules(), paid)
    _, _, tomorrow = snapshot(ledger, DueRules(), paid + DAY)
    assert today["paid_count"].tolist() == [0, 0]
    assert tomorrow["paid_count"].tolist() == [1]
    assert tomorrow["days_late_mean"].tolist() == [4]


def test_an_invoice_issued_on_the_as_of_date_is_not_in_the_ledger_yet() -> None:
    rows = [{}, {"issue_date": START + 5 * DAY}]
    assert len(snapshot(ledger_of(rows), DueRules(), START + 5 * DAY)[1]) == 1
    assert snapshot(ledger_of(rows), DueRules(), START + 6 * DAY)[2]["open_count"].tolist() == [1, 1]


def test_an_invoice_due_on_the_as_of_date_is_not_overdue() -> None:
    ledger = ledger_of([{"due_date": START + 10 * DAY}, {"due_date": START + 20 * DAY}])
    _, _, found = snapshot(ledger, DueRules(), START + 10 * DAY)
    assert found["overdue_count"].tolist() == [0, 0]
    _, _, found = snapshot(ledger, DueRules(), START + 11 * DAY)
    assert found["overdue_count"].tolist() == [0, 1]
    assert found["oldest_overdue_days"].tolist() == [1, 1]


def test_a_customer_is_company_and_customer_id() -> None:
    """A of company north has paid; A of company south is somebody else."""
    rows: list[Row] = [{"company": "north", "paid_date": START + 9 * DAY}, {"company": "south"}, {"company": "north"}]
    _, _, found = snapshot(ledger_of(rows), DueRules(), START + 20 * DAY)
    assert found["paid_count"].tolist() == [0, 1]


def test_amounts_are_relative_to_the_median_of_their_own_currency() -> None:
    """A thousand yen among yen is as usual as ten euros among euros, a month after the first of each."""
    rows = [{"currency": "EUR", "amount": 1024}] * 3 + [{"currency": "JPY", "amount": 65536}] * 3
    late = [{"currency": c, "amount": a, "issue_date": START + 30 * DAY} for c, a in (("EUR", 2048), ("JPY", 32768))]
    _, _, found = snapshot(ledger_of(rows + late), DueRules(), START + 31 * DAY)
    assert np.allclose(found["amount"][-2:], [1, -1], atol=1 / 16)
    assert np.isnan(found["amount"][:6]).all(), "nothing was issued before the first of a currency"


def test_medians_know_only_what_was_issued_before_their_block() -> None:
    """Four weeks of 256, then four of 4096."""
    ledger = ledger_of([{"amount": 256}] * 3 + [{"amount": 4096, "issue_date": START + 28 * DAY}] * 9)
    by_block = medians(daily_counts(events_of(ledger, DueRules())))[0]
    assert np.isnan(by_block[0])
    assert np.allclose(np.log2(by_block[1:3]), [8, 12], atol=1 / 16)


def test_a_currency_that_the_ledger_does_not_know_has_no_usual_amount() -> None:
    events = events_of(ledger_of([{}]), DueRules())
    draft = replace(draft_of(events, 0, START + 60 * DAY, START + 60 * DAY), currency=np.array([7], np.int32))
    assert np.isnan(features(events, draft, daily_counts(events))["amount"]).all()


def test_invoices_from_before_the_history_starts_count_as_open_but_teach_nothing() -> None:
    """An export holds of December only what was still open in January, the slow ones."""
    december = {"issue_date": START - 20 * DAY, "due_date": START - 10 * DAY}
    ledger = ledger_of([december | {"paid_date": START + 9 * DAY}, december, {}], history_starts=START)
    _, _, found = snapshot(ledger, DueRules(), START + 20 * DAY)
    assert found["paid_count"].tolist() == found["resolved_count"].tolist() == [0, 0]
    assert found["overdue_count"].tolist() == [0, 1]


def test_a_write_off_is_never_paid_and_a_credit_after_the_line_is_late() -> None:
    """Both left the book 40 days after issue, ten days past due; a third was credited before its due date."""
    left = START + 40 * DAY
    rows = [{"paid_date": left, "settled_by": "write_off"}, {"paid_date": left, "settled_by": "credit"}]
    rows += [{"paid_date": START + 3 * DAY, "settled_by": "credit"}, {"issue_date": START + 30 * DAY}]
    _, _, found = snapshot(ledger_of(rows), DueRules(very_late_days=15), START + 50 * DAY)
    assert found["paid_count"].tolist() == [0]
    assert found["resolved_count"].tolist() == [2]
    assert found["late_share"].tolist() == [1]
    assert found["very_late_share"].tolist() == [1], "the credited one gives no second answer"


def test_a_ledger_of_nothing_has_no_features() -> None:
    ledger = ledger_of([{}])
    empty = replace(ledger, invoices=ledger.invoices.slice(0, 0))
    _, rows, found = snapshot(empty, DueRules(), START + DAY)
    assert len(rows) == 0
    assert {len(column) for column in found.values()} == {0}


@pytest.mark.slow
@pytest.mark.parametrize("days_before", [0, 200])
def test_fields_of_the_sample_ledger_are_what_their_meanings_say(days_before: int) -> None:
    """A few of its open invoices; the rest is the same arithmetic."""
    ledger, lines = sample_ledger(), DueRules(very_late_days=30, grace_days=2)
    at = ledger.last_as_of - days_before * DAY
    table = ledger.invoices.filter(pc.equal(ledger.invoices["kind"], "invoice")).to_pylist()
    case = Case(table, at, lines, ledger.history_starts)
    _, _, found = snapshot(ledger, lines, at)
    told = [i for i in case.invoices if i.open_on(at)]
    for number in range(3, len(told), len(told) // 4):
        question = oracle.Question(told[number], at, in_ledger=True)
        assert_as_told(found, number, oracle_habits.every_value(case.invoices, question, lines.very_late_days))


@pytest.mark.slow
def test_every_field_of_the_sample_ledger_is_known_of_some_invoice_and_varies() -> None:
    ledger = sample_ledger()
    _, rows, found = snapshot(ledger, DueRules(), ledger.complete_through - timedelta(days=60))
    assert len(rows) > 100
    for name, column in found.items():
        everyone = FIELDS[name].group == "ledger"
        assert len(np.unique(column[~np.isnan(column)])) > (0 if everyone else 1), name
