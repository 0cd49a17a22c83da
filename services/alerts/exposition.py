"""The domain's gauges: lights, tickets and open warnings, drawn into bytes by the replica that leads, once a second and
when told that something moved.

The words of ids stand in metrics' _info series (rule 13). A scrape copies bytes; without a fresh reading for ten
seconds, or without the lead, there is nothing to copy: a gap is honest, an old figure is not.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable

import structlog

from contracts.operations.connections import Unavailable
from contracts.operations.database import sorted_errors
from contracts.operations.leadership import Leadership
from contracts.operations.pace import Pace
from services.alerts.instruments import Instruments
from services.alerts.lives import Key
from services.alerts.showing import Present, Showing

OLDEST = 10.0  # seconds
VALUES = {"grey": 0, "green": 1, "yellow": 2, "red": 3}

log = structlog.get_logger(__name__)


class Exposition:
    """`rendered()` is what /metrics adds to the platform's own instruments."""

    def __init__(
        self,
        showing: Showing,
        leadership: Leadership,
        instruments: Instruments,
        ended: Callable[[], frozenset[Key]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._showing, self._leadership, self._told = showing, leadership, instruments
        self._ended, self._monotonic = ended, monotonic
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
            self._told.leader.set(leading)
            if leading:
                self.pace.drawing()
                await self.draw()
            await self.pace.pause(self._monotonic() - started, leading=leading)

    async def draw(self) -> None:
        """Read and draw once; what cannot be read stays as it was and grows old."""
        try:
            with self._told.drawing.labels("gauges").time(), sorted_errors():
                self._bytes = gauges(await self._showing.present(), self._ended())
        except Unavailable as error:
            log.warning("gauges not drawn", error=str(error))
            return
        self._drawn_at = self._monotonic()
        self._told.refreshed.set_to_current_time()


def gauges(present: Present, ended: frozenset[Key] = frozenset()) -> bytes:
    """Prometheus' text format of what there is now; `ended` series keep their light and are counted apart."""
    counts = Counter[tuple[str, str, str]]((p, d, light) for p, i, d, light in present.lights if (i, d) not in ended)
    over = Counter((p, d) for p, i, d, _ in present.lights if (i, d) in ended)
    places = sorted({(programme, district) for programme, _, district, _ in present.lights})
    warned = {(programme, district): number for programme, district, number in present.warnings}
    paused = {(programme, district): number for programme, district, number in present.suppressed}
    by_hand = Counter((programme, district) for programme, _, district, _ in present.overrides)
    parts = [
        *_family(
            "liangshai_light",
            "The light a series shows, of an ended one its last: 0 grey, 1 green, 2 yellow, 3 red (rule 6.1)",
        ),
        *(
            f'liangshai_light{{programme="{p}",indicator="{i}",district="{d}"}} {VALUES[light]}'
            for p, i, d, light in present.lights
        ),
        *_family("liangshai_lights", "Series in life by the light they show"),
        *(
            f'liangshai_lights{{programme="{p}",district="{d}",colour="{colour}"}} {counts[p, d, colour]}'
            for p, d in places
            for colour in VALUES
        ),
        *_family("liangshai_series_ended", "Series whose life is over (rule 4.11)"),
        *(f'liangshai_series_ended{{programme="{p}",district="{d}"}} {over[p, d]}' for p, d in places),
        *_family("liangshai_tickets", "Tickets by rule, state and level (rule 8)"),
        *(
            f'liangshai_tickets{{programme="{p}",district="{d}",rule="{r}",state="{state}",level="{level}"}} {number}'
            for p, d, r, state, level, number in present.tickets
        ),
        *_family("liangshai_tickets_suppressed", "Tickets whose timers stand still for a while (rule 8)"),
        *(f'liangshai_tickets_suppressed{{programme="{p}",district="{d}"}} {paused.get((p, d), 0)}' for p, d in places),
        *_family("liangshai_light_override", "The office's worse light beside the computed one: 2 yellow, 3 red (6.6)"),
        *(
            f'liangshai_light_override{{programme="{p}",indicator="{i}",district="{d}"}} {VALUES[light]}'
            for p, i, d, light in present.overrides
        ),
        *_family("liangshai_overrides", "Lights that the office has overridden (rule 6.6)"),
        *(f'liangshai_overrides{{programme="{p}",district="{d}"}} {by_hand[p, d]}' for p, d in places),
        *_family("liangshai_light_forecast", "1: the light is yellow by forecast, its numbers are green (rule 6.7)"),
        *(
            f'liangshai_light_forecast{{programme="{p}",indicator="{i}",district="{d}"}} 1'
            for p, i, d in present.forecasts
        ),
        *_family("liangshai_warnings_open", "Early warnings that stand (rule 6.5)"),
        *(f'liangshai_warnings_open{{programme="{p}",district="{d}"}} {warned.get((p, d), 0)}' for p, d in places),
    ]
    return ("\n".join(parts) + "\n").encode()


def _family(name: str, meaning: str) -> Iterable[str]:
    return f"# HELP {name} {meaning}", f"# TYPE {name} gauge"
