"""Is what is open never more than what was invoiced, and what was invoiced, where a file says only what is open?"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Question
from insights.ingest.entries import Entries, codes
from insights.ingest.normalise import explained, implied, unused
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.match import words
from insights.ingest.recognise.source import Source
from insights.messages.problems import counted

FEWEST_ABOVE = 2  # rows in which more is open than was invoiced, from which the column is doubted
SOME = 0.1  # of the rows
SAME_RATE = 1e-4  # nearer to 1, a rate converts nothing
MOST_OF = 0.5  # of the rows: those at the rate, or open in full where a column is what was invoiced


def ask(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Asks about an outstanding amount that exceeds the amount or is it at a rate, and about the amount where there is none."""
    _ask_more_than_invoiced(source, entries, decisions)
    _ask_at_a_rate(source, entries, decisions)
    without_amount = not {"amount", "debit", "credit"} & {*entries.money, *source.options.maps}
    if "outstanding" in entries.money and without_amount and not _ask_original(source, entries, decisions):
        _ask_amount(source, entries, decisions)


def _ask_original(source: Source, entries: Entries, decisions: Decisions) -> bool:
    """Asks about "amount due" beside what was paid, where some was paid to the cent and none is 0: it may be the original."""
    if "paid_amount" not in entries.money or "outstanding" in source.options.maps:
        return False
    if any(question.field in {"outstanding", "amount"} for question in decisions.questions):
        return False
    due, paid = (np.abs(entries.money[name]) for name in ("outstanding", "paid_amount"))
    rows = ~entries.missing["outstanding"] & ~entries.missing["paid_amount"]
    if not (rows & (paid > 0) & (paid == due)).any() or (rows & (paid > 0) & (due == 0)).any():
        return False
    header, other = (entries.headers[name] for name in ("outstanding", "paid_amount"))
    same = int((rows & (paid > 0) & (paid == due)).sum())
    sentence = (
        f"“{other}” equals “{header}” in {counted(same, 'row')}, and “{header}” is 0 in none that was paid: it may be what was "
        "invoiced, not what is still open."
    )
    left = np.sign(entries.money["outstanding"]) * np.maximum(due - paid, 0)
    choices = (
        (f"amount={header}", f"“{header}” is what was invoiced: {unused.owed(entries, left)}"),
        (f"outstanding={header}", f"“{header}” is what is still open: {unused.owed(entries, entries.money['outstanding'])}"),
    )
    argument = f'--map amount="{header}" or --map outstanding="{header}"'
    decisions.questions.append(Question("maps", "amount", header, sentence, choices, argument, header))
    return True


def redundant(entries: Entries) -> set[str]:
    """Headers of columns that say again what others prove: what is left of the amount, or the sum of each customer's rows."""
    if "amount" not in entries.money:
        return set()
    whole, rows = np.abs(entries.money["amount"]), ~entries.missing["amount"]
    headers = set()
    customer = codes([entries.texts("company"), entries.texts("customer_id"), entries.texts("customer_name")])
    left = entries.money.get("outstanding", entries.money["amount"])
    of_customer = np.bincount(customer, weights=left.astype(np.float64))[customer] if len(customer) else np.zeros(0)
    several = bool(len(customer) and np.bincount(customer).max() > 1)
    for header, values in implied.further_amounts(entries).values.items():
        if "paid_amount" in entries.money and (np.abs(values) == whole - np.abs(entries.money["paid_amount"]))[rows].all():
            headers.add(header)
        if _is_what_was_paid(entries, values, rows):
            headers.add(header)
        if several and (np.abs(of_customer - values) <= 1).all():
            headers.add(header)
    return headers


def _is_what_was_paid(entries: Entries, values: np.ndarray, rows: np.ndarray) -> bool:
    """Whether figures are the amount less what is open in every row, some of them: what is open says it already."""
    if "outstanding" not in entries.money or "paid_amount" in entries.money:
        return False
    paid = np.abs(entries.money["amount"]) - np.abs(entries.money["outstanding"])
    known = rows & ~entries.missing["outstanding"]
    return bool((paid > 0)[known].any() and (np.abs(values) == paid)[known].all())


def _ask_more_than_invoiced(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Asks whether a column that often exceeds the amount is what is open of a row: it may hold what was owed before as well."""
    if not _is_open_by_name(source, entries):
        return
    whole, left, rows = _open_rows(entries)
    above = rows & (left > whole + 1) & (np.sign(entries.money["amount"]) == np.sign(entries.money["outstanding"]))
    if above.sum() < FEWEST_ABOVE or above.sum() < SOME * rows.sum() or _are_fees(entries, left - whole, above):
        return
    rest, amount = entries.headers["outstanding"], entries.headers["amount"]
    sentence = (
        f"“{rest}” exceeds “{amount}” in {above.sum():,} of {counted(int(rows.sum()), 'row')}: it may hold what was owed before, "
        "or be of another matter than what is open of each invoice."
    )
    without = f"it is not what is open of each invoice: {unused.owed(entries, entries.money['amount'])}"
    used = "it is what is open: rows in which it exceeds the amount are set aside"
    decisions.questions.append(_outstanding_question(rest, sentence, without, used))


def _ask_at_a_rate(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Asks whether a balance is in the currency of the books, where it is mostly the amount at the rate of the row."""
    if not _is_open_by_name(source, entries):
        return
    rates = [name for name, column in entries.further.items() if pa.types.is_floating(column.type) and _is_rate(name)]
    if not rates or any(question.field in {"outstanding", "amount"} for question in decisions.questions):
        return
    rate = pc.fill_null(entries.further[rates[0]], np.nan).to_numpy()
    whole, left, rows = _open_rows(entries)
    rows &= np.isfinite(rate) & (rate > 0)
    rows &= np.abs(rate - 1) > SAME_RATE
    factor = np.where(rows, rate, 1.0)
    at_rate = [np.abs(whole * at - left) <= implied.RATE_ERROR * left + 1 for at in (factor, 1 / factor)]
    if rows.sum() < FEWEST_ABOVE or max(float(holds[rows].mean()) for holds in at_rate) <= MOST_OF or (whole == left)[rows].any():
        return
    rest, amount = entries.headers["outstanding"], entries.headers["amount"]
    sentence = (
        f"“{rest}” is “{amount}” at the “{rates[0]}” of the row, where that is not 1: it seems to be in the currency of the "
        "company's own books, not in that of the document."
    )
    without = f"go on without it: {unused.owed(entries, entries.money['amount'])}"
    used = f"it is what is open as it stands: {unused.owed(entries, entries.money['outstanding'])}"
    decisions.questions.append(_outstanding_question(rest, sentence, without, used))


def _open_rows(entries: Entries) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(amount, outstanding, rows) without their signs: int64 each, and the rows of which something is open by both."""
    whole, left = (np.abs(entries.money[name]) for name in ("amount", "outstanding"))
    return whole, left, ~entries.missing["amount"] & ~entries.missing["outstanding"] & (left > 0)


def _is_open_by_name(source: Source, entries: Entries) -> bool:
    """Whether amount and outstanding are known, and the latter by nothing but what its column is called."""
    by = {match.field: match.proof for match in source.matches if match.accepted}
    return {"amount", "outstanding"} <= set(entries.money) and by.get("outstanding") in {"name", "spelling"}


def _outstanding_question(header: str, sentence: str, without: str, used: str) -> Question:
    """Whether a column is what is open: what follows `without` it, and where it is `used`."""
    argument = f'--map outstanding= or --map outstanding="{header}"'
    return Question("maps", "outstanding", header, sentence, (("", without), (header, used)), argument)


def _is_rate(header: str) -> bool:
    return re.search(f"{implied.RATE}|^(?:fx )?rate$", words(header)) is not None


def _are_fees(entries: Entries, more: np.ndarray, above: np.ndarray) -> bool:
    """Whether a column of fees or interest holds what is more."""
    return any(
        re.search(explained.FEE, words(header))
        and bool((np.abs(implied.further_amounts(entries).values[header]) == more)[above].any())
        for header, column in entries.further.items()
        if pa.types.is_floating(column.type)
    )


def _ask_amount(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Asks about a column that is what is open, or more, in every row: then it may be what was invoiced."""
    if any(question.field in {"outstanding", "amount"} for question in decisions.questions):
        return
    further, left = implied.further_amounts(entries), np.abs(entries.money["outstanding"])
    rows = ~entries.missing["outstanding"] & (left > 0)
    for header in unused.free(source, entries, decisions):
        if header not in further.values or re.search(f"{implied.NO_AMOUNT}|{implied.RUNNING}", words(header)):
            continue
        values = np.abs(further.values[header])
        mine = rows & further.there[header]
        if not mine.any() or (values < left - 1)[mine].any() or not (values > left + 1)[mine].any():
            continue
        if (values == left)[mine].mean() >= MOST_OF:
            decisions.questions.append(_amount_question(entries, header))
            return


def _amount_question(entries: Entries, header: str) -> Question:
    rest = entries.headers.get("outstanding", "outstanding")
    sentence = (
        f"Column “{header}” ({unused.samples(entries.further[header])}) is never less than “{rest}”: it may be what was "
        f"invoiced, of which “{rest}” is still open."
    )
    choices = (
        (header, f"“{header}” is what was invoiced"),
        ("", f"it is not: what was invoiced is not known, and “{rest}” counts"),
    )
    return Question("maps", "amount", header, sentence, choices, f'--map amount="{header}" or --map amount=')
