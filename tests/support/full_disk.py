"""What do commands and screens say and leave behind on a disk that is full, then closed, then well again?

`python -m tests.support.full_disk DISK`, DISK being of 24 MB, of its own and empty.
"""

import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from streamlit.testing.v1 import AppTest

from insights.cli import run
from insights.store.reserve import NAME
from tests.support import disk as disks
from tests.support.screens import FAILED, MAIN, said
from tests.support.workspaces import write_csv

PAGES = ("start", "open_invoices", "customers", "customer", "invoice", "ledgers", "models", "trust")
IMPORT = ("--complete-through", "2024-12-31")
FULL = r"There is no space left on the disk\. Make room, then try again\. \(error [0-9a-f]{8}\)"
CLOSED = r".* cannot be (opened|written).* \(error [0-9a-f]{8}\)"


def command(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(arguments))
    assert "Traceback" not in (both := out.getvalue() + err.getvalue()), both
    return code, out.getvalue(), err.getvalue()


def fails(sentence: str, *arguments: str) -> None:
    code, _, err = command(*arguments)
    assert code == 1, (arguments, code, err)
    assert re.fullmatch(sentence, err.strip().splitlines()[-1]), (arguments, err)


def listed() -> list[str]:
    code, out, err = command("ledgers", "--json")
    assert code == 0, err
    return [ledger["ledger"] for ledger in json.loads(out)]


def kept(home: Path) -> dict[str, str]:
    """Name -> digest of all files but those that may come and go."""
    passing = ("locks", NAME, "errors.log", "worker.log", "uploads")
    files = (path for path in home.rglob("*") if path.is_file() and path.relative_to(home).parts[0] not in passing)
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files if ".sqlite" not in path.name}


def unchanged(there: list[str], before: dict[str, str], after: object) -> None:
    assert listed() == there, after
    now = kept(home=Path(os.environ["INSIGHTS_HOME"]))
    assert now == before, (after, sorted(now.items() ^ before.items()))


def screens() -> Iterator[str]:
    """What each page says of failures; none ends in an exception."""
    for page in PAGES:
        app = AppTest.from_file(str(MAIN), default_timeout=120)
        app.switch_page(f"{page}.py")
        app.run()
        assert not app.exception, (page, app.exception)
        assert said(app) or app.error, page
        yield from (error.value for error in app.error if FAILED.search(error.value))


def attempts(disk: Path, csv: Path) -> list[tuple[str, ...]]:
    """What would write to the disk."""
    outs = [str(disk / f"out.{ending}") for ending in ("csv", "xlsx", "parquet")]
    return [
        ("import", str(csv), *IMPORT),
        ("import", str(csv), *IMPORT, "--save-mapping", "mine"),
        *(("invoices", "--out", out) for out in outs),
        ("train", "--as-of", "2024-12-01"),
        ("predict", str(csv), "--as-of", "2024-12-01", "--out", outs[0]),
    ]


def main() -> None:
    disk = Path(sys.argv[1])
    home = disk / "home"
    csv = write_csv(disk / "ledger.csv", invoices=2500)  # far more than a look frees
    os.environ |= {"INSIGHTS_HOME": str(home), "INSIGHTS_IDLE_SECONDS": "0", "OMP_NUM_THREADS": "1"}
    for name in ("first", "second"):
        assert command("import", str(csv), *IMPORT, "--name", name)[0] == 0
    there = listed()
    for ending in ("csv", "xlsx", "parquet"):
        (disk / f"out.{ending}").write_text("as it was")
    before = kept(home)

    filler, tried = disks.fill(disk), 0
    for attempt in attempts(disk, csv):
        disks.fill(disk)
        fails(FULL, *attempt)
        unchanged(there, before, attempt)
        tried += 1
    assert list(screens()) == [], "to look needs no room"
    assert {(disk / f"out.{ending}").read_text() for ending in ("csv", "xlsx", "parquet")} == {"as it was"}
    assert not list(disk.rglob(".begun-*"))
    disks.fill(disk)
    code, out, err = command("delete", there[0], "--yes")
    assert code == 0, (out, err)
    assert listed() == there[1:]
    assert not [path for path in kept(home) if there[0] in path]
    filler.unlink()
    assert command("import", str(csv), *IMPORT)[0] == 0, "it goes on"

    there, before = listed(), kept(home)
    disks.mounted_again(disk, "ro")
    for attempt in [*attempts(disk, csv)[:-1], ("ledgers",), ("delete", there[0], "--yes")]:
        fails(CLOSED, *attempt)
        tried += 1
    told = list(screens())
    assert told
    assert all(re.fullmatch(CLOSED, each.replace("\\", "")) for each in told), told
    disks.mounted_again(disk, "rw")
    unchanged(there, before, "mounted again")
    assert list(screens()) == []
    sys.stdout.write(f"{tried} commands, {2 * len(PAGES)} screens\n")


if __name__ == "__main__":
    main()
