"""What is computed of a view, once and for all sessions? Keyed by ids, bounded, read only."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import streamlit as st

from insights import portfolio
from insights.evaluation import Difference, field_profile
from insights.evaluation.field_profile import Described
from insights.evaluation.leakage import Leak
from insights.features.dataset import Book, open_book
from insights.ledger.outcomes import Lines
from insights.model.recipe import Recipe
from insights.model.training_size import Learnable
from insights.model.training_size import learnable as count_learnable
from insights.portfolio import Balance, CustomerInsights, Figures, worklist
from insights.prediction.effects import Effects, Interactions
from insights.prediction.effects import effects as find_effects
from insights.prediction.effects import interactions as find_interactions
from insights.prediction.explain import Why
from insights.prediction.explain import why as find_why
from insights.services import backtests, flag_changes, leakage_guard, quality_gate
from insights.services import comparison as comparison_service
from insights.services.comparison import Comparison
from insights.store.backtests import Backtest
from insights.store.records import Scope, Verdict
from pages.ui.shared import session
from pages.ui.shared.view import View


def customers(view: View) -> pa.Table:
    """Receivables per customer in the buckets (`portfolio.customers`), or by due date without a model (`owing`); net balances."""
    if view.model_id:
        return _customers(str(session.predictions(view)), view.key, view)
    return _owing(view.ledger.id, view.as_of)


def customer_insights(view: View, company: str, customer_id: str) -> CustomerInsights:
    """The state of business with a customer, in the view."""
    return _insights(view.ledger.id, view.as_of, (company, customer_id), session.lines(view))


def payment_history(view: View, company: str, customer_id: str) -> pa.Table:
    """Invoices settled per quarter in the three buckets (columns of `portfolio.payment_history`)."""
    return _history(view.ledger.id, view.as_of, (company, customer_id), session.lines(view))


def choices(view: View) -> dict[str, list[str]]:
    """The companies and currencies that a list of open invoices may be narrowed to."""
    return _choices(view.key, session.source(view))


def balances(view: View) -> tuple[Balance, ...]:
    """What is owed per currency, by age, in the view."""
    return _balances(view.ledger.id, view.as_of, session.lines_by_company(view))


def figures(view: View) -> tuple[Figures, ...]:
    """How fast each currency's sales turn into cash, in the view."""
    return _figures(view.ledger.id, view.as_of, session.lines_by_company(view))


def flips(view: View, model_id: str, other_id: str) -> pa.Table:
    """The open invoices whose flag differs between two models (columns of `Workspace.flips`), each at its own threshold."""
    for each in (model_id, other_id):
        session.predictions(replace(view, model_id=each, own={}))
    threshold = session.contents().published.threshold
    thresholds = (threshold(model_id), threshold(other_id))
    return _flips(view.ledger.id, view.as_of, (model_id, other_id), thresholds)


def flips_of_publishing(view: View, model_id: str, scope: Scope, threshold: float) -> pa.Table:
    """The open invoices whose flag would change in the view if this were published (columns of `Workspace.flips`)."""
    held = session.contents()
    known = (*(each.id for each in held.published.active_publications()), *(each.id for each in held.models))
    return _flips_of_publishing(view.ledger.id, view.as_of, model_id, (scope, threshold), known)


def comparison(model_ids: tuple[str, ...]) -> Comparison:
    """The recipes of two to four models on the same replayed months, which the worker has replayed before."""
    return _comparison(model_ids)


def differences(found: Comparison, model_id: str) -> Mapping[str, Difference]:
    """Each metric of one of the compared models less the first one's, with its interval."""
    return _differences((*(each.id for each in found.models), found.ledger_id), model_id, found)


def verdict(model_id: str, in_force_id: str, scope: Scope) -> Verdict:
    """What the quality gate says of a model beside a publication, the worker having replayed the months before."""
    return _verdict(model_id, in_force_id, scope)


def of_companies(found: Backtest, ledger_id: str, companies: tuple[str, ...]) -> Backtest:
    """A kept replay, judged on the invoices of some companies alone."""
    return _of_companies(ledger_id, json.dumps(found.report["recipe"], sort_keys=True), found.made_at, companies, found)


def described(view: View) -> tuple[Described, ...]:
    """Every field that a model of the view's ledger could use."""
    return _described(view.ledger.id, view.as_of, session.lines(view))


def leaks(view: View) -> Mapping[str, Leak]:
    """What speaks against the ledger's own columns, by column."""
    return _leaks(view.ledger.id)


def book(view: View) -> Book:
    """The view's ledger made ready for the view's model."""
    return _book_for(view.ledger.id, view.model_id)


def why(view: View, position: int) -> Why | None:
    """One open invoice explained by shap, by the view's model; `position`: in the ledger."""
    return _why(view.ledger.id, view.model_id, view.as_of, position)


def learnable(view: View, recipe: Recipe) -> Learnable:
    """How many invoices a training in the view would learn from. Raises Refused for a filter that cannot be applied."""
    return _learnable(view.ledger.id, view.as_of, json.dumps(recipe.to_json(), sort_keys=True))


@st.cache_resource(max_entries=8, show_spinner=False)
def _customers(path: str, key: str, _view: View) -> pa.Table:  # noqa: ARG001 - the key of the cache
    predictions = session.table(path)
    receivables = portfolio.customers(predictions, _view.thresholds(predictions))
    return portfolio.with_net_balance(receivables, _view.ledger, _view.as_of)


@st.cache_resource(max_entries=8, show_spinner=False)
def _owing(ledger_id: str, as_of: date) -> pa.Table:
    receivables = portfolio.owing(session.unscored(ledger_id, as_of))
    return portfolio.with_net_balance(receivables, session.open_ledger(ledger_id), as_of)


@st.cache_resource(max_entries=8, show_spinner=False)
def _balances(ledger_id: str, as_of: date, lines: dict[str, Lines]) -> tuple[Balance, ...]:
    return portfolio.balances(session.open_ledger(ledger_id), as_of, lines)


@st.cache_resource(max_entries=8, show_spinner=False)
def _figures(ledger_id: str, as_of: date, lines: dict[str, Lines]) -> tuple[Figures, ...]:
    return portfolio.figures(session.open_ledger(ledger_id), as_of, lines=lines)


@st.cache_resource(max_entries=8, show_spinner=False)
def _flips(ledger_id: str, as_of: date, models: tuple[str, str], thresholds: tuple[float, float]) -> pa.Table:  # noqa: ARG001 - a key
    return flag_changes.between(session.workspace(), ledger_id, as_of, models, actor=session.actor())


@st.cache_resource(max_entries=8, show_spinner="Looking for flags that would flip …")
def _flips_of_publishing(
    ledger_id: str,
    as_of: date,
    model_id: str,
    wanted: tuple[Scope, float],
    known: tuple[str, ...],  # noqa: ARG001 - a key
) -> pa.Table:
    scope, threshold = wanted
    return flag_changes.of_publishing(
        session.workspace(), ledger_id, as_of, model_id, scope=scope, threshold=threshold, actor=session.actor()
    )


@st.cache_resource(max_entries=4, show_spinner="Comparing …")
def _comparison(model_ids: tuple[str, ...]) -> Comparison:
    return comparison_service.compare(session.workspace(), model_ids)


@st.cache_resource(max_entries=8, show_spinner="Comparing …")
def _differences(key: tuple[str, ...], model_id: str, _found: Comparison) -> Mapping[str, Difference]:  # noqa: ARG001 - a key
    return _found.differences(model_id)


@st.cache_resource(max_entries=16, show_spinner="Checking …")
def _verdict(model_id: str, in_force_id: str, scope: Scope) -> Verdict:  # noqa: ARG001 - a key: another publication, another verdict
    return quality_gate.check(session.workspace(), model_id, scope=scope)


@st.cache_resource(max_entries=4, show_spinner="Judging …")
def _of_companies(
    ledger_id: str,
    recipe: str,  # noqa: ARG001 - a key
    made_at: datetime,  # noqa: ARG001 - a key
    companies: tuple[str, ...],
    _found: Backtest,
) -> Backtest:
    return backtests.of_companies(_found, session.open_ledger(ledger_id), companies)


@st.cache_resource(max_entries=4, show_spinner="Looking at the fields …")
def _described(ledger_id: str, as_of: date, lines: Lines) -> tuple[Described, ...]:
    return field_profile.described(session.open_ledger(ledger_id), as_of, lines)


@st.cache_resource(max_entries=8, show_spinner="Looking at the fields …")
def _leaks(ledger_id: str) -> Mapping[str, Leak]:
    return {leak.column: leak for leak in leakage_guard.found(session.workspace(), session.open_ledger(ledger_id))}


@st.cache_resource(max_entries=4, show_spinner="Looking at past days …")
def effects(ledger_id: str, model_id: str) -> Effects | None:
    """How the fields of a model act, over past days of a ledger."""
    return find_effects(session.model(model_id), _book_for(ledger_id, model_id))


@st.cache_resource(max_entries=4, show_spinner="Looking at pairs of fields …")
def interactions(ledger_id: str, model_id: str) -> Interactions | None:
    """What pairs of fields do together, on some of the rows of `effects`: seconds, the first time."""
    found = effects(ledger_id, model_id)
    return find_interactions(session.model(model_id), found) if found else None


def _book_for(ledger_id: str, model_id: str) -> Book:
    spoken = session.model(model_id)
    return _book(ledger_id, spoken.recipe.lines, spoken.fields)


@st.cache_resource(max_entries=2, show_spinner=False)
def _book(ledger_id: str, lines: Lines, fields: tuple[str, ...]) -> Book:
    return open_book(session.open_ledger(ledger_id), lines, fields)


@st.cache_resource(max_entries=256, show_spinner=False)
def _why(ledger_id: str, model_id: str, as_of: date, position: int) -> Why | None:
    return find_why(session.model(model_id), _book_for(ledger_id, model_id), as_of, position)


@st.cache_resource(max_entries=32, show_spinner=False)
def _learnable(ledger_id: str, as_of: date, recipe: str) -> Learnable:
    return count_learnable(session.open_ledger(ledger_id), as_of, Recipe.from_json(json.loads(recipe)))


@st.cache_resource(max_entries=64, show_spinner=False)
def _insights(ledger_id: str, as_of: date, customer: tuple[str, str], lines: Lines) -> CustomerInsights:
    return portfolio.customer_insights(session.open_ledger(ledger_id), as_of, *customer, lines=lines)


@st.cache_resource(max_entries=64, show_spinner=False)
def _history(ledger_id: str, as_of: date, customer: tuple[str, str], lines: Lines) -> pa.Table:
    mine = portfolio.of_customer(session.open_ledger(ledger_id), *customer)
    return portfolio.payment_history(mine, as_of, lines=lines)


@st.cache_resource(max_entries=16, show_spinner=False)
def _choices(key: str, _source: Path | pa.Table) -> dict[str, list[str]]:  # noqa: ARG001 - the key of the cache
    return worklist.choices(_source)
