"""One question of demo-check and its answer."""

from dataclasses import dataclass


@dataclass(slots=True)
class Answer:
    """How much was compared, and what does not agree."""

    question: str
    compared: int
    wrong: list[str]
