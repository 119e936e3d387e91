"""What stands behind a week's cash: how certain each part is, which invoices, and who will probably leave it short."""

from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights.ledger.ledger import Ints, day, days
from insights.portfolio.cash.expected import AHEAD, WEEKS, matrix, spread

PROMISED, LIKELY, AT_RISK, NOT_INVOICED = "promised", "likely", "at_risk", "not_invoiced"
BY_WEEK, BY_DAY, BY_MONTH = "weeks", "days", "months"
PARTS: Final = (PROMISED, LIKELY, AT_RISK, NOT_INVOICED)  # of the weeks ahead, the most certain first


def certainty(rows: pa.Table, flagged: npt.NDArray[np.bool_], promised: Ints, not_invoiced: Ints, as_of: date) -> dict[str, Ints]:
    """Part -> int64[AHEAD] by day, of rows of EXPECTED: `promised` (int64[n, AHEAD]) apart, the rest by whether it is flagged.

    What is not invoiced yet (int64[WEEKS]) is spread evenly over the business days of its week.
    """
    rest = matrix(rows, "days") - promised
    return {
        PROMISED: promised.sum(axis=0),
        LIKELY: rest[~flagged].sum(axis=0),
        AT_RISK: rest[flagged].sum(axis=0),
        NOT_INVOICED: over_business_days(not_invoiced, as_of),
    }


def over_business_days(weeks: Ints, as_of: date) -> Ints:
    """int64[AHEAD] by day: weekly amounts over Monday to Friday."""
    dates = np.datetime64(as_of) + np.arange(AHEAD)
    business = np.is_busday(dates).reshape(WEEKS, 7)
    by_day: Ints = spread(weeks, business / business.sum(axis=1, keepdims=True)).ravel()
    return by_day


def due_by_day(rows: pa.Table, as_of: date) -> Ints:
    """int64[AHEAD]: what falls due on each day from the as-of date on."""
    ahead = days(rows["due_date"]).astype(np.int64) - day(as_of)
    within = (ahead >= 0) & (ahead < AHEAD)
    out = np.zeros(AHEAD, np.int64)
    np.add.at(out, ahead[within], rows["outstanding"].to_numpy()[within])
    return out


def periods(as_of: date, by: str) -> tuple[tuple[date, ...], Ints]:
    """The first days of the days, weeks or calendar months ahead, and which of them each of the AHEAD days belongs to."""
    ahead = [as_of + timedelta(days=number) for number in range(AHEAD)]
    first = {
        BY_DAY: ahead,
        BY_WEEK: [ahead[number - number % 7] for number in range(AHEAD)],
        BY_MONTH: [max(start.replace(day=1), as_of) for start in ahead],
    }[by]
    starts = sorted(set(first))
    return tuple(starts), np.array([starts.index(start) for start in first])


def by_period(by_day: Ints, of: Ints) -> Ints:
    """int64[periods]: amounts by day, added up by the period that each day belongs to."""
    out = np.zeros(int(of.max()) + 1, np.int64)
    np.add.at(out, of, by_day)
    return out


def of_week(rows: pa.Table, week: int) -> pa.Table:
    """The invoices of which anything is expected in a week, the most first: with `expected`, int64 minor units."""
    amount = matrix(rows, "weeks")[:, week]
    order = np.argsort(-amount, kind="stable")[: int((amount > 0).sum())]
    return rows.append_column("expected", pa.array(amount)).take(pa.array(order))


def shortfall(rows: pa.Table, as_of: date, weeks: int = 4) -> pa.Table:
    """Who will probably leave how much unpaid of what is due within some weeks, or is past due, the most first.

    One row per company, customer and currency: due (of the outstanding), expected of it by then, short (the rest; int64).
    """
    due = days(rows["due_date"]) < day(as_of) + 7 * weeks
    mine = rows.filter(pa.array(due))
    expected = matrix(mine, "weeks")[:, : min(weeks, WEEKS)].sum(axis=1)
    outstanding = mine["outstanding"].to_numpy()
    table = mine.select(["company", "customer_id", "customer_name", "currency"])
    for name, values in (("due", outstanding), ("expected", expected), ("short", outstanding - expected)):
        table = table.append_column(name, pa.array(values, pa.int64()))
    keys = ["company", "customer_id", "currency"]
    sums = table.group_by(keys).aggregate([("customer_name", "max"), ("due", "sum"), ("expected", "sum"), ("short", "sum")])
    named = sums.rename_columns([*keys, "customer_name", "due", "expected", "short"])
    return named.sort_by([("short", "descending"), *((key, "ascending") for key in keys)])


def who_owes_most(rows: pa.Table, many: int) -> pa.Table:
    """The customers with the most outstanding, the most first, of rows of one currency.

    One row per company and customer: company, customer_id, customer_name, outstanding (int64 minor units).
    """
    keys = ["company", "customer_id"]
    sums = rows.group_by(keys).aggregate([("customer_name", "max"), ("outstanding", "sum")])
    named = sums.rename_columns([*keys, "customer_name", "outstanding"])
    return named.sort_by([("outstanding", "descending"), *((key, "ascending") for key in keys)]).slice(0, many)
