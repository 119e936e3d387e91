"""How much is it, exactly? Integer minor units by ISO 4217, and their text."""

from decimal import Decimal
from functools import cache

from babel.core import Locale
from babel.numbers import get_currency_precision

NO_CURRENCY = "XXX"  # ISO 4217's code for "no currency": the ledger did not say


@cache
def exponent(currency: str) -> int:
    """Decimal places of a currency: 2 for EUR and for unknown ones, 0 for JPY, 3 for KWD (source: CLDR by Babel)."""
    return get_currency_precision(currency)


@cache
def is_currency(code: str) -> bool:
    """Whether `code` is a currency code that CLDR knows."""
    return code == NO_CURRENCY or code in Locale("en").currencies


def decimal_text(minor: int, currency: str) -> str:
    """Minor units as plain decimal text: `decimal_text(123456, "EUR") == "1234.56"`."""
    places = exponent(currency)
    return f"{Decimal(int(minor)).scaleb(-places):.{places}f}"
