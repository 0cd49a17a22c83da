"""A forecast that lies behind what is reached already: the running total fell, and rule 6.7 carries that on. The number
is told as it is computed; these are the words beside it, the same in explanations, messages and pages (rule 2.11)."""

from fractions import Fraction

from contracts.events import Text
from contracts.programme import Indicator

DOUBTED = Text("累计数减少，推算不足为据", "the running total fell: not to be relied on")


def recedes(indicator: Indicator, reached: Fraction, forecast: Fraction) -> bool:
    """Whether a total is foreseen to lose what it has. A level goes up and down: that is a forecast like another."""
    return indicator.judged_as != "level" and indicator.direction * (forecast - reached) < 0
