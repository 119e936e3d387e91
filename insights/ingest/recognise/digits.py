"""What do figures of other scripts say, and marks that no eye sees? Those of any script are those of 0 to 9.

Full-width, Arabic, Persian, Indian and Thai figures stand in exports as the plain ones do. The Arabic decimal mark and the mark
of its groups mean nothing else; its comma may be either, as a comma may.
"""

import re
import unicodedata
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

OTHER = r"[\x{FF01}-\x{FF5E}\x{FFE5}\x{066B}\x{066C}\x{060C}\p{Cf}]|[^\P{Nd}0-9]"  # what `plain` and `of_numbers` turn
DECIMAL, GROUP, COMMA = "\u066b", "\u066c", "\u060c"  # Arabic marks
PROVEN = "0000"  # decimals behind those of an Arabic mark: with more than three of them a point is proven to be one


def plain(text: str) -> str:
    """A text with plain figures and separators, without marks of direction and the like."""
    if text.isascii():
        return text
    return "".join(map(_plain, text))


@cache
def _plain(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Cf":
        return ""
    if category == "No":  # raised, in a circle or a fraction: beside a number it is no figure of it
        return letter
    figure = unicodedata.decimal(letter, None)
    return unicodedata.normalize("NFKC", letter) if figure is None else str(figure)


def of_numbers(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells of numbers, with plain figures and marks."""
    if not pc.any(pc.match_substring_regex(cells, OTHER)).as_py():
        return cells
    encoded = cells.combine_chunks().dictionary_encode()
    texts = pa.array([_number(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([texts.take(encoded.indices)])


def _number(text: str) -> str:
    number = plain(text).replace(GROUP, "").replace(COMMA, ",")
    return re.sub(rf"{DECIMAL}(\d*)", rf".\g<1>{PROVEN}", number)
