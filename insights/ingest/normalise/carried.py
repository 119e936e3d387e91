"""Which rows bear a number or a day like an invoice, but say that they carry a balance on, or that they are a total?

A total whose rows come to it is one, and stands as a witness. Everything else that is called so is asked about: what was carried
over may be owed, or stand in the file a second time.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Question
from insights.ingest.entries import Entries
from insights.ingest.normalise.words_asked import told
from insights.ingest.recognise import meanings
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.source import Source
from insights.messages.problems import counted

BESIDE = (  # days, figures and currencies beside such a word
    r"[\s\W\d]*(?:(?:per|as of|as at|am|zum|vom|al|au|em|a|op|pr|dne|från|fra|from|until|eur|usd|gbp|chf|sek|dkk|nok|pln|brl)\b"
    r"[\s\W\d]*)*"
)
PLACES = 3  # rows that a question names
FIELDS = ("invoice_id", "customer_name", "customer_id", "line", "reference")
MOST = 6  # words that are asked one by one
MOST_OF = 2 / 3  # of the rows at most: a word on more of them is no exception
ANSWERS = {"invoice": "an invoice: it is owed besides the others", "ignore": "no invoice: it is left out"}
CARRIES = "carried"


@cache
def says(*lists: str) -> str:
    """What a cell says, as a whole, by some of the lists."""
    words = [word for name in lists for word in meanings.listed("rows", name)]
    return rf"(?i)^\W*(?:{'|'.join(words)}){BESIDE}$"


def settle(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Takes out totals that their rows prove, and what the user says is no invoice; asks about the rest."""
    amount = next((name for name in ("amount", "debit", "outstanding") if name in entries.money), "")
    if not amount or not len(entries):
        return
    labels = _labels(entries)
    if labels is None:
        return
    at = np.flatnonzero(pc.not_equal(labels, "").to_numpy())
    at = at[_figures(entries)[at] != 0]
    if not len(at) or len(at) > MOST_OF * len(entries):
        return
    words = dict(zip(at.tolist(), labels.take(pa.array(at)).to_pylist(), strict=True))
    words = _without_names(entries, words)
    proven = [k for k in words if _is_total(words[k]) and _comes_to(entries, k, words)]
    dropped = np.zeros(len(entries), bool)
    dropped[proven] = True
    said = {word: _answer(source, word) for word in dict.fromkeys(words.values())}
    rest = [k for k in words if not dropped[k]]
    _ask(entries, {k: words[k] for k in rest if not said[words[k]]}, decisions)
    left_out = np.zeros(len(entries), bool)
    left_out[[k for k in rest if said[words[k]] == meanings.IGNORE]] = True
    if proven:
        decisions.note("total_agrees", entries.headers.get(amount, amount), told(entries, dropped))
        entries.keep(~dropped, "total")
        left_out = left_out[~dropped]
    entries.keep(~left_out, CARRIES)


def _without_names(entries: Entries, words: dict[int, str]) -> dict[int, str]:
    """The rows without those of a customer who is called so: several, each with a number of its own."""
    numbers = entries.texts("invoice_id")
    named: dict[int, str] = {}
    for name in ("customer_name", "customer_id"):
        named |= {k: word for k, word in words.items() if entries.texts(name)[k].as_py().strip() == word}
    for word in set(named.values()):
        mine = [k for k in named if named[k] == word]
        own = [numbers[k].as_py() for k in mine]
        if len(mine) > 1 and all(own) and len(set(own)) == len(own) and not set(own) & set(words.values()):
            words = {k: label for k, label in words.items() if k not in mine}
    return words


def _labels(entries: Entries) -> pa.ChunkedArray | None:
    """The first text of each row that says it carries a balance or is a total, "" where none does; None where no row does."""
    found = None
    for column, pattern in _texts(entries):
        says = pc.match_substring_regex(column, pattern)
        if not pc.any(says).as_py():
            continue
        label = pc.if_else(says, pc.utf8_trim_whitespace(column), "")
        found = label if found is None else pc.if_else(pc.equal(found, ""), label, found)
    return found


def _texts(entries: Entries) -> Iterator[tuple[pa.ChunkedArray, str]]:
    """The columns of texts, and what a cell of each says where it is of no invoice."""
    yield from ((entries.text[name], says("carried", "total", "transport")) for name in FIELDS if name in entries.text)
    for column in entries.further.values():
        if pa.types.is_string(column.type):
            yield pc.fill_null(column, ""), says("carried", "total")


def _is_total(word: str) -> bool:
    return bool(pc.match_substring_regex(pa.scalar(word), says("total")).as_py())


def _figures(entries: Entries) -> np.ndarray:
    """What each row asks for, in minor units."""
    money = entries.money
    if "amount" in money:
        return money["amount"]
    if "debit" in money:
        found: np.ndarray = money["debit"] - money.get("credit", np.zeros(len(entries), np.int64))
        return found
    return money["outstanding"]


def _comes_to(entries: Entries, at: int, words: dict[int, str]) -> bool:
    """Whether the amount of a row is the sum of rows above it: of all, of those since another such row, or of its customer."""
    values = _figures(entries)
    plain = np.ones(len(entries), bool)
    plain[[k for k in words if _is_total(words[k])]] = False
    wanted = int(values[at])
    before = np.flatnonzero(plain[:at])
    if len(before) < 1:
        return False
    sums = np.cumsum(values[before])
    starts = [0, *(int(np.searchsorted(before, k)) for k in words if k < at)]
    if any(int(sums[-1] - (sums[start - 1] if start else 0)) == wanted for start in starts if start < len(before)):
        return True
    for name in ("customer_id", "currency"):
        column = entries.texts(name)
        mine = pc.equal(column, column[at]).to_numpy() & plain
        if mine[:at].any() and int(values[:at][mine[:at]].sum()) == wanted:
            return True
    return int(values[plain].sum()) == wanted


def _answer(source: Source, word: str) -> str:
    """What the user says of a word: "invoice" or "ignore", "" where nothing."""
    answers = source.options.types
    found = next((meaning for name, meaning in answers.items() if name.strip().lower() == word.lower()), "")
    return meanings.TYPES.get(found, "")


def _ask(entries: Entries, rows: dict[int, str], decisions: Decisions) -> None:
    for word in list(dict.fromkeys(rows.values()))[:MOST]:
        mask = np.zeros(len(entries), bool)
        mask[[k for k, label in rows.items() if label == word]] = True
        lines = entries.lines[mask]
        places = ", ".join(decisions.place(int(line)) for line in lines[:PLACES])
        more = ", …" if len(lines) > PLACES else ""
        sentence = (
            f"“{word}” ({places}{more}: {counted(len(lines), 'row')}, {told(entries, mask)}) seems to carry a balance on "
            "or to be a total, though it stands like an invoice."
        )
        choices = tuple((f"{word}={code}", label) for code, label in ANSWERS.items())
        argument = f'--types "{word}={"|".join(ANSWERS)}"'
        decisions.questions.append(Question("types", "kind", "", sentence, choices, argument, word))
