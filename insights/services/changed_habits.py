"""How do the customers whose habit changed leave the product: as a table, with the sentence that can be said to them?"""

import numpy as np
import pyarrow as pa

from insights.messages import habits as sentences
from insights.portfolio.changed_habits import DaysLateTrend


def exported(changed: pa.Table) -> pa.Table:
    """Rows of `days_late_trends` for people and scripts: days rounded to tenths, shares to hundredths, and a sentence.

    Columns: company, customer_id, customer_name, days_later (below 0 = sooner), days_late_now, days_late_before, invoices_now,
    invoices_before, days_of_payment_now, days_of_payment_before, later_share, sentence.
    """
    now, before = (changed[name].to_numpy() for name in ("now", "before"))
    return pa.table(
        {
            **{name: changed[name] for name in ("company", "customer_id", "customer_name")},
            "days_later": np.round(now - before, 1),
            "days_late_now": np.round(now, 1),
            "days_late_before": np.round(before, 1),
            **{name: changed[name] for name in ("invoices_now", "invoices_before")},
            "days_of_payment_now": changed["days_now"],
            "days_of_payment_before": changed["days_before"],
            "later_share": np.round(changed["later"].to_numpy(), 2),
            "sentence": pa.array([sentences.changed(DaysLateTrend.of(row)) for row in changed.to_pylist()], pa.string()),
        }
    )
