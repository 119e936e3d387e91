"""Does everybody see the pages that the role may see, and nothing of the others?"""

from collections.abc import Callable

import pytest

from insights.access import CAPABILITIES, Person, Role
from insights.services.ledgers import commit
from insights.store import audit
from insights.store.store import Store
from pages.ui.shared import frame, session
from tests.support.screens import said, screen
from tests.support.workspaces import ME, small_ledger

PAGES = {  # file -> title
    "start": "Start", "worklist": "Worklist", "open_invoices": "Open invoices", "customers": "Customers",
    "release_list": "Release list", "cash": "Cash",
    "ageing": "Ageing", "figures": "Figures", "did_it_help": "Did it help?", "ledgers": "Ledgers", "models": "Models",
    "trust": "Trust", "record": "Record", "users": "Users", "invoice": "Invoice", "customer": "Customer",
}  # fmt: skip
REFUSED = "This cannot be done as asked"


@pytest.fixture
def signed_in(workspace: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[Role], None]:
    """Whoever is signed in from now on has this role; there is a ledger."""
    commit(workspace, small_ledger(), actor=ME)

    def sign_in(role: Role) -> None:
        monkeypatch.setattr(session, "person", lambda: Person("Ann", role, user_id="3f0c", address="10.0.0.7"))

    return sign_in


def test_every_page_says_who_may_see_it() -> None:
    assert set(PAGES.values()) == set(frame.NEEDED)


def allowed(role: Role) -> set[str]:
    return {page for page, title in PAGES.items() if frame.NEEDED[title] in CAPABILITIES[role]}


LOWEST = [(page, next(role for role in Role if page in allowed(role))) for page in PAGES]
OUTSIDE = [(page, role) for role in Role for page in PAGES if page not in allowed(role)]


@pytest.mark.slow
@pytest.mark.parametrize(("page", "role"), OUTSIDE)
def test_a_page_outside_the_role_shows_nothing_but_a_sentence(signed_in: Callable[[Role], None], page: str, role: Role) -> None:
    signed_in(role)
    app = screen(page)
    assert REFUSED in said(app)
    assert f"{'An agent' if role is Role.AGENT else f'A {role.words}'} may not" in said(app)
    assert not [*app.title, *app.metric, *app.get("bidi_component")]


@pytest.mark.slow
@pytest.mark.parametrize(("page", "role"), LOWEST)
def test_whoever_may_see_a_page_sees_it(signed_in: Callable[[Role], None], page: str, role: Role) -> None:
    signed_in(role)
    assert "may not" not in said(screen(page))


@pytest.mark.slow
def test_links_and_buttons_that_would_be_refused_are_not_drawn(signed_in: Callable[[Role], None]) -> None:
    signed_in(Role.AGENT)
    app = screen("start")
    linked = {each.proto.label for each in app.get("page_link")}
    assert {"Worklist", "Customers"} <= linked
    assert not linked & {"Cash", "Models", "Record", "Ledgers"}
    assert not {each.key for each in app.button} & {"try_sample", "upload_own"}
    assert "Train as of this date" not in {each.label for each in screen("worklist").button}
    assert "Weights" not in {each.label for each in screen("worklist").button}


@pytest.mark.slow
def test_what_somebody_does_on_a_screen_bears_who_was_signed_in(workspace: Store, signed_in: Callable[[Role], None]) -> None:
    signed_in(Role.MANAGER)
    app = screen("start")
    app.segmented_control(key="overview_role").set_value("agent").run()
    newest = audit.listed(workspace)[0]
    assert (newest.tag, newest.actor, newest.user_id, newest.address) == ("screen:overview:choose", "Ann", "3f0c", "10.0.0.7")
