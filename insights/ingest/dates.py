"""Which day does a cell mean? Day-first or month-first is decided by proof for a whole column, never by habit.

A cell is *fixed* (it reads in one way), *open* (1/2/2024: two or three readings), *empty* or *unreadable*. A day above
12 in one cell of a column proves the order of all its open cells.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger import EPOCH

ORDERS = ("dmy", "mdy", "ymd")
ABSENT = np.int32(-(2**31))  # an empty cell
UNREADABLE = np.int32(-(2**31) + 1)
FIRST_YEAR, LAST_YEAR = 1950, 2199
TIME = r"(?:[T\s]+|,\s*)\d{1,2}[:.h]\d{2}.*$"  # a time of day is cut off, the time zone with it: exports write the local day
EMPTY = {"", "-", "--", "—", "n/a", "#n/a", "na", "nan", "nat", "null", "none", "0", "0.0", "nil", "open", "offen", "ouvert"}
NOTHING = set("0-/. ")
NO_DAY = {date(1900, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1753, 1, 1), date(1, 1, 1)}
MONTHS = {
    1: "jan january januar janvier janv januari enero ene janeiro janner",
    2: "feb february februar fevrier fevr fev februari febrero fevereiro",
    3: "mar march marz mars maart mrt marzo marco maerz mrz",
    4: "apr april avril avr abril abr",
    5: "may mai mei mayo maio",
    6: "jun june juni juin junio junho",
    7: "jul july juli juillet juil julio julho",
    8: "aug august aout augustus agosto ago",
    9: "sep sept september septembre septiembre setembro set",
    10: "oct october oktober octobre octubre outubro okt out",
    11: "nov november novembre noviembre novembro",
    12: "dec december dezember decembre diciembre dezembro dez dic",
}
MONTH_OF = {word: month for month, words in MONTHS.items() for word in words.split()}

YEAR_FIRST = re.compile(r"^(\d{4})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{1,2})\.?$")
COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\.0+)?$")
SHORT = re.compile(r"^(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})\.?$")
DAY_WORD = re.compile(
    r"^(?:\w{2,9}\.?,\s*)?(\d{1,2})(?:st|nd|rd|th|er|\.)?[\s-]*(?:de\s+)?([^\W\d]{3,10})\.?[\s,-]*(?:de\s+)?(\d{4}|\d{2})$"
)
WORD_DAY = re.compile(r"^(?:\w{2,9}\.?,\s*)?([^\W\d]{3,10})\.?[\s-]*(\d{1,2})(?:st|nd|rd|th)?[\s,-]+(\d{4}|\d{2})$")
SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$")
SERIALS = range(18264, 73051)  # 1950 to 2099 in days of a spreadsheet


@dataclass(frozen=True)
class Column:
    """The distinct texts of a column and what each can mean.

    `codes` (int32) leads from a row to its distinct text; `fixed` (int32 days) is UNREADABLE for open texts too;
    `readings[order]` (int32 days) holds what an open text means in that order, UNREADABLE where it means nothing.
    """

    texts: tuple[str, ...]
    codes: np.ndarray
    fixed: np.ndarray
    readings: dict[str, np.ndarray]

    @property
    def is_open(self) -> np.ndarray:
        """Which texts depend on the order (bool, per distinct text)."""
        mask: np.ndarray = np.logical_or.reduce([reading != UNREADABLE for reading in self.readings.values()])
        return mask

    def proofs(self) -> dict[str, int]:
        """Order -> a distinct text that can be read in this order only."""
        readable = {order: reading != UNREADABLE for order, reading in self.readings.items()}
        count = np.sum(list(readable.values()), axis=0)
        readable["ymd"] = readable["ymd"] & np.array(
            [text[:2] > "31" for text in self.texts], bool
        )  # else a 29 February would prove
        found = {order: np.flatnonzero(mask & (count == 1)) for order, mask in readable.items()}
        return {order: int(at[0]) for order, at in found.items() if len(at)}

    def share_readable(self) -> float:
        """The share of cells with a date among those that are not empty; 1 where all are empty."""
        good = (self.fixed[self.codes] > UNREADABLE) | self.is_open[self.codes]
        filled = self.fixed[self.codes] != ABSENT
        return float(good.sum() / filled.sum()) if filled.any() else 1.0

    def days(self, order: str) -> np.ndarray:
        """int32 days since 1970-01-01 per row, ABSENT or UNREADABLE."""
        values = self.fixed
        if order:
            values = np.where(self.is_open, self.readings[order], values)
        days: np.ndarray = values[self.codes]
        return days

    def first_row(self, text: int) -> int:
        return int(np.flatnonzero(self.codes == text)[0])


def column(cells: pa.ChunkedArray) -> Column:
    """Reads every distinct text of a column once."""
    encoded = pc.replace_substring_regex(cells, TIME, "").combine_chunks().dictionary_encode()
    texts = tuple(encoded.dictionary.to_pylist())
    fixed = np.full(len(texts), UNREADABLE, np.int32)
    readings = {order: np.full(len(texts), UNREADABLE, np.int32) for order in ORDERS}
    for at, text in enumerate(texts):
        if (short := SHORT.match(text)) and not set(text) <= NOTHING:
            found = _short(short)
            if ABSENT in found.values():
                fixed[at] = ABSENT
                continue
            for order, value in found.items():
                readings[order][at] = value
        else:
            fixed[at] = _fixed(text)
    return Column(texts, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32), fixed, readings)


def agreed(columns: Iterable[Column]) -> set[str]:
    """The orders that the columns of one file prove."""
    return {order for column in columns for order in column.proofs()}


@cache
def _fixed(text: str) -> np.int32:
    """The day of a text that reads in one way."""
    if text.lower() in EMPTY or set(text) <= NOTHING:
        return ABSENT
    if match := COMPACT.match(text) or YEAR_FIRST.match(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := DAY_WORD.match(text):
        return _day(_year(match[3]), _month(match[2]), int(match[1]))
    if match := WORD_DAY.match(text):
        return _day(_year(match[3]), _month(match[1]), int(match[2]))
    if (match := SERIAL.match(text)) and int(match[1]) in SERIALS:
        return np.int32(int(match[1]) - 25569)
    return UNREADABLE


def _short(match: re.Match[str]) -> dict[str, np.int32]:
    """The readings of three short figures."""
    a, b, c = int(match[1]), int(match[3]), _year(match[4])
    readings = {"dmy": _day(c, b, a), "mdy": _day(c, a, b)}
    if len(match[4]) == len(match[1]) == 2 and match[2] == "-":
        readings["ymd"] = _day(_year(match[1]), b, int(match[4]))
    return readings


def _year(text: str) -> int:
    """Two figures below 70 are 20xx."""
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 70 else 1900)


def _month(word: str) -> int:
    plain = unicodedata.normalize("NFKD", word.lower()).encode("ascii", "ignore").decode()
    return MONTH_OF.get(plain, 0)


def _day(year: int, month: int, day: int) -> np.int32:
    """Days since 1970-01-01; ABSENT for the dates by which systems say "none"; UNREADABLE for what is no date."""
    if year == 9999:
        return ABSENT
    try:
        value = date(year, month, day)
    except ValueError:
        return UNREADABLE
    if value in NO_DAY:
        return ABSENT
    return np.int32((value - EPOCH).days) if FIRST_YEAR <= year <= LAST_YEAR else UNREADABLE
