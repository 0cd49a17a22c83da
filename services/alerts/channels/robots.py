"""Robots of chat groups: one markdown message a request, an error code within a 200 answer. What all have in common.

Written here: of the libraries for them none is kept alive and tells rate limits from refusals.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec

from services.alerts.channels.channel import Part
from services.alerts.sending.answers import Answer, judge

TIMEOUT = 15.0  # seconds for one attempt
_LONGEST_ANSWER = 65_536
_SECRET = 8  # characters from which a part of the address is taken for one

Request: TypeAlias = tuple[dict[str, str], dict[str, Any]]  # what is added to the address, and the body


@dataclass(frozen=True, slots=True)
class Kind:
    """One vendor's robot. `dress`: (title, text, secret, at in seconds) → request. `measure`: the bytes that the vendor
    limits to `limit`. `code`, `words`: where its answer says what came of it; 0 is done, of the others some pass by
    themselves after `passing` seconds, some mean that the robot is `gone`, the rest is final.

    A rate limit may come with a status of 400."""

    dress: Callable[[str, str, str | None, float], Request]
    measure: Callable[[str, str, bytes], int]
    limit: int
    code: str
    words: str
    passing: Mapping[int, float]
    gone: frozenset[int]

    def judge(self, status: int, body: bytes, retry_after: str | None, *, now: float) -> Answer:
        """What an answer means. A 200 without the vendor's own words is a proxy's: nobody has said yes."""
        answer = judge(status, retry_after, now=now)
        if answer.verdict not in ("done", "failed"):
            return answer
        try:
            said = msgspec.json.decode(body, type=dict[str, Any])
            code = int(said[self.code])
        except (msgspec.DecodeError, KeyError, TypeError, ValueError):
            return answer if answer.verdict == "failed" else Answer("retry", status, "the answer is not the robot's")
        error = f"{self.code} {code}: {said.get(self.words)}"[:300]
        if code in self.passing:
            return Answer("retry", status, error, answer.pause or self.passing[code])
        if code == 0 or answer.verdict == "failed":
            return answer
        return Answer("gone" if code in self.gone else "failed", status, error)


class Robot:
    """One group's robot."""

    markdown = True

    def __init__(
        self, kind: Kind, url: str, secret: str | None, client: httpx.AsyncClient,
        *, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._kind, self._url, self._secret, self._client, self._clock = kind, url, secret, client, clock

    def fits(self, title: str, text: str) -> bool:
        return self._kind.measure(title, text, self._request(title, text)[1]) <= self._kind.limit

    async def send(self, part: Part) -> Answer:
        added, content = self._request(part.title, part.text)
        try:
            url = httpx.URL(self._url).copy_merge_params(added)
            async with (
                asyncio.timeout(TIMEOUT),
                self._client.stream(
                    "POST", url, content=content, headers={"content-type": "application/json"}
                ) as response,
            ):
                body = b""
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > _LONGEST_ANSWER:
                        break
                retry_after = response.headers.get("retry-after")
                return self._shown(self._kind.judge(response.status_code, body, retry_after, now=self._clock()))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Answer("retry", None, type(error).__name__)  # its words may hold the address, which is a secret

    def _shown(self, answer: Answer) -> Answer:
        """The answer without what the robot may have repeated of its address or secret."""
        parts = urlsplit(self._url)
        hidden = [self._url, self._secret, *dict(parse_qsl(parts.query)).values(), parts.path.rpartition("/")[2]]
        error = answer.error or ""
        for each in hidden:
            error = error.replace(each, "***") if each and len(each) >= _SECRET else error
        return replace(answer, error=error or None)

    def _request(self, title: str, text: str) -> tuple[dict[str, str], bytes]:
        added, body = self._kind.dress(title, text, self._secret, self._clock())
        return added, msgspec.json.encode(body)
