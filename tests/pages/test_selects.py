"""How often does a page ask the database? Few times, however many ledgers, models and publications there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import models
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.screens import MAIN, PATIENCE, standing
from tests.support.workspaces import ME, rates_model, small_ledger

pytestmark = pytest.mark.slow  # every page twice

MOST = 10  # SELECTs of a page that is run again
PAGES = (
    *("start", "open_invoices", "invoice", "customers", "customer", "ledgers", "models", "trust"),
    *("worklist", "ageing", "figures", "did_it_help"),
)


@pytest.fixture(params=["one_model", "a_model_per_company"])
def published(empty_workspace: Store, request: pytest.FixtureRequest) -> Store:
    """Two ledgers, three models; one is in force for all companies, or another one for north, too."""
    ledgers = [commit(empty_workspace, small_ledger(), actor=ME) for _ in range(2)]
    everybody, north, _ = (
        models.save(empty_workspace, rates_model(late=late), ledgers[1].id, actor=ME) for late in (0.1, 0.2, 0.3)
    )
    publishing.publish(empty_workspace, everybody, replaces=None, actor=ME)
    if request.param == "a_model_per_company":
        publishing.publish(empty_workspace, north, replaces=None, scope=Scope("north"), actor=ME)
    return empty_workspace


@contextmanager
def statements() -> Iterator[list[str]]:
    """What reaches the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401 - the driver's own types
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("published")
def test_a_page_that_is_run_again_asks_the_database_few_times(page: str) -> None:
    ask_again(page, company="north", customer="acme", invoice="2")


@pytest.mark.usefixtures("sample_workspace")
def test_so_does_cash_which_takes_a_model_that_says_when() -> None:
    ask_again("cash")


def ask_again(page: str, **asked: str) -> None:
    """Runs a page twice and counts the second time."""
    app = AppTest.from_file(str(MAIN), default_timeout=PATIENCE)
    app.switch_page(f"{page}.py")
    app.query_params.update(asked)
    standing(app.run())
    with statements() as seen:
        standing(app.run())
    selects = [each for each in seen if each.lstrip().startswith("SELECT")]
    assert len(selects) <= MOST, "\n".join(selects)
