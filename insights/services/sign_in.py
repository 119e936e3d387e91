"""Who has just proved who they are, who is still signed in, and who is out?"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from insights.access import Capability, Person, Role, require
from insights.ledger.errors import Refused
from insights.services import attempts, passwords
from insights.services.users import LONGEST_NAME, person_of, tidy
from insights.store import sessions, users
from insights.store.records import SignedIn, User
from insights.store.store import Store

PASSWORD, PROXY, OIDC = "password", "proxy", "oidc"
WRONG = "The name or the password is wrong."
STRANGER = "You are known there, but not here. Ask an administrator to let you in."


@dataclass(frozen=True)
class Whence:
    """Where somebody signs in from."""

    address: str
    agent: str = ""


def by_password(store: Store, name: str, password: str, whence: Whence) -> str:
    """The id for the browser of whoever knows a user's password; Refused with one sentence for all that can be wrong."""
    name = name[:LONGEST_NAME]
    attempts.count(store, users.key_of(name), whence.address)
    user = users.named(store, name)
    kept = users.password_hash(store, user.id) if user else ""
    if not passwords.right(kept, password) or user is None or user.disabled:
        if user is not None:
            sessions.refused(store, user.id, actor=person_of(user, whence.address))
        raise Refused(WRONG, "wrong_password")
    attempts.succeeded(store, users.key_of(name))
    if passwords.outdated(kept):
        users.rehash(store, user.id, passwords.hashed(password, user.name), actor=person_of(user, whence.address))
    return begin(store, user, PASSWORD, whence)


def check_password(store: Store, user: User, password: str, whence: Whence) -> None:
    """Whether somebody who is signed in knows the password, too; Refused where not."""
    attempts.count(store, users.key_of(user.name), whence.address)
    if not passwords.right(users.password_hash(store, user.id), password):
        raise Refused("The current password is another one.", "wrong_password")
    attempts.succeeded(store, users.key_of(user.name))


def is_named(user: User, name: str) -> bool:
    """Whether a name is that of a user, however it is written."""
    return users.key_of(user.name) == users.key_of(name)


def begin(store: Store, user: User, provider: str, whence: Whence) -> str:
    """The id for the browser of a user whose word was taken; Refused where they are disabled."""
    return sessions.begin(store, user.id, provider, agent=whence.agent, actor=person_of(user, whence.address))


def by_proxy(store: Store, name: str, whence: Whence, *, newcomers: Role | None) -> str:
    """The id for the browser of whom a trusted proxy names; somebody new gets in where there is a role for newcomers."""
    user = users.named(store, name) or _newcomer(store, name, newcomers)
    return begin(store, user, PROXY, whence)


def by_issuer(
    store: Store, subject: tuple[str, str], name: str, whence: Whence, *, role: Role | None, newcomers: Role | None
) -> str:
    """The id for the browser of whom an issuer knows as (issuer, subject), never by name.

    `role` is what the groups of today give; None where the issuer says nothing of them: then nothing changes.
    """
    user = users.known_as(store, *subject) or _newcomer(store, name, role or newcomers, subject)
    if role is not None and role is not user.role:
        user = users.change(store, user.id, role=role, actor=replace(person_of(user, whence.address), source="server"))
    return begin(store, user, OIDC, whence)


def _newcomer(store: Store, name: str, role: Role | None, subject: tuple[str, str] | None = None) -> User:
    if role is None:
        raise Refused(STRANGER, "stranger")
    return users.add(store, tidy(name), role, subject=subject, actor=Person(tidy(name), role, source="server"))


def of_browser(store: Store, secret: str) -> SignedIn | None:
    """Who is signed in where a browser holds this id; None where nobody is, or not any more."""
    return sessions.of_browser(store, secret, at=datetime.now(UTC)) if secret else None


def alive(store: Store, session_id: str) -> SignedIn | None:
    """A session by its name inside the server; None where it is over."""
    return sessions.alive(store, session_id, at=datetime.now(UTC))


def over(store: Store, session_ids: Collection[str]) -> set[str]:
    """Those of some sessions that are over."""
    return sessions.ended(store, session_ids, at=datetime.now(UTC))


def seen(store: Store, signed_in: SignedIn) -> None:
    """Keep that a browser was here, once a minute."""
    moment = datetime.now(UTC)
    if moment - signed_in.last_seen >= sessions.SEEN_EVERY:
        sessions.seen(store, signed_in.id, at=moment)


def browsers(store: Store, user: User) -> list[SignedIn]:
    """Where a user is signed in, the newest first."""
    return sessions.of_user(store, user.id, at=datetime.now(UTC))


def out(store: Store, signed_in: SignedIn, *, actor: Person) -> None:
    """Sign one browser out."""
    sessions.end(store, signed_in.id, actor=actor)


def out_everywhere(store: Store, user: User, *, actor: Person) -> int:
    """Sign a user out of all browsers; how many these were."""
    if actor.user_id != user.id:
        require(actor, Capability.PEOPLE)
    return sessions.end_all(store, user.id, actor=actor)
