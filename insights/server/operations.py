"""What does whoever runs the server ask it? `/livez`, `/readyz`, `/metrics`; and a line in the log for each request, if wished.

An ASGI middleware before sign-in. It answers with what works and with counts: no name, no amount, and no id but a request's.
"""

import asyncio
import hmac
import json
import logging
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from datetime import UTC, datetime
from ipaddress import ip_address
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from insights.server.doors import App, Message, Receive, Scope, Send
from insights.services import health
from insights.store.store import Store

LIVE, READY, METRICS = "/livez", "/readyz", "/metrics"
FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")  # what proxies say of whom they ask for
LOOKS = ThreadPoolExecutor(1, "health")  # a look writes a file, and anybody may ask: who asks often keeps no screen waiting
REQUESTS = logging.getLogger("insights.requests")
KINDS = {
    "/_stcore/stream": "stream",
    "/_stcore/upload_file": "upload",
    "/media/": "media",
    "/static/": "static",
    "/_stcore/": "other",
}

request_id: ContextVar[str] = ContextVar("request_id", default="")


class Counts:
    """What this process has counted since it began, for a monitor."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when each began is noise
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter("insights_requests", "Requests over HTTP, answered.", ("kind", "status"), registry=self.registry)
        self.seconds = Histogram("insights_request_seconds", "Seconds to answer one.", ("kind",), registry=self.registry)
        self.open = Gauge("insights_open_tabs", "WebSockets that are open: one a browser tab.", registry=self.registry)
        self.parts = Gauge("insights_part_ready", "1 where the part works, else 0.", ("part",), registry=self.registry)
        self.jobs = Gauge("insights_jobs", "Jobs of the workspace.", ("state",), registry=self.registry)
        self.behind = Gauge("insights_worker_behind", "1 where jobs wait and nobody does them.", registry=self.registry)
        self.model = Gauge("insights_model_in_force", "1 where a model is published.", registry=self.registry)
        self.age = Gauge("insights_ledger_age_days", "Days since the newest ledger is complete through.", registry=self.registry)
        self.free = Gauge("insights_free_bytes", "Free on the disk of the home.", registry=self.registry)

    def text(self, condition: health.Health) -> bytes:
        """In Prometheus' text format. What the database does not say is not a number."""
        for part, verdict in (("database", condition.database), ("files", condition.files)):
            self.parts.labels(part).set(verdict == health.OK)
        for state in health.STATES:
            self.jobs.labels(state).set(condition.jobs[state] if condition.jobs else float("nan"))
        unknown = condition.worker is None
        self.behind.set(float("nan") if unknown else condition.worker == health.BEHIND)
        self.model.set(float("nan") if condition.model_in_force is None else condition.model_in_force)
        self.age.set(float("nan") if condition.ledger_age is None else condition.ledger_age)
        self.free.set(condition.free)
        return generate_latest(self.registry)


class Operations:
    """Answers what operators ask; counts everything else, and gives each request an id that its answer and its log line bear."""

    def __init__(self, app: App, store: Store, token: str = "", believes: Callable[[str], bool] = lambda _: False) -> None:
        """`token`: with which `/metrics` is asked; "": it is not there. `believes`: whether an address is that of a proxy."""
        self.app, self.store, self.token, self.believes, self.counts = app, store, token, believes, Counts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        known_id, begun, status = uuid4().hex[:16], time.perf_counter(), [0]
        request_id.set(known_id)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (b"x-request-id", known_id.encode())]}
            await send(message)

        socket = scope["type"] == "websocket"
        if socket:
            self.counts.open.inc()
        try:
            own = await self.own(scope) if not socket else None
            await (own or self.app)(scope, receive, answer)
        finally:
            took = time.perf_counter() - begun
            if socket:
                self.counts.open.dec()
            else:
                self.counts.requests.labels(kind_of(scope["path"]), f"{status[0] // 100}xx").inc()
                self.counts.seconds.labels(kind_of(scope["path"])).observe(took)
            REQUESTS.info(
                "request",
                extra={
                    "fields": {
                        "kind": "tab" if socket else kind_of(scope["path"]),
                        "method": scope.get("method", ""),
                        "status": status[0],
                        "ms": round(1000 * took),
                    }
                },
            )

    async def own(self, scope: Scope) -> Response | None:
        """The answer to what operators ask; None for every other path."""
        if scope["path"] not in {LIVE, READY, METRICS}:
            return None
        if scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("Only GET.", 405)
        if scope["path"] == LIVE:
            return PlainTextResponse("ok")
        if scope["path"] == METRICS:
            if not self.token:
                return PlainTextResponse("Not here: there is no token (INSIGHTS_METRICS_TOKEN_FILE).", 404)
            if not self.has_token(scope):
                return PlainTextResponse("The token is missing or wrong.", 401, {"www-authenticate": "Bearer"})
        condition = await asyncio.get_running_loop().run_in_executor(LOOKS, health.examine, self.store)
        if scope["path"] == METRICS:
            return Response(self.counts.text(condition), media_type=CONTENT_TYPE_LATEST)
        known = self.has_token(scope) or self.is_here(scope)
        return JSONResponse(condition.to_json() if known else {"ready": condition.ready}, 200 if condition.ready else 503)

    def has_token(self, scope: Scope) -> bool:
        """Whether a request bears the token of monitors."""
        given = Request(scope).headers.get("authorization", "")
        return bool(self.token) and hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode())

    def is_here(self, scope: Scope) -> bool:
        """Whether somebody at this machine asks, and no proxy on it for somebody else."""
        host = str((scope.get("client") or ("",))[0])
        handed_on = any(name in Request(scope).headers for name in FORWARDED)
        return is_loopback(host) and not handed_on and not self.believes(host)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def kind_of(path: str) -> str:
    """What a path is of: few kinds, and nothing that somebody typed."""
    if path in {LIVE, READY, METRICS}:
        return "operations"
    return next((kind for start, kind in KINDS.items() if path.startswith(start)), "page")


class JsonLine(logging.Formatter):
    """A record as one line of JSON: when, how bad, from where, what, of which request.

    Of an error only its kind and where it was: what it says may be somebody's data.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if known_id := request_id.get():
            line["request"] = known_id
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__qualname__
            line["at"] = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(record.exc_info[2])]
        return json.dumps(line, ensure_ascii=False)


def log_as_json() -> None:
    """From now on what the product says goes to stderr as lines of JSON, one for each request among it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine())
    ours = logging.getLogger("insights")
    ours.handlers[:] = [handler]
    ours.setLevel(logging.INFO)
    ours.propagate = False
