"""Is what was said of some customers judged on each past day, also on one on which nothing of theirs was open?"""

from datetime import date

from insights.portfolio.cash import BY_CUSTOMER, matrix, replays_of_customers
from tests.support.ledgers import DAY, Row, ledger_of

FIRST = date(2026, 1, 5)  # a Monday


def test_a_day_on_which_nothing_is_open_counts_since_the_first_invoice() -> None:
    """From 6 January on 100 is invoiced each Tuesday and paid on Thursday: on Mondays nothing is open."""
    rows: list[Row] = [
        {"issue_date": FIRST + (7 * week + 1) * DAY, "paid_date": FIRST + (7 * week + 3) * DAY, "amount": 100_00}
        for week in range(30)
    ]
    mondays = [FIRST + 7 * week * DAY for week in range(30)]
    said = replays_of_customers(BY_CUSTOMER.empty_table(), ledger_of(rows, history_starts=FIRST - 200 * DAY), mondays)
    assert said["as_of"].to_pylist() == mondays[1:], "on the first Monday nobody knew them"
    assert said["outstanding"].to_pylist() == [0] * 29
    assert not matrix(said, "came_open").any()
    assert matrix(said, "came_later")[:17].tolist() == [[100_00] * 13] * 17
    assert (matrix(said, "not_invoiced")[17:, 0] > 0).all(), "what past weeks received from later invoices"
