"""Which helpers do the tests of the import share? Small files from text, and ledgers as plain rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from insights.ingest.draft import Draft, Options
from insights.ingest.parse import parse
from insights.ledger.ledger import Ledger, Problem

HEADER = "invoice_id,customer_id,issue_date,due_date,paid_date,amount"


def file(folder: Path, text: str, name: str = "ledger.csv", encoding: str = "utf-8") -> Path:
    """A file of the text without the indentation of its lines."""
    path = folder / name
    lines = [line.strip() for line in text.strip().splitlines()]
    path.write_text("\n".join(lines) + "\n", encoding=encoding, newline="")
    return path


def draft(folder: Path, text: str, options: Options | None = None) -> Draft:
    return parse(file(folder, text), options or Options())


def ledger(folder: Path, text: str, options: Options | None = None) -> Ledger:
    """The ledger of a file; every row of it is used, set aside or ignored."""
    found = draft(folder, text, options).require()
    assert_nothing_lost(found)
    return found


def assert_nothing_lost(found: Ledger) -> None:
    assert found.rows_read == len(found.invoices) + found.rows_set_aside + found.rows_ignored


def column(found: Ledger, name: str) -> list[Any]:
    values: list[Any] = found.invoices[name].to_pylist()
    return values


def aside(found: Ledger) -> list[tuple[int, str, str, str]]:
    """(row, column, value, reason) of the rows that were set aside."""
    return [(entry.row, entry.column, entry.value, entry.reason) for entry in found.problems if entry.set_aside]


def notes(found: Ledger) -> Mapping[str, str]:
    """Reason -> number and value of what is said of the file as a whole: "2 (11.00 XXX)"."""
    return {entry.reason: told(entry) for entry in found.problems if not entry.row}


def told(entry: Problem) -> str:
    if entry.number is None:
        return entry.value
    return f"{entry.number} ({entry.value})" if entry.value else str(entry.number)
