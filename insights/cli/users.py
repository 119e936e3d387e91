"""The commands about people: who may sign in."""

import getpass
import sys
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from insights.access import Role
from insights.cli import arguments, console
from insights.cli.arguments import Json

if TYPE_CHECKING:
    from insights.store.records import User

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name by which somebody signs in.")]
people = typer.Typer(
    help="Who may sign in: add, invite, reset, disable, list. A password is asked for, or read from stdin.", rich_markup_mode=None
)

Limit = TypeVar("Limit")  # a name, or a group


def add_to(app: typer.Typer) -> None:
    app.add_typer(people, name="user")


@people.command()
def add(
    name: Name,
    *,
    role: Annotated[Role, typer.Option(help="What they are here for.")] = Role.AGENT,
    invite: Annotated[bool, typer.Option("--invite", help="No password: print a link by which they set their own.")] = False,
    subject: Annotated[str, typer.Option(help="No password: how the identity provider calls them (the claim `sub`).")] = "",
    as_json: Json = False,
) -> None:
    """Let somebody in; the password is asked for twice, or read from stdin."""
    from insights.services import users
    from insights.store.settings import Settings
    from insights.store.store import Store

    if subject and not Settings().oidc_issuer:
        raise typer.BadParameter("set INSIGHTS_OIDC_ISSUER first: a subject is one of an issuer.", param_hint="--subject")
    store, actor = Store.open(), arguments.person()
    known_as = (Settings().oidc_issuer, subject) if subject else None
    password = None if invite or subject or Settings().sign_in == "proxy" else asked()
    if password is None:
        user = users.add(store, name, role, subject=known_as, actor=actor)
    else:
        user = users.add_with_password(store, name, role, password, actor=actor)
    if invite:
        show_link(user, users.invite(store, user, actor=actor), as_json=as_json)
    else:
        console.show(report(user), [f"{user.name} may sign in, as {role.words}."], as_json=as_json)


@people.command()
def invite(name: Name, *, as_json: Json = False) -> None:
    """Print a link by which a user sets a password, once, within three days; also for who has forgotten it."""
    from insights.services import users
    from insights.store.store import Store

    store = Store.open()
    user = users.named(store, name)
    show_link(user, users.invite(store, user, actor=arguments.person()), as_json=as_json)


@people.command()
def reset(name: Name, *, as_json: Json = False) -> None:
    """Give a user another password, and sign them out everywhere; it is asked for twice, or read from stdin."""
    from insights.services import users
    from insights.store.store import Store

    store = Store.open()
    user = users.named(store, name)
    users.reset(store, user, asked(), actor=arguments.person())
    console.show(report(user), [f"{user.name} has another password, and is signed out everywhere."], as_json=as_json)


@people.command(name="sign-out")
def sign_out(name: Name, *, as_json: Json = False) -> None:
    """Sign a user out of all browsers, as where one was lost; they may sign in again."""
    from insights.messages.problems import counted
    from insights.services import sign_in, users
    from insights.store.store import Store

    store = Store.open()
    user = users.named(store, name)
    many = sign_in.out_everywhere(store, user, actor=arguments.person())
    lines = [f"{user.name} is signed out of {counted(many, 'browser')}."]
    console.show(report(user) | {"browsers": many}, lines, as_json=as_json)


@people.command()
def disable(name: Name, *, as_json: Json = False) -> None:
    """Let a user in no more, and sign them out everywhere."""
    from insights.services import users
    from insights.store.store import Store

    store = Store.open()
    user = users.disable(store, users.named(store, name), actor=arguments.person())
    console.show(report(user), [f"{user.name} may sign in no more."], as_json=as_json)


@people.command()
def enable(name: Name, *, as_json: Json = False) -> None:
    """Let a user in again who was disabled."""
    from insights.services import users
    from insights.store.store import Store

    store = Store.open()
    user = users.enable(store, users.named(store, name), actor=arguments.person())
    console.show(report(user), [f"{user.name} may sign in again, as {user.role.words}."], as_json=as_json)


@people.command()
def role(name: Name, role: Annotated[Role, typer.Argument(help="What they are here for.")], *, as_json: Json = False) -> None:
    """Give a user another role, from the next click on."""
    from insights.services import users
    from insights.store.store import Store

    store = Store.open()
    user = users.give_role(store, users.named(store, name), role, actor=arguments.person())
    console.show(report(user), [f"{user.name} is here as {user.role.words}."], as_json=as_json)


@people.command()
def reach(
    name: Name,
    *,
    company: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A company whose customers they may see; repeat for several.")
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=VALUE", help="Customers of whom a further column of a ledger says so; repeat for several."),
    ] = None,
    owner: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Whose customers they may see; repeat for several.")
    ] = None,
    everything: Annotated[bool, typer.Option("--everything", help="No limit any more.")] = False,
    as_json: Json = False,
) -> None:
    """Limit a user to customers of some companies, groups or owners, from the next click on, or lift the limit.

    Of several kinds, customers have to be in one of each.
    """
    from insights.access import EVERYTHING, Reach
    from insights.services import users
    from insights.store.store import Store

    if everything == bool(company or group or owner):
        raise typer.BadParameter("say either --company, --group or --owner, once for each, or --everything.")
    store = Store.open()
    wanted = EVERYTHING if everything else Reach(named(company), named([pair(text) for text in group or ()]), named(owner))
    user = users.give_reach(store, users.named(store, name), wanted, actor=arguments.person())
    console.show(report(user), [f"{user.name} sees {user.reach.words}."], as_json=as_json)


@people.command(name="list")
def list_all(*, as_json: Json = False) -> None:
    """Everybody who may sign in, or may no more."""
    from insights.services import users
    from insights.store.store import Store

    known = users.everybody(Store.open(), actor=arguments.person())
    rows = [(user.name, user.role.words, user.reach.words, by_what(user), seen(user)) for user in known]
    lines = console.table(["user", "role", "sees", "signs in", "last seen (UTC)"], rows) if known else ["There are no users yet."]
    console.show({"users": [report(user) for user in known]}, lines, as_json=as_json)


@people.command()
def check(*, as_json: Json = False) -> None:
    """Look whether people could sign in as the settings say; asks the provider, where there is one, and lets nobody in."""
    from insights.services import entrance, issuer
    from insights.store.settings import Settings

    way_in = entrance.read(Settings())
    lines = [f"People sign in by: {way_in.provider}." if way_in.guarded else "Nobody signs in: this computer only."]
    if way_in.address:
        lines.append(f"Browsers reach the server as {way_in.address.origin}.")
    if way_in.issuer and way_in.address:
        lines += issuer.check(issuer.Provider(way_in.issuer, way_in.address.origin))
    console.show({"sign_in": way_in.provider, "said": lines}, lines, as_json=as_json)


def named(limit: list[Limit] | None) -> frozenset[Limit] | None:
    """A limit as it was asked; None where it was not."""
    return frozenset(limit) if limit else None


def pair(group: str) -> tuple[str, str]:
    """A group as it is typed."""
    column, equals, value = group.partition("=")
    if not (column and equals and value):
        raise typer.BadParameter(f"a group is written COLUMN=VALUE, not {group}.", param_hint="--group")
    return column, value


def by_what(user: "User") -> str:
    """How a user gets in, in a word or two."""
    if user.disabled:
        return "no more"
    if user.issuer:
        return f"by {user.issuer}"
    return "by a password" if user.has_password else "without a password yet"


def seen(user: "User") -> str:
    return f"{user.last_seen:%Y-%m-%d %H:%M}" if user.last_seen else ""


def report(user: "User") -> dict[str, Any]:
    return {
        "user": user.id,
        "name": user.name,
        "role": user.role.value,
        "reach": user.reach.to_json(),
        "disabled": user.disabled,
        "has_password": user.has_password,
        "issuer": user.issuer,
        "subject": user.subject,
        "last_seen": user.last_seen,
    }


def show_link(user: "User", secret: str, *, as_json: bool) -> None:
    from insights.services import users

    link = users.link_of(secret)
    lines = [f"{user.name} sets a password with this link, once, within three days:", link]
    console.show(report(user) | {"link": link}, lines, as_json=as_json)


def asked() -> str:
    """A password: the first line of stdin, or typed twice at a terminal, where nothing of it is seen."""
    from insights.ledger.errors import Refused

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise Refused("These were two passwords.", "two_passwords")
    return password
