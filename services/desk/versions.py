"""The desk keeps up with later versions of the catalogue: it asks ingest which one holds, at most every few seconds.

It asks with the pass of whoever opens a page, having no authority of its own, and is given the whole of it only when
it is another than the one known here.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog

from contracts.editions import BEGINNING, Catalogue, Edition
from contracts.operations.connections import Unavailable
from contracts.operations.http import Problem
from contracts.programme import Lookup, Programme
from services.desk.apis import Apis
from services.desk.people import Person

KEPT = 5.0  # seconds for which one answer serves everybody
PATIENCE = 1.0  # seconds that a page waits for it: what is known is good enough

log = structlog.get_logger("versions")


class _Applied(msgspec.Struct, frozen=True):
    version: str
    applied_at: datetime


class _Present(msgspec.Struct, frozen=True):
    version: str
    versions: tuple[_Applied, ...]
    document: Programme


class Versions:
    """Keeps the catalogue at the newest version; what cannot be had or read leaves it as it is."""

    def __init__(self, catalogue: Catalogue, apis: Apis, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._catalogue, self._apis, self._monotonic = catalogue, apis, monotonic
        self._asked_at = float("-inf")

    async def refresh(self, person: Person) -> None:
        """Ask, unless somebody has just done so."""
        if self._monotonic() - self._asked_at < KEPT:
            return
        self._asked_at = self._monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._asked(person)
        except (Unavailable, Problem, TimeoutError, msgspec.DecodeError, ValueError) as error:
            log.warning("catalogue not read", error=repr(error))
            return
        if found is not None:
            self._catalogue.take(found)
            log.info("catalogue taken over", version=found.version)

    async def _asked(self, person: Person) -> Edition | None:
        known = {"If-None-Match": f'"{self._catalogue.newest.version}"'}
        answer = await self._apis.send(person, "ingest", "GET", "/v1/catalogue", headers=known)
        if answer.status_code == 304:
            return None
        present = msgspec.json.decode(answer.content, type=_Present)
        if self._catalogue.editions.named(present.version) is not None:
            return None
        since = next((each.applied_at for each in present.versions if each.version == present.version), BEGINNING)
        return Edition.of(Lookup(present.document), since)
