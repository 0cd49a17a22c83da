"""What the wall is drawn from and what it says: the shapes between the database, /wall.json and the page."""

from dataclasses import dataclass, field
from datetime import date, datetime

import msgspec

from contracts.events import Colour, Text
from contracts.feed_events import FeedMessage
from services.alerts.views import SeriesLight

USUAL_ROWS = 120


@dataclass(frozen=True, slots=True)
class Choice:
    """What a viewer asks to see."""

    rows: int | None = USUAL_ROWS
    district: str | None = None
    department: str | None = None


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """What the wall says of a series' open ticket."""

    indicator: str
    district: str
    rule: str
    state: str
    level: int
    suppressed: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the wall is drawn from, read in one go."""

    series: list[SeriesLight]
    tickets: list[OpenTicket]
    feed: list[FeedMessage]
    as_of: date | None  # the newest period end that any series has a light for
    through: datetime | None  # everything received before it is judged
    simulated: bool
    red_lines: list[FeedMessage] = field(default_factory=list)  # what was said of each open one (rule 12)


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many series show each colour."""

    red: int
    yellow: int
    grey: int
    green: int


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the side table: a district and its counts."""

    id: str
    name: Text
    counts: Counts
    ended: int


class TicketMark(msgspec.Struct, frozen=True, kw_only=True):
    """The open ticket of an item; one about its lights before one about a missing report."""

    rule: str
    suppressed: bool
    level: int
    level_text: Text
    state: str
    state_text: Text


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One series on the wall."""

    light: Colour
    light_text: Text
    stale: bool
    forecast: bool  # yellow because its green numbers will miss the target (rule 6.7)
    override: Colour | None  # the office's worse light beside the computed one (rule 6.6)
    ended: bool
    indicator: str
    name: Text
    district: str
    district_name: Text
    department: str
    department_name: Text
    period: str | None
    lag: str | None
    lag_text: Text
    value: str | None
    expected: str | None
    target: str | None
    unit: str
    unit_zh: str
    since: datetime | None
    ticket: TicketMark | None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One feed message in a line."""

    seq: int
    sent: datetime
    severity: str
    reason: str
    summary: Text


class WallDocument(msgspec.Struct, frozen=True, kw_only=True):
    """/wall.json. `version` changes when anything but the clock did."""

    version: str
    programme: str
    name: Text
    now: datetime
    driven: bool
    as_of: date | None
    through: datetime | None
    stale: bool
    simulated: bool
    counts: Counts  # of the series whose life is not over
    ended: int  # the others: history, listed last
    districts: list[Row]
    total: int
    items: list[Item]
    feed: list[Message]
    red_lines: list[Message] = []  # on top of all messages while they are open (rule 12)
