"""For which invoices do the predictions hold, and for which not?"""

import numpy as np
import pyarrow as pa

TOP = 20  # customers, by amount


def slices(rows: pa.Table) -> dict[str, pa.Table]:
    """Code -> replayed rows: not_due, overdue, known, no_history, top_customers, other_customers; empty ones are left out."""
    not_due = rows["past"].to_numpy() <= 0
    new = rows["no_history"].to_numpy()
    top = _top(rows)
    masks = {
        "not_due": not_due,
        "overdue": ~not_due,
        "known": ~new,
        "no_history": new,
        "top_customers": top,
        "other_customers": ~top,
    }
    return {name: rows.filter(pa.array(mask)) for name, mask in masks.items() if mask.any()}


def _top(rows: pa.Table) -> np.ndarray:
    """Whether the row's customer is among the TOP by amount, each currency's amounts relative to its own total."""
    amount = np.asarray(rows["outstanding"].to_numpy(), np.float64)
    currency = rows["currency"].combine_chunks().dictionary_encode().indices.to_numpy()
    share = amount / np.maximum(np.bincount(currency, amount), 1)[currency]
    customer = np.unique(rows["customer"].to_numpy(), return_inverse=True)[1]
    total = np.bincount(customer, share)
    best = np.argsort(-total, kind="stable")[:TOP]
    return np.isin(customer, best)
