"""Is a PostgreSQL reached without giving its password away, and does a workspace outlive that it is gone for a while?"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from insights.access import Role
from insights.ledger.errors import Refused
from insights.services import failures, users
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.database import HEAD, revision
from insights.store.postgres import address, lock, try_lock
from insights.store.records import User
from insights.store.store import Store
from tests.conftest import ROOT
from tests.support.postgres import POSTGRES, running
from tests.support.processes import refusal, start
from tests.support.workspaces import ME, small_ledger

URL = "postgresql+psycopg://ada:s3cret@db.example/insights"
on_postgres = pytest.mark.parametrize("database", [POSTGRES], indirect=True)


def test_a_password_in_the_environment_is_refused_and_one_in_a_file_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address(URL).password == "s3cret"  # noqa: S105 - an example
    monkeypatch.setenv("INSIGHTS_DATABASE", URL)
    assert refusal(address, URL) == "password_in_environment"
    assert refusal(address, "postgresql://ada@db.example/insights?password=s3cret") == "password_in_environment"
    assert address(URL.replace(":s3cret", "")).password is None


@pytest.mark.parametrize("url", ["mysql://ada@db/insights", "sqlite:///here", "insights"])
def test_a_database_of_another_kind_is_refused(url: str) -> None:
    assert refusal(address, url) == "database_url"


@pytest.mark.parametrize("url", ["postgresql+psycopg://ada:s3cret@127.0.0.1:1/insights", "postgresql://ada:s3cret@no.invalid/x"])
def test_a_server_that_is_not_there_is_said_without_its_password(url: str) -> None:
    with pytest.raises(OperationalError) as caught:
        revision(create_engine(address(url), connect_args={"connect_timeout": 2}))
    assert failures.why(caught.value).startswith("The database server cannot be reached.")
    assert "s3cret" not in str(caught.value)


@pytest.mark.slow
@on_postgres
def test_what_is_in_a_statement_that_fails_is_not_in_its_error(workspace: Store) -> None:
    with pytest.raises(Exception, match="hide_parameters") as caught, workspace.database.write() as session:
        session.connection().exec_driver_sql("SELECT %s::int", ("Planted Ltd",))
    assert "Planted" not in str(caught.value).partition("DETAIL")[0].replace('"Planted Ltd"', "")


@pytest.mark.slow
@on_postgres
def test_a_lock_has_one_holder_and_is_free_when_its_holder_is_killed(workspace: Store) -> None:
    url = workspace.database.url
    with lock(url, "a"):
        with try_lock(url, "a") as mine, try_lock(url, "b") as other:
            assert (mine, other) == (False, True)
        code = (
            "import time; from insights.store.store import Store\nwith Store.open().lock('c'): print(flush=True); time.sleep(60)"
        )
        holder = start(workspace.home, code)
        end = time.monotonic() + 30
        while free(url, "c"):
            assert time.monotonic() < end
        holder.kill()
        holder.wait()
        while not free(url, "c"):
            assert time.monotonic() < end
    assert free(url, "a")


@pytest.mark.slow
@on_postgres
def test_of_two_administrators_who_disable_each_other_at_once_one_stays(workspace: Store) -> None:
    """Both wait for a third to have written, on a server whose transactions see one moment unless they say otherwise."""
    engine = workspace.database.engine
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {engine.url.database} SET default_transaction_isolation = 'repeatable read'")
    engine.dispose()  # what it says counts for new connections
    both = [users.add(workspace, name, Role.ADMINISTRATOR, actor=ME) for name in ("ada", "bob")]

    def disabled(user: User) -> str:
        try:
            users.disable(workspace, user, actor=ME)
        except Refused as refused:
            return refused.code
        return "disabled"

    with ThreadPoolExecutor(2) as pool:
        with workspace.database.write():
            tries = [pool.submit(disabled, each) for each in both]
            time.sleep(1)
        assert sorted(each.result() for each in tries) == ["disabled", "last_administrator"]


@on_postgres
@pytest.mark.slow
def test_a_password_is_in_no_argument_environment_log_or_file(
    workspace: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The server here takes any password. A worker starts, looks for jobs, and ends."""
    file = tmp_path / "with-password.url"
    file.write_text(workspace.database.url.replace("@/", ":s3cret@/"))
    monkeypatch.setenv("INSIGHTS_DATABASE_FILE", str(file))
    code = "import psutil; from insights.jobs import worker, wakeup; from insights.store.store import Store\n"
    code += "store = Store.open(); secret = 's3' + 'cret'; print(secret in store.database.url); worker.run(store, idle_exit=0)\n"
    code += "me = psutil.Process(); print(secret in repr((me.cmdline(), me.environ(), wakeup.environment(store.home), store)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
    assert "s3cret" not in done.stderr
    assert not [path for path in workspace.home.rglob("*") if path.is_file() and b"s3cret" in path.read_bytes()]


def free(url: str, name: str) -> bool:
    with try_lock(url, name) as mine:
        return mine


@pytest.mark.slow
def test_a_server_that_is_gone_for_a_while_costs_a_sentence_and_all_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies as when the power fails; what was asked for meanwhile is not done, by halves neither."""
    with running() as server:
        (tmp_path / "url").write_text(server.url(server.new()))
        monkeypatch.setenv("INSIGHTS_DATABASE_FILE", str(tmp_path / "url"))
        workspace = Store.open(tmp_path / "home")
        assert revision(workspace.database.engine) == HEAD
        first = commit(workspace, small_ledger(), actor=ME)
        server.stop()
        for attempt in (lambda: ledgers.listed(workspace), lambda: commit(workspace, small_ledger(), actor=ME)):
            with pytest.raises(OperationalError) as caught:
                attempt()
            assert failures.why(caught.value).startswith("The database server cannot be reached.")
        server.start()
        assert [each.id for each in ledgers.listed(workspace)] == [first.id]
        second = commit(workspace, small_ledger(), actor=ME)
        assert {each.id for each in ledgers.listed(workspace)} == {first.id, second.id}
        workspace.database.engine.dispose()
