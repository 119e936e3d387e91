"""Is a row as it was written, and which record of who did what is the one before another?

A new row gets its number and its seal as it is written, a record its place at the end of the chain; a row with another seal is
refused when it is read.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import cast

from sqlalchemy import Connection, Float, event, func, inspect, select
from sqlalchemy.orm import Session, object_mapper, object_session

from insights.ledger.errors import Refused
from insights.store.records import Scope
from insights.store.tables import DAMAGED, Base, RecordHeadRow, RecordRow, SealedRow, entries, new_id, now

UNCHECKED = "unchecked"  # of a session
HEAD_ID = 1  # of the one row of `record_head`
UNSEALED = ("seal", "entries")  # entries have a digest of their own


def seal_of(row: SealedRow) -> str:
    """sha256 of a row's values, as text in the order of their names."""
    values = [[name, _plain(getattr(row, name), kind)] for name, kind in _sealed(type(row).__name__)]
    return _digest(values)


def _digest(values: list[list[object]]) -> str:
    return sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def broken(connection: Connection) -> set[tuple[str, str]]:
    """The rows that are not as they were written, as (table, id), in a database of any migration."""
    return {(table, known_id) for table, known_id, seal, own in seals_of(connection) if seal not in ("", own)}


def seals_of(connection: Connection) -> Iterator[tuple[str, str, str, str]]:
    """Table, id and seal of each row of a database of any migration, and the seal that it has by the columns that it had then.

    Rows from before there were seals are left out; so are those with columns that are no more, and publications from before there
    were lineages, whose scope was sealed in other words: nobody can look at these any more.
    """
    inspector = inspect(connection)
    for table, _ in entries():
        there = {column["name"] for column in inspector.get_columns(table)} if inspector.has_table(table) else set()
        columns = sorted(
            (column for column in Base.metadata.tables[table].columns if column.name in there), key=lambda column: column.key
        )
        otherwise = table == "publications" and not inspector.has_table("lineages")
        if "seal" not in there or len(columns) < len(there) or otherwise:
            continue
        for row in connection.execute(select(*columns)).mappings():
            values = [[column.key, _plain(row[column], column.type)] for column in columns if column.key not in UNSEALED]
            yield table, row["id"], row["seal"], _digest(values)


@cache
def _sealed(name: str) -> list[tuple[str, object]]:
    """Names and types of the columns under the seal of a kind of row."""
    mapper = next(mapper for mapper in Base.registry.mappers if mapper.class_.__name__ == name)
    columns = sorted(mapper.columns, key=lambda column: column.key)
    return [(column.key, column.type) for column in columns if column.key not in UNSEALED]


def _plain(value: object, kind: object) -> object:
    """A value as it is before it is written and after it was read alike."""
    if isinstance(kind, Float) and value is not None:
        return float(cast("float", value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Scope):
        return [value.company, value.lineage]
    return json.loads(json.dumps(value, default=str)) if isinstance(value, dict | list | tuple) else value


@event.listens_for(Session, "before_flush")
def stamp(session: Session, *_: object) -> None:
    """Give new rows their id, moment and number, and every row that is written its seal; records are appended to their chain."""
    last: dict[type[SealedRow], int] = {}
    appended = [row for row in session.new if isinstance(row, RecordRow)]
    for row in session.new:
        if isinstance(row, SealedRow) and not isinstance(row, RecordRow):
            kind = type(row)
            if kind not in last:
                with session.no_autoflush:
                    last[kind] = session.scalar(select(func.max(kind.sequence))) or 0
            last[kind] += 1
            row.sequence = last[kind]
            row.id = row.id or new_id()
            row.created_at = cast("datetime | None", row.created_at) or now()
    changed = [row for row in session.dirty if session.is_modified(row)]
    if any(isinstance(row, RecordRow) for row in [*changed, *session.deleted]) and not session.info.get(UNCHECKED):
        raise TypeError("A record of who did what is never changed and never deleted.")
    for row in [*session.new, *changed]:
        if isinstance(row, SealedRow) and not isinstance(row, RecordRow):
            row.seal = seal_of(row)
    if appended:
        append(session, appended)


def append(session: Session, records: Sequence[RecordRow]) -> None:
    """Give new records their place at the end of the chain, which one transaction at a time holds."""
    with session.no_autoflush:
        head = session.get(RecordHeadRow, HEAD_ID, with_for_update=True, populate_existing=True)
        last = head and session.scalar(select(RecordRow.seal).where(RecordRow.sequence == head.sequence))
    if head is None or (last or "") != head.seal:
        raise Refused(DAMAGED.format("the end of the record of who did what"), "damaged_database")
    for row in records:
        row.id = row.id or new_id()
        row.created_at = cast("datetime | None", row.created_at) or now()
        row.sequence, row.previous = head.sequence + 1, head.seal
        row.seal = seal_of(row)
        head.sequence, head.seal = row.sequence, row.seal


def chain(session: Session, damaged: Collection[str] = ()) -> int:
    """Chain the records that there are, in their order, where none is sealed as the tables are now; how many.

    `damaged`: the ids of those that were not as they were written before, and stay so.
    """
    rows = list(session.scalars(select(RecordRow).order_by(RecordRow.sequence)))
    if any(is_sealed(row) for row in rows):
        return 0
    head = session.get_one(RecordHeadRow, HEAD_ID, with_for_update=True)
    head.sequence, head.seal = 0, ""
    for row in rows:
        row.previous = head.seal
        row.seal = row.seal if row.id in damaged else seal_of(row)
        head.sequence, head.seal = row.sequence, row.seal
    session.flush()
    return len(rows)


def breaks(session: Session) -> Iterator[str]:
    """Where the chain of records is not as it was written, in words; a record whose own seal is broken is named elsewhere."""
    expected, seal, known = 1, "", ""
    columns = (RecordRow.sequence, RecordRow.previous, RecordRow.seal)
    for sequence, previous, own in session.execute(select(*columns).order_by(RecordRow.sequence)):
        if sequence > expected:
            yield _span(expected, sequence - 1) + " removed"
        elif previous != seal:
            yield f"number {sequence} does not follow from {known or 'the beginning'}: one of them was changed, or moved"
        expected, seal, known = sequence + 1, own, f"number {sequence}"
    head = session.get(RecordHeadRow, HEAD_ID)
    if head is None:
        yield "where it ends is not on record any more"
    elif head.sequence >= expected:
        yield _span(expected, head.sequence) + " removed"
    elif head.sequence < expected - 1:
        yield _span(head.sequence + 1, expected - 1) + " added by somebody else"
    elif head.seal != seal:
        yield f"number {head.sequence}, the last, was changed"


def _span(first: int, last: int) -> str:
    return f"number {first} was" if first == last else f"numbers {first} to {last} were"


@contextmanager
def unchecked(session: Session) -> Iterator[None]:
    """Rows are read whatever their seals say: by whoever seals them anew, or names those that are damaged."""
    session.info[UNCHECKED] = True
    try:
        yield
    finally:
        del session.info[UNCHECKED]


@event.listens_for(SealedRow, "load", propagate=True)
def verify_seal(row: SealedRow, *_: object) -> None:
    """Refuse a row that is not as it was written."""
    session = object_session(row)
    if session is not None and session.info.get(UNCHECKED):
        return
    if not is_sealed(row):
        table = object_mapper(row).local_table.name  # type: ignore[attr-defined]
        raise Refused(DAMAGED.format(f"an entry of its table “{table}”"), "damaged_database", table=table, id=row.id)


def is_sealed(row: SealedRow) -> bool:
    """Whether a row is as it was written."""
    try:
        return row.seal == seal_of(row)
    except (ValueError, TypeError):  # a number that is none
        return False
