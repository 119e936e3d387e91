"""What of a row is known to be settled, before anything is derived, and what would be owed if a column said it?

For the questions about columns that nothing maps.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from insights.ingest.entries import Entries
from insights.ingest.normalise.document_types import says_yes
from insights.ingest.normalise.words_asked import money
from insights.ingest.recognise import meanings, unmapped
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.meanings import IGNORE, PAID, REVERSED
from insights.ingest.recognise.source import Source

MARKS = {"is_open", "is_paid", "cancelled", "is_credit"}
FEW = 4  # columns that one question offers
FIGURES = 15  # that a float holds for certain: 1973.1, not 1973.1000000000001


def free(source: Source, entries: Entries, decisions: Decisions) -> list[str]:
    """Headers of the columns that no field uses and that no question is about yet."""
    asked = {question.column for question in decisions.questions}
    for question in decisions.questions:
        if question.option == "maps":
            asked |= {value.rpartition("=")[2] if question.word else value for value, _ in question.choices[:FEW]}
    headers = (source.table.headers[at] for at in unmapped.free(source))
    return [header for header in headers if header in entries.further and header not in asked]


def texts_of(source: Source, entries: Entries, header: str) -> pa.ChunkedArray:
    """The cells of a column of the rows that are entries still."""
    body = source.table.body
    positions = np.flatnonzero(np.isin(body.lines, entries.lines))
    return body.columns[source.table.headers.index(header)].take(pa.array(positions))


def say_consequences(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Adds to the questions about marks what would be owed if the column said it."""
    amount = entries.money.get("outstanding", entries.money.get("amount"))
    if amount is None:
        return
    for place, question in enumerate(decisions.questions):
        if question.option != "maps" or question.field not in MARKS or question.column not in source.table.headers:
            continue
        yes = says_yes(texts_of(source, entries, question.column))
        base = np.where(settled(source, entries), 0, amount)
        left = {
            "is_open": np.where(yes, base, 0),
            "is_paid": np.where(yes, 0, base),
            "cancelled": np.where(yes, 0, base),
            "is_credit": np.where(yes, -np.abs(base), base),
        }
        choices = []
        for value, label in question.choices:
            field, header = value.split("=", 1) if question.word else (question.field, value)
            choices.append((value, f"{label}: {owed(entries, left[field] if header else base)}"))
        decisions.questions[place] = replace(question, choices=tuple(choices))


def settled(source: Source, entries: Entries) -> np.ndarray:
    """Which rows are settled or no receivables by the columns that are mapped (bool)."""
    is_settled = entries.has_day("paid_date") | entries.masks.get("dateless", np.zeros(len(entries), bool))
    for name in ("status", "state"):
        if name in entries.text:
            statuses = meanings.statuses(entries.texts(name), source.preset.statuses, source.options.statuses)
            is_settled = is_settled | np.isin(statuses.astype(str), [PAID, IGNORE, REVERSED])
    for name in ("is_paid", "cancelled"):
        if name in entries.text:
            is_settled = is_settled | says_yes(entries.texts(name))
    if "is_open" in entries.text:
        is_settled = is_settled | ~says_yes(entries.texts("is_open"))
    if "outstanding" in entries.money:
        is_settled = is_settled | (~entries.missing["outstanding"] & (entries.money["outstanding"] == 0))
    result: np.ndarray = is_settled
    return result


def owed(entries: Entries, units: np.ndarray) -> str:
    """Minor units per row as what is owed per currency: "220.00 EUR are owed"."""
    sums: dict[str, int] = {}
    encoded = entries.texts("currency").combine_chunks().dictionary_encode()
    number = encoded.indices.to_numpy(zero_copy_only=False)
    for at, code in enumerate(encoded.dictionary.to_pylist()):
        sums[code] = int(units[number == at].sum())
    return f"{' and '.join(money(total, code) for code, total in sorted(sums.items())) or '0.00'} are owed"


def samples(column: pa.ChunkedArray) -> str:
    """Up to three different values of a further column, as text."""
    values = (value for value in column.slice(0, 200).to_pylist() if value is not None)
    seen = dict.fromkeys(f"{value:.{FIGURES}g}" if isinstance(value, float) else str(value) for value in values)
    return " · ".join(text[:80] for text in list(seen)[:3])
