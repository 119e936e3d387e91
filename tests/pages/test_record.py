"""Does the screen say who did what, and whether it is all there?"""

import pytest
from sqlalchemy import text

from insights.access import laptop
from insights.services import figures
from insights.services.ledgers import commit
from insights.store.store import Store
from tests.support.screens import click, rows, said, screen
from tests.support.workspaces import small_ledger


@pytest.fixture
def with_a_past(workspace: Store) -> Store:
    """Ada committed a ledger, Bo set a goal and took it away."""
    commit(workspace, small_ledger(), actor=laptop("ada"))
    for value in (45, None):
        figures.set_goal(workspace, "dso", value, actor=laptop("<b>bo"))
    return workspace


@pytest.mark.usefixtures("with_a_past")
def test_the_newest_record_stands_first_with_what_was_before() -> None:
    shown = rows(screen("record.py"))
    assert list(shown["number"]) == ["3", "2", "1"]
    assert list(shown["who"]) == ["<b>bo", "<b>bo", "ada"]
    assert list(shown["before"])[:2] == ['{"value": 45}', '{"value": null}']
    assert list(shown["what"]) == ["figures.goal", "figures.goal", "ledger.commit"]


@pytest.mark.slow
@pytest.mark.usefixtures("with_a_past")
def test_the_address_says_which_records() -> None:
    assert list(rows(screen("record.py", who="ada"))["number"]) == ["1"]
    assert list(rows(screen("record.py", what="figures"))["number"]) == ["3", "2"]
    assert "Nothing on record" in said(screen("record.py", to="2020-01-01"))
    assert len(rows(screen("record.py", who="nobody we know", **{"from": "no day"}))) == 3


def test_a_chain_that_was_cut_is_said(with_a_past: Store) -> None:
    assert [each.value for each in click(screen("record.py"), "Check the chain").success]
    with with_a_past.database.write() as session:
        session.execute(text("DELETE FROM records WHERE sequence = 2"))
    (error,) = click(screen("record.py"), "Check the chain").error
    assert "number 2 was removed" in error.value
