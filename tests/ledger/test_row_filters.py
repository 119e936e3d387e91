"""Filters choose the invoices that a model learns from, and cannot tell how those ended."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from insights.ledger.errors import Refused
from insights.ledger.ledger import FURTHER, Ledger
from insights.ledger.row_filters import parse, passing
from insights.model.recipe import Recipe
from insights.model.training import train
from tests.support.workspaces import ledger_of, year_of_invoices

LEDGER = """
    north acme  1 2024-01-02 2024-02-01 2024-01-30  1000 EUR
    north birch 2 2024-02-05 2024-03-06 -          25050 EUR
    south birch 3 2024-02-10 2024-03-11 2024-03-20   300 JPY
"""


def example() -> Ledger:
    """10.00 EUR, 250.50 EUR and 300 JPY; the first disputed; segments Retail, none, Staff; `status` not known at issue."""
    ledger = ledger_of(LEDGER, known_at_issue=("segment", "score", "disputed"))
    table = ledger.invoices.set_column(15, "disputed", pa.array([True, None, False]))
    table = table.append_column(f"{FURTHER}segment", pa.array(["Retail", None, "Staff"]))
    table = table.append_column(f"{FURTHER}score", pa.array([1.0, None, 3.5]))
    table = table.append_column(f"{FURTHER}status", pa.array(["paid", "open", "paid"]))
    return Ledger(table, ledger.complete_through, ledger.history_starts, known_at_issue=ledger.known_at_issue)


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ((), [1, 2, 3]),
        (("company=north",), [1, 2]),
        (("company!=north",), [3]),
        (("customer_id=acme|birch", "currency=EUR"), [1, 2]),
        (("amount>=250.50",), [2, 3]),
        (("amount <= 10",), [1]),
        (("issue_date>=2024-02-05",), [2, 3]),
        (("disputed=no",), [2, 3]),
        (("disputed=yes",), [1]),
        (("segment=Retail",), [1]),
        (("segment!=Staff",), [1, 2]),
        (("score>=2",), [3]),
    ],
)
def test_rows_that_pass(filters: tuple[str, ...], kept: list[int]) -> None:
    assert (np.flatnonzero(passing(example(), filters)) + 1).tolist() == kept


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("company", "filter_form"),
        ("company=", "filter_form"),
        ("=north", "filter_form"),
        ("amount>=much", "filter_value"),
        ("amount>=1|2", "filter_value"),
        ("issue_date<=31.12.2024", "filter_value"),
        ("disputed=maybe", "filter_value"),
        ("company>=north", "filter_sign"),
        ("status=paid", "filter_column"),
        ("paid_date>=2024-01-01", "filter_column"),
        ("outstanding>=1", "filter_column"),
        ("colour=red", "filter_column"),
    ],
)
def test_what_is_no_filter_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        passing(example(), (text,))
    assert caught.value.code == code


def test_disputes_that_were_not_known_at_issue_choose_no_invoices() -> None:
    """A flag at export: who disputes has often not paid by then."""
    unmarked = replace(example(), known_at_issue=())
    with pytest.raises(Refused, match="disputed was not known at issue, so it may tell how an invoice ended") as caught:
        passing(unmarked, ("disputed=no",))
    assert caught.value.code == "filter_column"


def test_a_filter_is_written_as_it_is_read() -> None:
    assert parse(" amount  >= 100 ").text == "amount>=100"


def test_a_model_learns_from_the_rows_that_pass_and_a_recipe_keeps_its_filters() -> None:
    ledger = year_of_invoices()
    recipe = Recipe(rows=("issue_date>=2024-04-01", "customer_id!=C03"))
    assert Recipe.from_json(recipe.to_json()) == recipe
    counts = [train(ledger, ledger.complete_through, each).metrics.counts.resolved for each in (Recipe(), recipe)]
    assert 100 < counts[1] < counts[0]
    with pytest.raises(Refused):
        train(ledger, ledger.complete_through, Recipe(rows=("customer_id=C03",)))
