"""Which day does a cell mean? Day-first or month-first is decided by proof for a whole column, never by habit.

A cell is *fixed* (it reads in one way), *open* (1/2/2024: two or three readings), *empty* or *unreadable*. A day above
12 in one cell of a column proves the order of all its open cells. Six figures may also be a day of JD Edwards: century, year
and day of the year (125015 is the 15th day of 2025).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import repeats
from insights.ingest.recognise import calendars, digits, months
from insights.ledger.ledger import EPOCH, as_date

ORDERS = ("dmy", "mdy", "ymd", "julian")
ABSENT = np.int32(-(2**31))  # an empty cell
UNREADABLE = np.int32(-(2**31) + 1)
FIRST_YEAR, LAST_YEAR = 1950, 2199
TIME = r"(?:[T\s]+|,\s*)\d{1,2}[:.h]\d{2}.*$"  # a time of day is cut off, the time zone with it: exports write the local day
EMPTY = {
    "",
    "-",
    "--",
    "—",
    "n/a",
    "#n/a",
    "na",
    "n.a.",
    "nan",
    "nat",
    "null",
    "none",
    "0",
    "0.0",
    "nil",
    "\\n",
    "(null)",
    "<null>",
    "?",
}
EMPTY |= {"#value!", "#ref!", "#null!", "tbd", "tba", "tbc", "(blank)", "(none)", "(leer)", "leer", "k.a.", "s/d"}
NOT_YET = re.compile(  # what people write into the cell of a day that has not come
    r"(?i)^\W*(?:is |still |yet |to be |amount )*(?:"
    r"not(?: yet)?[ -]?(?:been )?(?:paid|received|cleared|settled|due)?|un-?paid|pending|open|outstanding|awaiting(?: payment)?|"
    r"waiting|overdue|past due|due|in process|in progress|scheduled|unsettled|uncleared|no|no payment|to pay|to be paid|"
    r"promised|on hold|in dispute|disputed|"
    r"offen|(?:noch )?nicht bezahlt|unbezahlt|ausstehend|überfällig|nein|"
    r"ouverte?|non|non pay[ée]e?|impay[ée]e?|en attente|non r[ée]gl[ée]e?|open(?:staand)?|niet betaald|onbetaald|nee|"
    r"pendiente|no pagad[ao]|impagad[ao]|abiert[ao]|em aberto|abert[ao]|n[ãa]o pag[ao]|pendente|"
    r"apert[ao]|non pagat[ao]|in sospeso|insolut[ao]|da pagare|otwart[ae]|niezap[łl]acon[ae]|nieop[łl]acon[ae]|"
    r"obetald|ej betald|öppen|ubetalt|ikke betalt|åben|未払い?|未入金|未収)\W*$"
)
PAID = re.compile(
    r"(?i)^(?:(?:fully )?paid(?: in full)?|closed|settled|cleared|bezahlt|ausgeglichen|beglichen|pay[eé]e?|r[eé]gl[eé]e?|"
    r"sold[eé]e?|betaald|voldaan|pagad[ao]|cobrad[ao]|liquidad[ao]|pag[ao]|quitad[ao]|pagat[ao]|saldat[ao]|zap[łl]acon[ae]|betald|betalt)$"
)
NOTHING = set("0-/. ")
NO_DAY = {  # what systems write for "no day": of spreadsheets, SQL Server, Unix, Oracle, MUMPS, and the far end of several
    *(date(year, 1, 1) for year in (1, 1601, 1753, 1800, 1900, 1901, 1904, 1970, 2100, 2200)),
    *(date(year, 12, 31) for year in (1840, 1899, 2049, 2099, 2199)),
    date(1800, 12, 28),
    date(1858, 11, 17),
    date(1899, 12, 30),
    date(2079, 6, 6),
}
MANY_DAYS = 3  # times as many different days as years, where figures are days and years
YEARS_APART = 15  # of a ledger whose years have two figures
FEWEST_SWAPPED = 2  # typed days, and texts, from which a spreadsheet is suspected
MONTHS_OF_YEAR = 12
FOR_EVER = 2400  # from this year on its first and last day mean "never"
YEAR_FIRST = re.compile(r"^(\d{4})\s*[-/.\s年년]\s*(\d{1,2})\s*[-/.\s月월]\s*(\d{1,2})\s*[.日일]?$")
ERA = re.compile(r"^(令和|平成|昭和|[RHS])\s*(\d{1,2}|元)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$")
ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
SIX = re.compile(r"^(\d{2})(\d{2})(\d{2})(?:\.0+)?$")
COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\.0+)?$")
SHORT = re.compile(r"^(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})\.?$")
LETTER = re.compile(r"[^\W\d_]")
WORD = r"([^\W\d_](?:[^\W\d_]|[\u0e30-\u0e4e]|\.(?=\S)){2,14})"  # letters; Thai ones bear marks and points within
DAY_WORD = re.compile(
    rf"^(?:[^\W\d]{{2,10}}[.,]*\s+)?(\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]*(?:de\s+)?{WORD}\.?[\s,-]*(?:de\s+)?(\d{{4}}|\d{{2}})"
    r"(?:\s*(?:\u0433|\u0440|року|года)\.?)?$"  # "year" in Russian and Ukrainian, abbreviated
)
WORD_DAY = re.compile(rf"^(?:[^\W\d]{{2,10}}[.,]+\s*)?{WORD}\.?[\s-]*(\d{{1,2}})(?:st|nd|rd|th)?[\s,-]+(\d{{4}}|\d{{2}})$")
YEAR_WORD = re.compile(rf"^(\d{{4}})[\s.-]+{WORD}[\s.-]+(\d{{1,2}})\.?$")
EIGHT = re.compile(r"^(\d{2})(\d{2})(\d{4})(?:\.0+)?$")  # where the first four are no year
INSTANT = re.compile(r"^(\d{10})(\d{3})?(?:\.\d+)?$")  # seconds or milliseconds since 1970
INSTANTS = range(631152000, 2524608000)  # 1990 to 2049
SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$")
SERIALS = range(18264, 73051)  # 1950 to 2099 in days of a spreadsheet


@dataclass(frozen=True)
class DateTexts:
    """The distinct texts of a column and what each can mean.

    `codes` (int32) leads from a row to its distinct text; `fixed` (int32 days) is UNREADABLE for open texts too;
    `readings[order]` (int32 days) holds what an open text means in that order, UNREADABLE where it means nothing.
    """

    texts: tuple[str, ...]
    codes: np.ndarray
    fixed: np.ndarray
    readings: dict[str, np.ndarray]
    typed: np.ndarray  # bool per distinct text: a spreadsheet itself says that it is a day
    year_first: bool = False  # two figures stand for the year in front, as all days of the file tell
    buddhist: str = ""  # a text as the file has it, where the years are Buddhist ones; `texts` are Gregorian then

    @property
    def is_open(self) -> np.ndarray:
        """Which texts depend on the order (bool, per distinct text)."""
        mask: np.ndarray = np.logical_or.reduce([reading != UNREADABLE for reading in self.readings.values()])
        return mask

    def proofs(self) -> dict[str, int]:
        """Order -> a distinct text that can be read in this order only."""
        readable = {order: reading != UNREADABLE for order, reading in self.readings.items()}
        count = np.sum(list(readable.values()), axis=0)
        if not self.year_first:
            readable["ymd"] = readable["ymd"] & np.array(
                [text[:2] > "31" for text in self.texts], bool
            )  # else a 29 February would prove
        proving = {order: np.flatnonzero(mask & (count == 1)) for order, mask in readable.items()}
        return {order: int(at[0]) for order, at in proving.items() if len(at)}

    def share_readable(self) -> float:
        """The share of cells with a date among those that are not empty; 1 where all are empty.

        Beside dates, words for what is paid or is not are no other values.
        """
        good = ((self.fixed > UNREADABLE) | self.is_open)[self.codes]
        filled = (self.fixed != ABSENT)[self.codes]
        worded = np.array([_is_worded(text) for text in self.texts], bool)[self.codes]
        if not good.any():
            return 0.0 if (filled | worded).any() else 1.0
        return float(good.sum() / (filled & ~worded).sum())

    def days(self, order: str) -> np.ndarray:
        """int32 days since 1970-01-01 per row, ABSENT or UNREADABLE."""
        values = self.fixed
        if order:
            values = np.where(self.is_open, self.readings[order], values)
        days: np.ndarray = values[self.codes]
        return days

    def first_row(self, text: int) -> int:
        return int(np.flatnonzero(self.codes == text)[0])

    def without(self, *orders: str) -> "DateTexts":
        """The same where nothing is read in these orders."""
        nothing = np.full(len(self.texts), UNREADABLE, np.int32)
        return replace(self, readings=self.readings | dict.fromkeys(orders, nothing))

    def swapped(self) -> str:
        """The order in which a spreadsheet of the other habit has read this column, "" where nothing speaks for it.

        Such a program turns 05/01/2025 into a day, 1 May, and leaves 15/01/2025 as text: so all its days are up to the twelfth
        and all its texts above.
        """
        days = [as_date(int(day)).day for day in self.fixed[self.typed & (self.fixed > UNREADABLE)]]
        texts = self.is_open & ~self.typed
        proven = {order: texts & (self.readings[order] != UNREADABLE) for order in ("dmy", "mdy")}
        both = proven["dmy"] & proven["mdy"]
        if len(days) < FEWEST_SWAPPED or max(days) > MONTHS_OF_YEAR or both.any():
            return ""
        return next((order for order, mask in proven.items() if mask.sum() >= FEWEST_SWAPPED and mask[texts].all()), "")

    def swapped_back(self) -> "DateTexts":
        """The same with day and month of the typed days exchanged."""
        fixed = self.fixed.copy()
        for at in np.flatnonzero(self.typed & (self.fixed > UNREADABLE)):
            day = as_date(int(fixed[at]))
            fixed[at] = _day(day.year, day.day, day.month)
        return replace(self, fixed=fixed)


def column(
    cells: pa.ChunkedArray, typed: pa.ChunkedArray | None = None, *, six_figures: bool = False, buddhist: bool = False
) -> DateTexts:
    """Reads every distinct text of a column once; `typed`: which cells the file itself types.

    `six_figures`: 040225 is a day too, where the column is known to hold days. `buddhist`: years of other columns are.
    """
    dictionary, codes = _without_times(cells)
    texts, calendar = calendars.gregorian([_plain(text) for text in dictionary.to_pylist()], buddhist=buddhist)
    named = _named(texts)
    fixed = np.full(len(texts), UNREADABLE, np.int32)
    readings = {order: np.full(len(texts), UNREADABLE, np.int32) for order in ORDERS}
    for at, text in enumerate(texts):
        short = SHORT.match(text) or ((SIX.match(text) or _eight(text)) if six_figures else None)
        if six_figures and (instant := INSTANT.match(text)) and int(instant[1]) in INSTANTS:
            fixed[at] = int(instant[1]) // 86400
        elif short and not set(text) <= NOTHING:
            by_order = _six(short) if short.re is SIX else _short(short)
            if ABSENT in by_order.values():
                fixed[at] = ABSENT
                continue
            for order, value in by_order.items():
                readings[order][at] = value
        else:
            fixed[at] = named[text] if text in named else _fixed(text)
    fixed[calendar.doubted] = UNREADABLE
    _one_way_of_six(texts, readings)
    marks = np.zeros(len(texts), bool)
    if typed is not None:
        marks[codes[typed.to_numpy()]] = True
    return DateTexts(texts, codes, fixed, readings, marks, buddhist=calendar.example)


def _plain(text: str) -> str:
    """A text with plain figures, without the time of day behind them."""
    return text if text.isascii() else re.sub(TIME, "", digits.plain(text))


def _named(texts: Sequence[str]) -> dict[str, np.int32]:
    """The days of texts that name their month."""
    parts = {}
    for text in filter(LETTER.search, texts):
        if match := DAY_WORD.match(text):
            parts[text] = match[3], match[2], match[1]
        elif match := WORD_DAY.match(text):
            parts[text] = match[3], match[1], match[2]
        elif match := YEAR_WORD.match(text):
            parts[text] = match[1], match[2], match[3]
    month = months.months({word for _, word, _ in parts.values()})
    return {text: _day(_year(year), month[word], int(day)) for text, (year, word, day) in parts.items() if not _is_absent(text)}


def _without_times(cells: pa.ChunkedArray) -> tuple[pa.StringArray, np.ndarray]:
    """The different texts of a column without times of day, in the order of their first rows, and the number of each row's."""
    if not repeats.has_few(cells):
        bare = pc.replace_substring_regex(cells, TIME, "").combine_chunks().dictionary_encode()
        return bare.dictionary, bare.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    timed = repeats.encoded(cells)
    bare = pc.replace_substring_regex(timed.dictionary, TIME, "").dictionary_encode()
    of_text = bare.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return bare.dictionary, of_text[timed.indices.to_numpy(zero_copy_only=False)]


def _one_way_of_six(texts: Sequence[str], readings: Mapping[str, np.ndarray]) -> None:
    """Six figures of a column are all days of the year, or none is; the year of the others stands at one end of all."""
    six = np.array([bool(SIX.match(text)) for text in texts], bool)
    for order in ("julian", "ymd"):
        if (readings[order][six] == UNREADABLE).any():
            readings[order][six] = UNREADABLE


def with_year_at_one_end(columns: Mapping[str, DateTexts]) -> dict[str, DateTexts]:
    """24/05/10 may be a day of 2010 or of 2024: the end that hardly varies over the file is the year.

    Where both ends vary alike, both stay possible, unless the year in front would make invoices due before their issue.
    """
    cells_of = {name: _all_or_none_year_first(cells) for name, cells in columns.items()}
    open_ = {name: cells for name, cells in cells_of.items() if (cells.readings["ymd"] != UNREADABLE).any()}
    first, last = set[int](), set[int]()
    for cells in open_.values():
        for text in np.array(cells.texts, object)[cells.readings["ymd"] != UNREADABLE]:
            first.add(int(text[:2]))
            last.add(int(re.sub(r"\.0+$", "", text)[-2:]))
    if _is_year(last, first) or (
        open_ and _impossible(cells_of, "ymd") and not all(_impossible(cells_of, o) for o in ("dmy", "mdy"))
    ):
        return cells_of | {name: cells.without("ymd") for name, cells in open_.items()}
    if _is_year(first, last):
        return cells_of | {name: replace(cells.without("dmy", "mdy"), year_first=True) for name, cells in open_.items()}
    return cells_of


def _all_or_none_year_first(cells: DateTexts) -> DateTexts:
    """The year stands in front of all short days of a column, or of none."""
    year_first, other = cells.readings["ymd"] != UNREADABLE, np.zeros(len(cells.texts), bool)
    for order in ("dmy", "mdy"):
        other |= (cells.readings[order] != UNREADABLE) & ~year_first
    return cells.without("ymd") if other.any() else cells


def _is_year(years: set[int], others: set[int]) -> bool:
    """Whether figures are years, by how little they vary beside the others: as years, in the calendar of two figures."""
    if not years or not others:
        return False
    few = len(others) >= MANY_DAYS * len(years)
    return few and max(years) - min(years) <= YEARS_APART


def _impossible(columns: Mapping[str, DateTexts], order: str) -> bool:
    """Whether an invoice is due before its issue in this order."""
    if not {"issue_date", "due_date"} <= set(columns):
        return False
    issue, due = (columns[name].days(order) for name in ("issue_date", "due_date"))
    known = (issue > UNREADABLE) & (due > UNREADABLE)
    return not known.any() or bool((known & (due < issue)).any())


def agreed(columns: Iterable[DateTexts]) -> set[str]:
    """The orders that the columns of one file prove."""
    return {order for column in columns for order in column.proofs()}


@cache
def _is_worded(text: str) -> bool:
    """Whether a cell says paid or not paid instead of a day."""
    return (bool(NOT_YET.match(text)) and text.lower() not in EMPTY) or bool(PAID.match(text))


@cache
def _fixed(text: str) -> np.int32:
    """The day of a text that reads in one way."""
    if _is_absent(text):
        return ABSENT
    if match := COMPACT.match(text) or YEAR_FIRST.match(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := ERA.match(text):
        return _day(ERAS[match[1]] + (1 if match[2] == "元" else int(match[2])), int(match[3]), int(match[4]))
    if (match := SERIAL.match(text)) and int(match[1]) in SERIALS:
        return np.int32(int(match[1]) - 25569)
    return UNREADABLE


def _is_absent(text: str) -> bool:
    """Whether a cell says that there is no day, or none yet."""
    return text.lower() in EMPTY or set(text) <= NOTHING or bool(NOT_YET.match(text))


def _eight(text: str) -> re.Match[str] | None:
    """Eight figures with the year behind; None where the year stands in front, as 20250105."""
    match = EIGHT.match(text)
    return match if match and not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR and FIRST_YEAR <= int(match[3]) <= LAST_YEAR else None


def _short(match: re.Match[str]) -> dict[str, np.int32]:
    """The readings of three short figures."""
    a, b, c = (
        (int(match[1]), int(match[2]), _year(match[3])) if match.re is EIGHT else (int(match[1]), int(match[3]), _year(match[4]))
    )
    readings = {"dmy": _day(c, b, a), "mdy": _day(c, a, b)}
    if match.re is SHORT and len(match[4]) == len(match[1]) == 2:
        readings["ymd"] = _day(_year(match[1]), b, int(match[4]))
    return readings


def _six(match: re.Match[str]) -> dict[str, np.int32]:
    """The readings of six figures."""
    first, middle, last = int(match[1]), int(match[2]), int(match[3])
    century, day_of_year = match[0][0], int(match[0][3:6])
    readings = {
        "dmy": _day(_year(match[3]), middle, first),
        "mdy": _day(_year(match[3]), first, middle),
        "ymd": _day(_year(match[1]), middle, last),
    }
    if century == "1" and day_of_year:  # 0, for the last century, is left to days and months
        year = 2000 + int(match[0][1:3])
        day = date(year, 1, 1) + timedelta(days=day_of_year - 1)
        readings["julian"] = _day(year, day.month, day.day) if day.year == year else UNREADABLE
    return readings


def _year(text: str) -> int:
    """Two figures below 70 are 20xx."""
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 70 else 1900)


def _day(year: int, month: int, day: int) -> np.int32:
    """Days since 1970-01-01; ABSENT for the dates by which systems say "none"; UNREADABLE for what is no date."""
    if year == 9999 or (year >= FOR_EVER and (month, day) in {(12, 31), (1, 1)}):
        return ABSENT
    try:
        value = date(year, month, day)
    except ValueError:
        return UNREADABLE
    if value in NO_DAY:
        return ABSENT
    return np.int32((value - EPOCH).days) if FIRST_YEAR <= year <= LAST_YEAR else UNREADABLE
