"""What is a rule here? A table that reads as documentation, and the product's answer to each of its rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

Row = dict[str, str]  # column -> cell, as text

EMPTY = "–"  # a cell that says nothing


@dataclass(frozen=True)
class Rule:
    """`table`: Markdown; its last columns, named in `answers`, are what `answer` gives for the columns before."""

    title: str
    text: str
    answers: tuple[str, ...]
    table: str
    answer: Callable[[Row], tuple[str, ...]]

    @property
    def rows(self) -> list[Row]:
        header, _, *lines = (cells(line) for line in self.table.strip().splitlines())
        return [dict(zip(header, line, strict=True)) for line in lines]

    @property
    def markdown(self) -> str:
        table = "\n".join(line.strip() for line in self.table.strip().splitlines())
        return f"## {self.title}\n\n{self.text}\n\n{table}\n"


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def day(cell: str) -> date | None:
    """The day of a cell, None where it says nothing. "Sat 2026-03-07" may name its weekday, which must be true."""
    if cell == EMPTY:
        return None
    *weekday, text = cell.split()
    found = date.fromisoformat(text)
    assert weekday in ([], [f"{found:%a}"]), f"{text} is a {found:%a}"
    return found


def a_day(cell: str) -> date:
    found = day(cell)
    assert found, "a day is needed"
    return found


def number(cell: str) -> int:
    """A whole number, with or without spaces between thousands; 0 where the cell says nothing."""
    return 0 if cell == EMPTY else int(cell.replace(" ", ""))


def numbers(cell: str) -> list[int]:
    """The numbers of "100 + 60"."""
    return [] if cell == EMPTY else [number(part) for part in cell.split("+")]


def thousands(value: int) -> str:
    return f"{value:,}".replace(",", " ")


def with_weekday(value: date) -> str:
    return f"{value:%a} {value.isoformat()}"


def yes(answer: bool) -> str:  # noqa: FBT001 - a cell
    return "yes" if answer else "no"


DAY = timedelta(days=1)
