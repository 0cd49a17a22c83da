"""The gauges of projects' lights and red lines (rules 12 and 13), by the replica that leads, from Postgres."""

import time
from collections import Counter
from collections.abc import Callable

import structlog

from contracts.operations.connections import Unavailable
from contracts.operations.leadership import Leadership
from contracts.operations.pace import Pace
from contracts.projects import RED_LINES
from services.alerts.exposition import OLDEST, VALUES
from services.alerts.projects.reading import Present, Reading

log = structlog.get_logger(__name__)


class Exposition:
    """`rendered()` is what /metrics adds to the platform's own instruments."""

    def __init__(
        self, reading: Reading, leadership: Leadership, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._reading, self._leadership, self._monotonic = reading, leadership, monotonic
        self._bytes, self._drawn_at = b"", float("-inf")
        self.pace = Pace()

    def rendered(self) -> bytes:
        """The gauges, or nothing while another replica leads or the last reading is too old."""
        fresh = self._monotonic() - self._drawn_at < OLDEST
        return self._bytes if fresh and self._leadership.held else b""

    async def run(self) -> None:
        """Draw once a second and soon after something moved while leading, until cancelled."""
        while True:
            started, leading = self._monotonic(), self._leadership.held
            if leading:
                self.pace.drawing()
                try:
                    self._bytes = gauges(await self._reading.present())
                    self._drawn_at = self._monotonic()
                except Unavailable as error:
                    log.warning("gauges of projects not drawn", error=str(error))
            await self.pace.pause(self._monotonic() - started, leading=leading)


def gauges(present: Present) -> bytes:
    """Prometheus' text of the lights shown, their counts by district, and the open red lines."""
    counts = Counter((p, district, shown) for p, _, district, _, shown, _, listed in present.lights if listed)
    places = sorted({(programme, district) for programme, _, district, *_ in present.lights})
    lines = Counter((p, district, line) for p, _, _, district, line in present.red_lines)
    where = sorted({*places, *((p, district) for p, _, _, district, _ in present.red_lines)})
    parts = [
        *_family("liangshai_project_light", "The light a project shows: 0 grey, 1 green, 2 yellow, 3 red (rule 12)"),
        *(
            f'liangshai_project_light{{programme="{p}",project="{project}",district="{district}"}} {VALUES[shown]}'
            for p, project, district, _, shown, _, _ in present.lights
        ),
        *_family("liangshai_project_lights", "Projects on a list by the light they show"),
        *(
            f'liangshai_project_lights{{programme="{p}",district="{district}",colour="{colour}"}} '
            f"{counts[p, district, colour]}"
            for p, district in places
            for colour in VALUES
        ),
        *_family("liangshai_red_lines_open", "Red lines raised on projects and tasks and not closed"),
        *(
            f'liangshai_red_lines_open{{programme="{p}",district="{district}",red_line="{line}"}} '
            f"{lines[p, district, line]}"
            for p, district in where
            for line in RED_LINES
        ),
    ]
    return ("\n".join(parts) + "\n").encode()


def _family(name: str, meaning: str) -> tuple[str, str]:
    return f"# HELP {name} {meaning}", f"# TYPE {name} gauge"
