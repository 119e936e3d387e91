"""How are results, progress and refusals written for a person or a machine?"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from insights.ledger.errors import Refused

PAUSE = 0.5  # seconds between two progress lines of one stage

Progress = Callable[[str, float], None]


def emit(value: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def say(*lines: str) -> None:
    """Lines on stdout."""
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def note(line: str) -> None:
    """A line on stderr: what is going on."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def show(value: Mapping[str, object], lines: Iterable[str], *, as_json: bool) -> None:
    """The result, for a machine or for a person."""
    if as_json:
        emit(value)
    else:
        say(*lines)


def refuse(refusal: Refused, *, as_json: bool) -> None:
    """The sentence on stderr; for a machine the code on stdout as well, and the questions with the options that answer them."""
    note(str(refusal))
    if as_json:
        emit({"refused": refusal.code, "sentence": str(refusal), "questions": questions(refusal)})


def questions(refusal: Refused) -> list[dict[str, str]]:
    """The open questions of a refusal: the field each is about, the option that answers it, how to pass it, the sentence."""
    open_ = refusal.values.get("questions")
    names = ("field", "option", "argument", "sentence")
    return [{name: getattr(question, name) for name in names} for question in open_] if isinstance(open_, tuple) else []


def progress(*, as_json: bool) -> Progress:
    """Writes stage and share (0 to 1) to stderr, as JSON lines for a machine; not more often than is useful."""
    last: tuple[str, float] = ("", 0.0)

    def tell(stage: str, share: float) -> None:
        nonlocal last
        if stage == last[0] and time.monotonic() - last[1] < PAUSE and share < 1:
            return
        last = (stage, time.monotonic())
        note(json.dumps({"stage": stage, "share": round(share, 4)}) if as_json else f"{stage}: {share:.0%}")

    return tell


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Aligned columns as lines."""
    cells = [[str(cell) for cell in line] for line in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
