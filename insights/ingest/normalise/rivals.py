"""Which of several columns is meant, where more than one bears a name of the same field and they do not say the same?

What the figures prove decides: gross is net and tax, open is amount less paid, a running balance is the sum so far. Else it is
asked, with the values of each column and what it comes to.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Match, Question
from insights.ingest.entries import Entries, codes
from insights.ingest.grid import Grid
from insights.ingest.normalise.words_asked import money
from insights.ingest.recognise import currencies, match, meanings, numbers
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.source import Source
from insights.ledger.money import exponent

MONEY = ("amount", "outstanding", "paid_amount")
RIVALLED = ("customer_id", "invoice_id", "issue_date", "due_date", "paid_date", *MONEY, "currency", "kind", "status")
PROVEN = ("amount", "outstanding")
BY_NAME = {"name", "spelling"}
TAX = r"\b(?:tax|vat|gst|mwst|ust|umsatzsteuer|mehrwertsteuer|tva|taxe|iva|btw|moms|podatek|impuesto|imposto|steuer)\b|^消費税"
NO_TAX = r"\b(?:rate|code|id|number|no|incl|inkl|excl|exkl|satz|taux|percent|net|type|date)\b"
DIGIT = re.compile(r"\d")
AMOUNT = r"^\W*\d[\d .,']*[.,]\d{2}\W*$"
CENT = 0.011
EXACT = 0.0005  # sums of minor units leave nothing over; a cent of tolerance would prove anything of an invoice of cents
HEAD = 2000  # rows in which a balance that does not run shows it
FEWEST = 2  # rows from which a sum is a proof
SEVERAL = 3  # customers from which it is no chance that each has a company of its own


@dataclass(frozen=True)
class NumericColumns:
    """The columns of a file as numbers, read when asked for; NaN where a cell is none."""

    body: Grid
    mark: str

    def of(self, at: int) -> np.ndarray:
        cells = numbers.column(self.body.columns[at], self.body.typed[at])
        values, _ = cells.values(next(iter(cells.proofs()), self.mark))
        figures: np.ndarray = values.cast(pa.float64()).fill_null(np.nan).to_numpy()
        return figures


def settle(source: Source, decisions: Decisions) -> Source:
    """A source whose columns of amounts are those that the figures prove. Before anything is read."""
    source = _of_books(source)
    figures = NumericColumns(source.table.body, source.options.decimal)
    matches = list(source.matches)
    for place, entry in enumerate(matches):
        if entry.proof not in BY_NAME or not entry.accepted:
            continue
        if entry.field == "outstanding" and _is_running(source, figures, entry):
            decisions.note("running_balance", entry.column)
            matches[place] = replace(entry, accepted=False)
        elif entry.field in PROVEN:
            matches[place] = _proven(source, figures, entry)
        elif (entry.field == "customer_id" and _is_no_customer(source, entry)) or (
            entry.field == "invoice_id" and _says_types(source, entry)
        ):
            matches[place] = replace(entry, accepted=False)
    for entry in matches:
        if entry.field == "amount" and entry.accepted and entry.proof in {*BY_NAME, "content"}:
            _say_without_tax(source, entry, decisions)
    return replace(source, matches=_customers_name(source, _named(matches)))


def _proven(source: Source, figures: NumericColumns, entry: Match) -> Match:
    """The only one of several columns of amounts that the figures prove; what was found where they prove none, or several."""
    others = _others(source, entry)
    is_proven = _is_gross if entry.field == "amount" else _is_left
    proven = [at for at in (_at(source, entry.column), *others) if is_proven(source, figures, at)] if others else []
    return replace(entry, column=source.table.headers[proven[0]], proof="content") if len(proven) == 1 else entry


def _customers_name(source: Source, matches: Sequence[Match]) -> tuple[Match, ...]:
    """A column that may be called like the company's or the customer's ("Firma") is the customer's name, if it names each one.

    Several customers, each with one of its own: no company has but one customer.
    """
    accepted = {entry.field: entry for entry in matches if entry.accepted}
    company, customer = accepted.get("company"), accepted.get("customer_id")
    if company is None or customer is None or company.proof not in BY_NAME or "customer_name" in accepted:
        return tuple(matches)
    cells = [source.table.body.columns[_at(source, entry.column)] for entry in (company, customer)]
    companies, customers = (pc.count_distinct(column).as_py() for column in cells)
    if companies < SEVERAL or companies < customers / 2:  # which is quick to see
        return tuple(matches)
    rows = source.parts().is_row
    texts = [column.filter(pa.array(rows)) for column in cells]
    different = {len(np.unique(codes(columns))) for columns in (texts, texts[:1], texts[1:])} if rows.any() else set()
    if len(different) != 1 or different.pop() < SEVERAL:
        return tuple(matches)
    renamed = replace(company, field="customer_name", proof="content")
    rest = [entry for entry in matches if entry is not company and entry.field != "customer_name"]
    return (*rest, renamed)


def _of_books(source: Source) -> Source:
    """A source whose outstanding amounts are in the company's own currency, where their header names one and the rows others.

    The amount beside it in the same currency is that of the books too.
    """
    accepted = {entry.field: entry for entry in source.matches if entry.accepted}
    rest, codes = accepted.get("outstanding"), accepted.get("currency")
    if rest is None or codes is None or rest.proof not in BY_NAME or "amount" not in accepted:
        return source
    named = match.currency_of(rest.column)
    column = source.table.body.columns[_at(source, codes.column)]
    others = {currencies.code_of(text, source.options.currencies) for text in pc.unique(column).to_pylist() if text} - {named}
    if not named or not others or match.currency_of(accepted["amount"].column):
        return source
    moved = [replace(entry, field="base_outstanding") if entry is rest else entry for entry in source.matches]
    for header in source.table.headers:
        is_amount = match.currency_of(header) == named and match.likeness_of("amount", header).proof
        if is_amount and "base_amount" not in accepted and header not in {entry.column for entry in accepted.values()}:
            samples = match.samples(source.table.body, _at(source, header))
            moved.append(Match("base_amount", header, match.UNIT, samples, proof=match.NAME))
            break
    return replace(source, matches=tuple(moved))


def _say_without_tax(source: Source, entry: Match, decisions: Decisions) -> None:
    """Notes that another column is without tax, as its name says, and is not what is owed."""
    grid, used = source.table.body, {other.column for other in source.matches if other.accepted}
    net = [
        header
        for at, header in enumerate(source.table.headers)
        if header not in used and match.only_proposes("amount", header) and match.fits(grid, at, "amount")
    ]
    if net:
        decisions.note("without_tax", entry.column, "”, “".join(net))


def _named(matches: Sequence[Match]) -> tuple[Match, ...]:
    """The customer's name identifies where no column of ids is left."""
    fields = {entry.field for entry in matches if entry.accepted}
    if "customer_id" in fields or "customer_name" not in fields:
        return tuple(matches)
    kept = [entry for entry in matches if entry.field != "customer_id"]
    return tuple(replace(entry, field="customer_id") if entry.field == "customer_name" else entry for entry in kept)


def _ask_paid_in_books(source: Source, decisions: Decisions) -> None:
    """Asks about a paid amount whose header names one currency, where the rows name others."""
    accepted = {entry.field: entry for entry in source.matches if entry.accepted}
    paid, codes = accepted.get("paid_amount"), accepted.get("currency")
    if paid is None or codes is None or paid.proof not in BY_NAME or not (named := match.currency_of(paid.column)):
        return
    column = source.table.body.columns[_at(source, codes.column)]
    others = {currencies.code_of(text, source.options.currencies) for text in pc.unique(column).to_pylist() if text} - {named, ""}
    if others and named != match.currency_of(accepted["amount"].column if "amount" in accepted else ""):
        codes_shown = ", ".join(sorted(others))
        sentence = f"“{paid.column}” says {named}, column “{codes.column}” says {codes_shown} too: what was paid is not clear."
        choices = (("", "go on without it: the amounts are open in full"), (paid.column, "each is in the currency of its row"))
        argument = f'--map paid_amount= or --map paid_amount="{paid.column}"'
        decisions.questions.append(Question("maps", "paid_amount", paid.column, sentence, choices, argument))


def ask(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Asks which column is meant, of each field that several columns may be, and differ."""
    _ask_paid_in_books(source, decisions)
    body = source.table.body.take(np.flatnonzero(np.isin(source.table.body.lines, entries.lines)))
    for entry in source.matches:
        if entry.accepted and entry.proof in BY_NAME and entry.field in RIVALLED:
            others = list(_others(source, entry))
            if entry.field == "customer_id" and not others and (name := _names_differ(source, entry)) is not None:
                others = [name]
            if others:
                decisions.questions.append(_question(source, entries, body, entry, others))


def _at(source: Source, header: str) -> int:
    return source.table.headers.index(header)


def _others(source: Source, entry: Match) -> list[int]:
    """Columns that bear a name of the same field, are no other field's, and do not say the same."""
    grid, headers = source.table.body, source.table.headers
    used = {other.column for other in source.matches if other.accepted}
    weak = match.is_weak(entry.field, entry.column)
    mine = grid.columns[_at(source, entry.column)]

    def rivals() -> Iterator[int]:
        for at, header in enumerate(headers):
            if header in used or not match.likeness_of(entry.field, header).proof:
                continue
            if (weak or not match.is_weak(entry.field, header)) and match.fits(grid, at, entry.field):
                filled = pc.not_equal(grid.columns[at], "")
                if entry.field == "invoice_id" and _are_amounts(grid.columns[at].filter(filled)):
                    continue
                if pc.any(pc.and_(filled, pc.not_equal(grid.columns[at], mine))).as_py():
                    yield at

    return list(rivals())


def _are_amounts(cells: pa.ChunkedArray) -> bool:
    """Whether every cell has two decimals: what a document comes to ("Factuur"), not its number."""
    return len(cells) > 0 and bool(pc.all(pc.match_substring_regex(cells, AMOUNT)).as_py())


def _is_running(source: Source, figures: NumericColumns, entry: Match) -> bool:
    """Whether a balance is the sum of the amounts so far, of the file or of each customer, and not what is open of a row."""
    head = replace(figures, body=figures.body.slice(0, min(HEAD, len(figures.body))))
    return _runs(source, head, entry, fewest=0) and _runs(source, figures, entry, fewest=FEWEST)


def _runs(source: Source, figures: NumericColumns, entry: Match, *, fewest: int) -> bool:
    """The same of some rows, at least `fewest` of which differ from their amount and can be compared."""
    at = source.columns
    amount = next((figures.of(at[name]) for name in ("amount",) if name in at), None)
    if amount is None and {"debit", "credit"} <= set(at):
        amount = np.nan_to_num(figures.of(at["debit"])) - np.nan_to_num(figures.of(at["credit"]))
    if amount is None:
        return False
    balance = figures.of(_at(source, entry.column))
    there = ~np.isnan(balance) & ~np.isnan(amount)
    amount, balance = amount[there], balance[there]
    if len(amount) < fewest or (fewest and not (np.abs(balance) > np.abs(amount) + CENT).any()):
        return False  # what is open of a row never exceeds its amount
    name = next((at[name] for name in ("customer_id", "customer_name") if name in at), None)
    groups = codes([figures.body.columns[name].filter(pa.array(there))]) if name is not None else np.zeros(len(amount), int)
    return any(_adds_up(amount, balance, of, fewest) for of in (np.zeros(len(amount), int), groups))


def _adds_up(amount: np.ndarray, balance: np.ndarray, groups: np.ndarray, fewest: int) -> bool:
    order = np.argsort(groups, kind="stable")
    step = np.diff(balance[order])[np.diff(groups[order]) == 0]
    wanted = amount[order][1:][np.diff(groups[order]) == 0]
    if not len(step):  # a balance begins with the first amount
        return not fewest and bool((np.abs(balance - amount) <= CENT).all())
    return len(step) >= fewest - 1 and bool(np.isclose(step, wanted, rtol=1e-9, atol=EXACT).all())


def _is_gross(source: Source, figures: NumericColumns, at: int) -> bool:
    """Whether a column is another one and a tax in every row, or what is open and what was paid."""
    headers = source.table.headers
    taxes = [k for k, header in enumerate(headers) if _is_tax(header) and k != at]
    nets = [k for k, header in enumerate(headers) if k != at and (_is_amount(header) or match.only_proposes("amount", header))]
    pairs = [(net, tax) for tax in taxes for net in nets if net != tax]
    known = source.columns
    if {"paid_amount", "outstanding"} <= set(known):
        pairs.append((known["outstanding"], known["paid_amount"]))
    whole = figures.of(at)
    return any(_is_sum(whole, figures.of(first), figures.of(other)) for first, other in pairs)


def _is_left(source: Source, figures: NumericColumns, at: int) -> bool:
    """Whether a column is the amount less what was paid in every row, some of which were paid: then it is what is open."""
    known = source.columns
    if not {"amount", "paid_amount"} <= set(known):
        return False
    left, paid, whole = figures.of(at), figures.of(known["paid_amount"]), figures.of(known["amount"])
    there = ~(np.isnan(whole) | np.isnan(left) | np.isnan(paid))
    kept = np.abs(whole - left - paid)[there] <= CENT
    return len(kept) >= FEWEST and bool(kept.all()) and bool((paid[there] != 0).any())


def _is_sum(whole: np.ndarray, first: np.ndarray, second: np.ndarray) -> bool:
    there = ~(np.isnan(whole) | np.isnan(first) | np.isnan(second)) & (second != 0)
    return there.sum() >= FEWEST and bool((np.abs(whole - first - second)[there] <= CENT).all())


def _is_tax(header: str) -> bool:
    return bool(re.search(TAX, match.words(header))) and not re.search(NO_TAX, match.words(header))


def _is_amount(header: str) -> bool:
    return bool(match.likeness_of("amount", header).proof)


def _is_no_customer(source: Source, entry: Match) -> bool:
    """Whether a column called "account" or so is the same everywhere, while the names differ: it is no customer's."""
    if not match.is_weak("customer_id", entry.column) or (name := source.columns.get("customer_name")) is None:
        return False
    grid = source.table.body
    of_row = pc.and_(pc.not_equal(grid.columns[_at(source, entry.column)], ""), pc.not_equal(grid.columns[name], ""))
    ids, names = (pc.count_distinct(grid.columns[at].filter(of_row)).as_py() for at in (_at(source, entry.column), name))
    return bool(ids == 1 and names > 1)


def _says_types(source: Source, entry: Match) -> bool:
    """Whether all cells of a column called "document", "transaction" or so say of which type a row is: they number none."""
    texts = pc.unique(source.table.body.columns[_at(source, entry.column)].slice(0, HEAD)).to_pylist()
    return any(texts) and all(not DIGIT.search(text) and meanings.of_type(text, source.preset.kinds, {}) for text in texts)


def _names_differ(source: Source, entry: Match) -> int | None:
    """The column of names, where one "account" or so stands beside several of them."""
    if not match.is_weak("customer_id", entry.column) or (name := source.columns.get("customer_name")) is None:
        return None
    grid = source.table.body
    own, names = grid.columns[_at(source, entry.column)], pc.utf8_lower(grid.columns[name])
    filled = pc.and_(pc.not_equal(own, ""), pc.not_equal(names, ""))
    pairs = pc.binary_join_element_wise(own, names, "\x1f").filter(filled)
    return name if pc.count_distinct(pairs).as_py() > pc.count_distinct(own.filter(filled)).as_py() else None


def _question(source: Source, entries: Entries, body: Grid, entry: Match, others: Sequence[int]) -> Question:
    label = match.fields()[entry.field].label.lower()
    places = [_at(source, entry.column), *others]
    headers = [source.table.headers[at] for at in places]
    contents = [_told(source, entries, body, entry.field, at) for at in places]
    columns = " and ".join(f"“{header}” ({shown})" for header, shown in zip(headers, contents, strict=True))
    sentence = f"{len(places)} columns may be the {label}: {columns}. “{entry.column}” is proposed."
    if entry.field == "amount" and "outstanding" not in source.columns:
        sentence += " Where one of them is what is still open, choose it as the outstanding amount instead."
    choices = tuple((header, f"{header}: {shown}") for header, shown in zip(headers, contents, strict=True))
    argument = f'--map {entry.field}="{headers[0]}"|"{headers[1]}"'
    if entry.field == "amount" and "outstanding" not in source.columns:
        argument += f' or --map outstanding="{headers[1]}"'
    return Question("maps", entry.field, entry.column, sentence, choices, argument)


def _told(source: Source, entries: Entries, body: Grid, field: str, at: int) -> str:
    """The first values of a column; of money what it comes to as well: then so much is owed."""
    samples = " · ".join(match.samples(body, at)) or "empty"
    if field not in MONEY:
        return samples
    values = np.nan_to_num(NumericColumns(body, source.options.decimal).of(at))
    header, texts = source.table.headers[at], entries.texts("currency").to_pylist()
    sums: dict[str, float] = {}
    for code, value in zip(texts, values.tolist(), strict=True):
        key = match.currency_of(header) or code
        sums[key] = sums.get(key, 0.0) + value
    figures = [money(round(total * 10 ** exponent(code)), code) for code, total in sorted(sums.items())]
    return f"{samples}; in all {' and '.join(figures)}"
