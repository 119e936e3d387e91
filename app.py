"""The server: `streamlit run app.py`. What is on the screens stands in `pages/`, what they show in `insights/`."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from streamlit import config, runtime
from streamlit.web.server.starlette.starlette_websocket import gather_user_info

from insights import jobs
from insights.ledger.errors import Refused
from insights.prediction import explain
from insights.server import memory
from insights.server.doors import Doors
from insights.server.first_paint import FirstPaint
from insights.server.forms import WATCH, Forms
from insights.server.operations import Operations, log_as_json
from insights.server.sign_in import HEADER, TRUSTED, USER_KEY, SignIn
from insights.server.upload_limits import MEGABYTE, UploadLimits
from insights.services import entrance, failures, users
from insights.services.entrance import Entrance
from insights.services.sign_in import PROXY
from insights.store import housekeeping
from insights.store.settings import Settings
from insights.store.store import Store
from pages.ui.shared import session, widgets

if TYPE_CHECKING:
    from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

LOG = logging.getLogger(__name__)
OWN = ("127.0.0.1", "localhost", "::1")  # addresses that only this computer can reach
SPARE = 15  # seconds between two looks at memory that nobody needs any more
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
    spared = asyncio.create_task(give_memory_back())
    yield
    keeper.cancel()
    spared.cancel()
    for ending in (keeper, spared):
        with suppress(asyncio.CancelledError):
            await ending
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


async def give_memory_back() -> None:
    """Returns to the system what screens have used and let go of, which the allocators would keep for the next one."""
    while True:
        await asyncio.sleep(SPARE)
        await asyncio.to_thread(memory.give_back)


def read_entrance() -> Entrance:
    """How people sign in here. Stops a server that others could reach without, or whose settings do not fit together.

    Whoever is started in another way meets `Doors`, which looks at each connection.
    """
    try:
        way = entrance.read(Settings())
    except Refused as refused:
        sys.exit(str(refused))
    address = st.get_option("server.address")
    if address not in OWN and not (way.guarded and way.address):
        sys.exit(
            f"This server would listen on {address or 'every network interface'}, and anyone there could read the ledgers: "
            "sign-in is not switched on (INSIGHTS_SIGN_IN and INSIGHTS_ADDRESS, docs/sign-in.md). "
            "Start it with --server.address 127.0.0.1."
        )
    return way


def open_store() -> Store:
    """The workspace. Stops a server whose workspace cannot be used, with the sentence that says why."""
    try:
        return Store.open()
    except Refused as refused:
        sys.exit(str(refused))
    except failures.FROM_OUTSIDE as error:
        sys.exit(failures.sentence(error)[0])


def guards(way: Entrance, store: Store) -> list[Middleware]:
    """Who stands before the program where people sign in; nobody where they do not."""
    if not way.guarded:
        return []
    if way.provider == PROXY and any(map(way.believes, OWN[::2])) and os.environ.get("FORWARDED_ALLOW_IPS") != "":
        sys.exit(
            "Start it with FORWARDED_ALLOW_IPS= (empty): else the web server takes the address of a request from what the "
            "request says, and INSIGHTS_PROXIES could not tell the proxy from others."
        )
    config.set_option("server.trustedUserHeaders", dict(TRUSTED))
    if way.address:
        config.set_option("server.allowedHosts", [*st.get_option("server.allowedHosts"), way.address.host])
    probe = gather_user_info(Headers(raw=[(HEADER.encode(), b"first"), (HEADER.encode(), b"second")]))
    if probe != {USER_KEY: "first"} or st.get_option("server.baseUrlPath"):
        sys.exit("This version of Streamlit, or its settings, would not say who is signed in: nobody is let in.")
    if not users.made(store):
        LOG.warning("Nobody may sign in yet. Make an administrator: python -m insights user add NAME --role administrator")
    forms = Forms(way, store)
    return [Middleware(SignIn, entrance=way, store=store, forms=forms.app, at=forms.at)]


class Tabs:
    """What Streamlit keeps of uploads, by the session of a tab."""

    def held(self) -> dict[str, int]:
        manager = cast("MemoryUploadedFileManager", runtime.get_instance().uploaded_file_mgr)
        kept = {tab: list(files.values()) for tab, files in list(manager.file_storage.items())}
        return {tab: sum(len(file.data) for file in files) for tab, files in kept.items() if files}

    def is_open(self, tab: str) -> bool:
        return runtime.get_instance().is_active_session(tab)

    def let_go(self, tab: str) -> None:
        """The session, too: what its last run has seen of the files is the same memory."""
        runtime.get_instance().close_session(tab)
        runtime.get_instance().uploaded_file_mgr.remove_session_files(tab)


way_in = read_entrance()
workspace = open_store()
page = (Path(st.__file__).parent / "static" / "index.html").read_text("utf-8")
doors = Middleware(Doors, page=page, address=way_in.address)
operations = Middleware(Operations, store=workspace, token=Settings().metrics_token, believes=way_in.believes)
if Settings().log == "json":
    log_as_json()
limits = Middleware(
    UploadLimits,
    memory=Tabs(),
    of_one=Settings().upload_megabytes_of_one * MEGABYTE,
    of_all=Settings().upload_megabytes_of_all * MEGABYTE,
)
styles = (Path(__file__).parent / "pages/ui/shared/browser/app.css").read_text("utf-8")
first_paint = Middleware(FirstPaint, styles=styles, script=WATCH if way_in.guarded else "")
# The script is not `app.py` itself: a folder `pages/` beside the main script would be served around the frame.
app = st.App(
    "pages/main.py",
    lifespan=lifespan,
    middleware=[doors, operations, *guards(way_in, workspace), limits, first_paint],
    on_script_error=widgets.script_error,
)
