"""Who may sign in, or may no more, in a list of which one is open below it?"""

from collections.abc import Mapping, Sequence

from insights.services import users
from insights.store.records import User
from pages.ui.shared import format as fmt
from pages.ui.shared import listing, query_params, session
from pages.ui.shared.listing import Choosing, Column, Group, Listing, Row

USER = "user"  # of the address: whose user is open
COLUMNS = (
    Column("name", "Name"),
    Column("role", "Role", "short"),
    Column("reach", "Sees", "wide"),
    Column("by", "Signs in", "short"),
    Column("seen", "Last seen", "short"),
)


def everybody() -> list[User]:
    """All users, by name."""
    return users.everybody(session.workspace(), actor=session.person())


def chosen(known: Sequence[User]) -> User:
    """The user whom the address names; the first one where it names none that is here."""
    asked_for = query_params.get(USER)
    return next((user for user in known if user.id == asked_for), known[0])


def show(known: Sequence[User]) -> None:
    """A row each; a press of a name opens it below."""
    rows = [Row(user.id, _cells(user)) for user in known]
    choosing = Choosing((chosen(known).id, "name"), lambda user_id, _: query_params.set_params(**{USER: user_id}))
    listed = Listing("Who may sign in", COLUMNS, [Group(rows)], "name", choosing=choosing, scrolls=True)
    listing.show(listed, None, key="users")


def _cells(user: User) -> Mapping[str, listing.Cell]:
    return {
        "name": listing.chooses(user.name),
        "role": user.role.words,
        "reach": user.reach.words,
        "by": by_what(user),
        "seen": fmt.moment(user.last_seen) if user.last_seen else "never",
    }


def by_what(user: User) -> str:
    """How a user gets in, in a word or two."""
    if user.disabled:
        return "no more"
    if user.issuer:
        return "by the provider"
    return "by a password" if user.has_password else "no password yet"
