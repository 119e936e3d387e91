"""How much may be uploaded at the same time, by one person and by all?

An ASGI middleware behind sign-in. The program keeps an upload in memory for as long as its tab is there, so that whoever uploads
without end would end the server. What is announced counts from then on: many at once are no way round. The uploads of a tab that
was closed are let go of soon, which Streamlit by itself does only once somebody else closes one.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from insights.server.doors import App, Receive, Scope, Send, sent

LOG = logging.getLogger(__name__)
FOLDER = "/_stcore/upload_file/"
MEGABYTE = 1 << 20
BACK = 90.0  # seconds within which a tab whose connection broke finds its uploads again; Streamlit keeps it for 120
LOOK = 10.0  # seconds between two looks at the tabs that have uploads
WITHOUT_SIZE = "An upload has to say how large it is."
BY_ONE = (
    "You have {held:,} MB of uploads open, and {limit:,} MB are taken of one person: "
    "close the tabs that have them, or take files away."
)
BY_ALL = "Others are uploading, too, and {limit:,} MB are taken at the same time: try again in a few minutes."


class Memory(Protocol):
    """What the program keeps of uploads, by the tab that they belong to."""

    def held(self) -> Mapping[str, int]:
        """Bytes by tab."""

    def is_open(self, tab: str) -> bool:
        """Whether its browser is connected."""

    def let_go(self, tab: str) -> None:
        """Forget a tab that is not open, with its uploads."""


class UploadLimits:
    """Takes uploads as long as one person, and all together, have no more than so many bytes of them in this process."""

    def __init__(self, app: App, memory: Memory, of_one: int, of_all: int) -> None:
        self.app, self.memory, self.of_one, self.of_all = app, memory, of_one, of_all
        self.owners: dict[str, str] = {}  # tab -> whose
        self.coming: Counter[str] = Counter()  # person -> bytes that are announced and not all there yet
        self.closed: dict[str, float] = {}  # tab -> since when it is not open
        self.looking: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(FOLDER):
            await self.app(scope, receive, send)
            return
        person, size = whose(scope), announced(scope)
        if size is None:
            await refuse(send, 411, WITHOUT_SIZE)
        elif sentence := self.refusal(person, size):
            LOG.warning("An upload of %d MB was refused: too much at the same time.", size // MEGABYTE)
            await passed_over(receive)  # a browser hears an answer only once it has sent all
            await refuse(send, 413, sentence)
        else:
            await self.take(scope, receive, send, person, size)

    def refusal(self, person: str, size: int) -> str:
        """Why so many bytes more are too many; "" where they are not."""
        held = self.memory.held()
        own = self.coming[person] + sum(kept for tab, kept in held.items() if self.owners.get(tab) == person)
        if own + size > self.of_one:
            return BY_ONE.format(held=own // MEGABYTE, limit=self.of_one // MEGABYTE)
        if self.coming.total() + sum(held.values()) + size > self.of_all:
            return BY_ALL.format(limit=self.of_all // MEGABYTE)
        return ""

    async def take(self, scope: Scope, receive: Receive, send: Send, person: str, size: int) -> None:
        tab = scope["path"].removeprefix(FOLDER).partition("/")[0]
        self.coming[person] += size
        try:
            await self.app(scope, receive, send)
        finally:
            self.coming[person] -= size
            if not self.coming[person]:
                del self.coming[person]
            if tab in self.memory.held():
                self.owners[tab] = person
            if self.looking is None or self.looking.done():
                self.looking = asyncio.create_task(self.look())

    async def look(self) -> None:
        """Let go of what closed tabs have left, for as long as there are uploads."""
        while held := self.memory.held():
            self.owners = {tab: person for tab, person in self.owners.items() if tab in held}
            now = time.monotonic()
            self.closed = {tab: self.closed.get(tab, now) for tab in held if not self.memory.is_open(tab)}
            for tab, since in self.closed.items():
                if now - since >= BACK:
                    self.memory.let_go(tab)
            await asyncio.sleep(LOOK)


def whose(scope: Scope) -> str:
    """Who uploads: "" where nobody signs in."""
    signed_in = scope.get("signed_in")
    return signed_in.user.id if signed_in is not None else ""


def announced(scope: Scope) -> int | None:
    """How many bytes a request says that it has, None where it does not: the web server reads no more than that.

    Where a request comes in chunks, the server reads those, whatever length it says besides.
    """
    if sent(scope, b"transfer-encoding"):
        return None
    sizes = sent(scope, b"content-length")
    return int(sizes[0]) if len(sizes) == 1 and sizes[0].isascii() and sizes[0].isdigit() else None


async def passed_over(receive: Receive) -> None:
    """Read a body to its end, and keep nothing of it."""
    message = await receive()
    while message["type"] == "http.request" and message.get("more_body"):
        message = await receive()


async def refuse(send: Send, status: int, sentence: str) -> None:
    body = sentence.encode()
    lines = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
