"""What every HTTP surface owes its callers: RFC 9457 problems in two languages, a request id, a log line a request."""

import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.operations.connections import Unavailable
from contracts.operations.instruments import RequestInstruments

_REQUEST_ID = re.compile(r"[\w.:-]{1,128}")
_TITLE_END = re.compile("[:;：；]")
_RETRY_AFTER = 5  # seconds, said with every 429 and 503 that names no better time

log = structlog.get_logger("request")
_encoder = msgspec.json.Encoder()


class Problem(Exception):
    """An answer that is an error: `code` is stable and for programs, the texts are for people."""

    def __init__(
        self, status: int, code: str, zh: str, en: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(f"{status} {code}: {en}")
        self.status = status
        self.code = code
        self.zh = zh
        self.en = en
        self.headers = dict(headers or {})
        self.members = members

    def response(self) -> Response:
        """As application/problem+json."""
        headers = dict(self.headers)
        if self.status in (429, 503):
            headers.setdefault("Retry-After", str(_RETRY_AFTER))
        document = {
            "type": "about:blank" if self.code == "not_found" else f"urn:liangshai:problem:{self.code}",
            "title": _TITLE_END.split(self.en)[0],
            "title_zh": _TITLE_END.split(self.zh)[0],
            "status": self.status,
            "code": self.code,
            "detail": self.en,
            "detail_zh": self.zh,
            **self.members,
        }
        return Response(_encoder.encode(document), self.status, headers, media_type="application/problem+json")


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Any value msgspec can write, as JSON."""
    return Response(_encoder.encode(content), status, headers, media_type="application/json")


Answer = Callable[[Request, "Problem"], Response]


def as_json(_: Request, problem: Problem) -> Response:
    """As programs read it."""
    return problem.response()


def application(
    routes: Sequence[BaseRoute],
    instruments: RequestInstruments | None = None,
    *,
    quiet: bool = False,
    answer: Answer = as_json,
) -> ASGIApp:
    """An app of these routes whose every error is a problem and whose every request leaves one log line.

    `quiet` is for the operations port, which is scraped every second: it logs failures only. `answer` says how a
    problem is told: as JSON, or as a page.
    """

    async def handle(request: Request, error: Exception) -> Response:
        return answer(request, _problem(error))

    handlers = dict.fromkeys((Problem, HTTPException, Unavailable, Exception), handle)
    return _Requests(Starlette(routes=list(routes), exception_handlers=dict(handlers)), instruments, quiet)


def _problem(error: Exception) -> Problem:
    """What to tell of an error; one that is none of these Starlette raises on, and `_Requests` logs it."""
    match error:
        case Problem():
            return error
        case HTTPException():
            code, zh, en = _PLAIN.get(error.status_code, ("http_error", "请求无法处理", ""))
            return Problem(error.status_code, code, zh, en or str(error.detail), headers=error.headers)
        case Unavailable():
            log.warning("unavailable", error=str(error))
            return UNAVAILABLE
    return _DEFECT


_PLAIN = {
    400: ("bad_request", "请求格式不正确", ""),
    404: ("not_found", "没有这个地址", "there is no such address"),
    405: ("method_not_allowed", "该地址不支持此方法", "this address does not take this method"),
    413: ("too_large", "请求内容过大", "the request is too large"),
}
UNAVAILABLE = Problem(503, "unavailable", "服务暂时不可用", "Temporarily unavailable")
_DEFECT = Problem(500, "internal_error", "服务内部错误", "Internal error; it has been logged under the request id")


class _Requests:
    """Request id, canonical line and instruments around an app; pure ASGI, so that streaming stays streaming."""

    def __init__(self, app: ASGIApp, instruments: RequestInstruments | None, quiet: bool) -> None:
        self._app = app
        self._instruments = instruments
        self._quiet = quiet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = _request_id(scope)
        status = 0
        started = time.perf_counter()

        async def answering(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append((b"x-request-id", request_id.encode()))
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answering)
            except Exception:
                log.exception("request failed", method=scope["method"], path=scope["path"])
            finally:
                self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        if not self._quiet:
            log.info("request", method=scope["method"], path=scope["path"], status=status, duration_ms=_ms(seconds))
        if self._instruments is not None:
            self._instruments.requests.labels(scope["method"], route, str(status)).inc()
            self._instruments.seconds.labels(scope["method"], route).observe(seconds)


def _request_id(scope: Scope) -> str:
    """The caller's own X-Request-Id when it is a sane one, else a new one."""
    sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
    return sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
