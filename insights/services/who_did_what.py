"""Who did what, when and from where: for people who may read the record, and as a file."""

import json
import re
from collections.abc import Iterable
from datetime import UTC
from typing import Any

import pyarrow as pa

from insights.access import Capability, Person, require
from insights.ledger.errors import Refused
from insights.services import exports
from insights.store import audit, integrity
from insights.store.audit import RecordFilter
from insights.store.records import Record
from insights.store.store import Store

COLUMNS = ("sequence", "at", "actor", "user_id", "address", "tag", "subject", "before", "details", "previous", "seal")


def records(store: Store, wanted: RecordFilter, *, skip: int = 0, most: int | None = None, actor: Person) -> list[Record]:
    """The records that a filter leaves, the newest first, at most so many. Refused for whoever may not read them."""
    require(actor, Capability.AUDIT)
    return audit.of(store, wanted, skip=skip, most=most)


def count(store: Store, wanted: RecordFilter, *, actor: Person) -> int:
    """How many records a filter leaves. Refused for whoever may not read them."""
    require(actor, Capability.AUDIT)
    return audit.count(store, wanted)


def choices(store: Store, *, actor: Person) -> tuple[list[str], list[str]]:
    """The people and the actions that there are records of. Refused for whoever may not read them."""
    require(actor, Capability.AUDIT)
    return audit.choices(store)


def broken(store: Store, *, actor: Person) -> tuple[str, ...]:
    """What of the record is not as it was written, in sentences. Refused for whoever may not read it."""
    require(actor, Capability.AUDIT)
    return tuple(fault.sentence for fault in integrity.examine_records(store))


def end(store: Store, *, actor: Person) -> str:
    """Where the record ends, as a line to be kept elsewhere: NUMBER:SEAL. Refused for whoever may not read it."""
    require(actor, Capability.AUDIT)
    number, seal = audit.end(store)
    return f"{number}:{seal}"


def lost(store: Store, lines: Iterable[str]) -> tuple[str, ...]:
    """Of lines that `end` gave, what the record has lost or changed since, in sentences; `integrity` cannot know it from within.

    Refused for a line that is none of these, and where there is none at all: of nothing it could not be said that all is there.
    """
    ends = []
    for line in filter(None, map(str.strip, lines)):
        number, _, seal = line.partition(":")
        if not number.isdecimal() or not re.fullmatch("([0-9a-f]{64})?", seal):
            raise Refused(
                "This is no file of ends of the record: a line of it is NUMBER:SEAL, as `audit --end` writes it.", "no_ends"
            )
        ends.append((int(number), seal))
    if not ends:
        raise Refused("This file has no end of the record, as `audit --end` writes it: nothing could be compared.", "no_ends")
    return tuple(
        f"The record of who did what: number {number} is missing or not as written; the record was cut or written anew."
        for number, _ in audit.lost(store, ends)
    )


def exported(store: Store, wanted: RecordFilter, *, actor: Person) -> list[dict[str, Any]]:
    """The same records for a file, by COLUMNS, the newest first; on record itself, after them."""
    rows = [as_json(entry) for entry in records(store, wanted, actor=actor)]
    exports.note(store, "record", len(rows), actor=actor)
    return rows


def as_json(record: Record) -> dict[str, Any]:
    """A record as others read it: moments in UTC, what was before and what is so now as they were kept."""
    values = {name: getattr(record, name) for name in COLUMNS}
    return values | {"at": record.at.astimezone(UTC).isoformat()}


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Records of `exported` as a table of text and numbers; what was before and what is so now as JSON."""
    written = [row | {name: json.dumps(row[name], ensure_ascii=False) for name in ("before", "details")} for row in rows]
    schema = pa.schema([(name, pa.int64() if name == "sequence" else pa.string()) for name in COLUMNS])
    return pa.Table.from_pylist(written, schema=schema)
