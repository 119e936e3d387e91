"""Where is what was agreed with customers kept? In rows that are appended and never changed; only a recorded removal deletes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, delete, func, or_, select, tuple_
from sqlalchemy.orm import Session

from insights.access import Person
from insights.agreements.events import TAKE, UNDO, Agreement, CustomerKey
from insights.agreements.ranking import Weights
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.store.audit import record
from insights.store.store import Store, no_such
from insights.store.tables import AgreementRow, LineageRow, WeightsRow, as_record

AT_ONCE = 400  # customers in one statement
OldKey = tuple[str, str, str]  # lineage, company and customer id


@dataclass(frozen=True)
class NewAgreement:
    """An event that is about to be kept; its payload is validated."""

    kind: str
    company: str
    customer_id: str
    invoice_id: str | None
    line: str | None
    as_of: date
    payload: Mapping[str, Any]
    lineage_id: str = ""  # as of an Agreement


def append(store: Store, entries: Sequence[NewAgreement], *, actor: Person) -> tuple[Agreement, ...]:
    """Keep events, all or none, in their order."""
    rows = [_row(entry, actor) for entry in entries]
    with store.database.write() as session:
        session.add_all(rows)
        session.flush()
        if rows:
            kinds = {row.kind for row in rows}
            record(session, actor, f"agreement.{kinds.pop() if len(kinds) == 1 else 'enter'}", rows[0].id, **_summary(rows))
    return tuple(as_record(Agreement, row) for row in rows)


def _row(entry: NewAgreement, actor: Person) -> AgreementRow:
    return AgreementRow(
        actor=actor.name,
        kind=entry.kind,
        company=entry.company,
        customer_id=entry.customer_id,
        invoice_id=entry.invoice_id,
        line=entry.line,
        lineage_id=entry.lineage_id,
        as_of=entry.as_of,
        payload=dict(entry.payload),
    )


def _summary(rows: Sequence[AgreementRow]) -> dict[str, object]:
    """What the record says of events: on which list and how many; what was agreed, and with whom, stands in the events alone."""
    return {"as_of": rows[0].as_of.isoformat(), "events": len(rows)}


def marks() -> tuple[ScalarSelect[Any], ...]:
    """What changes where something is agreed, or removed, or where the weights change: for one SELECT."""
    newest, weights = (select(row.id).order_by(row.sequence.desc()).limit(1) for row in (AgreementRow, WeightsRow))
    return newest.scalar_subquery(), select(func.count()).select_from(AgreementRow).scalar_subquery(), weights.scalar_subquery()


def fingerprint(store: Store) -> str:
    """What tells a cache that something was agreed, or removed, or that the weights changed."""
    with store.database.read() as session:
        return "-".join(str(mark) for mark in session.execute(select(*marks())).one())


def take(store: Store, customer: CustomerKey, as_of: date, *, lineage_id: str = "", actor: Person) -> Agreement:
    """Take a customer's row of a day's list; Refused where somebody else has it. Of two at once, one is refused."""
    lineage_id = kept_to(customer[0], lineage_id)
    with store.database.write() as session:
        undone = {payload["event"] for payload in session.scalars(select(AgreementRow.payload).where(AgreementRow.kind == UNDO))}
        mine = {"kind": TAKE, "company": customer[0], "customer_id": customer[1], "as_of": as_of}
        wanted = select(AgreementRow).filter_by(**mine).where(_seen_from(lineage_id))
        taken = session.scalars(wanted.order_by(AgreementRow.sequence.desc()))
        holder = next((row.actor for row in taken if row.id not in undone), actor.name)
        if holder != actor.name:
            raise Refused(f"{holder} has taken this customer on the list of {as_of}.", "taken", by=holder)
        row = _row(NewAgreement(TAKE, *customer, None, None, as_of, {}, lineage_id), actor)
        session.add(row)
        session.flush()
        record(session, actor, f"agreement.{TAKE}", row.id, **_summary([row]))
    return as_record(Agreement, row)


def kept_to(company: str, lineage_id: str) -> str:
    """The lineage that events of a company are kept to: none where it has a name, by which every ledger knows it."""
    return "" if company else lineage_id


def _seen_from(lineage_id: str) -> ColumnElement[bool]:
    """Which events a ledger of a lineage sees: those of named companies, its own, and those of which nobody knows whose."""
    return or_(AgreementRow.company != "", AgreementRow.lineage_id.in_(("", lineage_id)))


def listed(
    store: Store, *, until: date | None = None, customer: CustomerKey | None = None, lineage_id: str | None = None
) -> tuple[Agreement, ...]:
    """Events in order of entry, of days up to and including `until`, of one customer or all, as a ledger of a lineage sees them.

    (None: all there are. Customers of no named company are those of their ledger: of two firms, each may have its C1.)
    """
    wanted = select(AgreementRow).order_by(AgreementRow.sequence)
    if until:
        wanted = wanted.where(AgreementRow.as_of <= until)
    if customer:
        wanted = wanted.where(AgreementRow.company == customer[0], AgreementRow.customer_id == customer[1])
    if lineage_id is not None:
        wanted = wanted.where(_seen_from(lineage_id))
    with store.database.read() as session:
        return tuple(as_record(Agreement, row) for row in session.scalars(wanted))


def get(store: Store, event_id: str) -> Agreement:
    """One event; Refused where it is not there."""
    with store.database.read() as session:
        row = session.get(AgreementRow, event_id)
        if row is None:
            raise no_such("event", event_id)
        return as_record(Agreement, row)


def reasons(store: Store) -> list[str]:
    """The reasons that disputes were given, in alphabetical order."""
    with store.database.read() as session:
        payloads = session.scalars(select(AgreementRow.payload).where(AgreementRow.kind == "dispute"))
        return sorted({payload["reason"] for payload in payloads if payload["reason"]})


def count_of(store: Store, customers: Collection[CustomerKey], lineage_id: str) -> int:
    """How many events there are of some customers of a ledger."""
    wanted = set(customers)
    with store.database.read() as session:
        keys = session.execute(select(AgreementRow.company, AgreementRow.customer_id).where(_seen_from(lineage_id)))
        return sum((company, customer_id) in wanted for company, customer_id in keys)


def remove_of(session: Session, customers: Collection[CustomerKey], why: str, *, lineage_id: str, actor: Person) -> int:
    """Delete all that was agreed with some customers of a ledger, with a record; how many events."""
    gone, every = 0, sorted(customers)
    for begin in range(0, len(every), AT_ONCE):
        some = every[begin : begin + AT_ONCE]
        mine = and_(tuple_(AgreementRow.company, AgreementRow.customer_id).in_(some), _seen_from(lineage_id))
        gone += len(list(session.scalars(select(AgreementRow.id).where(mine))))
        session.execute(delete(AgreementRow).where(mine))
    record(session, actor, "agreements.remove", why, customers=len(every), events=gone)
    return gone


def adopt(session: Session, ledger: Ledger, lineage_id: str) -> int:
    """Give a new lineage what was agreed on ledgers that are gone, where it is of this very business; how many events.

    Of the invoices that those events name, half are in the ledger, with the same customers. What names no invoice proves nothing.
    """
    gone = AgreementRow.lineage_id.not_in(["", *session.scalars(select(LineageRow.id))])
    by_lineage: dict[str, list[AgreementRow]] = {}
    for row in session.scalars(select(AgreementRow).where(gone)):
        by_lineage.setdefault(row.lineage_id, []).append(row)
    if not by_lineage:
        return 0
    names = ("customer_id", "invoice_id", "line")
    here = set(zip(*(ledger.invoices[name].to_pylist() for name in names), strict=True))
    adopted = 0
    for rows in by_lineage.values():
        named = {(row.customer_id, *scope) for row in rows for scope in _invoices_of(row)}
        if named and 2 * len(named & here) >= len(named):
            adopted += len(rows)
            for row in rows:
                row.lineage_id = lineage_id
    return adopted


def _invoices_of(row: AgreementRow) -> list[tuple[str, str]]:
    covered = [(invoice["invoice_id"], invoice["line"]) for invoice in row.payload.get("covers") or ()]
    return covered or ([(row.invoice_id, row.line)] if row.invoice_id and row.line else [])


def old(store: Store, first: date) -> set[OldKey]:
    """Of whom anything was agreed on lists before a day: lineage, company and customer id."""
    columns = AgreementRow.lineage_id, AgreementRow.company, AgreementRow.customer_id
    with store.database.read() as session:
        return {
            (row[0], row[1], row[2]) for row in session.execute(select(*columns).where(AgreementRow.as_of < first).distinct())
        }


def remove_old(store: Store, first: date, customers: Collection[OldKey], *, actor: Person) -> int:
    """Delete what was agreed with some customers on lists before a day, with a record; how many events."""
    gone, every = 0, sorted(customers)
    with store.database.write() as session:
        for begin in range(0, len(every), AT_ONCE):
            key = tuple_(AgreementRow.lineage_id, AgreementRow.company, AgreementRow.customer_id)
            mine = and_(AgreementRow.as_of < first, key.in_(every[begin : begin + AT_ONCE]))
            gone += len(list(session.scalars(select(AgreementRow.id).where(mine))))
            session.execute(delete(AgreementRow).where(mine))
        if gone:
            details = {"lists_before": first.isoformat(), "customers": len(every), "events": gone}
            record(session, actor, "agreements.remove", "retention", **details)
    store.database.forget()
    return gone


# --- by which weights the worklist is ranked -----------------------------------------------------------------------------


def weights(store: Store) -> Weights:
    """The weights that a manager set last, the usual ones where nobody did."""
    with store.database.read() as session:
        row = _last_weights(session)
        return as_record(Weights, row) if row else Weights()


def _last_weights(session: Session) -> WeightsRow | None:
    return session.scalars(select(WeightsRow).order_by(WeightsRow.sequence.desc()).limit(1)).first()


def keep_weights(store: Store, chosen: Weights, *, actor: Person) -> None:
    """From now on, the worklist is ranked by these. Recorded."""
    values = {"prevention": chosen.prevention, "contact_days": chosen.contact_days, "minimum": chosen.minimum}
    with store.database.write() as session:
        last = _last_weights(session)
        before = {name: getattr(last, name) for name in values} if last else {}
        row = WeightsRow(actor=actor.name, **values)
        session.add(row)
        session.flush()
        record(session, actor, "weights.keep", row.id, before, **values)
