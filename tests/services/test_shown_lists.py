"""Is each day's list kept as it was shown, and is what came of it judged by what was known alone?"""

from datetime import date
from functools import partial

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.access import laptop
from insights.agreements.ranking import Ranked
from insights.evaluation.contacted import association
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.services import agreements, publishing, shown_lists
from insights.services.agreements import Entry
from insights.services.ledgers import commit, delete
from insights.services.reach import Visible
from insights.store import ledgers, models
from insights.store import shown_lists as kept_lists
from insights.store.store import Store
from insights.store.tables import ShownListRow
from tests.support.rewriting import rewritten
from tests.support.worklists import event, predictions, worklist
from tests.support.workspaces import ME, ledger_of, rates_model

ONE, TWO, THREE = date(2024, 4, 1), date(2024, 4, 8), date(2024, 4, 15)  # Mondays
DUE_ONE, DUE_TWO = date(2024, 4, 3), date(2024, 4, 10)
CUSTOMERS = "ABCD"
PAID = {"A1": "2024-04-02", "B1": "2024-04-05", "C1": "2024-04-03", "D1": "2024-04-03"}
PAID |= {"A2": "2024-04-10", "B2": "2024-04-09", "C2": "2024-04-12", "D2": "-"}
SAID = {"A2": 0.5, "B2": 0.6, "C2": 0.5, "D2": 0.7}  # on time; of all others 0.5


def export(as_of: date) -> Ledger:
    """What the books know on the day before: of A to D one invoice due on 3 April, one on 10 April, paid as PAID says."""
    lines = [
        f"north {each} {each}{number} 2024-03-01 {due} {paid if paid < as_of.isoformat() else '-'} 10000 EUR"
        for number, due in ((1, DUE_ONE), (2, DUE_TWO))
        for each in CUSTOMERS
        for paid in (PAID[f"{each}{number}"],)
    ]
    return ledger_of("\n".join(lines), complete_through=date.fromordinal(as_of.toordinal() - 1))


def shown(as_of: date, number: int, due: date, *events: object) -> Ranked:
    """A worklist of the four customers, each with one invoice that is due soon."""
    rows = [
        {"company": "north", "customer_id": each, "invoice_id": f"{each}{number}", "due_date": due}
        | {"p_on_time": SAID.get(f"{each}{number}", 0.5), "outstanding": 10000}
        for each in CUSTOMERS
    ]
    return worklist(predictions(*rows, as_of=as_of), *events, as_of=as_of)  # type: ignore[arg-type]


@pytest.fixture
def three_weeks(workspace: Store) -> Store:
    """Three exports a week apart, a model in force, the lists of the first two shown; A and B are contacted on the second."""
    first = commit(workspace, export(ONE), actor=ME)
    publishing.publish(workspace, models.save(workspace, rates_model(), first.id, actor=ME), replaces=None, actor=ME)
    assert shown_lists.record(workspace, first, ONE, shown(ONE, 1, DUE_ONE), actor=laptop("ada"))
    second = commit(workspace, export(TWO), after=first.id, actor=ME)
    assert shown_lists.record(workspace, second, TWO, shown(TWO, 2, DUE_TWO), actor=laptop("ada"))
    for who in "AB":
        contact(workspace, who, TWO)
    commit(workspace, export(THREE), after=first.id, actor=ME)
    return workspace


def contact(store: Store, who: str, as_of: date) -> str:
    """The id of an event."""
    values = {"channel": "phone", "outcome": "not_reached"}
    (entered,) = agreements.enter(
        store, ledgers.load(store), as_of, [Entry("contact", "north", who, (), values)], actor=laptop("ada")
    )
    return entered.id


def test_contacted_customers_stand_beside_those_of_the_same_lists(three_weeks: Store) -> None:
    """
    list of   contacted         said  on time     not contacted     said  on time
    8 April   A2 due 10 April   0.5   paid 10th   C2 due 10 April   0.5   no (12th)
    8 April   B2                0.6   paid 9th    D2                0.7   no (open)
    1 April   nobody                              A1 due 3 April    0.5   paid 2nd
    1 April                                       B1                0.5   no (5th)
    1 April                                       C1, D1            0.5   paid 3rd

    Contacted: 2 of 2, said 0.55. Not contacted: 3 of 6, said 3.2 / 6. The week before the list of the 8th is the list of the
    1st: A1 and B1, 1 of 2, said 0.5; C1 and D1, 2 of 2, said 0.5.
    """
    cases = shown_lists.cases(three_weeks, ledgers.load(three_weeks), THREE)
    found = association(shown_lists.of_question(cases, "due"), fewest=2)
    assert [found.contacted.predicted, found.contacted.paid] == pytest.approx([0.55, 1])
    assert [found.others.predicted, found.others.paid] == pytest.approx([3.2 / 6, 0.5])
    assert found.difference is not None
    assert found.difference.mean == pytest.approx((1 - 0.55) - (0.5 - 3.2 / 6))
    assert found.before is not None
    assert found.before.mean == pytest.approx((0.5 - 0.5) - (1 - 0.5))
    assert len(shown_lists.of_question(cases, "overdue")) == 0
    assert {name: each.state for name, each in shown_lists.help_by_question(cases).items()} == {
        "due": "too_few",
        "overdue": "too_few",
    }


def test_of_an_overdue_invoice_it_is_asked_whether_it_was_paid_within_seven_days(workspace: Store) -> None:
    """As of 8 April A1 to D1 are overdue, said to be still unpaid in a week with 50 %: A1 comes on the 14th, B1 on the 15th."""
    paid = {"A": "2024-04-14", "B": "2024-04-15", "C": "-", "D": "-"}
    text = "\n".join(f"north {who} {who}1 2024-03-01 {DUE_ONE} {day} 10000 EUR" for who, day in paid.items())
    first = commit(workspace, export(TWO), actor=ME)
    publishing.publish(workspace, models.save(workspace, rates_model(), first.id, actor=ME), replaces=None, actor=ME)
    shown_lists.record(workspace, first, TWO, shown(TWO, 1, DUE_ONE), actor=laptop("ada"))
    later = commit(workspace, ledger_of(text, complete_through=date(2024, 4, 20)), after=first.id, actor=ME)
    assert len(shown_lists.cases(workspace, later, date(2024, 4, 14))) == 0, "seven days have not passed"
    cases = shown_lists.of_question(shown_lists.cases(workspace, later, THREE), "overdue")
    assert dict(zip(cases["customer_id"].to_pylist(), cases["paid"].to_pylist(), strict=True)) == {
        "A": True,
        "B": False,
        "C": False,
        "D": False,
    }


def test_a_list_is_kept_as_it_was_shown_whatever_is_agreed_since(three_weeks: Store) -> None:
    second = next(each for each in ledgers.listed(three_weeks) if each.version == 2)
    ledger = ledgers.load(three_weeks, second.id)
    (newest, _) = shown_lists.worked(three_weeks, ledger, THREE)
    before = kept_lists.entries(three_weeks, newest.first.id)
    assert before["customer_id"].to_pylist() == ["A", "C", "B", "D"], "the most likely to slip first"
    assert before["invoices"].to_pylist()[2] == [
        {"invoice_id": "B2", "line": "1", "outstanding": 10000, "overdue": False, "due_by": DUE_TWO, "slips": 0.4}
    ]
    contact(three_weeks, "C", TWO)
    (newest, oldest) = shown_lists.worked(three_weeks, ledger, THREE)
    assert kept_lists.entries(three_weeks, newest.first.id).equals(before)
    assert (newest.first.as_of, newest.first.actor, newest.customers, newest.done["contact"]) == (TWO, "ada", 4, 3)
    assert oldest.done["contact"] == 0
    assert shown_lists.as_shown(three_weeks, newest.first, THREE)["done"].to_pylist() == [["contact"]] * 3 + [[]]
    assert shown_lists.as_shown(three_weeks, newest.first, ONE)["done"].to_pylist() == [[]] * 4, "as of then nothing was done"


def test_whoever_may_see_some_customers_has_lists_of_these_alone(three_weeks: Store) -> None:
    """Of A, C, B, D, in this order, they may see B and D; of A and B, who were contacted, B."""
    second = next(each for each in ledgers.listed(three_weeks) if each.version == 2)
    some, ledger = (
        Visible(frozenset({"north"}), frozenset({("north", "B"), ("north", "D")})),
        ledgers.load(three_weeks, second.id),
    )
    (newest, oldest) = shown_lists.worked(three_weeks, ledger, THREE, some)
    assert (newest.customers, newest.held_back, newest.done["contact"], oldest.customers) == (2, 0, 1, 2)
    table = shown_lists.as_shown(three_weeks, newest.first, THREE, some)
    assert list(zip(table["number"].to_pylist(), table["customer_id"].to_pylist(), strict=True)) == [(1, "B"), (2, "D")]
    cases = shown_lists.cases(three_weeks, ledgers.load(three_weeks), THREE, some)
    assert set(cases["customer_id"].to_pylist()) == {"B", "D"}
    assert shown_lists.worked(three_weeks, ledger, THREE, Visible(frozenset({"south"}))) == []


def off(who: str, until: date = DUE_TWO) -> object:
    """An event that takes a customer off the list."""
    return event("snooze", who, as_of=ONE, company="north", number=ord(who), until=until)


def test_what_changed_within_the_day_is_kept_once_and_rebuilt_as_it_was_shown(workspace: Store) -> None:
    """Ada snoozes B, then C; bea sees what ada saw. Numbers move, and nobody but B and C is kept again."""
    ledger = commit(workspace, export(ONE), actor=ME)
    lists = [shown(ONE, 1, DUE_ONE), shown(ONE, 1, DUE_ONE, off("B")), shown(ONE, 1, DUE_ONE, off("B"), off("C"))]
    for ranked in lists:
        assert shown_lists.record(workspace, ledger, ONE, ranked, actor=laptop("ada"))
        assert not shown_lists.record(workspace, ledger, ONE, ranked, actor=laptop("ada"))
        assert not shown_lists.record(workspace, ledger, ONE, ranked, actor=laptop("bea")), "bea is shown the same"
    (day,) = shown_lists.worked(workspace, ledger, ONE)
    assert [(each.number, each.customers, each.held_back, each.added) for each in day.lists] == [
        (1, 4, 0, 4),
        (2, 3, 1, 0),
        (3, 2, 2, 0),
    ]
    rebuilt = [kept_lists.entries(workspace, each.id).to_pylist() for each in day.lists]
    assert [[(row["number"], row["customer_id"], row["gate"]) for row in each] for each in rebuilt] == [
        [(1, "A", None), (2, "B", None), (3, "C", None), (4, "D", None)],
        [(1, "A", None), (2, "C", None), (3, "D", None), (None, "B", "snoozed")],
        [(1, "A", None), (2, "D", None), (None, "B", "snoozed"), (None, "C", "snoozed")],
    ]
    assert rebuilt[2][0] == rebuilt[0][0], "with its invoices"
    assert [len(kept_lists.written(workspace, each.id)) for each in day.lists] == [4, 1, 2]


def test_who_came_on_the_list_later_in_the_day_counts_as_he_was_shown_first(workspace: Store) -> None:
    """B is snoozed when the first list is shown, and back on the third of the day; all were said to slip with 50 %."""
    ledger = commit(workspace, export(ONE), actor=ME)
    publishing.publish(workspace, models.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    for events in ([off("B")], [off("B"), off("A")], []):
        assert shown_lists.record(workspace, ledger, ONE, shown(ONE, 1, DUE_ONE, *events), actor=laptop("ada"))
    later = commit(workspace, export(THREE), after=ledger.id, actor=ME)
    (day,) = shown_lists.worked(workspace, later, THREE)
    assert (day.customers, [each.added for each in day.lists]) == (4, [3, 0, 2])
    assert sorted(shown_lists.cases(workspace, later, THREE)["customer_id"].to_pylist()) == list("ABCD"), "each once"


def test_who_was_on_a_list_without_predictions_counts_as_he_was_shown_with_them_first(workspace: Store) -> None:
    """
    ada     A B C D, before there is a model
    bea     A C D, as B is snoozed, with predictions
    ada     A B C D, with predictions
    """
    ledger = commit(workspace, export(ONE), actor=ME)
    assert shown_lists.record(workspace, ledger, ONE, shown(ONE, 1, DUE_ONE), actor=laptop("ada"))
    publishing.publish(workspace, models.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    for name, events in (("bea", [off("B")]), ("ada", [])):
        assert shown_lists.record(workspace, ledger, ONE, shown(ONE, 1, DUE_ONE, *events), actor=laptop(name))
    later = commit(workspace, export(THREE), after=ledger.id, actor=ME)
    assert sorted(shown_lists.cases(workspace, later, THREE)["customer_id"].to_pylist()) == list("ABCD"), "each once"


def test_another_export_of_the_same_day_is_a_list_of_that_day(workspace: Store) -> None:
    """The second export, of the same day, has E besides."""
    first = commit(workspace, export(ONE), actor=ME)
    assert shown_lists.record(workspace, first, ONE, shown(ONE, 1, DUE_ONE), actor=laptop("ada"))
    text = f"north E E1 2024-03-01 {DUE_ONE} - 10000 EUR"
    second = commit(workspace, ledger_of(text, complete_through=date(2024, 3, 31)), after=first.id, actor=ME)
    row = {
        "company": "north",
        "customer_id": "E",
        "invoice_id": "E1",
        "due_date": DUE_ONE,
        "p_on_time": 0.5,
        "outstanding": 10000,
    }
    assert shown_lists.record(workspace, second, ONE, worklist(predictions(row, as_of=ONE), as_of=ONE), actor=laptop("ada"))
    (day,) = shown_lists.worked(workspace, second, ONE)
    assert (day.customers, len(day.lists)) == (5, 2)


def test_what_is_undone_was_not_done(three_weeks: Store) -> None:
    entered = contact(three_weeks, "C", TWO)
    agreements.undo(three_weeks, entered, THREE, actor=laptop("ada"))
    newest = shown_lists.worked(three_weeks, ledgers.load(three_weeks), THREE)[0]
    assert newest.done["contact"] == 2
    assert shown_lists.worked(three_weeks, ledgers.load(three_weeks), TWO)[0].done["contact"] == 3, "undone later"


def test_who_was_held_back_is_kept_with_the_gate(workspace: Store) -> None:
    ledger = commit(workspace, export(ONE), actor=ME)
    assert shown_lists.record(workspace, ledger, ONE, shown(ONE, 1, DUE_ONE, off("A")), actor=ME)
    (found,) = shown_lists.worked(workspace, ledger, ONE)
    last = kept_lists.entries(workspace, found.first.id).to_pylist()[-1]
    assert (found.first.customers, found.first.held_back) == (3, 1)
    assert (last["customer_id"], last["number"], last["gate"], last["returns"]) == ("A", None, "snoozed", DUE_TWO)
    assert len(shown_lists.cases(workspace, ledger, ONE)) == 0


def test_a_past_day_and_an_old_version_that_are_looked_at_again_are_not_kept(three_weeks: Store) -> None:
    newest = ledgers.load(three_weeks)
    assert not shown_lists.record(three_weeks, newest, TWO, shown(TWO, 2, DUE_TWO), actor=ME)
    first = next(each for each in ledgers.listed(three_weeks) if each.version == 1)
    delete(three_weeks, next(each.id for each in ledgers.listed(three_weeks) if each.version == 2), actor=ME)
    assert not shown_lists.record(three_weeks, ledgers.load(three_weeks, first.id), ONE, shown(ONE, 1, DUE_ONE), actor=ME)
    assert [each.first.as_of for each in shown_lists.worked(three_weeks, newest, THREE)] == [ONE], "gone with its ledger"


def test_a_list_that_is_not_as_it_was_kept_is_refused(three_weeks: Store) -> None:
    newest = shown_lists.worked(three_weeks, ledgers.load(three_weeks), THREE)[0]
    with three_weeks.database.write() as session:
        session.get_one(ShownListRow, newest.first.id).entries = b"something else"
    with pytest.raises(Refused, match="not as it was kept"):
        kept_lists.entries(three_weeks, newest.first.id)


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), as_of=st.dates(TWO, THREE))
def test_rewriting_what_was_not_known_changes_nothing(three_weeks: Store, seed: int, as_of: date) -> None:
    ledger = ledgers.load(three_weeks)
    asked = partial(shown_lists.cases, three_weeks)
    known = asked(ledger, as_of)
    contact(three_weeks, "CD"[seed % 2], THREE)  # on a list of a later day, or of this very one
    assert sorted_rows(asked(rewritten(ledger, as_of, seed), as_of)) == sorted_rows(known)


def sorted_rows(table: pa.Table) -> list[tuple[object, ...]]:
    return sorted(tuple(row.values()) for row in table.to_pylist())
