"""What does a second file say about the customers? One row per customer, joined by customer id.

Spreadsheets round long ids (17 figures and more): such a damaged id is joined by the number it was rounded to, if only one
true id rounds to it, and gets its true text back.
"""

import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import source_rows
from insights.ingest.draft import Options
from insights.ingest.entries import Entries, is_filled
from insights.ingest.grid import Hints
from insights.ingest.normalise import extra_columns
from insights.ingest.recognise import best_sheet, match, table
from insights.ledger.errors import Refused

LONG_NUMBER = r"^\d{16,}$"
FIGURES = (17, 16, 15)  # that spreadsheets keep, the most first


def join(entries: Entries, options: Options) -> None:
    """Adds the columns of the attributes file to every row of the customer. Raises Refused where it has no customer column."""
    if options.attributes is None:
        raise Refused("No attributes file was given.", "no_attributes_file")
    with source_rows.speaking_of("Attributes file"):
        customers = {match.compact(name) for name in match.fields()["customer_id"].names}
        hints = Hints(options.encoding, match.foreign_words())
        attributes = best_sheet.best(options.attributes, match.known_names(), customers, hints)
        at = _customer_column(attributes)
    keys = pc.replace_substring_regex(attributes.body.columns[at], r"^(\d+)\.0+$", r"\1")
    _restore(entries, keys.to_pylist())
    first = _first_rows(entries, keys)
    place = pc.index_in(entries.texts("customer_id"), value_set=keys.take(pa.array(first)).combine_chunks())
    unknown = pc.is_null(place).to_numpy()
    if unknown.any():
        entries.note(
            "attributes_missing",
            attributes.headers[at],
            number=pc.count_distinct(entries.texts("customer_id").filter(pa.array(unknown))).as_py(),
        )
    for k, header in enumerate(attributes.headers):
        if k != at:
            column = extra_columns.typed(attributes.body.columns[k], attributes.body.typed[k], "", "")
            name = header if header not in entries.further else f"{header} (customer)"
            entries.further[name] = column.take(pa.array(first)).take(place)


def _customer_column(attributes: table.Table) -> int:
    matches = match.columns(attributes.body, attributes.headers, chosen={}, preset={})
    for entry in matches:
        if entry.field == "customer_id" and entry.accepted:
            return attributes.headers.index(entry.column)
    raise Refused(f"No column is clearly the customer; it has {', '.join(attributes.headers)}.", "attributes_customer")


def _first_rows(entries: Entries, keys: pa.ChunkedArray) -> np.ndarray:
    """Positions of the first row of each customer; more than one is noted."""
    filled = np.flatnonzero(is_filled(keys))
    seen = np.array(keys.take(pa.array(filled)).to_pylist(), object)
    unique, first = np.unique(seen.astype(str), return_index=True) if len(seen) else (seen, np.zeros(0, np.int64))
    if len(unique) < len(seen):
        entries.note("attributes_repeated", number=len(seen) - len(unique))
    return np.sort(filled[first])


def _restore(entries: Entries, keys: list[str]) -> None:
    """True ids for those that a spreadsheet rounded, where exactly one is near."""
    ids = entries.texts("customer_id")
    if not pc.any(pc.match_substring_regex(ids, LONG_NUMBER)).as_py():
        return
    encoded = ids.combine_chunks().dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    mended = _nearest(texts, set(keys))
    changed = sum(a != b for a, b in zip(texts, mended, strict=True))
    if changed:
        names, restored = entries.texts("customer_name"), pa.chunked_array([pa.array(mended, pa.string()).take(encoded.indices)])
        entries.text["customer_name"] = pc.if_else(pc.equal(names, ids), restored, names)
        entries.text["customer_id"] = restored
        entries.note("ids_restored", entries.headers.get("customer_id", ""), number=changed)


def _nearest(texts: list[str], true: set[str]) -> list[str]:
    """Each text, or the one true id that a spreadsheet of 17, 16 or 15 figures shows as the same number."""
    long = [key for key in true if re.fullmatch(LONG_NUMBER, key)]
    levels = []
    for figures in FIGURES:
        shown = {key: _shown(key, figures) for key in long}
        count = Counter(shown.values())
        levels.append((figures, {number: key for key, number in shown.items() if count[number] == 1}))
    result = []
    for text in texts:
        nearest = text
        if text not in true and re.fullmatch(LONG_NUMBER, text):
            nearest = next((level[key] for figures, level in levels if (key := _shown(text, figures)) in level), text)
        result.append(nearest)
    return result


def _shown(text: str, figures: int) -> str:
    return f"{float(text):.{figures - 1}e}"
