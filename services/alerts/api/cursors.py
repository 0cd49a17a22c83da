"""Cursors of lists that are ordered by a moment and, among equals, by an id."""

import contextlib
from datetime import datetime

from starlette.requests import Request

from contracts.operations.parameters import wrong
from contracts.periods import SHANGHAI


def cursor_of(at: datetime, identity: str) -> str:
    """The key of the last item of a page."""
    return f"{at.astimezone(SHANGHAI).isoformat()}~{identity}"


def after_moment(request: Request) -> tuple[datetime, str] | None:
    """The key the caller has seen last; 400 for one that we never gave."""
    text = request.query_params.get("after")
    if text is None:
        return None
    at, separator, identity = text.replace(" ", "+").partition("~")
    with contextlib.suppress(ValueError):
        found = datetime.fromisoformat(at)
        if separator and found.tzinfo is not None:
            return found, identity
    raise wrong("after", "不是本接口给出的游标", "is not a cursor that this list gave")
