"""The whole tale of the time-lapse from one seed: reports and acts, what is said of projects, and work points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.cells import Cells
from contracts.programme import Lookup
from deploy.demo import workpoints
from deploy.demo.project_story import ProjectStory
from deploy.demo.story import STATEMENTS, Push, Story, batches
from deploy.demo.workpoints import WorkPoints

HOURS = (11, 15, 18)  # when things are sent: each instant more costs the time-lapse a tenth of a second

Published = Mapping[tuple[str, str, str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Tale:
    """Everything that is told, in order, up to the end."""

    pushes: Sequence[Push]
    changes: Sequence[WorkPoints]


def tell(base: Lookup, seed: str, until: datetime, published: Published) -> Tale:
    """The tale up to `until`. The units' courses are those of the whole story: a later end only adds."""
    changes = workpoints.told(base, seed)
    last = changes[-1].lookup
    cells = Cells(last)
    story = Story(last, cells, seed, until, published, acting=True)
    story.tell_published()
    pushes = [
        *story.pushes(),
        *batches(ProjectStory(base.programme.id, seed, due_months(cells)).tell(), STATEMENTS, until),
    ]
    pushes = [replace(push, at=gathered(push.at)) for push in pushes]
    ordered = sorted(pushes, key=lambda push: (push.at, push.unit, push.path))
    told = [push for push in ordered if push.at <= until]
    return Tale(told, [change for change in changes if change.at <= until])


def gathered(at: datetime) -> datetime:
    """The next of the day's hours at which things are sent; what is sent in the night keeps its time."""
    hour = next((hour for hour in HOURS if at <= at.replace(hour=hour, minute=0)), None)
    return at if hour is None or at.hour < 6 else at.replace(hour=hour, minute=0)


def due_months(cells: Cells) -> dict[str, datetime]:
    """When what is said of each month is due: as the monthly cells are (rule 7.1)."""
    return {cell.period.text: cell.due_at for cell in cells if cell.period.months == 1 and cell.due_at is not None}
