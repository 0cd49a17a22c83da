"""When a red project stands for an indicator's lag: it alone feeds it, so one ticket is enough (rule 12).

An indicator's light of record is held against what projects showed just before its due moment: what each showed is
kept with its moment (alerts.project_past), and such a light waits until every partition of projects is judged as far.
So the answer is the same whichever of the two consumptions came first, and for a value that comes late.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from contracts.cells import Cell
from contracts.editions import Catalogue
from contracts.events import Watermark
from contracts.periods import SHANGHAI
from contracts.topics import PARTITIONS, partition_of
from services.alerts.inhibiting import Reason
from services.alerts.projects.feeding import RED_PROJECT, Shown, inhibits
from services.alerts.projects.reading import Reading
from services.alerts.store import Key


class RedProjects:
    """Answers the judging of lights."""

    def __init__(self, reading: Reading, catalogue: Catalogue) -> None:
        self._reading, self._catalogue = reading, catalogue
        self._reached = datetime.min.replace(tzinfo=SHANGHAI)  # how far all projects are judged, as last asked

    async def ready(self, marks: Sequence[Watermark]) -> bool:
        """Whether projects are judged as far as the newest due moment of a fed series that these watermarks pass, and
        what was said of projects and red lines at the moments that are over now."""
        if marks and await self._reading.waits(max(mark.through for mark in marks)):
            return False
        moment = max((at for mark in marks for at in self._passed(mark)), default=None)
        if moment is None or moment <= self._reached:
            return True
        judged = await self._reading.judged()
        if len(judged) == PARTITIONS:
            self._reached = min(judged.values())
        return not judged or moment <= self._reached  # none: nothing has ever been said of projects

    async def reasons(self, keys: Sequence[Key]) -> Mapping[Key, Reason]:
        """Of the series that projects may feed: what keeps the light of a cell from opening a ticket."""
        indicators = self._catalogue.newest.lookup.indicators
        fed = [key for key in keys if key[0] in indicators and indicators[key[0]].fed_by]
        if not fed:
            return {}
        past = await self._reading.past(self._catalogue.programme, sorted({indicator for indicator, _ in fed}))
        return {key: _reason(past, key) for key in fed} if past else {}

    def _passed(self, mark: Watermark) -> Iterator[datetime]:
        """Of each fed series of its partition the due moments that a watermark has come to."""
        editions, programme = self._catalogue.at(mark.partition), self._catalogue.programme
        for each in editions.lookup.indicators.values():
            if each.fed_by and partition_of(programme, each.id) == mark.partition:
                for district in editions.districts(each.id):
                    due = (cell.record_at for cell in editions.of(each.id, district))
                    yield from (at for at in due if at is not None and at <= mark.through)


def _reason(past: Mapping[str, Sequence[Shown]], key: Key) -> Reason:
    def reason(cell: Cell) -> str | None:
        return RED_PROJECT if cell.record_at is not None and inhibits(past, *key, cell.record_at) else None

    return reason
