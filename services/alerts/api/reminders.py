"""POST /v1/programmes/{programme}/reminders: the office reminds one unit of what it owes (催报, rule 7.3)."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.feed_events import FeedMessage
from contracts.operations.http import Problem, json_response
from contracts.operations.parameters import known
from contracts.periods import SHANGHAI
from services.alerts.api.access import Access
from services.alerts.api.bodies import said
from services.alerts.reminders.by_hand import Asked, NothingOwed, RemindedToday
from services.alerts.reminders.words import unit_name

Remind = Callable[[Asked], Awaitable[FeedMessage]]


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom; `request` is the caller's own name for this wish, so that sending it again reminds nobody twice."""

    unit: str
    request: Annotated[str, msgspec.Meta(min_length=8, max_length=64)]


def routes(access: Access, remind: Remind) -> list[BaseRoute]:
    """The one route of reminders."""

    async def reminded(request: Request) -> Response:
        grant = access.callers.grant(request, "remind")
        access.programme(request)
        if access.series(grant) is not None:
            zh, en = "催报需要全部序列的权限", "a reminder may be about every series: the token does not reach them all"
            raise Problem(403, "not_authorised", zh, en)
        wish = await said(request, Wish, "invalid_reminder")
        known(wish.unit, {**access.lookup.departments, **access.lookup.districts}, "unit")
        try:
            told = await remind(Asked(wish.unit, wish.request, grant.subject, access.callers.now()))
        except (NothingOwed, RemindedToday) as refusal:
            raise _refused(refusal, wish.unit, access) from None
        return json_response(told)

    return [Route("/v1/programmes/{programme}/reminders", reminded, methods=["POST"])]


def _refused(refusal: NothingOwed | RemindedToday, unit: str, access: Access) -> Problem:
    name = unit_name(unit, access.lookup)
    if isinstance(refusal, NothingOwed):
        zh, en = f"{name.zh}没有待报的数据，无需催报", f"{name.en} owes no report: there is nothing to remind it of"
        return Problem(409, "nothing_owed", zh, en, unit=unit)
    sent = refusal.message.sent.astimezone(SHANGHAI)
    zh = f"今天{sent:%H:%M}已催报过{name.zh}，每个单位每天只催报一次"
    en = f"{name.en} was reminded today at {sent:%H:%M}: once a day is the most"
    return Problem(409, "reminded_today", zh, en, unit=unit, sent=sent, message_id=refusal.message.message_id)
