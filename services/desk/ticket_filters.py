"""The list of tickets: what a person asks to see of it, and in which order. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from contracts.periods import SHANGHAI
from contracts.programme import Lookup
from services.desk.ticket_forms import LIVING

Item = Mapping[str, Any]
RULES = ("lag", "forecast", "reporting", "project")
STATES = ("living", "OPEN", "ACKED", "ANSWERED", "RECOVERED", "CLOSED", "CANCELLED", "all")
SOON = timedelta(days=3)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty: everything. `state` is a state, `living` (the default) or `all`; `unit` a district or a department."""

    rule: str = ""
    state: str = "living"
    level: str = ""
    unit: str = ""
    light: str = ""
    due: bool = False  # what has to be done within three days, or is late
    mine: bool = False  # addressed to the person's unit
    objected: bool = False  # an objection waits for its answer
    page: int = 1

    @property
    def query(self) -> str:
        """As in an address, without what is the default and the page."""
        said = {"rule": self.rule, "level": self.level, "unit": self.unit, "light": self.light}
        said |= {"state": "" if self.state == "living" else self.state}
        said |= {"due": "1" if self.due else "", "mine": "1" if self.mine else ""}
        said |= {"objected": "1" if self.objected else ""}
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def states(self) -> tuple[str | None, ...]:
        """The states to ask for, one question each; None: whatever the state."""
        return LIVING if self.state == "living" else (None,) if self.state == "all" else (self.state,)

    def where(self, lookup: Lookup) -> dict[str, str]:
        """What the API itself can leave out."""
        said = {"rule": self.rule, "level": self.level}
        said |= {"district" if self.unit in lookup.districts else "department": self.unit}
        return {name: value for name, value in said.items() if value}


def read(asked: Mapping[str, str], lookup: Lookup) -> Filters:
    """The filters of an address; what it does not know it leaves out."""

    def one(name: str, known: Iterable[str], usual: str = "") -> str:
        value = asked.get(name, usual)
        return value if value in known else usual

    page = asked.get("page", "1")
    return Filters(
        rule=one("rule", RULES),
        state=one("state", STATES, "living"),
        level=one("level", ("1", "2", "3")),
        unit=one("unit", (*lookup.districts, *lookup.departments)),
        light=one("light", ("yellow", "red")),
        due=asked.get("due") == "1",
        mine=asked.get("mine") == "1",
        objected=asked.get("objected") == "1",
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


def kept(tickets: Iterable[Item], filters: Filters, unit: str | None, now: datetime) -> list[Item]:
    """Those wanted, the most pressing first: what lives, by level, then by what ends first; then the newest."""

    def wanted(ticket: Item) -> bool:
        return (
            (not filters.light or ticket["severity"] == filters.light)
            and (not filters.mine or ticket["addressee"] == unit)
            and (not filters.due or is_due(ticket, now))
            and (not filters.objected or ticket["objected"])
        )

    newest = sorted(filter(wanted, tickets), key=lambda ticket: str(ticket["opened_at"]), reverse=True)
    return sorted(newest, key=_pressing)


def is_due(ticket: Item, now: datetime) -> bool:
    """Whether something about it ends within three days or has ended: its timer, or what was promised."""
    end = deadline(ticket)
    return end is not None and end <= now + SOON


def is_late(ticket: Item, now: datetime) -> bool:
    """Whether it has ended."""
    end = deadline(ticket)
    return end is not None and end <= now


def deadline(ticket: Item) -> datetime | None:
    """Until when: the timer's end, or the end of the promised day."""
    if ticket["state"] not in LIVING or ticket["suppressed"]:
        return None
    if ticket["timer_at"]:
        return datetime.fromisoformat(ticket["timer_at"])
    if ticket["state"] == "ANSWERED" and ticket["promised_on"]:
        day = date.fromisoformat(ticket["promised_on"]) + timedelta(days=1)
        return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    return None


def _pressing(ticket: Item) -> tuple[bool, int, str]:
    if ticket["state"] not in LIVING:
        return True, 0, ""
    end = deadline(ticket)
    return False, -ticket["level"], end.isoformat() if end else "9999"
