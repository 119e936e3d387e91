"""Are amounts exact, in the minor units of their currency?"""

import pytest

from insights.ledger.money import decimal_text, exponent, is_currency


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123456, "EUR", "1234.56"),
        (-5, "EUR", "-0.05"),
        (1234, "JPY", "1234"),
        (1234, "KWD", "1.234"),
        (10**17 + 1, "USD", "1000000000000000.01"),
        (7, "XXX", "0.07"),
    ],
)
def test_minor_units_become_exact_decimal_text(minor: int, currency: str, text: str) -> None:
    assert decimal_text(minor, currency) == text


def test_currencies_have_the_decimal_places_of_iso_4217() -> None:
    assert [exponent(code) for code in ("EUR", "JPY", "KWD")] == [2, 0, 3]
    assert is_currency("KWD")
    assert is_currency("XXX")
    assert not is_currency("EURO")
