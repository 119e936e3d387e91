"""Which ledger, as-of date and model does this browser tab show? The only home of session state, URL and caches.

The URL is the truth: `?ledger=ID&as_of=2026-03-01&model=ID` are written on every run, so that any address can be sent to
a colleague. What the URL leaves out comes from the tab's last choice, then from the defaults.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import NoReturn, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import streamlit as st

from insights.ledger.errors import Refused
from insights.ledger.exchange_rates import Rates
from insights.ledger.ledger import Ledger
from insights.ledger.outcomes import Lines
from insights.model.model import Model
from insights.model.recipe import Recipe
from insights.portfolio import worklist
from insights.services.workspace import Workspace
from insights.store.publications import DEFAULT_THRESHOLD
from insights.store.records import LedgerRecord, Publication
from pages.ui.shared import format as written
from pages.ui.shared import query_params, widgets
from pages.ui.shared.query_params import AS_OF, LEDGER, MODEL, PAGE

LEDGER_CHOICE, AS_OF_CHOICE = "chosen_ledger", "chosen_as_of"  # keys of the two widgets in the sidebar
NEXT = "next"  # where `follow` goes
CLOCKS_STOPPED = 0.6  # seconds in which the browser has surely heard of a run, and stopped its clocks
MADE = "made_model"  # the model that this tab trained or published last: kept for the screen of models


@dataclass(frozen=True)
class View:
    """What every screen is a view of. `model_id` is "" where no model qualifies for the as-of date.

    Where several scopes are in force and the address names no model, `own` holds what speaks for the companies that have
    a publication of their own; the model and the threshold of the view speak for all others.
    """

    ledger: Ledger
    as_of: date
    model_id: str
    threshold: float
    published: bool  # whether the model is the published one
    own: Mapping[str, tuple[str, float]] = field(default_factory=dict)  # company -> model id and threshold

    @property
    def key(self) -> str:
        """Names the view in widget keys and caches."""
        return "-".join(map(str, (self.ledger.id, self.as_of, self.model_id, self.threshold, *sorted(self.own.items()))))

    @property
    def own_thresholds(self) -> dict[str, float]:
        """Of the companies in `own`."""
        return {company: threshold for company, (_, threshold) in self.own.items()}

    def flag_below(self, company: str) -> float:
        """The flag threshold of a company's invoices: below it, they are flagged."""
        return self.own_thresholds.get(company, self.threshold)

    def thresholds(self, rows: pa.Table) -> float | npt.NDArray[np.float64]:
        """As `flag_below`, for a table with the column company."""
        own, companies = self.own_thresholds, rows["company"].to_pylist() if self.own else ()
        return np.array([own.get(company, self.threshold) for company in companies]) if own else self.threshold

    def of(self, company: str) -> "View":
        """The same view of one company: with the model that speaks for it, and its threshold."""
        model_id, threshold = self.own.get(company, (self.model_id, self.threshold))
        return replace(self, model_id=model_id, threshold=threshold)


@dataclass(frozen=True)
class Speaking:
    """The model that speaks ("" where none does) and its threshold, and those of companies with a publication of their own."""

    model_id: str = ""
    threshold: float = DEFAULT_THRESHOLD
    own: Mapping[str, tuple[str, float]] = field(default_factory=dict)


def workspace() -> Workspace:
    """The workspace of this server (INSIGHTS_HOME)."""
    return _workspace(os.environ.get("INSIGHTS_HOME", ""))


# --- the view --------------------------------------------------------------------------------------------------------


def current() -> View | None:
    """The view that URL and session ask for, written back to both; None where the workspace holds no ledger.

    Raises Refused for a link to a ledger, date or model that cannot be shown.
    """
    records = workspace().ledgers()
    if not records:
        return None
    ledger = open_ledger(_wanted_ledger(records))
    as_of = _wanted_date(ledger)
    ledger.check_as_of(as_of)
    speaking = _wanted_model(ledger, as_of)
    published = any(each.model_id == speaking.model_id for each in workspace().standing())
    view = View(ledger, as_of, speaking.model_id, speaking.threshold, published, speaking.own)
    _write(view)
    return view


def require_ledger() -> View:
    """The view, perhaps without a model; where there is no ledger, says so, offers Start, and stops the page."""
    view = current()
    if view is None:
        widgets.empty_state(
            "No ledger yet",
            "Upload your receivables ledger, or look around with the sample.",
            widgets.Step("Go to start", "start.py", ":material/home:"),
        )
        st.stop()
    return view


def require_view() -> View:
    """The view, with a model; where none qualifies for the as-of date, offers to train one, and stops the page."""
    view = require_ledger()
    if not view.model_id:
        from pages.ui.shared import training_progress  # draws with what this module knows

        training_progress.offer(view.ledger, view.as_of)
        st.stop()
    return view


def predictions(view: View) -> Path:
    """The Parquet file of the view's predictions (columns of `scoring.score`), computed once. Raises Refused."""
    if all(workspace().has_predictions(view.ledger.id, each, view.as_of) for each in speaking(view)):
        return _predictions(view)
    with st.spinner(f"Predicting the invoices open as of {written.day(view.as_of)} …"):
        return _predictions(view)


def _predictions(view: View) -> Path:
    if view.own:
        return workspace().predictions_in_force(view.ledger.id, view.as_of)
    return workspace().predictions(view.ledger.id, view.model_id, view.as_of)


def scored(view: View) -> pa.Table:
    """The same as a table: one row per open invoice; shared between sessions, read only."""
    return table(str(predictions(view)))


def source(view: View) -> Path | pa.Table:
    """What `worklist` reads: the predictions, or the open invoices without any where no model qualifies."""
    return predictions(view) if view.model_id else unscored(view.ledger.id, view.as_of)


def model(model_id: str) -> Model:
    """A model by id, shared between sessions, read only."""
    return _model(os.environ.get("INSIGHTS_HOME", ""), model_id)


def publication() -> Publication | None:
    """What is published now."""
    return workspace().published()


def speaking(view: View) -> set[str]:
    """The models of the view: one, or those of its companies."""
    companies = workspace().ledger_record(view.ledger.id).companies if view.own else ("",)
    return {view.of(company).model_id for company in companies}


def is_usual(view: View) -> bool:
    """Whether that speaks which would if the address named no model: what is published, if it may."""
    usual = _usual(view.ledger, view.as_of)
    return (view.model_id, view.own) == (usual.model_id, usual.own)


def lines(view: View) -> Lines:
    """Where on time ends and very late begins, by the view's model; by the defaults where there is none."""
    if not view.model_id:
        return Lines()
    recipe = Recipe.from_json(dict(workspace().model_record(view.model_id).recipe))
    return recipe.lines


def lines_by_company(view: View) -> dict[str, Lines]:
    """The same for each company of the ledger, by the model that speaks for it."""
    return {company: lines(view.of(company)) for company in workspace().ledger_record(view.ledger.id).companies}


# --- links and choices -----------------------------------------------------------------------------------------------


def link(view: View, **further: str) -> dict[str, str]:
    """Query parameters that show the same view again: for `st.page_link(..., query_params=...)` and `go`.

    Where several models speak, none is named: one that is would speak for all companies.
    """
    model_id = {MODEL: view.model_id} if view.model_id and not view.own else {}
    return {LEDGER: view.ledger.id, AS_OF: view.as_of.isoformat(), **model_id, **further}


def go(page: str, view: View | None = None, **further: str) -> NoReturn:
    """Opens a page ("invoice.py", "customer.py") on the same view, with further query parameters.

    invoice.py takes company, invoice, line; customer.py takes company, customer.
    """
    st.switch_page(page, query_params=link(view, **further) if view else further)


def go_next(page: str, **further: str) -> NoReturn:
    """As `go`, from inside a fragment that runs by the clock: the frame opens the page (`follow`) in a run of its own.

    Opened from the fragment itself, the browser's next tick reaches the new page, finds no such fragment, and leaves the
    screen empty.
    """
    remember(NEXT, (page, further))
    st.rerun()


def follow() -> None:
    """Opens the page that `go_next` left, once the browser has stopped the clock of the fragments before."""
    if found := recall(NEXT):
        page, further = cast("tuple[str, dict[str, str]]", found)
        remember(NEXT, None)
        time.sleep(CLOCKS_STOPPED)
        go(page, None, **further)


def fill(name: str, value: object) -> str:
    """Lets the widget of a query parameter show `value`; the widget's key, whose callback is `filtered` with `name`."""
    st.session_state[f"filter_{name}"] = value
    return f"filter_{name}"


def filtered(name: str) -> None:
    """A filter has changed (a callback): its value becomes the query parameter."""
    value = st.session_state[f"filter_{name}"]
    query_params.ask(**{name: value if isinstance(value, list) else "" if value is None else str(value)})


def turned(key: str) -> None:
    """Another page of the list was chosen in the st.pagination of this key (a callback)."""
    number = st.session_state[key]
    query_params.ask(**{PAGE: str(number) if number > 1 else ""})


def remember_list(name: str = "open_invoices") -> None:
    """Keeps tab, filters, sort and page of a list, so that the way back leads to where one was.

    `st.switch_page` leaves an entry in the browser's history with the list's path and the next page's parameters: whoever
    comes back to it gets the list as it was.
    """
    if query_params.asked("invoice") or query_params.asked("customer"):
        st.query_params.from_dict({**_view_asked(), **_kept_list(name)})
    remember(f"list_{name}", {key: st.query_params.get_all(key) for key in st.query_params if key not in (LEDGER, AS_OF, MODEL)})


def list_link(view: View, name: str = "open_invoices") -> dict[str, str | list[str]]:
    """Query parameters of a list as it was left, on the same view."""
    return {**link(view), **_kept_list(name)}


def _kept_list(name: str) -> dict[str, list[str]]:
    kept = recall(f"list_{name}")
    return kept if isinstance(kept, dict) else {}


def _view_asked() -> dict[str, str]:
    return {name: query_params.asked(name) for name in (LEDGER, AS_OF, MODEL) if query_params.asked(name)}


def choose(ledger_id: str = "", as_of: date | None = None) -> None:
    """From now on this tab shows this ledger (default: the newest), by default as of its default date."""
    for name in (LEDGER, AS_OF, MODEL):
        st.query_params.pop(name, None)
        st.session_state.pop(f"kept_{name}", None)
    if ledger_id:
        remember(LEDGER, ledger_id)
    if ledger_id and as_of:
        remember(AS_OF, as_of.isoformat())


def chosen_ledger() -> None:
    """The sidebar's ledger has changed (a callback)."""
    choose(st.session_state[LEDGER_CHOICE])


def chosen_as_of() -> None:
    """The sidebar's as-of date has changed (a callback)."""
    if chosen := st.session_state[AS_OF_CHOICE]:
        choose(st.session_state[LEDGER_CHOICE], chosen)


def fill_choices(view: View) -> None:
    """Lets the two widgets of the sidebar show the view, wherever it came from."""
    st.session_state[LEDGER_CHOICE] = view.ledger.id
    st.session_state[AS_OF_CHOICE] = view.as_of


def remember(name: str, value: object) -> None:
    """Keeps a value of a page for this tab (an upload's draft, a running job's id)."""
    st.session_state[f"kept_{name}"] = value


def recall(name: str) -> object:
    """What `remember` kept, None where nothing."""
    return st.session_state.get(f"kept_{name}")


def clicked(key: str) -> int | None:
    """The row whose ButtonColumn of this key was clicked (for callbacks)."""
    click = st.session_state.get(key)
    return None if click is None else int(click["row"])


def picked_column(key: str) -> str:
    """The column whose header was clicked in the grid of this key (for callbacks), "" for none."""
    columns = st.session_state[key]["selection"]["columns"]
    return str(columns[0]) if columns else ""


def _wanted_ledger(records: list[LedgerRecord]) -> str:
    """The id that the link names, else the tab's last one if it is still there, else the newest."""
    if named := query_params.asked(LEDGER):
        if named not in {record.id for record in records}:
            raise Refused(
                "This link names a ledger that is not here: it was deleted, or belongs to another workspace.", "no_ledger"
            )
        return named
    kept = recall(LEDGER)
    return next((record.id for record in records if record.id == kept), records[0].id)


def _wanted_date(ledger: Ledger) -> date:
    """The date that the link names, else the tab's last one for this ledger, else the ledger's default."""
    kept = recall(AS_OF) if recall(LEDGER) == ledger.id else None
    text = query_params.asked(AS_OF) or str(kept or ledger.default_as_of)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"“{text}” is not a date: an as-of date is written like 2026-03-01.", "not_a_date") from None


def _wanted_model(ledger: Ledger, as_of: date) -> Speaking:
    """The model that the link names if it may speak as of the date, else what is `_usual`."""
    if named := query_params.asked(MODEL):
        record = workspace().model_record(named)
        if record.trained_as_of > as_of:
            raise Refused(
                f"This link names a model trained as of {record.trained_as_of}: it has seen what happened after {as_of}, "
                "so it may not predict it.",
                "model_too_new",
            )
        usual = _usual(ledger, as_of)
        return usual if (usual.model_id, usual.own) == (named, {}) else Speaking(named, workspace().threshold(named))
    return _usual(ledger, as_of)


def _usual(ledger: Ledger, as_of: date) -> Speaking:
    """What speaks as of a date if nothing else is asked for, the companies with a publication of their own by theirs."""
    store, companies = workspace(), workspace().ledger_record(ledger.id).companies
    apart = sorted({each.scope.company for each in store.standing() if each.scope.company in companies})
    models = {company: store.model_for(ledger, as_of, company) for company in apart}
    own = {company: (each, store.threshold(each, company)) for company, each in models.items() if each}
    if own.keys() == set(companies) and len(set(own.values())) == 1:  # one for all of them
        return Speaking(*next(iter(own.values())))
    model_id = store.model_for(ledger, as_of) or (next(iter(own.values()))[0] if own.keys() == set(companies) else "")
    return Speaking(model_id, store.threshold(model_id), own) if model_id else Speaking()


def _write(view: View) -> None:
    """Puts the view into the URL and into the tab's memory."""
    remember(LEDGER, view.ledger.id)
    remember(AS_OF, view.as_of.isoformat())
    for name, value in link(view).items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value


# --- caches: keyed by ids, bounded, read only ---------------------------------------------------------------------------


@st.cache_resource(max_entries=4, show_spinner=False)
def _workspace(home: str) -> Workspace:
    return Workspace.open(Path(home) if home else None)


@st.cache_resource(max_entries=4, show_spinner="Opening the ledger …")
def open_ledger(ledger_id: str) -> Ledger:
    return workspace().ledger(ledger_id)


@st.cache_resource(max_entries=4, show_spinner=False)
def unscored(ledger_id: str, as_of: date) -> pa.Table:
    return worklist.unscored(open_ledger(ledger_id), as_of)


@st.cache_resource(max_entries=2, show_spinner=False)
def rates(table_id: str) -> Rates:
    return workspace().rates(table_id)


@st.cache_resource(max_entries=4, show_spinner=False)
def _model(_: str, model_id: str) -> Model:
    return workspace().model(model_id)


@st.cache_resource(max_entries=8, show_spinner=False)
def table(path: str) -> pa.Table:
    return pq.read_table(path)
