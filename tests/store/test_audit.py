"""Is who did what kept, all of it, and in an order that nobody can change unnoticed?"""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from insights.access import Person, Role, laptop
from insights.store import audit
from insights.store.audit import RecordFilter
from insights.store.integrity import examine
from insights.store.seals import seal_of, unchecked
from insights.store.store import Store
from insights.store.tables import RecordRow
from tests.support.processes import python, refusal
from tests.support.workspaces import ME

ANN = Person("Ann", Role.MANAGER, user_id="3f0c", address="10.0.0.7")


def noted(store: Store, *actions: str, actor: Person = ME) -> None:
    for action in actions:
        with store.database.write() as session:
            audit.record(session, actor, action, "subject of " + action, {"then": 1}, now=2)


def changed(store: Store, sql: str) -> None:
    """Somebody reaches into the database."""
    with store.database.write() as session:
        session.execute(text(sql))


def faults(store: Store) -> list[str]:
    return [fault.part for fault in examine(store).faults]


def test_a_record_says_who_what_from_where_and_what_was_before(workspace: Store) -> None:
    noted(workspace, "goal.set", actor=ANN)
    (record,) = audit.listed(workspace)
    assert (record.actor, record.user_id, record.source, record.address) == ("Ann", "3f0c", "screen", "10.0.0.7")
    assert (record.tag, record.before, record.details) == ("screen:goal:set", {"then": 1}, {"now": 2})
    assert datetime.now(UTC) - record.at < timedelta(minutes=1)


def test_every_record_bears_a_number_and_the_seal_of_the_one_before(workspace: Store) -> None:
    noted(workspace, "one", "two")
    with workspace.database.write() as session:  # two in one transaction
        audit.record(session, ME, "three", "")
        audit.record(session, ME, "four", "")
    records = audit.listed(workspace)[::-1]
    assert [each.sequence for each in records] == [1, 2, 3, 4]
    assert [each.previous for each in records] == ["", *(each.seal for each in records[:-1])]
    assert faults(workspace) == []


def test_what_is_undone_leaves_no_gap(workspace: Store) -> None:
    noted(workspace, "one")
    with suppress(ZeroDivisionError), workspace.database.write() as session:
        audit.record(session, ME, "never", "")
        session.flush()
        raise ZeroDivisionError
    noted(workspace, "two")
    assert [(each.sequence, each.action) for each in audit.listed(workspace)] == [(2, "two"), (1, "one")]
    assert faults(workspace) == []


@pytest.mark.parametrize("do", ["change", "delete"])
def test_a_record_is_never_changed_and_never_deleted(workspace: Store, do: str) -> None:
    noted(workspace, "one")

    def attempt() -> None:
        with workspace.database.write() as session:
            (row,) = session.query(RecordRow).all()
            if do == "change":
                row.actor = "somebody else"
            else:
                session.delete(row)

    with pytest.raises(TypeError, match="never changed"):
        attempt()
    assert [each.actor for each in audit.listed(workspace)] == [ME.name]


ACTIONS = ("one", "two", "three", "four", "five")


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        ("UPDATE records SET actor = 'nobody' WHERE sequence = 3", "the record of who did what: number 3 ("),
        ("DELETE FROM records WHERE sequence = 3", "number 3 was removed"),
        ("DELETE FROM records WHERE sequence BETWEEN 2 AND 3", "numbers 2 to 3 were removed"),
        ("DELETE FROM records WHERE sequence > 3", "numbers 4 to 5 were removed"),
        ("DELETE FROM records", "numbers 1 to 5 were removed"),
        ("DELETE FROM record_head", "where it ends is not on record any more"),
        ("UPDATE record_head SET sequence = 4", "number 5 was added by somebody else"),
    ],
)
def test_what_was_changed_or_removed_is_named(workspace: Store, harm: str, named: str) -> None:
    noted(workspace, *ACTIONS)
    assert faults(workspace) == []
    changed(workspace, harm)
    assert any(named in fault for fault in faults(workspace)), faults(workspace)


def resealed(store: Store, number: int, **values: object) -> None:
    """Somebody who knows how seals are made changes a record and seals it anew."""
    with store.database.read() as session, unchecked(session):
        row = session.query(RecordRow).filter_by(sequence=number).one()
        for name, value in values.items():
            setattr(row, name, value)
        seal, columns = seal_of(row), dict(values)
        session.expunge(row)
    with store.database.write() as session:
        assignments = ", ".join(f"{name} = :{name}" for name in (*columns, "seal"))
        where = {"own": row.id}
        session.execute(text(f"UPDATE records SET {assignments} WHERE id = :own"), columns | {"seal": seal} | where)  # noqa: S608


def test_a_record_that_was_changed_and_sealed_anew_is_named_by_the_next(workspace: Store) -> None:
    noted(workspace, *ACTIONS)
    resealed(workspace, 3, actor="nobody")
    assert faults(workspace) == [
        "the record of who did what: number 4 does not follow from number 3: one of them was changed, or moved"
    ]


def test_the_last_record_cannot_be_changed_either(workspace: Store) -> None:
    noted(workspace, *ACTIONS)
    resealed(workspace, 5, actor="nobody")
    assert faults(workspace) == ["the record of who did what: number 5, the last, was changed"]


def test_records_that_changed_places_are_named(workspace: Store) -> None:
    noted(workspace, *ACTIONS)
    resealed(workspace, 2, sequence=9)
    resealed(workspace, 3, sequence=2)
    resealed(workspace, 9, sequence=3)
    said = " ".join(faults(workspace))
    assert "number 2 does not follow from number 1" in said
    assert "number 3 does not follow from number 2" in said
    assert "number 4 does not follow from number 3" in said


def test_nothing_is_appended_to_a_chain_that_was_cut(workspace: Store) -> None:
    noted(workspace, *ACTIONS)
    changed(workspace, "DELETE FROM records WHERE sequence = 5")
    assert refusal(noted, workspace, "six") == "damaged_database"


@pytest.mark.slow
def test_processes_that_append_at_once_make_one_chain(workspace: Store) -> None:
    """Three processes append thirty records each, some of them two at a time."""
    code = """
from insights.access import laptop
from insights.store import audit
from insights.store.store import Store
store = Store.open()
for number in range(20):
    with store.database.write() as session:
        for each in range(1 + number % 2):
            audit.record(session, laptop("{name}"), "test.append", f"{number}.{each}")
"""
    running = [python(workspace, code.replace("{name}", name)) for name in ("ada", "bo", "cleo")]
    assert [process.wait(timeout=180) for process in running] == [0, 0, 0]
    records = audit.listed(workspace)
    assert [each.sequence for each in records] == list(range(90, 0, -1))
    assert {each.actor for each in records[:45]} != {records[0].actor}, "they did take turns"
    assert faults(workspace) == []


def test_records_are_found_by_who_what_and_when(workspace: Store) -> None:
    noted(workspace, "model.publish", "model.delete", "models.other", actor=laptop("ada"))
    noted(workspace, "model.publish", actor=ANN)
    today = datetime.now(UTC).date()
    for wanted, many in (
        (RecordFilter(), 4),
        (RecordFilter(action="model"), 3),
        (RecordFilter(action="model.publish", actor="Ann"), 1),
        (RecordFilter(source="command"), 3),
        (RecordFilter(subject="subject of model.delete"), 1),
        (RecordFilter(first=today - timedelta(days=1), last=today + timedelta(days=1)), 4),
        (RecordFilter(first=today + timedelta(days=2)), 0),
        (RecordFilter(last=date(2020, 1, 1)), 0),
        (RecordFilter(action="%"), 0),
    ):
        assert audit.count(workspace, wanted) == len(audit.of(workspace, wanted)) == many, wanted
    assert [each.sequence for each in audit.of(workspace, RecordFilter(), skip=1, most=2)] == [3, 2]
    assert audit.choices(workspace) == (["Ann", "ada"], ["model.delete", "model.publish", "models.other"])
