"""How does a file reach the screen of ledgers?"""

import time
from pathlib import Path

from insights import jobs
from insights.sandbox.folders import HELD
from insights.store.store import Store

NOT_YET_DUE = "2024-03-05"  # when invoice 2 of north and invoices 3 and 4 of south are open and not yet due


def wait_for(workspace: Store, kind: str, state: str = "done") -> None:
    """Until the worker has ended the job of this kind, in this state."""
    started = time.monotonic()
    while not all(job.ended for job in jobs.jobs(workspace) if job.kind == kind) and time.monotonic() - started < 180:
        time.sleep(0.2)
    assert [job.state for job in jobs.jobs(workspace) if job.kind == kind] == [state]


GOOD = """Customer ID,Invoice No,Issue Date,Due Date,Paid Date,Amount,Currency
A,1,2026-01-05,2026-02-04,2026-02-10,100.00,EUR
A,2,2026-01-20,2026-02-19,,250.50,EUR
B,3,2026-01-21,2026-01-01,,10.00,EUR
B,4,2026-01-22,2026-02-21,,1.00,EUR
"""


def files_left(workspace: Store) -> list[Path]:
    """What was uploaded and is still there; the lock files beside the folders say only that their process runs."""
    return [path for path in (workspace.home / "uploads").rglob("*") if path.is_file() and path.suffix != HELD]
