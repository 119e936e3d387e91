"""Is no more taken of one person's uploads, and of all people's, than the server has room for, and is it given back?"""

import asyncio
import http.client
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import psutil
import pytest

from insights.access import Role
from insights.server import upload_limits
from insights.server.doors import Message, Receive, Scope, Send
from insights.server.upload_limits import FOLDER, MEGABYTE, UploadLimits
from insights.services import sign_in, users
from insights.services.sign_in import Whence
from insights.store.store import Store
from tests.conftest import served
from tests.pages.test_browser_uploads import server_at
from tests.support.visits import Visit
from tests.support.workspaces import ME

OF_ONE, OF_ALL = 4, 6  # megabytes, of the server of these tests
FILE = b"x" * (MEGABYTE - 1000)
BOUNDARY = "what-stands-between"
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="ledger.csv"\r\n\r\n'.encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()
MANY, LARGE = 20, 199  # files, and megabytes of each
FREED = 180.0  # seconds after the tab was closed
SMALL = 200  # megabytes beside the uploads that a server may take more than before


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Ada, Bob and Cy, power users."""
    store = Store.open(tmp_path_factory.mktemp("team") / "home")
    for name in ("Ada", "Bob", "Cy"):
        users.add(store, name, Role.POWER_USER, actor=ME)
    return store


@pytest.fixture
def address(team: Store) -> Iterator[str]:
    settings = {"INSIGHTS_UPLOAD_MEGABYTES_OF_ONE": str(OF_ONE), "INSIGHTS_UPLOAD_MEGABYTES_OF_ALL": str(OF_ALL)}
    with served(team.home, INSIGHTS_SIGN_IN="password", **settings) as reached:
        yield reached


def signed_in(team: Store, address: str, name: str) -> Visit:
    visit = Visit(address, {"insights": sign_in.begin(team, users.named(team, name), "password", Whence("192.0.2.7"))})
    visit.ask("/_stcore/health")  # brings the cookie that an upload has to repeat
    return visit


@contextmanager
def tab_of(visit: Visit) -> Iterator[str]:
    """An open tab, by the id under which it uploads."""
    with visit.socket() as wire:
        wire.run()
        (begun,) = [message for message in wire.told() if message.WhichOneof("type") == "new_session"]
        yield begun.new_session.initialize.session_id


def put(visit: Visit, tab: str, name: str, content: bytes = FILE, **headers: str) -> tuple[int, str]:
    """Uploads a file as the screen does: status, and what is said."""
    lines = {
        "Origin": visit.origin,
        "Content_Type": f"multipart/form-data; boundary={BOUNDARY}",
        "X_Xsrftoken": visit.cookies["_streamlit_xsrf"],
    }
    connection = http.client.HTTPConnection(urlsplit(visit.address).netloc, timeout=120)
    connection.request("PUT", f"{FOLDER}{tab}/{name}", HEAD + content + TAIL, visit.lines(**(lines | headers)))
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()
    return answer.status, said


@pytest.mark.slow
def test_one_person_has_so_much_open_over_all_tabs_and_all_people_together_somewhat_more(team: Store, address: str) -> None:
    """Ada has room for four files, whatever tab they come from; then Bob has room for two, since six are taken of all."""
    ada, bob = signed_in(team, address, "Ada"), signed_in(team, address, "Bob")
    with tab_of(ada) as first, tab_of(ada) as second, tab_of(bob) as his:
        assert [put(ada, tab, str(number))[0] for number, tab in enumerate((first, second, first, second))] == [204] * OF_ONE
        for tab in (first, second):
            status, said = put(ada, tab, "more")
            assert (status, said) == (413, upload_limits.BY_ONE.format(held=3, limit=OF_ONE))
        assert [put(bob, his, str(number))[0] for number in range(3)] == [204, 204, 413]
        assert put(bob, his, "more")[1] == upload_limits.BY_ALL.format(limit=OF_ALL)
        lines = {"Origin": ada.origin, "X_Xsrftoken": ada.cookies["_streamlit_xsrf"], "Content_Type": "application/json"}
        assert ada.ask(f"{FOLDER}{first}/0", "DELETE", "{}", **lines)[0].status == 204
        assert put(ada, second, "more")[0] == 204, "what was taken away makes room"


@pytest.mark.slow
def test_many_at_the_same_time_are_no_way_round(team: Store, address: str) -> None:
    ada = signed_in(team, address, "Ada")
    with tab_of(ada) as tab, ThreadPoolExecutor(12) as at_once:
        answers = list(at_once.map(lambda number: put(ada, tab, str(number))[0], range(12)))
    assert sorted(answers) == [204] * OF_ONE + [413] * (12 - OF_ONE)


@pytest.mark.slow
def test_an_upload_says_how_large_it_is(team: Store, address: str) -> None:
    ada = signed_in(team, address, "Ada")
    with tab_of(ada) as tab:
        lines = {"Origin": ada.origin, "X_Xsrftoken": ada.cookies["_streamlit_xsrf"], "Transfer_Encoding": "chunked"}
        connection = http.client.HTTPConnection(ada.at, timeout=60)
        connection.request("PUT", f"{FOLDER}{tab}/1", iter([HEAD, FILE, TAIL]), ada.lines(**lines), encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, answer.read().decode()) == (411, upload_limits.WITHOUT_SIZE)
        connection.close()


@pytest.mark.slow
def test_a_length_that_is_said_beside_chunks_is_none(team: Store, address: str) -> None:
    """A file of some bytes in a chunk, after a line that calls it one byte."""
    ada = signed_in(team, address, "Ada")
    whole = HEAD + b"some bytes" + TAIL
    with tab_of(ada) as tab:
        lines = {
            "Origin": ada.origin,
            "Content_Type": f"multipart/form-data; boundary={BOUNDARY}",
            "X_Xsrftoken": ada.cookies["_streamlit_xsrf"],
            "Content_Length": "1",
            "Transfer_Encoding": "chunked",
            "Connection": "close",
        }
        head = [f"PUT {FOLDER}{tab}/1 HTTP/1.1", *(f"{name}: {value}" for name, value in ada.lines(**lines).items()), "", ""]
        host, _, port = ada.at.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=60) as bare:
            bare.sendall("\r\n".join(head).encode() + f"{len(whole):x}\r\n".encode() + whole + b"\r\n0\r\n\r\n")
            assert bare.recv(1 << 16).split()[1] == b"411"


class Kept(dict[str, int]):
    """Uploads by tab; those of `shut` are not connected."""

    shut: frozenset[str] = frozenset()

    def held(self) -> dict[str, int]:
        return dict(self)

    def is_open(self, tab: str) -> bool:
        return tab not in self.shut

    def let_go(self, tab: str) -> None:
        del self[tab]


def test_only_what_a_tab_has_left_that_does_not_come_back_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_limits, "LOOK", 0.01)
    monkeypatch.setattr(upload_limits, "BACK", 1.0)
    kept = Kept()

    async def take(scope: Scope, _: Receive, __: Send) -> None:
        kept[scope["path"].removeprefix(FOLDER).partition("/")[0]] = 3

    async def nothing() -> Message:
        return {"type": "http.request", "body": b""}

    async def unheard(_: Message) -> None:
        pass

    async def days() -> None:
        limits = UploadLimits(take, kept, of_one=10, of_all=10)
        for tab in ("here", "away", "back"):
            request = {"type": "http", "method": "PUT", "path": f"{FOLDER}{tab}/1", "headers": [(b"content-length", b"3")]}
            await limits(request, nothing, unheard)
        assert set(kept) == {"here", "away", "back"}
        kept.shut = frozenset({"away", "back"})
        await asyncio.sleep(0.1)
        kept.shut = frozenset({"away"})
        await asyncio.sleep(1.3)
        assert set(kept) == {"here", "back"}
        assert set(limits.owners) == {"here", "back"}
        kept.clear()
        assert limits.looking is not None
        await asyncio.wait_for(limits.looking, 5)

    asyncio.run(days())


@pytest.mark.long
def test_of_twenty_files_of_two_hundred_megabytes_five_are_taken_and_given_back_within_three_minutes(team: Store) -> None:
    """At a server as it is set by itself, which takes 1,000 megabytes of one person."""
    with served(team.home, INSIGHTS_SIGN_IN="password") as address:
        cy, server, content = signed_in(team, address, "Cy"), server_at(address), b"x" * (LARGE * MEGABYTE)
        with tab_of(cy) as tab:
            before = server.memory_info().rss
            answers = [put(cy, tab, str(number), content)[0] for number in range(MANY)]
            most = server.memory_info().rss
        closed = time.monotonic()
        while server.memory_info().rss - before > SMALL * MEGABYTE:
            assert time.monotonic() - closed < FREED, f"{memory(server)} MB"
            time.sleep(1)
        print(  # noqa: T201 - the figures are asked for
            f"{MANY} files of {LARGE} MB: {answers.count(204)} taken, {answers.count(413)} refused; "
            f"the server had {before // MEGABYTE} MB before, {most // MEGABYTE} MB with them, "
            f"and {memory(server)} MB {time.monotonic() - closed:.0f} s after the tab was closed"
        )
        assert sorted(answers) == [204] * 5 + [413] * 15


def memory(server: psutil.Process) -> int:
    return int(server.memory_info().rss // MEGABYTE)
