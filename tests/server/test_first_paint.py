"""Does every page get the styles, and nothing else a change?"""

import asyncio

import pytest

from insights.server.first_paint import FirstPaint, Message, Receive, Scope, Send

PAGE = b"<html><head><title>x</title></head><body></body></html>"


def answered(path: str, content_type: bytes, *parts: bytes) -> tuple[dict[bytes, bytes], bytes, Scope]:
    """Headers and body that a browser gets of an answer in parts, and what the program was asked."""
    asked: list[Scope] = []
    sent: list[Message] = []

    async def program(scope: Scope, _receive: Receive, send: Send) -> None:
        asked.append(scope)
        length = str(sum(map(len, parts))).encode()
        headers = [(b"content-type", content_type), (b"content-length", length), (b"etag", b'"1"')]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for at, part in enumerate(parts, 1):
            await send({"type": "http.response.body", "body": part, "more_body": at < len(parts)})

    async def keep(message: Message) -> None:
        sent.append(message)

    async def silent() -> Message:
        return {"type": "http.disconnect"}

    scope: Scope = {"type": "http", "path": path, "headers": [(b"accept-encoding", b"gzip"), (b"host", b"localhost")]}
    asyncio.run(FirstPaint(program, "p{}")(scope, silent, keep))
    return dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:]), asked[0]


@pytest.mark.parametrize("cut", [1, 20, len(PAGE) - 1])
def test_a_page_carries_the_styles_in_its_head_however_it_comes_in_parts(cut: int) -> None:
    headers, body, asked = answered("/open_invoices", b"text/html; charset=utf-8", PAGE[:cut], PAGE[cut:])
    assert body == PAGE.replace(b"</head>", b"<style>p{}</style></head>")
    assert headers[b"content-length"] == str(len(body)).encode()
    assert b"etag" not in headers, "that of the file without the styles"
    assert (b"accept-encoding", b"gzip") not in asked["headers"], "what is packed cannot be added to"


@pytest.mark.parametrize(("path", "content_type"), [("/static/a.html", b"text/html"), ("/x", b"application/json")])
def test_all_else_passes_as_it_is(path: str, content_type: bytes) -> None:
    headers, body, asked = answered(path, content_type, PAGE)
    assert body == PAGE
    assert headers[b"etag"] == b'"1"'
    assert asked["path"] == path
