"""When a red project stands for an indicator's lag: it alone feeds it, so one ticket is enough (rule 12). Pure."""

from collections.abc import Iterable
from typing import Protocol


class Shown(Protocol):
    """What is asked of a project's light."""

    @property
    def district(self) -> str: ...

    @property
    def listed(self) -> bool: ...

    @property
    def light(self) -> str: ...

    @property
    def feeds(self) -> tuple[str, ...]: ...


def inhibits(projects: Iterable[Shown], indicator: str, district: str) -> bool:
    """Whether the one listed project that feeds the indicator in the district is red: its ticket is inhibited."""
    feeding = [each for each in projects if each.listed and each.district == district and indicator in each.feeds]
    return len(feeding) == 1 and feeding[0].light == "red"
