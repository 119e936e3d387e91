"""Columns that tell how an invoice ended are blocked or asked about, with the reason; honest ones never are."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa
import pytest

from insights.evaluation.leakage import is_agreed, leaks, sentence
from insights.ledger.ledger import FURTHER, Ledger
from tests.support.workspaces import ledger_of

COUNT = 4000
END = date(2024, 12, 31)
DAY = timedelta(days=1)


@cache
def plain() -> tuple[Ledger, np.ndarray]:
    """4000 invoices of 80 customers over a year, and each customer's habit: the share it pays late, from 2 to 98 per cent."""
    draw = np.random.default_rng(5)
    habit = np.linspace(0.02, 0.98, 80)[draw.permutation(80)]
    lines = []
    for number in range(COUNT):
        customer = number % 80
        issued = date(2024, 1, 1) + DAY * (number * 365 // COUNT)
        due = issued + 30 * DAY
        late = draw.random() < habit[customer]
        paid = due + DAY * int(draw.integers(1, 60) if late else -draw.integers(0, 15))
        shown = paid if paid <= END else "-"
        lines.append(f"north C{customer:02} R{number:05} {issued} {due} {shown} {int(draw.integers(100, 90000))} EUR")
    return ledger_of("\n".join(lines), complete_through=END), habit[np.arange(COUNT) % 80]


def marked(name: str, values: list[object]) -> Ledger:
    """That ledger with a further column, marked known at issue."""
    ledger, _ = plain()
    column = pa.array(values)
    if pa.types.is_integer(column.type):
        column = column.cast(pa.float64())
    return replace(ledger, invoices=ledger.invoices.append_column(FURTHER + name, column), known_at_issue=(name,))


def rows() -> list[dict[str, Any]]:
    """The invoices as mappings, each with its days late (None while open) and its status at export."""
    found: list[dict[str, Any]] = plain()[0].invoices.to_pylist()
    for row in found:
        row["late"] = None if row["paid_date"] is None else (row["paid_date"] - row["due_date"]).days
        row["overdue"] = row["paid_date"] is None and row["due_date"] <= END
        row["dunned"] = row["overdue"] or (row["late"] is not None and row["late"] > 5)
    return found


def noise(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def each(of: Callable[[dict[str, Any]], object]) -> Callable[[], list[Any]]:
    return lambda: [of(row) for row in rows()]


LEAKING: dict[str, tuple[Callable[[], list[object]], str]] = {
    "invoice hash": (each(lambda row: f"{crc32(str(row['invoice_id']).encode()):08x}"), "identifier"),
    "document number": (lambda: [5_000_000 + number for number in range(COUNT)], "identifier"),
    "customer tax number": (each(lambda row: f"DE{row['customer_id']}99"), "identifier"),
    "days late": (each(lambda row: row["late"]), "outcome"),
    "days late, never below 0": (each(lambda row: None if row["late"] is None else max(row["late"], 0)), "outcome"),
    "days to settle": (each(lambda row: row["paid_date"] and (row["paid_date"] - row["issue_date"]).days), "outcome"),
    "noisy delay": (lambda: [v and v + noise(1).normal() for v in each(lambda row: row["late"])()], "outcome"),
    "clearing date": (each(lambda row: row["paid_date"] and row["paid_date"] + DAY), "outcome"),
    "status": (each(lambda row: "closed" if row["paid_date"] else "open"), "valued_by_end"),
    "paid amount": (each(lambda row: row["amount"] / 100 if row["paid_date"] else 0.0), "filled_by_end"),
    "letter sent": (each(lambda row: row["due_date"] + 7 * DAY if row["dunned"] else None), "filled_by_end"),
    "stage reached": (each(lambda row: 2.0 if row["dunned"] else 0.0), "filled_by_end"),
    "handled by": (each(lambda row: "Ann" if row["dunned"] else None), "filled_by_end"),
    "payment method used": (each(lambda row: "transfer" if row["paid_date"] else None), "filled_by_end"),
    "expected payment": (each(lambda row: None if row["paid_date"] else row["due_date"]), "filled_by_end"),
    "end state": (
        each(lambda row: "late" if row["dunned"] else "pending" if not row["paid_date"] else "fine"),
        "valued_by_end",
    ),
}


@pytest.mark.parametrize("name", LEAKING)
def test_a_leaking_column_is_blocked_with_the_reason(name: str) -> None:
    values, code = LEAKING[name]
    (found,) = leaks(marked(name, values()))
    assert (found.column, found.code, found.blocked) == (name, code, True)
    assert sentence(found).startswith(f"{name}: ")


def of_habit(seed: int, labels: list[object], blur: float = 0.05) -> list[object]:
    """A label per invoice that follows its customer's habit closely, with a little blur."""
    habit = plain()[1]
    place = np.clip(habit + noise(seed).normal(0, blur, COUNT), 0, 0.999)
    return [labels[int(at * len(labels))] for at in place]


HONEST: dict[str, Callable[[], list[object]]] = {
    "risk class": lambda: of_habit(1, ["A", "B", "C", "D", "E"]),
    "credit score": lambda: [float(600 - 400 * habit) for habit in plain()[1]],
    "exact credit limit": lambda: [
        round(float(90000 - 80000 * habit) + number % 80 / 7, 2) for number, habit in enumerate(plain()[1])
    ],
    "direct debit": lambda: of_habit(2, ["yes", "no", "no"]),
    "segment": lambda: of_habit(3, ["Retail", "Industry", "Public"]),
    "sales office": lambda: of_habit(4, [f"Office {number}" for number in range(12)]),
    "score of a bureau, often missing": lambda: [
        value if noise(50 + number).random() < 0.6 else None for number, value in enumerate(of_habit(5, [1.0, 2.0, 3.0, 4.0]))
    ],
    "contract": lambda: of_habit(6, ["frame", "single"]),
    "channel": lambda: [["web", "phone", "shop"][number % 3] for number in range(COUNT)],
    "discount agreed": lambda: [float(value) for value in noise(7).integers(0, 5, COUNT)],
    "order date": each(lambda row: row["issue_date"] - 9 * DAY),
    "since when a customer": each(lambda row: date(2010, 1, 1) + 37 * DAY * int(str(row["customer_id"])[1:])),
    "a column kept since June": each(lambda row: "yes" if row["issue_date"] >= date(2024, 6, 1) else None),
    "weight": lambda: [round(float(value), 1) for value in noise(8).lognormal(3, 1, COUNT)],
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_column_however_strong_is_never_blocked(name: str) -> None:
    assert [leak for leak in leaks(marked(name, HONEST[name]())) if leak.blocked] == []


def test_a_column_that_predicts_implausibly_well_is_asked_about_with_the_figure() -> None:
    """Right for 97 of 100 invoices, and filled for all: nothing but its skill speaks against it."""
    right = noise(9).random(COUNT) < 0.97
    late = [bool(row["dunned"]) or (row["late"] is not None and row["late"] > 0) for row in rows()]
    (found,) = leaks(
        marked("hunch", ["x" if (is_late == is_right) else "y" for is_late, is_right in zip(late, right, strict=True)])
    )
    assert (found.code, found.blocked) == ("implausible", False)
    assert 0.9 <= found.figure < 0.995
    assert f"{found.figure:.3f}" in sentence(found)


def test_a_column_that_changed_between_two_versions_is_blocked() -> None:
    classes = of_habit(1, ["A", "B", "C"])
    older = marked("risk class", classes)
    newer = marked("risk class", ["B" if number == 7 else value for number, value in enumerate(classes)])
    assert leaks(newer, earlier=[older])[0].code == "changed"
    assert leaks(newer, earlier=[newer]) == ()


def test_what_is_not_known_on_the_day_changes_no_judgement() -> None:
    """As of June, rewriting every payment since then leaves the findings as they are."""
    as_of = date(2024, 6, 1)
    ledger = marked("letter sent", LEAKING["letter sent"][0]())
    paid = [None if row["paid_date"] and row["paid_date"] >= as_of else row["paid_date"] for row in ledger.invoices.to_pylist()]
    at = ledger.invoices.schema.get_field_index("paid_date")
    rewritten = replace(ledger, invoices=ledger.invoices.set_column(at, "paid_date", pa.array(paid, pa.date32())))
    assert leaks(ledger, as_of=as_of) == leaks(rewritten, as_of=as_of)


def test_columns_that_nobody_marked_are_not_judged() -> None:
    assert leaks(replace(marked("days late", LEAKING["days late"][0]()), known_at_issue=())) == ()


@pytest.mark.parametrize(
    "name",
    [
        "Dunning Level",
        "dunning_level",
        "Mahnstufe",
        "Reminders sent",
        "Promise date",
        "PTP",
        "Dispute reason",
        "Last contact",
        "Calls",
    ],
)
def test_what_was_agreed_or_done_to_be_paid_is_never_a_field(name: str) -> None:
    """Whatever its values are: here, noise."""
    values: list[object] = noise(3).integers(0, 3, COUNT).astype(float).tolist()
    (leak,) = leaks(marked(name, values))
    assert (leak.code, leak.blocked) == ("agreed", True)
    assert "because he pays late" in sentence(leak)


@pytest.mark.parametrize("name", ["Sales contact", "Contact person", "Promotion", "Callsign", "Segment", "Limit", "Region"])
def test_a_customers_contact_person_is_not_what_was_agreed(name: str) -> None:
    assert not is_agreed(name)
