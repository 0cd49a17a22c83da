"""What every answer to a browser carries, whether a form came from our pages, and how often signing in may be tried."""

import hmac
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.rates import Allowance, Rates

# No script and no style but our own files; nothing is loaded from elsewhere; no other site may frame a page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_YEAR = 365 * 24 * 3600


class Hardened:
    """Puts the headers on every answer; what is not told otherwise is not kept by anybody."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = {**_HEADERS, **({"Strict-Transport-Security": f"max-age={_YEAR}"} if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answering(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, answering)


def from_our_pages(request: Request, url: str) -> bool:
    """Whether a browser says that a form was sent by a page of ours (Origin; browsers send it with every POST)."""
    site = request.headers.get("sec-fetch-site")
    return request.headers.get("origin") == _origin(url) and site in (None, "same-origin")


def same(sent: object, wanted: str) -> bool:
    """Whether a secret that came back is the one given, in constant time."""
    return isinstance(sent, str) and hmac.compare_digest(sent.encode(), wanted.encode())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Attempts:
    """How often an address may try to sign in: ten at once, then one in six seconds (real time), in this process."""

    def __init__(
        self, burst: int = 10, per_second: float = 1 / 6, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._per_second, self._rates = burst, per_second, Rates(monotonic)

    def spend(self, address: str) -> int:
        """0: try; otherwise the seconds to wait."""
        return self._rates.spend(Allowance(address, self._burst, self._per_second))
