"""How does a test speak to the server as nobody's browser would? Requests and WebSockets over bare connections."""

import os
import socket
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from ssl import SSLContext
from typing import Self
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE = 60  # seconds for an answer on a busy machine
STREAM = "/_stcore/stream"
HTML = {"Accept": "text/html,*/*"}


@dataclass
class Visit:
    """Somebody at the server: what their cookies say."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    host: str = ""  # another name of the server
    scheme: str = "http"
    tls: SSLContext | None = None  # whom to trust, where the address is https

    @property
    def at(self) -> str:
        return urlsplit(self.address).netloc

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host or self.at}"

    def lines(self, **headers: str) -> dict[str, str]:
        """The headers of a request; `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        return {"Host": self.host or self.at, **cookies, **given}

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str) -> tuple[HTTPResponse, str]:
        """The answer and its text; cookies are kept."""
        connection = (
            HTTPSConnection(self.at, timeout=PATIENCE, context=self.tls)
            if self.tls
            else HTTPConnection(self.at, timeout=PATIENCE)
        )
        connection.request(method, path, body or None, self.lines(**headers))
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        for line in answer.headers.get_all("set-cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer, text

    def post(self, path: str, **fields: str) -> tuple[HTTPResponse, str]:
        """A form of our own page."""
        lines = {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
        return self.ask(path, "POST", urlencode(fields), **lines)

    def sign_in(self, name: str, password: str, target: str = "/") -> Self:
        answer, text = self.post("/sign-in", name=name, password=password, next=target)
        assert answer.status == 303, text
        return self

    def socket(self, **headers: str) -> "Wire":
        """A WebSocket to the program."""
        return Wire(self, headers)

    def stream(self, **headers: str) -> int:
        """The status that a WebSocket is answered with: 101 where it is opened."""
        with self.socket(**headers) as wire:
            return wire.status


class Wire:
    """A WebSocket, frame by frame."""

    def __init__(self, visit: Visit, headers: dict[str, str]) -> None:
        host, _, port = visit.at.rpartition(":")
        self.connection: socket.socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        if visit.tls:
            self.connection = visit.tls.wrap_socket(self.connection, server_hostname=host)
        usual = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec_WebSocket_Version": "13",
            "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "Origin": visit.origin,
        }
        lines = [f"{name}: {value}" for name, value in visit.lines(**(usual | headers)).items()]
        self.connection.sendall("\r\n".join([f"GET {STREAM} HTTP/1.1", *lines, "", ""]).encode())
        self.held = b""
        while b"\r\n\r\n" not in self.held and (block := self.connection.recv(1 << 16)):
            self.held += block
        head, _, self.held = self.held.partition(b"\r\n\r\n")
        self.status = int(head.split()[1])

    def say(self, message: BackMsg) -> None:
        """A message of the browser, masked as the protocol wants it."""
        self._send(2, message.SerializeToString())

    def run(
        self,
        *,
        query: str = "",
        page: str = "",
        page_hash: str = "",
        click: str = "",
        typed: tuple[str, str] = ("", ""),
        fragment: str = "",
    ) -> None:
        """Asks for a run of the script: of a page by its name or its hash, or of a fragment.

        Perhaps with a click on the button of an id, or with a text that was typed into the field of an id.
        """
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        message.rerun_script.page_script_hash = page_hash
        message.rerun_script.fragment_id = fragment
        if click:
            message.rerun_script.widget_states.widgets.add(id=click, trigger_value=True)
        if any(typed):
            message.rerun_script.widget_states.widgets.add(id=typed[0], string_value=typed[1])
        self.say(message)

    def stop(self) -> None:
        """Asks for the end of the run that goes on."""
        self.say(BackMsg(stop_script=True))

    def hear(self) -> ForwardMsg | None:
        """The next message of the program; None once the socket is closed.

        Whether somebody is there still is answered: else the server closes the socket after a minute.
        """
        while True:
            frame = self._frame()
            if frame is None or frame[0] == 8:
                return None
            if frame[0] == 9:
                self._send(10, frame[1])
            if frame[0] in {1, 2}:
                message = ForwardMsg()
                message.ParseFromString(frame[1])
                return message

    def told(self) -> list[ForwardMsg]:
        """All messages until a run has ended, or the socket is closed."""
        messages = []
        while (message := self.hear()) is not None:
            messages.append(message)
            if message.WhichOneof("type") == "script_finished":
                break
        return messages

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def _send(self, kind: int, body: bytes) -> None:
        mask = os.urandom(4)
        length = bytes([0x80 | len(body)]) if len(body) < 126 else bytes([0x80 | 126]) + len(body).to_bytes(2)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))
        self.connection.sendall(bytes([0x80 | kind]) + length + mask + masked)

    def _take(self, size: int) -> bytes | None:
        while len(self.held) < size:
            try:
                block = self.connection.recv(1 << 16)
            except ConnectionError:
                return None
            if not block:
                return None
            self.held += block
        taken, self.held = self.held[:size], self.held[size:]
        return taken

    def _frame(self) -> tuple[int, bytes] | None:
        head = self._take(2)
        if head is None:
            return None
        size = head[1] & 127
        if size >= 126:
            more = self._take(2 if size == 126 else 8)
            if more is None:
                return None
            size = int.from_bytes(more)
        body = self._take(size)
        return None if body is None else (head[0] & 15, body)
