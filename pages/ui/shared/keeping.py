"""How is what takes time kept for all sessions, and within a run asked for once? By keys of ids, bounded, read only."""

import json
import os
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import streamlit as st

from insights.model.recipe import Recipe
from insights.portfolio import AgeRanges, LedgerPart
from insights.portfolio.converted import Conversion
from insights.services.backtests import Backtest
from insights.services.comparison import Comparison
from insights.services.contents import Contents
from pages.ui.shared import session
from pages.ui.shared.view import View

Given = ParamSpec("Given")
Found = TypeVar("Found")


def home() -> str:
    """Which workspace: an imported model has the same id in several."""
    return os.environ.get("INSIGHTS_HOME", "")


KEYS: dict[str | type, Callable[[Any], object]] = {  # type of an argument -> what tells two apart
    View: lambda view: (home(), view.key),
    Contents: lambda held: (
        *(publication.id for publication in held.published.active_publications()),
        *(model.id for model in held.models),
    ),
    LedgerPart: lambda part: (part.company, part.customer_id, tuple(sorted(part.customers or ())), part.customers is None),
    AgeRanges: lambda ranges: (ranges.by, ranges.ends),
    Conversion: lambda by: (by.into, by.on.isoformat(), *(f"{rate.source} {rate.rate}" for rate in by.rates.values()), *by.apart),
    Recipe: lambda recipe: json.dumps(recipe.to_json(), sort_keys=True),
    Comparison: lambda comparison: (*(model.id for model in comparison.models), comparison.ledger_id),
    Backtest: lambda backtest: (json.dumps(backtest.report.recipe.to_json(), sort_keys=True), backtest.made_at),
}


def kept(most: int, doing: str = "") -> Callable[[Callable[Given, Found]], Callable[Given, Found]]:
    """A decorator: results are kept for all sessions, at most so many; `doing` is said while one is made.

    Within a run the same is asked once: a list asks for each of its rows, and Streamlit takes half a millisecond for a key.
    """
    decorator = cast(
        "Callable[[Callable[Given, Found]], Callable[Given, Found]]",
        st.cache_resource(max_entries=most, show_spinner=doing or False, hash_funcs=KEYS),
    )

    def decorated(make: Callable[Given, Found]) -> Callable[Given, Found]:
        shared = decorator(make)

        @wraps(make)
        def of_run(*args: Given.args, **kwargs: Given.kwargs) -> Found:
            heard = session.answers_of_run()
            if heard is None:
                return shared(*args, **kwargs)
            key = (make, *map(_key, args), *((name, _key(value)) for name, value in kwargs.items()))
            if key not in heard:
                heard[key] = shared(*args, **kwargs)
            return cast("Found", heard[key])

        return of_run

    return decorated


def _key(value: object) -> Hashable:
    """What tells an argument from others within a run."""
    key = KEYS.get(type(value))
    return key(value) if key else value


def once(name: str, ask: Callable[[], Found]) -> Found:
    """What is asked anew in each run, and in each run once."""
    heard = session.answers_of_run()
    if heard is None:
        return ask()
    if name not in heard:
        heard[name] = ask()
    return cast("Found", heard[name])


def forget() -> None:
    """Nothing is kept any more, of this run neither."""
    st.cache_resource.clear()
    if (heard := session.answers_of_run()) is not None:
        heard.clear()
