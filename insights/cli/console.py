"""How are results, progress and refusals written for a person or a machine?"""

import io
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from insights.ledger.errors import Refused

# What a terminal obeys instead of showing it, what turns the direction of a line, and halves of characters (from file names).
OBEYED = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
BREAKS = re.compile(r"[\t\n]")
PAUSE = 0.5  # seconds between two progress lines of one stage

Progress = Callable[[str, float], None]


def ready() -> None:
    """Let no character stop the output where the terminal's encoding has not got it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def shown(text: str) -> str:
    """Text from files as it may go to a terminal: what it would obey is written out, with its number; lines may break."""
    return OBEYED.sub(_written_out, text)


def _written_out(sign: re.Match[str]) -> str:
    code = ord(sign[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def json_text(value: object) -> str:
    """A value as JSON without a character that a terminal would obey."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return OBEYED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def emit(value: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json_text(value) + "\n")
    sys.stdout.flush()


def say(*lines: str) -> None:
    """Lines on stdout."""
    for line in lines:
        sys.stdout.write(shown(line) + "\n")
    sys.stdout.flush()


def note(line: str) -> None:
    """A line on stderr: what is going on."""
    sys.stderr.write(shown(line) + "\n")
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
    cells = [[shown(BREAKS.sub(" ", str(cell))) for cell in line] for line in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
