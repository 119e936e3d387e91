"""How late does each customer usually pay?"""

from datetime import date

import numpy as np
import pyarrow as pa

from insights.ledger.ledger import Ledger, day, days
from insights.portfolio.kpis import paid_before

YEAR = 365


def usual_delays(ledger: Ledger, as_of: date) -> pa.Table:
    """One row per customer with an invoice paid in the year before a day.

    Columns: company, customer_id, days_late (float64, the median from due date to payment; below 0 = early), paid (int64).
    """
    paid = days(ledger.invoices["paid_date"])
    chosen = paid_before(ledger.invoices, as_of) & (paid >= day(as_of) - YEAR)
    which = pa.array(np.flatnonzero(chosen))
    rows = ledger.invoices.select(["company", "customer_id", "due_date"]).take(which)
    late = pa.array((paid[chosen] - days(rows["due_date"])).astype(np.float64))
    grouped = rows.append_column("late", late).group_by(["company", "customer_id"])
    medians = grouped.aggregate([("late", "approximate_median"), ("late", "count")])
    return medians.rename_columns(["company", "customer_id", "days_late", "paid"])
