"""The three public APIs, asked with the authority of the person who is signed in. The desk knows no other way to data.

A refusal of a service is a `Problem` here too, with the service's own code and words: it becomes a readable page.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal

import httpx
import msgspec
from msgspec import structs

from contracts.operations.connections import Unavailable
from contracts.operations.http import Problem
from contracts.passes import Minter
from services.desk.audit import DONE, Audit
from services.desk.people import Person
from services.desk.settings import Settings

Service = Literal["ingest", "metrics", "alerts"]
_SECONDS = 12.0  # a little more than ingest waits for its broker
_IDLE = 2.0  # seconds: well before the services close an idle connection (5 s), so that no request meets its end
_CLOUDEVENT, _BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
_MOST = 20_000  # items of a list that a page reads whole


class Apis:
    """The connections; entered with the service."""

    def __init__(self, settings: Settings, minter: Minter, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._minter = minter
        urls: dict[Service, str] = {"ingest": settings.ingest, "metrics": settings.metrics, "alerts": settings.alerts}
        self._clients = {
            name: httpx.AsyncClient(
                base_url=url,
                timeout=_SECONDS,
                limits=httpx.Limits(keepalive_expiry=_IDLE),
                trust_env=False,
                transport=transport,
            )
            for name, url in urls.items()
        }

    async def __aenter__(self) -> "Apis":
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def send(
        self, person: Person, service: Service, method: str, path: str, *, headers: Mapping[str, str] | None = None,
        approver: Person | None = None, **more: Any,
    ) -> httpx.Response:  # fmt: skip
        """One request as that person. Problem: the service's refusal; Unavailable: it does not answer.

        `approver`: whom the act names as having approved it; the pass says who that is.

        A question whose connection broke is asked once more; an act is not: it may have been done.
        """
        bearer = person.bearer if approver is None else structs.replace(person.bearer, approver=approver.bearer)
        sent = {**(headers or {}), "Authorization": f"Bearer {self._minter.mint(bearer)}"}
        client = self._clients[service]
        try:
            try:
                answer = await client.request(method, path, headers=sent, **more)
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                if method != "GET":
                    raise
                answer = await client.request(method, path, headers=sent, **more)
        except httpx.TransportError as error:
            raise Unavailable(f"{service}: {error!r}") from error
        if answer.is_error:
            raise _problem(answer)
        return answer


class Api:
    """What a page asks: bound to the person and to the trail."""

    def __init__(self, apis: Apis, person: Person, audit: Audit, address: str) -> None:
        self._apis, self._person, self._audit, self._address = apis, person, audit, address

    async def get(self, service: Service, path: str, **parameters: Any) -> Any:
        """The JSON document at a path; parameters that are None are left out."""
        answer = await self._apis.send(self._person, service, "GET", path, params=_sent(parameters))
        return msgspec.json.decode(answer.content)

    async def raw(self, service: Service, path: str, **parameters: Any) -> httpx.Response:
        """The answer as it is: for downloads."""
        return await self._apis.send(self._person, service, "GET", path, params=_sent(parameters))

    async def items(self, service: Service, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """All items of a list, page by page, 20,000 at most."""
        return [item async for item in self._each(service, path, parameters)]

    async def _each(self, service: Service, path: str, parameters: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        after, count = None, 0
        while count < _MOST:
            found = await self.get(service, path, **{"limit": 1000, **parameters, "after": after})
            for item in found["items"]:
                yield item
            count, after = count + len(found["items"]), found.get("next")
            if not after or not found["items"]:
                return

    async def ask(self, service: Service, path: str, **more: Any) -> httpx.Response:
        """POST that changes nothing (a dry run, a file made from what is sent along): it leaves no trail."""
        return await self._apis.send(self._person, service, "POST", path, **more)

    async def act(
        self,
        service: Service,
        path: str,
        *,
        act: str,
        target: str,
        detail: Mapping[str, Any] | None = None,
        method: str = "POST",
        **more: Any,
    ) -> Any:
        """POST (`json=` or `content=` and `headers=`), or another `method`, written down before and after; its JSON.

        `act` and `target` are what the trail says: `acknowledge`, `ticket 0190…`.
        """
        async with self._written_down(act, target, detail):
            answer = await self._apis.send(self._person, service, method, path, **more)
            return answer.json() if answer.content else None

    async def state(self, path: str, event: Mapping[str, Any], *, act: str, target: str) -> Any:
        """One CloudEvent through intake, as `act`; its answer. Problem (422) with the verdict's words and the place it
        points at where intake does not take it: that says 207 whatever it says of the event."""
        async with self._written_down(act, target, event["data"]):
            return await self._told(path, event)

    async def tried(self, path: str, event: Mapping[str, Any]) -> Any:
        """What intake would say of that, which it forgets again: it leaves no trail."""
        return await self._told(path, event, dry_run="true")

    async def _told(self, path: str, event: Mapping[str, Any], **parameters: str) -> Any:
        content, headers = json.dumps(event, ensure_ascii=False).encode(), {"Content-Type": _CLOUDEVENT}
        more: dict[str, Any] = {"params": parameters, "content": content}
        told = (await self._apis.send(self._person, "ingest", "POST", path, headers=headers, **more)).json()
        verdict = told["items"][0]
        if not taken(verdict):
            words = verdict["detail_zh"], verdict["detail"]
            raise Problem(422, verdict["code"], *words, pointer=verdict.get("pointer"))
        return told

    async def states(
        self, path: str, events: Sequence[Mapping[str, Any]], *, act: str, targets: Sequence[str],
        detail: Mapping[str, Any],
    ) -> Any:  # fmt: skip
        """Several CloudEvents through intake in one request, each about one of the targets; the whole answer, a verdict
        an event. The trail has a line for each, with what intake said of it."""
        lines = await self._audit.note_each(self._person.subject, act, targets, self._address, detail)
        try:
            content, headers = json.dumps(events, ensure_ascii=False).encode(), {"Content-Type": _BATCH}
            answer = await self._apis.send(self._person, "ingest", "POST", path, content=content, headers=headers)
        except Problem as problem:
            await self._audit.complete_each(dict.fromkeys(lines, problem.code))
            raise
        told = answer.json()
        said = [DONE if taken(verdict) else verdict["code"] for verdict in told["items"]]
        await self._audit.complete_each(dict(zip(lines, said, strict=True)))
        return told

    @contextlib.asynccontextmanager
    async def _written_down(self, act: str, target: str, detail: Mapping[str, Any] | None) -> AsyncIterator[None]:
        """In the trail before it is tried, and what came of it; where nobody answered that stays open."""
        position = await self._audit.note(self._person.subject, act, target, address=self._address, detail=detail)
        try:
            yield
        except Problem as problem:
            await self._audit.complete(position, problem.code)
            raise
        await self._audit.complete(position, DONE)


def taken(verdict: Mapping[str, Any]) -> bool:
    """Whether intake took the event that it says this of."""
    return verdict["status"] in ("accepted", "duplicate")


def _sent(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _problem(answer: httpx.Response) -> Problem:
    """The problem that a service told; for one that is none of ours, what its status says."""
    try:
        said = answer.json()
        code, zh, en = said["code"], said["detail_zh"], said["detail"]
    except (ValueError, KeyError, TypeError):
        return Problem(502, "unexpected_answer", "后台的答复无法识别", "a service's answer is not understood")
    members = {name: value for name, value in said.items() if name not in _OWN}
    headers = {"Retry-After": answer.headers["retry-after"]} if "retry-after" in answer.headers else {}
    return Problem(answer.status_code, code, zh, en, headers=headers, **members)


_OWN = {"type", "title", "title_zh", "status", "code", "detail", "detail_zh"}
