"""How much is owed, by whom and since when, and how much of it will come in time?

Every figure is as of a date (known strictly before it), per currency (never added), in integer minor units; what is
undefined, such as the DSO of a period without sales, is None. *Receivables* are the open invoices; the *net balance* is
the receivables less credit notes and payments on account that are not applied yet (`unapplied`).

Besides, by module:

    snapshot   what a prediction says of an open invoice, and which are flagged
    cash       how much comes in which week
    converted  what is owed, expected and sold in one reporting currency
    customer_groups  which customers belong together, by a column of the ledger
    worklist   the list of open invoices: filter, sort, page, sum
    delays     how late each customer usually pays
    changed_habits  which customers now pay later, or sooner, than they used to
    kpis       how fast sales turn into cash, as of any days
    search     customers and invoices by a few letters
"""

from insights.portfolio.age_matrix import (
    AGE_SUMS,
    DUE,
    ISSUE,
    NOT_DUE,
    AgedTotal,
    AgeRanges,
    aged_totals,
    behind,
    exact,
    matrix,
    open_items,
    with_unpaid,
)
from insights.portfolio.ageing import AGES, Balance, balances, net_balances, open_amounts, per_currency
from insights.portfolio.buckets import (
    Tiles,
    customers,
    exact_amounts,
    matching,
    number_of_customers,
    owing,
    ranked,
    split,
    sums,
    tiles,
    with_net_balance,
)
from insights.portfolio.changed_habits import DaysLateTrend
from insights.portfolio.customer import CustomerInsights, Payment, customer_insights, of_customer, positions_of_customer
from insights.portfolio.evidence import BETTER_HIGH, FIGURES, Movement, Mover, evidence, evidence_at_risk, movements
from insights.portfolio.habits import AfterDue, PayingDays, paying_days, payment_history
from insights.portfolio.kpis import (
    CashKpis,
    LedgerPart,
    cei_of,
    count_back,
    dso_of,
    figures,
    month_starts,
    open_currencies,
    trend,
)

__all__ = [
    "AGES",
    "AGE_SUMS",
    "BETTER_HIGH",
    "DUE",
    "FIGURES",
    "ISSUE",
    "NOT_DUE",
    "AfterDue",
    "AgeRanges",
    "AgedTotal",
    "Balance",
    "CashKpis",
    "CustomerInsights",
    "DaysLateTrend",
    "LedgerPart",
    "Movement",
    "Mover",
    "PayingDays",
    "Payment",
    "Tiles",
    "aged_totals",
    "balances",
    "behind",
    "cei_of",
    "count_back",
    "customer_insights",
    "customers",
    "dso_of",
    "evidence",
    "evidence_at_risk",
    "exact",
    "exact_amounts",
    "figures",
    "matching",
    "matrix",
    "month_starts",
    "movements",
    "net_balances",
    "number_of_customers",
    "of_customer",
    "open_amounts",
    "open_currencies",
    "open_items",
    "owing",
    "paying_days",
    "payment_history",
    "per_currency",
    "positions_of_customer",
    "ranked",
    "split",
    "sums",
    "tiles",
    "trend",
    "with_net_balance",
    "with_unpaid",
]
