"""Which ledger, as-of date and model does this browser tab show? The only home of session state and URL.

The URL is the truth: `?ledger=ID&as_of=2026-03-01&model=ID` are written on every run, so that any address can be sent to
a colleague. What the URL leaves out comes from the tab's last choice, then from the defaults. What the workspace holds is looked
up once per run of the script, and so is the view.
"""

import json
import os
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn, cast

import pyarrow as pa
import streamlit as st

from insights.access import Capability, Person, Reach, laptop, require
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.portfolio.customer_groups import Customers
from insights.services import contents as contents_service
from insights.services import reach as reach_service
from insights.services import sign_in, users
from insights.services.contents import Contents
from insights.services.reach import LedgerWithin, Visible
from insights.store import agreements, ledgers
from insights.store.records import LedgerRecord
from insights.store.settings import BY_FILE, Settings, variable
from insights.store.store import Store
from pages.ui.shared import query_params, widgets
from pages.ui.shared.query_params import AS_OF, LEDGER, MODEL
from pages.ui.shared.view import View, usual, wanted_date, wanted_ledger, wanted_model

LEDGER_CHOICE, AS_OF_CHOICE = "chosen_ledger", "chosen_as_of"  # keys of the two widgets in the sidebar
NAME, NAME_CHOICE = "name", "chosen_name"
# Of this run alone, so not in the tab's state, where a run that is stopped would leave it to the next click.
PERSON: ContextVar[Person | None] = ContextVar("person_of_run", default=None)
ANSWERS: ContextVar[dict[Hashable, object] | None] = ContextVar("answers_of_run", default=None)  # likewise
SIGNED_IN = "insights_session"  # in `st.user`: the session that the server's middleware has found
SIGNED_OUT = "You are signed out. Load this page again to sign in."
CONTENTS, VIEW = "contents_of_run", "view_of_run"
WITHIN = "contents_within"  # of this run: a reach, and what is within
AGREED = "agreed_in_this_run"
KEYS = "keys_of_run"  # of containers, and how often each was used
NEXT = "next"  # where `follow` goes
CLOCKS_STOPPED = 0.6  # seconds in which the browser has surely heard of a run, and stopped its clocks
MADE = "made_model"  # the model that this tab trained or published last: kept for the screen of models
LAST_LIST = "last_list"  # which list of this tab was open last
TOLD = "told"  # what a run has done, for the next run to say


def person() -> Person:
    """Who acts on this screen, as of now: who is signed in, with today's role; where nobody signs in, whoever is at the laptop.

    Raises Refused for whoever has been signed out meanwhile.
    """
    if known := PERSON.get():
        return known
    if not guarded():
        return laptop(str(recall(NAME) or ""), "screen")
    inside = sign_in.alive(workspace(), str(st.user.get(SIGNED_IN) or ""))
    if inside is None:
        raise Refused(SIGNED_OUT, "signed_out")
    return users.person_of(inside.user, inside.address)


@contextmanager
def one_person() -> Iterator[None]:
    """Who acts is looked up once inside. Callbacks and fragments run outside, and look anew."""
    looked_up, answers = PERSON.set(person()), ANSWERS.set({})
    try:
        yield
    finally:
        ANSWERS.reset(answers)
        PERSON.reset(looked_up)


def answers_of_run() -> dict[Hashable, object] | None:
    """What this run has asked caches for, and heard; None outside of one (callbacks, fragments)."""
    return ANSWERS.get()


def guarded() -> bool:
    """Whether people sign in on this server."""
    return _guarded(*(os.environ.get(f"{variable('sign_in')}{kind}", "") for kind in ("", BY_FILE)))


@lru_cache(maxsize=4)
def _guarded(value: str, file: str) -> bool:  # noqa: ARG001 - keys: every click asks, and to read the settings takes milliseconds
    return bool(Settings().sign_in)


def bind_name() -> str:
    """Lets the sidebar's field show the chosen name; its key."""
    st.session_state[NAME_CHOICE] = str(recall(NAME) or "")
    return NAME_CHOICE


def on_name_change() -> None:
    """Another name was chosen in the sidebar (a callback)."""
    remember(NAME, " ".join(st.session_state[NAME_CHOICE].split()))


def workspace() -> Store:
    """The workspace of this server (INSIGHTS_HOME)."""
    return _workspace(os.environ.get("INSIGHTS_HOME", ""))


# --- the view --------------------------------------------------------------------------------------------------------


def begin() -> None:
    """A run of the script begins (the frame says so): what the workspace holds is looked up anew."""
    st.session_state.pop(CONTENTS, None)
    st.session_state.pop(WITHIN, None)
    st.session_state.pop(VIEW, None)
    st.session_state.pop(KEYS, None)
    st.session_state.pop(AGREED, None)


def free_key(key: str) -> str:
    """The key, with a number where this run has used it already: for containers that may be alike."""
    used = st.session_state.setdefault(KEYS, {})
    used[key] = used.get(key, 0) + 1
    return key if used[key] == 1 else f"{key}-{used[key]}"


def contents() -> Contents:
    """What the workspace held when this run of the script began: for what is shown. What is done asks `workspace()`."""
    if CONTENTS not in st.session_state:
        st.session_state[CONTENTS] = contents_service.read(workspace())
    whole, reach = cast("Contents", st.session_state[CONTENTS]), person().reach
    if reach.whole_companies:
        return reach_service.contents_within(whole, reach)
    seen_by, held = cast("tuple[Reach | None, Contents]", st.session_state.get(WITHIN, (None, whole)))
    if seen_by != reach:
        held = reach_service.contents_within(whole, reach)
        held = replace(held, ledgers=tuple(record for record in held.ledgers if _has_anyone(record, reach)))
        st.session_state[WITHIN] = (reach, held)
    return held


def agreed() -> str:
    """What tells caches whether anything was agreed since: looked up once in a run, as `contents` is."""
    if AGREED not in st.session_state:
        st.session_state[AGREED] = agreements.fingerprint(workspace())
    return str(st.session_state[AGREED])


def current() -> View | None:
    """The view that URL and session ask for, written back to both; None where the workspace holds no ledger.

    Raises Refused for a link to a ledger, date or model that cannot be shown.
    """
    if VIEW not in st.session_state:
        try:
            st.session_state[VIEW] = _resolved()
        except Refused as refused:
            st.session_state[VIEW] = refused
    view = st.session_state[VIEW]
    if isinstance(view, Refused):
        raise view
    return cast("View | None", view)


def _resolved() -> View | None:
    if not contents().ledgers:
        return None
    who = person()
    require(who, Capability.SEE)
    held, seen = contents(), ledger_within(wanted_ledger(contents(), query_params.get(LEDGER), recall(LEDGER)), who.reach)
    ledger, whole = seen.ledger, cast("Contents", st.session_state[CONTENTS])
    kept = recall(AS_OF) if recall(LEDGER) == ledger.id else None
    as_of = wanted_date(ledger, query_params.get(AS_OF) or str(kept or ""))
    record, visible = whole.ledger(ledger.id), seen.visible
    active = wanted_model(whole, record, as_of, query_params.get(MODEL)).within(visible)  # what speaks is so for everybody
    is_usual = active.same_models(usual(whole, record, as_of).within(visible))
    published = any(publication.model_id == active.model_id for publication in held.published.active_publications())
    speaks = (active.model_id, active.threshold, published, active.by_company)
    view = View(held, ledger, as_of, *speaks, visible, seen.positions, is_usual)
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


# --- links and choices -----------------------------------------------------------------------------------------------


def link(view: View, **further: str) -> dict[str, str]:
    """Query parameters that show the same view again: for `st.page_link(..., query_params=...)` and `go`.

    Where several models speak, none is named: one that is would speak for all companies.
    """
    model_id = {MODEL: view.model_id} if view.model_id and not view.by_company else {}
    return {LEDGER: view.ledger.id, AS_OF: view.as_of.isoformat(), **model_id, **further}


def go(page: str, view: View | None = None, **further: str) -> NoReturn:
    """Opens a page ("invoice.py", "customer.py") on the same view, with further query parameters.

    invoice.py takes company, customer, invoice, line; customer.py takes company, customer.
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
    if address := recall(NEXT):
        page, further = cast("tuple[str, dict[str, str]]", address)
        remember(NEXT, None)
        time.sleep(CLOCKS_STOPPED)
        go(page, None, **further)


def bind(name: str, value: object) -> str:
    """Lets the widget of a query parameter show `value`; the widget's key, whose callback is `on_filter_change` with `name`."""
    st.session_state[f"filter_{name}"] = value
    return f"filter_{name}"


def bound(name: str) -> object:
    """What the widget of a query parameter says now (for callbacks)."""
    return st.session_state[f"filter_{name}"]


def on_filter_change(name: str) -> None:
    """A filter has changed (a callback): its value becomes the query parameter."""
    value = st.session_state[f"filter_{name}"]
    query_params.set_params(**{name: value if isinstance(value, list) else "" if value is None else str(value)})


def remember_list(name: str = "open_invoices") -> None:
    """Keeps tab, filters, sort and page of a list, so that the way back leads to where one was.

    `st.switch_page` leaves an entry in the browser's history with the list's path and the next page's parameters: whoever
    comes back to it gets the list as it was.
    """
    if query_params.get("invoice") or query_params.get("customer"):
        st.query_params.from_dict({**_view_asked(), **_kept_list(name)})
    remember(LAST_LIST, name)
    remember(f"list_{name}", {key: st.query_params.get_all(key) for key in st.query_params if key not in (LEDGER, AS_OF, MODEL)})


def last_list(among: Sequence[str]) -> str:
    """Which list of this tab was open last, of some; the first of them where none of these was."""
    last = str(recall(LAST_LIST) or "")
    return last if last in among else among[0]


def list_link(view: View, name: str = "open_invoices") -> dict[str, str | list[str]]:
    """Query parameters of a list as it was left, on the same view."""
    return {**link(view), **_kept_list(name)}


def kept_list(name: str = "open_invoices") -> dict[str, list[str]]:
    """Tab, filters, sort and page of a list as it was left in this tab; nothing where it was not opened."""
    return _kept_list(name)


def _kept_list(name: str) -> dict[str, list[str]]:
    kept = recall(f"list_{name}")
    return kept if isinstance(kept, dict) else {}


def _view_asked() -> dict[str, str]:
    return {name: query_params.get(name) for name in (LEDGER, AS_OF, MODEL) if query_params.get(name)}


def choose(ledger_id: str = "", as_of: date | None = None) -> None:
    """From now on this tab shows this ledger (default: the newest), by default as of its default date."""
    for name in (LEDGER, AS_OF, MODEL):
        st.query_params.pop(name, None)
        st.session_state.pop(f"kept_{name}", None)
    if ledger_id:
        remember(LEDGER, ledger_id)
    if ledger_id and as_of:
        remember(AS_OF, as_of.isoformat())


def on_ledger_change() -> None:
    """The sidebar's ledger has changed (a callback)."""
    choose(st.session_state[LEDGER_CHOICE])


def on_as_of_change() -> None:
    """The sidebar's as-of date has changed (a callback)."""
    if chosen := st.session_state[AS_OF_CHOICE]:
        choose(st.session_state[LEDGER_CHOICE], chosen)


def bind_choices(view: View) -> None:
    """Lets the two widgets of the sidebar show the view, wherever it came from."""
    st.session_state[LEDGER_CHOICE] = view.ledger.id
    st.session_state[AS_OF_CHOICE] = view.as_of


def remember(name: str, value: object) -> None:
    """Keeps a value of a page for this tab (an upload's draft, a running job's id)."""
    st.session_state[f"kept_{name}"] = value


def recall(name: str) -> object:
    """What `remember` kept, None where nothing."""
    return st.session_state.get(f"kept_{name}")


def tell(sentence: str) -> None:
    """Says in the next run of this tab what has been done."""
    remember(TOLD, sentence)


def notice() -> str:
    """What `tell` left to say, once; "" where nothing."""
    sentence = recall(TOLD) or ""
    remember(TOLD, None)
    return str(sentence)


def sent(key: str, event: str) -> object:
    """What the component of this key sent with an event (for callbacks)."""
    return st.session_state[key].get(event)


def on_value_change(key: str, act: Callable[[Any], None]) -> None:
    """A widget's value has changed (a callback): `act` is called with it."""
    act(st.session_state[key])


def picked_point(key: str) -> int | None:
    """The number (first of `customdata`) of the point that was chosen in the chart of this key (for callbacks), None for none."""
    points = st.session_state[key]["selection"]["points"]
    number = points[0].get("customdata") if points else None
    number = number[0] if isinstance(number, list | tuple) and number else number
    return int(number) if isinstance(number, int | float) else None


def _write(view: View) -> None:
    """Puts the view into the URL and into the tab's memory."""
    remember(LEDGER, view.ledger.id)
    remember(AS_OF, view.as_of.isoformat())
    for name, value in link(view).items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value


# --- caches: keyed by ids, bounded, read only ---------------------------------------------------------------------------


@st.cache_resource(max_entries=4, show_spinner=False)
def _workspace(home: str) -> Store:
    return Store.open(Path(home) if home else None)


def _has_anyone(record: LedgerRecord, reach: Reach) -> bool:
    """Whether a ledger may be named to somebody who sees some groups or owners alone; without opening it.

    One whose files cannot be read is not named: others are shown all the same.
    """
    limits = json.dumps(reach.to_json(), sort_keys=True)
    try:
        if not _in_groups(record.id, limits, reach):
            return False
        if reach.owners is None:
            return True
        owned = _owned(record.lineage_id, limits, agreed(), reach)
        return _has_any(record.id, Visible(customers=owned).key, owned)
    except (Refused, OSError, pa.ArrowException):
        return False


@st.cache_resource(max_entries=256, show_spinner=False)
def _in_groups(ledger_id: str, limits: str, _reach: Reach) -> bool:  # noqa: ARG001 - a key
    return reach_service.in_groups(workspace(), ledger_id, _reach)


@st.cache_resource(max_entries=64, show_spinner=False)
def _owned(lineage_id: str, limits: str, changes: str, _reach: Reach) -> Customers:  # noqa: ARG001 - keys
    return reach_service.customers_owned(workspace(), lineage_id, _reach)


@st.cache_resource(max_entries=256, show_spinner=False)
def _has_any(ledger_id: str, named: str, _customers: Customers) -> bool:  # noqa: ARG001 - a key
    return reach_service.has_any(workspace(), ledger_id, _customers)


def ledger_within(ledger_id: str, reach: Reach) -> LedgerWithin:
    """A ledger as somebody may see it."""
    if reach.everything:
        return LedgerWithin(open_ledger(ledger_id))
    changes = agreed() if reach.owners is not None else ""  # who looks after whom is agreed
    return _ledger_within(ledger_id, json.dumps(reach.to_json(), sort_keys=True), changes, reach)


@st.cache_resource(max_entries=8, show_spinner="Opening the ledger …")
def _ledger_within(ledger_id: str, limits: str, changes: str, _reach: Reach) -> LedgerWithin:  # noqa: ARG001 - keys
    return reach_service.ledger_within(workspace(), open_ledger(ledger_id), _reach)


@st.cache_resource(max_entries=4, show_spinner="Opening the ledger …")
def open_ledger(ledger_id: str) -> Ledger:
    """All of it: for what a model learns from, and for who may see everything."""
    return ledgers.load(workspace(), ledger_id)
