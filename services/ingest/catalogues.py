"""POST /v1/catalogues and GET /v1/catalogue: the office applies a version of the catalogue, all see the present one.

A dry run says what would change and applies nothing (rule 2.9). POST /v1/recomputations: the office lets what is known
be computed anew by a repaired rule.
"""

from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.catalogue_events import CatalogueVersion
from contracts.events import Text
from contracts.findings import Finding
from contracts.operations.callers import Callers
from contracts.operations.http import Problem, json_response
from contracts.operations.parameters import wrong
from contracts.operations.publishing import TooLarge
from contracts.programme import Lookup, Programme
from services.ingest.versions import Taken, Unfit, Versions

_MAX_BODY = 8 * 1024 * 1024
_T = TypeVar("_T")
_YES = {"true": True, "1": True, "false": False, "0": False}


class Proposed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole catalogue and why it is to hold."""

    reason: Text
    document: Programme


class Repaired(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version of the rules that is to be adopted, and what was repaired."""

    rules: str
    reason: Text


def routes(callers: Callers, versions: Versions) -> list[BaseRoute]:
    """All of them."""

    async def present(request: Request) -> Response:
        callers.grant(request, "read")
        tag = f'"{versions.newest.version}"'
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": tag})
        said = [_said(each) for each in versions.known]
        document = json_response({"version": versions.newest.version, "versions": said, "document": versions.newest})
        document.headers["ETag"] = tag
        return document

    async def apply(request: Request) -> Response:
        grant = callers.grant(request, "catalogue")
        dry_run = _dry(request)
        proposed = await _body(request, Proposed)
        _reasoned(proposed.reason)
        after = Lookup(proposed.document)
        try:
            changes, found = versions.weigh(after)
            answer: dict[str, Any] = {
                "dry_run": dry_run,
                "changes": changes,
                "findings": [_told(each) for each in found],
            }
            if not dry_run:
                answer |= _said(await versions.apply(after, proposed.reason, grant.subject))
        except Unfit as unfit:
            told = [_told(each) for each in unfit.findings]
            raise Problem(
                422, "catalogue_unfit", "目录不能沿用", "this catalogue cannot follow", findings=told
            ) from None
        except Taken as taken:
            raise Problem(409, taken.code, taken.zh, taken.en) from None
        except TooLarge as large:
            raise Problem(413, "catalogue_too_large", "目录过大", str(large)) from None
        return json_response(answer)

    async def recompute(request: Request) -> Response:
        grant = callers.grant(request, "catalogue")
        repaired = await _body(request, Repaired)
        _reasoned(repaired.reason)
        at = await versions.repair(repaired.rules, repaired.reason, grant.subject)
        return json_response({"rules": repaired.rules, "applied_at": at, "actor": grant.subject}, 202)

    return [
        Route("/v1/catalogue", present),
        Route("/v1/catalogues", apply, methods=["POST"]),
        Route("/v1/recomputations", recompute, methods=["POST"]),
    ]


def _reasoned(reason: Text) -> None:
    if not (reason.zh.strip() and reason.en.strip()):
        raise Problem(422, "reason_missing", "请用中英文说明原因", "say why, in Chinese and English")


async def _body(request: Request, kind: type[_T]) -> _T:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MAX_BODY:
            raise Problem(413, "body_too_large", "请求体过大", f"a body holds at most {_MAX_BODY} bytes")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        zh, en = f"无法读取请求体：{error}", f"the body cannot be read: {error}"
        raise Problem(422, "body_unreadable", zh, en) from None


def _dry(request: Request) -> bool:
    said = request.query_params.get("dry_run", "false")
    if said not in _YES:
        raise wrong("dry_run", "取 true 或 false", "is true or false")
    return _YES[said]


def _told(each: Finding) -> dict[str, str]:
    return {name: getattr(each, name) for name in ("code", "place", "severity", "zh", "en")}


def _said(version: CatalogueVersion) -> dict[str, Any]:
    names = ("version", "sha256", "reason", "actor", "applied_at", "announced")
    return {name: getattr(version, name) for name in names}
