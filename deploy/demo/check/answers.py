"""One question of demo-check and its answer."""

from collections import Counter
from dataclasses import dataclass


@dataclass(slots=True)
class Answer:
    """How much was compared, and what does not agree."""

    question: str
    compared: int
    wrong: list[str]


def counts(counted: Counter[str]) -> str:
    """What was counted, by kind."""
    return ", ".join(f"{kind} {count}" for kind, count in sorted(counted.items()))
