"""One page of a list in the form the caller wants: JSON `{items, next}`, NDJSON, or CSV with a header.

`?format=csv|ndjson|json` says it, else the Accept header. `next` is the cursor for `after`; the Link header carries the
whole address, in every form.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from contracts.operations.http import json_response
from contracts.operations.parameters import wrong

JSON, CSV, NDJSON = "application/json", "text/csv", "application/x-ndjson"
_FORMATS = {"json": JSON, "csv": CSV, "ndjson": NDJSON}


def page(
    request: Request, items: Sequence[Any], cursor: str | int | None, columns: Sequence[str], by: str = "after"
) -> Response:
    """The items in the caller's form; `cursor` is None on the last page, `columns` are those of the CSV.

    `by`: the parameter that takes the cursor.
    """
    onward = request.url.include_query_params(**{by: cursor})
    headers = {"Link": f'<{onward}>; rel="next"'} if cursor is not None else {}
    headers["Vary"] = "Accept"
    match wanted(request):
        case "text/csv":
            return Response(table(items, columns), headers=headers, media_type="text/csv; charset=utf-8")
        case "application/x-ndjson":
            lines = b"".join(msgspec.json.encode(item) + b"\n" for item in items)
            return Response(lines, headers=headers, media_type=NDJSON)
    return json_response({"items": list(items), "next": cursor}, headers=headers)


def wanted(request: Request) -> str:
    """The form asked for; JSON where neither parameter nor Accept header names one that we have."""
    named = request.query_params.get("format")
    if named is not None:
        if named not in _FORMATS:
            raise wrong("format", "应为 json、csv 或 ndjson", "must be json, csv or ndjson")
        return _FORMATS[named]
    for part in request.headers.get("accept", "").split(","):
        form = part.split(";")[0].strip().lower()
        if form in _FORMATS.values():
            return form
    return JSON


def table(items: Sequence[Any], columns: Sequence[str]) -> str:
    """The items as CSV (RFC 4180) with a header, behind a byte order mark so that spreadsheets read the Chinese."""
    out = io.StringIO()
    out.write("\ufeff")
    rows = csv.DictWriter(out, columns, extrasaction="ignore", restval="")
    rows.writeheader()
    for item in items:
        rows.writerow({name: _safe(value) for name, value in flat(_plain(item)).items()})
    return out.getvalue()


def flat(item: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested members beside the others: `explanation: {zh, en}` becomes explanation_zh and explanation_en."""
    found: dict[str, Any] = {}
    for name, value in item.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}_")
        else:
            found[f"{prefix}{name}"] = value
    return found


def _plain(item: Any) -> dict[str, Any]:
    plain = msgspec.json.decode(item) if isinstance(item, msgspec.Raw) else msgspec.to_builtins(item)
    return dict(plain)


def _safe(value: Any) -> Any:
    """What a spreadsheet would take for a formula is shown as text; numbers stay numbers."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    text = isinstance(value, str) and value[:1] in ("=", "+", "@", "\t", "\r")
    minus = isinstance(value, str) and value[:1] == "-" and not value[1:2].isdigit()
    return f"'{value}" if text or minus else value
