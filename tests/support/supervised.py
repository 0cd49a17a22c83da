"""A real alerts service on a real Postgres, fed with standings as its consumer would hand them on.

    async with supervised(database) as alerts:
        await alerts.tell("2023-07-01", coloured("2023-06", "red"))
        await alerts.pass_time("2023-07-06")
        answer = await alerts.get("/v1/feed")

Its Kafka address leads nowhere unless one is given: what these tests look at lies behind the consumer.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml

from contracts.catalogue import SHIPPED
from contracts.codec import Record
from contracts.delivery import Received
from contracts.editions import Catalogue
from contracts.events import Standing, Watermark
from contracts.operations import process
from contracts.operations.clock import drive, open_clock
from contracts.operations.database import Pool, open_pool
from contracts.topics import STANDING, partition_of
from deploy.local.ports import free_ports
from services.alerts.app import build_app
from services.alerts.feed import Links
from services.alerts.judging import Judging
from services.alerts.settings import Settings
from services.alerts.store import Store
from tests.support.judging import LOOKUP
from tests.support.servers import directory
from tests.support.standings import INDICATOR, PROGRAMME, at, coloured
from tests.support.waiting import eventually

EVERYTHING: dict[str, Any] = {"indicators": "*", "districts": "*"}
GRANTS: dict[str, dict[str, Any]] = {
    "reader": {"kinds": ["read"], **EVERYTHING},
    "office": {"kinds": ["read", "review"], **EVERYTHING},
    "deqing": {"kinds": ["read", "act"], "department": "deqing", "indicators": "*", "districts": ["deqing"]},
    "anji": {"kinds": ["read", "act"], "department": "anji", "indicators": "*", "districts": ["anji"]},
    "hasty": {"kinds": ["read"], "rate_per_minute": 2, **EVERYTHING},
    "past": {"kinds": ["read"], "expires_at": "2023-01-02T00:00:00+08:00", **EVERYTHING},
}
JUNE: dict[str, str] = {"deqing": "red", "anji": "yellow", "changxing": "green"}
ANSWER = {"act": "answer", "cause": "连续阴雨", "plan": "增加两个班组", "promised_on": "2023-08-31"}
NOWHERE = "127.0.0.1:1"


@dataclass
class Supervised:
    """The running service and a way to tell it things."""

    settings: Settings
    pool: Pool
    judging: Judging
    public: httpx.AsyncClient
    operations: httpx.AsyncClient
    _ending: asyncio.Event
    _offset: int = field(default=0)

    async def june(self) -> None:
        """June 2023 is reported on 1 July as JUNE says and fixed on the 6th."""
        await self.tell("2023-07-01", *(coloured("2023-06", colour, district=d) for d, colour in JUNE.items()))
        await self.pass_time("2023-07-06")

    async def tell(self, day: str, *standings: Standing) -> None:
        """Standings arrive at noon of a day, and noon is over."""
        self.set_clock(at(day))
        await self._judge(standings)
        over = at(day) + timedelta(microseconds=1)
        self.set_clock(over)
        places = {partition_of(PROGRAMME, standing.indicator) for standing in standings}
        await self._judge([Watermark(partition=n, through=over, position=self._offset) for n in sorted(places)])

    async def pass_time(self, day: str, indicator: str = INDICATOR) -> None:
        """The watermark of an indicator's partition reaches noon of a day."""
        self.set_clock(at(day))
        partition = partition_of(PROGRAMME, indicator)
        await self._judge([Watermark(partition=partition, through=at(day), position=self._offset)])

    async def stop(self) -> None:
        """End the service; what is told goes on."""
        self._ending.set()
        await eventually(lambda: self._gone())

    async def _gone(self) -> bool:
        return not await _answers(self.operations)

    def set_clock(self, instant: datetime) -> None:
        """Drive the service's clock."""
        assert self.settings.clock is not None
        drive(self.settings.clock, instant)

    async def get(self, path: str, token: str | None = "reader", **headers: str) -> httpx.Response:
        """Ask the public API."""
        return await self.public.get(path, headers={**authorised(token), **headers})

    async def act(self, ticket: str, token: str, **command: Any) -> httpx.Response:
        """Act on a ticket."""
        return await self.public.post(f"/v1/tickets/{ticket}/acts", json=command, headers=authorised(token))

    async def ticket(self, district: str) -> dict[str, Any]:
        """The newest ticket of a district."""
        answer = await self.get(f"/v1/programmes/{PROGRAMME}/tickets?district={district}")
        found: dict[str, Any] = answer.json()["items"][-1]
        return found

    async def _judge(self, events: Sequence[Standing | Watermark]) -> None:
        batch: list[Received[Any]] = []
        for event in events:
            self._offset += 1
            batch.append(Received(event, Record(STANDING.name, 0, self._offset, None, b"", 0)))
        await self.judging.judge(batch)


def items(answer: httpx.Response) -> list[dict[str, Any]]:
    """The items of a list."""
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def authorised(token: str | None) -> dict[str, str]:
    """The header of one of the GRANTS."""
    return {} if token is None else {"Authorization": f"Bearer {token}-token"}


@contextlib.asynccontextmanager
async def supervised(
    database: str,
    *,
    kafka: str = NOWHERE,
    receivers: Sequence[dict[str, Any]] = (),
    smtp: dict[str, Any] | None = None,
    passes: Path | None = None,
) -> AsyncIterator[Supervised]:
    """The service, listening, on a copy of the prepared database; whoever uses it decides what it is told. `passes`:
    the desk's keys."""
    with directory("alerts") as place:
        settings = _settings(place, database, kafka, {"receivers": list(receivers), "smtp": smtp})
        settings = replace(settings, passes=passes)
        catalogue = Catalogue(LOOKUP)
        async with open_pool(database, application="tests", size=4) as pool:
            judging = Judging(Store(pool, catalogue), catalogue, open_clock(settings.clock), settings.links)
            ending = asyncio.Event()
            async with serving(settings, ending) as (public, operations):
                yield Supervised(settings, pool, judging, public, operations, ending)


@contextlib.asynccontextmanager
async def serving(
    settings: Settings, stop: asyncio.Event | None = None
) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """Clients of the public and the operations port of a service that runs in this process, at most until `stop`."""
    stop = stop or asyncio.Event()
    running = asyncio.create_task(process.serve(build_app(settings), stop=stop))
    try:
        async with (
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", timeout=30) as public,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.operations_port}", timeout=30) as operations,
        ):
            await eventually(lambda: _answers(operations))
            yield public, operations
    finally:
        stop.set()
        await running


async def _answers(operations: httpx.AsyncClient) -> bool:
    try:
        return (await operations.get("/livez")).status_code == 200
    except httpx.TransportError:
        return False


def _settings(place: Path, database: str, kafka: str, receivers: dict[str, Any]) -> Settings:
    tokens, clock, listed = place / "tokens.yaml", place / "clock", place / "receivers.yaml"
    grants = [
        {"subject": name, "sha256": hashlib.sha256(f"{name}-token".encode()).hexdigest(), **grant}
        for name, grant in GRANTS.items()
    ]
    tokens.write_text(yaml.safe_dump(grants))
    listed.write_text(yaml.safe_dump(receivers))
    drive(clock, at("2023-01-01", 0))
    public, operations = free_ports(2)
    return Settings(
        kafka=kafka,
        database=database,
        catalogue=SHIPPED,
        tokens=tokens,
        clock=clock,
        receivers=listed,
        port=public,
        operations_port=operations,
        links=Links("http://metrics", "http://alerts", "http://boards"),
        simulated=True,
    )
