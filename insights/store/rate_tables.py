"""How is an uploaded table of rates kept, and which one counts? The newest; earlier ones stay until they are removed."""

import json
from datetime import date
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import select

from insights.access import Person
from insights.ledger.errors import Refused
from insights.ledger.exchange_rates import ExchangeRates, Rate
from insights.store.audit import record
from insights.store.records import RateTable
from insights.store.store import Store, no_such
from insights.store.tables import RateTableRow, as_record, new_id, now


def keep(store: Store, rates: ExchangeRates, name: str, *, actor: Person) -> RateTable:
    """Keep a table of rates, which replaces the one before. Recorded."""
    days = [rate.day for rate in rates.all]
    entries = [f"{rate.day} {rate.source} {rate.target} {rate.rate}" for rate in rates.all]
    row = RateTableRow(
        id=new_id(),
        created_at=now(),
        actor=actor.name,
        name=name,
        rows=len(days),
        first_day=min(days),
        last_day=max(days),
        currencies=list(rates.currencies),
        sha256=_digest(entries),
        entries=entries,
    )
    with store.database.write() as session:
        session.add(row)
        record(session, actor, "rates.keep", row.id, name=name, rows=len(days))
    return as_record(RateTable, row)


def remove(store: Store, table_id: str, *, actor: Person) -> None:
    """Delete a table: the one before it counts again. That there was one, and who removed it, stays on record."""
    with store.database.write() as session:
        row = session.get(RateTableRow, table_id)
        if row is None:
            raise no_such("rate table", table_id)
        record(session, actor, "rates.remove", table_id, name=row.name, rows=row.rows)
        session.delete(row)


def newest(store: Store) -> RateTable | None:
    with store.database.read() as session:
        newest = session.scalars(select(RateTableRow).order_by(RateTableRow.sequence.desc()).limit(1)).first()
        return as_record(RateTable, newest) if newest else None


def load(store: Store, table_id: str) -> ExchangeRates:
    with store.database.read() as session:
        row = session.get(RateTableRow, table_id)
        if row is None:
            raise no_such("rate table", table_id)
        if _digest(row.entries) != row.sha256:
            raise Refused(
                f"The exchange rates “{row.name}” are not as they were kept: remove them, or restore a backup.", "damaged"
            )
        return ExchangeRates.of([_rate(*entry.split(" ")) for entry in row.entries])


def _digest(entries: list[str]) -> str:
    return sha256(json.dumps(entries).encode()).hexdigest()


def _rate(day: str, source: str, target: str, rate: str) -> Rate:
    return Rate(date.fromisoformat(day), source, target, Decimal(rate))
