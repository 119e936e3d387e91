"""Where are those who may sign in kept, and the links by which they set a password? In rows; no secret, only hashes."""

import secrets
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from insights.access import EVERYTHING, Person, Reach, Role
from insights.ledger.errors import Refused
from insights.store.audit import record
from insights.store.records import User
from insights.store.store import Store, no_such
from insights.store.tables import as_record, new_id, now
from insights.store.user_tables import InvitationRow, SessionRow, UserRow

LAST = "Nobody else could let people in: make somebody else an administrator first."


def key_of(name: str) -> str:
    """A name however it is written: capital or small, composed or not, with one space where there are several."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def hashed(secret: str) -> str:
    """What is kept of a random secret of 256 bits: one that nobody could guess needs no slow hash."""
    return sha256(secret.encode()).hexdigest()


def add(
    store: Store,
    name: str,
    role: Role,
    reach: Reach = EVERYTHING,
    *,
    subject: tuple[str, str] | None = None,
    actor: Person,
) -> User:
    """Keep somebody new, known to an issuer by a subject where one is given; Refused where the name or the subject is taken."""
    issuer, known_as = subject or (None, None)
    row = UserRow(
        id=new_id(),
        actor=actor.name,
        name=name,
        key=key_of(name),
        role=role.value,
        reach=None if reach.everything else reach.to_json(),
        password="",
        issuer=issuer,
        subject=known_as,
        disabled=False,
    )
    with store.database.write() as session:
        if session.scalar(select(UserRow.id).where(UserRow.key == row.key)):
            raise Refused(f"There is a user {name} already.", "user_exists", name=name)
        if subject and session.scalar(select(UserRow.id).filter_by(issuer=issuer, subject=known_as)):
            raise Refused(f"Somebody else is known to {issuer} as {known_as}.", "subject_taken")
        session.add(row)
        record(session, actor, "user.add", row.id, name=name, role=role.value, reach=row.reach, known_as=known_as)
    return user_of(row, None)


def set_password(store: Store, user_id: str, password_hash: str, *, invitation: str = "", actor: Person) -> None:
    """From now on a password counts by its hash, and all browsers of before are signed out.

    By an invitation (its secret), once: Refused where it was used or has expired. Recorded.
    """
    with store.database.write() as session:
        row = _row(session, user_id)
        if invitation:  # of two at once, one waits for its turn to write, and finds it used
            _open_invitation(session, invitation, now()).used_at = now()
        close_invitations(session, user_id)
        row.password = password_hash
        sign_out(session, user_id)
        record(session, actor, "user.password", user_id, by="invitation" if invitation else "hand")


def rehash(store: Store, user_id: str, password_hash: str, *, actor: Person) -> None:
    """The same password by a stronger hash: no browser is signed out."""
    with store.database.write() as session:
        _row(session, user_id).password = password_hash
        record(session, actor, "user.rehash", user_id)


def change(
    store: Store,
    user_id: str,
    *,
    role: Role | None = None,
    reach: Reach | None = None,
    disabled: bool | None = None,
    actor: Person,
) -> User:
    """Another role or reach, or signing in forbidden or allowed; Refused where no administrator would be left. Recorded.

    Who may not see everything is no administrator in this sense: what an administrator does concerns everything.
    Whoever is disabled is signed out everywhere, and open links count no more.
    """
    with store.database.write() as session:
        row = _row(session, user_id)
        was = {"role": row.role, "reach": row.reach, "disabled": row.disabled}
        row.role = role.value if role else row.role
        row.disabled = row.disabled if disabled is None else disabled
        if reach is not None:
            row.reach = None if reach.everything else reach.to_json()
        is_now = {"role": row.role, "reach": row.reach, "disabled": row.disabled}
        if is_administrator(was) and not is_administrator(is_now):
            session.flush()
            left = select(UserRow.id).filter_by(role=Role.ADMINISTRATOR.value, disabled=False).where(UserRow.reach.is_(None))
            if not session.scalar(left.limit(1)):
                raise Refused(LAST, "last_administrator")
        if row.disabled:
            sign_out(session, user_id)
            close_invitations(session, user_id)
        if was != is_now:
            record(session, actor, "user.change", user_id, was, name=row.name, **is_now)
    return user_of(row, None)


def is_administrator(user: Mapping[str, object]) -> bool:
    return user["role"] == Role.ADMINISTRATOR.value and not user["disabled"] and user["reach"] is None


def sign_out(session: Session, user_id: str) -> int:
    """End all that a user has open, within a transaction; how many browsers."""
    rows = list(session.scalars(select(SessionRow).filter_by(user_id=user_id, ended_at=None)))
    for row in rows:
        row.ended_at = now()
    return len(rows)


def close_invitations(session: Session, user_id: str) -> None:
    """Links that a user has not used count no more, within a transaction."""
    for row in session.scalars(select(InvitationRow).filter_by(user_id=user_id, used_at=None)):
        row.used_at = now()


def invite(store: Store, user_id: str, lifetime: timedelta, *, actor: Person) -> str:
    """The secret of a new link by which a user sets a password, once; earlier links count no more. Recorded."""
    secret = secrets.token_urlsafe(32)
    with store.database.write() as session:
        row = _row(session, user_id)
        if row.disabled:
            raise Refused(f"{row.name} may not sign in: enable the user first.", "user_disabled")
        close_invitations(session, user_id)
        session.add(
            InvitationRow(
                actor=actor.name, token_sha256=hashed(secret), user_id=user_id, expires_at=now() + lifetime, used_at=None
            )
        )
        record(session, actor, "user.invite", user_id, name=row.name)
    return secret


def invited(store: Store, secret: str, *, at: datetime) -> User:
    """Whom an invitation is for; Refused where it was used, has expired, or never was."""
    with store.database.read() as session:
        return user_of(_row(session, _open_invitation(session, secret, at).user_id), None)


def _open_invitation(session: Session, secret: str, at: datetime) -> InvitationRow:
    row = session.scalar(select(InvitationRow).filter_by(token_sha256=hashed(secret)))
    if row is None or row.used_at is not None or row.expires_at <= at:
        raise Refused("This link was used already, or is too old. Ask for a new one.", "no_invitation")
    return row


def listed(store: Store) -> list[User]:
    """Everybody who may sign in or may no more, by name."""
    seen = select(SessionRow.user_id, func.max(SessionRow.last_seen)).group_by(SessionRow.user_id)
    with store.database.read() as session:
        last = {user_id: moment for user_id, moment in session.execute(seen)}  # noqa: C416 - rows are no pairs to mypy
        rows = session.scalars(select(UserRow).order_by(UserRow.key))
        return [user_of(row, last.get(row.id)) for row in rows]


def named(store: Store, name: str) -> User | None:
    """The user of a name, however it is written."""
    with store.database.read() as session:
        row = session.scalar(select(UserRow).filter_by(key=key_of(name)))
        return user_of(row, None) if row else None


def known_as(store: Store, issuer: str, subject: str) -> User | None:
    """The user whom an issuer calls by a subject."""
    with store.database.read() as session:
        row = session.scalar(select(UserRow).filter_by(issuer=issuer, subject=subject))
        return user_of(row, None) if row else None


def password_hash(store: Store, user_id: str) -> str:
    """The hash of a user's password, "" where there is none."""
    with store.database.read() as session:
        return _row(session, user_id).password


def _row(session: Session, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise no_such("user", user_id)
    return row


def user_of(row: UserRow, last_seen: datetime | None) -> User:
    return as_record(
        User,
        row,
        role=Role(row.role),
        reach=EVERYTHING if row.reach is None else Reach.from_json(row.reach),
        has_password=bool(row.password),
        last_seen=last_seen,
    )
