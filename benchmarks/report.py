"""Where do the figures of a benchmark stand? Between two marks of a Markdown file, below the command that made them."""

import argparse
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

REPORT = ("--into", "--section")  # options of where the figures go, which make none of them


def add_options(parser: argparse.ArgumentParser, section: str) -> None:
    """The options of where the figures go; `section` is the usual pair of marks."""
    parser.add_argument("--into", type=Path, metavar="FILE", help="write the tables between the marks of a Markdown file, too")
    parser.add_argument("--section", default=section, metavar="NAME", help="which marks: <!-- NAME --> and <!-- end of NAME -->")


def command(script: str, given: Sequence[str]) -> str:
    """The command line that makes a table, without where it is written, as Markdown.

    >>> command("speed.py", ["--repeat", "1", "--into", "docs/benchmarks.md"])
    '`python benchmarks/speed.py --repeat 1`'
    """
    kept, rest = [], iter(given)
    for argument in rest:
        if argument in REPORT:
            next(rest, None)
        elif not argument.startswith(tuple(f"{option}=" for option in REPORT)):
            kept.append(argument)
    return f"`python benchmarks/{shlex.join([script, *kept])}`"


def write_section(path: Path, section: str, lines: Iterable[str]) -> None:
    """Put lines between the two marks of a section of a Markdown file."""
    begin, end = f"<!-- {section} -->", f"<!-- end of {section} -->"
    before, found, rest = path.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        message = f"{path.name} has no {begin} ... {end}"
        raise SystemExit(message)
    text = "\n".join(lines).strip("\n")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
