"""From which file or sheet is a row, and from which line of it, where several were united?

The rows of united files are numbered on, so that each has a number of its own. A note per file says from which number on its rows
are; the notes travel with the ledger, so that a later reader can still tell.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from insights.ingest.draft import Asked
from insights.ledger.errors import Refused
from insights.ledger.ledger import Problem

UNITED = "united"  # the reason of the notes


@dataclass(frozen=True)
class Origin:
    """A file or sheet among several, and how many row numbers the ones above it have used up."""

    name: str
    before: int


def distinct(names: Sequence[str]) -> list[str]:
    """Names that tell the files apart: a second "export.csv" is "export.csv (2)"."""
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        seen[name] += 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def notes(origins: Iterable[Origin]) -> list[Problem]:
    """One note per file: its name, and the number of its first line."""
    return [Problem(0, origin.name, "", UNITED, set_aside=False, number=origin.before + 1) for origin in origins]


def noted(problems: Iterable[Problem]) -> tuple[Origin, ...]:
    """What `notes` wrote; empty where the rows are of one file."""
    return tuple(Origin(entry.column, entry.number - 1) for entry in problems if entry.reason == UNITED and entry.number)


def place(origins: Sequence[Origin], row: int) -> tuple[str, int]:
    """File and line of a row: `("", row)` where nothing was united."""
    above = [origin for origin in origins if origin.before < row]
    return (above[-1].name, row - above[-1].before) if above else ("", row)


def in_words(origins: Sequence[Origin], row: int) -> str:
    """A row in words: "row 12", or "row 12 of bsad.txt"."""
    name, line = place(origins, row)
    return f"row {line} of {name}" if name else f"row {line}"


@contextmanager
def speaking_of(file: str) -> Iterator[None]:
    """What is refused inside says of which file it speaks."""
    try:
        yield
    except Asked:
        raise
    except Refused as refusal:
        raise Refused(f"{file}: {refusal}", refusal.code, **refusal.values) from refusal
