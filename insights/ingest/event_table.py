"""How does a file with one event a row become rows of named text?"""

from collections.abc import Mapping
from pathlib import Path

from insights.ingest import sandbox
from insights.ingest.recognise import match

Rows = list[tuple[int, Mapping[str, str]]]


def read(path: Path, names: Mapping[str, str]) -> tuple[Rows, frozenset[str], int]:
    """Line and filled cells by field of each row, the fields that have a column, and how many rows were taken for no rows.

    names: how a column may be called -> its field. The file is read in the limited child, in any format that ledgers have.
    """
    known = {match.compact(name): field for name, field in names.items()}
    table = sandbox.table(path, set(known))
    fields = [known.get(match.compact(header)) for header in table.headers]
    cells = [column.to_pylist() for column in table.body.columns]
    rows: Rows = []
    for number, line in enumerate(table.body.lines.tolist()):
        texts = ((field, cells[at][number]) for at, field in enumerate(fields) if field)
        rows.append((line, {field: str(text).strip() for field, text in texts if text is not None and str(text).strip()}))
    return rows, frozenset(field for field in fields if field), table.ignored.total()
