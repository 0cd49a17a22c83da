"""The domain's gauges (rule 13): written into bytes from Postgres by the replica that leads, once a second and when
told that something moved.

What a report moves, the newest cell of a series, is read each time; what takes a pass over all cells, completeness,
once a second at most, and less often the more cells there are. A scrape copies bytes. Without the lead, or without a
fresh reading for ten seconds, there is nothing to copy: a gap is honest, an old figure is not.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import structlog

from contracts.operations.connections import Unavailable
from contracts.operations.database import Pool
from contracts.operations.leadership import Leadership
from contracts.operations.pace import PERIOD, Pace
from services.metrics.instruments import ExpositionInstruments
from services.metrics.store.gauges import Present, Row, State, newest, present, state

OLDEST = 10.0  # seconds
ANYWAY = 30.0  # seconds after which all is read again, whatever the state says
DEAR = 40  # times as long as reading everything takes, it is not done again

log = structlog.get_logger(__name__)


class Exposition:
    """`rendered()` is what /metrics adds to the platform's own instruments."""

    def __init__(
        self,
        pool: Pool,
        leadership: Leadership,
        instruments: ExpositionInstruments,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool, self._leadership, self._instruments, self._monotonic = pool, leadership, instruments, monotonic
        self._bytes, self._read_at, self._drawn_at = b"", float("-inf"), float("-inf")
        self._took = 0.0  # seconds, the last reading of everything
        self._state: State | None = None  # at the last drawing
        self._read: State | None = None  # at the last reading of everything
        self._present: Present | None = None
        self._lasting = b""  # all that only a new state changes
        self.pace = Pace()

    def rendered(self) -> bytes:
        """The gauges, or nothing while another replica leads or the last reading is too old."""
        fresh = self._monotonic() - self._drawn_at < OLDEST
        return self._bytes if fresh and self._leadership.held else b""

    async def run(self) -> None:
        """Draw once a second and soon after something moved while leading, until cancelled."""
        while True:
            took, leading = 0.0, self._leadership.held
            self._instruments.leader.set(leading)
            if leading:
                self.pace.drawing()
                try:
                    took = await self.draw()
                except Unavailable as error:
                    log.warning("gauges not drawn", error=str(error))
            await self.pace.pause(took, leading=leading)

    async def draw(self) -> float:
        """Read what has changed and write it down; the seconds it took, without those of reading everything, which
        comes once a second at most whatever the pace."""
        now, everything = self._monotonic(), 0.0
        found = await state(self._pool)
        if self._present is None or self._due(found, now):
            self._present, self._read, self._read_at = await present(self._pool), found, now
            everything = self._took = self._monotonic() - now
            self._lasting = "".join(lasting(self._present)).encode()
        elif self._state is None or self._state.moved != found.moved:
            self._present = replace(self._present, series=await newest(self._pool))
            self._lasting = "".join(lasting(self._present)).encode()
        self._state, self._drawn_at = found, self._monotonic()
        self._bytes = self._lasting + "".join(ages(self._present.series, found.now.timestamp())).encode()
        self._instruments.refreshed.set_to_current_time()
        return self._drawn_at - now - everything

    def _due(self, found: State, now: float) -> bool:
        """Whether everything has to be read again, not the series alone."""
        waited = now - self._read_at
        changed = self._read is None or (self._read.moved, self._read.day) != (found.moved, found.day)
        return waited > ANYWAY or (changed and waited >= max(PERIOD, DEAR * self._took))


def lasting(found: Present) -> Iterator[str]:
    """Prometheus' text of everything but the ages: families one after the other."""
    yield from _of_series("value", "The newest reported value, in the indicator's unit", found.series, 3)
    yield from _of_series("expected", "What the plan expects at the same period's end, in the unit", found.series, 4)
    yield from _of_series("lag_ratio", "Schedule minus progress, as a share of the way to the target", found.series, 5)
    yield from _of_series("attained_ratio", "Attained share of what is expected (rule 10.1)", found.series, 6)
    for what, rows in (("district", found.districts), ("department", found.departments)):
        yield from _of_units(what, "completeness", "Received of due cells (rule 7.2)", rows, 2)
        yield from _of_units(what, "timeliness", "Received on time of due cells (rule 7.2)", rows, 3)
    labels = "programme", "indicator", "name_zh", "name_en", "area", "unit", "unit_zh", "department"
    yield from _info("indicator", labels, found.indicator_names)
    yield from _info("district", ("programme", "district", "name_zh", "name_en", "kind"), found.district_names)
    yield from _info("department", ("programme", "department", "name_zh", "name_en"), found.department_names)


def ages(series: Iterable[Row], now: float) -> Iterator[str]:
    """How old the newest value of each series is: time since its period's end."""
    name = "liangshai_indicator_data_age_seconds"
    yield _head(name, "Platform time since the end of the newest reported period")
    for programme, indicator, district, *_, end in series:
        age = max(0, int(now - end))
        yield f'{name}{{programme="{programme}",indicator="{indicator}",district="{district}"}} {age}\n'


def _of_series(what: str, meaning: str, series: Iterable[Row], column: int) -> Iterator[str]:
    name = f"liangshai_indicator_{what}"
    yield _head(name, meaning)
    for row in series:
        if row[column] is not None:
            yield f'{name}{{programme="{row[0]}",indicator="{row[1]}",district="{row[2]}"}} {row[column]}\n'


def _of_units(unit: str, what: str, meaning: str, rows: Iterable[Row], column: int) -> Iterator[str]:
    name = f"liangshai_{unit}_{what}_ratio"
    yield _head(name, meaning)
    for row in rows:
        yield f'{name}{{programme="{row[0]}",{unit}="{row[1]}"}} {row[column]}\n'


def _info(unit: str, labels: tuple[str, ...], rows: Iterable[Row]) -> Iterator[str]:
    name = f"liangshai_{unit}_info"
    yield _head(name, f"The words of each {unit}")
    for row in rows:
        said = ",".join(f'{label}="{_escaped(value)}"' for label, value in zip(labels, row, strict=True))
        yield f"{name}{{{said}}} 1\n"


def _head(name: str, meaning: str) -> str:
    return f"# HELP {name} {meaning}\n# TYPE {name} gauge\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
