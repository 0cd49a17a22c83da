"""A report that the platform derives itself: what the projects of the list add up to for an indicator (rule 12).

It travels on progress.reported like any other, from a source that no sender may use, and its reason names the projects.
"""

from collections.abc import Sequence

from contracts.events import Text

PLATFORM = "/platform/"  # sources that begin so are the platform's own
SOURCE = f"{PLATFORM}projects"
UNITS = {"investment": "CNY_100M", "projects": "count", "completed": "count"}  # of each figure that can feed
_BETWEEN = " / "
_LONGEST = 200  # characters a language: an indicator may be made of many projects


def reason_of(names: Sequence[Text]) -> str:
    """The reason of a derived report, Chinese first, as reasons are written."""
    zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    return _BETWEEN.join((_cut(zh.replace(_BETWEEN, "/")), _cut(en)))


def names_in(reason: str) -> Text:
    """The names of the projects in that reason."""
    zh, _, en = reason.partition(_BETWEEN)
    return Text(zh, en)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
