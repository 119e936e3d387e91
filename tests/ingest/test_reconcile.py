"""Do the totals of a file add up, per company and currency?"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from insights import ingest
from insights.ingest import rate_table
from insights.ledger.errors import Refused
from tests.ingest.examples import file, ledger, notes


def test_the_reconciliation_adds_up_and_shows_the_difference_to_a_control_total(tmp_path: Path) -> None:
    """
    company,invoice_id,customer_id,issue_date,due_date,paid_date,amount,currency
    A,1,C1,2024-01-05,2024-02-05,,100.00,EUR
    A,2,C1,2024-01-05,2024-02-05,2024-02-09,40.00,EUR
    A,3,C1,2024-01-06,,,-30.00,EUR
    B,4,C1,2024-01-05,2024-02-05,,7000,JPY
    B,5,C1,2024-01-05,2024-01-01,,9,JPY
    Total,,,,,,7119.00,
    """
    found = ledger(tmp_path, test_the_reconciliation_adds_up_and_shows_the_difference_to_a_control_total.__doc__ or "")
    seen = ingest.reconciliation(found, {"EUR": Decimal("75.00"), "JPY": "7000"})
    assert seen.rows_read == seen.rows_used + seen.rows_set_aside + seen.rows_ignored == 6
    assert seen.net_balances == {"EUR": 7000, "JPY": 7000}
    assert [(control.currency, control.difference) for control in seen.controls] == [("EUR", -500), ("JPY", 0)]
    assert not seen.balances
    with pytest.raises(Refused, match="“seventy” is no amount"):
        ingest.reconciliation(found, {"EUR": "seventy"})
    first = seen.parts[0]
    assert (first.company, first.invoices, first.credits, first.amount, first.net_balance, first.credit) == (
        "A",
        2,
        1,
        14000,
        7000,
        -3000,
    )
    assert (seen.settled, seen.settled_dated, seen.first_paid) == (1, 1, date(2024, 2, 9))


def test_an_export_of_open_and_lately_settled_invoices_looks_cut(tmp_path: Path) -> None:
    rows = [
        f"{k},C1,{date.fromordinal(738000 + k * 3)},{date.fromordinal(738030 + k * 3)},{'2023-03-01' if k > 150 else ''},5.00"
        for k in range(200)
    ]
    found = ledger(tmp_path, "\n".join(["invoice_id,customer_id,issue_date,due_date,paid_date,amount", *rows[:150]]))
    assert "no_paid_dates" in notes(found)
    settled = rows[:100] + [row.replace(",,5.00", ",2023-01-15,5.00") for row in rows[100:150]]
    cut = ledger(tmp_path, "\n".join(["invoice_id,customer_id,issue_date,due_date,paid_date,amount", *settled]))
    assert notes(cut)["looks_cut"] == "2023-01-15"


@pytest.mark.slow
def test_two_currencies_are_added_only_by_a_dated_rate(tmp_path: Path) -> None:
    table = rate_table.read(
        file(tmp_path, "date,from,to,rate\n2024-01-01,EUR,USD,1.10\n2024-02-01,EUR,USD,1.20\n2024-01-01,USD,JPY,150", "rates.csv")
    )
    assert table.converted(10000, "EUR", "USD", date(2024, 1, 31)) == 11000
    assert table.converted(12000, "USD", "EUR", date(2024, 2, 1)) == 10000
    total = table.total({"EUR": 10000, "USD": 500}, "USD", date(2024, 2, 2))
    assert (total.amount, [rate.day for rate in total.rates]) == (12500, [date(2024, 2, 1)])
    with pytest.raises(Refused, match="no rate from EUR to USD on or before 2023-12-31"):
        table.converted(1, "EUR", "USD", date(2023, 12, 31))
    with pytest.raises(Refused, match="no rate from GBP to USD"):
        table.total({"GBP": 1}, "USD", date(2024, 2, 2))
    with pytest.raises(Refused, match="Row 2 of the rate table is no rate"):
        rate_table.read(file(tmp_path, "date,from,to,rate\n2024-01-01,EUR,USD,-1", "bad.csv"))
