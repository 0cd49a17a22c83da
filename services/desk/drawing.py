"""Draws pages: Jinja2 templates with the texts, lights and dates of one language. No style, no script in a page."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jinja2
from markupsafe import Markup

from contracts.numbers import trimmed
from contracts.periods import SHANGHAI
from services.desk.texts import Language, texts, told

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Drawing:
    """The templates and the texts, read and compiled here, so that nobody's first page waits for it."""

    def __init__(self) -> None:
        self._templates = _templates()
        self._speaking = {language: _speaking(language) for language in get_args(Language)}

    def page(self, template: str, language: Language, **context: Any) -> str:
        """A template's text; what it names and is not given is a defect."""
        return self._templates[template].render(language=language, **self._speaking[language], **context)


@cache
def _templates() -> dict[str, jinja2.Template]:
    """All of them by their names, compiled once a process."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"static": _static, "shapes": _shapes()}
    environment.filters |= {
        "moment": moment,
        "day": day,
        "end": end,
        "until": until,
        "plain": number,
        "rounded": rounded,
        "percent": percent,
    }
    return {name: environment.get_template(name) for name in environment.list_templates()}


def _speaking(language: Language) -> dict[str, Callable[..., str]]:
    """What templates say things by: `t`, a text by its key, and `say`, a text of the APIs ({zh, en}). Bound to the
    language: a function that asks the context for it costs a context of its own at each call in a loop."""
    texts()

    def t(key: str, **values: Any) -> str:
        return told(key, language, **values)

    def say(text: Any) -> str:
        if text is None:
            return ""
        return str(text[language] if isinstance(text, dict) else getattr(text, language))

    return {"t": t, "say": say}


def moment(at: datetime | str | None) -> str:
    """A moment in Shanghai to the minute."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return "—" if at is None else at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def end(at: datetime | str | None) -> str:
    """A moment until which something runs: midnight is 24:00 of the day before."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    here = None if at is None else at.astimezone(SHANGHAI)
    if here is None or (here.hour, here.minute) != (0, 0):
        return moment(here)
    return f"{(here - timedelta(days=1)).date()} 24:00"


def day(at: datetime | date | str | None) -> str:
    """A moment's day in Shanghai, or a date."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at) if "T" in at else date.fromisoformat(at)
    if isinstance(at, datetime):
        at = at.astimezone(SHANGHAI).date()
    return "—" if at is None else at.isoformat()


def until(at: datetime | str) -> str:
    """The last day before a moment that ends one: a cell due at 24:00 of the 5th is due on the 5th."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return (moment.astimezone(SHANGHAI) - timedelta(microseconds=1)).date().isoformat()


def number(text: str | None, like: str | None = None) -> str:
    """A number without zeros at its end; "—" for none."""
    return "—" if text is None else trimmed(text, like)


def rounded(text: str, like: str | None = None) -> str:
    """A number as people read it: with the places that `like`, the plan's number beside it, is written with, one at
    least; with more where it would otherwise pass for nothing, for `like` itself or for what lies beyond it."""
    try:
        exact, limit = Decimal(text), None if like is None else Decimal(like)
    except InvalidOperation:
        return trimmed(text, like)
    for places in range(max(1, _places(like or "")), _places(text)):
        found = round_half_up(exact, places)
        if found and (limit is None or (found > limit) - (found < limit) == (exact > limit) - (exact < limit)):
            return trimmed(str(found), like)
    return trimmed(text, like)


def percent(part: int, whole: int) -> str:
    """A share in whole per cent, half of one up (rule 1.2)."""
    return f"{(200 * part + whole) // (2 * whole)}%"


def round_half_up(number: Decimal, places: int) -> Decimal:
    """To that many places."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _places(text: str) -> int:
    return len(text.partition(".")[2])


_DIGESTS: dict[str, str] = {}


def _static(name: str) -> str:
    """The address of a static file; it changes with the file, so that browsers may keep it for ever."""
    if name not in _DIGESTS:
        _DIGESTS[name] = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={_DIGESTS[name]}"


def _shapes() -> Markup:
    return Markup((STATIC / "shapes.svg").read_text("utf-8"))
