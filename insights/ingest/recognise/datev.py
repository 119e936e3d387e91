"""Which year do the days of a DATEV export mean? Its first line says so: "EXTF", the fiscal year, and the first and last day."""

import re
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.recognise.match import compact
from insights.ingest.recognise.table import Table

MARKS = ("EXTF", "DTVF")
DAY = re.compile(r"^20\d{6}$")
SHORT = re.compile(r"^(\d{1,2})(\d{2})$")  # day and month, without a year
SIX = re.compile(r"^(\d{2})(\d{2})(\d{2})$")  # of due dates
DUE = compact("Belegfeld 2")
HEADERS = {compact(name) for name in ("Belegdatum", "Datum", "Leistungsdatum")}


def with_years(read: Table) -> Table:
    """The table with days like 0501 as 2025-01-05; tables of other systems as they are."""
    days = _days(read)
    if not days:
        return read
    columns = list(read.body.columns)
    for at, header in enumerate(read.headers):
        if compact(header) in HEADERS:
            columns[at] = _dated(columns[at], days[0], days[-1])
        elif compact(header) == DUE:
            columns[at] = pc.replace_substring_regex(columns[at], SIX.pattern, r"20\3-\2-\1")
    return replace(read, body=replace(read.body, columns=tuple(columns)))


def _days(read: Table) -> list[date]:
    """The days that the first line names: the fiscal year's first, the first and the last of the bookings."""
    first = read.above[0] if read.above else ()
    if not first or first[0] not in MARKS:
        return []
    texts = [cell for cell in first if DAY.match(cell)]
    try:
        return [date(int(text[:4]), int(text[4:6]), int(text[6:])) for text in texts]
    except ValueError:
        return []


def _dated(column: pa.ChunkedArray, first: date, last: date) -> pa.ChunkedArray:
    encoded = column.combine_chunks().dictionary_encode()
    days = [_with_year(text, first, last) for text in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(days, pa.string()).take(encoded.indices)])


def _with_year(text: str, first: date, last: date) -> str:
    """The day in the span of the bookings; one outside is in the fiscal year that begins with `first`."""
    short = SHORT.match(text)
    if not short:
        return text
    day, month = int(short[1]), int(short[2])
    for year in (last.year, first.year, first.year + 1):
        try:
            day_of_year = date(year, month, day)
        except ValueError:
            continue
        if first <= day_of_year <= last or (year > first.year) == (month < first.month):
            return day_of_year.isoformat()
    return text
