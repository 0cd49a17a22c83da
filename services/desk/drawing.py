"""Draws pages: Jinja2 templates with the texts, lights and dates of one language. No style, no script in a page."""

import hashlib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import jinja2
from jinja2.runtime import Context
from markupsafe import Markup

from contracts.numbers import trimmed
from contracts.periods import SHANGHAI
from services.desk.texts import Language, told

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Drawing:
    """The templates, compiled once."""

    def __init__(self) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"t": _t, "say": _say, "static": _static, "shapes": _shapes()}
        self._environment.filters |= {"moment": moment, "day": day, "end": end, "until": until, "plain": number}

    def page(self, template: str, language: Language, **context: Any) -> str:
        """A template's text; what it names and is not given is a defect."""
        return self._environment.get_template(template).render(language=language, **context)


@jinja2.pass_context
def _t(context: Context, key: str, **values: Any) -> str:
    """A text by its key, in the page's language."""
    return told(key, context["language"], **values)


@jinja2.pass_context
def _say(context: Context, text: Any) -> str:
    """A text of the APIs ({zh, en}) in the page's language."""
    if text is None:
        return ""
    language: Language = context["language"]
    return str(text[language] if isinstance(text, dict) else getattr(text, language))


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


_DIGESTS: dict[str, str] = {}


def _static(name: str) -> str:
    """The address of a static file; it changes with the file, so that browsers may keep it for ever."""
    if name not in _DIGESTS:
        _DIGESTS[name] = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={_DIGESTS[name]}"


def _shapes() -> Markup:
    return Markup((STATIC / "shapes.svg").read_text("utf-8"))
