"""A file of reports → ingest's verdicts → metrics' outcomes: the client side of the two stages (rule 2.6)."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

MEDIA = {
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TABLES = {MEDIA[".csv"], MEDIA[".xlsx"]}
DIRECT = {"all://127.0.0.1": None, "all://localhost": None}  # what runs on this machine is reached without a proxy
_LEAST_WAIT = 0.5  # seconds between two sendings
_USUAL_WAIT = 1.0  # where the answer does not say how long
_ASK_AGAIN = 0.2  # seconds between two looks at a receipt


class Unsendable(Exception):
    """The file as a whole was not taken; the message says why, in Chinese and English."""


def token_of(file: Path | None) -> str:
    """The caller's token, from a file or the environment."""
    try:
        token = file.read_text("utf-8") if file else os.environ.get("LIANGSHAI_TOKEN", "")
    except OSError as error:
        raise Unsendable(f"无法读取令牌 / the token cannot be read: {error}") from error
    if not token.strip():
        raise Unsendable("请设置 LIANGSHAI_TOKEN 或 --token-file / set LIANGSHAI_TOKEN or --token-file")
    return token.strip()


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to a file, and what became of its reports as far as the deadline let us see."""

    answer: Mapping[str, Any]
    outcomes: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    followed: bool = True  # every accepted report has its outcome
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Where to send, as whom, and how long to wait."""

    url: str
    token: str
    seconds: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    transport: httpx.BaseTransport | None = None
    path: str = "/v1/reports"  # or /v1/projects, /v1/acts

    def send(self, content: bytes, media: str, *, dry_run: bool = False, atomic: bool = False) -> Sent:
        """Send, and follow the receipt. `Unsendable` when there is no answer with verdicts."""
        end = self.clock() + self.seconds
        mounts = {} if self.transport is not None else DIRECT
        with httpx.Client(transport=self.transport, mounts=mounts, timeout=30, headers=self._headers()) as client:
            try:
                answer = self._sent(client, content, media, end, dry_run=dry_run, atomic=atomic)
                link = (answer.get("links") or {}).get("receipt")
                return self._followed(client, answer, link, end) if link else Sent(answer)
            except httpx.TransportError as error:
                raise Unsendable(f"无法连接 / cannot reach {self.url}: {error!r}") from error

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _sent(
        self, client: httpx.Client, content: bytes, media: str, end: float, *, dry_run: bool, atomic: bool
    ) -> dict[str, Any]:
        """The verdicts; asked to wait (429, 503) we do, and send the same again."""
        options = {"dry_run": str(dry_run).lower(), "atomic": str(atomic).lower()}
        while True:
            response = client.post(
                f"{self.url}{self.path}", content=content, params=options, headers={"Content-Type": media}
            )
            document = document_of(response)
            if response.status_code == 207:
                return document
            wait = asked_to_wait(response)
            if response.status_code not in (429, 503) or self.clock() + wait >= end:
                if "items" in document:  # a broker that took nothing: the verdicts stand in the problem
                    return {"links": {}} | document
                raise Unsendable(problem_of(response.status_code, document))
            self.sleep(wait)

    def _followed(self, client: httpx.Client, answer: dict[str, Any], link: str, end: float) -> Sent:
        """Look at the receipt until every accepted report has an outcome, or the deadline has come."""
        wanted = {(item["source"], item["id"]) for item in answer["items"] if item["status"] == "accepted"}
        outcomes: dict[tuple[str, str], Mapping[str, Any]] = {}
        while True:
            response = client.get(link)
            if response.status_code == 200:
                items = response.json()["items"]
                outcomes = {(item["source"], item["id"]): item for item in items if item.get("outcome")}
                if wanted <= set(outcomes):
                    return Sent(answer, outcomes)
            elif response.status_code not in (404, 429, 503):
                return Sent(answer, outcomes, False, problem_of(response.status_code, document_of(response)))
            wait = asked_to_wait(response) if response.status_code in (429, 503) else _ASK_AGAIN
            if self.clock() + wait >= end:
                return Sent(answer, outcomes, False, f"{self.seconds:g} 秒内未见入库结果 / no outcome yet: {link}")
            self.sleep(wait)


def media_of(path: Path) -> str:
    """The media type of a file by its name; `Unsendable` for one that cannot be read by ingest."""
    media = MEDIA.get(path.suffix.lower())
    if media is None:
        raise Unsendable(f"请用 {', '.join(MEDIA)} 文件 / send one of {', '.join(MEDIA)}: {path.name}")
    return media


def asked_to_wait(response: httpx.Response) -> float:
    """The seconds of Retry-After, which are a number or end at a date (RFC 9110), at least half a second."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isdecimal():
        return max(_LEAST_WAIT, float(said))
    end = _moment(said)
    if end is None:
        return _USUAL_WAIT
    now = _moment(response.headers.get("Date", "")) or datetime.now(UTC)
    return max(_LEAST_WAIT, (end - now).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def document_of(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def problem_of(status: int, document: Mapping[str, Any]) -> str:
    code, zh, en = (document.get(name, "") for name in ("code", "detail_zh", "detail"))
    return f"{status} {code}: {zh} / {en}"
