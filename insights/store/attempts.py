"""How often was something tried of late? Counted over all processes and hosts of a workspace, and forgotten after a while."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from insights.store.database import clock
from insights.store.store import Store
from insights.store.user_tables import AttemptRow
from insights.store.users import hashed

COUNTING = "attempts"  # name of the lock of whoever counts: two at once would both see room for the last one


def count(store: Store, limits: Sequence[tuple[str, int]], within: timedelta) -> bool:
    """One more attempt under each of some keys, each with how many it may have within the time: whether all had room.

    The first key without room ends it; the attempt counts under those before it.
    """
    with store.database.change() as session:
        store.database.alone(session, COUNTING)
        at = clock(session)
        session.execute(delete(AttemptRow).where(AttemptRow.at <= at - within))
        for key, most in limits:
            if _kept(session, key) >= most:
                return False
            session.add(AttemptRow(key_sha256=hashed(key), at=at))
        return True


def _kept(session: Session, key: str) -> int:
    counted = select(func.count()).select_from(AttemptRow).where(AttemptRow.key_sha256 == hashed(key))
    return session.scalar(counted) or 0


def forget(store: Store, key: str) -> None:
    """From now on nothing was tried under a key."""
    with store.database.change() as session:
        session.execute(delete(AttemptRow).where(AttemptRow.key_sha256 == hashed(key)))
