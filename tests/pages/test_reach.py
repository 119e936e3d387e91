"""Do the screens of somebody who may see one company show nothing of any other?"""

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from insights.access import Person, Reach, Role
from insights.services.agreements import Entry, enter
from insights.store import ledgers
from insights.store.store import Store
from pages.ui.shared import session
from tests.support.screens import PATIENCE, said, screen, standing
from tests.support.workspaces import ME

# Of the small ledger: what the north alone has. Its customer, its invoices, what is owed, and what was said of it.
OUTSIDE = ("acme", "north", "25.00", "a word of the north")
PAGES = (
    "start", "worklist", "open_invoices", "customers", "release_list", "invoice", "customer", "cash", "ageing", "figures",
    "did_it_help",
    "ledgers", "models", "trust", "record", "users",
)  # fmt: skip
NORTH = {"company": "north", "customer": "acme", "invoice": "2", "line": "1"}
SOUTH = {"company": "south", "customer": "birch", "invoice": "4", "line": "1"}


@pytest.fixture
def of_the_south(published: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[Role], None]:
    """Whoever is signed in may see the south alone; with a customer of the north something was agreed."""
    ledger = ledgers.load(published, ledgers.get(published).id)
    said_of = Entry("note", "north", "acme", (), {"text": "a word of the north"})
    enter(published, ledger, ledger.default_as_of, [said_of], actor=ME)

    def sign_in(role: Role) -> None:
        person = Person("Ann", role, Reach(frozenset({"south"})), "3f0c")
        monkeypatch.setattr(session, "person", lambda: person)

    return sign_in


def everything(app: AppTest) -> Iterator[str]:
    """All that a run has sent to the browser: every element as it was sent, and the cells of its grids."""
    for block in (app.main, app.sidebar):
        for element in block:
            yield from sent(element)


def sent(element: object) -> Iterator[str]:
    children = getattr(element, "children", None)
    if children:
        for child in children.values():
            yield from sent(child)
    proto = getattr(element, "proto", None)
    if proto is not None:
        yield str(proto)
    if type(element).__name__ == "Dataframe":
        yield element.value.to_csv()  # type: ignore[attr-defined]


def found_outside(app: AppTest) -> list[str]:
    text = "\n".join(everything(app))
    return [word for word in OUTSIDE if word in text]


@pytest.mark.slow
def test_what_is_looked_for_is_there_for_whoever_may_see_it(of_the_south: Callable[[Role], None]) -> None:
    assert set(found_outside(screen("worklist"))) >= {"acme", "north"}
    assert {"acme", "north", "25.00", "a word of the north"} <= set(found_outside(screen("customer", **NORTH)))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMINISTRATOR])
def test_no_page_shows_anything_outside(of_the_south: Callable[[Role], None], page: str, role: Role) -> None:
    of_the_south(role)
    app = screen(page)
    assert found_outside(app) == []
    overseen = ("cash", "ageing", "figures", "did_it_help", "trust") if role is Role.AGENT else ()
    if page in (*overseen, "ledgers", "models", "record", "users"):
        assert "This cannot be done as asked" in said(app)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["invoice", "customer"])
def test_a_link_to_what_lies_outside_shows_that_there_is_nothing(of_the_south: Callable[[Role], None], page: str) -> None:
    of_the_south(Role.AGENT)
    told = said(screen(page, **NORTH))
    assert "Not open as of" in told or "Not known as of" in told
    assert "25.00" not in told
    assert "a word of the north" not in told
    inside = said(screen(page, **SOUTH))
    assert "USD 0.99" in inside


@pytest.mark.slow
@pytest.mark.usefixtures("two_models")
def test_what_speaks_for_others_alone_makes_no_view_unusual(of_the_south: Callable[[Role], None]) -> None:
    """Northern speaks for the north; of the south, Plain speaks, as the address then says."""
    of_the_south(Role.AGENT)
    app = screen("worklist").run()
    assert app.query_params["model"]
    assert "Show the usual model" not in [each.label for each in app.button]


@pytest.mark.slow
def test_lists_and_files_have_what_lies_within(of_the_south: Callable[[Role], None]) -> None:
    def script() -> None:
        import streamlit as st

        from insights import portfolio
        from insights.portfolio import search
        from insights.portfolio.worklist import WorklistFilter
        from pages.ui.invoices import downloads
        from pages.ui.invoices.invoice_table import Sort
        from pages.ui.shared import cache, session

        session.begin()
        view = session.require_ledger()
        st.text(str(downloads._selection(view, WorklistFilter(), Sort()).to_pylist()))
        st.text(str(portfolio.exact_amounts(cache.customers(view)).to_pylist()))
        st.text(str(search.search(view.ledger, view.as_of, "ac")))
        st.text(str(cache.choices(view)))

    of_the_south(Role.AGENT)
    app = standing(AppTest.from_function(script, default_timeout=PATIENCE).run())
    told = said(app)
    assert "birch" in told
    assert not [word for word in OUTSIDE if word in told]
