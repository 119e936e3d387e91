"""Why does a model have the grade that it has, in sentences?"""

from collections.abc import Callable, Mapping
from typing import Any

from insights.messages.fields import field

BASELINES = {"base_rates": "the base rates", "customer_past": "the customer's own past"}
BUCKETS = {"on_time": "paid on time", "late": "paid late", "very_late": "paid very late"}
GRADES = {
    "A": "Rely on it: it is better than the baselines for certain, and its probabilities mean what they say.",
    "B": "Rely on it, with the reservation below.",
    "C": "Use it with care: it may be better than the baselines, or its probabilities are off.",
    "D": "Do not rely on it yet.",
}
SLICES = {
    "not_due": "Not yet due",
    "overdue": "Overdue",
    "known": "Customers with history",
    "no_history": "Customers without history",
    "top_customers": "The 20 largest customers",
    "other_customers": "All other customers",
}


def reason(code: str, values: Mapping[str, Any]) -> str:
    """A sentence for one reason of a grade."""
    return _REASONS[code](values)


def _better(values: Mapping[str, Any]) -> str:
    return f"On past days it was {values['lead']:.0%} less far off than {BASELINES[values['baseline']]} (log loss)"


def _points(values: Mapping[str, Any]) -> str:
    return f"{values['error'] * 100:.1f} percentage points on average"


_REASONS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "too_few": lambda v: f"Only {v['rows']} invoices could be judged: too few to say anything.",
    "no_better": lambda v: f"On past days it was no better than {BASELINES[v['baseline']]}.",
    "maybe_better": lambda v: f"{_better(v)}, but that may be chance.",
    "better": lambda v: f"{_better(v)}, and that is no chance.",
    "calibrated": lambda v: f"Its probabilities mean what they say: said and happened differ by {_points(v)}.",
    "miscalibrated": lambda v: f"Its probabilities are off by {_points(v)}.",
    "short": lambda v: f"Only {v['dates']} past months could be replayed: seasons are hardly seen.",
    "worse_dates": lambda v: f"On {v['worse']} of {v['dates']} days it was worse than a baseline for certain.",
    "thin_bucket": lambda v: f"Only {v['rows']} of the judged invoices were {BUCKETS[v['bucket']]}.",
    "drift": lambda v: (
        f"What is open now differs much from what it has learned from, most in: {', '.join(field(name) for name in v['fields'])}."
    ),
}
