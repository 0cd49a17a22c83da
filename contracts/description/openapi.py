"""OpenAPI 3.1 of the three public APIs from the table of routes and the types."""

import re
from collections.abc import Iterator
from typing import Any

from contracts.description.routes import ROUTES, Body, Parameter, Route
from contracts.description.schemas import PROBLEM, components
from contracts.description.shapes import schema_of
from contracts.objections import OBJECTIONS

Schema = dict[str, Any]

VERSION = "1.0.0"
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


def documents() -> dict[str, Schema]:
    """One document a service."""
    return {service: _document(service) for service in _TITLES}


def _document(service: str) -> Schema:
    routes = [route for route in ROUTES if route.service == service]
    zh, en, port = _TITLES[service]
    paths: dict[str, Schema] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method] = _operation(route)
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


def _schemas(routes: list[Route]) -> dict[str, Schema]:
    types = {body for route in routes for body in _bodies(route) if isinstance(body, type)}
    _, parts = components(sorted(types, key=lambda each: each.__name__), _REF)
    return {"Problem": {name: part for name, part in PROBLEM.items() if name not in ("$schema", "$id")}, **parts}


def _bodies(route: Route) -> Iterator[Body]:
    yield route.answer
    for body in route.accepts.values():
        named = re.fullmatch(r"\[(\w+)\]", body) if isinstance(body, str) else None
        if named is None:
            yield body


def _operation(route: Route) -> Schema:
    made: Schema = {
        "operationId": route.name,
        "summary": route.zh,
        "description": f"{route.en} Token kinds: {', '.join(route.kinds)}.",
        "parameters": [*_of_path(route.path), *(_of_query(each) for each in route.parameters)],
    }
    if route.accepts:
        content = {media: {"schema": _schema(body)} for media, body in route.accepts.items()}
        made["requestBody"] = {"required": True, "content": content}
    made["responses"] = {str(route.status): _answer(route)} | {
        str(status): _problem(status) for status in sorted({401, 403, 429, 503, *route.problems})
    }
    return made


def _of_path(path: str) -> list[Schema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _of_query(parameter: Parameter) -> Schema:
    made: Schema = {"name": parameter.name, "in": "query", "description": f"{parameter.zh} / {parameter.en}"}
    return made | ({"required": True} if parameter.required else {}) | {"schema": parameter.schema}


def _answer(route: Route) -> Schema:
    schema = _schema(route.answer)
    if not route.listed:
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


def _schema(body: Body) -> Schema:
    if isinstance(body, type):
        return {"$ref": _REF.format(name=body.__name__)}
    if body == "text":
        return {"type": "string"}
    if body == "object":
        return {"type": "object"}
    named = re.fullmatch(r"\[(\w+)\]", body)
    if named:
        return {"type": "array", "items": {"$ref": _REF.format(name=named[1])}}
    return schema_of(body)
