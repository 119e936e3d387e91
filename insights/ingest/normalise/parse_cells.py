"""What do the cells of the matched columns mean: which dates, which numbers, which money?"""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import repeats
from insights.ingest.draft import Question
from insights.ingest.entries import PLACES, Entries, Stated, constant
from insights.ingest.grid import Grid
from insights.ingest.normalise import complete, denomination, extra_columns
from insights.ingest.recognise import ageing, currencies, dates, formats, groups, match, numbers, table, units
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.groups import Parts
from insights.ingest.recognise.source import Source, used_columns
from insights.ledger.ledger import Problem
from insights.ledger.money import exponent, is_currency

RAW = "Raw JD Edwards tables store amounts without their decimal mark"
OF_PROGRAMS = "Programs that count their days in seconds often count amounts in cents, without a decimal mark"
SECONDS = r"^[1-9]\d{9}(\d{3})?(\.0)?$"
MONEY = ("amount", "outstanding", "paid_amount", "debit", "credit", "base_amount", "base_outstanding", "tax", "allowance")
COUNTS = ("terms_1", "terms_2", "terms_3", "terms_days", "percent_1")
TECHNICAL_DATES = ("posting_date",)
ALSO_FURTHER = (
    "kind",
    "status",
    "is_paid",
    "is_open",
    "base_amount",
    "base_outstanding",
    "base_currency",
    "terms_days",
)  # of which the ledger keeps no column of its own, or not as the file has it
THOUSAND = 3  # decimal places
TURNED = "turned"
TURNING = ("amount", "outstanding")
GROUP_ROW = "group row"


def entries_of(source: Source, decisions: Decisions) -> Entries:
    """Typed cells of the ledger rows; asks about orders and marks on the way."""
    at = used_columns(source)
    parts = source.parts()
    body = source.table.body.take(np.flatnonzero(parts.is_row))
    held = {name: source.table.headers[k] for name, k in at.items()}
    dated = _dated(body, at, held)
    formats.of_calendar(dated, decisions)
    dated = formats.unswapped(dated, source.options.date_order, decisions)
    figures = {
        name: (held[name], numbers.column(_without_percent(body.columns[at[name]], held[name]), body.typed[at[name]]))
        for name in (*MONEY, *COUNTS)
        if name in at
    }
    order = formats.orders(dated, body.lines, source.options.date_order, decisions)
    formats.refuse_decades_off(dated, order, complete.today())
    currency, books = denomination.currency_of_rows(source, at, body, decisions)
    mark = formats.marks(figures, body.lines, source.options.decimal, decisions, whole=_without_decimals(currency))
    entries = Entries(
        lines=body.lines,
        text={name: body.columns[k] for name, k in at.items()},
        days={name: cells.days(order[name]) for name, (_, cells) in dated.items()},
        headers=held,
        ignored=source.table.ignored + Counter(parts.ignored),
    )
    if source.table.wide:
        entries.masks["wide"] = np.isin(body.lines, np.array(sorted(source.table.wide)))
    _said_paid(entries)
    _name_groups(entries, parts)
    if "currency" in entries.text:
        entries.text["document_currency"] = entries.text["currency"]
    entries.text["currency"] = currency
    divided = _divided(source, currency, decisions)
    why = RAW if "julian" in order.values() else OF_PROGRAMS if _counts_seconds(body, at, currency) else ""
    implied = bool(why) and _decimals_implied(source, figures, why, decisions)
    for name, (_, cells) in figures.items():
        own = constant(books, len(entries)) if name.startswith("base_") else currency
        unit = units.unit_of(held[name]) if name in MONEY else ""
        if unit:
            decisions.note("unit_of_amounts", held[name], unit)
        places = _places(own, divided, implied=implied or unit == "cents")
        _add_number(entries, name, cells, mark[name], (places + (THOUSAND if unit == "thousands" else 0)).astype(np.int8))
    _shares(entries, decisions)
    denomination.outstanding_of_documents(entries, decisions)
    if source.options.sign == TURNED:
        _turn(entries)
    if len(parts.totals):
        answers = source.options.currencies
        entries.stated = _stated(body, at, mark, answers)
        entries.totals = _stated(source.table.body.take(parts.totals), at, mark, answers)
    _add_further(entries, source, body, at, (_first(order), _first(mark)))
    ageing.add_up(entries)
    _note_rounded(entries, body, at)
    return entries


def _dated(body: Grid, at: Mapping[str, int], held: Mapping[str, str]) -> dict[str, tuple[str, dates.DateTexts]]:
    """Field -> header and days, of all columns of dates; where years of one are Buddhist, those of the others may be."""
    columns = {name: k for name, k in at.items() if _kind(name) == "date"}

    def read(*, buddhist: bool) -> dict[str, tuple[str, dates.DateTexts]]:
        return {
            name: (held[name], dates.column(body.columns[k], body.typed[k], six_figures=True, buddhist=buddhist))
            for name, k in columns.items()
        }

    dated = read(buddhist=False)
    return read(buddhist=True) if any(cells.buddhist for _, cells in dated.values()) else dated


def _without_percent(column: pa.ChunkedArray, header: str) -> pa.ChunkedArray:
    return pc.replace_substring(column, "%", "") if units.is_share(header) else column


def _shares(entries: Entries, decisions: Decisions) -> None:
    """What was paid, or is open, as a share of the amount: in per cent, or of 1 where no value is above."""
    for name in ("paid_amount", "outstanding"):
        if name not in entries.money or "amount" not in entries.money or not units.is_share(entries.headers[name]):
            continue
        share = entries.money[name] / ageing.scale(entries)
        whole = 100.0 if (np.abs(share) > 1).any() else 1.0
        entries.money[name] = np.rint(entries.money["amount"] * share / whole).astype(np.int64)
        decisions.note("share_of_amount", entries.headers[name])


def _without_decimals(currency: pa.ChunkedArray) -> np.ndarray:
    """Which rows are in a currency that has no decimals (bool)."""
    encoded = currency.combine_chunks().dictionary_encode()
    none = np.array([is_currency(code) and exponent(code) == 0 for code in encoded.dictionary.to_pylist()] or [False], bool)
    of_rows: np.ndarray = none[encoded.indices.to_numpy(zero_copy_only=False)]
    return of_rows


def _turn(entries: Entries) -> None:
    """Amounts with the other sign, of the columns that state what is owed below 0."""
    for name in TURNING:
        if name in entries.money and mostly_below(entries.money[name]):
            entries.money[name] = -entries.money[name]


def mostly_below(amount: np.ndarray) -> bool:
    """Whether more amounts stand below 0 than above, and come to more."""
    below, above = amount < 0, amount > 0
    return bool(below.sum() > above.sum() and -amount[below].sum() > amount[above].sum())


def _stated(body: Grid, at: Mapping[str, int], mark: Mapping[str, str], answers: Mapping[str, str]) -> Stated:
    """Amounts of rows as the file states them, whatever they are of."""
    places, figures, missing = np.full(len(body), PLACES, np.int8), {}, {}
    for name in (name for name in MONEY if name in at):
        cells = numbers.column(body.columns[at[name]], body.typed[at[name]])
        figures[name], missing[name] = numbers.minor_units(cells.values(mark[name])[0], places)
    texts = {"label": groups.label(body)}
    if "currency" in at:
        encoded = body.columns[at["currency"]].combine_chunks().dictionary_encode()
        codes = [currencies.code_of(text, answers) if text else "" for text in encoded.dictionary.to_pylist()]
        texts["currency"] = pa.chunked_array([pa.array(codes, pa.string()).take(encoded.indices)])
    return Stated(body.lines, figures, missing, texts)


def _first(decided: Mapping[str, str]) -> str:
    return next((value for value in decided.values() if value), "")


def _kind(name: str) -> str:
    if name in match.fields():
        return match.fields()[name].kind
    return "date" if name in TECHNICAL_DATES else "text"


def _said_paid(entries: Entries) -> None:
    """A paid date that says "paid" says no day: the row is settled, without one."""
    if "paid_date" in entries.days:
        says_paid = repeats.says(entries.text["paid_date"], dates.PAID.pattern)
        entries.masks["dateless"] = says_paid
        entries.days["paid_date"] = np.where(says_paid, dates.ABSENT, entries.days["paid_date"]).astype(np.int32)


def _name_groups(entries: Entries, parts: Parts) -> None:
    """The customer from the group rows, where no column names one."""
    if "customer_id" not in parts.group or {"customer_id", "customer_name"} & set(entries.text):
        return
    for name, cells in parts.group.items():
        if name not in entries.text:
            entries.text[name] = pa.chunked_array([cells.filter(pa.array(parts.is_row))])
            entries.headers[name] = GROUP_ROW
    entries.note("customer_from_group_rows")


def _add_further(entries: Entries, source: Source, body: Grid, at: Mapping[str, int], decided: tuple[str, str]) -> None:
    """The columns that are no field, but for outcomes and for nameless empty ones; `decided`: date order and decimal mark."""
    headers, (order, mark) = source.table.headers, decided
    outcomes = {match.compact(header) for header in source.preset.outcomes} | match.outcome_names()
    used = {k for name, k in at.items() if name not in ALSO_FURTHER}
    for k in sorted(set(range(len(headers))) - used):
        if match.compact(headers[k]) in outcomes:
            entries.note("outcome_column", headers[k])
            continue
        column = extra_columns.typed(body.columns[k], body.typed[k], order, mark)
        if column.null_count < len(column) or not table.is_unnamed(headers[k]):
            entries.further[headers[k]] = column
    for name, k in at.items():
        if name in match.fields() and match.fields()[name].outcome:
            entries.note("outcome_column", headers[k])


def _note_rounded(entries: Entries, body: Grid, at: Mapping[str, int]) -> None:
    """Numbers of 16 figures and more in a cell that the file types as number: a spreadsheet has rounded them."""
    if "customer_id" not in at or (marks := body.typed[at["customer_id"]]) is None:
        return
    cells = body.columns[at["customer_id"]]
    rounded = pc.and_(pc.match_substring_regex(cells, r"^\d{16,}$"), marks)
    if pc.any(rounded).as_py():
        entries.note("ids_rounded", entries.headers["customer_id"], number=pc.count_distinct(cells.filter(rounded)).as_py())


def _divided(source: Source, currency: pa.ChunkedArray, decisions: Decisions) -> frozenset[str]:
    """The currencies whose amounts this file stores divided by 100; asks where the file is a raw table that may."""
    present = set(pc.unique(currency).to_pylist()) & set(source.preset.divided)
    if not present or source.options.hundredths == "whole":
        return frozenset()
    if source.options.hundredths == "divided":
        decisions.notes.append(Problem(0, "", ", ".join(sorted(present)), "was_divided", set_aside=False))
        return frozenset(present)
    names = ", ".join(sorted(present))
    choices = (("divided", "stored divided by 100, as raw tables do: 10.00 is 1,000"), ("whole", "stored whole: 10.00 is 10"))
    sentence = f"Raw SAP tables store {names} divided by 100, lists on the screen do not."
    decisions.questions.append(
        Question(
            "hundredths",
            "amount",
            source.table.headers[source.columns["currency"]],
            sentence,
            choices,
            "--hundredths divided|whole",
        )
    )
    return frozenset()


def _counts_seconds(body: Grid, at: Mapping[str, int], currency: pa.ChunkedArray) -> bool:
    """Whether a file says its days as seconds since 1970, and has amounts with decimals: then programs made it."""
    cells = [body.columns[at[name]] for name in ("issue_date", "due_date") if name in at]
    instants = any(pc.any(pc.not_equal(c, "")).as_py() and repeats.says(c, f"^$|{SECONDS}").all() for c in cells)
    return instants and not _without_decimals(currency).all()


def _decimals_implied(
    source: Source, figures: Mapping[str, tuple[str, numbers.NumberTexts]], why: str, decisions: Decisions
) -> bool:
    """Whether amounts without a decimal mark are in the smallest unit of their currency; asks, and says why they may be."""
    header, cells = next((figures[name] for name in MONEY if name in figures), ("", None))
    if cells is None or source.options.hundredths == "whole" or not cells.is_whole():
        return False
    if source.options.hundredths == "implied":
        return True
    text = next((value for value in cells.bare.slice(0, 100).to_pylist() if value), "0")
    with_decimals = f"{int(text) / 100:.2f}"
    decisions.questions.append(
        Question(
            "hundredths",
            "amount",
            header,
            f"{why}: {text} in “{header}” may be {with_decimals}.",
            (("implied", f"the last two figures are decimals: {with_decimals}"), ("whole", f"as it stands: {text}")),
            "--hundredths implied|whole",
        )
    )
    return False


def _places(currency: pa.ChunkedArray, divided: frozenset[str], *, implied: bool) -> np.ndarray:
    """Decimal places that an amount is moved by to become minor units (int8 per row)."""
    encoded = currency.combine_chunks().dictionary_encode()
    codes = encoded.dictionary.to_pylist()
    places = np.array([0 if implied else exponent(code) + (2 if code in divided else 0) for code in codes] or [2], np.int8)
    of_rows: np.ndarray = places[encoded.indices.to_numpy(zero_copy_only=False)]
    return of_rows


def _add_number(entries: Entries, name: str, cells: numbers.NumberTexts, mark: str, places: np.ndarray) -> None:
    """A column of numbers; money as minor units of the row's currency, just beyond MOST where there are too many figures."""
    decimals, unreadable = cells.values(mark)
    if name not in MONEY:
        entries.decimals[name] = decimals
        return
    units, empty = numbers.minor_units(decimals, places)
    absurd = cells.too_long(mark, unreadable)
    units[absurd] = np.where(cells.negative, -1, 1)[absurd] * (numbers.MOST + 1)
    entries.set_money(name, units, empty & ~absurd)
    entries.unreadable[name] = unreadable & ~absurd
