"""Is nobody let in but our own pages in a browser on this computer, whoever asks, and however the server was started?"""

import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import streamlit as st

from insights.access import Role
from insights.server.doors import Door, inline_scripts
from insights.services import sign_in, users
from insights.store.store import Store
from tests.conftest import ROOT, wait_for
from tests.support.workspaces import ME

pytestmark = pytest.mark.slow  # servers

ABROAD = 1000  # Origins of other sites that are tried
WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
STREAM = "/_stcore/stream"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what has to do no harm


class Server(NamedTuple):
    """Where it is, and what it did."""

    port: int
    asked: Path  # what the server looked up or connected to, outside of this computer
    cookies: str = ""  # of whoever is signed in there


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that was told, past Streamlit's own command and settings, to listen on every interface."""
    with listening(tmp_path_factory.mktemp("doors")) as started:
        yield started


@contextmanager
def listening(folder: Path, **settings: str) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "asked"
    started = [sys.executable, "tests/support/watched.py", str(log), "uvicorn", "app:app"]
    command = [*started, "--host", EVERYWHERE, "--port", str(port)]
    environment = os.environ | {"INSIGHTS_HOME": str(folder / "home"), "INSIGHTS_IDLE_SECONDS": "1"} | settings
    with (
        (folder / "log").open("wb") as said,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said) as process,
    ):
        try:
            wait_for(f"http://127.0.0.1:{port}", process)
            yield Server(port, log)
        finally:
            process.terminate()


def answer(server: Server, path: str = "/", *, at: str = "127.0.0.1", **headers: str) -> tuple[int, str]:
    """Status and all else that the server answers to a request with these headers, `_` for `-`; Host as a browser sends it."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = {"Host": f"127.0.0.1:{server.port}", "Connection": "close", "Cookie": server.cookies} | given
    return asked(server, path, [f"{name}: {value}" for name, value in lines.items() if value], at=at)


def asked(server: Server, path: str, lines: list[str], *, at: str = "127.0.0.1") -> tuple[int, str]:
    with socket.create_connection((at, server.port), timeout=60) as connection:
        connection.sendall("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
        told = b""
        while (block := connection.recv(1 << 16)) and not told.startswith(b"HTTP/1.1 101"):
            told += block
    return int(told.split()[1]), told.decode("utf-8", "replace")


def stream(server: Server, **headers: str) -> int:
    """The status that a WebSocket is answered with: 101 where it is opened."""
    lines = {"Host": f"127.0.0.1:{server.port}", "Cookie": server.cookies} | WEBSOCKET | headers
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        text = [f"GET {STREAM} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items() if value), "", ""]
        connection.sendall("\r\n".join(text).encode())
        return int(connection.recv(1 << 12).split()[1])


def abroad(port: int) -> list[str]:
    """Origins that are not ours, near and far: other ports and schemes, names that look like ours, and names by chance."""
    near = [
        *(f"http://{host}:{other}" for host in ("localhost", "127.0.0.1", "[::1]") for other in (port - 1, port + 1, 80, 3000)),
        *(f"{scheme}://127.0.0.1:{port}" for scheme in ("https", "ws", "file", "chrome-extension", "HTTP")),
        *(f"http://{host}:{port}" for host in ("localhost", "[::1]", "0.0.0.0", "127.1", "2130706433", "127.0.0.2")),  # noqa: S104
        *(f"http://127.0.0.1{end}" for end in ("", ".", f".evil.example:{port}", f":{port}.evil.example", f":0{port}")),
        *(f"http://127.0.0.1:{port}{end}" for end in ("/", "@evil.example", "?", "#", " http://evil.example")),
        *("null", "*", "evil.example", "http://", "://", "http://evil.example", f"http://evil.example:{port}"),
    ]
    by_chance = random.Random(7)  # noqa: S311 - names, not secrets
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-."
    far = [f"http://{''.join(by_chance.choices(letters, k=12))}.example:{port}" for _ in range(ABROAD - len(near))]
    return near + far


def test_a_thousand_other_sites_open_no_stream_and_nothing_is_looked_up(server: Server) -> None:
    origins = abroad(server.port)
    assert len(set(origins)) == ABROAD
    assert {origin for origin in origins if stream(server, Origin=origin) != 403} == set()
    assert not server.asked.exists(), server.asked.read_text()
    assert stream(server, Origin=f"http://127.0.0.1:{server.port}") == 101


PUBLIC = "insights.example.com"
COOKIES = "__Host-insights={0}; insights={0}"


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same, where people sign in and a proxy leads to it under https, as somebody who is signed in."""
    folder = tmp_path_factory.mktemp("signed-in")
    store = Store.open(folder / "home")
    secret = sign_in.begin(store, users.add(store, "Ada", Role.MANAGER, actor=ME), "password", sign_in.Whence("192.0.2.7"))
    settings = {
        "INSIGHTS_SIGN_IN": "password",
        "INSIGHTS_ADDRESS": f"https://{PUBLIC}",
        "INSIGHTS_PROXIES": "127.0.0.1",
        "INSIGHTS_START_WORKERS": "false",
    }
    with listening(folder, **settings) as started:
        yield started._replace(cookies=COOKIES.format(secret))


def test_who_is_signed_in_opens_no_stream_from_a_thousand_other_sites_either(signed_in: Server) -> None:
    """Browsers send the cookie along wherever a page comes from, as long as it is the same site: each port of one name."""
    near = {
        *(f"{scheme}://{PUBLIC}{end}" for scheme in ("http", "ws", "HTTPS", "file") for end in ("", ":443", ":80")),
        *(
            f"https://{name}"
            for name in (f"evil.{PUBLIC}", f"{PUBLIC}.evil.example", "example.com", f"{PUBLIC}:8443", f"{PUBLIC}.")
        ),
        *(f"https://{PUBLIC}{end}" for end in ("/", "?", "#", "@evil.example", " https://evil.example", ":443", ":0443")),
    }
    far = [origin for origin in abroad(signed_in.port) if origin not in near]
    origins = [*near, *far[: ABROAD - len(near)]]
    assert len(set(origins)) == ABROAD
    assert {origin for origin in origins if stream(signed_in, Host=PUBLIC, Origin=origin) != 403} == set()
    for origin in near:
        assert answer(signed_in, "/", Host=PUBLIC, Origin=origin)[0] == 403, origin
    assert not signed_in.asked.exists(), signed_in.asked.read_text()
    assert stream(signed_in, Host=PUBLIC, Origin=f"https://{PUBLIC}") == 101
    assert answer(signed_in, "/", Host=PUBLIC, Origin=f"https://{PUBLIC}")[0] == 200


OURS = (
    "/",
    "/customers",
    "/_stcore/host-config",
    "/_stcore/health",
    "/media/x.csv",
    "/sign-in",
    "/account",
    "/sign-out",
    "/x.js",
)


@pytest.mark.parametrize("cookie", [True, False], ids=["signed in", "nobody"])
def test_with_sign_in_every_answer_tells_browsers_the_same(signed_in: Server, cookie: bool) -> None:  # noqa: FBT001
    """Pages, what is refused, and where one is led to; over https each says that it stays so."""
    known = signed_in if cookie else signed_in._replace(cookies="")
    statuses = set()
    for path in (*OURS, "/invitation?link=x", "/sign-in/start", "/sign-in/state", "/sign-in/watch.js", "/livez", "/metrics"):
        status, said = answer(known, path, Host=PUBLIC, Accept="text/html")
        lines = dict(line.lower().split(": ", 1) for line in said.partition("\r\n\r\n")[0].split("\r\n")[1:])
        policy = set(lines["content-security-policy"].split("; "))
        assert {"default-src 'none'", "frame-ancestors 'none'", "img-src 'self' data: blob:", "base-uri 'none'"} <= policy, path
        assert not [each for each in policy if each.startswith("script-src") and "unsafe" in each]
        assert (lines["x-content-type-options"], lines["cache-control"]) == ("nosniff", "no-store"), path
        assert (lines["x-frame-options"], lines["strict-transport-security"]) == ("deny", "max-age=31536000"), path
        statuses.add(status)
    assert {200, 404} <= statuses if cookie else {200, 303} <= statuses


def test_our_own_names_open_a_stream_and_only_as_the_page_was_called(server: Server) -> None:
    for name in ("127.0.0.1", "localhost", "[::1]"):
        assert stream(server, Host=f"{name}:{server.port}", Origin=f"http://{name}:{server.port}") == 101
    assert stream(server, Host=f"localhost:{server.port}", Origin=f"http://127.0.0.1:{server.port}") == 403
    assert stream(server, Origin="") == 403, "every browser says where a page is from"


@pytest.mark.parametrize("path", ["/", "/customers", "/_stcore/health", "/_stcore/host-config", "/media/x.csv", "/static/x.js"])
def test_pages_of_other_sites_and_other_names_get_nothing(server: Server, path: str) -> None:
    for host in (
        "evil.example",
        f"evil.example:{server.port}",
        "127.0.0.1",
        f"127.0.0.1:{server.port + 1}",
        f"0.0.0.0:{server.port}",
    ):
        status, told = answer(server, path, Host=host)
        assert status == 403
        assert told.endswith("This server does not go by the name that was asked for.")
    for origin in ("null", "http://evil.example", f"http://localhost:{server.port + 1}", f"https://127.0.0.1:{server.port}"):
        assert answer(server, path, Origin=origin)[0] == 403


def test_two_hosts_or_two_origins_are_one_too_many(server: Server) -> None:
    host, origin = f"Host: 127.0.0.1:{server.port}", f"Origin: http://127.0.0.1:{server.port}"
    assert asked(server, "/", [host, "Connection: close"])[0] == 200
    assert asked(server, "/", [host, origin, "Connection: close"])[0] == 200
    assert asked(server, "/", [host, origin, "Origin: http://evil.example", "Connection: close"])[0] == 403
    assert asked(server, "/", [host, "Host: evil.example", "Connection: close"])[0] in {400, 403}


def test_who_comes_from_elsewhere_is_refused_although_the_server_listens_there(server: Server) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only asks which of our addresses would be used
        except OSError:
            pytest.skip("this computer has no address but its own")
        ours = probe.getsockname()[0]
    for host in (f"{ours}:{server.port}", f"127.0.0.1:{server.port}"):
        status, told = answer(server, "/", at=ours, Host=host, X_Forwarded_For="127.0.0.1", X_Forwarded_Host="127.0.0.1")
        assert status == 403
        assert told.endswith("This server answers on this computer only: sign-in is not switched on.")


def test_browsers_are_told_to_frame_keep_and_fetch_nothing(server: Server) -> None:
    for path in ("/", "/customers", "/_stcore/host-config", "/_stcore/health"):
        _, told = answer(server, path)
        lines = dict(line.lower().split(": ", 1) for line in told.partition("\r\n\r\n")[0].split("\r\n")[1:])
        policy = lines["content-security-policy"].split("; ")
        assert {"default-src 'none'", "frame-ancestors 'none'", "img-src 'self' data: blob:"} <= set(policy)
        assert not [each for each in policy if each.startswith("script-src") and "unsafe" in each]
        assert (lines["x-content-type-options"], lines["cache-control"]) == ("nosniff", "no-store")
        assert (lines["referrer-policy"], lines["x-frame-options"]) == ("same-origin", "deny")
        assert "access-control-allow-origin" not in lines


def test_the_one_inline_script_of_streamlit_is_known_by_its_hash() -> None:
    page = (Path(st.__file__).parent / "static" / "index.html").read_text("utf-8")
    assert len(inline_scripts(page)) == page.count("<script>") == 1


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.2", False),
        ("192.0.2.2", False),
        ("10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("localhost", False),
        ("/run/insights.sock", False),
        ("", False),
    ],
)
def test_the_address_of_the_connection_says_whether_it_is_our_own(host: str, own: bool) -> None:  # noqa: FBT001
    assert Door("http", host, 8501).own is own


def test_the_usual_port_need_not_be_named() -> None:
    assert "localhost" in Door("http", "127.0.0.1", 80).hosts
    assert "localhost" in Door("https", "127.0.0.1", 443).hosts
    assert "localhost" not in Door("https", "127.0.0.1", 80).hosts
