"""One message to one webhook by the Standard Webhooks convention, and what the answer means (rule 9).

Signing and judging are pure; `Sender.send` does one attempt. When to try again is `delivering.py`'s affair.
"""

import asyncio
import base64
import hashlib
import hmac
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Literal

import httpx

from services.alerts.receivers import Receiver, key

TIMEOUT = 15.0  # seconds for one attempt, as the convention advises
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 3600.0
LONGEST_ASKED = 86_400.0  # a receiver that asks for more than a day is asked again after one
MAX_ATTEMPTS = 100  # with the pauses below about three and a half days

Verdict = Literal["done", "retry", "failed", "gone"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt. `pause`: how many seconds the receiver asks us to wait, where it does."""

    verdict: Verdict
    status: int | None
    error: str | None = None
    pause: float | None = None


def headers(message_id: str, body: bytes, secrets: Iterable[str], *, at: int) -> dict[str, str]:
    """The headers that let a receiver know the message, its age and its sender; `at` is real time in seconds."""
    signed = f"{message_id}.{at}.".encode() + body
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets),
        "user-agent": "liangshai-alerts",
    }


def judge(status: int, retry_after: str | None, *, now: float) -> Answer:
    """What a status means: 2xx done, 410 gone, 429 and 503 wait as told, other 4xx final, everything else again."""
    if 200 <= status < 300:
        return Answer("done", status)
    if status == 410:
        return Answer("gone", status, "410: the receiver wants no more")
    if status in (429, 503):
        return Answer("retry", status, f"status {status}", waiting(retry_after, now=now))
    if 400 <= status < 500 and status != 408:
        return Answer("failed", status, f"status {status}: final")
    return Answer("retry", status, f"status {status}")


def waiting(retry_after: str | None, *, now: float) -> float | None:
    """The seconds of a Retry-After header, a number or a date; None where there is none to be read."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    at: float = (until if until.tzinfo else until.replace(tzinfo=UTC)).timestamp()
    return max(0.0, at - now)


def pause(attempts: int, answer: Answer, *, draw: Callable[[], float] = random.random) -> float:
    """Seconds until the next attempt after `attempts` of them: doubling, with jitter, never sooner than asked."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempts - 1, 20))
    return max(longest * (0.5 + draw() / 2), min(answer.pause or 0.0, LONGEST_ASKED))


class Sender:
    """Posts to receivers; follows no redirect: the operator named one address."""

    def __init__(self, client: httpx.AsyncClient, *, clock: Callable[[], float] = time.time) -> None:
        self._client, self._clock = client, clock

    async def send(self, receiver: Receiver, message_id: str, body: bytes) -> Answer:
        """One attempt; it never raises for what the other side or the wire does."""
        signed = headers(message_id, body, receiver.secrets, at=int(self._clock()))
        try:
            async with (
                asyncio.timeout(TIMEOUT),  # the client's own limits are per read: a dripping answer would outlast them
                self._client.stream("POST", receiver.url, content=body, headers=signed) as response,
            ):
                return judge(response.status_code, response.headers.get("retry-after"), now=self._clock())
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Answer("retry", None, f"{type(error).__name__}: {error}"[:500])


def client() -> httpx.AsyncClient:
    """The HTTP client of all receivers."""
    return httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=True)


def _signature(secret: str, signed: bytes) -> str:
    return base64.b64encode(hmac.new(key(secret), signed, hashlib.sha256).digest()).decode()
