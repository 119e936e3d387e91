"""What does each tab cost that looks at very many rows set aside? `python -m tests.support.tabs ROWS TABS`: megabytes."""

import gc
import sys
import tempfile
from pathlib import Path

import psutil
import pyarrow as pa

from insights import ingest
from insights.ingest import Draft
from insights.sandbox.limits import Limits

HEADER = "invoice_id,customer_id,customer_name,issue_date,due_date,paid_date,amount,currency\n"
ROW = "A1,C1,Ada Ltd,2024-01-05,2024-02-05,,10.00,EUR\n"
SHOWN = 200
PATIENT = Limits(cpu_seconds=1200, wall_seconds=1200)  # memory is measured here, not how busy the machine is


def looked_at(path: Path) -> Draft:
    """As the screen of ledgers looks at an upload: sums, reasons, the first rows."""
    draft = ingest.read(path, limits=PATIENT)
    ledger = draft.require()
    ingest.reconciliation(ledger)
    assert ledger.rows_set_aside == sum(ingest.counts(ledger).values())
    assert len(ingest.problems_table(ledger, SHOWN)) == min(SHOWN, ledger.rows_set_aside)
    assert len(ingest.remarks_table(ledger, SHOWN)) == min(SHOWN, ingest.remarked(ledger))
    return draft


def held(process: psutil.Process) -> int:
    """Bytes that a process holds for itself: not what is free within it, nor pages of files, which the system takes back."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    memory = process.memory_info()
    return int(memory.rss - getattr(memory, "shared", 0))


def main() -> None:
    rows, tabs = int(sys.argv[1]), int(sys.argv[2])
    kept, ours = [], psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "repeated.csv"
        path.write_text(HEADER + ROW * 3)
        kept.append(looked_at(path))  # what is loaded once for all
        path.write_text(HEADER + ROW * rows)
        for _ in range(tabs):
            before = held(ours)
            kept.append(looked_at(path))
            sys.stdout.write(f"{(held(ours) - before) >> 20}\n")
    assert kept[-1].require().rows_set_aside == rows - 1


if __name__ == "__main__":
    main()
