"""How often and when a person may be told something, as the operator's file says, by the platform's clock. Pure.

`wait` lets what happens together come together, `interval` is the least between two notifications of one grouping,
`repeat` says again what still stands; `quiet`, `working_days` and `digest` hold back whatever is not `urgent`.
"""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal, TypeAlias

import msgspec

from contracts.calendar import DAY, Calendar
from contracts.feed_events import FeedMessage
from contracts.periods import SHANGHAI, midnight
from contracts.routing import Level, addressee

Together = Literal["district", "addressee", "department", "period"]
Duration = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,6}[smhd]$")]
_Written = Annotated[str, msgspec.Meta(pattern="^([01]?[0-9]|2[0-3]):[0-5][0-9]$")]
_Minutes = Annotated[int, msgspec.Meta(ge=0, lt=1440)]  # what YAML makes of an unquoted 22:00
ClockTime: TypeAlias = _Written | _Minutes

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Quiet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours of each day in which nothing is sent; over midnight where `from` is the later."""

    start: ClockTime = msgspec.field(name="from")
    end: ClockTime = msgspec.field(name="to")


class Urgent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What passes quiet hours, days off and the digest: by default nothing."""

    levels: tuple[Level, ...] = ()
    severities: tuple[Literal["yellow", "red"], ...] = ()


class Pace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One receiver's pace."""

    wait: Duration = "1m"
    interval: Duration = "10m"
    repeat: Duration | None = None
    together: tuple[Together, ...] = ()  # by default one grouping: everything
    quiet: Quiet | None = None
    working_days: bool = False
    digest: ClockTime | None = None
    urgent: Urgent = Urgent()

    def __post_init__(self) -> None:
        if self.quiet is not None and at_clock(self.quiet.start) == at_clock(self.quiet.end):
            raise ValueError("quiet hours from and to the same time leave no hour or every hour")
        if self.digest is not None and self._is_quiet(at_clock(self.digest)):
            raise ValueError("the digest's time is in the quiet hours")

    def is_urgent(self, message: FeedMessage) -> bool:
        return message.ticket_level in self.urgent.levels or message.severity in self.urgent.severities

    def grouping(self, message: FeedMessage) -> str:
        """What is told together with it, e.g. `urgent` or `district=deqing`; ordinary without `together`: `all`."""
        parts = ["urgent"] if self.is_urgent(message) else []
        parts += [f"{name}={_label(message, name)}" for name in self.together]
        return ",".join(parts) or "all"

    def due(self, grouping: str, first: datetime, last: datetime | None, calendar: Calendar) -> datetime:
        """When a grouping is told whose first message was sent at `first`, the notification before it at `last`."""
        at = first + seconds(self.wait)
        if last is not None:
            at = max(at, last + seconds(self.interval))
        if grouping.split(",")[0] == "urgent":
            return at
        if self.digest is None:
            return self.allowed(at, calendar)
        at = first if last is None else max(first, last + timedelta(seconds=1))
        return self._digest_after(at, calendar)

    def again(self, last: datetime, calendar: Calendar) -> datetime | None:
        """When what still stands is said again; None: never."""
        return None if self.repeat is None else self.allowed(last + seconds(self.repeat), calendar)

    def allowed(self, moment: datetime, calendar: Calendar) -> datetime:
        """The first moment from `moment` on that is neither in quiet hours nor on a day off."""
        moment = moment.astimezone(SHANGHAI)
        while True:
            if self.working_days and not calendar.is_business_day(moment.date()):
                moment = midnight(moment.date() + DAY)
            elif self.quiet is not None and self._is_quiet(moment.time()):
                end = datetime.combine(moment.date(), at_clock(self.quiet.end), SHANGHAI)
                moment = end if end > moment else end + DAY
            else:
                return moment

    def _digest_after(self, moment: datetime, calendar: Calendar) -> datetime:
        assert self.digest is not None
        moment = moment.astimezone(SHANGHAI)
        at = datetime.combine(moment.date(), at_clock(self.digest), SHANGHAI)
        while at < moment or (self.working_days and not calendar.is_business_day(at.date())):
            at += DAY
        return at

    def _is_quiet(self, at: time) -> bool:
        if self.quiet is None:
            return False
        start, end = at_clock(self.quiet.start), at_clock(self.quiet.end)
        return start <= at < end if start < end else at >= start or at < end


def seconds(duration: str) -> timedelta:
    """`30s`, `10m`, `4h`, `1d`."""
    return timedelta(seconds=int(duration[:-1]) * _UNITS[duration[-1]])


def at_clock(said: str | int) -> time:
    """`07:30`, or the minutes that YAML makes of `22:00`."""
    hour, minute = divmod(said, 60) if isinstance(said, int) else map(int, said.split(":"))
    return time(hour, minute)


def _label(message: FeedMessage, name: Together) -> str:
    if name == "period":
        return message.period
    return addressee(message) if name == "addressee" else message.labels[name]
