"""Cursors of lists that are ordered by a moment and, among equals, by an id."""

from datetime import datetime

from starlette.requests import Request

from contracts.periods import SHANGHAI
from services.alerts.api.parameters import instant, wrong


def cursor_of(at: datetime, identity: str) -> str:
    """The key of the last item of a page."""
    return f"{at.astimezone(SHANGHAI).isoformat()}~{identity}"


def after_moment(request: Request) -> tuple[datetime, str] | None:
    """The key the caller has seen last; 400 for one that we never gave."""
    text = request.query_params.get("after")
    if text is None:
        return None
    at, separator, identity = text.replace(" ", "+").partition("~")
    if not separator:
        raise wrong("after", "不是本接口给出的游标", "is not a cursor that this list gave")
    return instant(at, "after"), identity
