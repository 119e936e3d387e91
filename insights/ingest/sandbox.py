"""How can a file that nobody trusts be parsed without harm? In a child process that has given up all but the file (`sandbox`)."""

import errno
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from insights.ingest import protocol
from insights.ingest.draft import Draft, Options
from insights.ingest.recognise import best_sheet
from insights.ingest.recognise.table import Table
from insights.ledger.errors import Refused
from insights.sandbox import folders, start, walls
from insights.sandbox.limits import Heard, Limits, unheard

LOG = logging.getLogger(__name__)
MODULE = "insights.ingest"

Runner = Callable[[Path, Limits], int]


def read(
    path: Path,
    options: Options | None = None,
    *,
    home: Path | None = None,
    limits: Limits | None = None,
    run: Runner | None = None,
    heard: Heard = unheard,
) -> Draft:
    """A file as a draft, parsed in a limited child process.

    `home` holds the saved mappings; `run` starts the child (default: a fresh Python, when it is its turn); `heard` is
    told how many files are read before. Raises Refused with a sentence for the user, whatever the file is.
    """
    options, limits = options or Options(), limits or Limits()
    options = replace(options, name=options.name or path.stem)
    with folders.temporary() as folder:
        protocol.write_request(folder, path.resolve(), _absolute(options), home.resolve() if home else None)
        _run(folder, limits, run, heard)
        return protocol.read_answer(folder)


def table(
    path: Path, known: Collection[str], *, limits: Limits | None = None, run: Runner | None = None, heard: Heard = unheard
) -> Table:
    """The table of a file as text (a rate table, say), read in the limited child; `known` are its likely headers, compact."""
    with folders.temporary() as folder:
        protocol.write_table_request(folder, path.resolve(), known)
        _run(folder, limits or Limits(), run, heard)
        return protocol.read_table(folder)


def _run(folder: Path, limits: Limits, run: Runner | None, heard: Heard) -> None:
    ended = run(folder, limits) if run else start.run(MODULE, folder, limits, heard=heard)
    if not (folder / "answer.json").exists():
        if ended == start.OUT_OF_SPACE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        if ended == start.UNEXPECTED:
            LOG.error("The parser failed in a way that nobody foresaw:\n%s", start.trace(folder))
        raise _failed(ended, limits)


def _absolute(options: Options) -> Options:
    return replace(
        options,
        payments=options.payments and options.payments.resolve(),
        attributes=options.attributes and options.attributes.resolve(),
        more=tuple(path.resolve() for path in options.more),
    )


def _failed(ended: int, limits: Limits) -> Refused:
    if ended in {start.XCPU, start.OUT_OF_TIME}:
        return Refused(
            f"Reading this file took longer than {limits.cpu_seconds} seconds and was stopped: it is damaged, or far larger "
            "than it looks.",
            "takes_too_long",
        )
    if ended == start.UNEXPECTED:
        return Refused(
            "This file is built in a way that could not be understood. Save the table alone as CSV or XLSX and upload that.",
            "not_understood",
        )
    return Refused(
        f"This file could not be read within {limits.memory:,} MB of memory: it is damaged, or holds far more than it seems. "
        "Save the table alone as CSV and upload that.",
        "too_much_memory",
    )


def child(folder: Path, limits: Limits) -> None:
    """What runs in the child: walls first, then the parser; the answer is left in the folder."""
    from insights.ingest.parse import parse

    walls.confine(limits, protocol.files_of_request(folder), folder)
    tempfile.tempdir = str(folder)  # what archives are unpacked into goes when the folder goes
    try:
        if (asked := protocol.read_table_request(folder)) is not None:
            protocol.write_table(folder, best_sheet.best(*asked))
        else:
            protocol.write_draft(folder, parse(*protocol.read_request(folder)))
    except Refused as refusal:
        protocol.write_refusal(folder, refusal)
    except MemoryError:
        sys.exit(start.OUT_OF_MEMORY)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        sys.exit(start.OUT_OF_SPACE)
