"""What is computed of a view, once and for all sessions? Keyed by ids, bounded, read only."""

import json
from dataclasses import replace
from datetime import date

import pyarrow as pa
import streamlit as st

from insights import fieldbook, portfolio
from insights.fieldbook import Described
from insights.learnable import Learnable
from insights.learnable import learnable as count_learnable
from insights.model import Book, Recipe, open_book
from insights.outcomes import Lines
from insights.portfolio import Balance, Figures
from pages.ui import session
from pages.ui.session import View


def customers(view: View) -> pa.Table:
    """Balances per customer in the three buckets (`portfolio.customers`), or by due date without a model (`portfolio.owing`)."""
    if view.model_id:
        return _customers(str(session.predictions(view)), view.threshold)
    return _owing(view.ledger.id, view.as_of)


def balances(view: View) -> tuple[Balance, ...]:
    """What is owed per currency, by age, in the view."""
    return _balances(view.ledger.id, view.as_of, session.lines(view))


def figures(view: View) -> tuple[Figures, ...]:
    """How fast each currency's sales turn into cash, in the view."""
    return _figures(view.ledger.id, view.as_of, session.lines(view))


def flips(view: View, model_id: str) -> pa.Table:
    """The open invoices whose flag would flip if another model spoke (columns of `Workspace.flips`)."""
    session.predictions(replace(view, model_id=model_id))
    return _flips(session.workspace().home.as_posix(), view.ledger.id, view.as_of, (view.model_id, model_id), view.threshold)


def described(view: View) -> tuple[Described, ...]:
    """Every field that a model of the view's ledger could use."""
    return _described(view.ledger.id, view.as_of, session.lines(view))


def book(view: View) -> Book:
    """The view's ledger made ready for the view's model."""
    return _book(view.ledger.id, view.model_id)


def learnable(view: View, recipe: Recipe) -> Learnable:
    """How many invoices a training in the view would learn from. Raises Refused for a filter that cannot be applied."""
    return _learnable(view.ledger.id, view.as_of, json.dumps(recipe.to_json(), sort_keys=True))


@st.cache_resource(max_entries=8, show_spinner=False)
def _customers(path: str, threshold: float) -> pa.Table:
    return portfolio.customers(session.table(path), threshold)


@st.cache_resource(max_entries=8, show_spinner=False)
def _owing(ledger_id: str, as_of: date) -> pa.Table:
    return portfolio.owing(session.unscored(ledger_id, as_of))


@st.cache_resource(max_entries=8, show_spinner=False)
def _balances(ledger_id: str, as_of: date, lines: Lines) -> tuple[Balance, ...]:
    return portfolio.balances(session.open_ledger(ledger_id), as_of, lines)


@st.cache_resource(max_entries=8, show_spinner=False)
def _figures(ledger_id: str, as_of: date, lines: Lines) -> tuple[Figures, ...]:
    return portfolio.figures(session.open_ledger(ledger_id), as_of, lines=lines)


@st.cache_resource(max_entries=8, show_spinner=False)
def _flips(home: str, ledger_id: str, as_of: date, models: tuple[str, str], threshold: float) -> pa.Table:  # noqa: ARG001 - keys
    return session.workspace().flips(ledger_id, as_of, *models)


@st.cache_resource(max_entries=4, show_spinner="Looking at the fields …")
def _described(ledger_id: str, as_of: date, lines: Lines) -> tuple[Described, ...]:
    return fieldbook.described(session.open_ledger(ledger_id), as_of, lines)


@st.cache_resource(max_entries=2, show_spinner=False)
def _book(ledger_id: str, model_id: str) -> Book:
    spoken = session.model(model_id)
    return open_book(session.open_ledger(ledger_id), spoken.recipe.lines, spoken.fields)


@st.cache_resource(max_entries=32, show_spinner=False)
def _learnable(ledger_id: str, as_of: date, recipe: str) -> Learnable:
    return count_learnable(session.open_ledger(ledger_id), as_of, Recipe.from_json(json.loads(recipe)))
