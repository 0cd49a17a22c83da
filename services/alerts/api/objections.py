"""Objections (异议) of a unit to a light of record or a target of a series it answers for: raised, answered by the
office, or taken back by the unit while nobody has answered."""

import uuid
from typing import Literal, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.authority import Grant
from contracts.operations.http import Problem, json_response
from contracts.operations.listing import page
from contracts.operations.parameters import known, limit
from contracts.periods import parse
from contracts.responsibility import answerable
from services.alerts.api.access import Access, columns_of, require
from services.alerts.api.acts import Words
from services.alerts.api.bodies import said
from services.alerts.api.cursors import after_moment, cursor_of
from services.alerts.objecting.deciding import Answered, NothingToObjectTo, Waits
from services.alerts.objecting.store import ObjectionReading
from services.alerts.objecting.telling import Objection, Reply
from services.alerts.views import ObjectionView


class Raise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is disputed: the light of record of a period, or the target of a year; and why."""

    about: Literal["light", "target"]
    which: str
    reason: Words


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The office's answer."""

    answer: Literal["upheld", "dismissed"]
    reason: Words


class Withdraw(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the unit takes it back."""

    reason: Words


class Acts(Protocol):
    """Raises, answers and takes back; NothingToObjectTo, Waits and Answered refuse."""

    async def raise_(self, asked: Objection) -> str: ...

    async def answer(self, objection: str, reply: Reply) -> None: ...


def routes(access: Access, reading: ObjectionReading, acts: Acts) -> list[BaseRoute]:
    """The four routes of objections."""

    async def listed(request: Request) -> Response:
        scope, most = access.scope(request, state=("open", "answered")), limit(request)
        found = await reading.listed(scope, after_moment(request), most)
        cursor = cursor_of(found[-1].at, found[-1].objection) if len(found) == most else None
        return page(request, found, cursor, columns_of(ObjectionView))

    async def raised(request: Request) -> Response:
        grant = access.callers.grant(request, "object")
        programme = access.programme(request)
        indicator = known(request.path_params["indicator"], access.lookup.indicators, "indicator")
        district = request.path_params["district"]
        if district not in access.lookup.indicators[indicator].districts:
            raise Problem(404, "unknown_series", "没有这个指标序列", "there is no such series")
        asked = await said(request, Raise, "invalid_objection")
        may(access, grant, indicator, district)
        objection = Objection(
            "", indicator, district, asked.about, _which(asked), str(grant.unit), grant.subject, asked.reason,
            access.callers.now(),
        )  # fmt: skip
        try:
            name = await acts.raise_(objection)
        except NothingToObjectTo:
            zh = f"{asked.which} 没有可提异议的{'定格灯' if asked.about == 'light' else '目标'}"
            raise Problem(409, "nothing_to_object_to", zh, f"there is no {asked.about} of {asked.which}") from None
        except Waits:
            zh, en = "对此已有异议待答复", "an objection to this waits for its answer already"
            raise Problem(409, "already_objected", zh, en) from None
        return json_response(await reading.one(programme, name))

    async def answered(request: Request) -> Response:
        grant = access.callers.grant(request, "review")
        programme, name = access.programme(request), _name(request)
        found = await reading.one(programme, name)
        if found is None:
            raise _unknown()
        require(grant, "review", found.indicator, found.district)
        asked = await said(request, Answer, "invalid_objection")
        return await ended(programme, name, Reply(asked.answer, grant.subject, asked.reason, access.callers.now()))

    async def withdrawn(request: Request) -> Response:
        grant = access.callers.grant(request, "object")
        programme, name = access.programme(request), _name(request)
        found = await reading.one(programme, name)
        if found is None:
            raise _unknown()
        may_withdraw(grant, found)
        asked = await said(request, Withdraw, "invalid_objection")
        return await ended(programme, name, Reply("withdrawn", grant.subject, asked.reason, access.callers.now()))

    async def ended(programme: str, name: str, reply: Reply) -> Response:
        try:
            await acts.answer(name, reply)
        except Answered:
            zh, en = "该异议已答复或已撤回", "this objection is answered or taken back already"
            raise Problem(409, "already_answered", zh, en) from None
        return json_response(await reading.one(programme, name))

    at = "/v1/programmes/{programme}/objections"
    return [
        Route(at, listed),
        Route("/v1/programmes/{programme}/lights/{indicator}/{district}/objections", raised, methods=["POST"]),
        Route(at + "/{objection}/answer", answered, methods=["POST"]),
        Route(at + "/{objection}/withdraw", withdrawn, methods=["POST"]),
    ]


def may(access: Access, grant: Grant, indicator: str, district: str) -> None:
    """403 unless the caller speaks for a unit that answers for the series."""
    require(grant, "object", indicator, district)
    units = answerable(access.lookup, indicator, district)
    if grant.unit not in units:
        listed = "、".join(sorted(units))
        raise Problem(403, "not_addressee", f"异议由 {listed} 提出", f"only {', '.join(sorted(units))} may object")


def may_withdraw(grant: Grant, objection: ObjectionView) -> None:
    """403 unless the caller speaks for the unit that raised it."""
    require(grant, "object", objection.indicator, objection.district)
    if grant.unit != objection.unit:
        zh, en = (
            f"该异议由 {objection.unit} 提出，只能由其撤回",
            f"only {objection.unit}, which raised it, may take it back",
        )
        raise Problem(403, "not_addressee", zh, en)


def _which(asked: Raise) -> str:
    """The period, or the year, in its usual form; 422 for what is none."""
    try:
        period = parse(asked.which)
    except ValueError:
        period = None
    if period is None or (asked.about == "target" and period.months != 12):
        zh, en = f"“{asked.which}”不是报告期或年份", f"'{asked.which}' is no period, or no year"
        raise Problem(422, "invalid_objection", zh, en)
    return period.text


def _name(request: Request) -> str:
    try:
        return str(uuid.UUID(request.path_params["objection"]))
    except ValueError:
        raise _unknown() from None


def _unknown() -> Problem:
    return Problem(404, "unknown_objection", "没有这个异议", "there is no such objection")
