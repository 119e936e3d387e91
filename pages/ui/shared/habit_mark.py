"""Which words stand beside a customer in every list where it now pays otherwise than it used to?"""

from collections.abc import Mapping
from typing import Any

from insights.messages import habits
from pages.ui.shared import cache
from pages.ui.shared.view import View


def of(view: View, row: Mapping[str, Any]) -> str:
    """`pays 9 days later`, or nothing; `row` has company and customer_id."""
    trend = cache.paying(view).changed.get((row["company"], row["customer_id"]))
    return habits.short(trend) if trend else ""
