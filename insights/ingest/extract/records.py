"""How do JSON documents and JSON lines become cells? One record a row, one list of records a sheet."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from insights.ingest.extract import text
from insights.ingest.grid import Grid, Hints, of_rows
from insights.ledger.errors import Refused

SIZE_LIMIT = 200 << 20  # bytes: the objects take ten times as much
COLUMN_LIMIT = 2000
DEEPEST = 4  # levels at which a list of records, or a value of a record, is looked for
MOST_CHARACTERS = 1000  # of a nested list that is kept as text


class Number(str):
    """The figures of a number as the document writes them."""

    __slots__ = ()


def sheets(path: Path, hints: Hints) -> list[str]:
    """The names of the lists of records; [""] where the document is one list. Raises Refused where there is none."""
    return [name for name, _, _ in _lists(path, hints)]


def read(path: Path, sheet: str, hints: Hints) -> Grid:
    """A list of records as a grid whose first row, line 1, are the names; of JSON lines the lines are those of the file."""
    records, lines = next((records, lines) for name, records, lines in _lists(path, hints) if name == sheet)
    flat = [_flat(record) for record in records]
    names = list(dict.fromkeys(name for record in flat for name in record))
    if len(names) > COLUMN_LIMIT:
        raise Refused(f"This JSON has {len(names):,} different names; a ledger has at most {COLUMN_LIMIT:,}.", "too_many_columns")
    rows = [[record.get(name) for name in names] for record in flat]
    return replace(of_rows([names, *rows], [0 if lines[0] == 1 else 1, *lines], sheet), headed=True)


def _lists(path: Path, hints: Hints) -> list[tuple[str, list[dict[str, Any]], Sequence[int]]]:
    stat = path.stat()
    return _parsed(path, hints, stat.st_size, stat.st_mtime_ns)


@lru_cache(1)
def _parsed(path: Path, hints: Hints, size: int, changed: int) -> list[tuple[str, list[dict[str, Any]], Sequence[int]]]:
    """(name, records, lines) of every list of records."""
    del changed
    if size > SIZE_LIMIT:
        raise Refused(
            f"This JSON document has {size / 1e6:,.0f} MB; the limit is {SIZE_LIMIT / 1e6:,.0f} MB. Export the ledger as CSV.",
            "file_too_large",
        )
    content = path.read_bytes().decode(text.encoding_of(path, hints), errors="replace").lstrip("\ufeff")
    try:
        lists = [(name, records, range(2, len(records) + 2)) for name, records in _records_in(_loaded(content), "", 0)]
    except ValueError as error:
        return [("", *_lines(content, error))]
    if not lists:
        raise Refused("This JSON document holds no list of records: a ledger is a list of objects, one per invoice.", "no_table")
    return list(lists)


def _loaded(content: str) -> Any:  # noqa: ANN401 - whatever a JSON document may hold
    try:
        return json.loads(content, parse_int=Number, parse_float=Number, parse_constant=lambda _: None)
    except RecursionError as error:
        raise Refused("This JSON document is nested too deeply to be a ledger.", "nested_too_deeply") from error


def _lines(content: str, error: ValueError) -> tuple[list[dict[str, Any]], list[int]]:
    """JSON lines: a record on every line. Raises Refused where a line is none."""
    records, lines = [], []
    for number, line in zip(count(1), content.split("\n"), strict=False):
        if not line.strip():
            continue
        try:
            record = _loaded(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise Refused(f"This JSON document is damaged or incomplete: {error}.", "damaged") from error
        records.append(record)
        lines.append(number)
    return records, lines


def _records_in(value: Any, name: str, depth: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:  # noqa: ANN401
    """Every list of objects at the top or a few names below it."""
    if isinstance(value, list):
        if objects := [entry for entry in value if isinstance(entry, dict)]:
            yield name, objects
        elif value and all(isinstance(entry, list) for entry in value):
            yield name, _headed(value)
    elif isinstance(value, dict) and depth < DEEPEST:
        for key, inner in value.items():
            yield from _records_in(inner, f"{name}.{key}" if name else str(key), depth + 1)


def _headed(rows: list[list[Any]]) -> list[dict[str, Any]]:
    """Rows as lists, the first of which are the names."""
    names = [str(name) for name in rows[0]]
    return [dict(zip(names, row, strict=False)) for row in rows[1:]]


def _flat(record: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, object]:
    """A record with the values of inner records beside its own, as "customer.name"; lists as text."""
    cells: dict[str, object] = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and depth < DEEPEST:
            cells |= _flat(value, f"{name}.", depth + 1)
        else:
            cells[name] = _cell(value)
    return cells


def _cell(value: object) -> object:
    if isinstance(value, Number):
        return _Typed(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)[:MOST_CHARACTERS]
    return ("TRUE" if value else "FALSE") if isinstance(value, bool) else value


class _Typed:
    """A cell that the document types as a number."""

    def __init__(self, figures: str) -> None:
        self.figures = figures

    def __str__(self) -> str:
        return self.figures
