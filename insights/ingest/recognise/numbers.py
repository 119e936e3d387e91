"""Which number does a cell mean? The decimal mark is decided by proof for a whole column, never by habit.

"1.234" proves nothing; "1.23", "1234.567", "1,234.5" and "1.234.567" do. A minus may lead or trail, brackets and CR mean
the same, currency signs, spaces and apostrophes do not count.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.recognise import digits

PLACES = 10  # decimals that are kept; DECIMAL has room for WHOLE_DIGITS before the mark
WHOLE_DIGITS = 15  # more before the mark is no amount of money
MOST = 9 * 10**14  # minor units of an amount: what a ledger adds up, and 10 000 times as much, fits 64 bits
DECIMAL = pa.decimal128(WHOLE_DIGITS + PLACES, PLACES)

MOST_INTEGER = 9 * 10**18  # below 2 ** 63, with room for half a unit
FIRST_ROWS = 1000  # that are looked at first where one row tells

SIGN = r"(?:\p{Sc}|[A-Za-z]{1,3}\p{Sc}|[A-Z]{3}|kr\.?|S?Fr\.?|sFr\.?|zł|Kč|Rs\.?|RM|R|Ft|lei|лв|[円元원])"
NOT_ORNAMENT = r"[\d.,\s\p{Z}'`\x{2018}\x{2019}\x{00B4}()+=▲△:–—−-]"
SPACES = r"[\p{Z}\s'`\x{2018}\x{2019}\x{00B4}\x{00A0}]"
EMPTY = r"(?i)^(?:n/a|#n/a|na|nan|null|none|nil|-+|—)?$"
NEGATIVE = r"(?i)^[-−▲△]|[-−]$|^\(.*\)$|CR\.?$"
NO_CENTS = r"(\d[.,])\s?(?:-{1,2}|[–—=])(\s?\D{0,4})$"  # "1'200.-" and "300,--" are whole: the dash is no minus
NO_CENTS_COLON = r"(\d)[:/][-=](\s?\D{0,4})$"  # "250:-" in Sweden, "85,000.00/-" in India, "500/=" in Kenya
AMBIGUOUS = r"^[1-9]\d{0,2}[.,]\d{3}$"
EXPONENT = r"^\d+(?:\.\d+)?[eE][+-]?\d{1,3}$"


@dataclass(frozen=True)
class NumberTexts:
    """Cells without sign and ornament (`bare`, null where empty), the sign, and which are typed by the file.

    `plain`: what is not empty are figures, with at most one mark, a point, between them.
    """

    bare: pa.ChunkedArray
    negative: np.ndarray
    typed: np.ndarray
    plain: bool = False

    def proofs(self) -> dict[str, int]:
        """Decimal mark -> a row that can be read with this mark only: the first one."""
        rows = {mark: self._first_proof(mark) for mark in ("." if self.plain else ".,")}
        return {mark: at for mark, at in rows.items() if at >= 0}

    def _first_proof(self, mark: str) -> int:
        """Where the first row stands that proves a mark, -1 where none does; nearly always it is among the first ones."""
        for rows in (FIRST_ROWS, len(self.bare)):
            at = np.flatnonzero(_matches(self.bare.slice(0, rows), _proof(mark)) & ~self.typed[:rows])
            if len(at):
                return int(at[0])
        return -1

    def grouping(self, whole: np.ndarray) -> str:
        """The decimal mark that follows from amounts of `whole` rows (bool), whose currency has no decimals: "1,234" is "."."""
        open_ = self.open_rows()
        texts = self.bare.take(pa.array(open_[whole[open_]])).to_pylist()
        inside = {"," if "," in text else "." for text in texts}
        return {",": ".", ".": ","}[inside.pop()] if len(inside) == 1 else ""

    def open_rows(self) -> np.ndarray:
        """Rows that read differently with a point and with a comma as decimal mark."""
        return np.flatnonzero(_matches(self.bare, AMBIGUOUS) & ~self.typed)

    def is_whole(self) -> bool:
        """Whether every cell holds figures only, without any mark."""
        return bool(len(self.bare) > self.bare.null_count and _matches(self.bare.drop_null(), r"^\d{1,15}$").all())

    def share_readable(self) -> float:
        """The share of numbers among the cells that are not empty; 1 where all are empty."""
        filled = len(self.bare) - self.bare.null_count
        good = _matches(self.bare, r"^\d*(?:[.,]\d+)*[.,]?\d*$") & _matches(self.bare, r"\d") | _matches(self.bare, EXPONENT)
        return float(good.sum() / filled) if filled else 1.0

    def values(self, mark: str) -> tuple[pa.ChunkedArray, np.ndarray]:
        """(decimal numbers, null where empty or unreadable; bool: which are unreadable) with a decimal mark ("" = ".")."""
        if self.plain and (mark or ".") == "." and (number := _cast(self.bare)) is not None:
            return self._signed(number), np.zeros(len(number), bool)
        point = _plain(self.bare, ".")
        if (mark or ".") != ".":
            point = pc.if_else(pa.chunked_array([pa.array(self.typed)]), point, _plain(self.bare, mark))
        point = _expanded(point, self.bare)
        unreadable = _unreadable(point, self.bare)
        number = pc.replace_substring_regex(point, rf"^(\d*\.\d{{{PLACES}}})\d+$", r"\1").cast(DECIMAL)
        return self._signed(number), unreadable

    def _signed(self, number: pa.ChunkedArray) -> pa.ChunkedArray:
        if not self.negative.any():
            return number
        return pc.if_else(pa.chunked_array([pa.array(self.negative)]), pc.negate(number), number)

    def too_long(self, mark: str, unreadable: np.ndarray) -> np.ndarray:
        """Which of the unreadable rows are numbers, but with more figures before the mark than are kept."""
        if not unreadable.any():
            return unreadable
        shaped = _matches(self.bare, _shape(mark or ".")) | (_matches(self.bare, _shape(".")) & self.typed)
        number: np.ndarray = shaped & _matches(self.bare, r"\d") | _matches(self.bare, EXPONENT)
        long: np.ndarray = unreadable & number
        return long


def column(cells: pa.ChunkedArray, typed: pa.ChunkedArray | None) -> NumberTexts:
    """Takes sign and ornament off every cell."""
    marks = np.zeros(len(cells), bool) if typed is None else typed.to_numpy()
    if pc.all(pc.match_substring_regex(cells, r"^(?:-?\d+(?:\.\d+)?)?$")).as_py():
        negative = pc.starts_with(cells, "-").to_numpy()
        figures = pc.utf8_ltrim(cells, "-") if negative.any() else cells
        empty = pc.equal(figures, "")
        figures = pc.if_else(empty, pa.scalar(None, pa.string()), figures) if pc.any(empty).as_py() else figures
        return NumberTexts(figures, negative, marks, plain=True)
    bare = _without_dashes(cells)
    negative = _matches(bare, NEGATIVE)
    if not _simple(bare):
        bare = pc.replace_substring_regex(bare, SPACES, "")
        bare = pc.replace_substring_regex(bare, r"^[▲△]", "-")
        bare = pc.replace_substring_regex(bare, rf"^([-−+(]*){SIGN}", r"\1")
        bare = pc.replace_substring_regex(bare, r"(?i)(?:CR|DR)\.?$", "")
        bare = pc.replace_substring_regex(bare, rf"{SIGN}([-−)]*)$", r"\1")
        negative |= _matches(bare, NEGATIVE)
        bare = pc.if_else(pc.match_substring_regex(bare, EMPTY), "", bare)
    bare = pc.replace_substring_regex(bare, r"^[-−+(]|[-−)]$", "")
    bare = pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)
    return NumberTexts(bare, negative, marks)


def _without_dashes(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Figures of other scripts as plain ones, and dashes that stand for no cents as "00"."""
    if _simple(cells):
        return cells
    cells = digits.of_numbers(cells)
    cells = pc.replace_substring_regex(cells, NO_CENTS, r"\100\2")
    return pc.replace_substring_regex(cells, NO_CENTS_COLON, r"\1\2")


def ornaments(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """What stands beside the figures of every cell: a sign or code of a currency; "" for none, for empty and for CR and DR."""
    if _simple(cells):
        return pa.chunked_array([pa.repeat(pa.scalar("", pa.string()), len(cells))])
    bare = pc.replace_substring_regex(digits.of_numbers(cells), NOT_ORNAMENT, "")
    return pc.replace_substring_regex(bare, r"(?i)^(?:CR|DR|N/?A|NULL|NONE|NAN)?\.?$", "")


def _simple(cells: pa.ChunkedArray) -> bool:
    """Whether a column holds plain figures only, so that the cleaning can be left out."""
    return bool(pc.all(pc.match_substring_regex(cells, r"^-?\d+(?:\.\d+)?$")).as_py())


def _matches(cells: pa.ChunkedArray, pattern: str) -> np.ndarray:
    matching: np.ndarray = pc.match_substring_regex(cells, pattern).fill_null(fill_value=False).to_numpy()
    return matching


def _proof(mark: str) -> str:
    """What can be read with `mark` as decimal mark only."""
    dot, other = (r"\.", ",") if mark == "." else (",", r"\.")
    return (
        rf"^\d*{dot}(?:\d{{1,2}}|\d{{4,}})$"  # other than three figures after it
        rf"|^(?:0\d*|\d{{4,}})?{dot}\d{{3}}$"  # no group can stand before it
        rf"|^\d{{1,3}}(?:{other}\d{{2,3}})*{other}\d{{3}}{dot}\d*$"  # both marks, this one last
        rf"|^\d{{1,3}}(?:{other}\d{{2,3}})+{other}\d{{3}}$"  # the other mark twice: it parts groups
    )


def _plain(bare: pa.ChunkedArray, mark: str) -> pa.ChunkedArray:
    """Text as "1234.56"; null where it is no number with this decimal mark."""
    good = pc.and_(pc.match_substring_regex(bare, _shape(mark)), pc.match_substring_regex(bare, r"\d"))
    text = pc.replace_substring(bare, "," if mark == "." else ".", "")
    text = pc.replace_substring(text, ",", ".") if mark == "," else text
    text = pc.replace_substring_regex(text, r"^0+(\d)", r"\1")
    short = pc.match_substring_regex(text, rf"^\d{{0,{WHOLE_DIGITS}}}(?:\.\d*)?$")
    return pc.if_else(pc.and_(good, short), _dotted(text), None)


def _shape(mark: str) -> str:
    """A number with this decimal mark, perhaps with groups."""
    dot, other = (r"\.", ",") if mark == "." else (",", r"\.")
    return rf"^(?:\d{{1,3}}(?:{other}\d{{2,3}})*{other}\d{{3}}|\d+)?(?:{dot}\d*)?$"


def _dotted(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text with figures on both sides of its point: ".5" as "0.5", and "5." as "5"."""
    return pc.replace_substring_regex(pc.replace_substring_regex(text, r"^\.", "0."), r"\.$", "")


def _cast(plain: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Plain figures as decimal numbers; None where one has more figures than are kept."""
    if (pc.max(pc.binary_length(plain)).as_py() or 0) > WHOLE_DIGITS:
        return None
    try:
        return plain.cast(DECIMAL)
    except pa.ArrowInvalid:  # more decimals than PLACES
        return None


def _expanded(point: pa.ChunkedArray, bare: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers that a spreadsheet wrote with an exponent, written out."""
    short = np.flatnonzero(_matches(bare, EXPONENT))
    if not len(short):
        return point
    texts = point.to_pylist()
    for at in short:
        value = float(bare[int(at)].as_py())
        texts[at] = f"{value:.{PLACES}f}" if value < 10.0**WHOLE_DIGITS else None
    return pa.chunked_array([pa.array(texts, pa.string())])


def _unreadable(point: pa.ChunkedArray, bare: pa.ChunkedArray) -> np.ndarray:
    unread: np.ndarray = pc.and_(pc.is_null(point), pc.is_valid(bare)).to_numpy()
    return unread


def minor_units(values: pa.ChunkedArray, exponents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(int64 minor units, 0 where null; bool: which are null). `exponents` (int8 per row) are decimal places by currency.

    What is beyond MOST comes out as just beyond it, so that nothing computed with it overflows before it is set aside.
    """
    empty: np.ndarray = pc.is_null(values).to_numpy()
    integers = _as_integers(values)
    if integers is not None and exponents.max(initial=0) < PLACES:
        return np.where(empty, 0, np.clip(_rounded(integers, exponents), -MOST - 1, MOST + 1)), empty
    units = np.zeros(len(values), np.int64)
    beyond = pa.scalar(Decimal(MOST + 1), pa.decimal128(38, 0))
    for places in np.unique(exponents):
        scaled = pc.round(
            pc.multiply(values, pa.scalar(Decimal(10 ** int(places)), pa.decimal128(7, 0))), 0, round_mode="half_towards_infinity"
        )
        whole = scaled.cast(pa.decimal128(38, 0), safe=False)
        whole = pc.max_element_wise(pc.min_element_wise(whole, beyond, skip_nulls=False), pc.negate(beyond), skip_nulls=False)
        mine = exponents == places
        units[mine] = pc.fill_null(whole, 0).cast(pa.int64()).to_numpy()[mine]
    return units, empty


def _as_integers(values: pa.ChunkedArray) -> np.ndarray | None:
    """Decimal numbers times 10 ** PLACES (int64, anything where null); None where one needs more bits, or more than are kept."""
    if not pa.types.is_decimal128(values.type) or values.type.scale != PLACES:
        return None
    chunks = [_words_of(chunk) for chunk in values.chunks]
    low, high = (np.concatenate([words[:, k] for words in chunks]) if chunks else np.zeros(0, np.int64) for k in (0, 1))
    return low if (high == low >> 63).all() and (not len(low) or abs(int(low.min())) < MOST_INTEGER > int(low.max())) else None


def _words_of(chunk: pa.Array) -> np.ndarray:
    """The two halves (int64, the lower one first) of the decimals of a chunk, 0 where null."""
    words = np.frombuffer(chunk.buffers()[1], np.int64).reshape(-1, 2)[chunk.offset : chunk.offset + len(chunk)]
    return np.where(pc.is_null(chunk).to_numpy(zero_copy_only=False)[:, None], 0, words) if chunk.null_count else words


def _rounded(integers: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Numbers times 10 ** PLACES as minor units, halves away from 0."""
    units = np.zeros(len(integers), np.int64)
    for places in np.unique(exponents):
        step = 10 ** (PLACES - int(places))
        mine = exponents == places
        magnitude = np.abs(integers[mine])
        units[mine] = np.sign(integers[mine]) * ((magnitude + step // 2) // step)
    return units
