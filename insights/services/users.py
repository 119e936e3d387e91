"""Who may sign in, and how do they get in, out and forgotten passwords back?"""

from datetime import UTC, datetime, timedelta

from insights.access import EVERYTHING, Capability, Person, Reach, Role, require
from insights.ledger.errors import Refused
from insights.services import passwords
from insights.store import users
from insights.store.records import User
from insights.store.settings import Settings
from insights.store.store import Store

LINK_HOLDS = timedelta(days=3)
LONGEST_NAME = 80  # characters


def add(
    store: Store, name: str, role: Role, reach: Reach = EVERYTHING, *, subject: tuple[str, str] | None = None, actor: Person
) -> User:
    """Somebody new, who signs in by a link (`invite`), as a proxy names them, or as an issuer calls them (issuer, subject).

    Refused where the name is empty, too long, not to be read, or taken.
    """
    require(actor, Capability.PEOPLE)
    return users.add(store, tidy(name), role, reach, subject=subject, actor=actor)


def add_with_password(store: Store, name: str, role: Role, password: str, *, actor: Person) -> User:
    """Somebody new, who signs in by a password; Refused, too, where that is too easy."""
    require(actor, Capability.PEOPLE)
    kept = passwords.hashed(password, tidy(name))
    user = add(store, name, role, actor=actor)
    users.set_password(store, user.id, kept, actor=actor)
    return named(store, name)


def tidy(name: str) -> str:
    """A name on one line; Refused where it is none."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"A user has a name of at most {LONGEST_NAME} characters.", "bad_name")
    return name


def named(store: Store, name: str) -> User:
    """The user of a name, however it is written; Refused where there is none."""
    user = users.named(store, name)
    if user is None:
        raise Refused(f"There is no user {name}.", "no_user", name=name)
    return user


def everybody(store: Store, *, actor: Person) -> list[User]:
    """All users, by name."""
    require(actor, Capability.PEOPLE)
    return users.listed(store)


def made(store: Store) -> bool:
    """Whether anybody was made a user: without any, nobody can sign in."""
    return bool(users.listed(store))


def reset(store: Store, user: User, password: str, *, actor: Person) -> None:
    """Another password, by an administrator's hand or the user's own; signed out everywhere."""
    if actor.user_id != user.id:
        require(actor, Capability.PEOPLE)
    users.set_password(store, user.id, passwords.hashed(password, user.name), actor=actor)


def invite(store: Store, user: User, *, actor: Person) -> str:
    """The secret of a link by which the user sets a password, once, within three days."""
    require(actor, Capability.PEOPLE)
    return users.invite(store, user.id, LINK_HOLDS, actor=actor)


def reset_by_link(store: Store, user: User, *, actor: Person) -> str:
    """As `invite`; from now on no password counts, and the user is signed out everywhere.

    Refused for oneself: whoever is in changes the own password, and would be out with nobody to see the link.
    """
    require(actor, Capability.PEOPLE)
    if actor.user_id == user.id:
        raise Refused("This is you: change your password on “Your account”.", "own_password")
    users.set_password(store, user.id, "", actor=actor)
    return invite(store, user, actor=actor)


def link_of(secret: str) -> str:
    """The address that a user opens to set a password."""
    return f"{Settings().address.rstrip('/') or 'http://127.0.0.1:8501'}/invitation?link={secret}"


def invited(store: Store, secret: str) -> User:
    """Whom a link is for; Refused where it was used, has expired, or never was."""
    return users.invited(store, secret, at=datetime.now(UTC))


def accept(store: Store, secret: str, password: str, address: str = "") -> User:
    """A link is used: from now on this password counts, and the link no more."""
    user = invited(store, secret)
    kept = passwords.hashed(password, user.name)
    users.set_password(store, user.id, kept, invitation=secret, actor=person_of(user, address))
    return user


def person_of(user: User, address: str = "") -> Person:
    """A user as whoever acts on the screens, from an address."""
    return Person(user.name, user.role, user.reach, user.id, "screen", address)


def disable(store: Store, user: User, *, actor: Person) -> User:
    """Somebody may sign in no more, and is signed out everywhere within a run; Refused for the last administrator."""
    require(actor, Capability.PEOPLE)
    return users.change(store, user.id, disabled=True, actor=actor)


def enable(store: Store, user: User, *, actor: Person) -> User:
    """Somebody who was disabled may sign in again."""
    require(actor, Capability.PEOPLE)
    return users.change(store, user.id, disabled=False, actor=actor)


def assign(store: Store, user: User, role: Role, reach: Reach, *, actor: Person) -> User:
    """Role and reach in one go, from the next run on; Refused for the last administrator who sees everything."""
    require(actor, Capability.PEOPLE)
    return users.change(store, user.id, role=role, reach=reach, actor=actor)


def give_reach(store: Store, user: User, reach: Reach, *, actor: Person) -> User:
    """Other customers in sight, from the next run on."""
    require(actor, Capability.PEOPLE)
    return users.change(store, user.id, reach=reach, actor=actor)


def give_role(store: Store, user: User, role: Role, *, actor: Person) -> User:
    """Another role, from the next run on; Refused for the last administrator."""
    require(actor, Capability.PEOPLE)
    return users.change(store, user.id, role=role, actor=actor)
