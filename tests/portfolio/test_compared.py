"""Is every cent between two forecasts explained?"""

import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import day, days
from insights.portfolio.cash import matrix, receipts, then_and_now
from tests.support.cash import expected
from tests.support.ledgers import DAY, START, small_ledger

THEN, NOW = START + 310 * DAY, START + 330 * DAY


def of_currency(rows: pa.Table, currency: str) -> pa.Table:
    return rows.filter(pc.equal(rows["currency"], currency))


def test_then_new_settled_and_moved_is_now() -> None:
    """The invented ledger as of two days 20 days apart, its invoices in yen."""
    then, now = (of_currency(expected(small_ledger(), each), "JPY") for each in (THEN, NOW))
    found = then_and_now(then, THEN, now, now, NOW, small_ledger())
    assert found.ahead_then + found.new + found.settled + found.moved + found.agreed == found.ahead_now
    assert found.ahead_then == matrix(then, "days")[:, 20:].sum()
    assert found.ahead_now == matrix(now, "days")[:, :71].sum()
    issued = days(now["issue_date"]) >= day(THEN)
    assert issued.any()
    assert found.new == matrix(now, "days")[issued, :71].sum()
    assert (found.settled < 0, found.agreed) == (True, 0)


def test_what_came_meanwhile_is_of_invoices_open_then_or_issued_since() -> None:
    then, now = (of_currency(expected(small_ledger(), each), "EUR") for each in (THEN, NOW))
    found = then_and_now(then, THEN, now, now, NOW, small_ledger())
    came = receipts(small_ledger()).between(day(THEN), day(NOW))
    codes = small_ledger().invoices["currency"].to_numpy()[came.position]
    assert found.since_came + found.since_came_new == came.amount[codes == "EUR"].sum()
    assert found.since_said == matrix(then, "days")[:, :20].sum()


def test_the_same_day_seen_again_says_the_same() -> None:
    one = of_currency(expected(small_ledger(), THEN), "EUR")
    found = then_and_now(one, THEN, one, one, THEN, small_ledger())
    assert (found.new, found.settled, found.moved, found.agreed) == (0, 0, 0, 0)
    assert (found.since_said, found.since_came, found.since_came_new) == (0, 0, 0)
