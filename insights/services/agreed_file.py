"""What has another system agreed with customers? A table with a row per event, or what `agreed --json` wrote."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from insights.access import Capability, Person, require
from insights.agreements.events import KINDS, TAKE, UNDO, Agreement
from insights.ingest import event_table
from insights.ingest.event_table import Rows
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.services import agreements as agreed_things
from insights.services.agreements import Entry
from insights.services.reach import require_customers
from insights.store import agreements
from insights.store.agreements import NewAgreement
from insights.store.store import Store

LARGEST = 50_000_000  # bytes of a JSON file
PLACE: Final = ("kind", "company", "customer_id", "invoice_id", "line", "as_of")
VALUES: Final = (*("text", "channel", "outcome", "on", "amount", "currency", "reason", "resolve", "until", "name"),)
NAMES: Final = {**{name: name for name in (*PLACE, *VALUES)}, "customer": "customer_id", "invoice": "invoice_id", "date": "as_of"}
TRUE: Final = ("true", "yes", "1", "x")


@dataclass(frozen=True)
class SetAside:
    """A row that could not be taken, and why; its line in the file, the header being line 1 (in JSON: its place, from 1)."""

    row: int
    sentence: str


@dataclass(frozen=True)
class Taken:
    """What came of a file: the new events, how many were here already, and what was set aside."""

    events: tuple[Agreement, ...]
    known: int
    set_aside: tuple[SetAside, ...]


def take(store: Store, ledger: Ledger, as_of: date, path: Path, *, actor: Person) -> Taken:
    """Keep the events of a file, all in one go; a row without a day is of the list as of `as_of`.

    Raises Refused where no row can be used. The same file twice adds nothing: an event of one kind, customer, invoice, day and
    content is here already.
    """
    require(actor, Capability.AGREE)
    here = {_content(event) for event in agreements.listed(store, lineage_id=agreed_things.lineage_of(store, ledger))}
    new: list[NewAgreement] = []
    aside: list[SetAside] = []
    known = 0
    rows, ignored = _rows(path)
    if ignored:
        aside.append(SetAside(0, f"Rows taken for titles or totals, since they hold next to nothing: {ignored}."))
    for line, row in rows:
        try:
            entry = _entry(row)
            require_customers(store, ledger, [(entry.company, entry.customer_id)], actor.reach)
            events = agreed_things.resolved(store, ledger, _day(row, as_of), [entry])
        except Refused as refusal:
            aside.append(SetAside(line, f"Row {line}, {row.get('kind') or 'no kind'}: {refusal}"))
            continue
        for event in events:
            known += _content(event) in here
            new += [event] if _content(event) not in here else []
            here.add(_content(event))
    if not new and not known:
        first = f" {aside[0].sentence}" if aside else ""
        raise Refused(f"No row of this file can be used.{first}", "no_events", rows=[row.sentence for row in aside])
    return Taken(agreements.append(store, new, actor=actor), known, tuple(aside))


def _content(event: Agreement | NewAgreement) -> str:
    place = (event.kind, event.company, event.customer_id, event.invoice_id, event.line, event.as_of.isoformat())
    return json.dumps([*place, dict(event.payload)], sort_keys=True)


def _rows(path: Path) -> tuple[Rows, int]:
    """Line and filled cells by name of each row, and how many were taken for titles. Refused without the columns."""
    if path.suffix.lower() == ".json":
        return list(enumerate(_of_json(path), 1)), 0
    rows, fields, ignored = event_table.read(path, NAMES)
    if missing := [name for name in ("kind", "customer_id") if name not in fields]:
        raise Refused(
            f"A file of agreements needs the columns kind and customer_id ({', '.join(missing)} is missing), then as_of, "
            f"company, invoice_id, line, and what the kinds hold: {', '.join(VALUES)}.",
            "no_columns",
        )
    return rows, ignored


def _of_json(path: Path) -> list[Mapping[str, str]]:
    """Events as `agreed --json` writes them; what was undone, and undoings, are left out."""
    if path.stat().st_size > LARGEST:
        raise Refused("This file is larger than a list of agreements can be.", "too_large")
    try:
        events = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused(f"This file is no JSON: {error}.", "no_json") from error
    if not isinstance(events, Sequence) or not all(isinstance(event, dict) for event in events):
        raise Refused("This file is no list of events, as agreed --json writes it.", "no_events")
    return [_flat(event) for event in events if not event.get("undone") and event.get("kind") not in (UNDO, TAKE)]


def _flat(event: Mapping[str, Any]) -> dict[str, str]:
    payload = event.get("payload")
    values = {**event, **(payload if isinstance(payload, dict) else {})}
    return {name: str(values[name]) for name in (*PLACE, *VALUES) if values.get(name) not in (None, "")}


def _day(row: Mapping[str, str], as_of: date) -> date:
    return _date(row["as_of"], "as_of") if "as_of" in row else as_of


def _date(text: str, column: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise Refused(f"{column} {text[:40]!r} is no date like 2024-12-31.", "no_date") from error


def _entry(row: Mapping[str, str]) -> Entry:
    kind = row.get("kind", "").lower().replace("-", "_").replace(" ", "_")
    if kind not in KINDS or kind in (UNDO, TAKE):
        usable = ", ".join(sorted(set(KINDS) - {UNDO, TAKE}))
        raise Refused(f"kind {row.get('kind', '')[:40]!r} is none of {usable}.", "no_kind")
    values: dict[str, Any] = {name: row[name] for name in VALUES if name in row and name in (*KINDS[kind].model_fields, "until")}
    if "resolve" in values:
        values["resolve"] = values["resolve"].lower() in TRUE
    if "on" in values:
        values["on"] = _date(values["on"], "on")
    if "until" in values and values["until"] not in (agreed_things.DUE, agreed_things.AT_PROMISE, agreed_things.NEXT_LEDGER):
        values["until"] = _date(values["until"], "until")
    invoices = ((row["invoice_id"], row.get("line", "")),) if "invoice_id" in row else ()
    return Entry(kind, row.get("company", ""), row.get("customer_id", ""), invoices, values)
