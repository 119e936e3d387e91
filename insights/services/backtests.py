"""The past replayed and judged: what would have been said on earlier days, and what happened?"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.model.recipe import Recipe
from insights.services import leakage_guard, replays
from insights.services.leakage_guard import NOT_ALLOWED
from insights.services.progress import Progress, quiet
from insights.store import backtests, ledgers
from insights.store.backtests import Backtest
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.evaluation import Replay


@dataclass(frozen=True)
class Replayed:
    """A replay with its report, as it is kept."""

    replay: "Replay"
    report: dict[str, Any]


def backtest(  # noqa: PLR0913 - of what, on which days, what is excused, by whom, and who listens
    store: Store,
    ledger_id: str,
    recipe: Recipe,
    *,
    actor: str,
    months: int = 1,
    last: int = 0,
    allowed: Mapping[str, str] = NOT_ALLOWED,
    progress: Progress = quiet,
) -> Replayed:
    """Replay a recipe on the first days of months (the `last` ones, 0 = all; every so many `months`), and keep the result.

    `allowed`: column -> reason, of those that look like the outcome and are to be used nevertheless; recorded. Refused with
    code "nothing_to_replay" for a ledger that is too short.
    """
    from insights.evaluation import month_starts
    from insights.evaluation.report import report

    ledger = ledgers.load(store, ledger_id)
    dates = month_starts(ledger, recipe, months=months)[-last:]
    if not dates:
        raise Refused(
            "This ledger is too short to replay: it takes nine months of history before a month's first day, and the answers "
            "of most invoices open on it.",
            "nothing_to_replay",
        )
    leakage_guard.allow(store, ledger.id, allowed, actor=actor)
    found = replays.replay(store, ledger.id, recipe, dates, progress)
    told = report(found) | dates_said(found.rows, ledger) | drift_of(ledger, recipe, dates)
    backtests.save(store, ledger.id, recipe, found.rows, told)
    return Replayed(found, told)


def dates_said(rows: pa.Table, ledger: Ledger) -> dict[str, Any]:
    """How good the expected dates were, as {"dates_said": {method: figures}}."""
    from insights.evaluation import punctuality

    return {"dates_said": {name: asdict(each) for name, each in punctuality(rows, ledger.complete_through).items()}}


def drift_of(ledger: Ledger, recipe: Recipe, dates: Sequence[date]) -> dict[str, Any]:
    """How far the invoices open now differ from those of up to four replayed days, as {"drift": {field: PSI}}."""
    from insights.evaluation import drift
    from insights.features.catalog import usual
    from insights.features.dataset import open_book

    book = open_book(ledger, recipe.lines, recipe.fields or usual(ledger, dates[-1]))
    spread = [dates[round(place * (len(dates) - 1) / 3)] for place in range(4)]
    return {"drift": drift(book, sorted(set(spread)), ledger.default_as_of)}


def of_companies(found: Backtest, ledger: Ledger, companies: Sequence[str]) -> Backtest:
    """The same, judged on the invoices of some companies alone. What was left out is not known per company: None.

    `report`: as `evaluation.report`, with `dates_said`; drift stays that of the whole ledger.
    """
    from insights.evaluation import Replay
    from insights.evaluation.report import report

    company = ledger.invoices["company"].take(found.rows["position"])
    rows = found.rows.filter(pc.is_in(company, pa.array(companies, pa.string()))).combine_chunks()
    left_out = tuple((each, 0, 0) for each in found.dates)
    told = report(Replay(rows, Recipe.from_json(dict(found.report["recipe"])), left_out, ledger.id))
    unknown = {"not_yet_answered": None, "settled_by_credit": None}
    dates = [each | unknown for each in told["dates"]]
    return replace(found, rows=rows, report=found.report | told | {"dates": dates} | dates_said(rows, ledger))
