"""Which number does a cell hold?"""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pytest

from insights.ingest.draft import Options
from insights.ingest.grid import text_column
from insights.ingest.recognise import numbers
from insights.ledger.errors import Refused
from tests.ingest.examples import aside, column, draft, ledger


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1.234,56", ",", 1234.56),
        ("1,234.56", ".", 1234.56),
        ("1.234.567", ",", 1234567),
        ("1,23,456.78", ".", 123456.78),
        ("1 234,56", ",", 1234.56),
        ("1\u202f234,56", ",", 1234.56),
        ("1'234.50", ".", 1234.5),
        ("1’234.50", ".", 1234.5),
        ("100.20-", ".", -100.2),
        ("-100.20", ".", -100.2),
        ("−100.20", ".", -100.2),
        ("(100.20)", ".", -100.2),
        ("($1,100.20)", ".", -1100.2),
        ("100.20 CR", ".", -100.2),
        ("100.20 DR", ".", 100.2),
        ("€ 12,50", ",", 12.5),
        ("12,50 EUR", ",", 12.5),
        ("R$ 12,50", ",", 12.5),
        ("US$12.50", ".", 12.5),
        ("12,50 kr", ",", 12.5),
        (".5", ".", 0.5),
        ("0.123", ".", 0.123),
        ("1234.567", ".", 1234.567),
        ("1.5E+03", ".", 1500),
    ],
)
def test_a_number_is_read_whatever_surrounds_it(text: str, mark: str, value: float) -> None:
    cells = numbers.column(text_column([text]), None)
    assert set(cells.proofs()) <= {mark}
    values, unreadable = cells.values(mark)
    assert (float(values[0].as_py()), unreadable.tolist()) == (value, [False])


@pytest.mark.parametrize("text", ["abc", "12a", "1.2.3", "1,2,3.4,5", "--5", "12345678901234567", "#REF!", "1/2"])
def test_what_is_no_number_is_unreadable(text: str) -> None:
    values, unreadable = numbers.column(text_column([text]), None).values(".")
    assert (values[0].as_py(), unreadable.tolist()) == (None, [True])


def test_without_proof_the_decimal_mark_is_asked(tmp_path: Path) -> None:
    """
    invoice_id;customer_id;issue_date;due_date;amount
    1;C1;2024-01-05;2024-02-05;1.234
    2;C1;2024-01-05;2024-02-05;17
    """
    text = test_without_proof_the_decimal_mark_is_asked.__doc__ or ""
    found = draft(tmp_path, text)
    assert [(question.option, question.column) for question in found.questions] == [("decimal", "amount")]
    assert found.questions[0].choices == ((".", "decimal point: 1.234 is 1.234"), (",", "decimal comma: 1.234 is 1234"))
    assert column(ledger(tmp_path, text, Options(decimal=",")), "amount") == [123400, 1700]
    assert column(ledger(tmp_path, text, Options(decimal=".")), "amount") == [123, 1700]


def test_proof_of_both_marks_stops_the_import(tmp_path: Path) -> None:
    """
    invoice_id;customer_id;issue_date;due_date;amount
    1;C1;2024-01-05;2024-02-05;1.234,50
    2;C1;2024-01-05;2024-02-05;1,234.50
    """
    text = test_proof_of_both_marks_stops_the_import.__doc__ or ""
    with pytest.raises(Refused, match=r"“1,234.50” \(row 3\) has a decimal point, “1.234,50” \(row 2\) a decimal comma"):
        draft(tmp_path, text)
    assert aside(ledger(tmp_path, text, Options(decimal=","))) == [(3, "amount", "1,234.50", "number_unreadable")]


def test_large_amounts_keep_every_cent(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,2024-01-05,2024-02-05,8999999999999.99
    2,C1,2024-01-05,2024-02-05,0.29
    3,C1,2024-01-05,2024-02-05,99999999999999.00
    """
    found = ledger(tmp_path, test_large_amounts_keep_every_cent.__doc__ or "")
    assert column(found, "amount") == [899999999999999, 29]
    assert aside(found) == [(4, "amount", "99999999999999.00", "amount_absurd")]


@pytest.mark.parametrize("text", ["Rs. 1,23,456.50/-", "123456.50/=", "123,456.50"])
def test_a_stroke_that_ends_an_amount_is_no_minus(tmp_path: Path, text: str) -> None:
    found = ledger(tmp_path, f'Customer,Number,Date,Due Date,Amount\nC1,1,2026-01-05,2026-02-04,"{text}"')
    assert column(found, "outstanding") == [12345650]


@pytest.mark.parametrize(
    "texts", [["12.5", "", "-0.005", "007", "3.3333333333"], ["999999999999.99", "1"], ["1", "0.00000000001"]]
)
def test_plain_figures_mean_the_same_beside_a_figure_that_is_not_plain(texts: list[str]) -> None:
    """What stands in a column of plain figures is read by a shorter way than where one cell is written otherwise."""
    alone, beside = (numbers.column(text_column(cells), None) for cells in (texts, [*texts, "(1)"]))
    assert alone.plain
    assert not beside.plain
    values, unreadable = alone.values(".")
    others, of_others = beside.values(".")
    assert values.to_pylist() == others.to_pylist()[:-1]
    assert unreadable.tolist() == of_others.tolist()[:-1]
    assert alone.proofs() == beside.proofs()


@pytest.mark.parametrize("places", [0, 2, 3, 6])
def test_halves_of_a_cent_are_rounded_away_from_zero_whatever_stands_in_the_column(places: int) -> None:
    """The last amount needs more than 64 bits with its decimals, so that the column is computed in another way."""
    texts = ["0.5", "-0.5", "0.0000005", "1.2345678901", "-1.005", "", "899999999.99"]
    exponents = np.full(len(texts) + 1, places, np.int8)
    units, missing = numbers.minor_units(numbers.column(text_column(texts), None).values(".")[0], exponents[:-1])
    wide = numbers.column(text_column([*texts, "99999999999999.99"]), None).values(".")[0]
    of_wide, missing_of_wide = numbers.minor_units(wide, exponents)
    assert units.tolist() == of_wide.tolist()[:-1]
    assert missing.tolist() == missing_of_wide.tolist()[:-1]
    assert of_wide[-1] <= numbers.MOST + 1
    exact = [0 if not text else int((Decimal(text) * 10**places).quantize(Decimal(1), ROUND_HALF_UP)) for text in texts]
    assert units.tolist() == [min(value, numbers.MOST + 1) for value in exact]
