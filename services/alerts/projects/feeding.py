"""Whether a red project stands for an indicator's lag at a moment: it alone feeds it (rule 12). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.events import Colour
from contracts.programme import CITY

RED_PROJECT = "red_project"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a project showed from a moment on: its schedule's light, an open red line apart."""

    since: datetime
    district: str
    listed: bool
    feeds: tuple[str, ...]
    light: Colour


def inhibits(past: Mapping[str, Sequence[Shown]], indicator: str, district: str, at: datetime) -> bool:
    """Whether just before `at` one listed project alone fed the indicator there (for the city: anywhere), and was red.

    `past` has what each project showed, in the order of its moments.
    """
    then = (next((each for each in reversed(shown) if each.since < at), None) for shown in past.values())
    feeding = [
        each.light
        for each in then
        if each is not None and each.listed and indicator in each.feeds and district in (each.district, CITY)
    ]
    return feeding == ["red"]
