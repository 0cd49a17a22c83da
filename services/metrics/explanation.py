"""The sentence that explains a standing with its numbers, as an official would say it, in Chinese and English."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from contracts.cells import Cell
from contracts.events import Text
from services.metrics.measure import Measure
from services.metrics.plan import Plan, Stretch
from services.metrics.targets import Aim
from services.metrics.views import View


@dataclass(frozen=True, slots=True)
class Finding:
    """Everything a standing says, still exact."""

    mode: Literal["share", "bound", "due", "none"]
    reason: str | None
    value: Fraction | None
    stretch: Stretch
    expected: Fraction | None = None
    measured: Measure | None = None
    attained: Fraction | None = None
    missed: Aim | None = None


def explain(plan: Plan, cell: Cell, view: View, finding: Finding) -> Text:
    return Text("", "")
