"""Are the replays kept that were used last?"""

import pytest

from insights.services.ledgers import commit
from insights.store import digests, housekeeping
from insights.store.replays import MOST_KEPT
from insights.store.store import Store
from tests.support.processes import aged
from tests.support.workspaces import ME, small_ledger


@pytest.mark.slow
def test_tidying_keeps_the_replays_used_last_and_those_in_use(workspace: Store) -> None:
    """Of 23 recipes the two used longest ago go; the third from the end is being read."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    folders = [workspace.home / "replays" / ledger.id / f"{number:02}" for number in range(MOST_KEPT + 3)]
    for number, folder in enumerate(folders):
        folder.mkdir(parents=True)
        (folder / "2024-01-01.parquet").write_bytes(b"")
        with workspace.database.write() as session:
            digests.keep(session, workspace.home, folder / "2024-01-01.parquet", folder / "2024-01-01.parquet")
        aged(folder, days=number)
    with workspace.lock(workspace.lock_of(folders[-1])):
        housekeeping.tidy(workspace)
    assert [folder.exists() for folder in folders[-4:]] == [True, False, False, True]
    assert all(folder.exists() for folder in folders[:-3])
