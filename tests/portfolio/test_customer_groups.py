"""Which columns group customers, and who is in a group as of a day?"""

from datetime import date

from insights.ledger.ledger import Ledger
from insights.portfolio.customer_groups import group_columns, groups_of, of_customers
from tests.support.ledgers import DAY, START, Row, ledger_of

NOW = date(2026, 1, 1)


def grouped() -> Ledger:
    """A and B are wholesale, C retail; A moves to retail in 2026. The region says something else on every invoice."""
    rows: list[Row] = [
        {"customer_id": who, "x:sector": sector, "x:region": f"R{number % 3}", "issue_date": START + number * DAY}
        for number, (who, sector) in enumerate([("A", "wholesale"), ("B", "wholesale"), ("C", "retail")] * 8)
    ]
    return ledger_of([*rows, {"customer_id": "A", "x:sector": "retail", "x:region": "R0", "issue_date": NOW + DAY}])


def test_a_column_groups_customers_where_it_says_the_same_of_each() -> None:
    rows = [
        {"customer_id": f"C{n % 20}", "x:sector": f"S{n % 4}", "x:salesman": f"P{n % 7}", "x:n": float(n)} for n in range(100)
    ]
    assert group_columns(ledger_of(rows), NOW) == ("sector",)


def test_a_column_groups_no_customers_by_what_was_not_known_then() -> None:
    """Until 2026 there is one sector only; what later invoices say changes nothing of that."""
    rows: list[Row] = [{"customer_id": f"C{n}", "x:sector": "retail"} for n in range(9)]
    later: list[Row] = [{"customer_id": f"C{n}", "x:sector": "wholesale", "issue_date": NOW + DAY} for n in range(9, 12)]
    assert group_columns(ledger_of([*rows, *later]), NOW) == ()
    assert group_columns(ledger_of([*rows, *later]), NOW + 2 * DAY) == ("sector",)


def test_a_customer_is_where_its_newest_known_invoice_says() -> None:
    assert groups_of(grouped(), "sector", NOW) == {
        "retail": frozenset({("", "C")}),
        "wholesale": frozenset({("", "A"), ("", "B")}),
    }
    assert groups_of(grouped(), "sector", NOW + 2 * DAY)["retail"] == frozenset({("", "A"), ("", "C")})


def test_rows_of_customers_are_told_by_company_and_account() -> None:
    ledger = ledger_of([{"company": company, "customer_id": who} for company, who in (("N", "A"), ("S", "A"), ("S", "B"))])
    assert of_customers(ledger.invoices, frozenset({("S", "A")})).tolist() == [False, True, False]
    assert not of_customers(ledger.invoices, frozenset()).any()
