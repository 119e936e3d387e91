"""Does what passes stay where it is, when everything else goes into another database?"""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from insights.access import Role
from insights.services import users
from insights.store import attempts, transfer
from insights.store.store import Store
from insights.store.user_tables import AttemptRow
from tests.support.workspaces import ME, opened

HOUR = timedelta(hours=1)


def tried(store: Store) -> int:
    with store.database.read() as session:
        return len(session.scalars(select(AttemptRow)).all())


def test_attempts_to_sign_in_are_not_carried_and_take_no_place_from_what_comes(tmp_path: Path) -> None:
    before, after = opened(tmp_path / "before"), opened(tmp_path / "after")
    users.add(before, "Ada", Role.AGENT, actor=ME)
    for store, many in ((before, 3), (after, 1)):
        for _ in range(many):
            attempts.count(store, [("user ada", 10)], HOUR)
    with before.database.engine.connect() as source, after.database.engine.begin() as target:
        assert transfer.is_empty(target)
        transfer.copy(source, target)
    assert [user.name for user in users.everybody(after, actor=ME)] == ["Ada"]
    assert attempts.count(after, [("user ada", 10)], HOUR)
    assert (tried(before), tried(after)) == (3, 2)
