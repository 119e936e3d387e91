"""By what are the parts of a prepared folder made? By processes of this machine, or by a cluster that speaks Spark Connect.

An engine only calls `parts.score` with numbers of parts: it knows nothing of ledgers, and a folder that one engine began is
finished by another, or by hand.
"""

import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from insights.ledger.errors import Refused
from insights.services import parts

if TYPE_CHECKING:
    import pyarrow as pa

Done = Callable[[int, int], None]  # parts that have their receipt, of how many


def on_this_machine(folder: Path, workers: int, done: Done) -> None:
    """Make what is missing by so many processes at a time, each of its own memory. Refused with the first refusal of a part.

    A process makes one part after the other, as its start takes longer than a small part.
    """
    plan, left = parts.read_plan(folder), parts.missing(folder)
    threads = max(1, (os.cpu_count() or 1) // workers)
    shares = [share for share in (left[first::workers] for first in range(workers)) if share]

    def make(share: list[int]) -> str:
        named = f"{','.join(map(str, share))}/{plan.parts}"
        command = [sys.executable, "-m", "insights", "part", named, str(folder.absolute())]
        environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
        ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        return "" if ended.returncode == 0 else ended.stderr.strip() or f"Part {named} ended with {ended.returncode}."

    with ThreadPoolExecutor(workers) as pool:  # threads wait, processes work
        refusals = []
        for refusal in pool.map(make, shares):
            refusals += [refusal] if refusal else []
            done(plan.parts - len(parts.missing(folder)), plan.parts)
    if refusals:
        raise Refused(refusals[0], "part_failed")


ROOT = Path(__file__).parents[2]


def on_spark(folder: Path, address: str, done: Done) -> None:
    """Score what is missing on the cluster at `address` (sc://host:15002), whose workers see the folder and have this release.

    One task per part, by mapInArrow. Refused where `requirements-cluster.txt` is not installed, or the cluster is not there.
    """
    plan, left = parts.read_plan(folder), parts.missing(folder)
    if left:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # the client does not know all of our pandas: no frame of it is used
            _on_spark(folder, address, left)
    done(plan.parts - len(parts.missing(folder)), plan.parts)


def _on_spark(folder: Path, address: str, left: list[int]) -> None:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        sentence = "This needs the packages of requirements-cluster.txt: python -m pip install -r requirements-cluster.lock."
        raise Refused(sentence, "not_installed") from None
    try:
        spark = SparkSession.builder.remote(address).getOrCreate()
        numbers = spark.createDataFrame([(number,) for number in left], "part long").repartition(len(left), "part")
        numbers.mapInArrow(partial(scored_by_worker, str(folder.absolute())), "part long, rows long").collect()
        spark.stop()
    except PySparkException as error:
        raise Refused(f"The cluster at {address} did not score the parts: {cause(str(error))}", "cluster") from error


def cause(error: str) -> str:
    """What a worker of the cluster refused, else the first line of what the cluster says."""
    lines = error.strip().splitlines() or [""]
    return next((line.partition(REFUSED)[2] for line in lines if REFUSED in line), lines[0])


REFUSED = f"{Refused.__module__}.{Refused.__name__}: "  # before the sentence, in a worker's traceback


def scored_by_worker(folder: str, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    """What a worker of the cluster does with numbers of parts."""
    import pyarrow as pa

    for batch in batches:
        numbers = batch.column(0).to_pylist()
        rows = [parts.score(Path(folder), number)[0].rows for number in numbers]
        yield pa.RecordBatch.from_pydict({"part": pa.array(numbers, pa.int64()), "rows": pa.array(rows, pa.int64())})
