"""What takes time to read or to compute, once for all sessions? Keyed by ids, bounded, read only.

A view counts as its key (`View.key`): a function of a view is computed once for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from insights import portfolio
from insights.evaluation import LossDifference, field_profile
from insights.evaluation.field_profile import Described
from insights.evaluation.leakage import Leak
from insights.features.dataset import FeatureSet, feature_set
from insights.ledger.exchange_rates import ExchangeRates
from insights.ledger.ledger import Ints
from insights.ledger.outcomes import DueRules
from insights.model import training_size
from insights.model.model import Model
from insights.model.recipe import Recipe
from insights.model.training_size import Learnable
from insights.portfolio import (
    Balance,
    CashKpis,
    worklist,
)
from insights.prediction import effects as field_effects
from insights.prediction.effects import Effects, Interactions
from insights.services import agreements as agreed_things
from insights.services import (
    answers,
    backtests,
    flag_changes,
    leakage_guard,
    monitoring,
    quality_gate,
    reach,
    release,
    thresholds,
)
from insights.services import comparison as comparisons
from insights.services import predictions as scored_ledgers
from insights.services import shown_lists as lists_shown
from insights.services import worklist as worklists
from insights.services.agreements import Standing
from insights.services.backtests import Backtest
from insights.services.comparison import Comparison
from insights.services.contents import Contents
from insights.services.monitoring import ShownPredictions
from insights.services.release import ReleaseList
from insights.services.shown_lists import WorkedDay
from insights.services.worklist import Paying, Worklist
from insights.store import digests, models, rate_tables
from insights.store import predictions as predictions_store
from insights.store.records import Scope, Verdict
from pages.ui.shared import session
from pages.ui.shared.keeping import forget, home, kept, once
from pages.ui.shared.view import View


@dataclass(frozen=True)
class Ranking:
    """What a unit of each currency is worth in one, on a day: for comparing amounts, never for adding them."""

    currency: str
    day: date
    rates: Mapping[str, float]


# --- predictions -----------------------------------------------------------------------------------------------------


def predictions(view: View) -> Path:
    """The Parquet file of the view's predictions (columns of `scoring.score`), computed once. Raises Refused.

    Where it is no more as it was written, it is computed again.
    """
    path, digest = _predictions(view)
    if not digests.intact(path, digest):
        forget()
        path, _ = _predictions(view)
    return path


@kept(64, "Predicting the open invoices …")
def _predictions(view: View) -> tuple[Path, str]:
    """The file, and its sha256."""
    store, actor = session.workspace(), session.person()
    if view.by_company:
        path = scored_ledgers.together(store, view.ledger.id, view.models_by_company, view.as_of, actor=actor)
    else:
        path = scored_ledgers.of_model(store, view.ledger.id, view.model_id, view.as_of, actor=actor)
    return path, digests.digest_of(path)


@kept(4)
def unscored(view: View) -> pa.Table:
    """The open invoices without predictions, in the same columns."""
    return worklist.unscored(view.ledger, view.as_of)


def source(view: View) -> Path | pa.Table:
    """What `worklist` reads: the predictions, or the open invoices without any where no model qualifies."""
    if not view.model_id:
        return unscored(view)
    return predictions(view) if view.visible.everything else _within(view, predictions(view))


@kept(8)
def _within(view: View, path: Path) -> pa.Table:
    """The predictions within reach of whoever looks."""
    return reach.rows_within(path, view.within)


# --- invoices and customers ------------------------------------------------------------------------------------------


@kept(16)
def choices(view: View) -> dict[str, list[str]]:
    """The companies and currencies that a list of open invoices may be narrowed to."""
    return worklist.choices(source(view))


@kept(8)
def disputed(view: View) -> Ints:
    """Which invoices the ledger calls disputed, by position, as of the view's day."""
    return worklist.disputed(view.ledger, view.as_of)


def ranking(view: View) -> Ranking | None:
    """How amounts of several currencies are compared: by the rates that are kept; None where there is but one, or no rates."""
    currencies = tuple(choices(view)["currency"])
    newest = once("newest rates", lambda: rate_tables.newest(session.workspace())) if len(currencies) > 1 else None
    return _ranking(newest.id, newest.currencies[0], currencies, view.as_of) if newest else None


@kept(16)
def _ranking(table_id: str, into: str, currencies: tuple[str, ...], as_of: date) -> Ranking | None:
    day = as_of - timedelta(days=1)  # known strictly before the as-of date
    factors = worklist.in_one_currency(rates(table_id), currencies, into, day)
    return Ranking(into, day, factors) if factors else None


@kept(8)
def customers(view: View) -> pa.Table:
    """Receivables per customer in the three buckets (`portfolio.customers`); without a model, by due date (`portfolio.owing`)."""
    if not view.model_id:
        return portfolio.with_net_balance(portfolio.owing(unscored(view)), view.ledger, view.as_of)
    predicted = source(view)
    scored = pq.read_table(predicted) if isinstance(predicted, Path) else predicted
    return portfolio.with_net_balance(portfolio.customers(scored, view.thresholds(scored)), view.ledger, view.as_of)


def release_list(view: View, above: int) -> ReleaseList:
    """Whose orders wait in the view (`services.release`)."""
    by = ranking(view)
    return _release_list(view, above, tuple(by.rates.items()) if by else ())


@kept(8)
def _release_list(view: View, above: int, worth: tuple[tuple[str, float], ...]) -> ReleaseList:
    return release.release(view.ledger, view.as_of, source(view), above=above, worth=dict(worth) or None)


@kept(8)
def balances(view: View) -> tuple[Balance, ...]:
    """What is owed per currency, by age, in the view."""
    return portfolio.balances(view.ledger, view.as_of, view.rules_by_company)


@kept(8)
def figures(view: View) -> tuple[CashKpis, ...]:
    """How fast each currency's sales turn into cash, in the view."""
    if view.visible.everything:
        kept_months = answers.figures(session.workspace(), view.ledger, view.as_of, view.rules_by_company)
        return tuple(months[-1] for months in kept_months.values())
    return portfolio.figures(view.ledger, view.as_of, due_rules=view.rules_by_company)


@kept(2)
def rates(table_id: str) -> ExchangeRates:
    """The exchange rates of a table."""
    return rate_tables.load(session.workspace(), table_id)


@kept(8)
def standing(view: View, agreed: str) -> Standing:  # noqa: ARG001 - `agreed`: the fingerprint of all that is agreed
    """What was agreed with customers and holds as of the view's day."""
    return agreed_things.standing(session.workspace(), view.ledger, view.as_of, view.visible)


@kept(8, "Ranking …")
def worklist_of(view: View, agreed: str, viewer: str) -> Worklist:  # noqa: ARG001 - `agreed`: the fingerprint of all that is agreed
    """Whom to call in the view, as `viewer` sees it."""
    where = (session.workspace(), view.ledger, view.as_of, source(view))
    return worklists.worklist(*where, viewer=viewer, paying=paying(view), visible=view.visible)


@kept(8, "Looking at how customers pay …")
def paying(view: View) -> Paying:
    """How late each customer usually pays, and who pays otherwise than it used to."""
    return worklists.paying_of(view.ledger, view.as_of, session.workspace() if view.visible.everything else None)


def shown_worklist(view: View, agreed: str, viewer: str) -> Worklist:
    """The same, as a list to work through: recorded as it is shown, unless the address names another model."""
    usual = view.usual and view.visible.everything  # of one view now so, now not: a model that is tried may be published
    return _recorded_worklist(view, agreed, viewer) if usual else worklist_of(view, agreed, viewer)


@kept(8, "Ranking …")
def _recorded_worklist(view: View, agreed: str, viewer: str) -> Worklist:
    shown_list = worklist_of(view, agreed, viewer)
    lists_shown.record(session.workspace(), view.ledger, view.as_of, shown_list.ranked, actor=session.person())
    return shown_list


@kept(8, "Looking back …")
def worked_lists(view: View, shown: str) -> list[WorkedDay]:  # noqa: ARG001 - `shown`: the fingerprint of what was shown
    """The days whose lists were shown up to the view's day, the newest first, with what was done on each."""
    return lists_shown.worked(session.workspace(), view.ledger, view.as_of, view.visible)


@kept(8, "Looking back …")
def contact_cases(view: View, shown: str) -> pa.Table:  # noqa: ARG001 - as above
    """What of the lists that were shown is answered as of the view's day (`services.shown_lists.cases`)."""
    return lists_shown.cases(session.workspace(), view.ledger, view.as_of, view.visible)


# --- models ----------------------------------------------------------------------------------------------------------


def model(model_id: str) -> Model:
    """A model by id, shared between sessions."""
    return _model(home(), model_id)


@kept(4)
def _model(home: str, model_id: str) -> Model:  # noqa: ARG001 - a key
    return models.load(session.workspace(), model_id)


def book(ledger_id: str, model_id: str) -> FeatureSet:
    """A ledger made ready for a model."""
    read = model(model_id)
    return _book(ledger_id, read.recipe.due_rules, read.fields)


@kept(2)
def _book(ledger_id: str, lines: DueRules, fields: tuple[str, ...]) -> FeatureSet:
    return feature_set(session.open_ledger(ledger_id), lines, fields)


@kept(4, "Looking at past days …")
def effects(ledger_id: str, model_id: str) -> Effects | None:
    """How the fields of a model act, over past days of a ledger."""
    return field_effects.effects(model(model_id), book(ledger_id, model_id))


@kept(4, "Looking at pairs of fields …")
def interactions(ledger_id: str, model_id: str) -> Interactions | None:
    """What pairs of fields do together, on some of the rows of `effects`: seconds, the first time."""
    measured = effects(ledger_id, model_id)
    return field_effects.interactions(model(model_id), measured) if measured else None


@kept(4, "Looking at the fields …")
def described(view: View) -> tuple[Described, ...]:
    """Every field that a model of the view's ledger could use."""
    return field_profile.described(view.ledger, view.as_of, view.due_rules)


@kept(8, "Looking at the fields …")
def leaks(ledger_id: str) -> Mapping[str, Leak]:
    """What speaks against a ledger's own columns, by column."""
    return {leak.column: leak for leak in leakage_guard.suspicions(session.workspace(), session.open_ledger(ledger_id))}


@kept(32)
def learnable(ledger_id: str, as_of: date, recipe: Recipe) -> Learnable:
    """How many invoices a training would learn from. Raises Refused for a filter that cannot be applied."""
    return training_size.learnable(session.open_ledger(ledger_id), as_of, recipe)


# --- what publishing would do, comparisons, replays --------------------------------------------------------------------


def flips(view: View, model_id: str, other_id: str) -> pa.Table:
    """The open invoices whose flag differs between two models (columns of `flag_changes.between`), each at its own threshold."""
    for own_id in (model_id, other_id):
        predictions(replace(view, model_id=own_id, by_company={}))
    return _flips(view, view.held, model_id, other_id)


@kept(8)
def _flips(view: View, held: Contents, model_id: str, other_id: str) -> pa.Table:  # noqa: ARG001 - what is in force is a key
    models_compared = (model_id, other_id)
    return flag_changes.between(session.workspace(), view.ledger.id, view.as_of, models_compared, actor=session.person())


@kept(8, "Looking for flags that would flip …")
def flips_of_publishing(view: View, held: Contents, model_id: str, scope: Scope, threshold: float) -> pa.Table:  # noqa: ARG001 - a key
    """The open invoices whose flag would change in the view if this were published (columns of `flag_changes.between`)."""
    where = (session.workspace(), view.ledger.id, view.as_of)
    return flag_changes.of_publishing(*where, model_id, scope=scope, threshold=threshold, actor=session.person())


def can_be_on_time(view: View, model_id: str, company: str | None) -> pa.Table:
    """What a model says of the invoices that can still be paid on time (columns of `thresholds.COLUMNS`)."""
    predictions(replace(view, model_id=model_id, by_company={}))
    return _can_be_on_time(view, model_id, company)


@kept(8)
def _can_be_on_time(view: View, model_id: str, company: str | None) -> pa.Table:
    where = (session.workspace(), view.ledger.id, model_id, view.as_of)
    return thresholds.can_be_on_time(*where, company=company, actor=session.person())


def shown(view: View, companies: tuple[str, ...]) -> list[ShownPredictions]:
    """What was really shown of some companies (none = all), as far as the view's ledger answers it."""
    return _shown(view, view.held, companies, f"{predictions_store.fingerprint(session.workspace())}-{len(view.held.ledgers)}")


@kept(8, "Looking at what came …")
def _shown(view: View, held: Contents, companies: tuple[str, ...], made: str) -> list[ShownPredictions]:  # noqa: ARG001 - `made`: a key
    return monitoring.shown(session.workspace(), view.ledger.id, companies, held=held, visible=view.visible)


@kept(16, "Checking …")
def verdict(model_id: str, in_force_id: str, scope: Scope) -> Verdict:  # noqa: ARG001 - another publication, another verdict
    """What the quality gate says of a model beside a publication, the worker having replayed the months before."""
    return quality_gate.check(session.workspace(), model_id, scope=scope)


@kept(4, "Comparing …")
def comparison(model_ids: tuple[str, ...]) -> Comparison:
    """The recipes of two to four models on the same replayed months, which the worker has replayed before."""
    return comparisons.compare(session.workspace(), model_ids)


@kept(8, "Comparing …")
def differences(comparison: Comparison, model_id: str) -> Mapping[str, LossDifference]:
    """Each metric of one of the compared models less the first one's, with its interval."""
    return comparison.differences(model_id)


@kept(4, "Judging …")
def of_companies(backtest: Backtest, view: View, companies: tuple[str, ...]) -> Backtest:
    """A kept replay, judged on the invoices of some companies alone (none = all), as far as they may be seen in the view."""
    return backtests.of_companies(backtest, session.open_ledger(view.ledger.id), companies, view.visible)
