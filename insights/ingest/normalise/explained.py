"""Which contradictions does the file itself explain: more paid than invoiced, fees on top, a retention that is due years later?

What is explained is no contradiction: it is kept, and said.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.entries import VALUE_LENGTH, Entries
from insights.ingest.recognise import ageing
from insights.ingest.recognise.header_words import speaks_of
from insights.ingest.recognise.match import words
from insights.ledger.ledger import ON_ACCOUNT, Problem

FEE = (
    r"\b(?:fees?|interest|charges?|penalty|surcharge|zins|zinsen|mahngebuhr|mahngebuhren|gebuhr|frais|interets|interes|juros|multa|"
    r"rente)\b"
)
RETENTION = (
    r"(?i)(?:^|[^a-zäöü])(?:ret|retn|retention|retainage|holdback|einbehalt|sicherheitseinbehalt|gewährleistungseinbehalt|"
    r"retenue|retenci[oó]n|reten[cç][aã]o|inhouding|ritenuta|kaucja)(?:[^a-zäöü]|$)"
)
MINORITY = 0.5  # of the rows with something outstanding; more is a matter of signs, not of payments


def amounts(entries: Entries) -> None:
    """Money that was paid beyond the invoice is on account; fees that a column names belong to the amount."""
    if "outstanding" in entries.money and "amount" in entries.money:
        _overpaid(entries)
        _fees(entries)


def allowances(entries: Entries) -> None:
    """Discounts, credits and write-offs count as paid where they make up the amount together with what was paid.

    In every row that has both: then what is left is not owed.
    """
    if "outstanding" in entries.money or not {"amount", "paid_amount"} <= set(entries.money):
        return
    if "allowance" in entries.money:  # the user says so
        amount, paid, more = (np.abs(entries.money[name]) for name in ("amount", "paid_amount", "allowance"))
        entries.set_money(
            "paid_amount", np.minimum(paid + more, np.maximum(amount, paid)), entries.missing["paid_amount"] & (more == 0)
        )
        entries.note("allowances_counted", entries.headers["allowance"], number=int((more > 0).sum()))
        return
    amount, paid = (np.abs(entries.money[name]) for name in ("amount", "paid_amount"))
    for header, column in entries.further.items():
        if not pa.types.is_floating(column.type) or not speaks_of("allowances", header):
            continue
        more = np.abs(ageing.figures(entries, header))
        both = (more > 0) & (paid > 0) & (paid < amount)
        if both.any() and (np.abs(paid + more - amount) <= 1)[both].all():
            entries.money["paid_amount"] = np.where(both, amount, paid)
            entries.note("allowances_counted", header, number=int(both.sum()))
            return


def _overpaid(entries: Entries) -> None:
    amount, left = entries.money["amount"], entries.money["outstanding"]
    known = ~entries.missing["outstanding"] & ~entries.missing["amount"]
    over = known & (amount > 0) & (left < 0)
    if not over.any() or over.sum() > MINORITY * (known & (left != 0)).sum():
        return
    texts, header = entries.texts("outstanding"), entries.headers.get("outstanding", "outstanding")
    for k in np.flatnonzero(over).tolist():
        value = texts[k].as_py()[:VALUE_LENGTH]
        entries.remarks.append(Problem(int(entries.lines[k]), header, value, "overpaid", set_aside=False))
    paid = over & entries.has_day("paid_date")
    entries.money["outstanding"] = np.where(paid, 0, left)
    rest = over & ~paid
    entries.money["amount"] = np.where(rest, left, amount)
    kind = pa.chunked_array([pa.array(rest)])
    entries.text["kind"] = pc.if_else(kind, ON_ACCOUNT, entries.texts("kind"))


def _fees(entries: Entries) -> None:
    amount, left = entries.money["amount"], entries.money["outstanding"]
    more = ~entries.missing["outstanding"] & ~entries.missing["amount"] & (amount > 0) & (left > amount)
    if not more.any():
        return
    for header, column in entries.further.items():
        if not pa.types.is_floating(column.type) or not pc.match_substring_regex(pa.scalar(words(header)), FEE).as_py():
            continue
        explained = more & (amount + ageing.figures(entries, header) == left)
        if explained.any():
            entries.money["amount"] = np.where(explained, left, amount)
            entries.note("fees_added", header, number=int(explained.sum()))
            return


def is_retention(entries: Entries, rows: np.ndarray) -> np.ndarray:
    """Which of the `rows` (bool) say in some text that they are a part kept back until years later."""
    retained = np.zeros(len(entries), bool)
    at = pa.array(np.flatnonzero(rows))
    texts = [entries.texts(name) for name in ("invoice_id", "type", "terms", "line") if name in entries.text]
    texts += [column for column in entries.further.values() if pa.types.is_string(column.type)]
    for column in texts:
        retained[rows] |= pc.match_substring_regex(pc.fill_null(column.take(at), ""), RETENTION).to_numpy()
    return retained
