"""The server: `streamlit run app.py`. What is on the screens stands in `pages/`, what they show in `insights/`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from pages.ui import parts, session


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Opens the workspace before the first visitor, who would otherwise wait for it."""
    session.workspace()
    yield


# The script is not `app.py` itself: a folder `pages/` beside the main script would be served around the frame.
app = st.App("pages/main.py", lifespan=lifespan, on_script_error=parts.script_error)
