"""In which currency is each amount: that of the document, that of the company's own books, or the one whose sign it bears?

Amounts in the currency of the document go with the column of currencies. Amounts in the currency of the company's books go with a
column or an answer that names it, never with the currency of the document.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Options, Question
from insights.ingest.entries import Entries, constant, is_filled
from insights.ingest.extract import cell_formats
from insights.ingest.grid import Grid
from insights.ingest.recognise import currencies, match, numbers
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.meanings import distinct
from insights.ingest.recognise.source import Source
from insights.ledger.errors import Refused
from insights.ledger.money import NO_CURRENCY, is_currency
from insights.messages.problems import counted

MAJOR = ("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "CNY", "INR", "BRL", "MXN", "SEK", "NOK", "DKK", "PLN", "ZAR")
MOST_ASKED = 12  # words
SHOWN = 4  # currencies that a question names


def currency_of_rows(source: Source, at: Mapping[str, int], body: Grid, decisions: Decisions) -> tuple[pa.ChunkedArray, str]:
    """(currency code of each row, that of the company's books or "XXX"); asks what is not understood."""
    options, headers = source.options, source.table.headers
    books = _books(source, at, body, decisions)
    name = headers[at["currency"]] if "currency" in at else ""
    if not name and books is None and (sections := _of_sections(source, at, decisions)) is not None:
        return sections, NO_CURRENCY
    if not name:
        return (_from_signs(source, at, body, decisions) if books is None else books), _only(books)
    texts = body.columns[at["currency"]]
    if _is_of_books(source, at) and len(set(distinct(texts)) - {""}) > 1:
        if not options.currency:
            _ask_books(source, at, texts, name, decisions)
        return constant(_default(source, at, decisions), len(body)), NO_CURRENCY
    _ask_against_header(source, at, texts, decisions)
    codes = _codes(texts, options, name, decisions)
    missing = pc.equal(codes, "")
    default = books if books is not None else constant(_default(source, at, decisions), len(body))
    if books is None and not options.currency:
        dated = [pc.not_equal(body.columns[at[dated_by]], "") for dated_by in ("issue_date", "due_date") if dated_by in at]
        if dated:
            _say_blank(pc.if_else(dated[0], codes, "-"), codes, name, decisions)
    return pc.if_else(missing, default, codes), _only(books)


def _of_sections(source: Source, at: Mapping[str, int], decisions: Decisions) -> pa.ChunkedArray | None:
    """The currency of each row by the row above that names it ("Currency: EUR"); None where a column or no row does."""
    parts = source.parts()
    if "currency" not in parts.group or source.options.currency or match.currency_of(_amount_header(source, at)):
        return None
    codes = parts.group["currency"].filter(pa.array(parts.is_row))
    decisions.note("currency_from_group_rows", "", _listed([code for code in distinct(pa.chunked_array([codes])) if code]))
    return pa.chunked_array([pc.if_else(pc.equal(codes, ""), NO_CURRENCY, codes)])


def _say_blank(of_dated: pa.ChunkedArray, codes: pa.ChunkedArray, header: str, decisions: Decisions) -> None:
    """Notes dated rows that name no currency, where others do: they may be in that of the company's books."""
    blank = int(pc.sum(pc.equal(of_dated, "")).as_py() or 0)
    named = [code for code in distinct(codes) if code]
    if blank and named:
        decisions.note("currency_blank", header, _listed(named), blank)


def _is_of_books(source: Source, at: Mapping[str, int]) -> bool:
    """Whether the preset says that the amounts are in the currency of the company's books, whatever their header is like."""
    return match.compact(_amount_header(source, at)) in set(map(match.compact, source.preset.books))


def _only(books: pa.ChunkedArray | None) -> str:
    codes = [code for code in distinct(books) if code != NO_CURRENCY] if books is not None else []
    return codes[0] if len(codes) == 1 else NO_CURRENCY


def _books(source: Source, at: Mapping[str, int], body: Grid, decisions: Decisions) -> pa.ChunkedArray | None:
    """The currency of the company's books per row, where a column names it."""
    if (own := at.get("base_currency")) is None:
        return None
    codes = _codes(body.columns[own], source.options, source.table.headers[own], decisions)
    return pc.if_else(pc.equal(codes, ""), NO_CURRENCY, codes)


def _default(source: Source, at: Mapping[str, int], decisions: Decisions) -> str:
    """The currency of rows that name none: the user's word, else the one in the header of the amount."""
    code = source.options.currency.strip().upper()
    if code and not is_currency(code):
        raise Refused(f"“{source.options.currency}” is no currency code of ISO 4217.", "no_such_currency")
    if code or "currency" in at:
        return code or NO_CURRENCY
    header = _amount_header(source, at)
    if named := match.currency_of(header):
        decisions.note("currency_from_header", header, named)
    return named or NO_CURRENCY


def _amount_header(source: Source, at: Mapping[str, int]) -> str:
    return next((source.table.headers[at[name]] for name in ("amount", "debit", "outstanding") if name in at), "")


def _codes(texts: pa.ChunkedArray, options: Options, header: str, decisions: Decisions) -> pa.ChunkedArray:
    """Codes of a column of currencies, "" where empty.

    What several currencies share is asked, and what is no currency where most rows name none; else it stays as it is.
    """
    encoded = texts.combine_chunks().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    codes = {text: currencies.code_of(text, options.currencies) if text else "" for text in words}
    rows = {text: int(pc.sum(pc.equal(texts, text)).as_py()) for text in words if text and not codes[text]}
    mostly = sum(rows.values()) * 2 > pc.sum(pc.not_equal(texts, "")).as_py() if rows else False
    for text, number in list(rows.items())[:MOST_ASKED]:
        if currencies.is_shared(text) or mostly:
            decisions.questions.append(_ask_word(text, header, number))
    coded = [codes[text] or text.strip() for text in words]
    return pa.chunked_array([pa.array(coded, pa.string()).take(encoded.indices)])


def _ask_word(text: str, header: str, rows: int) -> Question:
    why = "may be one of several currencies" if currencies.is_shared(text) else "is no currency that is known"
    sentence = f"“{text}” in column “{header}” ({counted(rows, 'row')}) {why}."
    return Question("currencies", "currency", header, sentence, _codes_for(text), f'--currencies "{text}=CODE"', text)


def _codes_for(text: str) -> tuple[tuple[str, str], ...]:
    likely = currencies.candidates(text) or MAJOR
    return tuple((f"{text}={code}", f"{code}, {currencies.name_of(code)}") for code in likely)


def _ask_against_header(source: Source, at: Mapping[str, int], texts: pa.ChunkedArray, decisions: Decisions) -> None:
    """Asks where the header of the amounts names one currency, and the rows others."""
    header = _amount_header(source, at)
    named, proofs = match.currency_of(header), {entry.field: entry.proof for entry in source.matches}
    others = [text for text in distinct(texts) if text and currencies.code_of(text, source.options.currencies) != named]
    if not named or not others or proofs.get("currency") in {"chosen", "mapping"}:
        return
    column = source.table.headers[at["currency"]]
    sentence = f"“{header}” says {named}, column “{column}” says {_listed(others)} too: in which currency are the amounts?"
    choices = (("", f"all in {named}"), (column, "each in the currency of its row"))
    argument = f'--map currency= or --map currency="{column}"'
    decisions.questions.append(Question("maps", "currency", column, sentence, choices, argument))


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(texts[:SHOWN]) + (", …" if len(texts) > SHOWN else "")


def _from_signs(source: Source, at: Mapping[str, int], body: Grid, decisions: Decisions) -> pa.ChunkedArray:
    """The currency of rows of a file without a column of currencies: the signs in its amounts, the header, the user's word."""
    own = source.columns.get("currency")
    if own is not None and not source.options.currency and not match.currency_of(_amount_header(source, at)):
        _ask_books(source, at, body.columns[own], source.table.headers[own], decisions)
    default = _default(source, at, decisions)
    place = next((at[name] for name in ("amount", "outstanding") if name in at), None)
    if place is None or own is not None:
        return constant(default, len(body))
    signs = numbers.ornaments(body.columns[place])
    if not pc.any(pc.not_equal(signs, "")).as_py() and not source.options.more and source.sheet:
        shown = cell_formats.signs_of_rows(source.path, source.sheet)
        signs = pa.chunked_array([pa.array([shown.get(int(line), "") for line in body.lines], pa.string())])
    kinds = [sign for sign in distinct(signs) if sign]
    codes = {sign: currencies.code_of(sign, source.options.currencies) for sign in kinds}
    header = source.table.headers[place]
    if len(kinds) == 1 and not codes[kinds[0]]:
        if currencies.is_shared(kinds[0]) and default == NO_CURRENCY:
            decisions.note("sign_of_several", header, kinds[0])
        return constant(default, len(body))
    for sign in kinds:
        if not codes[sign] and currencies.is_shared(sign):
            decisions.questions.append(_ask_word(sign, header, int(pc.sum(pc.equal(signs, sign)).as_py())))
    if any(codes.values()):
        decisions.note("currency_from_signs", header, _listed([f"{sign} {code}" for sign, code in codes.items() if code]))
    encoded = signs.combine_chunks().dictionary_encode()
    coded = [codes.get(sign) or default for sign in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(coded, pa.string()).take(encoded.indices)])


def _ask_books(source: Source, at: Mapping[str, int], texts: pa.ChunkedArray, column: str, decisions: Decisions) -> None:
    """Asks in which currency the company's books are, where the file has amounts in it and names those of the documents."""
    named = [text for text in distinct(texts) if text]
    if not named:
        return
    header = _amount_header(source, at)
    codes = dict.fromkeys(code for text in named if (code := currencies.code_of(text, source.options.currencies)))
    sentence = (
        f"The amounts of “{header}” are in the currency of the company's own books, and “{column}” names those of the documents "
        f"({_listed(named)}). In which currency are the books?"
    )
    choices = (*((code, f"{code}: all amounts are {code}") for code in codes), (NO_CURRENCY, "leave it unnamed"))
    decisions.questions.append(Question("currency", "currency", header, sentence, choices, "--currency CODE"))


def outstanding_of_documents(entries: Entries, decisions: Decisions) -> None:
    """What is open of a document in its own currency, where the file says it in that of the company's books only."""
    money, missing = entries.money, entries.missing
    if "base_outstanding" not in money or "outstanding" in money or "amount" not in money:
        return
    header = entries.headers["base_outstanding"]
    rest, none = money["base_outstanding"], missing["base_outstanding"]
    if "base_amount" in money:
        whole = money["base_amount"]
        share = np.divide(rest, whole, out=np.zeros(len(entries)), where=whole != 0)
        open_amount = np.where(rest == whole, money["amount"], np.rint(money["amount"] * share)).astype(np.int64)
        entries.set_money("outstanding", open_amount, none | missing["base_amount"] | (whole == 0))
        if int(((rest != 0) & (rest != whole) & ~none & (rest != open_amount)).sum()):
            entries.note("outstanding_converted", header)
    elif is_filled(entries.texts("document_currency")).any():
        _ask_outstanding(entries, header, decisions)
        return
    else:
        entries.set_money("outstanding", rest, none)
    entries.headers["outstanding"], entries.text["outstanding"] = header, entries.text["base_outstanding"]
    entries.unreadable["outstanding"] = entries.unreadable["base_outstanding"]


def _ask_outstanding(entries: Entries, header: str, decisions: Decisions) -> None:
    amount = entries.headers["amount"]
    sentence = (
        f"“{amount}” is in the currency of the document, “{header}” in that of the company's own books: how much is open of an "
        "invoice in another currency cannot be told."
    )
    choices = ((header, f"take “{header}” for the amount, in the currency of the books"),)
    argument = f'--map amount="{header}" --map outstanding="{header}" or --map base_outstanding='
    decisions.questions.append(Question("maps", "amount", header, sentence, choices, argument))
