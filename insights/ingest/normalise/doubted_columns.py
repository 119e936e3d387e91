"""Do the figures of a file say that another column than the one with the name is meant?

The amount of the books beside that of the document, the total of a document beside the share of each instalment, what was billed
beside what is to be paid of it, and one customer on every row beside the ids of others.
Each is asked about, unless the user chose.
"""

import re
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Question
from insights.ingest.entries import Entries, codes
from insights.ingest.normalise import implied, unused
from insights.ingest.normalise.implied import RowAmounts
from insights.ingest.recognise.dates import UNREADABLE
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.match import words
from insights.ingest.recognise.meanings import distinct
from insights.ingest.recognise.source import Source

BY_NAME = {"name", "spelling", "content"}
NEARLY_ALL = 0.9  # of the rows in which another column fits better
SPREAD = 1.3  # of the rates of one currency within a file: the highest over the lowest
FEWEST = 2  # rows, documents or customers from which figures are no chance
FEWEST_ALIKE = 3  # rows of one customer
MOST_CURRENCIES = 30
OF_CURRENCY = (  # of a header, as `words` has it
    r"foreign|\bdoc|\bf?cy?\b|curr|devise|etrang|valut|wahrung|fremd|divisa|moneda|moeda|estrang|extranj|ester|cizi|men[ay]|walut|obc"
)


def ask(source: Source, entries: Entries, decisions: Decisions) -> None:
    """At most one question per field; none about a column that the user or a preset chose."""
    if not len(entries):
        return
    _ask_customer(source, entries, decisions)
    free = [header for header in unused.free(source, entries, decisions) if pa.types.is_floating(entries.further[header].type)]
    if not free or "amount" not in entries.money or not _is_doubtful(source, decisions, "amount"):
        return
    figures = implied.further_amounts(entries)
    for doubt in (
        _of_books(source, entries, figures, free),
        _of_instalments(entries, figures, free),
        _to_pay(entries, figures, free),
    ):
        if question := next(doubt, None):
            decisions.questions.append(question)
            return


def _is_doubtful(source: Source, decisions: Decisions, field: str) -> bool:
    proof = {entry.field: entry.proof for entry in source.matches if entry.accepted}.get(field)
    return (
        proof in BY_NAME
        and field not in source.options.maps
        and not any(question.field == field and question.option == "maps" for question in decisions.questions)
    )


def _question(entries: Entries, header: str, values: np.ndarray, sentence: str, *further: tuple[str, str]) -> Question:
    """Which of two columns is the amount: the one that the figures speak for first."""
    amount = entries.headers["amount"]
    choices = (
        (f"amount={header}", f"“{header}”: {unused.owed(entries, values)}"),
        (f"amount={amount}", f"“{amount}”: {unused.owed(entries, entries.money['amount'])}"),
        *further,
    )
    argument = " or ".join(f'--map {field}="{column}"' for field, _, column in (value.partition("=") for value, _ in choices))
    return Question("maps", "amount", amount, f"{sentence} Which one is owed?", choices, argument, header)


# The currency of the document, and that of the books


def _of_books(source: Source, entries: Entries, figures: RowAmounts, free: list[str]) -> Iterator[Question]:
    """Columns that equal the amount in one currency, and stand to it in a rate in another one."""
    encoded = entries.texts("currency").combine_chunks().dictionary_encode()
    if "currency" not in source.columns or not 1 < len(encoded.dictionary) <= MOST_CURRENCIES:
        return
    of, amount = encoded.indices.to_numpy(zero_copy_only=False), entries.money["amount"]
    rows = ~entries.missing["amount"] & (amount != 0)
    names = encoded.dictionary.to_pylist()
    for header in free:
        if re.search(f"{implied.TAX}|{implied.NET}|{implied.NO_AMOUNT}", words(header)):
            continue
        values = np.where(figures.there[header], figures.values[header], 0)
        foreign = [k for k in range(len(names)) if _in_rate(amount, values, rows & (of == k))]
        rest = rows & ~np.isin(of, foreign)
        alone = bool((values == 0)[rest].all())  # it says nothing of the other rows
        if not foreign or not rest.any() or not (alone or (values == amount)[rest].all()):
            continue
        if alone and not re.search(OF_CURRENCY, words(header)):
            continue
        currency = source.table.headers[source.columns["currency"]]
        codes = " and ".join(names[k] for k in foreign)
        sentence = (
            f"“{entries.headers['amount']}” and “{header}” differ in the rows in {codes} only: one is in the currency of the "
            "document, the other in that of the company's books."
        )
        in_books = ("currency=", f"“{entries.headers['amount']}”, all in the currency of the books, without “{currency}”")
        question = _question(entries, header, values, sentence, in_books)
        yield Question(**{**vars(question), "choices": question.choices[1:]}) if alone else question


def _in_rate(amount: np.ndarray, values: np.ndarray, rows: np.ndarray) -> bool:
    """Whether the amounts of some rows all stand to others in one rate, which is not 1."""
    if not rows.any() or (values[rows] == 0).any():
        return False
    rates = amount[rows] / values[rows]
    return bool((rates > 0).all() and rates.max() <= SPREAD * rates.min() and (np.abs(rates - 1) > 1 / 1000).all())


# The total of the document, and the share of each row


def _of_instalments(entries: Entries, figures: RowAmounts, free: list[str]) -> Iterator[Question]:
    """Columns that add up to the amount, which stands on each of several rows of a document with days of their own."""
    numbers, due = entries.texts("invoice_id"), entries.dates("due_date")
    amount, rows = entries.money["amount"], ~entries.missing["amount"]
    filled = pc.not_equal(numbers, "").to_numpy()
    key = codes([entries.texts("company"), entries.texts("customer_id"), entries.texts("customer_name"), numbers])
    first = np.unique(key, return_index=True)[1]
    several = np.bincount(key) > 1
    same, differ = np.ones(len(first), bool), np.zeros(len(first), bool)
    np.logical_and.at(same, key, (amount == amount[first[key]]) & rows & filled)
    np.logical_or.at(differ, key, (due != due[first[key]]) & (due > UNREADABLE))
    documents = several & same & differ
    if not documents.any():
        return
    for header in free:
        values, there = figures.values[header], figures.there[header]
        total = np.zeros(len(first), np.int64)
        np.add.at(total, key, np.where(there, values, 0))
        if (np.abs(total - amount[first]) <= 1)[documents].all() and (values[first] != amount[first])[documents].any():
            number = numbers[int(first[np.flatnonzero(documents)[0]])].as_py()
            sentence = (
                f"“{entries.headers['amount']}” is the same on each row of “{number}”, and “{header}” adds up to it: one is the "
                "total of the document, the other the share of each row."
            )
            yield _question(entries, header, values, sentence)


# What was billed, and what is to be paid of it


def _to_pay(entries: Entries, figures: RowAmounts, free: list[str]) -> Iterator[Question]:
    """Columns of which what is open is what was not paid, where that is not so of the amount."""
    money, missing = entries.money, entries.missing
    if not {"paid_amount", "outstanding"} <= set(money):
        return
    rows = ~missing["amount"] & ~missing["paid_amount"] & ~missing["outstanding"]
    paid, left = np.abs(money["paid_amount"]), np.abs(money["outstanding"])
    wrong = rows & (np.abs(np.abs(money["amount"]) - paid - left) > 1)
    if wrong.sum() < FEWEST or wrong.sum() < NEARLY_ALL * rows.sum():
        return
    for header in free:
        values = np.abs(figures.values[header])
        if (np.abs(values - paid - left) <= 1)[rows].mean() >= NEARLY_ALL:
            names = [entries.headers[name] for name in ("amount", "paid_amount", "outstanding")]
            sentence = f"“{names[2]}” is “{header}” less “{names[1]}”, and not “{names[0]}” less it."
            yield _question(entries, header, figures.values[header], sentence)


# One customer


def _ask_customer(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Asks who the customer is where each row names the same one, and two other columns name several, one by the other."""
    columns = source.columns
    if "customer_name" in columns or len(entries) < FEWEST_ALIKE or not _is_doubtful(source, decisions, "customer_id"):
        return
    if len(set(distinct(entries.texts("customer_id")))) > 1:
        return
    several = [header for header in unused.free(source, entries, decisions) if _is_of_several(entries, header)]
    pair = next((pair for pair in combinations(several, 2) if _go_together(entries, pair)), None)
    if pair is None:
        return
    own, samples = entries.headers["customer_id"], [f"“{name}” ({unused.samples(entries.further[name])})" for name in pair]
    same = entries.texts("customer_id")[0].as_py()
    sentence = f"Each row has the same customer “{same}” in column “{own}”, while {' and '.join(samples)} go together and differ."
    choices = tuple((column, f"“{column}” is the customer") for column in (*pair, own))
    argument = " or ".join(f'--map customer_id="{column}"' for column, _ in choices)
    decisions.questions.append(Question("maps", "customer_id", own, sentence, choices, argument))


def _go_together(entries: Entries, pair: tuple[str, str]) -> bool:
    """Whether each value of one further column stands with one of the other, and the other way round."""
    texts = [entries.further[header].cast(pa.string()) for header in pair]
    return len({int(codes(columns).max()) for columns in (texts, texts[:1], texts[1:])}) == 1


def _is_of_several(entries: Entries, header: str) -> bool:
    """Whether a further column is filled on every row, and names several of which some come again."""
    column = entries.further[header]
    if not pa.types.is_string(column.type) and not pa.types.is_floating(column.type):
        return False
    texts = pc.fill_null(column.cast(pa.string()), "")
    different = pc.count_distinct(texts).as_py()
    return bool(FEWEST <= different < len(texts) and not pc.any(pc.equal(texts, "")).as_py())
