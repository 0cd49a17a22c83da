"""Query parameters read strictly: what cannot be understood is told (400), never guessed."""

from collections.abc import Collection
from datetime import date, datetime

from starlette.requests import Request

from contracts.operations.http import Problem

MOST = 1000
USUAL = 200


def limit(request: Request) -> int:
    """How many items the caller wants at most."""
    return number(request, "limit", USUAL, least=1, most=MOST)


def number(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within bounds."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19 and least <= int(text) <= most):
        raise wrong(name, f"应为 {least} 至 {most} 的整数", f"must be a whole number from {least} to {most}")
    return int(text)


def day(request: Request, name: str) -> date | None:
    """A date."""
    text = request.query_params.get(name)
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise wrong(name, "应为日期，如 2026-03-31", "must be a date such as 2026-03-31") from None


def moment(request: Request, name: str) -> datetime | None:
    """A moment with its offset; a plus sign that was sent unescaped arrives as a space."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        example = "2026-03-31T12:00:00+08:00"
        raise wrong(name, f"应为带时区的时间，如 {example}", f"must be a moment with its offset such as {example}")
    return found


def required(request: Request, name: str) -> str:
    """A parameter without which there is nothing to look for."""
    text = request.query_params.get(name)
    if not text:
        raise wrong(name, "必须提供", "is required")
    return text


def known(value: str, among: Collection[str], what: str) -> str:
    """A part of the path or a filter that must exist; 404 otherwise."""
    if value not in among:
        raise Problem(404, f"unknown_{what}", f"没有“{value}”", f"there is no {what} {value!r}")
    return value


def wrong(name: str, zh: str, en: str) -> Problem:
    """The caller's parameter cannot be used."""
    return Problem(400, "invalid_parameter", f"参数 {name} {zh}", f"parameter {name} {en}", parameter=name)
