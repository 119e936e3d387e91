"""What would the cash forecast have said on past Mondays, and what came?

Every Monday the open book is spread over the weeks ahead by a model that knew what was known strictly before: taught anew
as of the first Monday of each month, tuned anew twice a year. All open invoices count, however they ended. Beside it stand
what is due, the customer's usual delay, and what came in the 13 weeks before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights.features.catalog import usual
from insights.features.dataset import FeatureSet, feature_set, open_rows
from insights.features.events import SnapshotRows, labels_of
from insights.features.kernel import Columns, features
from insights.ledger.ledger import Ints, Ledger, as_date, day, outstanding_at
from insights.ledger.outcomes import ON_TIME
from insights.ledger.row_filters import passing
from insights.model.model import Model, probabilities
from insights.model.payment_dates import PaymentDateDistribution
from insights.model.payment_days import payment_days
from insights.model.recipe import Recipe
from insights.model.training import refitted, train
from insights.model.training_size import counted
from insights.model.tuning import Progress, quiet
from insights.portfolio.cash import (
    AHEAD,
    BY_CUSTOMER,
    WEEKS,
    PastWeeks,
    ReplayedDay,
    not_invoiced,
    past_weeks,
    replayed,
    scatter,
    spread,
)

HISTORY: Final = 180  # days of history before the first Monday
MOST: Final = 104  # Mondays
TUNED: Final = 6  # months after which a model is tuned anew
MONDAY = 4  # 1970-01-05, in days

Number = TypeVar("Number", bound=np.generic)


def mondays(ledger: Ledger, recipe: Recipe, as_of: date, most: int = MOST) -> tuple[date, ...]:
    """The last Mondays at least a week before a day, oldest first, with enough behind them to train the recipe on."""
    first = day(ledger.history_starts) + HISTORY
    last = day(as_of) - 7
    last -= (last - MONDAY) % 7
    mondays = [monday for monday in range(last - 7 * (most - 1), last + 1, 7) if monday >= first]
    if not mondays:
        return ()
    book = feature_set(ledger, recipe.due_rules, ())
    labels, mask = labels_of(book.events, everything=True), passing(ledger, recipe.rows)[book.positions]

    def enough(at: int) -> bool:
        return counted(book.events, labels, recipe.training_span(ledger, as_date(at)), mask=mask).enough

    begin = next((number for number, at in enumerate(mondays) if enough(at)), len(mondays))
    return tuple(as_date(at) for at in mondays[begin:])


def months_of(days: Sequence[date]) -> list[tuple[date, ...]]:
    """Days in order, those of one month together."""
    months: dict[tuple[int, int], list[date]] = {}
    for monday in days:
        months.setdefault((monday.year, monday.month), []).append(monday)
    return [tuple(month) for month in months.values()]


def replay_cash(ledger: Ledger, days: Sequence[date], recipe: Recipe, progress: Progress = quiet) -> Iterator[ReplayedDay]:
    """Each of some Mondays, in order."""
    if not days:
        return
    book = feature_set(ledger, recipe.due_rules, usual(ledger))
    past = past_weeks(ledger, days[-1], (days[-1] - days[0]).days // 7 + MOST)
    model: Model | None = None
    done = 0
    for number, month in enumerate(months_of(days)):
        progress(f"replay of {month[0]:%B %Y}", done / len(days))
        model = train(ledger, month[0], recipe) if model is None or number % TUNED == 0 else refitted(model, ledger, month[0])
        for as_of in month:
            yield of_one_day(book, model, past, as_of)
            done += 1
    progress("done", 1.0)


def of_one_day(book: FeatureSet, model: Model, past: PastWeeks, as_of: date) -> ReplayedDay:
    """One day: of each company and currency of the ledger, and of each customer of whom anything is open."""
    at, number, many = day(as_of), past.at.index(day(as_of)), len(past.groups.names)
    rows, invoice = open_rows(book.events, at)
    position = book.positions[invoice]
    outstanding, group = outstanding_at(book.ledger, as_of, position), past.groups.code[position]
    computed = features(book.events, rows, book.rates)
    matrix = replace(book, fields=model.fields).assemble(computed, rows, invoice)
    if model.timing is None:  # no model of today's is without
        message = "a model without payment dates"
        raise ValueError(message)
    forecast = PaymentDateDistribution(model.timing, book.events, at, rows.customer)
    chances = probabilities(model, rows, matrix)
    shares = payment_days(forecast, rows, chances, model.recipe.calendar)
    at_risk = spread(outstanding, np.column_stack([chances[:, ON_TIME], 1 - chances[:, ON_TIME]]))[:, 1:]
    debts, debt = np.unique(np.column_stack([group, rows.customer, rows.due]), axis=0, return_inverse=True)
    owners, owner = np.unique(debts[:, :2], axis=0, return_inverse=True)  # a customer, in one company and currency
    owner, debt = owner.ravel(), debt.ravel()
    weeks = spread(outstanding, shares)[:, :AHEAD].reshape(-1, WEEKS, 7).sum(axis=2)
    of, first = owner[debt], np.zeros(len(owners), np.int64)
    first[of] = position  # any of its invoices names it
    parts = {
        "outstanding": summed(outstanding[:, None], of, len(owners)),
        "at_risk": summed(at_risk, of, len(owners)),
        "open_book": summed(weeks, of, len(owners)),
        "variance": summed(scatter(weeks, outstanding, debt), owner, len(owners)),
        "due": summed(in_week(rows.due.astype(np.int64) - at, outstanding), of, len(owners)),
        "usual": summed(in_week(np.maximum(usual_day(rows, computed) - at, 0), outstanding), of, len(owners)),
    }
    whole = {name: summed(values, owners[:, 0], many) for name, values in parts.items()} | {
        "not_invoiced": not_invoiced(past, number)[0],
        "before": past.before[:, number],
        "came_open": past.opened[:, number],
        "came_later": past.issued_later[:, number],
    }
    names, customers = past.groups.names, book.ledger.invoices["customer_id"].take(pa.array(first)).combine_chunks()
    return ReplayedDay(
        as_of,
        replayed(whole | {name: whole[name][:, 0] for name in ("outstanding", "at_risk")} | named(as_of, names)),
        replayed(
            parts
            | {name: parts[name][:, 0] for name in ("outstanding", "at_risk")}
            | {"customer_id": customers.cast(pa.string())}
            | named(as_of, [names[code] for code in owners[:, 0].tolist()]),
            BY_CUSTOMER,
        ),
    )


def named(as_of: date, groups: Sequence[tuple[str, str]]) -> dict[str, pa.Array]:
    """The columns that say of which day, companies and currencies rows are."""
    companies, currencies = ([pair[side] for pair in groups] for side in (0, 1))
    return {
        "as_of": pa.array([as_of] * len(groups), pa.date32()),
        "company": pa.array(companies, pa.string()),
        "currency": pa.array(currencies, pa.string()),
    }


def usual_day(rows: SnapshotRows, computed: Columns) -> Ints:
    """When each invoice would come with its customer's mean days late; on its due date where there is no past."""
    return np.asarray(rows.due + np.rint(np.nan_to_num(computed["days_late_mean"])), np.int64)


def in_week(ahead: Ints, outstanding: Ints) -> Ints:
    """int64[n, WEEKS]: each amount in the week of its day ahead; before today, and after those weeks, in none."""
    by_week: Ints = np.where((ahead // 7)[:, None] == np.arange(WEEKS), outstanding[:, None], 0)
    return by_week


def summed(parts: npt.NDArray[Number], group: Ints, many: int) -> npt.NDArray[Number]:
    """[many, columns]: the sums of the rows of each group."""
    out = np.zeros((many, parts.shape[1]), parts.dtype)
    np.add.at(out, group, parts)
    return out
