"""What does the command `ageing` say, to people, to a machine and in a file?"""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from insights.cli import app
from insights.ledger.errors import Refused
from insights.ledger.ledger import SCHEMA
from insights.services import agreements, rates
from insights.services.agreements import Entry
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.store import Store
from tests.support.workspaces import ME, ledger_of, opened, with_credit_note

LEDGER = """
    North C1 A1 2024-01-05 2024-02-04 2024-02-10  10000 EUR
    North C1 A2 2024-01-06 2024-02-05 -          123456 EUR
    North C3 A4 2024-02-08 2024-03-09 -            7010 EUR
    South C2 A1 2024-01-08 2024-02-07 -             700 JPY
"""


def ran(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["ageing", *arguments])
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LEDGER, complete through 10 February 2024; of A2 there are 1 000.00 left then, and C1 has a credit note of 25.00."""
    ledger = with_credit_note(ledger_of(LEDGER, complete_through=date(2024, 2, 10)), 2500)
    left = pa.array([0, 100000, 7010, 700, -2500])
    table = ledger.invoices.set_column(ledger.invoices.schema.get_field_index("outstanding"), SCHEMA.field("outstanding"), left)
    home = tmp_path_factory.mktemp("ageing") / "home"
    commit(opened(home), replace(ledger, invoices=table), actor=ME)
    return home


@pytest.fixture(autouse=True)
def _looked_at(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_HOME", str(home))


def test_json_is_as_it_was_agreed() -> None:
    assert json.loads(ran("--json").stdout) == {
        "as_of": "2024-02-11",
        "currencies": {
            "EUR": {
                "receivables": "1070.10",
                "not_due": "70.10",
                "ranges": [
                    {"from": 1, "to": 30, "amount": "1000.00"},
                    {"from": 31, "to": 60, "amount": "0.00"},
                    {"from": 61, "to": 90, "amount": "0.00"},
                    {"from": 91, "to": None, "amount": "0.00"},
                ],
                "credits": "25.00",
                "on_account": "0.00",
                "net_balance": "1045.10",
                "exact": True,
            },
            "JPY": {
                "receivables": "700",
                "not_due": "0",
                "ranges": [
                    {"from": 1, "to": 30, "amount": "700"},
                    {"from": 31, "to": 60, "amount": "0"},
                    {"from": 61, "to": 90, "amount": "0"},
                    {"from": 91, "to": None, "amount": "0"},
                ],
                "credits": "0",
                "on_account": "0",
                "net_balance": "700",
                "exact": True,
            },
        },
    }


def test_a_past_day_by_issue_date_in_ranges_of_ones_own_is_said_to_be_as_invoiced() -> None:
    """As of 10 February A2 counts in full: of what was paid of it nobody knows the day. It was issued 35 days before."""
    found = json.loads(ran("--json", "--as-of", "2024-02-10", "--by", "issue", "--ranges", "7,34").stdout)
    euros = found["currencies"]["EUR"]
    assert [(each["from"], each["to"], each["amount"]) for each in euros["ranges"]] == [
        (1, 7, "70.10"),
        (8, 34, "0.00"),
        (35, None, "1334.56"),
    ]
    assert (euros["receivables"], euros["not_due"], euros["exact"]) == ("1404.66", "0.00", False)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_a_file_has_the_customers_and_their_totals(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"ageing.{suffix}"
    said = ran("--out", str(out)).stdout
    assert "What is owed as of 2024-02-11, in days past due" in said
    assert str(out) in said
    assert out.stat().st_size > 100
    if suffix == "parquet":
        rows = pq.read_table(out).to_pylist()
        assert [(row["row"], row["customer_id"], row["receivables"]) for row in rows] == [
            ("customer", "C1", Decimal("1000.00")),
            ("customer", "C3", Decimal("70.10")),
            ("customer", "C2", Decimal("700.00")),
            ("total", None, Decimal("1070.10")),
            ("total", None, Decimal("700.00")),
        ]


@pytest.mark.parametrize("wrong", [("--ranges", "90,30"), ("--by", "payment"), ("--out", "ageing.pdf")])
def test_what_cannot_be_meant_is_wrong_usage(wrong: tuple[str, str]) -> None:
    ran(*wrong, code=2)


def test_a_day_after_the_ledger_s_last_one_is_refused() -> None:
    done = CliRunner().invoke(app, ["ageing", "--as-of", "2024-06-01"])
    assert done.exit_code == 1


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["ageing", *arguments])
    assert isinstance(done.exception, Refused)
    return done.exception.code


@pytest.mark.slow
def test_in_one_currency_it_is_the_sum_of_each_currency_s_total(home: Path, tmp_path: Path) -> None:
    """1 070.10 EUR and 700 JPY at 0.0061, 4.27 EUR; with no rate to USD it is refused."""
    assert refused("--reporting", "EUR") == "no_rate_table"
    table = tmp_path / "rates.csv"
    table.write_text("date,from,to,rate\n2024-02-10,JPY,EUR,0.0061\n2024-02-11,JPY,EUR,1.0\n", "utf-8")
    kept = rates.keep(Store.open(home), table, actor=ME)
    done = ran("--json", "--reporting", "eur")
    (found,) = json.loads(done.stdout)["currencies"].items()
    assert (found[0], found[1]["receivables"], found[1]["exact"]) == ("EUR", "1074.37", True)
    assert "All in EUR, each currency at one rate: JPY at 0.0061 of 2024-02-10." in done.stderr
    assert refused("--reporting", "USD") == "no_rate"
    rates.remove(Store.open(home), kept.id, actor=ME)


def test_of_one_company_alone() -> None:
    found = json.loads(ran("--json", "--company", "South").stdout)["currencies"]
    assert {currency: each["receivables"] for currency, each in found.items()} == {"JPY": "700"}
    assert refused("--company", "East") == "no_company"


def test_of_an_owner_s_customers_alone(home: Path) -> None:
    store = opened(home)
    ledger = ledgers.load(store, ledgers.listed(store)[0].id)
    entry = Entry("owner", "North", "C1", (), {"name": "Ada"})
    agreements.enter(store, ledger, ledger.last_as_of, [entry], actor=ME)
    found = json.loads(ran("--json", "--owner", "Ada").stdout)["currencies"]
    assert {currency: each["receivables"] for currency, each in found.items()} == {"EUR": "1000.00"}
    assert refused("--owner", "Bob") == "no_owner"
    assert refused("--group", "sector=Retail") == "no_group"
