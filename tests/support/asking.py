"""Asking an app without a socket: httpx on the ASGI interface (starlette's own test client wants a library more)."""

import httpx
from starlette.types import ASGIApp


def client(app: ASGIApp) -> httpx.AsyncClient:
    """A client of that app; what the app raises is answered as its server would answer it."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")
