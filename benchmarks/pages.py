"""Do the screens stay quick while a model is trained? Loads of the list of open invoices in Chromium, idle and meanwhile.

    python benchmarks/pages.py [--rows 1000000] [--loads 40] [--into FILE.md]

A temporary workspace with the invented ledger of benchmarks/speed.py, a published model and its predictions; the app as it
is started by `make run`; Debian's Chromium. A load lasts from the address until the run has ended and the list is drawn.
Half of the idle loads come before the training, half after it, so that a machine that slows down is not taken for it.
The training is begun as the screen Models begins it, and again while loads are still wanted.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pyarrow.csv as pc  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from benchmarks import report  # noqa: E402
from benchmarks.speed import AS_OF, invoices  # noqa: E402
from insights import ingest, jobs  # noqa: E402
from insights.access import laptop  # noqa: E402
from insights.model import training  # noqa: E402
from insights.model.recipe import Recipe  # noqa: E402
from insights.services import background, predictions, publishing  # noqa: E402
from insights.services.ledgers import commit  # noqa: E402
from insights.store import ledgers, models  # noqa: E402
from insights.store.store import Store  # noqa: E402
from scripts.screenshots import CHROMIUM, READY, server  # noqa: E402

WARM = 3  # loads that do not count: the server opens ledger and predictions
GOAL = 1.5


@dataclass(frozen=True)
class Measured:
    """Seconds of each load, idle and during trainings, and how long the trainings took."""

    idle: list[float]
    meanwhile: list[float]
    trainings: list[float]


def prepared(home: Path, rows: int) -> Store:
    """A workspace with the invented ledger, a published model, and what it predicts."""
    workspace = Store.open(home)
    pc.write_csv(invoices(rows), home / "ledger.csv")
    options = ingest.Options(complete_through=AS_OF - timedelta(days=1), name=f"{rows:,} invented invoices")
    ledger = commit(workspace, ingest.read(home / "ledger.csv", options).require(), actor=laptop())
    model_id = models.save(workspace, training.train(ledger, AS_OF), ledger.id, actor=laptop())
    publishing.publish(workspace, model_id, replaces=None, reason="a benchmark", actor=laptop())
    predictions.of_model(workspace, ledger.id, model_id, AS_OF, actor=laptop())
    return workspace


def load(page: Page, address: str) -> float:
    """Seconds until the list of open invoices stands."""
    started = time.perf_counter()
    page.goto(f"{address}/open_invoices")
    page.get_by_test_id("stBidiComponentIsolated").first.wait_for()
    page.wait_for_selector(READY)
    return time.perf_counter() - started


def measured(page: Page, address: str, workspace: Store, loads: int) -> Measured:
    """Loads idle, then during trainings, then idle again."""
    for _ in range(WARM):
        load(page, address)
    idle = [load(page, address) for _ in range(loads // 2)]
    ledger_id = ledgers.get(workspace).id
    meanwhile: list[float] = []
    trainings: list[float] = []
    while len(meanwhile) < loads or not trainings:
        begun = time.perf_counter()
        job_id = background.train(workspace, ledger_id, AS_OF, Recipe(seed=len(trainings) + 1), actor=laptop())
        while jobs.job(workspace, job_id).state == "waiting":
            time.sleep(0.1)
        while not jobs.job(workspace, job_id).ended:
            seconds = load(page, address)
            meanwhile += [] if jobs.job(workspace, job_id).ended else [seconds]  # a load that outlived it counts on no side
        assert jobs.job(workspace, job_id).state == "done", jobs.job(workspace, job_id).error
        trainings.append(time.perf_counter() - begun)
    idle += [load(page, address) for _ in range(loads - len(idle))]
    return Measured(idle, meanwhile, trainings)


def lines(found: Measured, rows: int) -> Iterator[str]:
    """A Markdown table, and the ratio."""
    yield f"Loads of the list of open invoices, a ledger of {rows:,} invoices:"
    yield ""
    yield "| | loads | median, s | p95, s |"
    yield "|---|---|---|---|"
    for name, seconds in (("idle", found.idle), ("while a model is trained", found.meanwhile)):
        yield f"| {name} | {len(seconds)} | {np.median(seconds):.2f} | {p95(seconds):.2f} |"
    yield ""
    ratio = p95(found.meanwhile) / p95(found.idle)
    took = ", ".join(f"{seconds:.0f}" for seconds in found.trainings)
    yield f"p95 during training: {ratio:.2f} times idle (at most {GOAL} is aimed at); each training took {took} s."


def p95(seconds: list[float]) -> float:
    return float(np.percentile(seconds, 95))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="number of invoices")
    parser.add_argument("--loads", type=int, default=40, help="loads on either side")
    report.add_options(parser, "pages")
    arguments = parser.parse_args()
    program = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        workspace = prepared(Path(folder), arguments.rows)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(120_000)
        with server(Path(folder)) as address:
            found = measured(page, address, workspace, arguments.loads)
        browser.close()
    figures = list(lines(found, arguments.rows))
    print("\n".join(figures))
    if arguments.into:
        report.write_section(arguments.into, arguments.section, [report.command("pages.py", sys.argv[1:]), "", *figures])


if __name__ == "__main__":
    main()
