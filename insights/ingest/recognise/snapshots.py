"""Does a file hold the same invoices again and again, as they stood on several days?"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Question
from insights.ingest.recognise import dates, match
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.source import Source
from insights.ledger.errors import Refused
from insights.ledger.ledger import as_date

NAMES = {
    match.compact(name)
    for name in (
        "snapshot", "snapshot date", "as of", "as of date", "as at", "as at date", "report date", "reporting date", "run date",
        "extract date", "extraction date", "export date", "key date", "open item key date", "balance date", "valuation date",
        "month end", "period end", "stichtag", "stand", "stand vom", "auswertungsdatum", "date d'arrêté", "date de situation",
        "situation au", "peildatum", "fecha de corte", "fecha corte", "data de referência", "data posição",
    )
}  # fmt: skip
MOST = 400  # different days
AGAIN = 0.1  # of the invoices that stand in a later snapshot too


def chosen(source: Source, decisions: Decisions) -> Source:
    """The source with the rows of one snapshot, the user's or the only one; asks which one is meant."""
    at = source.columns
    column = next(
        (k for k, header in enumerate(source.table.headers) if match.compact(header) in NAMES and k not in at.values()), None
    )
    if column is None or "invoice_id" not in at:
        return source
    body, mine = source.table.body, source.parts().is_row
    cells, invoices = body.columns[column], body.columns[at["invoice_id"]]
    days = _days(cells.filter(pa.array(mine)))
    if not 1 < len(days) <= MOST or not _repeated(cells.filter(pa.array(mine)), invoices.filter(pa.array(mine))):
        return source
    header = source.table.headers[column]
    wanted = source.options.snapshot
    if not wanted:
        decisions.questions.append(_ask(header, days))
        return source
    text = _spelled(days, wanted, header)
    keep = ~mine | pc.equal(cells, text).to_numpy()
    ignored = source.table.ignored.copy()
    ignored["other_snapshot"] += int((~keep).sum())
    return replace(source, table=replace(source.table, body=body.take(np.flatnonzero(keep)), ignored=ignored))


def _days(cells: pa.ChunkedArray) -> dict[str, str]:
    """The different texts and the days they mean (as text, or the text itself), the newest first."""
    read = dates.column(cells)
    order = next(iter(read.proofs()), "dmy")
    values = read.days(order)
    by_cell = {}
    for text, at in zip(read.texts, np.unique(read.codes, return_index=True)[1].tolist(), strict=True):
        cell = cells[at].as_py()
        by_cell[cell] = as_date(int(values[at])).isoformat() if values[at] > dates.UNREADABLE else text
    by_cell.pop("", None)
    return dict(sorted(by_cell.items(), key=lambda item: item[1], reverse=True))


def _repeated(cells: pa.ChunkedArray, invoices: pa.ChunkedArray) -> bool:
    """Whether invoices stand in several snapshots."""
    pairs = pa.table({"invoice": invoices, "day": cells}).group_by("invoice").aggregate([("day", "count_distinct")])
    several = pc.greater(pairs["day_count_distinct"], 1).to_numpy()
    return bool(several.sum() >= max(1, AGAIN * len(several)))


def _ask(header: str, days: dict[str, str]) -> Question:
    newest, oldest = next(iter(days.values())), list(days.values())[-1]
    choices = tuple((day, f"as of {day}" + (" (the newest)" if day == newest else "")) for day in days.values())
    return Question(
        "snapshot",
        "snapshot",
        header,
        f"This file holds {len(days)} snapshots of the same invoices, from {oldest} to {newest} (column “{header}”): read as one "
        "ledger, each would count several times.",
        choices,
        f"--snapshot {newest}",
    )


def _spelled(days: dict[str, str], wanted: str, header: str) -> str:
    """The text of the snapshot that is wanted. Raises Refused where there is none."""
    cell = next((text for text, day in days.items() if wanted in (text, day)), "")
    if not cell:
        raise Refused(f"Column “{header}” has no snapshot {wanted}; it has {', '.join(days.values())}.", "no_such_snapshot")
    return cell
