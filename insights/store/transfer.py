"""How do all rows of one database come into another of the same migration, whichever kind each is?

Value by value: structures as the text that was written, moments in UTC; so that every row's seal is as it was.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    column,
    delete,
    insert,
    select,
    table,
)
from sqlalchemy.exc import DataError
from sqlalchemy.sql import ColumnElement
from sqlalchemy.types import TypeEngine

from insights.ledger.errors import Refused
from insights.store.tables import Utc

AT_ONCE = 1_000  # rows
VALUE = "value_"  # how the name of a parameter begins
KINDS: tuple[tuple[type[TypeEngine[Any]], TypeEngine[Any]], ...] = (
    (JSON, Text()),
    (DateTime, Utc()),
    (Date, Date()),
    (Boolean, Boolean()),
    (Float, Float()),
    (Integer, Integer()),
    (LargeBinary, LargeBinary()),
)  # kind of a column -> how its values travel; all else is text
REVISION = "alembic_version"  # the table that each database has of its own
SEEDED = {"record_head"}  # tables in which a migration puts a row
PASSING = {"sign_in_attempts"}  # what is forgotten soon stays where it is, under numbers that the other database gives anew


def copy(source: Connection, target: Connection) -> int:
    """Every row of every table into tables that are empty (`is_empty`), but of what is PASSING; how many.

    In the transactions of the caller. Refused where the target cannot keep a text: PostgreSQL takes none with the character zero.
    """
    reflected = MetaData()
    reflected.reflect(target)
    tables = [original for original in reflected.sorted_tables if original.name not in {REVISION, *PASSING}]
    return sum(_copied(source, target, original) for original in tables)


def is_empty(connection: Connection) -> bool:
    """Whether no table has a row but what a migration put there."""
    reflected = MetaData()
    reflected.reflect(connection)
    tables = [original for original in reflected.sorted_tables if original.name not in {REVISION, *SEEDED, *PASSING}]
    return all(connection.execute(select(original).limit(1)).first() is None for original in tables)


def _copied(source: Connection, target: Connection, reflected: Table) -> int:
    plain = table(reflected.name, *(column(original.name, _kind(original)) for original in reflected.columns))
    reading = select(*(_read(original) for original in reflected.columns)).select_from(plain)
    writing = insert(plain).values({original.name: _written(target, original) for original in reflected.columns})
    if reflected.name in SEEDED:
        target.execute(delete(plain))
    many = 0
    for rows in source.execution_options(yield_per=AT_ONCE).execute(reading).mappings().partitions():
        try:
            target.execute(writing, [{f"{VALUE}{name}": value for name, value in row.items()} for row in rows])
        except DataError as error:
            raise Refused(
                f"An entry of the table “{reflected.name}” holds a character that the database server cannot keep.",
                "untransferable",
            ) from error
        many += len(rows)
    return many


def _kind(reflected: Column[Any]) -> TypeEngine[Any]:
    """How a column's values are read and written, on either side."""
    return next((made for kind, made in KINDS if isinstance(reflected.type, kind)), Text())


def _read(reflected: Column[Any]) -> ColumnElement[Any]:
    named: ColumnElement[Any] = column(reflected.name, _kind(reflected))
    return cast(named, Text).label(reflected.name) if isinstance(reflected.type, JSON) else named


def _written(target: Connection, reflected: Column[Any]) -> ColumnElement[Any]:
    value: ColumnElement[Any] = bindparam(f"{VALUE}{reflected.name}", type_=_kind(reflected))
    return cast(value, JSON) if isinstance(reflected.type, JSON) and target.dialect.name != "sqlite" else value
