"""The server: `streamlit run app.py`. What is on the screens stands in `pages/`, what they show in `insights/`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st

from insights import jobs
from pages.ui import parts, session

WORKER_CHECK = 300  # seconds; a worker that ended for want of work is started again, for the nightly scoring


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Opens the workspace before the first visitor, who would otherwise wait for it, and keeps a worker at hand."""
    session.workspace()
    keeper = asyncio.create_task(keep_worker())
    yield
    keeper.cancel()
    with suppress(asyncio.CancelledError):
        await keeper


async def keep_worker() -> None:
    """Sees to it, for as long as the server runs, that somebody does the jobs."""
    while True:
        await asyncio.to_thread(jobs.ensure_worker, session.workspace())
        await asyncio.sleep(WORKER_CHECK)


# The script is not `app.py` itself: a folder `pages/` beside the main script would be served around the frame.
app = st.App("pages/main.py", lifespan=lifespan, on_script_error=parts.script_error)
