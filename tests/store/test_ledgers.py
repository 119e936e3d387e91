"""Does a committed ledger come back the same, whatever died meanwhile?"""

from datetime import UTC, date, datetime

import pytest

from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.store import Store
from tests.support.processes import died, refusal
from tests.support.workspaces import ME, ledger_of, small_ledger


@pytest.mark.slow
def test_a_committed_ledger_comes_back_the_same(workspace: Store) -> None:
    given = small_ledger()
    committed = commit(workspace, given, actor=ME)
    back = ledgers.load(workspace, committed.id)
    assert back.fingerprint == committed.fingerprint == given.fingerprint
    assert back.invoices.equals(given.invoices)
    assert (back.problems, back.rows_read, back.rows_ignored, back.name) == (given.problems, 6, 1, "Example")


def test_a_ledgers_record_says_what_the_lists_show(workspace: Store) -> None:
    """Of the example's four invoices two are open: 25.00 EUR and 0.99 USD; one row was set aside, one ignored."""
    before = datetime.now(UTC)
    commit(workspace, small_ledger(), actor=ME)
    (record,) = ledgers.listed(workspace)
    assert (record.rows, record.rows_read, record.rows_set_aside, record.rows_ignored) == (4, 6, 1, 1)
    assert record.outstanding == {"EUR": 2500, "USD": 99}
    assert record.problems == {"no_number": 1}
    assert (record.companies, record.customers) == (("north", "south"), 2)
    assert (record.complete_through, record.last_as_of) == (date(2024, 3, 31), date(2024, 4, 1))
    assert before <= record.created_at <= datetime.now(UTC)
    assert record.actor == ME.name


def test_the_newest_ledger_is_the_default_and_an_empty_workspace_says_so(workspace: Store) -> None:
    assert refusal(ledgers.load, workspace) == "no_ledger"
    commit(workspace, small_ledger(), actor=ME)
    newest = commit(workspace, small_ledger(), actor=ME)
    assert ledgers.load(workspace).id == newest.id
    assert ledgers.listed(workspace)[0].id == newest.id
    assert refusal(ledgers.load, workspace, "nonsense") == "no_ledger"


def test_a_ledger_without_rows_is_refused(workspace: Store) -> None:
    assert refusal(commit, workspace, ledger_of(""), actor=ME) == "empty_ledger"


@pytest.mark.parametrize("name", ["invoices.parquet", "problems.parquet", "ledger.json"])
@pytest.mark.slow
def test_a_changed_byte_in_a_ledger_is_refused(workspace: Store, name: str) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    path = workspace.home / "ledgers" / ledger.id / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert refusal(ledgers.load, workspace, ledger.id) == "damaged"


@pytest.mark.slow
@pytest.mark.parametrize("where", ["ledger.written", "ledger.placed"])
def test_a_commit_that_dies_leaves_no_ledger(workspace: Store, where: str) -> None:
    died(
        workspace,
        where,
        "from tests.support.workspaces import small_ledger; ledgers.commit(Store.open(), small_ledger(), actor=laptop('me'))",
    )
    assert ledgers.listed(workspace) == []
    assert commit(workspace, small_ledger(), actor=ME).id
