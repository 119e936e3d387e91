"""Are figures of other scripts, and marks that no eye sees, read as the plain ones?"""

import pyarrow as pa
import pytest

from insights.ingest.recognise import digits, numbers


@pytest.mark.parametrize(
    "text", ["٢٠٢٦/٠١/١٥", "۲۰۲۶/۰۱/۱۵", "२०२६/०१/१५", "๒๐๒๖/๐๑/๑๕", "２０２６／０１／１５", "\u200e2026/01/15\u200f"]
)
def test_a_day_in_figures_of_any_script_is_that_day(text: str) -> None:
    assert digits.plain(text) == "2026/01/15"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("١٬٢٠٠٫٥٠", "1200.50"),
        ("۵۰۰٫۱۲۵", "500.125"),
        ("१,२०,०००.५०", "120000.50"),
        ("１，２００．５０", "1200.50"),
        ("\u200f-٥٠٠٫٠", "-500.00"),
    ],
)
def test_an_amount_in_figures_of_any_script_is_that_amount(text: str, value: str) -> None:
    cells = numbers.column(pa.chunked_array([[text]]), None)
    (mark,) = cells.proofs() or [""]
    values, unreadable = cells.values(mark)
    assert (float(values[0].as_py()), unreadable.tolist()) == (float(value), [False])


def test_the_arabic_decimal_mark_proves_itself_where_a_point_would_not() -> None:
    assert list(numbers.column(pa.chunked_array([["٥٠٠٫١٢٥"]]), None).proofs()) == ["."]
    assert list(numbers.column(pa.chunked_array([["500.125"]]), None).proofs()) == []


def test_what_bears_plain_figures_only_stays_the_same_column() -> None:
    cells = pa.chunked_array([["12.50", "1 200,00 €", "(3)"]])
    assert digits.of_numbers(cells) is cells


def test_figures_are_no_sign_of_a_currency() -> None:
    assert numbers.ornaments(pa.chunked_array([["٥٠٠", "٥٠٠ €"]])).to_pylist() == ["", "€"]


def test_a_raised_figure_is_no_figure_of_the_number_that_it_stands_at() -> None:
    """A footnote: 1,200² is not twelve thousand, whatever other scripts stand in the column."""
    values, unreadable = numbers.column(pa.chunked_array([["1,200²", "٥٠٠"]]), None).values(".")
    assert (values[0].as_py(), float(values[1].as_py()), unreadable.tolist()) == (None, 500.0, [True, False])
