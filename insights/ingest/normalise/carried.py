"""Which rows bear a number or a day like an invoice, but say that they carry a balance on, or that they are a total?

A total whose rows come to it is one, and stands as a witness. Everything else that is called so is asked about: what was carried
over may be owed, or stand in the file a second time.
"""

import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import repeats
from insights.ingest.draft import Question
from insights.ingest.entries import Entries
from insights.ingest.normalise.words_asked import total
from insights.ingest.recognise import groups, meanings
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.source import Source
from insights.messages.problems import counted

BESIDE = (  # days, figures and currencies beside such a word
    r"[\s\W\d]*(?:(?:per|as of|as at|am|zum|vom|al|au|em|a|op|pr|dne|från|fra|from|until|eur|usd|gbp|chf|sek|dkk|nok|pln|brl)\b"
    r"[\s\W\d]*)*"
)
LIKE_TOTAL = (
    r"(?i)^\W*(?:(?:sub|grand|end|zwischen|sous)[ -]?)?(?:totals?|totaal|totale|totales|totais|summe|somma|suma|soma|razem)\b"
)
FEWEST = 2  # rows that a row which is only called like a total must sum up
MOST_LIKELY = 500  # such rows that are looked at
PLACES = 3  # rows that a question names
FIELDS = ("invoice_id", "customer_name", "customer_id", "line", "reference")
MOST = 6  # words that are asked one by one
MOST_OF = 2 / 3  # of the rows at most: a word on more of them is no exception
ANSWERS = {"invoice": "an invoice: it is owed besides the others", "ignore": "no invoice: it is left out"}
CARRIES = "carried"
AMOUNTS = ("amount", "debit", "outstanding")


@cache
def says(*lists: str) -> str:
    """What a cell says, as a whole, by some of the lists."""
    words = [word for name in lists for word in meanings.listed("rows", name)]
    return rf"(?i)^\W*(?:{'|'.join(words)}){BESIDE}$"


def settle(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Takes out totals that their rows prove, and what the user says is no invoice; asks about the rest."""
    amount = next((name for name in AMOUNTS if name in entries.money), "")
    if not amount or not len(entries):
        return
    exact = _words(entries, _labels(entries, "carried", "total"))
    exact = _without_names(entries, exact) if len(exact) <= MOST_OF * len(entries) else {}
    likely = _words(entries, _labels(entries, like_total=True))
    likely = {k: word for k, word in likely.items() if k not in exact} if len(likely) <= MOST_LIKELY else {}
    proven = _proven(entries, {k for k, word in exact.items() if _is_total(word)}, likely, set(exact))
    dropped = np.zeros(len(entries), bool)
    dropped[proven] = True
    answers = {word: _answer(source, word) for word in dict.fromkeys(exact.values())}
    rest = [k for k in exact if not dropped[k]]
    _ask(entries, {k: exact[k] for k in rest if not answers[exact[k]]}, decisions)
    left_out = np.zeros(len(entries), bool)
    left_out[[k for k in rest if answers[exact[k]] == meanings.IGNORE]] = True
    if proven:
        decisions.note("totals_left_out", entries.headers.get(amount, amount), total(entries, dropped), len(proven))
        entries.keep(~dropped, "total")
        left_out = left_out[~dropped]
    entries.keep(~left_out, CARRIES)


def types(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Says what counts by its sign alone, since its type is neither an invoice nor a payment: journals, discounts."""
    if "kind" not in entries.text or not any(name in entries.money for name in AMOUNTS):
        return
    texts, preset = entries.texts("kind"), source.preset
    asked = {question.word for question in decisions.questions}
    for word in meanings.distinct(texts):
        meaning = meanings.of_type(word, preset.kinds, source.options.types)
        mine = pc.equal(texts, word).to_numpy() & (_figures(entries) != 0)
        if meaning == meanings.ENTRY and word not in asked and mine.any():
            value = f"“{word}”, {total(entries, mine)}"
            decisions.note("counted_by_sign", entries.headers.get("kind", "kind"), value, int(mine.sum()))


def _words(entries: Entries, labels: pa.ChunkedArray | None) -> dict[int, str]:
    """Position -> label of the rows with one and with an amount, in the order of the file."""
    if labels is None:
        return {}
    at = np.flatnonzero(pc.not_equal(labels, "").to_numpy())
    at = at[_figures(entries)[at] != 0]
    return dict(zip(at.tolist(), labels.take(pa.array(at)).to_pylist(), strict=True))


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


def _labels(entries: Entries, *lists: str, like_total: bool = False) -> pa.ChunkedArray | None:
    """The first text of each row that says so, "" where none does; None where no row does.

    By the lists as a whole cell, or, with `like_total`, a text that begins or ends like a total.
    """
    labels = None
    for column, further in _texts(entries):
        pattern = f"{LIKE_TOTAL}|{groups.TOTAL.removeprefix('(?i)')}" if like_total else says(*lists, *further)
        tells = repeats.says(column, pattern)
        if not tells.any():
            continue
        label = pc.if_else(pa.chunked_array([pa.array(tells)]), pc.utf8_trim_whitespace(column), "")
        labels = label if labels is None else pc.if_else(pc.equal(labels, ""), label, labels)
    return labels


def _texts(entries: Entries) -> Iterator[tuple[pa.ChunkedArray, tuple[str, ...]]]:
    """The columns of texts, and the lists that count there besides."""
    yield from ((entries.text[name], ("transport",)) for name in FIELDS if name in entries.text)
    for column in entries.further.values():
        if pa.types.is_string(column.type):
            yield pc.fill_null(column, ""), ()


def _is_total(word: str) -> bool:
    return bool(pc.match_substring_regex(pa.scalar(word), says("total")).as_py())


def _figures(entries: Entries) -> np.ndarray:
    """What each row asks for, in minor units."""
    money = entries.money
    if "amount" in money:
        return money["amount"]
    if "debit" in money:
        figures: np.ndarray = money["debit"] - money.get("credit", np.zeros(len(entries), np.int64))
        return figures
    return money["outstanding"]


def _proven(entries: Entries, exact: set[int], likely: dict[int, str], excluded: set[int]) -> list[int]:
    """Positions of the totals to whose amount rows above them come: all, those since the total before, or of their customer.

    What is only called like a total must sum up several rows, or those of the customer that it names. `excluded`: rows that may
    be no invoices themselves.
    """
    values = _figures(entries)
    plain = np.ones(len(entries), bool)
    plain[sorted(excluded)] = False
    proven: list[int] = []
    for at in sorted(exact | set(likely)):
        fewest = 1 if at in exact else FEWEST
        since = proven[-1] + 1 if proven else 0
        rows = [plain[:at] & (np.arange(at) >= start) for start in {0, since}]
        rows += [plain[:at] & mine[:at] for mine in _of_same(entries, at)]
        sums = [np.count_nonzero(mine) >= fewest and int(values[:at][mine].sum()) == int(values[at]) for mine in rows]
        of_name = _named_in(entries, likely.get(at, ""))[:at] & plain[:at] if at in likely else np.zeros(at, bool)
        whole = at in exact and plain.any() and int(values[plain].sum()) == int(values[at])
        if any(sums) or whole or (of_name.any() and int(values[:at][of_name].sum()) == int(values[at])):
            proven.append(at)
            plain[at] = False
    return proven


def _of_same(entries: Entries, at: int) -> list[np.ndarray]:
    return [pc.equal(entries.texts(name), entries.texts(name)[at]).to_numpy() for name in ("customer_id", "currency")]


def _named_in(entries: Entries, label: str) -> np.ndarray:
    """Which rows are of the customer that a label names beside its word: "Total Alpha", "Beta gesamt"."""
    name = re.sub(rf"{LIKE_TOTAL}|{groups.TOTAL.removeprefix('(?i)')}", " ", label).strip(" :-").lower()
    is_named = np.zeros(len(entries), bool)
    if name:
        for field in ("customer_id", "customer_name"):
            is_named |= pc.equal(pc.utf8_lower(entries.texts(field)), name).to_numpy()
    return is_named


def _answer(source: Source, word: str) -> str:
    """What the user says of a word: "invoice" or "ignore", "" where nothing."""
    answers = source.options.types
    answer = next((meaning for name, meaning in answers.items() if name.strip().lower() == word.lower()), "")
    return meanings.TYPES.get(answer, "")


def _ask(entries: Entries, rows: dict[int, str], decisions: Decisions) -> None:
    for word in list(dict.fromkeys(rows.values()))[:MOST]:
        mask = np.zeros(len(entries), bool)
        mask[[k for k, label in rows.items() if label == word]] = True
        lines = entries.lines[mask]
        places = ", ".join(decisions.place(int(line)) for line in lines[:PLACES])
        more = ", …" if len(lines) > PLACES else ""
        sentence = (
            f"“{word}” ({places}{more}: {counted(len(lines), 'row')}, {total(entries, mask)}) seems to carry a balance on "
            "or to be a total, though it stands like an invoice."
        )
        choices = tuple((f"{word}={code}", label) for code, label in ANSWERS.items())
        argument = f'--types "{word}={"|".join(ANSWERS)}"'
        decisions.questions.append(Question("types", "kind", "", sentence, choices, argument, word))
