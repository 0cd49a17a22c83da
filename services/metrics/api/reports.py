"""What became of reports: by receipt, by their own source and id (rule 2.6), and all that was sent for one series."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import Problem, json_response
from contracts.operations.listing import page
from contracts.operations.parameters import limit, moment, number, required
from services.metrics.api.access import Access, may_read
from services.metrics.api.acts import shown_act
from services.metrics.store.reading import Reading

_ITEM = "source", "id", "act", "outcome", "code", "flags", "indicator", "district", "period", "version"
_OUTCOME = "version", "outcome", "code", "flags", "decided_at"
_SENT = (
    *("source", "id", "receipt", "programme", "indicator", "district", "period", "revision", "value", "unit"),
    *("value_in_unit", "reason", "confidence", "status", "kind", "subject", "department", "time", "recordedtime"),
    *("stamped_at", "received_at", "recorded_at", *(f"outcome_{name}" for name in _OUTCOME)),
)


def routes(access: Access, reading: Reading) -> list[BaseRoute]:
    """The three routes."""

    async def receipt(request: Request) -> Response:
        grant, name = access.reader(request), request.path_params["receipt"]
        items = await reading.receipt(name)
        if not items:
            raise _not_yet("unknown_receipt", "尚无该回执的入库记录,请稍后再查", "nothing of this receipt is recorded")
        seen = [item for item in items if may_read(grant, item["indicator"], item["district"])]
        if not seen:
            raise Problem(403, "not_authorised", "此令牌无权查看该回执", "this token may not read this receipt")
        said = {"receipt": name, "expected": items[0]["expected"], "recorded": len(items)}
        return json_response({**said, "items": [{field: item[field] for field in _ITEM} for item in seen]})

    async def report(request: Request) -> Response:
        grant = access.reader(request)
        found = await reading.report(required(request, "source"), required(request, "id"))
        if found is None:
            raise _not_yet("unknown_report", "尚无该报送的入库记录,请稍后再查", "this report is not recorded (yet)")
        if not may_read(grant, found["indicator"], found["district"]):
            raise Problem(403, "not_authorised", "此令牌无权查看该报送", "this token may not read this report")
        acts = await reading.office.acts_on(found["source"], found["id"])
        return json_response({**shown(found), "acts": [shown_act(each) for each in acts]})

    async def sent(request: Request) -> Response:
        series, most = access.series(request), limit(request)
        as_of = access.as_of(request)
        after = number(request, "after", 0, least=0, most=2**62)
        found = await reading.sent(series, as_of, moment(request, "known_at"), after, most)
        cursor = found[-1]["number"] if len(found) == most else None
        return page(request, [shown(each) for each in found], cursor, _SENT)

    of_series = "/v1/programmes/{programme}/standings/{indicator}/{district}/reports"
    return [
        Route("/v1/receipts/{receipt}", receipt),
        Route("/v1/reports", report),
        Route(of_series, sent),
    ]


def shown(found: dict[str, Any]) -> dict[str, Any]:
    """A report's row with its outcome as one member and the document as it was sent as another."""
    said = {name: value for name, value in found.items() if name not in (*_OUTCOME, "document", "number")}
    said["outcome"] = {name: found[name] for name in _OUTCOME}
    if "document" in found:
        said["sent"] = msgspec.Raw(found["document"].encode())
    return said


def _not_yet(code: str, zh: str, en: str) -> Problem:
    return Problem(404, code, zh, en, headers={"Retry-After": "1"})
