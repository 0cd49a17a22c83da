"""What the driver says over HTTP: pushes in each unit's format, acts on tickets, the feed and the watermarks."""

import asyncio
import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from deploy.demo.story import Push

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
)
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


class Wire:
    """The three services' public APIs, each call with the token of whoever makes it."""

    def __init__(self, urls: Urls, tokens: dict[str, str]) -> None:
        self.urls, self.tokens = urls, tokens
        limits = httpx.Limits(max_connections=16, max_keepalive_connections=16)
        self.client = httpx.AsyncClient(timeout=30, limits=limits, trust_env=False)

    async def close(self) -> None:
        await self.client.aclose()

    async def push(self, push: Push) -> dict[str, Any]:
        """One request; asked again while the platform says 429 or 503. The answer is the 207 document."""
        while True:
            answer = await self.client.post(
                f"{self.urls.ingest}/v1/reports",
                content=body(push),
                headers=self._as(push.unit) | {"content-type": CONTENT_TYPES[push.format]},
            )
            if answer.status_code not in (429, 503):
                break
            await asyncio.sleep(float(answer.headers["retry-after"]))
        if answer.status_code != 207:
            raise RuntimeError(f"{push.unit} at {push.at}: {answer.status_code} {answer.text[:300]}")
        document: dict[str, Any] = answer.json()
        return document

    async def watermarks(self) -> dict[str, Any]:
        return await self._get("alerts", "/v1/watermarks")

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
        answer = await self.client.post(
            f"{self.urls.alerts}/v1/tickets/{ticket}/acts", json=document, headers=self._as(unit)
        )
        return answer.status_code, answer.json()

    async def _get(self, service: str, path: str) -> dict[str, Any]:
        answer = await self.client.get(getattr(self.urls, service) + path, headers=self._as("reader"))
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document

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
        rows.writerow({name: row.get(name, "") for name in COLUMNS})
    return out.getvalue().encode()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
