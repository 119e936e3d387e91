"""A ledger in which one customer pays otherwise than it used to."""

from datetime import date, timedelta

from insights.ledger.ledger import Ledger
from tests.support.workspaces import ledger_of

AS_OF, DAY = date(2024, 4, 1), timedelta(days=1)
LATER = "pays 7 days later than in the year before: 10 invoices, 40 before"  # what is said of acme


def changed_habit() -> Ledger:
    """acme of north pays 5 days late every ninth day, from January on 12; birch of south 5 throughout; both owe 10.00."""
    lines = ["north acme old 2022-01-01 2022-02-01 2022-02-01 1000 EUR"]
    for company, customer, late in (("north", "acme", 12), ("south", "birch", 5)):
        for number, back in enumerate(range(1, 450, 9)):
            on = AS_OF - back * DAY
            due = on - ((late if back <= 90 else 5) + number % 3 - 1) * DAY
            lines.append(f"{company} {customer} {customer}{number} {due - 30 * DAY} {due} {on} 1000 EUR")
        lines.append(f"{company} {customer} {customer}-open 2024-03-20 2024-04-05 - 1000 EUR")
    return ledger_of("\n".join(lines), complete_through=AS_OF - DAY, history_starts=date(2022, 1, 1))
