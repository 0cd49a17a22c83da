"""OpenAPI 3.1 of the three public APIs from routes.yaml and the types."""

import re
from typing import Any, get_args

from contracts.description.routes import Declared, Parameter, Route, declared
from contracts.description.schemas import PROBLEM, components
from contracts.description.shapes import schema_of
from contracts.events import Standing
from contracts.feed_events import FeedMessage
from contracts.objections import OBJECTIONS
from contracts.project_events import ProjectStanding
from contracts.project_submission import Statements
from contracts.submission import Submitted, SubmittedAct
from contracts.verdicts import Answer

Schema = dict[str, Any]

VERSION = "1.0.0"
_STATEMENTS: dict[str, type] = {each.__name__: each for each in get_args(Statements)}
_TYPES: dict[str, type] = {
    **{each.__name__: each for each in (Answer, FeedMessage, ProjectStanding, Standing, Submitted, SubmittedAct)},
    **_STATEMENTS,
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STATEMENT = "SubmittedStatement"  # any of them
_REF = "#/components/schemas/{name}"
_TITLES = {
    "ingest": ("报送接口", "intake of reports", 8101),
    "metrics": ("进度状态与入库结果", "standings and outcomes", 8102),
    "alerts": ("灯、预警、督办单与信息流", "lights, warnings, tickets and the feed", 8103),
}
_WAIT = {"Retry-After": {"description": "seconds to wait", "required": True, "schema": {"type": "integer"}}}
_PROBLEMS = {
    400: "the request cannot be read as a whole",
    401: "no token, or one that is unknown or has expired",
    403: "the token does not grant this",
    404: "there is no such thing (or not yet)",
    408: "the body came too slowly",
    409: "not applicable in this state",
    413: "larger than the limits, which are told: max_body_bytes, max_event_bytes, max_items",
    415: "not a form that is read here",
    422: "understood, but not possible",
    429: "over the token's rate",
    503: "something needed does not answer; the same request may succeed later",
}
_WHOLE = {"file": (XLSX, "an Excel workbook"), "atom": ("application/atom+xml", "an Atom feed")}
_ALWAYS = frozenset({401, 403, 429, 503})


def documents() -> dict[str, Schema]:
    """One document a service."""
    told = declared()
    return {service: _document(told, service) for service in _TITLES}


def _document(told: Declared, service: str) -> Schema:
    zh, en, port = _TITLES[service]
    routes = told.of(service)
    paths: dict[str, Schema] = {}
    for name, route in routes.items():
        paths.setdefault(route.path, {})[route.method] = _operation(told, name, route)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"liangshai 亮晒 · {service} · {zh}", "version": VERSION, "description": _about(service, en)},
        "servers": [{"url": f"http://127.0.0.1:{port}"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(routes),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _about(service: str, en: str) -> str:
    if service != "ingest":
        return en
    codes = "\n".join(f"- `{code}` ({kind.step}): {kind.text.zh} / {kind.text.en}" for code, kind in OBJECTIONS.items())
    return f"{en}\n\nCodes of verdicts:\n{codes}"


def _schemas(routes: dict[str, Route]) -> dict[str, Schema]:
    bodies = _named(" ".join(body for route in routes.values() for body in (route.answer, *route.accepts.values())))
    _, parts = components([_TYPES[name] for name in sorted(set(re.findall(r"\w+", bodies)) & set(_TYPES))], _REF)
    return {"Problem": {name: part for name, part in PROBLEM.items() if name not in ("$schema", "$id")}, **parts}


def _named(bodies: str) -> str:
    """The types that bodies name; any statement stands for each of them."""
    return bodies.replace(_STATEMENT, " ".join(_STATEMENTS))


def _operation(told: Declared, name: str, route: Route) -> Schema:
    made: Schema = {
        "operationId": name,
        "summary": route.zh,
        "description": f"{route.en} Acts: {', '.join(route.acts)} (docs/authority.md).",
        "parameters": [
            *_of_path(route.path),
            *(_of_query(each, parameter) for each, parameter in told.parameters_of(route).items()),
        ],
    }
    if route.accepts:
        content = {media: {"schema": _schema(told, body)} for media, body in route.accepts.items()}
        made["requestBody"] = {"required": True, "content": content}
    refused = {str(status): _problem(status) for status in sorted(_ALWAYS | {*route.problems})}
    return made | {"responses": {str(route.status): _answer(told, route)} | refused}


def _of_path(path: str) -> list[Schema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _of_query(name: str, parameter: Parameter) -> Schema:
    made: Schema = {"name": name, "in": "query", "description": f"{parameter.zh} / {parameter.en}"}
    return made | ({"required": True} if parameter.required else {}) | {"schema": parameter.schema}


def _answer(told: Declared, route: Route) -> Schema:
    schema = _schema(told, route.answer)
    if route.answer in _WHOLE:
        media, what = _WHOLE[route.answer]
        return {"description": what, "content": {media: {"schema": schema}}}
    if not route.page:
        return {"description": "the answer", "content": {"application/json": {"schema": schema}}}
    cursor = {"description": "the cursor of the next page, null after the last", "type": ["string", "integer", "null"]}
    page = {"type": "object", "properties": {"items": {"type": "array", "items": schema}, "next": cursor}}
    content = {"application/json": {"schema": page | {"required": ["items", "next"]}}}
    text = {"schema": {"type": "string"}}
    return {"description": "a page", "content": content | {"text/csv": text, "application/x-ndjson": text}}


def _problem(status: int) -> Schema:
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}}
    headers = {"headers": _WAIT} if status in (429, 503) else {}
    return {"description": _PROBLEMS[status], **headers, "content": content}


def _schema(told: Declared, body: str) -> Schema:
    if " & " in body:
        return {"allOf": [_schema(told, part) for part in body.split(" & ")]}
    if body.startswith("["):
        return {"type": "array", "items": _schema(told, body.strip("[]"))}
    if body in ("text", "atom"):
        return {"type": "string"}
    if body == "file":
        return {"type": "string", "format": "binary"}
    if body == _STATEMENT:
        return {"anyOf": [{"$ref": _REF.format(name=name)} for name in _STATEMENTS]}
    return {"$ref": _REF.format(name=body)} if body in _TYPES else schema_of(told.shape(body))
