"""Whose customers does a screen speak of? Those of an owner or of a group, as the address asks; all by default."""

from collections.abc import Mapping

from insights.portfolio.customer_groups import Customers
from insights.services import customer_groups
from pages.ui.shared import choices, keeping, query_params, session
from pages.ui.shared.view import View

OWNER, GROUP = "owner", "group"  # of the address; "" for all


@keeping.kept(8)
def _owners(view: View, agreed: str) -> dict[str, Customers]:  # noqa: ARG001 - `agreed`: the fingerprint of all that is agreed
    return customer_groups.owners(session.workspace(), view.ledger, view.as_of, view.visible)


@keeping.kept(8)
def _groups(view: View) -> dict[tuple[str, str], Customers]:
    return customer_groups.groups(view.ledger, view.as_of)


def _offered(view: View) -> tuple[dict[str, Customers], dict[str, Customers]]:
    owners = _owners(view, session.agreed())
    return owners, {f"{column}={value}": customers for (column, value), customers in _groups(view).items()}


def asked(view: View) -> Customers | None:
    """The customers that the address asks for, without drawing it; None for all."""
    owners, groups = _offered(view)
    asked_for = ((owners, query_params.get(OWNER)), (groups, query_params.get(GROUP)))
    return both(*(known.get(name) for known, name in asked_for))


def both(chosen: Customers | None, other: Customers | None) -> Customers | None:
    """The customers that both choices have, None being all."""
    return other if chosen is None else chosen if other is None else chosen & other


def ask(view: View) -> None:
    """Draws what `asked` reads; nothing where there are neither owners nor groups."""
    owners, groups = _offered(view)
    if owners:
        choices.menu("Owner", OWNER, _names(owners), width=220)
    if groups:
        choices.menu("Group", GROUP, _names(groups), width=220)


def _names(known: Mapping[str, Customers]) -> dict[str, str]:
    """Value of the address -> how a select box, which knows no Markdown, calls it."""
    return {"": "All", **{value: value.replace("=", ": ", 1) for value in known}}
