"""Is one customer here under several ids: "Alpha Ltd", "ALPHA LIMITED"? It is remarked, merged only where the user says so."""

import re
import unicodedata
from collections import defaultdict
from typing import NamedTuple

import pyarrow as pa

from insights.ingest.draft import Options
from insights.ingest.entries import VALUE_LENGTH, Entries

FORMS = re.compile(  # legal forms and the words for them, which say nothing about who it is
    r"\b(?:gmbh|mbh|ag|kg|ohg|ug|gbr|ev|limited|ltd|llc|llp|inc|incorporated|corp|corporation|company|co|plc|pty|pvt|private|sa|sas|"
    r"sarl|eurl|bv|nv|spa|srl|sl|slu|sociedad|ab|as|aps|oy|oyj|sp z o o|spzoo|kk|the|und|and|et)\b"
)
MARKS = re.compile("[^0-9a-z]+")  # of a name in lower case without letters beyond ASCII
NO_LETTERS = re.compile(r"[\W\d_]")
FEWEST_LETTERS = 3
SHOWN = 20


def merge(entries: Entries, options: Options) -> None:
    """Customers that the user says are others: the id, and the name with it."""
    if not options.merges:
        return
    for name in ("customer_id", "customer_name"):
        if name in entries.text:
            encoded = entries.text[name].combine_chunks().dictionary_encode()
            merged = [options.merges.get(text, text) for text in encoded.dictionary.to_pylist()]
            entries.text[name] = pa.chunked_array([pa.array(merged, pa.string()).take(encoded.indices)])


class Spelling(NamedTuple):
    """One of the ids under which a customer seems to stand, with a name that it has there."""

    customer_id: str
    customer_name: str


def alike(customers: pa.Table) -> list[list[Spelling]]:
    """Customers of one company whose names differ in case, marks, accents or legal form only: those that may be one, together.

    `customers` has the columns company, customer_id and customer_name.
    """
    rows = customers.group_by(["company", "customer_id"]).aggregate([("customer_name", "min")])
    by_key: dict[tuple[str, str], list[Spelling]] = defaultdict(list)
    for row in rows.to_pylist():
        if key := plain(row["customer_name_min"]) or row["customer_name_min"].casefold().strip():
            by_key[row["company"], key].append(Spelling(row["customer_id"], row["customer_name_min"]))
    return sorted(sorted(same) for same in by_key.values() if len(same) > 1)


def remark(entries: Entries) -> None:
    """Notes customers that may be one."""
    good = pa.array(entries.good())
    names = ("company", "customer_id", "customer_name")
    for same in alike(pa.table([entries.texts(name).filter(good) for name in names], names=list(names)))[:SHOWN]:
        listed = ", ".join(f"“{name}”" if name == id_ else f"“{name}” ({id_})" for id_, name in same)
        entries.note("customer_spellings", entries.headers.get("customer_id", ""), listed[:VALUE_LENGTH])


def plain(name: str) -> str:
    """A name without case, accents, marks and legal form; "" where hardly a letter is left."""
    folded = name.casefold().replace("ß", "ss").replace(".", "")
    text = MARKS.sub(" ", folded) if folded.isascii() else _without_marks(unicodedata.normalize("NFKD", folded))
    key = "".join(FORMS.sub(" ", " ".join(text.split())).split())
    return key if len(NO_LETTERS.sub("", key)) >= FEWEST_LETTERS else ""


def _without_marks(letters: str) -> str:
    return "".join(mark if mark.isalnum() else " " for mark in letters if not unicodedata.combining(mark))
