"""Is a ledger kept whole or not at all?"""

from dataclasses import replace

import pytest

from insights.ledger.errors import Refused
from insights.ledger.ledger import SCHEMA
from insights.services.ledgers import commit, delete
from insights.store import audit, ledgers
from insights.store.store import Store
from tests.support.workspaces import ME, small_ledger


def test_a_ledger_without_a_row_is_refused_and_leaves_nothing(workspace: Store) -> None:
    with pytest.raises(Refused, match="nothing to keep"):
        commit(workspace, replace(small_ledger(), invoices=SCHEMA.empty_table()), actor=ME)
    assert ledgers.listed(workspace) == []
    assert not list((workspace.home / "ledgers").glob("*"))


def test_deleting_what_is_not_there_is_refused_and_not_recorded(workspace: Store) -> None:
    kept = commit(workspace, small_ledger(), actor=ME)
    for unknown in ("", "nowhere"):
        with pytest.raises(Refused) as refused:
            delete(workspace, unknown, actor=ME)
        assert refused.value.code == "no_ledger"
    assert [record.action for record in audit.listed(workspace)] == ["ledger.commit"]
    assert ledgers.load(workspace, kept.id).fingerprint == kept.fingerprint
