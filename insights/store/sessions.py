"""In which browsers did somebody sign in? A row each, found by the hash of an id that only the browser has."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session

from insights.access import Person
from insights.ledger.errors import Refused
from insights.store.audit import record
from insights.store.records import SignedIn
from insights.store.store import Store, no_such
from insights.store.tables import as_record, now
from insights.store.user_tables import SessionRow, UserRow
from insights.store.users import hashed, sign_out, user_of

LIFETIME = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # so exactly is it known when a browser was seen last
FORGOTTEN = timedelta(days=30)  # after their end; the record of who did what keeps that they were
LONGEST = 200  # characters of what a browser calls itself


def begin(store: Store, user_id: str, provider: str, *, agent: str, actor: Person) -> str:
    """The id for the browser of somebody who has just proved who they are. Recorded; Refused where they are disabled."""
    secret, moment = secrets.token_urlsafe(32), now()
    with store.database.write() as session:
        user = session.get(UserRow, user_id)
        if user is None or user.disabled:
            raise Refused("This user may not sign in. Ask an administrator.", "user_disabled")
        session.execute(delete(SessionRow).where(SessionRow.expires_at < moment - FORGOTTEN))
        row = SessionRow(
            actor=actor.name,
            token_sha256=hashed(secret),
            user_id=user_id,
            provider=provider,
            last_seen=moment,
            expires_at=moment + LIFETIME,
            ended_at=None,
            address=actor.address,
            agent=agent[:LONGEST],
        )
        session.add(row)
        session.flush()
        record(session, actor, "session.begin", row.id, provider=provider)
    return secret


def of_browser(store: Store, secret: str, *, at: datetime) -> SignedIn | None:
    """Who is signed in where the browser holds this id; None where nobody is, or not any more."""
    with store.database.read() as session:
        return _alive(session, SessionRow.token_sha256 == hashed(secret), at)


def alive(store: Store, session_id: str, *, at: datetime) -> SignedIn | None:
    """A session by the id of its row; None where it has ended, has expired, or its user is disabled."""
    with store.database.read() as session:
        return _alive(session, SessionRow.id == session_id, at)


def _living(at: datetime) -> Select[SessionRow, UserRow]:
    """The sessions that are alive, each with its user: not ended, not expired, and of somebody who may sign in."""
    return (
        select(SessionRow, UserRow)
        .join(UserRow, UserRow.id == SessionRow.user_id)
        .where(SessionRow.ended_at.is_(None), SessionRow.expires_at > at, UserRow.disabled.is_(False))
    )


def _alive(session: Session, which: ColumnElement[bool], at: datetime) -> SignedIn | None:
    row = session.execute(_living(at).where(which)).first()
    return _signed_in(*row) if row else None


def _signed_in(row: SessionRow, user: UserRow) -> SignedIn:
    return as_record(SignedIn, row, user=user_of(user, row.last_seen))


def ended(store: Store, session_ids: Collection[str], *, at: datetime) -> set[str]:
    """Those of some sessions that are not alive."""
    with store.database.read() as session:
        living = session.scalars(_living(at).where(SessionRow.id.in_(session_ids)).with_only_columns(SessionRow.id))
        return set(session_ids) - set(living)


def seen(store: Store, session_id: str, *, at: datetime) -> None:
    """Keep that a browser was here."""
    with store.database.write() as session:
        row = session.get(SessionRow, session_id)
        if row is not None and at - row.last_seen >= SEEN_EVERY:
            row.last_seen = at


def of_user(store: Store, user_id: str, *, at: datetime) -> list[SignedIn]:
    """The sessions of a user that are alive, the newest first."""
    wanted = _living(at).where(SessionRow.user_id == user_id).order_by(SessionRow.sequence.desc())
    with store.database.read() as session:
        return [_signed_in(*row) for row in session.execute(wanted)]


def end(store: Store, session_id: str, *, actor: Person) -> None:
    """Sign one browser out. Recorded."""
    with store.database.write() as session:
        row = session.get(SessionRow, session_id)
        if row is None:
            raise no_such("session", session_id)
        if row.ended_at is None:
            row.ended_at = now()
            record(session, actor, "session.end", session_id)


def end_all(store: Store, user_id: str, *, actor: Person) -> int:
    """Sign a user out of all browsers; how many these were. Recorded."""
    with store.database.write() as session:
        many = sign_out(session, user_id)
        record(session, actor, "session.end_all", user_id, browsers=many)
    return many


def refused(store: Store, user_id: str, *, actor: Person) -> None:
    """Keep that somebody tried to sign in as a user, and was not let in."""
    with store.database.write() as session:
        record(session, actor, "session.refuse", user_id)
