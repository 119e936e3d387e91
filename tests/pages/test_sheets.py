"""By what do the headings of a table of figures sort?"""

import pytest

from insights.ledger.outcomes import BUCKETS
from pages.ui.shared.sheets import order_of


@pytest.mark.parametrize(
    "sorted_texts",
    [
        ("<1%", "9%", "80%", "100%"),
        ("\N{MINUS SIGN}1,200.00", "-3.5", "0", "2 invoices", "1,000.50"),
        ("31 Dec 2025", "2 Jan 2026", "1 Mar 2026"),
        ("EUR 9.00", "EUR 1,000.00", "USD 5.00", "USD 70.00"),
        ("Adler", "berg", "Zoo"),
    ],
)
def test_figures_and_days_stand_in_the_order_of_their_size_amounts_by_currency(sorted_texts: tuple[str, ...]) -> None:
    places = [order_of(text) or ("", 0.0) for text in sorted_texts]
    assert places == sorted(places)


@pytest.mark.parametrize("nothing", ["", "—"])
def test_what_says_nothing_has_no_place_among_the_others(nothing: str) -> None:
    assert order_of(nothing) is None


@pytest.mark.parametrize("bucket", BUCKETS)
def test_words_are_no_figures(bucket: str) -> None:
    assert order_of(bucket) == (bucket, 0.0)
