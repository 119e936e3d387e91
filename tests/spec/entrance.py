"""Which rows of a file does the ledger take, and which are set aside, with which sentence?"""

import tempfile
from functools import cache
from pathlib import Path

from insights.ingest.draft import Options
from insights.ingest.parse import parse
from insights.ledger.ledger import Ledger
from insights.messages import problems
from tests.spec.rule import EMPTY, Row, Rule, cells

TABLE = """
| customer | issued | due | paid | amount | outstanding | taken as |
|---|---|---|---|---|---|---|
| C1 | 2024-01-10 | 2024-02-09 | 2024-02-20 | 100.00 | 0 | invoice |
| C1 | 2024-01-10 | 2024-02-09 | – | 100.00 | 40.00 | invoice |
| C1 | 2024-01-10 | 2024-02-09 | 2024-01-10 | 100.00 | 0 | invoice |
| C1 | 2024-01-10 | 2024-01-10 | – | 100.00 | 100.00 | invoice |
| C1 | 2024-01-10 | – | – | -30.00 | -30.00 | credit note |
| – | 2024-01-10 | 2024-02-09 | – | 100.00 | 100.00 | no customer is named |
| C1 | – | 2024-02-09 | – | 100.00 | 100.00 | the issue date is empty |
| C1 | 2024-01-10 | – | – | 100.00 | 100.00 | the due date is empty and cannot be derived |
| C1 | 2024-01-10 | 2024-02-30 | – | 100.00 | 100.00 | “2024-02-30” is no date |
| C1 | 2024-01-10 | 2024-01-09 | – | 100.00 | 100.00 | due on 2024-01-09, before it was issued |
| C1 | 2024-01-10 | 2025-02-20 | – | 100.00 | 100.00 | due on 2025-02-20, more than 400 days after it was issued |
| C1 | 2024-01-10 | 2024-02-09 | 2024-01-09 | 100.00 | 0 | paid on 2024-01-09, before it was issued |
| C1 | 2024-01-10 | 2024-02-09 | – | – | – | the amount is empty |
| C1 | 2024-01-10 | 2024-02-09 | – | abc | – | “abc” is no number |
| C1 | 2024-01-10 | 2024-02-09 | – | 0.00 | 0 | the amount is zero |
| C1 | 2024-01-10 | 2024-02-09 | 2024-02-20 | 100.00 | 40.00 | it has a paid date, and still 40.00 is outstanding |
| C1 | 2024-01-10 | 2024-02-09 | – | 100.00 | 0.00 | it is settled (0.00), but no day says when |
| C1 | 2024-01-10 | 2024-02-09 | – | 100.00 | 100.01 | more is outstanding (100.01) than the amount |
| C1 | 2024-01-10 | 2024-02-09 | – | 100.00 | -5.00 | payment on account |
"""
COLUMNS = {
    "customer": "customer_id",
    "issued": "issue_date",
    "due": "due_date",
    "paid": "paid_date",
    "amount": "amount",
    "outstanding": "outstanding",
}


@cache
def ledger() -> Ledger:
    """All rows of the table as one file; the first one is line 2."""
    lines = [",".join(["invoice_id", *COLUMNS.values()])]
    for number, line in enumerate(TABLE.strip().splitlines()[2:]):
        lines.append(",".join([str(number), *("" if cell == EMPTY else cell for cell in cells(line)[: len(COLUMNS)])]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return parse(path, Options()).require()


def taken(row: Row) -> tuple[str, ...]:
    at = [cells(line) for line in TABLE.strip().splitlines()[2:]].index(list(row.values())) + 2
    aside = [problem for problem in ledger().problems if problem.row == at and problem.set_aside]
    if aside:
        return (problems.problem(aside[0]).partition(": ")[2].removesuffix("."),)
    kinds = dict(zip(ledger().invoices["row"].to_pylist(), ledger().invoices["kind"].to_pylist(), strict=True))
    return (kinds[at].replace("_", " "),)


RULES = (
    Rule(
        "Rows that are set aside",
        "A row that contradicts itself is no invoice: it is set aside with its line, its column, its value and the reason, and counted "
        "beside what was kept. An invoice that was paid too much is a payment on account of what is over. Paying before the due date, or on the day of issue, is no contradiction; a row below zero is a credit "
        "note and needs no due date.",
        ("taken as",),
        TABLE,
        taken,
    ),
)
