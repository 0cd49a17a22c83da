"""/wall and /wall.json on the operations port: one reading a second, however many screens look, and none while none do.

When Postgres is away the last picture is shown as stale; before there is any, the answer is 503.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from importlib.resources import files

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.editions import Catalogue
from contracts.operations.clock import Clock
from contracts.operations.connections import Unavailable
from contracts.operations.database import sorted_errors
from contracts.operations.http import json_response
from services.alerts.instruments import Instruments
from services.alerts.lives import Lives
from services.alerts.pages.page import Language, page
from services.alerts.pages.shapes import USUAL_ROWS, Choice, Facts, WallDocument
from services.alerts.pages.wall import document

KEPT = 1.0  # seconds for which one reading serves everybody
WATCHED = 30.0  # seconds after the last look during which the picture is kept ready
BEHIND, STUCK = (
    timedelta(minutes=2),
    30.0,
)  # judging is late by platform time, and has not moved for seconds of real time

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_KINDS = {"css": "text/css", "js": "text/javascript"}

log = structlog.get_logger(__name__)


class Wall:
    """Keeps the newest facts for a second and tells when they are stale."""

    def __init__(
        self,
        read: Callable[[str], Awaitable[Facts]],
        catalogue: Catalogue,
        clock: Clock,
        lives: Lives,
        instruments: Instruments,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read, self._catalogue, self._clock = read, catalogue, clock
        self._lives, self._told, self._monotonic = lives, instruments, monotonic
        self._facts: Facts | None = None
        self._read_at = self._moved_at = self._looked_at = float("-inf")
        self._reading = asyncio.Lock()

    def routes(self) -> list[BaseRoute]:
        """The page, its data and what it is drawn with."""
        return [
            Route("/wall", self._page),
            Route("/wall.json", self._json),
            *(Route(f"/wall/wall.{kind}", _asset(kind)) for kind in _KINDS),
        ]

    async def run(self) -> None:
        """Keep the picture ready while someone watches, so that nobody waits for Postgres; until cancelled."""
        while True:
            if self._monotonic() - self._looked_at < WATCHED:
                with contextlib.suppress(Unavailable):
                    await self._newest(KEPT / 2)
            await asyncio.sleep(KEPT / 2)

    async def _page(self, request: Request) -> Response:
        drawn = await self.document(_choice(request))
        language: Language = "en" if request.query_params.get("lang", "").startswith("en") else "zh"
        every = str(request.url.include_query_params(rows="all").query)
        with self._told.drawing.labels("wall").time():
            body = page(drawn, language, f"?{every}")
        return Response(body, headers=_HEADERS, media_type="text/html; charset=utf-8")

    async def _json(self, request: Request) -> Response:
        return json_response(await self.document(_choice(request)), headers=_HEADERS)

    async def document(self, choice: Choice) -> WallDocument:
        """The wall now; `Unavailable` while nothing was ever read."""
        self._looked_at = self._monotonic()
        facts = await self._newest(KEPT)
        now = self._clock.now()
        return document(
            self._catalogue.lookup,
            facts,
            self._lives.ended(now),
            choice=choice,
            now=now,
            driven=self._clock.driven,
            stale=self._stale(facts, now),
        )

    async def _newest(self, age: float) -> Facts:
        if self._facts is not None and self._monotonic() - self._read_at < age:
            return self._facts
        async with self._reading:
            if self._monotonic() - self._read_at >= age:
                try:
                    with sorted_errors():
                        self._take(await self._read(self._catalogue.programme))
                except Unavailable as error:
                    log.warning("wall not read", error=str(error))
                    if self._facts is None:
                        raise
            assert self._facts is not None
            return self._facts

    def _take(self, facts: Facts) -> None:
        if self._facts is None or facts.through != self._facts.through:
            self._moved_at = self._monotonic()
        self._facts, self._read_at = facts, self._monotonic()

    def _stale(self, facts: Facts, now: datetime) -> bool:
        """Nothing was read for a while, or judging stands still although the platform's time has gone on."""
        at = self._monotonic()
        behind = facts.through is None or now - facts.through > BEHIND
        return at - self._read_at > 10 * KEPT or (behind and at - self._moved_at > STUCK)


def _choice(request: Request) -> Choice:
    asked = request.query_params
    rows = asked.get("rows", "")
    wanted = None if rows == "all" else int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 6 else USUAL_ROWS
    return Choice(wanted, asked.get("district"), asked.get("department"))


def _asset(kind: str) -> Callable[[Request], Awaitable[Response]]:
    content = files(__package__).joinpath(f"wall.{kind}").read_bytes()

    async def asset(_: Request) -> Response:
        return Response(content, headers=_HEADERS, media_type=f"{_KINDS[kind]}; charset=utf-8")

    return asset
