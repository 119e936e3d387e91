"""How long does a ledger take that is computed in parts, and does each process stay within so much memory?

    python benchmarks/parts.py [--rows 10000000] [--made fields-at-issue] [--parts N] [--every 1] [--workers 2] [--gigabytes 2]

An invented ledger is divided and counted (`parts prepare`), then its parts are made (`part`) by as many processes at a time as
there are workers. Every process may address no more memory than so many gigabytes (RLIMIT_AS, as `ulimit -v`): one that asks
for more fails. `--every 10` makes one part in ten, and the seconds of all are said as computed from these. Beside it, in the same
run, stands what DuckDB takes for a bare scan and sort of the columns that the fields are made of. Resident memory is that
of all processes together, looked at every 20 ms.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import large_ledgers, report  # noqa: E402
from benchmarks.speed import COLUMNS, resident  # noqa: E402

# Allocators that map far more than they use, and a thread for every core, would meet the limit before any row does.
LIMITED = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
TAUGHT = 50_000  # invoices of the ledger that the model is trained on: what a part takes does not hang on them


class Cost(NamedTuple):
    """Seconds by the clock and of the processor, and gigabytes resident at most."""

    seconds: float
    processor: float
    memory: float


def child(arguments: Sequence[str], gigabytes: float) -> "subprocess.Popen[bytes]":
    """A process that may address so much memory."""
    most = int(gigabytes * 1e9)
    environment = os.environ | LIMITED | {"OMP_WAIT_POLICY": "passive", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)),  # noqa: PLW1509 - no threads of ours hold locks
    )


def cost(commands: Sequence[Sequence[str]], gigabytes: float) -> Cost:
    """What it takes to run commands side by side; stops where one fails."""
    used, started, peak = processor_of_children(), time.perf_counter(), 0
    running = [child(arguments, gigabytes) for arguments in commands]
    while any(process.poll() is None for process in running):
        peak = max(peak, sum(resident(process.pid) for process in running))
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    if any(process.returncode for process in running):
        message = f"a process with {gigabytes} GB failed: {commands}"
        raise SystemExit(message)
    return Cost(seconds, processor_of_children() - used, peak / 1e9)


def processor_of_children() -> float:
    """User and system time of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# What the children do.


def scan_and_sort(folder: Path, megabytes: int) -> None:
    """The floor: DuckDB scans and sorts the columns that features read, in memory or into a file; timed without its imports."""
    import duckdb

    started, used = time.perf_counter(), time.process_time()

    columns = ", ".join(COLUMNS)
    query = f"SELECT {columns} FROM '{folder}/ledger/invoices.parquet' ORDER BY customer_id, issue_date"  # noqa: S608 our own path
    with duckdb.connect(config={"memory_limit": f"{megabytes}MB", "temp_directory": str(folder / "spilled")}) as database:
        if megabytes > 2_000:
            database.sql(query).to_arrow_table()
        else:
            database.execute(f"COPY ({query}) TO '{folder}/sorted.parquet'")
    (folder / "floor.json").write_text(json.dumps([time.perf_counter() - started, time.process_time() - used]))


def prepare(folder: Path, parts: int, made: str, gigabytes: float) -> None:
    """As `parts prepare`, of a ledger that no workspace has."""
    from insights.model.model import Model
    from insights.services.parts import Work, write

    work = Work(made, large_ledgers.AS_OF, "large", "invented", "small")
    write(folder / "ledger", Model.load(folder / "model"), folder / "parts", parts, work, gigabytes=gigabytes)


def teach(folder: Path) -> None:
    """A model of a small ledger with the same habits."""
    from insights.model.training import train
    from insights.store import ledgers

    large_ledgers.write(folder / "small", TAUGHT)
    train(ledgers.read(folder / "small"), large_ledgers.AS_OF).save(folder / "model")


STEPS: dict[str, Callable[..., None]] = {"floor": scan_and_sort, "prepare": prepare, "teach": teach}


def timed(folder: Path, spent: Cost) -> Cost:
    """What the floor took without the start of its process, which the parts are not spared."""
    seconds, processor = json.loads((folder / "floor.json").read_text())
    return Cost(seconds, processor, spent.memory)


def measured(folder: Path, given: argparse.Namespace) -> Iterator[str]:
    """The lines of a table, each step as it ends."""

    def step(name: str, *arguments: object) -> list[str]:
        return [__file__, "--do", json.dumps([name, str(folder), *arguments])]

    def row(name: str, spent: Cost, remark: str = "") -> str:
        line = f"| {name} | {spent.seconds:.1f} | {spent.processor:.1f} | {spent.memory:.2f} | {remark} |"
        print(line, file=sys.stderr, flush=True)
        return line

    if not (folder / "ledger").exists():
        large_ledgers.write(folder / "ledger", given.rows)
    if not (folder / "model").exists():
        cost([step("teach")], 8)
    yield "| step | s | processor s | GB resident | |"
    yield "|---|---|---|---|---|"
    bare = timed(folder, cost([step("floor", 5_000)], 8))
    yield row("DuckDB: a bare scan and sort of the same columns, in memory", bare)
    tight = timed(folder, cost([step("floor", int(given.gigabytes * 500))], given.gigabytes))
    yield row(f"The same within {given.gigabytes:g} GB, into a file", tight)
    shutil.rmtree(folder / "parts", ignore_errors=True)  # of an earlier run on a folder that is kept
    prepared = cost([step("prepare", given.parts, given.made, given.gigabytes)], given.gigabytes)
    yield row(f"Divide into {given.parts} parts, and count the whole", prepared)
    numbers = list(range(1, given.parts + 1, given.every))
    shares = [numbers[first :: given.workers] for first in range(given.workers)]
    commands = [
        ["-m", "insights", "part", f"{','.join(map(str, share))}/{given.parts}", str(folder / "parts")]
        for share in shares
        if share
    ]
    done = cost(commands, given.gigabytes)
    yield row(f"Make {len(numbers)} of {given.parts} parts: {given.made}", done, f"{len(commands)} processes")
    times = given.parts / len(numbers)
    whole = Cost(
        prepared.seconds + done.seconds * times, prepared.processor + done.processor * times, max(prepared.memory, done.memory)
    )
    yield row("All of it" if given.every == 1 else "All of it, computed from these", whole)
    yield row("Over the bare scan and sort, times", Cost(whole.seconds / bare.seconds, whole.processor / bare.processor, 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000, help="invoices")
    parser.add_argument("--made", default="fields-at-issue", help="what to make of the parts")
    parser.add_argument("--parts", type=int, default=32)
    parser.add_argument("--every", type=int, default=1, help="make each so-manieth part alone")
    parser.add_argument("--workers", type=int, default=2, help="processes at a time")
    parser.add_argument("--gigabytes", type=float, default=2.0, help="that each process may address")
    parser.add_argument("--keep", type=Path, help="a folder for ledger and model, used again where they are there")
    report.add_options(parser, "parts")
    parser.add_argument("--do", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.do:
        name, folder, *rest = json.loads(given.do)
        STEPS[name](Path(folder), *rest)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        lines = list(measured(folder, given))
    print("\n".join(lines))
    if given.into:
        report.write_section(given.into, given.section, [report.command("parts.py", sys.argv[1:]), "", *lines])


if __name__ == "__main__":
    main()
