"""What is the same on every page: the frame with its navigation, the platform's date, how far the data is judged, and
the page of a problem."""

import time
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Literal, Protocol

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from contracts.editions import Catalogue
from contracts.events import Text
from contracts.operations.clock import Clock
from contracts.operations.connections import Unavailable
from contracts.operations.http import Problem
from contracts.programme import Lookup
from contracts.roles import Act, table
from services.desk.apis import Api
from services.desk.drawing import Drawing
from services.desk.people import Person
from services.desk.sessions import Session
from services.desk.texts import Language

# The order of the navigation; a page that does not exist yet is left out, and so is one the person may not open.
NAVIGATION: tuple[tuple[str, str, Act], ...] = (
    ("wall", "/wall", "read"),
    ("items", "/items", "read"),
    ("projects", "/projects", "read"),
    ("tickets", "/tickets", "read"),
    ("calendar", "/calendar", "read"),
    ("upload", "/upload", "report"),
    ("feed", "/feed", "read"),
    ("people", "/people", "people"),
    ("audit", "/audit", "audit"),
)
_KEPT = 2.0  # seconds for which one look at the watermarks serves everybody


class Guest(Protocol):
    """What the frame asks of the visit of whoever is signed in (visit.py)."""

    @property
    def person(self) -> Person: ...

    @property
    def session(self) -> Session: ...

    @property
    def api(self) -> Api: ...

    def may(self, act: Act, *, own: bool = False) -> bool: ...


class Showing:
    """Draws pages in their frame."""

    def __init__(
        self,
        catalogue: Catalogue,
        clock: Clock,
        paths: Collection[str],
        *,
        simulated: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalogue, self._clock, self._paths, self._simulated = catalogue, clock, paths, simulated
        self._drawing, self._monotonic = Drawing(), monotonic
        self._through: tuple[float, datetime | None] = (float("-inf"), None)

    @property
    def lookup(self) -> Lookup:
        """The newest version of the programme that is known here."""
        return self._catalogue.lookup

    def units(self) -> dict[str, Text]:
        """The names of departments, districts and function groups by their ids."""
        lookup = self.lookup
        departments = {each.id: each.name for each in lookup.departments.values()}
        return departments | {each.id: each.name for each in lookup.districts.values()} | table().groups

    def now(self) -> datetime:
        """Platform time (rule 1.4)."""
        return self._clock.now()

    async def page(
        self, request: Request, template: str, visit: Guest | None, status: int = 200, **context: Any
    ) -> Response:
        """A template in its frame. `visit` None: nobody is signed in."""
        through = None if visit is None else await self._judged(visit)
        return self._drawn(request, template, visit, through, status, context)

    def problem(self, request: Request, problem: Problem) -> Response:
        """A refusal: a page for people, problem+json for whoever asks for that."""
        if "text/html" not in request.headers.get("accept", ""):
            return problem.response()
        said = {"code": problem.code, "words": {"zh": problem.zh, "en": problem.en}, "status": problem.status}
        told = problem.response()  # for its headers: Retry-After
        context = {"problem": said, "retry_after": told.headers.get("retry-after"), "request_id": _request_id()}
        page = self._drawn(request, "problem.html", request.scope.get("visit"), None, problem.status, context)
        page.headers.update({name: value for name, value in told.headers.items() if name not in _OF_BODY})
        return page

    def _drawn(
        self, request: Request, template: str, visit: Guest | None, through: datetime | None, status: int,
        context: dict[str, Any],
    ) -> Response:  # fmt: skip
        language = language_of(request)
        other: Literal["zh", "en"] = "en" if language == "zh" else "zh"
        body = self._drawing.page(
            template,
            language,
            person=visit.person if visit else None,
            csrf=visit.session.csrf if visit else "",
            role=table().roles.get(visit.person.role) if visit else None,
            may=visit.may if visit else _nothing,
            navigation=self._navigation(visit),
            path=request.url.path,
            pages_there=self._paths,
            other=other,
            other_query=str(request.url.include_query_params(lang=other).query) if request.method == "GET" else "",
            simulated=self._simulated,
            programme=self.lookup.programme,
            units=self.units(),
            today=self._clock.now(),
            through=through,
            **context,
        )
        answer = HTMLResponse(body, status)
        if "lang" in request.query_params:
            answer.set_cookie("lang", language, max_age=31_536_000, httponly=True, samesite="lax")
        return answer

    def _navigation(self, visit: Guest | None) -> list[tuple[str, str]]:
        if visit is None:
            return []
        return [(n, p) for n, p, act in NAVIGATION if p in self._paths and visit.may(act, own=True)]

    async def _judged(self, visit: Guest) -> datetime | None:
        """How far every partition is judged; None when nobody knows just now."""
        read_at, through = self._through
        if self._monotonic() - read_at < _KEPT:
            return through
        try:
            found = await visit.api.get("alerts", "/v1/watermarks")
            moments = [datetime.fromisoformat(each["through"]) for each in found["partitions"].values()]
        except (Unavailable, Problem):
            moments = []
        self._through = (self._monotonic(), min(moments, default=None))
        return self._through[1]


def language_of(request: Request) -> Language:
    """?lang=, else what was chosen before; Chinese first."""
    said = request.query_params.get("lang") or request.cookies.get("lang", "")
    return "en" if said.startswith("en") else "zh"


def _nothing(_: Act, *, own: bool = False) -> bool:
    return False


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


_OF_BODY = ("content-type", "content-length")
