"""One message to one webhook by the Standard Webhooks convention (rule 9).

Signing is pure; `Sender.send` does one attempt. When to try again is `delivering.py`'s affair.
"""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Iterable

import httpx

from services.alerts.sending.answers import Answer, judge
from services.alerts.sending.receivers import Webhook, key

TIMEOUT = 15.0  # seconds for one attempt, as the convention advises


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


class Sender:
    """Posts to receivers; follows no redirect: the operator named one address."""

    def __init__(self, client: httpx.AsyncClient, *, clock: Callable[[], float] = time.time) -> None:
        self._client, self._clock = client, clock

    async def send(self, receiver: Webhook, message_id: str, body: bytes) -> Answer:
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
