"""Schemes of scores (rule 10): how an edition is scored and ranked, as data with the defaults of rule 10.6."""

from typing import Literal

import msgspec

from contracts.events import Text
from contracts.periods import Frequency
from contracts.records import Record


class Excellence(Record, frozen=True, kw_only=True):
    """Who is 优秀 at the year's end (rule 10.6): ranked, the published score at least `score`, and no red."""

    score: str = "90.00"
    without_red_in_december: bool = True


class SpecialReport(Record, frozen=True, kw_only=True):
    """专报: when one is due (rule 10.6), on a day of the month after the stretch it reports on."""

    every: Frequency = Frequency.QUARTERLY
    day: int = 15


class Weights(Record, frozen=True, kw_only=True):
    """The weights of three levels, normalised within each parent (rule 10.2). What is not named weighs 1."""

    areas: dict[str, str] = msgspec.field(default_factory=dict)
    headings: dict[str, str] = msgspec.field(default_factory=dict)
    items: dict[str, str] = msgspec.field(default_factory=dict)


class Group(Record, frozen=True, kw_only=True):
    """An assessment group (考评组). The plan names no members."""

    id: str
    name: Text
    units: tuple[str, ...] = ()


class Scheme(Record, frozen=True, kw_only=True):
    """How an edition is scored and ranked: versioned data (rule 10). The defaults are those of rule 10.6."""

    id: str = "default"
    version: int = 1
    gate: str = "0.80"  # reported weight ÷ due weight, for a place
    form: Literal["target", "min_max"] = "target"  # min_max: 60 + 40·(v − min)/(max − min) over each item's districts
    rank_by: Literal["score", "total"] = "score"
    weighting: Literal["equal", "levels"] = "equal"  # equal: every item weighs 1
    weights: Weights = Weights()
    core: tuple[str, ...] = ()  # the core indicators
    excellent: Excellence = Excellence()
    top_k: int = 1  # of a red list
    bottom_k: int = 1  # of a black list
    assessment_cut_off: str = "03-31"  # month and day of the year after
    special_report: SpecialReport = SpecialReport()
    groups: tuple[Group, ...] = ()
