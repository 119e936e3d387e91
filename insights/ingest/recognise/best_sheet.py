"""Which table of a second file (payments, attributes, rates) is meant, where a workbook has several sheets?"""

from collections.abc import Collection
from pathlib import Path

from insights.ingest.extract import files
from insights.ingest.grid import NO_HINTS, Hints
from insights.ingest.recognise import table
from insights.ingest.recognise.match import compact
from insights.ingest.recognise.table import Table
from insights.ledger.errors import Refused


def best(path: Path, known: Collection[str], telling: Collection[str] = (), hints: Hints = NO_HINTS) -> Table:
    """The table of the sheet that holds most of the `telling` (else the `known`) headers, compact; the first of equals.

    Raises the first Refused where no sheet holds a table.
    """
    candidates: list[Table] = []
    refusals: list[Refused] = []
    for grid in files.grids(path, hints=hints):
        try:
            candidates.append(table.table(grid, known))
        except Refused as refusal:
            refusals.append(refusal)
    if not candidates:
        raise refusals[0] if refusals else Refused("This file is empty.", "empty")
    names = set(telling or known)
    return max(candidates, key=lambda candidate: len({compact(header) for header in candidate.headers} & names))
