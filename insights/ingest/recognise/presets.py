"""Which system wrote this file, and what do its columns and codes mean there?

One readable TOML file per system in `presets/`; adding a file adds a preset. Its keys:

    title       what the user sees
    detect      lists of headers: of each list at least one must be in the file
    [columns]   field -> headers, the best first; fields of `fields.toml`, and the technical ones that `derive` knows
    [kinds]     value of `kind` -> invoice, credit_note, payment_on_account, write_off, or "ignore"
    other_kinds "entry": the sign of the amount tells what a type that is not listed is; default: it is asked
    [statuses]  value of `status` -> open, paid, reversed, write_off, or "ignore"; "paid" without a date is a problem
    [settled]   value of `settled_by` -> payment, credit, write_off
    sign        "debit_credit" (unsigned, a column tells), "credit_kinds" (unsigned, the type tells); default: signed
    identity    fields that together are the invoice number
    documents   true: several rows per document repeat its totals, the first one counts
    payments    how payment rows find their invoice: "reference", "matching", "order"
    applied_date  the date of a payment row: "issue_date" (default) or "posting_date"
    sheets      [invoices, payments]: sheets of one workbook
    books       headers of amounts in the currency of the company's books: where rows name several, it is asked
    verified    false: made from descriptions, without a real export at hand; the user is told
    divided     currencies that raw dumps store divided by 100
    outcomes    headers that tell the outcome and never become fields
    [skip]      field -> values of rows that are no receivables
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from insights.ingest.recognise.match import compact
from insights.ledger.errors import Refused

FOLDER = Path(__file__).with_name("presets")


@dataclass(frozen=True)
class Preset:
    """What is known of one system's export; the empty one knows nothing."""

    code: str = ""
    title: str = ""
    detect: tuple[tuple[str, ...], ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    other_kinds: str = ""
    statuses: Mapping[str, str] = field(default_factory=dict)
    settled: Mapping[str, str] = field(default_factory=dict)
    sign: str = ""
    identity: tuple[str, ...] = ("invoice_id",)
    documents: bool = False
    payments: str = ""
    applied_date: str = "issue_date"
    sheets: tuple[str, ...] = ()
    divided: tuple[str, ...] = ()
    books: tuple[str, ...] = ()
    verified: bool = True
    outcomes: tuple[str, ...] = ()
    skip: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def names(self) -> set[str]:
        """All its headers, compact."""
        return {compact(name) for names in (*self.columns.values(), *self.detect) for name in names}


NONE = Preset()


@cache
def presets(own: Path | None = None) -> Mapping[str, Preset]:
    """All presets by code; those of the folder `own` add to and replace the built-in ones. Raises Refused for a faulty one."""
    paths = [*sorted(FOLDER.glob("*.toml")), *(sorted(own.glob("*.toml")) if own else ())]
    return {path.stem: _load(path) for path in paths}


def titles(home: Path | None = None) -> dict[str, str]:
    """Preset code -> title; a workspace may hold more in its folder `presets`."""
    return {code: preset.title for code, preset in presets(own_folder(home)).items()}


def own_folder(home: Path | None) -> Path | None:
    return home / "presets" if home and (home / "presets").is_dir() else None


def _load(path: Path) -> Preset:
    try:
        return _preset(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise Refused(f"The preset {path.name} cannot be read: {error}.", "faulty_preset") from error


def _preset(code: str, entry: dict[str, Any]) -> Preset:
    def meanings(key: str) -> dict[str, str]:
        return {compact(value): meaning for value, meaning in entry.get(key, {}).items()}

    return Preset(
        code=code,
        title=entry["title"],
        detect=tuple(tuple(group) for group in entry["detect"]),
        columns={name: tuple(names) for name, names in entry["columns"].items()},
        kinds=meanings("kinds"),
        other_kinds=entry.get("other_kinds", ""),
        statuses=meanings("statuses"),
        settled=meanings("settled"),
        sign=entry.get("sign", ""),
        identity=tuple(entry.get("identity", ("invoice_id",))),
        documents=entry.get("documents", False),
        payments=entry.get("payments", ""),
        applied_date=entry.get("applied_date", "issue_date"),
        sheets=tuple(entry.get("sheets", ())),
        divided=tuple(entry.get("divided", ())),
        books=tuple(entry.get("books", ())),
        verified=entry.get("verified", True),
        outcomes=tuple(entry.get("outcomes", ())),
        skip={name: tuple(map(compact, values)) for name, values in entry.get("skip", {}).items()},
    )


def named(code: str, own: Path | None = None) -> Preset:
    """The preset of a code; "none" is the empty one. Raises Refused for an unknown code."""
    if code == "none":
        return NONE
    if code not in presets(own):
        raise Refused(f"There is no preset “{code}”; there are {', '.join(presets(own))}.", "no_such_preset")
    return presets(own)[code]


def detected(headers: Sequence[str], own: Path | None = None) -> Preset:
    """The preset whose tell-tale headers are all there, the one that knows most of the headers; the empty one where none fits."""
    present = {compact(header) for header in headers}
    fitting = [p for p in presets(own).values() if p.detect and all({compact(n) for n in group} & present for group in p.detect)]
    return max(fitting, key=lambda preset: (len(preset.names() & present), len(preset.detect)), default=NONE)


@cache
def known_names(own: Path | None = None) -> frozenset[str]:
    """Every header that some preset knows, compact."""
    return frozenset(name for preset in presets(own).values() for name in preset.names())
