"""Does a large workspace come back from its backup as it was? PostgreSQL to a folder, and from there to SQLite and PostgreSQL.

    python benchmarks/backup.py [--rows 1000000] [--keep FOLDER] [--into FILE.md]

A temporary PostgreSQL, and a workspace over it with the invented ledger of benchmarks/speed.py, a published model, its
predictions, users, and notes of customers. It is backed up, the backup examined, and restored elsewhere: into a home with SQLite,
and into a home with another database of the server. Both are examined (`verify`), and every screen is opened there as at home:
whatever it draws, each text, figure, row of a list and mark of a chart, has to be the same. Ends with 1 where anything is not.

--keep: the workspace lies there, and is taken again the next time, so that the figures are of the backup alone.
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import pyarrow.parquet as pq  # noqa: E402
from sqlalchemy import NullPool, create_engine  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402
from streamlit.testing.v1.element_tree import Block, Node  # noqa: E402

from benchmarks import report  # noqa: E402
from benchmarks.pages import prepared  # noqa: E402
from insights.access import Role, laptop  # noqa: E402
from insights.services import agreements, backups, users  # noqa: E402
from insights.services.agreements import Entry  # noqa: E402
from insights.store import audit, ledgers  # noqa: E402
from insights.store.store import Store  # noqa: E402
from scripts.cluster import Cluster  # noqa: E402

FRAME = {"main", "record"}  # what stands around the screens; the record, which is compared as it is kept
SCREENS = sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem not in FRAME)
AGREED = 200  # customers of whom something is noted
PATIENCE = 600  # seconds a run may take
PASSING = re.compile(r'deferred_file_id: "\w+"')  # of a file that is made once somebody presses its button


@dataclass(frozen=True)
class Place:
    """A home, and the file with the URL of its database; None: SQLite in the home."""

    home: Path
    database: Path | None

    def environment(self) -> dict[str, str]:
        url = {"INSIGHTS_DATABASE_FILE": str(self.database)} if self.database else {}
        return {
            "INSIGHTS_HOME": str(self.home),
            "INSIGHTS_START_WORKERS": "false",
            "OMP_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
        } | url

    def run(self, *command: str) -> str:
        """What a command of this program says there."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("INSIGHTS_")}
        line = [sys.executable, *command]
        return subprocess.run(line, cwd=ROOT, env=kept | self.environment(), stdout=subprocess.PIPE, text=True, check=True).stdout

    def store(self) -> Store:
        use(self)
        return Store.open()


def use(place: Place) -> None:
    """From now on this process means this workspace."""
    os.environ.pop("INSIGHTS_DATABASE_FILE", None)
    os.environ |= place.environment()


# --- what the screens say ----------------------------------------------------------------------------------------------


def asked() -> dict[str, str]:
    """As parameters of an address: an invoice of the ledger, and its customer."""
    store = Store.open()
    path = next(iter(sorted(store.home.glob("predictions/**/[!.]*.parquet"))))
    columns = ["company", "customer_id", "invoice_id", "line"]
    first = pq.read_table(path, columns=columns).slice(0, 1).to_pylist()[0]
    return {
        "company": first["company"],
        "customer": first["customer_id"],
        "invoice": first["invoice_id"],
        "line": str(first["line"]),
    }


def drawn(screen: str, parameters: dict[str, str]) -> list[str]:
    """All that a screen draws: of each element its kind, and what goes to the browser."""
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=PATIENCE)
    app.switch_page(f"{screen}.py")
    app.query_params.update(parameters)
    app.run()
    if app.exception:
        raise SystemExit(f"{screen}: {app.exception[0].value}")
    return [element for tree in (app.main, app.sidebar) for element in elements(tree)]


def elements(node: Node) -> Iterator[str]:
    if isinstance(node, Block):
        for child in node.children.values():
            yield from elements(child)
    elif node.proto is not None:
        yield f"{node.type} {PASSING.sub('', str(node.proto))}"


def screens() -> dict[str, list[str]]:
    """What each screen draws, in a workspace that this process means."""
    one = asked()
    at = {"invoice": one, "customer": {name: one[name] for name in ("company", "customer")}, "open_invoices": {"tab": "all"}}
    return {screen: drawn(screen, at.get(screen, {})) for screen in SCREENS}


# --- the whole ---------------------------------------------------------------------------------------------------------


def made(place: Place, rows: int) -> Store:
    """The workspace, where it is not there yet."""
    use(place)
    store = Store.open()
    if (place.home / "ready").exists():
        return store
    if not ledgers.listed(store):
        prepared(place.home, rows)
        (place.home / "ledger.csv").unlink()
    ledger = ledgers.load(store, ledgers.get(store).id)
    known = ledger.invoices.select(["company", "customer_id"]).group_by(["company", "customer_id"]).aggregate([]).to_pylist()
    customers = sorted((one["company"], one["customer_id"]) for one in known)[:AGREED]
    entries = [
        Entry("note", *customer, values={"text": f"Called, number {number}."}) for number, customer in enumerate(customers)
    ]
    agreements.enter(store, ledger, ledger.default_as_of, entries, actor=laptop("ada"))
    users.add(store, "Ada", Role.MANAGER, actor=laptop())
    (place.home / "ready").touch()
    return store


@contextmanager
def timed(name: str, seconds: dict[str, float]) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - begun
    print(f"{name}: {seconds[name]:.1f} s", file=sys.stderr, flush=True)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def compared(expected: dict[str, list[str]], got: dict[str, list[str]]) -> list[str]:
    """The screens that do not draw the same, with the first element that differs."""
    wrong = []
    for screen, lines in expected.items():
        if lines != got[screen]:
            pair = next((pair for pair in zip(lines, got[screen], strict=False) if pair[0] != pair[1]), ("", ""))
            wrong.append(f"{screen}: {len(lines)} elements and {len(got[screen])}; {pair[0][:300]} | {pair[1][:300]}")
    return wrong


def forget(folder: Path, cluster: Cluster, places: Sequence[Place]) -> None:
    """What the last try has left of what it made anew."""
    for path in (folder / "backup", *(place.home for place in places)):
        shutil.rmtree(path, ignore_errors=True)
    for place in places:
        if place.database and cluster.has(place.home.name):
            cluster.execute(f"DROP DATABASE {place.home.name}")


def tried(folder: Path, cluster: Cluster, rows: int) -> tuple[list[str], list[str]]:
    """Lines of Markdown, and what is not as it was."""
    places = [
        Place(folder / "home", folder / "home.url"),
        Place(folder / "sqlite", None),
        Place(folder / "elsewhere", folder / "elsewhere.url"),
    ]
    forget(folder, cluster, places[1:])
    for place in places:
        if place.database:
            if not cluster.has(place.home.name):
                cluster.execute(f"CREATE DATABASE {place.home.name} ENCODING 'UTF8'")
            place.database.write_text(cluster.url(place.home.name))
    home, seconds, wrong = places[0], dict[str, float](), list[str]()
    store = made(home, rows)
    if not (store.home / "looked").exists():
        home.run("-m", "benchmarks.backup", "--screens")  # what a first look keeps is in the backup, too
        (store.home / "looked").touch()
    records = audit.listed(store)
    with timed("backup", seconds):
        manifest = backups.back_up(store, folder / "backup", actor=laptop())
    with timed("examine the backup", seconds):
        wrong += backups.wrong(folder / "backup")
    with timed("verify at home", seconds):
        wrong += [str(fault) for fault in backups.examine(store).faults]
    expected = json.loads(home.run("-m", "benchmarks.backup", "--screens"))
    for place in places[1:]:
        use(place)
        kind = "PostgreSQL" if place.database else "SQLite"
        with timed(f"restore into {kind}", seconds):
            restored = backups.restore(folder / "backup", place.home, actor=laptop())
        with timed(f"verify, {kind}", seconds):
            wrong += [f"{kind}: {fault}" for fault in backups.examine(restored).faults]
        if audit.listed(restored)[1:] != records:  # the newest says that it was restored
            wrong.append(f"{kind}: the record of who did what")
        wrong += [f"{kind}, {line}" for line in compared(expected, json.loads(place.run("-m", "benchmarks.backup", "--screens")))]
    texts = [text for drawing in expected.values() for text in drawing]
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    lines = [
        (
            f"{ledgers.get(store).rows_read:,} invoices, {len(manifest['files'])} files; the home {size(home.home) >> 20} MB, "
            f"its database {bytes_of(cluster, home.home.name) >> 20} MB, the backup {size(folder / 'backup') >> 20} MB; "
            f"this program held {held} MB."
        ),
        "",
        "| step | s |",
        "|---|---|",
        *(f"| {name} | {taken:.1f} |" for name, taken in seconds.items()),
        "",
        (
            f"{len(expected)} screens, {len(texts)} elements of {sum(map(len, texts)) >> 10} KB in all, at home, from "
            f"SQLite and from PostgreSQL: {len(wrong)} differences."
        ),
    ]
    return lines, wrong


def bytes_of(cluster: Cluster, database: str) -> int:
    """Of a database on its server."""
    with create_engine(cluster.url(database), poolclass=NullPool).connect() as connection:
        return int(connection.exec_driver_sql("SELECT pg_database_size(%s)", (database,)).scalar_one())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="number of invoices")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the workspace there, and take it again the next time")
    parser.add_argument("--screens", action="store_true", help=argparse.SUPPRESS)  # of the workspace of the environment, as JSON
    report.add_options(parser, "backup")
    given = parser.parse_args()
    if given.screens:
        sys.stdout.write(json.dumps(screens()))
        return
    with ExitStack() as held:
        folder = given.keep or Path(held.enter_context(tempfile.TemporaryDirectory(prefix="backup-", dir="/tmp")))
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)  # the server's user has to get through to its own folder
        cluster = Cluster(folder / "database")
        cluster.make()
        cluster.start()
        held.callback(cluster.stop, signal.SIGINT)
        lines, wrong = tried(folder, cluster, given.rows)
    print("\n".join([*lines, *wrong]))
    if given.into:
        report.write_section(given.into, given.section, [report.command("backup.py", sys.argv[1:]), "", *lines])
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
