"""Which texts of a column are the same, without comparing all with all?

A column of days or customers has few different texts beside its rows, so that what is asked of a text is asked once for each
(`of_texts`). A column of document numbers has as many as rows: whether any stands twice is seen by hashes, which differ only
where texts do (`may_repeat`).
"""

import weakref
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SAMPLE = 2000  # rows that are looked at
FEW = 0.5  # of the rows of a sample: with more different texts, encoding costs more than it saves
FEWEST_ROWS = 10_000  # with fewer nothing is gained
WORD = 8  # bytes
LONGEST = 64  # bytes of a text that are hashed: what differs only behind them may repeat
MIX = np.uint64(0x9E3779B97F4A7C15)
SHIFT = np.uint64(29)


Made = TypeVar("Made")


class Once(Generic[Made]):
    """What is made of a column once, as long as the column is there."""

    def __init__(self, make: Callable[[pa.ChunkedArray], Made]) -> None:
        self._make = make
        self._known: dict[int, tuple[weakref.ref[pa.ChunkedArray], Made]] = {}

    def __call__(self, column: pa.ChunkedArray) -> Made:
        key, known = id(column), self._known
        if key in known and known[key][0]() is column:
            return known[key][1]
        made = self._make(column)
        known[key] = weakref.ref(column, lambda _: known.pop(key, None)), made
        return made


def _encode(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return column.combine_chunks().dictionary_encode()


_encoded = Once(_encode)


def encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """The different texts of a column in the order of their first rows, and the number of each row's."""
    return _encoded(column)


def has_few(column: pa.ChunkedArray) -> bool:
    """Whether a column seems to have few different texts, by a sample from all over it."""
    rows = len(column)
    if rows < FEWEST_ROWS:
        return False
    sample = column.take(pa.array(np.linspace(0, rows - 1, SAMPLE).astype(np.int64)))
    return bool(pc.count_distinct(sample).as_py() <= FEW * SAMPLE)


def of_texts(column: pa.ChunkedArray, ask: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.ChunkedArray:
    """What `ask` says of each cell, which depends on its text alone: asked once per text where there are few."""
    if not has_few(column):
        return ask(column)
    texts = encoded(column)
    answers = ask(pa.chunked_array([texts.dictionary]))
    return pa.chunked_array([answers.combine_chunks().take(texts.indices)])


def says(column: pa.ChunkedArray, pattern: str) -> np.ndarray:
    """Which cells (bool) match a regular expression; none is null."""
    matching: np.ndarray = of_texts(column, lambda texts: pc.match_substring_regex(texts, pattern)).to_numpy()
    return matching


def may_repeat(columns: Sequence[pa.ChunkedArray | np.ndarray]) -> np.ndarray:
    """Rows (bool) that may equal another one in all columns, of texts without nulls or of integers; no other row does."""
    if not len(columns[0]):
        return np.zeros(0, bool)
    mixed = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        of_column = column.astype(np.int64).view(np.uint64) if isinstance(column, np.ndarray) else _hashes(column)
        mixed = _stirred(mixed ^ of_column)
    ordered = np.sort(mixed)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.isin(mixed, twice) if len(twice) else np.zeros(len(mixed), bool)


def _stirred(values: np.ndarray) -> np.ndarray:
    values = values * MIX
    stirred: np.ndarray = (values ^ (values >> SHIFT)) * MIX
    return stirred


def _hash(column: pa.ChunkedArray) -> np.ndarray:
    """A number (uint64) per text: equal texts have equal ones."""
    if not has_few(column):
        return np.concatenate([_hashes_of(chunk) for chunk in column.chunks]) if column.num_chunks else np.zeros(0, np.uint64)
    texts = encoded(column)
    of_text: np.ndarray = _hashes_of(texts.dictionary)[texts.indices.to_numpy(zero_copy_only=False)]
    return of_text


_hashes = Once(_hash)


def _hashes_of(texts: pa.StringArray) -> np.ndarray:
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    start, length = ends[:-1], np.diff(ends)
    hashed = length.astype(np.uint64)
    held = np.frombuffer(data, np.uint8)[: int(ends[-1])] if data is not None else np.zeros(0, np.uint8)
    padded = np.concatenate([held, np.zeros(WORD, np.uint8)])
    words = np.ndarray((len(padded) - WORD + 1,), "<u8", padded, strides=(1,))  # the word that begins at each byte
    longest = min(int(length.max(initial=0)), LONGEST)
    for at in range(0, longest, WORD):
        rest = np.clip(length - at, 0, WORD)
        word = words[np.minimum(start + at, len(words) - 1)]
        kept = np.where(rest == WORD, ~np.uint64(0), (np.uint64(1) << (rest.astype(np.uint64) * np.uint64(8))) - np.uint64(1))
        hashed = np.where(rest > 0, _stirred(hashed ^ (word & kept)), hashed)  # by the text alone, not by the longest beside it
    return hashed
