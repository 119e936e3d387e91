"""Which currency do a code, a name or a sign mean? What several currencies use ("$", "kr", "Rupees") is asked about.

Names are those of CLDR in the languages of the exports (by Babel), and a few that people write.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

import pyarrow as pa
from babel.core import Locale
from babel.numbers import get_currency_name

from insights.ledger.money import NO_CURRENCY, is_currency


def _by_name(table: Mapping[str, str]) -> Mapping[str, str]:
    return {name: code for code, names in table.items() for name in names.split("|")}


LANGUAGES = ("en", "de", "fr", "es", "pt", "nl", "it", "pl", "sv", "da", "ja", "zh", "ko", "ru", "cs", "fi", "tr", "hu")
SIGNS = _by_name(
    {
        "EUR": "€",
        "GBP": "£",
        "BRL": "R$",
        "USD": "US$|$US|U$S",
        "CAD": "CA$|C$|$CA",
        "AUD": "A$|AU$",
        "NZD": "NZ$",
        "HKD": "HK$",
        "SGD": "S$|SG$",
        "TWD": "NT$",
        "MXN": "MX$",
        "INR": "₹",
        "RUB": "₽",
        "KRW": "₩|원",
        "TRY": "₺",
        "ILS": "₪",
        "UAH": "₴",
        "THB": "฿",
        "VND": "₫",
        "PHP": "₱",
        "NGN": "₦",
        "KZT": "₸",
        "PLN": "ZŁ",
        "CZK": "KČ",
        "HUF": "FT",
        "RON": "LEI",
        "BGN": "ЛВ",
        "MYR": "RM",
        "CHF": "SFR|FR|FR.",
        "JPY": "円|JP¥",
        "CNY": "CN¥|元",
        "DKK": "DKR",
        "SEK": "SKR",
        "NOK": "NKR",
    }
)
NAMES = _by_name(
    {
        "EUR": "EURO|EUROS|EUROPEAN EURO",
        "GBP": "STG|STERLING|POUND STERLING|POUNDS STERLING|GB POUND|UK POUND",
        "USD": "DOLLAR US|DOLLAR AMERICAIN|US DOLLARS|U.S. DOLLAR|USA|AMERICAN DOLLAR|US-DOLLAR",
        "JPY": "YEN",
        "CNY": "RMB|RENMINBI|YUAN|人民币|人民幣",
        "PLN": "ZLOTY|ZŁOTY",
        "HUF": "FORINT",
        "BRL": "REAL|REAIS",
        "ZAR": "RAND",
        "THB": "BAHT",
        "MYR": "RINGGIT",
        "AED": "AED DIRHAM",
        "NGN": "NAIRA",
        "ILS": "SHEKEL",
        "UAH": "HRYVNIA",
    }
)
SHARED = {  # names and signs of several currencies -> the codes, the likeliest first
    **dict.fromkeys(("$", "DOLLAR", "DOLLARS"), "USD CAD AUD NZD SGD HKD MXN TWD"),
    **dict.fromkeys(("KR", "KRONE", "KRONER", "KRONA", "KRONOR", "CROWN"), "SEK NOK DKK ISK CZK"),
    **dict.fromkeys(("RS", "RUPEE", "RUPEES"), "INR PKR LKR NPR MUR"),
    **dict.fromkeys(("¥", "￥"), "JPY CNY"),
    **dict.fromkeys(("POUND", "POUNDS", "PFUND"), "GBP EGP"),
    **dict.fromkeys(("PESO", "PESOS"), "MXN ARS CLP COP PHP UYU DOP"),
    **dict.fromkeys(("FRANC", "FRANCS", "FRANKEN"), "CHF XAF XOF"),
    **dict.fromkeys(("DINAR", "DINARS"), "KWD BHD JOD TND IQD DZD RSD"),
    **dict.fromkeys(("RIYAL", "RIAL"), "SAR QAR OMR YER"),
    **dict.fromkeys(("DIRHAM", "DH"), "AED MAD"),
    **dict.fromkeys(("SHILLING", "KSH"), "KES TZS UGX"),
    "LIRA": "TRY",
    "LIRE": "TRY LBP SYP",
    "R": "ZAR BRL",
    "LE": "EGP",
    "L": "HNL RON",
    "BS": "BOB VES",
    "KC": "CZK",
}
OF_DYNAMICS = r"^Z-(?=\S)"  # Dynamics GP: Z-US$, Z-EURO, Z-C$
CODE = r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])"


@cache
def _names() -> Mapping[str, str]:
    """Names (upper case) that mean one currency in every one of the languages."""
    codes_of: dict[str, set[str]] = defaultdict(set)
    for language in LANGUAGES:
        data = Locale(language)
        for code, name in data.currencies.items():
            if "(" not in name:  # those are of the past
                codes_of[name.upper()].add(code)
        for code, forms in data._data["currency_names_plural"].items():  # noqa: SLF001 - Babel names no other way to the plurals
            for name in forms.values():
                codes_of[name.upper()].add(code)
    return {name: next(iter(codes)) for name, codes in codes_of.items() if len(codes) == 1}


def code_of(text: str, answers: Mapping[str, str]) -> str:
    """The code of ISO 4217; "" for a name or sign that several currencies share, and for what is none."""
    plain = text.strip()
    if plain in answers:
        return answers[plain].strip().upper()
    plain = re.sub(OF_DYNAMICS, "", plain)
    upper = plain.upper().strip(" .")
    if is_currency(upper) and upper != NO_CURRENCY:
        return upper
    if upper in SHARED:
        return ""
    if known := SIGNS.get(upper) or NAMES.get(upper):
        return known
    codes = {str(code) for code in re.findall(CODE, plain) if is_currency(code)}
    if len(codes) == 1:
        return codes.pop()
    return _names().get(upper, "") if len(upper) > len("EUR") or not upper.isascii() else ""


def is_shared(text: str) -> bool:
    """Whether it is a name or sign of several currencies."""
    return text.upper().strip(" .") in SHARED


def column(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Codes of a column, "" where empty; what is no currency stays as it is."""
    encoded = texts.combine_chunks().dictionary_encode()
    coded = [code_of(text, {}) or text for text in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(coded, pa.string()).take(encoded.indices)])


def candidates(text: str) -> tuple[str, ...]:
    """The codes that a shared name or sign may mean, the likeliest first."""
    return tuple(SHARED.get(text.upper().strip(" ."), "").split())


def name_of(code: str) -> str:
    return str(get_currency_name(code, locale="en"))
