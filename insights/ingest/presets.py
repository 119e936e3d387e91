"""Which system wrote this file, and what do its columns and codes mean there?

One readable TOML file per system in `presets/`; adding a file adds a preset. Its keys:

    title       what the user sees
    detect      lists of headers: of each list at least one must be in the file
    [columns]   field -> headers, the best first; fields of `fields.toml`, and the technical ones that `derive` knows
    [kinds]     value of `kind` -> invoice, credit_note, payment_on_account, write_off, or "ignore"
    [statuses]  value of `status` -> open, paid, reversed, write_off, or "ignore"; "paid" without a date is a problem
    [settled]   value of `settled_by` -> payment, credit, write_off
    sign        "debit_credit" (unsigned, a column tells), "credit_kinds" (unsigned, the type tells); default: signed
    identity    fields that together are the invoice number
    documents   true: several rows per document repeat its totals, the first one counts
    payments    how payment rows find their invoice: "reference", "matching", "order"
    applied_date  the date of a payment row: "issue_date" (default) or "posting_date"
    sheets      [invoices, payments]: sheets of one workbook
    divided     currencies that raw dumps store divided by 100
    notes       codes of `words.PROBLEMS` that the user should know of
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from insights.errors import Refused
from insights.ingest.match import compact

FOLDER = Path(__file__).with_name("presets")


@dataclass(frozen=True)
class Preset:
    """What is known of one system's export; the empty one knows nothing."""

    code: str = ""
    title: str = ""
    detect: tuple[tuple[str, ...], ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    settled: Mapping[str, str] = field(default_factory=dict)
    sign: str = ""
    identity: tuple[str, ...] = ("invoice_id",)
    documents: bool = False
    payments: str = ""
    applied_date: str = "issue_date"
    sheets: tuple[str, ...] = ()
    divided: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def names(self) -> set[str]:
        """All its headers, compact."""
        return {compact(name) for names in (*self.columns.values(), *self.detect) for name in names}


NONE = Preset()


@cache
def presets() -> Mapping[str, Preset]:
    """All presets by code."""
    return {path.stem: _load(path) for path in sorted(FOLDER.glob("*.toml"))}


def titles() -> dict[str, str]:
    """Preset code -> title."""
    return {code: preset.title for code, preset in presets().items()}


def _load(path: Path) -> Preset:
    entry: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    tables = {key: {compact(value): meaning for value, meaning in entry.get(key, {}).items()} for key in ("kinds", "statuses", "settled")}
    simple = {key: entry[key] for key in ("title", "sign", "documents", "payments", "applied_date") if key in entry}
    lists = {key: tuple(entry[key]) for key in ("identity", "sheets", "divided", "notes") if key in entry}
    return Preset(
        code=path.stem,
        detect=tuple(tuple(group) for group in entry["detect"]),
        columns={name: tuple(names) for name, names in entry["columns"].items()},
        **tables,
        **simple,
        **lists,
    )


def named(code: str) -> Preset:
    """The preset of a code; "none" is the empty one. Raises Refused for an unknown code."""
    if code == "none":
        return NONE
    if code not in presets():
        raise Refused(f"There is no preset “{code}”; there are {', '.join(presets())}.", "no_such_preset")
    return presets()[code]


def detected(headers: Sequence[str]) -> Preset:
    """The preset whose tell-tale headers are all there, the one that knows most of the headers; the empty one where none fits."""
    present = {compact(header) for header in headers}
    fitting = [p for p in presets().values() if p.detect and all({compact(n) for n in group} & present for group in p.detect)]
    return max(fitting, key=lambda preset: (len(preset.names() & present), len(preset.detect)), default=NONE)


@cache
def known_names() -> frozenset[str]:
    """Every header that some preset knows, compact."""
    return frozenset(name for preset in presets().values() for name in preset.names())
