"""What the driver says over HTTP: pushes in each unit's format, acts on tickets, the feed and the watermarks."""

import asyncio
import csv
import io
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import aiohttp
import msgspec

from contracts.programme import Lookup, Programme
from deploy.demo.office import OFFICE
from deploy.demo.story import STATEMENTS, Push

COLUMNS = (
    "id",
    "source",
    "programme",
    "indicator",
    "district",
    "period",
    "value",
    "unit",
    "revision",
    "reason",
    "comment",
    "evidence",  # several in one cell, with semicolons between them
)
NOT_YET = {"through": "0001-01-02T00:00:00+08:00", "position": -1}
_ELSEWHERE = {  # acts that are not on a ticket, and where they go
    "override": "lights/{}/overrides",
    "override_end": "lights/{}/overrides/end",
    "objection": "lights/{}/objections",
    "objection_answer": "objections/{}/answer",
    "objection_withdraw": "objections/{}/withdraw",
}
PATIENCE = 90.0  # seconds of real time that a sender goes on asking
ONE = aiohttp.ClientTimeout(total=30)  # for one answer
AT_ONCE = 16
CONTENT_TYPES = {
    "batch": "application/cloudevents-batch+json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Urls:
    ingest: str
    metrics: str
    alerts: str


class Answer(NamedTuple):
    """What a service answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


class Wire:
    """The three services' public APIs, each call with the token of whoever makes it."""

    def __init__(self, urls: Urls, tokens: dict[str, str]) -> None:
        self.urls, self.tokens = urls, tokens
        self._session: aiohttp.ClientSession | None = None  # made by the loop that uses it
        self._programme = ""  # of what was said of projects
        self._told: dict[int, int] = {}  # by partition the highest offset of it, until it is judged

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def push(self, push: Push) -> dict[str, Any]:
        """The 207 document; asked again, as a careful sender would, until no item is left that failed in passing."""
        headers = self._as(push.unit) | {"content-type": CONTENT_TYPES[push.format]}
        while True:
            answer = await self._ask("POST", f"{self.urls.ingest}{push.path}", headers, body(push))
            if answer.status != 207:
                raise RuntimeError(f"{push.unit} at {push.at}: {answer.status} {answer.text[:300]}")
            document: dict[str, Any] = answer.json()
            if not document["counts"].get("failed"):
                self._tell(push, document)
                return document

    async def watermarks(self, since: int | None = None, through: datetime | None = None) -> dict[str, Any]:
        """How far alerts has judged: once it has judged more than in the answer with this `judged`, and all up to a
        moment (or soon)."""
        asked = {"since": since, "through": None if through is None else through.isoformat()}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        marked = await self._get("alerts", f"/v1/watermarks?{query}")
        return await self._with_sums(marked) if self._told else marked

    def _tell(self, push: Push, document: Mapping[str, Any]) -> None:
        for item in document["items"] if push.path == STATEMENTS else ():
            if item["status"] == "accepted":
                partition = item["partition"]
                self._told[partition] = max(item["offset"], self._told.get(partition, -1))
                self._programme = push.items[item["index"]]["data"]["programme"]

    async def _with_sums(self, marked: dict[str, Any]) -> dict[str, Any]:
        """What was said of projects may have become reports of the indicators that they feed (rule 12): a partition of
        reports is judged once these are. They are on their topic when the projects' standings are announced."""
        projects = marked.get("projects") or {}
        if any(projects.get(str(n), {"position": 0})["position"] <= offset for n, offset in self._told.items()):
            return marked  # the driver waits for those first
        fed = await self._get("metrics", f"/v1/programmes/{self._programme}/fed-cells")
        reports = marked["partitions"]
        behind = {
            str(each["partition"])
            for each in fed["items"]
            if each["offset"] is None or reports[str(each["partition"])]["position"] <= each["offset"]
        }
        if not behind:
            self._told.clear()
        return marked | {"partitions": {n: mark | NOT_YET if n in behind else mark for n, mark in reports.items()}}

    async def feed(self, after: int, limit: int = 1000) -> list[dict[str, Any]]:
        """Every message after a cursor."""
        found: list[dict[str, Any]] = []
        while True:
            page = await self._get("alerts", f"/v1/feed?after={after}&limit={limit}")
            items = page["items"]
            found += items
            if len(items) < limit:
                return found
            after = items[-1]["seq"]

    async def act(self, unit: str, ticket: str, document: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """An act on a ticket, on a series (`ticket` is programme/indicator/district) or on an objection to one
        (programme/objection)."""
        path, (programme, _, place) = f"/v1/tickets/{ticket}/acts", ticket.partition("/")
        if document["act"] in _ELSEWHERE:
            path = f"/v1/programmes/{programme}/" + _ELSEWHERE[document["act"]].format(place)
            document = {name: value for name, value in document.items() if name != "act"}
        headers = self._as(unit) | {"content-type": "application/json"}
        answer = await self._ask("POST", self.urls.alerts + path, headers, msgspec.json.encode(document))
        return answer.status, answer.json()

    async def catalogue(self) -> Lookup:
        """The catalogue that holds now."""
        found = await self._get("ingest", "/v1/catalogue")
        return Lookup(msgspec.convert(found["document"], Programme))

    async def apply(self, reason: Mapping[str, str], document: Programme) -> dict[str, Any]:
        """Apply a version of the catalogue as the office: since when it is known, what it changes, what is in doubt."""
        content = msgspec.json.encode({"reason": reason, "document": document})
        headers = self._as(OFFICE) | {"content-type": "application/json"}
        answer = await self._ask("POST", f"{self.urls.ingest}/v1/catalogues", headers, content)
        if answer.status != 200:
            raise RuntimeError(f"catalogue {document.version}: {answer.status} {answer.text[:600]}")
        document_: dict[str, Any] = answer.json()
        return document_

    async def _get(self, service: str, path: str) -> dict[str, Any]:
        answer = await self._ask("GET", getattr(self.urls, service) + path, self._as("reader"))
        if answer.status != 200:
            raise RuntimeError(f"{service} {path}: {answer.status} {answer.text[:300]}")
        document: dict[str, Any] = answer.json()
        return document

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        """Ask, and ask again while the service is away or says 429 or 503."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = await self.ask_once(method, url, headers, content)
            except (aiohttp.ClientError, TimeoutError):
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)
                continue
            if answer.status not in (429, 503) or time.monotonic() > deadline:
                return answer
            await asyncio.sleep(min(1.0, float(answer.headers["retry-after"])))

    async def ask_once(self, method: str, url: str, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        """The answer, whatever it is; aiohttp.ClientError or TimeoutError when there is none."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=ONE, connector=aiohttp.TCPConnector(limit=AT_ONCE))
        async with self._session.request(method, url, headers=headers, data=content or None) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    def _as(self, unit: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[unit]}"}


def body(push: Push) -> bytes:
    """The request body in the unit's format."""
    if push.format == "batch":
        return json.dumps(push.items, ensure_ascii=False).encode()
    if push.format == "ndjson":
        return "\n".join(json.dumps(item, ensure_ascii=False) for item in push.items).encode()
    out = io.StringIO()
    rows = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    rows.writeheader()
    for item in push.items:
        row = {"id": item["id"], "source": item["source"], **item["data"]}
        row["evidence"] = ";".join(row.get("evidence", ()))
        rows.writerow({name: row.get(name, "") for name in COLUMNS})
    return out.getvalue().encode()
