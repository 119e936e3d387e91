"""Does the command `forecast` say what the contract promises, and `predict --forecast` the same?"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pytest

from tests.support.commands import Run
from tests.support.workspaces import write_csv

WEEK = {"start", "open_book", "open_book_low", "open_book_high", "not_invoiced", "low", "high", "due"}

pytestmark = pytest.mark.slow


def check(told: dict[str, Any], as_of: str, outstanding: str) -> None:
    """The shape of a forecast of one currency, to the letter, and its sum to the cent."""
    assert set(told) == {"as_of", "currencies"}
    assert told["as_of"] == as_of
    (found,) = told["currencies"].values()
    assert set(found) == {"outstanding", "weeks", "later"}
    assert found["outstanding"] == outstanding
    assert [set(week) for week in found["weeks"]] == [WEEK] * 13
    starts = [date.fromisoformat(week["start"]) for week in found["weeks"]]
    assert (starts[0].isoformat(), {(b - a).days for a, b in pairwise(starts)}) == (as_of, {7})
    whole = sum((Decimal(week["open_book"]) for week in found["weeks"]), Decimal(found["later"]))
    assert whole == Decimal(outstanding)


def test_the_open_book_of_all_weeks_and_later_is_what_is_outstanding(
    trained: Path, at: Callable[[Path], Run], tmp_path: Path
) -> None:
    run = at(trained)
    _, listed, _ = run("ledgers", "--json")
    (ledger,) = json.loads(listed)
    code, out, _ = run("forecast", "--as-of", "2025-01-01", "--json", "--out", tmp_path / "weeks.csv")
    assert code == 0
    told = json.loads(out)
    assert set(told["currencies"]) == {"EUR"}
    check(told, "2025-01-01", ledger["outstanding"]["EUR"])
    rows = pa_csv.read_csv(tmp_path / "weeks.csv").to_pylist()
    assert [f"{row['open_book']:.2f}" for row in rows] == [week["open_book"] for week in told["currencies"]["EUR"]["weeks"]]
    code, plain, _ = run("forecast", "--as-of", "2025-01-01")
    assert code == 0
    assert f"Receivables: {ledger['outstanding']['EUR']}" in plain


def test_of_one_customer_it_is_what_that_customer_owes(trained: Path, at: Callable[[Path], Run], tmp_path: Path) -> None:
    """Each customer's forecast sums to their receivables, and all of them to everybody's."""
    run = at(trained)
    assert run("invoices", "--out", tmp_path / "invoices.csv")[0] == 0
    who = sorted({str(row["customer_id"]) for row in pa_csv.read_csv(tmp_path / "invoices.csv").to_pylist()})
    wanted = ("forecast", "--as-of", "2025-01-01", "--no-replay", "--json")
    whole, *parts = (
        json.loads(run(*wanted, *(("--customer", each) if each else ()))[1])["currencies"].get("EUR") for each in ("", *who)
    )
    assert sum(Decimal(each["outstanding"]) for each in parts if each) == Decimal(whole["outstanding"])
    weeks = [sum(Decimal(each["weeks"][number]["open_book"]) for each in parts if each) for number in range(13)]
    assert weeks == [Decimal(week["open_book"]) for week in whole["weeks"]]
    code, out, said = run(*wanted, "--customer", "nobody")
    assert (code, json.loads(out)["refused"]) == (1, "no_customer")
    assert "There is no customer nobody in this ledger." in said
    assert json.loads(run(*wanted, "--company", "nobody")[1])["refused"] == "no_company"


def test_predict_writes_the_same_forecast_with_a_billing_plan_and_keeps_nothing(
    at: Callable[[Path], Run], tmp_path: Path
) -> None:
    """A file without a currency: its key is XXX. The plan is of 500 on the first day, due at once, and nothing else."""
    file = write_csv(tmp_path / "ledger.csv")
    lines = [line.rpartition(",")[0] for line in file.read_text("utf-8").splitlines()]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    run = at(tmp_path / "home")
    out = tmp_path / "cash.json"
    plan = tmp_path / "plan.csv"
    plan.write_text("date,amount,terms\n2024-12-01,500.00,0\nsoon,1.00,\n", "utf-8")
    wanted = ("predict", file, "--as-of", "2024-12-01", "--out", tmp_path / "scored.csv", "--json", "--billing-plan", plan)
    assert run(*wanted)[0] == 2, "a plan without a forecast is no use"
    code, said, notes = run(*wanted, "--forecast", out)
    assert code == 0
    assert json.loads(said)["forecast"] == str(out)
    assert "Row 3: “soon” is no day" in notes
    assert "500.00 by the billing plan" in notes
    told = json.loads(out.read_text("utf-8"))
    assert set(told["currencies"]) == {"XXX"}
    rows = pa_csv.read_csv(tmp_path / "scored.csv").to_pylist()
    check(told, "2024-12-01", f"{sum(Decimal(str(row['outstanding'])) for row in rows):.2f}")
    assert 0 < sum(Decimal(week["not_invoiced"]) for week in told["currencies"]["XXX"]["weeks"]) <= 500


def test_without_a_model_there_is_no_forecast_but_a_sentence(at: Callable[[Path], Run], tmp_path: Path) -> None:
    run = at(tmp_path / "home")
    assert run("import", write_csv(tmp_path / "ledger.csv"), "--complete-through", "2024-12-31")[0] == 0
    code, out, said = run("forecast", "--json")
    assert code == 1
    assert json.loads(out)["refused"] == "no_model"
    assert "No model in this workspace was trained" in said


def test_a_billing_plan_takes_the_place_of_what_is_not_invoiced(trained: Path, at: Callable[[Path], Run], tmp_path: Path) -> None:
    """Nothing but 500 on the first day, due at once; it is kept nowhere."""
    run = at(trained)
    plan = tmp_path / "plan.csv"
    plan.write_text("date,amount,terms\n2025-01-01,500.00,0\nsoon,1.00,\n", "utf-8")
    code, out, said = run("forecast", "--as-of", "2025-01-01", "--json", "--no-replay", "--billing-plan", plan)
    assert code == 0
    weeks = json.loads(out)["currencies"]["EUR"]["weeks"]
    assert 0 < sum(Decimal(week["not_invoiced"]) for week in weeks) <= 500
    assert "Row 3: “soon” is no day" in said
    assert "500.00 by the billing plan" in said
    _, out, _ = run("forecast", "--as-of", "2025-01-01", "--json", "--no-replay")
    assert json.loads(out)["currencies"]["EUR"]["weeks"] != weeks
