"""The server: `streamlit run app.py`. What is on the screens stands in `pages/`, what they show in `insights/`."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from insights import jobs
from insights.ledger.errors import Refused
from insights.prediction import explain
from insights.server.doors import Doors
from insights.server.first_paint import FirstPaint
from insights.services import failures
from insights.store import housekeeping
from insights.store.store import Store
from pages.ui.shared import session, widgets

LOG = logging.getLogger(__name__)
OWN = ("127.0.0.1", "localhost", "::1")  # addresses that only this computer can reach
ATTEND = 30  # seconds; so soon is a job taken up again whose worker died, and the night's scoring queued


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Opens the workspace before the first visitor, who would otherwise wait for it, and keeps a worker at hand."""
    try:
        jobs.ensure_worker(session.workspace())
    except Refused as refusal:  # a database that is gone or damaged: every screen says so
        LOG.warning("%s", refusal)
    keeper = asyncio.create_task(keep_worker())
    swept = asyncio.create_task(asyncio.to_thread(sweep))
    warmed = asyncio.create_task(asyncio.to_thread(explain.warm))
    yield
    keeper.cancel()
    with suppress(asyncio.CancelledError):
        await keeper
    await warmed
    await swept


def sweep() -> None:
    """Removes what a server or a command left that was killed; a worker does so too, every ten minutes."""
    try:
        housekeeping.tidy(session.workspace())
    except Exception as error:  # noqa: BLE001 - as in `keep_worker`
        LOG.warning("What was left over could not be removed: %s", failures.sentence(error)[0])


async def keep_worker() -> None:
    """Sees to it, for as long as the server runs, that somebody does the jobs."""
    while True:
        try:
            await asyncio.to_thread(lambda: jobs.attend(session.workspace()))
        except Exception as error:  # noqa: BLE001 - a full disk, a database that is gone: the next look may find it mended
            LOG.warning("Nobody could be set to the jobs: %s", failures.sentence(error)[0])
        await asyncio.sleep(ATTEND)


def refuse_open_doors() -> None:
    """Stops a server that other machines could reach: there is no sign-in yet.

    Whoever is started in another way meets `Doors`, which looks at each connection.
    """
    address = st.get_option("server.address")
    if address not in OWN:
        sys.exit(
            f"This server would listen on {address or 'every network interface'}, and anyone there could read the ledgers: "
            "there is no sign-in yet. Start it with --server.address 127.0.0.1."
        )


def refuse_what_does_not_open() -> None:
    """Stops a server whose workspace cannot be used, with the sentence that says why."""
    try:
        Store.open()
    except Refused as refused:
        sys.exit(str(refused))
    except failures.FROM_OUTSIDE as error:
        sys.exit(failures.sentence(error)[0])


refuse_open_doors()
refuse_what_does_not_open()
doors = Middleware(Doors, page=(Path(st.__file__).parent / "static" / "index.html").read_text("utf-8"))
first_paint = Middleware(FirstPaint, styles=(Path(__file__).parent / "pages/ui/shared/browser/app.css").read_text("utf-8"))
# The script is not `app.py` itself: a folder `pages/` beside the main script would be served around the frame.
app = st.App("pages/main.py", lifespan=lifespan, middleware=[doors, first_paint], on_script_error=widgets.script_error)
