"""What does a button do that is pressed after the run that drew it? What it would have done then, if who presses it still may."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from insights.ledger.errors import Refused
from pages.ui.shared import session

CHANGED = "What you may do or see has changed meanwhile. Load this page again."
Made = TypeVar("Made")


def as_drawn(made: Callable[[], Made]) -> Callable[[], Made]:
    """`made`, for a button that is pressed after the run: Refused where role or reach are others than when it was drawn.

    Streamlit calls it in a thread that knows neither who is signed in nor what this tab holds: it is made as in the run that drew
    the button, which draws nothing any more.
    """
    drawn, run = session.person(), get_script_run_ctx(suppress_warning=True)

    def asked() -> Made:
        now = session.person()
        if (now.role, now.reach) != (drawn.role, drawn.reach):
            raise Refused(CHANGED, "changed")
        return made()

    def pressed() -> Made:
        if run is None or get_script_run_ctx(suppress_warning=True) is not None:
            return asked()
        silent = replace(run, _enqueue=lambda _: None)
        with ThreadPoolExecutor(1, initializer=add_script_run_ctx, initargs=(None, silent)) as alone:
            return alone.submit(asked).result()

    return pressed
