"""Scores and places as gauges (rule 13), drawn by the replica that leads: of the newest month that is all due."""

import asyncio
import time
from collections.abc import Callable, Iterator
from fractions import Fraction

import structlog

from contracts.numbers import published
from contracts.operations.connections import Unavailable
from contracts.operations.leadership import Leadership
from services.alerts.scores.computing import Editions
from services.alerts.scores.edition import Edition

EVERY, OLDEST = 2.0, 20.0  # seconds

log = structlog.get_logger(__name__)


class ScoreGauges:
    """`rendered()` is what /metrics adds. An edition that nothing moved is not computed again."""

    def __init__(
        self,
        editions: Editions,
        programme: str,
        leadership: Leadership,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._editions, self._programme, self._leadership = editions, programme, leadership
        self._monotonic = monotonic
        self._bytes, self._drawn_at = b"", float("-inf")

    def rendered(self) -> bytes:
        """The gauges, or nothing while another replica leads or the last reading is too old."""
        fresh = self._monotonic() - self._drawn_at < OLDEST
        return self._bytes if fresh and self._leadership.held else b""

    async def run(self) -> None:
        """Draw while leading, until cancelled."""
        while True:
            if self._leadership.held:
                await self.draw()
            await asyncio.sleep(EVERY)

    async def draw(self) -> None:
        """Read and draw once; what cannot be read stays as it was and grows old."""
        try:
            self._bytes = gauges(self._programme, await self._editions.newest())
        except Unavailable as error:
            log.warning("scores not drawn", error=str(error))
            return
        self._drawn_at = self._monotonic()


def gauges(programme: str, edition: Edition) -> bytes:
    """Prometheus' text format; a unit without a score or place has no sample."""
    lines: list[str] = []
    families = (
        (
            "liangshai_district_score",
            "Score of a district in the newest month, 0 to 100 points (rule 10.2)",
            "district",
        ),
        (
            "liangshai_department_score",
            "Score of a department in the newest month, 0 to 100 points (10.3)",
            "department",
        ),
    )
    for name, meaning, label in families:
        rows = edition.districts if label == "district" else edition.departments
        told = ((row.unit, row.score.value) for row in rows)
        lines += _family(name, meaning, programme, label, told)
    lines += _family(
        "liangshai_district_place",
        "Place of a district among those ranked, 1 is first (rule 10.5)",
        programme,
        "district",
        ((row.unit, None if row.place is None else Fraction(row.place)) for row in edition.districts),
        places=0,
    )
    for label, rows in (("district", edition.districts), ("department", edition.departments)):
        lines += _family(
            f"liangshai_{label}_process_points",
            f"Points that lights of record took from a {label} this year, 0 to -10 (rule 10.4)",
            programme,
            label,
            ((row.unit, row.process) for row in rows),
        )
    return ("\n".join(lines) + "\n").encode()


def _family(
    name: str,
    meaning: str,
    programme: str,
    label: str,
    told: Iterator[tuple[str, Fraction | None]],
    places: int = 2,
) -> list[str]:
    return [
        f"# HELP {name} {meaning}",
        f"# TYPE {name} gauge",
        *(
            f'{name}{{programme="{programme}",{label}="{unit}"}} {published(value, places)}'
            for unit, value in told
            if value is not None
        ),
    ]
