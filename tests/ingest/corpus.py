"""What is expected of each file in `tests/exports`, and how is what was read written down?

Beside `NAME` stands `NAME.json`: the options it is read with, and what must come out besides the rows, which stand in `NAME.csv` in
the folder `expected`. `python -m tests.ingest.corpus` writes them anew; look at the difference before believing it.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from insights import ingest
from insights.ingest.draft import Draft, Options
from insights.ingest.parse import parse
from tests.ingest.examples import told

FOLDER = Path(__file__).parents[1] / "exports"
EXPECTED = FOLDER / "expected"
COLUMNS = (
    "row",
    "company",
    "customer_id",
    "customer_name",
    "invoice_id",
    "line",
    "kind",
    "settled_by",
    "currency",
    "amount",
    "outstanding",
    "issue_date",
    "due_date",
    "paid_date",
    "terms",
    "disputed",
)
SECOND = {"sap_tables_bsad.txt", "payments_german.csv", "attributes_german.csv"}  # read together with another
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "sap_tables_bsid.txt": {"more": ["sap_tables_bsad.txt"]},
    "jd_edwards.csv": {"hundredths": "implied"},
    "sap_tables_yen.txt": {"hundredths": "divided"},
    "business_central_english.csv": {"currency": "EUR"},
    "quickbooks_payments.csv": {"terms_days": 30},
    "generic_german.csv": {"payments": "payments_german.csv", "attributes": "attributes_german.csv"},
}


def files() -> Iterator[Path]:
    """The files of the corpus that are read on their own."""
    for path in sorted(FOLDER.iterdir()):
        if path.is_file() and path.suffix != ".py" and path.name not in SECOND:
            yield path


def options(values: Mapping[str, Any]) -> Options:
    """Options with the names of other files as paths."""
    given = dict(values)
    for name in ("payments", "attributes"):
        if name in given:
            given[name] = FOLDER / given[name]
    if "more" in given:
        given["more"] = tuple(FOLDER / name for name in given["more"])
    return Options(**given)


def rows(draft: Draft) -> list[list[str]]:
    """The canonical table as text, header first."""
    invoices = draft.require().invoices.to_pylist()
    return [list(COLUMNS), *([("" if row[name] is None else str(row[name])) for name in COLUMNS] for row in invoices)]


def besides(draft: Draft) -> dict[str, Any]:
    """What a draft says besides its rows, as plain values."""
    ledger = draft.require()
    return {
        "preset": draft.preset,
        "decided": dict(draft.decided),
        "ignored": dict(sorted(draft.ignored.items())),
        "set_aside": [[entry.row, entry.column, entry.value, entry.reason] for entry in ledger.problems if entry.set_aside],
        "notes": [[note.reason, note.column, told(note)] for note in draft.notes],
        "payments": [[row["position"], str(row["paid_date"]), row["amount"]] for row in ledger.payments.to_pylist()],
        "further": list(ledger.further),
        "outstanding": ingest.reconciliation(ledger).net_balances,
        "complete_through": str(ledger.complete_through),
        "history_starts": str(ledger.history_starts),
        "rows_read": ledger.rows_read,
    }


def write() -> None:
    EXPECTED.mkdir(exist_ok=True)
    for path in files():
        given = OPTIONS.get(path.name, {})
        draft = parse(path, options(given))
        with (EXPECTED / f"{path.name}.csv").open("w", newline="", encoding="utf-8") as target:
            csv.writer(target, lineterminator="\n").writerows(rows(draft))
        text = json.dumps({"options": given, **besides(draft)}, indent=1, ensure_ascii=False)
        (EXPECTED / f"{path.name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
