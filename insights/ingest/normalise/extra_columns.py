"""What are the columns of a file that are no field of the ledger: numbers, dates, texts, or outcomes in disguise?"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.entries import Entries
from insights.ingest.recognise import dates, numbers
from insights.ingest.recognise.dates import UNREADABLE

CODE_LIKE = r"^0\d|^\d{16,}$"  # leading zeros, or more figures than a number holds: an identifier
AGREES = 0.9  # share of the settled rows from which a column is the outcome itself
FEWEST = 20  # settled rows that such a finding needs
FLAG_VALUES = 2


def typed(column: pa.ChunkedArray, marks: pa.ChunkedArray | None, order: str, mark: str) -> pa.ChunkedArray:
    """Float64 or date32 where every filled cell proves to be one, else text; null where empty.

    `order` and `mark` are those of the file's own fields, for cells that prove nothing.
    """
    text = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    if text.null_count == len(text):
        return text
    sample = text.drop_null().slice(0, 1000)
    if not numbers.column(sample, None).share_readable() < 1 and (values := _numbers(column, marks, mark)) is not None:
        return values
    if dates.column(sample).share_readable() == 1 and (days := _dates(column, order)) is not None:
        return days
    return text


def _numbers(column: pa.ChunkedArray, marks: pa.ChunkedArray | None, mark: str) -> pa.ChunkedArray | None:
    if pc.any(pc.match_substring_regex(column, CODE_LIKE)).as_py():
        return None
    cells = numbers.column(column, marks)
    proofs = set(cells.proofs())
    if len(proofs) > 1 or (not proofs and not mark and len(cells.open_rows())):
        return None
    values, unreadable = cells.values(next(iter(proofs), mark))
    return None if unreadable.any() else values.cast(pa.float64())


def _dates(column: pa.ChunkedArray, order: str) -> pa.ChunkedArray | None:
    cells = dates.column(column)
    proofs = set(cells.proofs())
    if len(proofs) > 1 or (not proofs and not order and cells.is_open.any()):
        return None
    days = cells.days(next(iter(proofs), order))
    if (days == UNREADABLE).any():
        return None
    return pa.chunked_array([pa.array(days, mask=days <= UNREADABLE).cast(pa.date32())])


def outcomes(entries: Entries) -> list[str]:
    """The headers of further columns that repeat the outcome, by what they hold.

    Days from due or issue to payment, the payment date itself, or a flag that says exactly which invoices were late.
    """
    paid = entries.has_day("paid_date") & entries.has_day("due_date") & entries.has_day("issue_date")
    if paid.sum() < FEWEST:
        return []
    day, due, issue = (entries.dates(name).astype(np.int64)[paid] for name in ("paid_date", "due_date", "issue_date"))
    late = day - due
    truths = [late, np.maximum(late, 0), -late, day - issue]
    chosen = pa.array(paid)
    headers = []
    for header, column in entries.further.items():
        cells = column.filter(chosen)
        if pa.types.is_date32(column.type):
            outcome = _agree(cells.cast(pa.int32()), day, late)
        elif pa.types.is_floating(column.type):
            outcome = any(_agree(cells, truth, late) for truth in truths) or _tells_late(cells, late)
        else:
            outcome = _tells_late(cells, late)
        if outcome:
            headers.append(header)
    return headers


def _agree(cells: pa.ChunkedArray, truth: np.ndarray, late: np.ndarray) -> bool:
    """Whether a column is the truth for those paid late and for the others alike.

    Where most pay on the due date, the terms equal the days to payment, but not for those that paid late.
    """
    values = cells.cast(pa.float64()).fill_null(float("nan")).to_numpy()
    equal = values == truth
    parts = [equal[late > 0], equal[late < 0] if (late < 0).sum() >= FEWEST else equal[late <= 0]]
    return all(len(part) >= FEWEST // 2 and float(part.mean()) >= AGREES for part in parts)


def _tells_late(cells: pa.ChunkedArray, late: np.ndarray) -> bool:
    """Whether a column of two values parts the late from the others without fault."""
    encoded = cells.combine_chunks().dictionary_encode()
    if len(encoded.dictionary) != FLAG_VALUES or encoded.null_count:
        return False
    first = encoded.indices.to_numpy(zero_copy_only=False) == 0
    is_late = late > 0
    both = 0 < is_late.sum() < len(is_late)
    return bool(both and max(np.mean(first == is_late), np.mean(first != is_late)) == 1)
