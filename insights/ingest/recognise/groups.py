"""Which rows below a header are ledger rows, and whose are they where a row above names the customer of a whole group?"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import repeats
from insights.ingest.grid import Grid
from insights.ingest.recognise import currencies, dates, match
from insights.ledger.money import is_currency

SUM = r"total|totals|totaal|totales|totais|gesamt|gesamtsumme|summe|gesamtergebnis|ergebnis|somma|suma|soma|sum"
SUM_ELSEWHERE = (  # in letters that end no word for the regular expressions of Arrow
    "итого|всего|разом|общо|celkem|spolu|összesen|mindösszesen|toplam|genel toplam|yhteensä|kokku|ukupno|skupaj|iš viso|kopā|"
    "razem|ogółem|i alt|σύνολο|الإجمالي|المجموع|סהכ|합계|총계|소계|合計|総計|小計|รวม|รวมทั้งสิ้น|tổng cộng"
)
TOTAL = (
    rf"(?i)^\W*(?:sub|grand |zwischen|sous-|end)?\s*(?:{SUM})\b|^\*{{1,4}}(?:\s|$)|^(?:total|subtotal|summe) "
    r"|\b(?:total|subtotal|summe|gesamt|gesamtergebnis|ergebnis|totaal)\s*:?$"
    rf"|^(?:{SUM_ELSEWHERE})(?:[\s:]|$)"
)
ONLY_TOTAL = (  # says nothing besides, but of whom it is the total; "Total Energies" is somebody's name
    rf"(?i)^\W*(?:sub|grand |zwischen|sous-|end)?\s*(?:{SUM}|{SUM_ELSEWHERE})\P{{L}}*"
    r"(?:\s(?:for|of|für|von|pour|de|du|di|van|voor|per|por|para|по)\s.*)?$|^\*"
)
FIGURE = r"^[^\p{L}*]*$"
SAMPLE = 8000  # rows
LONELY = 2  # a row with at most so many filled cells may be a title, a group or a footer
NAMED = ("customer_id", "customer_name", "company", "currency")  # what a group row may name
WIDER = {"company", "currency"}  # what holds for the customers below it too
KEYED = re.compile(r"^([^:=\t]{2,40}?)\s*(?:[:=]\s*|\t+|\s{2,})(\S.*)$")  # Debitor      100042
CODE = re.compile(r"^\S*\d\S*$")
WORDY = re.compile(r"[^\W\d_]{2,}.*[^\W\d_]|[^\W\d_]{3,}")
CONTACT = re.compile(r"(?i)^(?:tel|phone|fax|mobile?|e-?mail|limit|credit limit|contact|terms)\b|@")
AGE = re.compile(
    r"(?i)^(?:current|not (?:yet )?due|over ?due|past due|older|\W*\d+\s*(?:-|–|to|bis|à|a)\s*\d+.*|"
    r"(?:over|>|<|more than|ab|plus de)\s*\d+.*|\d+\s*\+.*|\d+\s*(?:or more )?(?:days?|tage|jours).*)$"
)


NOISE = re.compile(
    r"(?i)^(?:(?:page|seite|pagina|página|blatt)\s*:?\s*\d+|(?:printed|gedruckt|run|report|date|datum|time|user|erstellt)\b.*\d{2}.*)"
)
CONTINUED = re.compile(r"(?i)\s*[(\[-]+\s*(?:continued|cont\.?|cont'd|fortsetzung|forts\.|suite|vervolg)\s*[)\]]?$")


@dataclass(frozen=True)
class Roles:
    """Positions of the columns that tell ledger rows from others."""

    dated: tuple[int, ...] = ()
    numbered: int | None = None  # of document numbers
    customer: tuple[int, ...] = ()  # numbers and names of customers
    money: tuple[int, ...] = ()

    @property
    def identified(self) -> tuple[int, ...]:
        return (*self.customer, *(() if self.numbered is None else (self.numbered,)))


@dataclass(frozen=True)
class Parts:
    """Which rows of a body are ledger rows (bool), what the others are (reason -> rows), and in whose group each row is.

    `group`: customer_id, customer_name, company or currency -> what the rows above name, "" where nothing; empty where they name
    nothing.
    """

    is_row: np.ndarray
    ignored: Mapping[str, int]
    group: Mapping[str, pa.Array] = field(default_factory=dict)
    totals: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # positions of the rows that say totals


@cache
def common_headers() -> tuple[str, ...]:
    """The names of all fields as headers are spelled: invoice date, Invoice Date, Invoice date, INVOICE DATE."""
    names = [name for entry in match.fields().values() for name in entry.names]
    return tuple({spelled for name in names for spelled in (name, name.title(), name.capitalize(), name.upper())})


def parts(body: Grid, roles: Roles, above: Sequence[Sequence[str]] = ()) -> Parts:
    """Tells ledger rows from totals, groups and footers; `above` are the rows over the header.

    A row with a date is a ledger row; one without is a total if it says so, a group or footer if hardly any cell is filled.
    Where no column names the customer, a row without an amount is a group row, whatever stands beside the name.
    """
    rows = len(body)
    count = np.sum([pc.not_equal(column, "").to_numpy() for column in body.columns], axis=0) if rows else np.zeros(0, np.int64)
    has_date = _has_date(body, roles) & (count != 1)
    headed = _headings(body, roles, count, has_date)
    candidates = np.flatnonzero(~has_date | headed)
    named = _said(above)
    if not len(candidates):
        return Parts(np.ones(rows, bool), {}, _spread(named, np.zeros(0, np.int64), [], rows, with_customers=False))
    few = body.take(candidates)
    above_row = np.append(has_date & ~headed, False)[candidates + 1]
    total, lonely = _totals_and_lonely(few, roles, count[candidates], above_row)
    lonely |= headed[candidates] & ~total
    last_row = np.flatnonzero(has_date & ~headed).max(initial=-1)
    footer = lonely & (candidates > last_row)
    group = lonely & ~footer
    is_row = np.ones(rows, bool)
    is_row[candidates[total | lonely]] = False
    ignored = {"total": int(total.sum()), "group": int(group.sum()), "footer": int(footer.sum())}
    groups = _cells(few, np.flatnonzero(group))
    spread = _spread(named, candidates[group], groups, rows, with_customers=not roles.customer)
    return Parts(is_row, {k: v for k, v in ignored.items() if v}, spread, candidates[total])


def likely(body: Grid) -> Grid:
    """A sample of the rows that may be ledger rows, for telling what a column holds: without single cells and totals."""
    if not len(body):
        return body
    sample = body.take(np.arange(0, len(body), max(1, len(body) // SAMPLE)))
    count = np.sum([pc.not_equal(column, "").to_numpy() for column in sample.columns], axis=0)
    total = pc.match_substring_regex(label(sample), TOTAL).to_numpy() & (_texts(sample) <= LONELY)
    likely_rows = np.flatnonzero((count > 1) & ~total)
    return sample.take(likely_rows) if len(likely_rows) else body


def _has_date(body: Grid, roles: Roles) -> np.ndarray:
    dated = np.zeros(len(body), bool)
    for at in roles.dated:
        dated |= repeats.says(body.columns[at], r"^\W*\d|\d{4}") & ~_counted(body.columns[at])
    return dated


def _headings(body: Grid, roles: Roles, count: np.ndarray, has_date: np.ndarray) -> np.ndarray:
    """Rows of code, name, telephone and the like, where no column names the customer: no amount, and no cell that is a date."""
    nothing = np.zeros(len(body), bool)
    if roles.customer or not roles.money:
        return nothing
    has_amount = nothing.copy()
    for at in roles.money:
        has_amount |= pc.match_substring_regex(body.columns[at], r"\d").to_numpy()
    headings = ~has_amount & (count > 0)
    unsure = np.flatnonzero(headings & has_date)
    for at in roles.dated:
        cells = dates.column(body.columns[at].take(pa.array(unsure)))
        readable = ((cells.fixed > dates.UNREADABLE) | cells.is_open)[cells.codes] if len(unsure) else nothing[:0]
        headings[unsure[readable]] = False
    return headings


def _totals_and_lonely(few: Grid, roles: Roles, count: np.ndarray, above_row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of rows without a date: those that say they are totals, and those with hardly a cell.

    A total stands below its rows, with its figures; a lone name `above_row` (bool), a ledger row, is that of whose rows they are.
    """
    first, texts = label(few), _texts(few)
    total = pc.match_substring_regex(first, TOTAL).to_numpy() & (texts <= LONELY)
    total &= ~((count == 1) & above_row & ~pc.match_substring_regex(first, ONLY_TOTAL).to_numpy())
    if roles.numbered is not None:
        is_total = pc.equal(few.columns[roles.numbered], "").to_numpy() & (texts <= 1) & (count > LONELY)
        total |= is_total & _sums(few, roles)
    lonely = (count <= LONELY) & ~total & ~_any_filled(few, roles.identified, count)
    lonely |= np.logical_or.reduce([_counted(column) for column in few.columns]) & (texts <= 1) & ~total
    return total, lonely


def _sums(few: Grid, roles: Roles) -> np.ndarray:
    """Rows with a figure where the ledger has its amounts: one that has others only (unapplied cash) sums up nothing."""
    if not roles.money:
        return np.ones(len(few), bool)
    sums: np.ndarray = np.logical_or.reduce([pc.match_substring_regex(few.columns[at], r"\d").to_numpy() for at in roles.money])
    return sums


def _any_filled(few: Grid, identified: Sequence[int], count: np.ndarray) -> np.ndarray:
    """Rows with two filled cells one of which is a document or customer number: a damaged ledger row, not a title."""
    result = np.zeros(len(few), bool)
    for at in identified:
        result |= pc.not_equal(few.columns[at], "").to_numpy() & (count > 1)
    return result


def label(few: Grid) -> pa.ChunkedArray:
    """The first cell of each row that is more than a figure, else its first one."""
    first, worded = few.columns[0], few.columns[0]
    for column in few.columns[1:]:
        first = pc.if_else(pc.equal(first, ""), column, first)
        worded = pc.if_else(pc.match_substring_regex(worded, FIGURE), column, worded)
    return pc.if_else(pc.match_substring_regex(worded, FIGURE), first, worded)


def _texts(few: Grid) -> np.ndarray:
    """How many cells of each row are more than a figure or a currency code."""
    texts = np.zeros(len(few), np.int64)
    for column in few.columns:
        texts += (~pc.match_substring_regex(column, r"^[\W\d]*$|^[A-Z]{3}$|^\W*\p{Sc}?[\d.,' -]+\W*$").to_numpy()).astype(
            np.int64
        )
    return texts


def _counted(column: pa.ChunkedArray) -> np.ndarray:
    """Group rows that count their members: "29 Jun 2026 (95)"."""
    return repeats.says(column, r"\(\d+\)$")


def _cells(few: Grid, at: np.ndarray) -> list[tuple[str, ...]]:
    """The filled cells of rows."""
    columns = [column.take(pa.array(at)).to_pylist() for column in few.columns]
    return [tuple(filter(None, row)) for row in zip(*columns, strict=True)]


def _spread(
    named: Mapping[str, str], at: np.ndarray, groups: Sequence[tuple[str, ...]], rows: int, *, with_customers: bool
) -> dict[str, pa.Array]:
    """What the group rows name, for every row below them, by field; `named` stands over the header.

    `with_customers`: no column names them, so that group rows may.
    """
    states = _states(named, at.tolist(), groups, of_customers=with_customers and _name_customers(groups))
    spread = {}
    number = np.zeros(rows, np.int64)
    number[at] = np.arange(1, len(at) + 1)
    np.maximum.accumulate(number, out=number)
    for name in NAMED:
        values = [state.get(name, "") for state in states]
        if any(values):
            spread[name] = pa.array(values, pa.string()).take(pa.array(number))
    return spread


def _name_customers(groups: Sequence[tuple[str, ...]]) -> bool:
    return any(not _said([cells]) and not _says_nothing(cells, {}) for cells in groups)


def _states(
    named: Mapping[str, str], at: Sequence[int], groups: Sequence[tuple[str, ...]], *, of_customers: bool
) -> list[dict[str, str]]:
    """What is known at the start and after each group row; rows below each other name one group together.

    Where they are `of_customers`, a lone code of a currency right above the rows of nobody else is a customer of that name (BAM).
    """
    state, states, block = dict(named), [dict(named)], dict[str, str]()
    for k, cells in enumerate(groups):
        if k and at[k] != at[k - 1] + 1:
            block = {}
        named_here = _said([cells])
        above_rows = k + 1 == len(groups) or at[k + 1] != at[k] + 1
        if of_customers and above_rows and "customer_id" not in state and len(cells) == 1 and is_currency(cells[0]):
            named_here = {}
        if named_here:
            block |= named_here
            state = (state if set(block) <= WIDER else _wider(state)) | block
        elif not set(block) & {"customer_id", "customer_name"} and not _says_nothing(cells, state):
            state = _wider(state) | _plain(cells)
        if "customer_name" in state and "customer_id" not in state:
            state["customer_id"] = state["customer_name"]
        states.append(state)
    return states


def _wider(state: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in state.items() if name in WIDER}


def _says_nothing(cells: Sequence[str], state: Mapping[str, str]) -> bool:
    """Whether a row without an amount names no customer: a line of the page, or an age within a customer's group."""
    return bool(NOISE.match(cells[0])) or ("customer_id" in state and _is_age(cells))


def _is_age(cells: Sequence[str]) -> bool:
    """Whether a group row names an age or a currency, within the group of a customer."""
    return bool(AGE.match(cells[0])) or (len(cells) == 1 and is_currency(cells[0]))


def _plain(cells: Sequence[str]) -> dict[str, str]:
    """The customer of a group row: its first cell, and the name beside it where that is a code."""
    names = [cell for cell in cells[1:] if WORDY.search(cell) and not CONTACT.search(cell)]
    first = CONTINUED.sub("", cells[0])
    if CODE.match(first) and names:
        return {"customer_id": first, "customer_name": CONTINUED.sub("", names[0])}
    return {"customer_id": first}


def _said(rows: Iterable[Sequence[str]]) -> dict[str, str]:
    """What rows like "Debitor      100042" or "Customer: | Alpha Ltd" name, by field."""
    named: dict[str, str] = {}
    for cells in rows:
        keyed = KEYED.match(cells[0]) if len(cells) == 1 else None
        label, value = (keyed[1], keyed[2]) if keyed else (cells[0], cells[1]) if len(cells) == LONELY else ("", "")
        name = _labels().get(match.compact(label)) if label else None
        value = _currency(value) if name == "currency" else value.strip()
        if name and value:
            named.setdefault(name, value)
        elif len(cells) == 1 and len(cells[0]) == len("EUR") and (code := _currency(cells[0])):
            named.setdefault("currency", code)
    return named


def _currency(text: str) -> str:
    """The code of the currency that a text names; "" for none, and for a word that is a code too."""
    return "" if text.strip().upper() in match.WORDS else currencies.code_of(text, {})


@cache
def _labels() -> dict[str, str]:
    """Compact name -> the field that a group row names so."""
    return {match.compact(name): known for known in reversed(NAMED) for name in match.fields()[known].names}
