"""A real desk on a real Postgres, before services that answer what a test says.

    async with desk(database, answers) as it:
        clerk = await it.signed_in("department_clerk", "construction_bureau")
        page = await clerk.get("/")

`answers` takes (service, method, path, request) and gives a document, or an httpx.Response for anything else than 200.
Against real services a test gives their addresses instead (`urls`); a browser needs `listening=True`.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from contracts.operations import process
from contracts.operations.clock import drive
from contracts.operations.database import Pool, open_pool
from contracts.passes import make_keys
from deploy.local.ports import free_ports
from services.desk.app import build_app
from services.desk.people import People, Person
from services.desk.sessions import Sessions
from services.desk.settings import Provider, Settings
from tests.support.servers import directory
from tests.support.standings import at

Answers = Callable[[str, str, str, httpx.Request], Any]
HTML = {"Accept": "text/html"}


def empty(service: str, method: str, path: str, request: httpx.Request) -> Any:
    """Services that know nothing: every list is empty, nothing is judged."""
    return {"partitions": {}} if path == "/v1/watermarks" else {"items": [], "next": None, "total": 0}


def listed(found: Mapping[str, list[dict[str, Any]]]) -> Answers:
    """Services whose lists are these, by the end of their path; the others are empty."""

    def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
        for ending, items in found.items():
            if path.endswith(ending):
                wanted = {k: v for k, v in request.url.params.items() if k in (items[0] if items else {})}
                kept = [
                    each
                    for each in items
                    if all(str(each[k]).lower() in v.lower().split(",") for k, v in wanted.items())
                ]
                return {"items": kept, "next": None, "total": len(kept)}
        return empty(service, method, path, request)

    return answers


@dataclass
class Desk:
    """The service, and what the other services were asked."""

    settings: Settings
    pool: Pool
    open: Callable[[], httpx.AsyncClient]
    asked: list[httpx.Request] = field(default_factory=list)
    catalogues: list[dict[str, Any]] = field(default_factory=list)  # what intake says holds; the last one counts

    @property
    def people(self) -> People:
        return People(self.pool)

    async def person(self, role: str, unit: str | None = None, **more: Any) -> Person:
        """Somebody with that role; named after it."""
        found = Person(subject=f"{role}-{unit or 'office'}", name="李明", role=role, unit=unit, **more)
        await self.people.put([found])
        return found

    async def signed_in(self, role: str, unit: str | None = None) -> httpx.AsyncClient:
        """A browser of somebody with that role."""
        person = await self.person(role, unit)
        client = self.open()
        secret = await Sessions(self.pool).begin(person.subject, "link")
        client.cookies.set("liangshai", secret)
        return client

    async def post(self, client: httpx.AsyncClient, path: str, page: str = "/", **form: str) -> httpx.Response:
        """Send a form as the page at `page` would."""
        csrf = csrf_of((await client.get(page)).text)
        return await client.post(path, data={"csrf": csrf, **form}, headers={"Origin": self.settings.url})


def csrf_of(page: str) -> str:
    """The field that every form of a page carries."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page
    return found[1]


@contextlib.asynccontextmanager
async def desk(
    database: str,
    answers: Answers = empty,
    *,
    now: datetime | None = None,
    listening: bool = False,
    urls: Mapping[str, str] | None = None,
    key: Path | None = None,
    provided: Callable[[str], Provider] | None = None,
    demo: bool = False,
) -> AsyncIterator[Desk]:
    """The service on a copy of the prepared database. `urls` and `key`: real services, and the private half of the
    keys that they know;
    `provided` is told where to send browsers back to."""
    with directory("desk") as place:
        make_keys(place / "private.json", place / "public.json")
        clock = place / "clock"
        drive(clock, now or at("2023-07-06"))
        public, operations = free_ports(2)
        where = urls or {name: f"http://{name}" for name in ("ingest", "metrics", "alerts")}
        provider = provided(f"http://127.0.0.1:{public}/sign-in/back") if provided else None
        settings = Settings(
            database=database, key=key or place / "private.json", url=f"http://127.0.0.1:{public}", clock=clock,
            ingest=where["ingest"], metrics=where["metrics"], alerts=where["alerts"], port=public,
            operations_port=operations, provider=provider, demo=demo, simulated=True,
        )  # fmt: skip
        asked: list[httpx.Request] = []
        catalogues: list[dict[str, Any]] = []
        transport = None if urls else httpx.MockTransport(_answering(answers, asked, catalogues))
        service = build_app(settings, transport)
        async with open_pool(database, application="tests", size=3) as pool, contextlib.AsyncExitStack() as stack:
            if listening:
                ending = asyncio.Event()
                running = asyncio.create_task(process.serve(service, stop=ending))
                stack.push_async_callback(_ended, ending, running)
            else:
                for resource in service.resources:
                    await stack.enter_async_context(resource)
            app = service.public.app if service.public else None
            assert app is not None

            def open_() -> httpx.AsyncClient:
                through = httpx.ASGITransport(app, raise_app_exceptions=False)
                return httpx.AsyncClient(transport=through, base_url=settings.url, headers=HTML)

            yield Desk(settings, pool, open_, asked, catalogues)


async def _ended(ending: asyncio.Event, running: "asyncio.Task[None]") -> None:
    ending.set()
    await running


def _answering(
    answers: Answers, asked: list[httpx.Request], catalogues: list[dict[str, Any]]
) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/catalogue":  # no page asks it: whatever is known holds until a test says more
            tag = f'"{catalogues[-1]["version"]}"' if catalogues else request.headers["if-none-match"]
            same = tag == request.headers["if-none-match"]
            return httpx.Response(304) if same else httpx.Response(200, json=catalogues[-1])
        asked.append(request)
        found = answers(request.url.host, request.method, request.url.path, request)
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    return answer
