"""How does a page look before the program speaks? With our styles from the first paint on, so that nothing jumps later.

An ASGI middleware that puts a style sheet into the HTML that Streamlit serves. Streamlit has a theme, but no word on what the
theme leaves out (the strength of captions, the room at the sides), and it draws the page before it knows of the sidebar.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

FILES = ("/static/", "/_stcore/", "/media/", "/component/")  # no pages


class FirstPaint:
    """Adds styles to every page; all else passes as it is."""

    def __init__(self, app: App, styles: str, script: str = "") -> None:
        """`script`: the path of a script of ours that every page runs, if any."""
        self.app = app
        runs = f'<script src="{script}" defer></script>' if script else ""
        self.styles = f"<style>{styles}</style>{runs}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FILES):
            await self.app(scope, receive, send)
            return
        plain = [pair for pair in scope["headers"] if pair[0] not in {b"accept-encoding", b"if-none-match", b"if-modified-since"}]
        await self.app({**scope, "headers": plain}, receive, self._styled(send))

    def _styled(self, send: Send) -> Send:
        """`send`, with the styles before the end of an HTML page's head."""
        begun: list[Message] = []
        parts: list[bytes] = []

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and is_page(message):
                begun.append(message)
            elif not begun:
                await send(message)
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    page = b"".join(parts)
                    styled = page.replace(b"</head>", self.styles + b"</head>", 1) if page else page
                    await send(with_length(begun[0], len(styled)) if page else begun[0])
                    await send({"type": "http.response.body", "body": styled})

        return answer


def is_page(start: Message) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in start.get("headers", ()))


def with_length(start: Message, length: int) -> Message:
    """The start of an answer that is so many bytes long, and whose mark of the file as it was is gone."""
    changed = {b"content-length", b"etag", b"last-modified", b"accept-ranges"}
    kept = [pair for pair in start["headers"] if pair[0].lower() not in changed]
    return {**start, "headers": [*kept, (b"content-length", str(length).encode())]}
