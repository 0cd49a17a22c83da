"""The straight run from body to verdicts (formats → batches/acceptance → publishing → answering), one route a desk:
POST /v1/reports for reports, POST /v1/acts for acts on cells, POST /v1/projects for what is said of projects.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NoReturn, TypeVar

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.authority import Grant, Refused, Tokens
from contracts.objections import Objection
from contracts.operations.clock import Clock
from contracts.operations.http import Problem, json_response
from contracts.operations.publishing import Message, Placed
from contracts.roles import Act
from contracts.topics import PROJECT, REPORTED, Topic
from contracts.verdicts import Answer, Links, Reading
from services.ingest import formats, publishing
from services.ingest.acceptance import Acceptance
from services.ingest.acts import publishing as act_publishing
from services.ingest.acts.acceptance import Acceptance as ActAcceptance
from services.ingest.acts.form import ACTS
from services.ingest.answering import Accepted, Result, answer, links_of_reports
from services.ingest.batches import Acceptable, Decision, judge, judge_alone
from services.ingest.envelope import REPORTS, Form, Item
from services.ingest.instruments import IntakeInstruments
from services.ingest.limits import Limits, Unusable, body_of
from services.ingest.projects import publishing as project_publishing
from services.ingest.projects.acceptance import Acceptance as ProjectAcceptance
from services.ingest.projects.form import STATEMENTS
from services.ingest.publishing import Publisher, Stamp, publish
from services.ingest.receipts import new_receipt
from services.ingest.tables.notes import Notes

_RETRY_AFTER = 5  # seconds, when the broker is away
_STRETCH = 500  # items dealt with before others have the loop
_ANSWERS = {"true": True, "1": True, "false": False, "0": False}
_EVENTS = tuple(media for media in formats.MEDIA if media not in formats.TABLES)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Desk:
    """One kind of statement with a route of its own: how it is read, judged, sent on, and where it is followed."""

    path: str
    form: Form
    media: tuple[str, ...]
    acts: frozenset[Act]  # one of them opens the desk; what each item needs is judged item by item
    accept: Callable[[Any, Grant, datetime], Decision]
    messages: Callable[[Sequence[Any], Stamp], list[Message]]
    topic: Topic
    links: Callable[[str, str], Links]


@dataclass(frozen=True, slots=True)
class Intake:
    """What the routes work with."""

    acceptance: Acceptance
    project_acceptance: ProjectAcceptance
    tokens: Tokens
    clock: Clock
    publisher: Publisher
    limits: Limits
    instruments: IntakeInstruments
    metrics_url: str
    max_requests: int = 64  # at once; more are asked to wait, so that bodies cannot fill the memory

    def routes(self) -> list[Route]:
        return [Route(desk.path, _Posts(self, desk).post, methods=["POST"]) for desk in self.desks()]

    def desks(self) -> tuple[Desk, ...]:
        """Every kind of statement that is taken."""
        return (
            Desk(
                "/v1/reports",
                REPORTS,
                formats.MEDIA,
                frozenset({"report", "correct"}),
                self.acceptance.accept,
                publishing.messages,
                REPORTED,
                links_of_reports,
            ),
            Desk(
                "/v1/acts",
                ACTS,
                _EVENTS,
                frozenset({"approve", "excuse", "publish", "comment"}),
                ActAcceptance(self.acceptance).accept,
                act_publishing.messages,
                REPORTED,
                act_publishing.links,
            ),
            Desk(
                "/v1/projects",
                STATEMENTS,
                _EVENTS,
                frozenset({"report", "correct", "approve"}),
                self.project_acceptance.accept,
                project_publishing.messages,
                PROJECT,
                project_publishing.links,
            ),
        )


class _Posts:
    def __init__(self, intake: Intake, desk: Desk) -> None:
        self._intake, self._desk = intake, desk
        self._open = 0

    async def post(self, request: Request) -> Response:
        """Judge and publish the statements of one request; 207, whatever became of each."""
        if self._open >= self._intake.max_requests:
            _refuse(503, "overloaded", "请求过多，请稍后重试", "too many requests at once; retry", retry_after=1)
        self._open += 1
        try:
            return await self._answered(request)
        except Refused as no:
            headers = {"WWW-Authenticate": "Bearer"} if no.status == 401 else None
            raise Problem(no.status, no.code, no.zh, no.en, headers=headers) from no
        except Unusable as no:
            raise Problem(no.status, no.code, no.zh, no.en, **no.members) from no
        finally:
            self._open -= 1

    async def _answered(self, request: Request) -> Response:
        grant = self._grant(request)
        self._spend(grant, 1)  # a body that is refused whole has cost this much
        options = _options(request)
        media = formats.media_of(request.headers.get("content-type"), self._desk.media)
        body, limits = await body_of(request, self._intake.limits), self._intake.limits
        notes = Notes() if media in formats.TABLES else None
        if notes is None:
            items = await _all(formats.read(body, media, limits, self._desk.form))
        else:  # a workbook takes a second to unpack: others have the loop meanwhile
            lookup = self._intake.acceptance.lookup
            items = await _all(await asyncio.to_thread(formats.read_table, body, limits, grant.subject, lookup, notes))
        self._spend(grant, len(items), paid=1)
        document = await self._judged(items, grant, reading=notes.document() if notes else None, **options)
        self._intake.instruments.note(document)
        _tell(grant, document)
        return _response(document)

    def _grant(self, request: Request) -> Grant:
        grant = self._intake.tokens.grant(request.headers.get("authorization"), self._intake.clock.now())
        if not grant.acts & self._desk.acts:
            grant.require("report")
        return grant

    def _spend(self, grant: Grant, items: int, *, paid: int = 0) -> None:
        seconds = self._intake.tokens.spend(grant.allowance, items, paid=paid)
        if seconds:
            zh, en = f"超过每分钟 {grant.rate_per_minute} 条的限额", f"over {grant.rate_per_minute} items a minute"
            members = {"rate_per_minute": grant.rate_per_minute}
            _refuse(
                429, "rate_exceeded", f"{zh}，请稍后重发", f"{en}; send again later", retry_after=seconds, **members
            )

    async def _judged(
        self, items: list[Item], grant: Grant, *, reading: Reading | None, dry_run: bool, atomic: bool
    ) -> Answer:
        """received_at is stamped here, once, when all has been judged: from then on the send deadline counts."""
        accept, now = self._desk.accept, self._intake.clock.now()
        alone = await _all(judge_alone(item, lambda submitted: accept(submitted, grant, now)) for item in items)
        decisions = judge(items, alone, atomic=atomic)
        stamp = self._stamp(grant)
        results = _dry(decisions) if dry_run else await self._published(decisions, stamp)
        return answer(
            items,
            results,
            receipt=stamp.receipt if not dry_run and any(isinstance(each, Accepted) for each in results) else None,
            received_at=stamp.received_at,
            dry_run=dry_run,
            atomic=atomic,
            links=self._desk.links(self._intake.metrics_url, stamp.receipt),
            reading=reading,
            topic=self._desk.topic,
        )

    def _stamp(self, grant: Grant) -> Stamp:
        since, now = asyncio.get_running_loop().time(), self._intake.clock.now()
        return Stamp(receipt=new_receipt(now), received_at=now, since=since, grant=grant)

    async def _published(self, decisions: list[Decision], stamp: Stamp) -> list[Result]:
        """The same decisions, with its place or its failure for each that was acceptable."""
        ready = [decision for decision in decisions if not isinstance(decision, Objection)]
        places = iter(await publish(self._intake.publisher, self._desk.messages(ready, stamp), stamp))
        results = [each if isinstance(each, Objection) else _result(each, next(places)) for each in decisions]
        return [_as_its_twin(each, results) for each in results]


async def _all(each: Iterable[_T]) -> list[_T]:
    """All of it; a long run lets others have the loop now and then."""
    source, made = iter(each), []
    while part := list(islice(source, _STRETCH)):
        made += part
        if len(part) == _STRETCH:
            await asyncio.sleep(0)
    return made


def _tell(grant: Grant, document: Answer) -> None:
    """What the request's one log line says of it."""
    counts = {name: count for name, count in msgspec.structs.asdict(document.counts).items() if count}
    structlog.contextvars.bind_contextvars(
        subject=grant.subject, receipt=document.receipt, dry_run=document.dry_run, counts=counts
    )


def _dry(decisions: list[Decision]) -> list[Result]:
    return [each if isinstance(each, Objection) else Accepted(each, None) for each in decisions]


def _result(acceptable: Acceptable, placed: Placed | Objection) -> Result:
    return placed if isinstance(placed, Objection) else Accepted(acceptable, placed)


def _as_its_twin(result: Result, results: list[Result]) -> Result:
    """A duplicate of something that failed has failed with it."""
    if isinstance(result, Objection) and result.code == "duplicate":
        first = results[result.related[0]]
        return first if isinstance(first, Objection) else result
    return result


def _response(document: Answer) -> Response:
    """207; but 503 when the broker took nothing of what was ready for it: then the verdicts stand in the problem."""
    counts = document.counts
    if counts.failed and not counts.accepted:
        members = {name: getattr(document, name) for name in ("received_at", "counts", "items", "conflicts")}
        zh, en = "消息队列暂不可用，没有一条入队；请稍后原样重发", "the broker took nothing; send the same again later"
        _refuse(503, "broker_unavailable", zh, en, retry_after=_RETRY_AFTER, **members)
    return json_response(document, 207, {"Retry-After": str(_RETRY_AFTER)} if counts.failed else None)


def _refuse(status: int, code: str, zh: str, en: str, *, retry_after: int, **members: object) -> NoReturn:
    raise Problem(status, code, zh, en, headers={"Retry-After": str(retry_after)}, **members)


def _options(request: Request) -> dict[str, bool]:
    """dry_run and atomic; a misspelt option is refused, for it would publish what was only to be tried."""
    options = {"dry_run": False, "atomic": False}
    for name, value in request.query_params.multi_items():
        if name not in options or value not in _ANSWERS:
            zh, en = (
                "查询参数只有 dry_run 和 atomic，取 true 或 false",
                "the parameters are dry_run and atomic: true or false",
            )
            raise Unusable(400, "unknown_parameter", zh, en, {"parameter": f"{name}={value}"[:80]})
        options[name] = _ANSWERS[value]
    return options
