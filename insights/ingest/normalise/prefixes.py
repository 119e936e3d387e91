"""Which invoices are none by their numbers alone: CN-2, GS-17 and RC/5, or QT-7 and PF-3, among RE-1, INV-3 and FA/4?

Where nothing else tells types and no amount is below 0, a number of that kind is asked about, with what it would change.
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Question
from insights.ingest.entries import VALUE_LENGTH, Entries
from insights.ingest.normalise.words_asked import TYPES, total
from insights.ingest.recognise import meanings
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.source import Source
from insights.ledger.ledger import INVOICE
from insights.messages.problems import counted

HEAD = 5  # characters that tell the letters of most numbers
LETTERS = re.compile(r"^[\W_]*([^\W\d_]{1,8})[\W_]*\d")
MAYBE = re.compile(r"^[\W_]*[^\W\d_]*[\W_]*$")
NO_INVOICE = (  # what a text begins with that speaks of a credit note or of a document that counts no more
    r"(?i)^\W*(?:credit (?:note|memo)|gutschrift|storn\w+|avoir\b|nota de cr[eé]dito|nota di credito|creditnota|kreditnota|"
    r"kreditfaktura|cancell?ed|cancell?ation|void(?:ed)?\b|annul[eé]\w*|annullat\w+|anulad\w+|anulowan\w+|geannuleerd|makulerad|"
    r"annulleret|reversed|written off|written-off|uncollectible|duplicate\b)"
)
PAID_IN_WORDS = (  # what a text says of an invoice that was paid, wherever in it
    r"(?i)\b(?:paid (?:in full|on|by|via)|fully paid|settled (?:in full|on|by)|bezahlt (?:am|per)|vollständig bezahlt|"
    r"payée? (?:le|par)|réglée? (?:le|par)|pagad[oa] (?:el|con|em|por)|pag[oa] em|betaald op|pagat[oa] il|zapłacon[oa] dnia|"
    r"betald den|betalt den)\b"
)
NOT_PAID_IN_WORDS = (
    r"(?i)\b(?:not|to be|will be|un|if|until|when|nicht|noch|non|pas|no|não|niet|nie|ej|ikke|promis\w+|part\w*|teil\w*) "
)
ENDS_AS_CREDIT = r"(?i)[0-9][-/_. ]?(?:CN|CRN|CM|CR|GS|AV|NC)$"
MOST_LOOKED_THROUGH = 100_000  # rows
MOST = 0.5  # of the rows: more are no exception, but how this firm numbers its invoices


def ask(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Asks what documents of such numbers are; what was answered becomes their type."""
    money = entries.money.get("amount", entries.money.get("outstanding"))
    if "invoice_id" not in entries.text or money is None or {"kind", "debit_credit", "is_credit", "debit"} & set(entries.text):
        return
    prefixes, of = _prefixes(entries.texts("invoice_id"))
    answers = {name.strip().lower(): meaning for name, meaning in source.options.types.items()}
    answered = [prefix if f"{prefix}-".lower() in answers else "" for prefix in prefixes]
    if any(answered):
        words = np.array([f"{prefix}-" if prefix else "" for prefix in answered], object)
        entries.text["kind"] = pa.chunked_array([pa.array(words[of], pa.string())])
        entries.headers["kind"] = entries.headers.get("invoice_id", "invoice_id")
        return
    for at, prefix in enumerate(prefixes):
        rows, others = of == at, {other.lower() for at_, other in enumerate(prefixes) if at_ != at}
        if prefix.lower() in meanings.listed("numbers", "other") and others & set(meanings.listed("numbers", "invoice")):
            decisions.questions.append(_question(entries, prefix, rows, "quotes, orders or pro formas"))
    if (money < 0).any():
        return
    for at, prefix in enumerate(prefixes):
        rows = of == at
        if prefix.lower() in meanings.listed("numbers", "credit") and 0 < rows.mean() < MOST and _stands_out(prefix, prefixes):
            decisions.questions.append(_question(entries, prefix, rows, "credit notes"))


def _prefixes(numbers: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    """The different letters before the figures, and which of them each number has ("" where there are none)."""
    heads = pc.utf8_slice_codeunits(numbers, 0, HEAD).combine_chunks().dictionary_encode()
    codes = heads.indices.to_numpy(zero_copy_only=False)
    words = heads.dictionary.to_pylist()
    letters = [_letters(word) for word in words]
    long = np.array([word is None for word in letters] or [False], bool)[codes]
    if long.any():  # letters beyond the head: looked at one by one
        texts = numbers.filter(pa.array(long)).combine_chunks().dictionary_encode()
        further = [_letters(text, whole=True) or "" for text in texts.dictionary.to_pylist()]
        codes = codes.copy()
        codes[long] = len(words) + texts.indices.to_numpy(zero_copy_only=False)
        letters += further
    prefixes = list(dict.fromkeys(word or "" for word in letters))
    place = {prefix: at for at, prefix in enumerate(prefixes)}
    of = np.array([place[word or ""] for word in letters] or [0], np.int64)[codes]
    return prefixes or [""], of


def _letters(text: str, *, whole: bool = False) -> str | None:
    """The letters before the figures; None where they may go on beyond what is there."""
    match = LETTERS.match(text)
    if match:
        return match[1]
    return None if not whole and len(text) == HEAD and MAYBE.match(text) else ""


def _stands_out(prefix: str, prefixes: list[str]) -> bool:
    """Whether others are numbered otherwise, and a name that may mean much (SR, FR) stands beside one that means an invoice."""
    others = {other.lower() for other in prefixes if other != prefix}
    return bool(others) and (
        prefix.lower() in meanings.listed("numbers", "sure")
        or bool(others & set(meanings.listed("numbers", "invoice")))
        or others == {""}
    )


def _question(entries: Entries, prefix: str, rows: np.ndarray, like: str) -> Question:
    numbers = entries.texts("invoice_id").filter(pa.array(rows)).slice(0, 3).to_pylist()
    header = entries.headers.get("invoice_id", "invoice_id")
    shown = ", ".join(f"“{number}”" for number in numbers)
    sentence = (
        f"{counted(int(rows.sum()), 'number')} in column “{header}” {'begins' if rows.sum() == 1 else 'begin'} with “{prefix}” "
        f"({shown}; {total(entries, rows)}), as those of {like} do, and nothing else tells what kind of document they are."
    )
    word = f"{prefix}-"
    choices = tuple((f"{word}={code}", label) for code, label in TYPES.items() if code in {"credit", "invoice", "ignore"})
    return Question("types", "kind", header, sentence, choices, f'--types "{word}=credit|invoice|ignore"', word)


def remark(entries: Entries) -> None:
    """Notes open invoices whose number or some text of which begins or ends as that of a credit note or of what was cancelled.

    Free texts decide nothing; in a very large ledger they are not looked through.
    """
    if len(entries) > MOST_LOOKED_THROUGH:
        return
    owed = pc.equal(entries.texts("kind"), INVOICE).to_numpy() & entries.good() & ~entries.has_day("paid_date")
    columns = {entries.headers.get("invoice_id", ""): (entries.texts("invoice_id"), ENDS_AS_CREDIT)}
    for header, column in entries.further.items():
        if pa.types.is_string(column.type):
            columns[header] = pc.fill_null(column, ""), NO_INVOICE
            _remark_paid(entries, header, columns[header][0], owed)
    for header, (texts, pattern) in columns.items():
        at = np.flatnonzero(pc.match_substring_regex(texts, pattern).to_numpy() & owed)
        if 0 < len(at) < MOST * owed.sum():
            entries.note("may_be_no_invoice", header, f"“{texts[int(at[0])].as_py()[:VALUE_LENGTH]}”", number=len(at))


def _remark_paid(entries: Entries, header: str, texts: pa.ChunkedArray, owed: np.ndarray) -> None:
    """Notes open invoices some text of which says in words that they were paid."""
    says_paid = pc.and_(
        pc.match_substring_regex(texts, PAID_IN_WORDS), pc.invert(pc.match_substring_regex(texts, NOT_PAID_IN_WORDS))
    )
    at = np.flatnonzero(says_paid.to_numpy() & owed)
    if 0 < len(at) < MOST * owed.sum():
        entries.note("may_be_paid", header, f"“{texts[int(at[0])].as_py()[:VALUE_LENGTH]}”", number=len(at))
