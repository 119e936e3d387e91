"""Which ledger, as-of date and model does this browser tab show? The only home of session state, URL and caches.

The URL is the truth: `?ledger=ID&as_of=2026-03-01&model=ID` are written on every run, so that any address can be sent to
a colleague. What the URL leaves out comes from the tab's last choice, then from the defaults.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pyarrow.parquet as pq
import streamlit as st

from insights.errors import Refused
from insights.ledger import Ledger
from insights.model import Model
from insights.workspace import Publication, Workspace
from pages.ui import parts

LEDGER, AS_OF, MODEL = "ledger", "as_of", "model"
THRESHOLD = 0.5  # of a model that is not published


@dataclass(frozen=True)
class View:
    """What every screen is a view of. `model_id` is "" where no model qualifies for the as-of date."""

    ledger: Ledger
    as_of: date
    model_id: str
    threshold: float
    published: bool  # whether the model is the published one

    @property
    def key(self) -> str:
        """Names the view in widget keys and caches."""
        return f"{self.ledger.id}-{self.as_of}-{self.model_id}-{self.threshold}"


def workspace() -> Workspace:
    """The workspace of this server (INSIGHTS_HOME)."""
    return _workspace()


def require_ledger() -> View:
    """The view, perhaps without a model; where there is no ledger, says so, offers Start, and stops the page.

    Raises Refused for a link to a ledger, date or model that cannot be shown.
    """
    view = current()
    if view is None:
        parts.empty_state(
            "No ledger yet",
            "Upload your receivables ledger, or look around with the sample.",
            parts.Step("Go to start", "start.py", ":material/home:"),
        )
        st.stop()
    return view


def require_view() -> View:
    """The view, with a model; where none qualifies for the as-of date, offers to train one, and stops the page."""
    view = require_ledger()
    if not view.model_id:
        from pages.ui import training

        training.offer(view.ledger, view.as_of)
        st.stop()
    return view


def current() -> View | None:
    """The view that URL and session ask for; None where the workspace holds no ledger. Raises Refused."""
    raise NotImplementedError


def predictions(view: View) -> Path:
    """The Parquet file of the view's predictions (columns of `scoring.score`), computed once. Raises Refused."""
    raise NotImplementedError


def scored(view: View) -> pa.Table:
    """The same as a table: one row per open invoice; shared between sessions, read only."""
    return pq.read_table(predictions(view))


def model(model_id: str) -> Model:
    """A model by id, shared between sessions, read only."""
    raise NotImplementedError


def publication() -> Publication | None:
    """What is published now."""
    return workspace().published()


def link(view: View, **further: str) -> dict[str, str]:
    """Query parameters that show the same view again: for `st.page_link(..., query_params=...)` and `go`."""
    model_id = {MODEL: view.model_id} if view.model_id else {}
    return {LEDGER: view.ledger.id, AS_OF: view.as_of.isoformat(), **model_id, **further}


def go(page: str, view: View | None = None, **further: str) -> NoReturn:
    """Opens a page ("invoice.py", "customer.py") on the same view, with further query parameters.

    invoice.py takes company, invoice, line; customer.py takes company, customer.
    """
    st.switch_page(page, query_params=link(view, **further) if view else further)


def asked(name: str) -> str:
    """A query parameter of this page, "" where absent: `session.asked("customer")`."""
    return st.query_params.get(name, "")


def choose(ledger_id: str, as_of: date | None = None) -> None:
    """From now on this tab shows this ledger (after a commit, a deletion: choose("")), by default as of its default date."""
    raise NotImplementedError


def remember(name: str, value: object) -> None:
    """Keeps a value of a page for this tab (an upload's draft, a running job's id)."""
    st.session_state[f"kept_{name}"] = value


def recall(name: str) -> object:
    """What `remember` kept, None where nothing."""
    return st.session_state.get(f"kept_{name}")


@st.cache_resource
def _workspace() -> Workspace:
    return Workspace.open()


__all__ = ["Refused", "View", "asked", "choose", "current", "go", "link", "model", "predictions", "publication"]
