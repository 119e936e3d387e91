"""Which SQL tables hold what changes? `insights/migrations` makes them; a test holds both equal.

Every row has a number, which tells what came first whatever the clock said, and a seal, which tells whether it is still as it
was written: a row with another is refused when it is read (`insights.store.seals`).
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from sqlalchemy import (
    JSON,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from insights.ledger.errors import Refused
from insights.store.records import Scope

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
DAMAGED = "The database of the workspace is damaged: {} is not as it was written. Nothing of it is shown; restore a backup."
LINEAGE = "lineage:"  # how the text of a scope begins that is kept to a lineage


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return str(uuid4())


class Checked:
    """What stands in a column and is none of its values is said to be damaged, before a seal can tell."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        read = super().result_processor(dialect, coltype)  # type: ignore[misc]
        if read is None:
            return None

        def checked(value: Any) -> Any:  # noqa: ANN401 - of any column
            try:
                return read(value)
            except (ValueError, TypeError) as error:
                raise Refused(DAMAGED.format("an entry"), "damaged_database") from error

        return checked


class Json(Checked, TypeDecorator[Any]):
    """A structure that is only kept, never searched."""

    impl = JSON
    cache_ok = True


class Day(Checked, TypeDecorator[date]):
    """A day."""

    impl = Date
    cache_ok = True


class Utc(Checked, TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC) if value else None


class ScopeText(Checked, TypeDecorator[Scope]):
    """A scope as text: "all", or "company:" and the company's name; before it "lineage:ID:" where it is kept to a lineage."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Scope | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        kept_to = f"{LINEAGE}{value.lineage}:" if value.lineage else ""
        return kept_to + ("all" if value.company is None else f"company:{value.company}")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Scope | None:  # noqa: ARG002
        if value is None:
            return None
        lineage = ""
        if value.startswith(LINEAGE):
            lineage, _, value = value.removeprefix(LINEAGE).partition(":")
        return Scope(None if value == "all" else value.removeprefix("company:"), lineage)


class Base(DeclarativeBase):
    """Text UUIDs, UTC, JSON where a structure is only kept, never searched."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: String,
        datetime: Utc,
        Scope: ScopeText,
        date: Day,
        float: Float,
        dict[str, Any]: Json,
        list[str]: Json,
    }


class SealedRow:
    """What every row has. `stamp` gives id, moment, number and seal where they are not given."""

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Utc, index=True)
    actor: Mapped[str] = mapped_column(String)
    sequence: Mapped[int] = mapped_column(Integer, index=True)  # 1, 2, 3 ... within the table, in the order of writing
    seal: Mapped[str] = mapped_column(String(64))  # sha256 of the row's other values


class LineageRow(SealedRow, Base):
    """The versions of one ledger, one export after another, and what was said of its customers once and for all."""

    __tablename__ = "lineages"

    merges: Mapped[dict[str, Any]]  # another spelling (an id or a name) -> the customer that it is


class LedgerRow(SealedRow, Base):
    """A committed ledger; its tables are Parquet in `path`, relative to the home."""

    __tablename__ = "ledgers"

    name: Mapped[str]
    lineage_id: Mapped[str] = mapped_column(String(36), index=True)
    version: Mapped[int] = mapped_column(Integer)  # 1, 2, 3 ... within the lineage
    path: Mapped[str]
    sha256: Mapped[str]
    fingerprint: Mapped[str]
    rows: Mapped[int]
    rows_read: Mapped[int]
    rows_set_aside: Mapped[int]
    rows_ignored: Mapped[int]
    problems: Mapped[dict[str, Any]]
    companies: Mapped[list[str]]
    customers: Mapped[int]
    complete_through: Mapped[date]
    history_starts: Mapped[date]
    default_as_of: Mapped[date]
    outstanding: Mapped[dict[str, Any]]
    balance: Mapped[dict[str, Any] | None] = mapped_column(Json(none_as_null=True))  # None: kept before it was counted
    known_at_issue: Mapped[list[str]]


class ModelRow(SealedRow, Base):
    """A saved model; its files are in `path`."""

    __tablename__ = "models"

    name: Mapped[str]
    path: Mapped[str]
    sha256: Mapped[str]
    ledger_id: Mapped[str] = mapped_column(String(36), index=True)
    trained_as_of: Mapped[date]
    recipe: Mapped[dict[str, Any]]
    fields: Mapped[list[str]]
    metrics: Mapped[dict[str, Any]]
    imported: Mapped[bool]  # from elsewhere: what it says of itself was checked by nobody
    tried: Mapped[bool]  # whether its boosters may be read outside the limited child


class PublicationRow(SealedRow, Base):
    """Append-only. The number within the scope is unique, so that of two who replace the same one, one fails."""

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("scope", "number"),)

    scope: Mapped[Scope]
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str]
    model_id: Mapped[str] = mapped_column(String(36))
    threshold: Mapped[float]
    reason: Mapped[str] = mapped_column(Text)
    replaces: Mapped[str | None] = mapped_column(String(36))
    restores: Mapped[str | None] = mapped_column(String(36))
    gate: Mapped[dict[str, Any]]


class PredictionRow(SealedRow, Base):
    """One immutable file of predictions."""

    __tablename__ = "predictions"
    __table_args__ = (UniqueConstraint("ledger_id", "model_id", "as_of"),)

    ledger_id: Mapped[str] = mapped_column(String(36), index=True)
    model_id: Mapped[str] = mapped_column(String(36), index=True)
    as_of: Mapped[date]
    path: Mapped[str]
    sha256: Mapped[str]
    rows: Mapped[int]


class RateTableRow(SealedRow, Base):
    """An uploaded table of rates; append-only, the newest counts. An entry reads `2024-01-31 EUR USD 1.0837`."""

    __tablename__ = "rate_tables"

    name: Mapped[str]
    rows: Mapped[int]
    first_day: Mapped[date]
    last_day: Mapped[date]
    currencies: Mapped[list[str]]
    sha256: Mapped[str]  # of the entries, which are read only where they are used
    entries: Mapped[list[str]] = mapped_column(Json, deferred=True)


class BillingPlanRow(SealedRow, Base):
    """An uploaded billing plan of a lineage; append-only, the newest counts. Its rows are in `entries`, as JSON."""

    __tablename__ = "billing_plans"

    lineage_id: Mapped[str] = mapped_column(String(36), index=True)
    name: Mapped[str]
    rows: Mapped[int]
    set_aside: Mapped[list[str]]  # why rows could not be used
    sha256: Mapped[str]  # of the entries, which are read only where they are used
    entries: Mapped[list[str]] = mapped_column(Json, deferred=True)


class ScenarioRow(SealedRow, Base):
    """A what-if of the cash of a lineage, kept by name; the newest of a name counts, removed ones have no values."""

    __tablename__ = "scenarios"

    lineage_id: Mapped[str] = mapped_column(String(36), index=True)
    name: Mapped[str]
    values: Mapped[dict[str, Any]]


class AgreementRow(SealedRow, Base):
    """What was agreed with a customer: append-only; undone by another row."""

    __tablename__ = "agreements"
    __table_args__ = (Index("ix_agreements_customer", "company", "customer_id"),)

    kind: Mapped[str]
    company: Mapped[str]
    customer_id: Mapped[str]
    invoice_id: Mapped[str | None]
    line: Mapped[str | None]
    lineage_id: Mapped[str] = mapped_column(String(36))  # of what has no company's name; "" else
    as_of: Mapped[date]
    payload: Mapped[dict[str, Any]]


class WeightsRow(SealedRow, Base):
    """The weights of the worklist; append-only, the newest count."""

    __tablename__ = "weights"

    prevention: Mapped[int] = mapped_column(Integer)
    contact_days: Mapped[int] = mapped_column(Integer)
    minimum: Mapped[int] = mapped_column(Integer)


class ShownListRow(SealedRow, Base):
    """The worklist of a ledger and day as it was shown; never changed. The entries are a Parquet file."""

    __tablename__ = "shown_lists"
    __table_args__ = (UniqueConstraint("ledger_id", "as_of", "number"),)

    ledger_id: Mapped[str] = mapped_column(String(36), index=True)
    as_of: Mapped[date]
    number: Mapped[int] = mapped_column(Integer)  # 1, 2, 3 ... within ledger and day
    base_id: Mapped[str | None] = mapped_column(String(36))  # the list of which the entries are what changed; null: all of it
    models: Mapped[list[str]]
    customers: Mapped[int] = mapped_column(Integer)
    added: Mapped[int] = mapped_column(Integer)  # of the customers those who were not on the list before it
    held_back: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str]  # of the entries, which are read only where they are used
    entries: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class RecordRow(SealedRow, Base):
    """Who did what, when, from where, and what was before. Append-only; each bears the seal of the one before (`append`)."""

    __tablename__ = "records"
    __table_args__ = (UniqueConstraint("sequence"), Index("ix_records_action", "action", "sequence"))

    action: Mapped[str]  # the kind of what it was done to, and what: "model.publish"
    subject: Mapped[str] = mapped_column(String, index=True)  # its id or name
    source: Mapped[str]  # through which door: screen, command, server; "" of records from before it was noted
    user_id: Mapped[str | None] = mapped_column(String(36))  # of whoever was signed in
    address: Mapped[str]  # from where; "" on this machine
    before: Mapped[dict[str, Any]]  # what was so until then
    details: Mapped[dict[str, Any]]  # what is so now
    previous: Mapped[str] = mapped_column(String(64))  # the seal of the record before; "" of the first


class RecordHeadRow(Base):
    """The one row that says where the chain of records ends. Who appends holds it, so that the chain never forks."""

    __tablename__ = "record_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sequence: Mapped[int] = mapped_column(Integer)
    seal: Mapped[str] = mapped_column(String(64))


class JobRow(SealedRow, Base):
    """A job. Whoever holds the lease works on it; `attempts` fences off a worker that slept through its lease."""

    __tablename__ = "jobs"

    kind: Mapped[str]
    request: Mapped[dict[str, Any]]
    ledger_id: Mapped[str] = mapped_column(String(36), index=True)
    as_of: Mapped[date | None]
    state: Mapped[str] = mapped_column(String, index=True)
    stage: Mapped[str]
    share: Mapped[float]
    log: Mapped[str] = mapped_column(Text)
    error: Mapped[str] = mapped_column(Text)
    model_id: Mapped[str] = mapped_column(String(36))
    attempts: Mapped[int] = mapped_column(Integer)
    cancel_asked: Mapped[bool]
    worker: Mapped[str]
    lease_until: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class FileRow(Base):
    """A file that was computed and may be computed again: a replay, a backtest, predictions of several models together."""

    __tablename__ = "files"

    path: Mapped[str] = mapped_column(String, primary_key=True)  # relative to the home
    sha256: Mapped[str]


def entries() -> list[tuple[str, type[SealedRow]]]:
    """The kinds of rows that have a number and a seal, by the names of their tables."""
    mappers = sorted(Base.registry.mappers, key=lambda mapper: str(mapper.local_table))
    return [(str(mapper.local_table), mapper.class_) for mapper in mappers if issubclass(mapper.class_, SealedRow)]


def as_record(kind: type[T], row: SealedRow, **given: object) -> T:
    """The frozen record of a row: the attributes of the same names, lists as tuples, and what is given besides."""
    values = {field.name: getattr(row, field.name) for field in fields(kind) if field.name not in given}
    frozen = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return kind(**frozen, **given)
