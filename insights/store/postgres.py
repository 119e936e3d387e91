"""How is a PostgreSQL server reached, and how do processes of several hosts take turns there?

By advisory locks: what holds one is a connection, so that the server frees it when its process, host or network dies.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from insights.ledger.errors import Refused
from insights.store.settings import BY_FILE, is_in_environment, variable

NAME = "postgresql"  # of the dialect
POOL, MORE = 5, 15  # connections of a process that are kept, and that may be made besides
FEW_MINUTES = 300  # seconds after which a kept connection is made anew
CONNECT = 10  # seconds to reach the server
ALIVE = ("tcp_keepalives_idle=20", "tcp_keepalives_interval=10", "tcp_keepalives_count=3")  # a dead host is noticed in 50 s


def address(url: str) -> URL:
    """A database's URL. Refused where it is none of PostgreSQL's, or bears a password in the environment of every child."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Refused("The setting INSIGHTS_DATABASE is no URL of a database.", "database_url") from error
    if parsed.drivername not in {NAME, f"{NAME}+psycopg"}:
        raise Refused(
            f"INSIGHTS_DATABASE names a database of the kind {parsed.drivername}: only postgresql+psycopg is known; "
            "without the setting, SQLite in the home.",
            "database_url",
        )
    if (parsed.password or "password" in parsed.query) and is_in_environment("database"):
        raise Refused(
            "INSIGHTS_DATABASE holds a password, which every process started from here would inherit: write the URL into a file "
            f"that only you can read, and name it by {variable('database')}{BY_FILE}.",
            "password_in_environment",
        )
    return parsed.set(drivername=f"{NAME}+psycopg")


@cache
def engine(url: str, wait: float) -> Engine:
    """The server's connections of this process, made when they are needed; `wait`: seconds for somebody else's row or lock."""
    made = create_engine(
        address(url),
        hide_parameters=True,  # they are customers' data, and errors are logged
        isolation_level="READ COMMITTED",  # whatever the server's default is: who waited for others sees what they wrote
        pool_size=POOL,
        max_overflow=MORE,
        pool_pre_ping=True,  # the server was restarted meanwhile
        pool_recycle=FEW_MINUTES,
        connect_args=arguments(wait),
    )
    os.register_at_fork(after_in_child=lambda: made.dispose(close=False))  # they stay the parent's
    return made


@cache
def of_holders(url: str) -> Engine:
    """Connections that hold a lock for as long as its work lasts: outside the pool, without a transaction."""
    return create_engine(
        address(url), hide_parameters=True, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=arguments(0)
    )


def arguments(wait: float) -> dict[str, object]:
    options = ("timezone=UTC", f"lock_timeout={int(wait * 1000)}", *ALIVE)
    return {
        "connect_timeout": CONNECT,
        "application_name": "insights",
        "prepare_threshold": None,  # a migration changes what a prepared statement gives
        "options": " ".join(f"-c {option}" for option in options),
    }


def key(name: str) -> int:
    """The number of a lock: 63 bits of its name's sha256, the same in every process."""
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big") >> 1


def lock_until_end(connection: Connection, name: str) -> None:
    """Hold a lock until the transaction ends; wait for it as long as for any row."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key(name)})


@contextmanager
def lock(url: str, name: str) -> Iterator[None]:
    """Hold a lock: one holder at a time over all hosts, processes and threads. Waits as long as it takes."""
    with of_holders(url).connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": key(name)})
        try:
            yield
        finally:
            unlock(connection, name)


@contextmanager
def try_lock(url: str, name: str) -> Iterator[bool]:
    """Hold a lock if nobody else does: whether that succeeded."""
    with of_holders(url).connect() as connection:
        held = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key(name)}).scalar())
        try:
            yield held
        finally:
            if held:
                unlock(connection, name)


def unlock(connection: Connection, name: str) -> None:
    with suppress(DBAPIError):  # the connection is gone, and the lock with it
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key(name)})
