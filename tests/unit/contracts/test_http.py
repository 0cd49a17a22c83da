"""HTTP: every error is a problem in two languages, every request has an id, a log line and its instruments."""

import httpx
import structlog
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.operations.connections import Unavailable
from contracts.operations.http import Problem, application, json_response
from contracts.operations.instruments import RequestInstruments
from tests.support.asking import client


async def _fine(request: Request) -> Response:
    return json_response({"value": request.path_params["name"]})


async def _problem(_: Request) -> Response:
    raise Problem(409, "not_applicable_in_state", "当前状态不允许此操作", "Not possible in this state", state="open")


async def _busy(_: Request) -> Response:
    raise Problem(429, "too_many", "请求过于频繁", "Too many requests", headers={"Retry-After": "7"})


async def _away(_: Request) -> Response:
    raise Unavailable("postgres: gone")


async def _defect(_: Request) -> Response:
    raise ZeroDivisionError


def make(registry: CollectorRegistry | None = None) -> httpx.AsyncClient:
    """A client of an app with one route of each kind."""
    routes = [
        Route("/fine/{name}", _fine),
        Route("/problem", _problem),
        Route("/busy", _busy),
        Route("/away", _away),
        Route("/defect", _defect),
    ]
    instruments = RequestInstruments(registry) if registry else None
    return client(application(routes, instruments))


async def test_a_problem_is_rfc_9457_in_two_languages() -> None:
    """Stable code, both texts, further members, the media type of the standard."""
    answer = await make().get("/problem")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == "not_applicable_in_state"
    assert (body["detail"], body["detail_zh"]) == ("Not possible in this state", "当前状态不允许此操作")
    assert (body["title"], body["title_zh"]) == ("Not possible in this state", "当前状态不允许此操作")
    assert (body["status"], body["state"]) == (409, "open")


async def test_whoever_must_wait_is_told_how_long() -> None:
    """Every 429 and 503 carries Retry-After, its own or the default."""
    asking = make()
    assert (await asking.get("/busy")).headers["retry-after"] == "7"
    answer = await asking.get("/away")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_what_does_not_exist_and_what_breaks_are_problems_too() -> None:
    """404, 405 and 500 have the same form; a defect tells the caller nothing of its insides."""
    asking = make()
    assert (await asking.get("/nowhere")).json()["code"] == "not_found"
    assert (await asking.post("/problem")).json()["code"] == "method_not_allowed"
    answer = await asking.get("/defect")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "ZeroDivision" not in answer.text


async def test_a_request_keeps_its_id_or_gets_one() -> None:
    """A sane X-Request-Id comes back, anything else is replaced; both are in the log."""
    asking = make()
    assert (await asking.get("/fine/x", headers={"X-Request-Id": "abc-1"})).headers["x-request-id"] == "abc-1"
    made = (await asking.get("/fine/x", headers={"X-Request-Id": "a b\tc"})).headers["x-request-id"]
    assert len(made) == 32


async def test_a_request_leaves_one_line() -> None:
    """The canonical line: method, path, status, duration, request id."""
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await make().get("/fine/x", headers={"X-Request-Id": "abc-1"})
    [line] = lines
    assert (line["event"], line["method"], line["path"], line["status"]) == ("request", "GET", "/fine/x", 200)
    assert line["request_id"] == "abc-1"


async def test_requests_are_counted_by_route_not_by_path() -> None:
    """Labels stay few whatever paths are tried."""
    registry = CollectorRegistry()
    asking = make(registry)
    for path in ("/fine/a", "/fine/b", "/nowhere/1", "/nowhere/2"):
        await asking.get(path)

    def count(route: str, status: str) -> float | None:
        labels = {"method": "GET", "route": route, "status": status}
        return registry.get_sample_value("liangshai_http_requests_total", labels)

    assert count("/fine/{name}", "200") == 2
    assert count("unknown", "404") == 2
