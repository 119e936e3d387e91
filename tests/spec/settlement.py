"""What do credits and write-offs say of punctuality, and what do they do to what is owed?"""

from insights import portfolio
from insights.features.events import events_of, labels_of, learned_from
from insights.ledger.ledger import CREDIT, PAYMENT, UNKNOWN, WRITE_OFF
from insights.ledger.ledger import day as day_number
from insights.ledger.outcomes import DueRules
from insights.portfolio.kpis import paid_before
from tests.spec.rule import EMPTY, Row, Rule, a_day, day, numbers, thousands, yes
from tests.support.ledgers import DAY, START, ledger_of

HOW = {"payment": PAYMENT, "credit note": CREDIT, "write-off": WRITE_OFF, "not said": UNKNOWN, EMPTY: UNKNOWN}


def outcome(row: Row) -> tuple[str, ...]:
    """Due on 31 January, very late after 30 days, seen long after."""
    settled = day(row["settled"])
    ledger = ledger_of([{"issue_date": START, "paid_date": settled, "settled_by": HOW[row["by"]]}])
    lines = DueRules(leave_out_write_offs=row["write-offs"] == "left out")
    events, at = events_of(ledger, lines), day_number(a_day("2026-01-01"))
    labels = labels_of(events)
    learned = bool(learned_from(events, at)[0])
    missed = yes(bool(labels.missed_due[0])) if learned and labels.on_time_known[0] else EMPTY
    very_late = yes(bool(labels.very_late[0])) if learned and labels.very_late_known[0] else EMPTY
    return missed, very_late, yes(bool(paid_before(ledger.invoices, a_day("2026-01-01"))[0]))


def owed(row: Row) -> tuple[str, ...]:
    notes = [{"kind": "credit_note", "amount": -amount} for amount in numbers(row["credit notes"])]
    payments = [{"kind": "payment_on_account", "amount": -amount} for amount in numbers(row["payments on account"])]
    ledger = ledger_of([*({"amount": amount} for amount in numbers(row["open invoices"])), *notes, *payments])
    (balance,) = portfolio.balances(ledger, START + DAY)
    return thousands(balance.receivables), thousands(balance.unapplied), thousands(balance.net_balance).replace("-", "−")


RULES = (
    Rule(
        "How an invoice was settled",
        "An invoice due on 2025-01-31, very late after 30 days (2025-03-02). A credit note says nothing of punctuality: a day missed "
        "before it stays missed, the rest gives no answer. A write-off is never a payment: it is very late, or, by a setting, left "
        "out. An export that does not say how is taken to mean a payment.",
        ("missed the due date", "very late", "counts as paid"),
        """
        | settled | by | write-offs | missed the due date | very late | counts as paid |
        |---|---|---|---|---|---|
        | 2025-01-31 | payment | count | no | no | yes |
        | 2025-02-01 | payment | count | yes | no | yes |
        | 2025-03-02 | payment | count | yes | no | yes |
        | 2025-03-03 | payment | count | yes | yes | yes |
        | 2025-02-01 | not said | count | yes | no | yes |
        | – | – | count | yes | yes | no |
        | 2025-01-20 | credit note | count | – | – | no |
        | 2025-01-31 | credit note | count | – | – | no |
        | 2025-02-01 | credit note | count | yes | – | no |
        | 2025-03-02 | credit note | count | yes | – | no |
        | 2025-03-03 | credit note | count | yes | yes | no |
        | 2025-01-20 | write-off | count | yes | yes | no |
        | 2025-06-30 | write-off | count | yes | yes | no |
        | 2025-06-30 | write-off | left out | – | – | no |
        """,
        outcome,
    ),
    Rule(
        "Receivables and net balance",
        "*Receivables* are the open invoices. Credit notes and payments on account that nobody has applied yet are never spread over "
        "invoices: they are shown apart, and the *net balance* is what is left.",
        ("receivables", "not applied", "net balance"),
        """
        | open invoices | credit notes | payments on account | receivables | not applied | net balance |
        |---|---|---|---|---|---|
        | 100 | – | – | 100 | 0 | 100 |
        | 100 + 60 | 25 | – | 160 | 25 | 135 |
        | 100 + 60 | 25 | 9 + 1 | 160 | 35 | 125 |
        | 100 | 250 | – | 100 | 250 | −150 |
        | – | 20 | – | 0 | 20 | −20 |
        """,
        owed,
    ),
)
