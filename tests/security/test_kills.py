"""Is nothing left of processes that were killed, once somebody has swept?"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from insights.services.ledgers import commit
from insights.store import housekeeping, ledgers, models
from insights.store.integrity import examine
from insights.store.store import Store
from tests.support.workspaces import ME, small_ledger

ROOT = Path(__file__).parents[2]
AT_WORK = """
import itertools, sys
from datetime import date
from insights.access import laptop
from insights.model.recipe import Recipe
from insights.sandbox import folders
from insights.services import predict, predictions
from insights.services.ledgers import commit, delete
from insights.store import models
from insights.store.store import Store
from tests.support.workspaces import rates_model, small_ledger, year_of_invoices
store, held = Store.open(), []
print("ready", flush=True)
for number in itertools.count():
    ledger = commit(store, small_ledger(), actor=laptop("me"))
    model_id = models.save(store, rates_model(late=0.3), ledger.id, actor=laptop("me"))
    predictions.of_model(store, ledger.id, model_id, date(2024, 4, 1), actor=laptop("me"))
    held.append(folders.hold(store.home / "uploads"))
    (held[-1].path / "ledger.csv").write_text("secret")
    if number % 2:
        delete(store, ledger.id, actor=laptop("me"))
    if len(sys.argv) > 1:
        predict.predict(year_of_invoices(invoices=1500), date(2024, 12, 1), Recipe(very_late_days=10), actor=laptop("me"))
"""


def kill(home: Path, temporary: Path, seed: int) -> None:
    """Start a process that commits, trains, predicts, uploads and deletes, and kill it in the midst of that."""
    draw = random.Random(seed)  # noqa: S311 - examples
    training = ["predict"] if seed % 2 else []
    environment = os.environ | {"INSIGHTS_HOME": str(home), "TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", AT_WORK, *training]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(draw.uniform(0.05, 4.0 if training else 1.5))
        process.send_signal(signal.SIGKILL)
        process.wait()


def left(home: Path, temporary: Path) -> list[str]:
    """What lies there that nobody knows of."""
    store = Store.open(home)
    listed = {each.id for each in ledgers.listed(store)} | {each.id for each in models.listed(store)}
    of_nobody = [path for kind in ("ledgers", "models") for path in (home / kind).glob("*") if path.name not in listed]
    of_nobody += [
        path for kind in ("predictions", "replays", "backtests") for path in (home / kind).glob("*") if path.name not in listed
    ]
    begun = [path for pattern in (".begun-*", ".gone-*", "*.held") for path in home.rglob(pattern)]
    return [str(path) for path in [*of_nobody, *begun, *(home / "uploads").glob("*"), *temporary.glob("insights-*")]]


def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int, first: int = 0) -> tuple[int, list[str]]:
    """How many things dead processes had left, and what is left of them after a sweep."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    temporary.mkdir()
    sound = commit(Store.open(home), small_ledger(), actor=ME)
    for seed in range(first, first + kills):
        kill(home, temporary, seed)
    before = left(home, temporary)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    housekeeping.tidy(Store.open(home))
    assert examine(Store.open(home)).faults == ()
    assert ledgers.load(Store.open(home), sound.id).fingerprint == sound.fingerprint
    return len(before), left(home, temporary)


@pytest.mark.slow
def test_after_two_kills_and_a_sweep_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make slow` kills fifty."""
    before, after = killed(tmp_path, monkeypatch, 2)
    assert (before > 0, after) == (True, [])


@pytest.mark.long
@pytest.mark.parametrize("part", range(5))
def test_after_fifty_kills_and_a_sweep_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    """Five times ten."""
    before, after = killed(tmp_path, monkeypatch, 10, first=10 * part)
    print(f"{before} left by 10 killed processes, {len(after)} after a sweep")  # noqa: T201 - the count
    assert after == []
