"""When is an invoice due that has no due date: what do its terms of payment say?"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import LONGEST_TERMS, Options, Question
from insights.ingest.entries import Entries, is_filled
from insights.ingest.recognise.dates import ABSENT, UNREADABLE
from insights.ingest.recognise.formats import Decisions

DAYS = r"(?:days?|dys?|d|tagen?|tg|t|jours?|jrs?|j|dagen|dgn|dias?|dd|giorni|gg|g|dni|dagar|dage|pv|paivaa|dnu|nap|日)"
NET = r"(?:nett?o?|nt|n|neto|net(?:to)? cash|rein|ohne abzug)"
PERCENT = r"(\d{1,2}(?:[.,]\d{1,3})?)\s*(?:%|percent|prozent|pct|p\.?c\.)"
WITHIN = (
    r"(?:(?:within|in|innerhalb(?: von)?|binnen|bei|zahlung|sous|a|mit|less|abzgl\.?|"
    r"skonto|discount|escompte|sconto|korting|[:,/-])\s*)*"
)
AT_ONCE = re.compile(
    r"^(?:(?:(?:due|payable) )?(?:up)?on receipt|(?:zahlbar )?sofort\b.*|immediate(?:ly)?\b.*|cash\b.*|c\.?o\.?d\.?|cia|"
    r"prepaid|pre-?payment|in advance|(?:per )?vorkasse|vorauskasse|barzahlung|bar|a reception\b.*|comptant|per direct|"
    r"(?:netto )?kontant|gotowka|heti|(?:al )?contado|a vista|pronto pagamento|rimessa diretta|(?:a )?vista fattura|due now|"
    r"net 0|0)$"
)
NEXT_MONTH = r"(?:next|following|folgemonats?|prox(?:imo)?\.?|suivant|siguiente|seguinte|successivo|volgende)"
MONTH = r"(?:months?|monate?s?|mois|mes(?:e|i|es)?|maand(?:en)?)"
MONTH_END = (
    r"(?:eom|eonm|(?:the )?end of (?:the )?(?:invoice |current |next |following )?month|month[ -]?end|fin(?: de)? mois|fdm|"
    r"fine mese|d\.?f\.?f\.?m\.?|f\.? ?m\.?|fin(?: de)? mes|fim do mes|monatsende|ultimo|einde (?:van de )?maand|eind maand)"
)
ENGLISH_END = r"\b(?:eom|(?:the )?end of (?:the )?(?:invoice |current )?month|month[ -]?end)\b"
DAY_OF_NEXT = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.|er|o)?\s*(?:day |tag )?(?:of |in |du |del |do |des |dag )?(?:the |jeder? )?"
    rf"(?:{NEXT_MONTH}\s*{MONTH}|{MONTH}\s*{NEXT_MONTH}|{NEXT_MONTH})\b"
)
SEVERAL = re.compile(
    r"\b\d{1,3}\s*[/-]\s*\d{1,3}\s*[/-]\s*\d{1,3}\b|instal|upfront|deposit|anzahlung|acompte|business day|working day|werktag"
)
DISCOUNT_AND_NET = re.compile(r"(?:(\d{1,2}(?:[.,]\d{1,3})?)\s*%?\s*(?:/|\s)\s*(\d{1,2}))\b(?=.*\bn(?:et)?)")
MOST_DISCOUNT = 10  # per cent; more is no cash discount
DAYS_OF_WEEK = 7
LONGEST_WORDS = 200  # characters
FEW = 0.1  # of the rows without a due date: their terms may be misspelt
FEWEST = 2  # such rows that are asked about, where they are not most of all
SHOWN = 4  # of the words that a question names


@dataclass(frozen=True)
class Terms:
    """So many months and days after the base; the month's end is taken before them or after; then a day of a later month."""

    days: int = 0
    months: int = 0
    month_end: str = ""  # "before" the days are added, or "after"
    day: int = 0  # of the month
    later: int = 0  # months
    discount: float = 0.0  # share of the amount
    discount_days: int = 0

    def due(self, base: np.ndarray) -> np.ndarray:
        """Days since 1970 (int64) of the due dates for those of the base."""
        days = base.astype("datetime64[D]")
        days = _month_end(days) if self.month_end == "before" else days
        days = _months_later(days, self.months) + self.days
        days = _month_end(days) if self.month_end == "after" else days
        if self.day:
            first = days.astype("datetime64[M]") + self.later
            days = np.minimum(first.astype("datetime64[D]") + (self.day - 1), _month_end(first.astype("datetime64[D]")))
        result: np.ndarray = days.astype(np.int64)
        return result


def _month_end(days: np.ndarray) -> np.ndarray:
    end: np.ndarray = (days.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    return end


def _months_later(days: np.ndarray, months: int) -> np.ndarray:
    """The same day of a later month, its last day where it is shorter."""
    if not months:
        return days
    first = days.astype("datetime64[M]")
    into = (days - first.astype("datetime64[D]")).astype(np.int64)
    later = (first + months).astype("datetime64[D]")
    moved: np.ndarray = np.minimum(later + into, _month_end(later))
    return moved


@cache
def understood(text: str) -> Terms | None:
    """What worded terms mean: "2/10 net 30" is 30 days, "30 jours fin de mois" the end of the month they reach; None: unknown."""
    lower = text[:LONGEST_WORDS].lower().replace("日", " days ")
    plain = " ".join(unicodedata.normalize("NFKD", lower).encode("ascii", "ignore").decode().split()).strip(" .")
    if AT_ONCE.match(plain):
        return Terms()
    share, discount_days, rest = _discount(plain)
    if share > MOST_DISCOUNT or SEVERAL.search(rest):
        return None
    terms = _month_terms(rest) or _plain_terms(rest, several=bool(share))
    return None if terms is None else Terms(*_first_five(terms), share / 100, discount_days)


def _first_five(terms: Terms) -> tuple[int, int, str, int, int]:
    return terms.days, terms.months, terms.month_end, terms.day, terms.later


def _discount(plain: str) -> tuple[float, int, str]:
    """(per cent, days) of the cash discount, and the words without it."""
    pair = re.search(rf"{PERCENT}\s*{WITHIN}(\d{{1,3}})\b(?:\s*{DAYS}\b)?", plain)
    turned = re.search(rf"\b(\d{{1,3}})\s*{DAYS}\b\.?\s*{WITHIN}{PERCENT}\s*(?:skonto|discount|escompte|sconto|korting)?", plain)
    short = DISCOUNT_AND_NET.search(plain)
    if turned and (not pair or int(turned[1]) < int(pair[2])):
        return _number(turned[2]), int(turned[1]), plain.replace(turned[0], " ", 1)
    if pair:
        return _number(pair[1]), int(pair[2]), plain.replace(pair[0], " ", 1)
    if short and "%" not in plain.replace(short[0], ""):
        return _number(short[1]), int(short[2]), plain.replace(short[0], " ", 1)
    alone = re.search(PERCENT, plain)
    return (_number(alone[1]), 0, plain.replace(alone[0], " ", 1)) if alone else (0.0, 0, plain)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _month_terms(plain: str) -> Terms | None:
    """Terms that run to a month's end or to a day of a month."""
    if match := DAY_OF_NEXT.search(plain):
        return Terms(day=int(match[1]), later=1) if 1 <= int(match[1]) <= 31 else None
    end = re.search(rf"(?<![a-z]){MONTH_END}(?![a-z])", plain)
    if not end:
        return None
    rest = plain.replace(end[0], " ", 1)
    on = re.search(r"\b(?:le|am|den|il|el|on the|\+)\s*(\d{1,2})(?!\s*(?:d|t|j|g))(?:st|nd|rd|th|\.)?\s*$", rest)
    day = int(on[1]) if on and "+" not in on[0] else 0
    rest = rest.replace(on[0], " ", 1) if day and on else rest
    days = _plain_terms(rest, several=False) or Terms()
    following = re.search(NEXT_MONTH, end[0]) is not None or "eonm" in end[0]
    first = bool(re.match(r"\W*" + MONTH_END, plain)) or re.search(ENGLISH_END, end[0]) is not None
    if following:
        return Terms(months=1, month_end="after")
    return Terms(days.days, days.months, "before" if first and (days.days or days.months) else "after", day, 1 if day else 0)


def _plain_terms(plain: str, *, several: bool) -> Terms | None:
    """Days, weeks or months; beside a discount the net days, else the longest."""
    net = re.search(rf"\b{NET}[\s./:-]*(?:in |within |cash )?(\d{{1,3}})(?!\d|st|nd|rd|th|\s*%)", plain)
    net = net or re.search(rf"\b(\d{{1,3}})(?:\s*{DAYS}\b)?\.?\s*,?\s*{NET}\b", plain)
    if net:
        return _within(int(net[1]))
    if match := re.search(r"\b(\d{1,2})\s*(?:weeks?|wochen?|semaines?|weken|settimane|semanas)\b", plain):
        return _within(int(match[1]) * DAYS_OF_WEEK)
    if match := re.search(rf"\b(\d{{1,2}})\s*{MONTH}\b", plain):
        return Terms(months=int(match[1]))
    counts = [int(count) for count in re.findall(rf"\b(\d{{1,3}})\s*-?\s*{DAYS}\b", plain)]
    if len(counts) > 1 and not several:
        return None
    if counts:
        return _within(max(counts))
    bare = re.fullmatch(r"\W*(\d{1,3})(?:\.0+)?\W*", plain)
    return _within(int(bare[1])) if bare else None


def _within(days: int) -> Terms | None:
    return Terms(days) if days <= LONGEST_TERMS else None


def due_dates(entries: Entries, options: Options, decisions: Decisions) -> None:
    """Due dates that are missing, from the baseline date or issue date and the terms; marked as derived.

    Asks where more of the terms than a few are not understood.
    """
    base = _base(entries)
    due = _worded(entries, base)
    credit = entries.money["amount"] < 0
    linked = is_filled(entries.texts("reference"))
    wanted = (due == ABSENT) & (base > UNREADABLE)
    derived_day = _derived(entries, options, base, wanted & ~(credit & ~linked))
    derived_day = np.where(credit & ~linked, base, derived_day)
    derived = wanted & (derived_day > UNREADABLE)
    _ask(entries, wanted & ~credit, derived, decisions)
    due[derived] = derived_day[derived]
    if (derived & ~credit).any():
        column = entries.headers.get("baseline_date") or entries.headers.get("terms") or entries.headers.get("issue_date", "")
        entries.note("due_derived", column, number=int((derived & ~credit).sum()))
    entries.days["due_date"] = due


def _ask(entries: Entries, wanted: np.ndarray, derived: np.ndarray, decisions: Decisions) -> None:
    """Asks for the days where rows without a due date have terms that say nothing here, as "Z030"; a few are set aside."""
    unknown = wanted & ~derived & is_filled(entries.texts("terms"))
    few = unknown.sum() < FEWEST or unknown.sum() <= wanted.sum() * FEW
    if not unknown.any() or (few and unknown.sum() <= wanted.sum() / 2):
        return
    header = entries.headers.get("terms", "")
    words = pc.unique(entries.texts("terms").filter(pa.array(unknown))).to_pylist()
    shown = ", ".join(f"“{word}”" for word in words[:SHOWN])
    decisions.questions.append(
        Question(
            "terms_days",
            "due_date",
            header,
            f"The terms of {int(unknown.sum()):,} rows in “{header}” are not understood ({shown}), and these rows have no due "
            "date.",
            tuple((days, f"due {days} days after issue") for days in ("14", "30", "60")),
            "--terms-days 30",
        )
    )


def _worded(entries: Entries, base: np.ndarray) -> np.ndarray:
    """The due dates; a cell that says "on receipt" or "30 days" instead of a day gives one too."""
    due = entries.dates("due_date").copy()
    wordy = np.flatnonzero((due == UNREADABLE) & (base > UNREADABLE))
    if len(wordy):
        texts = entries.texts("due_date").take(pa.array(wordy)).to_pylist()
        for at, text in zip(wordy.tolist(), texts, strict=True):
            terms = understood(text)
            if terms is not None and not text[:1].isdecimal():
                due[at] = terms.due(base[at : at + 1].astype(np.int64))[0]
    return due


def _base(entries: Entries) -> np.ndarray:
    base: np.ndarray = np.where(entries.has_day("baseline_date"), entries.dates("baseline_date"), entries.dates("issue_date"))
    return base


def _derived(entries: Entries, options: Options, base: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Due dates by SAP's net days, a column of days, worded terms or the user's word (int32), ABSENT where nothing says."""
    days = _stated_days(entries)
    due = np.where(days >= 0, base + days, ABSENT).astype(np.int32)
    open_ = wanted & (days < 0)
    if "terms" in entries.text and open_.any():
        encoded = entries.texts("terms").combine_chunks().dictionary_encode()
        number = encoded.indices.to_numpy(zero_copy_only=False)
        for at, text in enumerate(encoded.dictionary.to_pylist()):
            mine = open_ & (number == at)
            if mine.any() and (terms := understood(text)) is not None:
                due[mine] = terms.due(base[mine].astype(np.int64))
    if options.terms_days is not None:
        due = np.where(wanted & (due == ABSENT), base + np.int32(options.terms_days), due).astype(np.int32)
    return due


def _stated_days(entries: Entries) -> np.ndarray:
    """Days of terms that stand in columns of their own (int32), -1 where none does."""
    days = np.full(len(entries), -1, np.int32)
    for name in ("terms_3", "terms_2", "terms_1", "terms_days"):
        if name in entries.decimals:
            value = entries.decimals[name].cast(pa.float64()).fill_null(0.0).to_numpy()
            days = np.where(
                (days <= 0) & (value >= 0) & (value <= LONGEST_TERMS), np.clip(value, 0, LONGEST_TERMS).astype(np.int32), days
            )
    return days


def discounts(entries: Entries) -> tuple[np.ndarray, np.ndarray]:
    """(share of the amount (float64), last day (int32)) of the cash discount of each row; share 0 where there is none."""
    share, days = np.zeros(len(entries)), np.zeros(len(entries), np.int32)
    if "terms" in entries.text:
        encoded = entries.texts("terms").combine_chunks().dictionary_encode()
        shares = np.array([_discount_of(text) for text in encoded.dictionary.to_pylist()] or [(0.0, 0)])
        share, days = shares[encoded.indices.to_numpy(zero_copy_only=False)].T
    if "percent_1" in entries.decimals and "terms_1" in entries.decimals:
        stated, until = (entries.decimals[name].cast(pa.float64()).fill_null(0.0).to_numpy() for name in ("percent_1", "terms_1"))
        share, days = np.where(stated > 0, stated / 100, share), np.where(stated > 0, until, days)
    return np.where(share <= MOST_DISCOUNT / 100, share, 0.0), (_base(entries) + days).astype(np.int32)


def _discount_of(text: str) -> tuple[float, int]:
    terms = understood(text)
    return (terms.discount, terms.discount_days) if terms else (0.0, 0)


def of_credits(entries: Entries) -> None:
    """Credits have no terms: where their due date is missing or before issue, it is the issue date."""
    credit = entries.money["amount"] < 0
    due, issue = entries.dates("due_date"), entries.dates("issue_date")
    entries.days["due_date"] = np.where(credit & (due < issue), issue, due).astype(np.int32)
