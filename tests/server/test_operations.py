"""Do those who run the server hear how it is, and nothing that is nobody's business?"""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from insights.server.doors import Message, Receive, Scope, Send
from insights.server.operations import JsonLine, Operations
from insights.services.ledgers import commit
from insights.store.store import Store
from tests.conftest import ROOT, served
from tests.support.visits import Visit
from tests.support.workspaces import ME, ledger_of

TOKEN = "four red kites"  # noqa: S105 - an example
PLANTED = "Planted Plantedco P-4711 2024-02-05 2024-03-06 - 471100 EUR"


async def beyond(_: Scope, receive: Receive, send: Send) -> None:
    """The rest of the server: nothing is there."""
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(
    operations: Operations, path: str, method: str = "GET", *, by: str = "192.0.2.7", **headers: str
) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of an answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "path": path,
        "method": method,
        "headers": given,
        "query_string": b"customer=Planted",
        "client": (by, 4711),
    }
    asyncio.run(operations(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:]).decode()


def test_it_lives_and_is_ready_and_says_no_name_and_no_amount(workspace: Store) -> None:
    commit(workspace, ledger_of(PLANTED, name="Plantedname"), actor=ME)
    operations = Operations(beyond, workspace, TOKEN)
    assert ask(operations, "/livez")[::2] == (200, "ok")
    status, headers, body = ask(operations, "/readyz", authorization=f"Bearer {TOKEN}")
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert json.loads(body)["ready"]
    assert ask(operations, "/readyz", "POST")[0] == 405
    counted = ask(operations, "/metrics", authorization=f"Bearer {TOKEN}")[2]
    assert not any(word in body + counted for word in ("Planted", "4711", "EUR"))


@pytest.mark.parametrize(
    ("by", "headers", "told"),
    [
        ("192.0.2.7", {}, False),
        ("192.0.2.7", {"authorization": "Bearer x"}, False),
        ("192.0.2.7", {"authorization": f"Bearer {TOKEN}"}, True),
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.7"}, False),  # a proxy on this machine, for a stranger
        ("127.0.0.1", {"via": "1.1 proxy"}, False),
        ("127.0.0.9", {}, False),  # where a proxy sits that may not say for whom it asks
        ("", {}, False),
    ],
)
def test_how_it_is_is_told_to_monitors_and_at_the_machine_and_strangers_hear_whether_it_is_ready(
    workspace: Store, by: str, headers: dict[str, str], *, told: bool
) -> None:
    operations = Operations(beyond, workspace, TOKEN, {"127.0.0.9"}.__contains__)
    status, _, body = ask(operations, "/readyz", by=by, **headers)
    assert status == 200
    assert (json.loads(body) == {"ready": True}) is not told
    assert ("jobs" in json.loads(body)) is told


def test_without_a_token_nobody_is_taken_for_a_monitor(workspace: Store) -> None:
    assert json.loads(ask(Operations(beyond, workspace), "/readyz", authorization="Bearer ")[2]) == {"ready": True}


def test_metrics_are_there_only_with_a_token_and_for_whoever_has_it(workspace: Store) -> None:
    assert ask(Operations(beyond, workspace), "/metrics", authorization="Bearer ")[0] == 404
    guarded = Operations(beyond, workspace, TOKEN)
    assert [ask(guarded, "/metrics", **given)[0] for given in ({}, {"authorization": "Bearer x"}, {"authorization": TOKEN})] == [
        401
    ] * 3
    ask(guarded, "/customers")
    status, headers, text = ask(guarded, "/metrics", authorization=f"Bearer {TOKEN}")
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/plain")
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert values["insights_requests_total", "page", "4xx"] == 1
    assert values["insights_requests_total", "operations", "4xx"] == 3
    assert values["insights_part_ready", "database"] == values["insights_part_ready", "files"] == 1
    assert values["insights_jobs", "waiting"] == 0
    assert values["insights_free_bytes",] > 0


def test_each_request_has_an_id_that_its_answer_and_its_line_bear_and_the_line_nothing_that_was_typed(
    workspace: Store, caplog: pytest.LogCaptureFixture
) -> None:
    operations = Operations(beyond, workspace)
    caplog.handler.setFormatter(JsonLine())
    with caplog.at_level(logging.INFO, "insights.requests"):
        _, first, _ = ask(operations, "/customer/Planted")
        _, second, _ = ask(operations, "/livez")
    assert first["x-request-id"] != second["x-request-id"]
    (line, other) = caplog.text.splitlines()
    assert "Planted" not in caplog.text
    assert {name: json.loads(line)[name] for name in ("message", "kind", "method", "status")} == {
        "message": "request",
        "kind": "page",
        "method": "GET",
        "status": 404,
    }
    assert json.loads(other)["kind"] == "operations"


def test_a_line_of_an_error_says_its_kind_and_place_and_not_its_words() -> None:
    try:
        raise ValueError("Planted Ltd owes 4711.00")  # noqa: TRY301 - the words are what matters
    except ValueError:
        record = logging.LogRecord("insights.x", logging.ERROR, __file__, 1, "It failed.", None, sys.exc_info())
    said = json.loads(JsonLine().format(record))
    assert (said["message"], said["error"], len(said["at"])) == ("It failed.", "ValueError", 1)
    assert "Planted" not in JsonLine().format(record)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server where people sign in, with a token for monitors."""
    folder = tmp_path_factory.mktemp("operated")
    (folder / "token").write_text(TOKEN + "\n")
    settings = {"INSIGHTS_SIGN_IN": "password", "INSIGHTS_METRICS_TOKEN_FILE": str(folder / "token"), "INSIGHTS_LOG": "json"}
    with served(folder / "home", **settings) as found:
        yield found


@pytest.mark.slow
def test_a_server_answers_operators_before_anybody_signs_in(address: str) -> None:
    visit = Visit(address)
    assert [visit.ask(path)[0].status for path in ("/livez", "/readyz", "/metrics", "/_stcore/metrics")] == [200, 200, 401, 401]
    answer, text = visit.ask("/metrics", Authorization=f"Bearer {TOKEN}")
    assert answer.status == 200
    assert "insights_part_ready" in text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert visit.ask("/livez", Origin="https://evil.example")[0].status == 403


def test_a_token_in_the_environment_is_refused(tmp_path: Path) -> None:
    environment = os.environ | {"INSIGHTS_HOME": str(tmp_path / "home"), "INSIGHTS_METRICS_TOKEN": TOKEN}
    command = [sys.executable, "-m", "insights", "settings"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "INSIGHTS_METRICS_TOKEN_FILE" in done.stderr
    assert TOKEN not in done.stdout + done.stderr
