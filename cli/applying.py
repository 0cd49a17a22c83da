"""A directory → the next version of the catalogue at ingest: the client side of `liangshai catalogue apply`."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from cli.sending import DIRECT, Unsendable, asked_to_wait, document_of, problem_of
from contracts.events import Text
from contracts.programme import Lookup, Programme


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """Ingest said no: its problem, with the findings and their places."""

    problem: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Office:
    """Where to apply, as whom, and how long to try while the broker is away."""

    url: str
    token: str
    seconds: float = 30
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    transport: httpx.BaseTransport | None = None

    def present(self) -> Lookup:
        """The catalogue that holds now; an overlay is laid over it."""
        answer = self._ask("GET", "/v1/catalogue")
        return Lookup(msgspec.convert(answer["document"], Programme, strict=False))

    def apply(self, after: Lookup, reason: Text, *, dry_run: bool) -> dict[str, Any]:
        """What it changes, and unless it is a dry run as which version it was applied; the same again is harmless."""
        content = msgspec.json.encode({"reason": reason, "document": after.programme})
        return self._ask("POST", "/v1/catalogues", content, {"dry_run": str(dry_run).lower()})

    def recompute(self, rules: str, reason: Text) -> dict[str, Any]:
        """Let every partition adopt these rules."""
        return self._ask("POST", "/v1/recomputations", msgspec.json.encode({"rules": rules, "reason": reason}))

    def _ask(
        self, method: str, path: str, content: bytes | None = None, params: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        end, headers = self.clock() + self.seconds, {"Authorization": f"Bearer {self.token}"}
        mounts = {} if self.transport is not None else DIRECT
        try:
            with httpx.Client(transport=self.transport, mounts=mounts, timeout=60, headers=headers) as client:
                while True:
                    response = client.request(method, self.url + path, content=content, params=params)
                    if response.status_code in (200, 202):
                        return document_of(response)
                    wait = asked_to_wait(response)
                    if response.status_code not in (429, 503) or self.clock() + wait >= end:
                        raise _no(response)
                    self.sleep(wait)
        except httpx.TransportError as error:
            raise Unsendable(f"无法连接 / cannot reach {self.url}: {error!r}") from error


def _no(response: httpx.Response) -> Exception:
    document = document_of(response)
    if response.status_code in (409, 422):
        return Refused(document)
    return Unsendable(problem_of(response.status_code, document))
