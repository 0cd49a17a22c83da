"""The list of tickets: what a person asks to see of it, and what of it ends soon. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from contracts.periods import SHANGHAI
from contracts.programme import Lookup
from services.desk import searching
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

    def asked(self, lookup: Lookup, unit: str | None, now: datetime) -> dict[str, str]:
        """What the API is asked for: one page of them; `unit`: the person's."""
        states = ",".join(LIVING) if self.state == "living" else "" if self.state == "all" else self.state
        said = {"state": states, "rule": self.rule, "level": self.level, "ticket_light": self.light}
        said |= {"district" if self.unit in lookup.districts else "department": self.unit}
        said |= {"addressee": unit or "" if self.mine else ""}
        said |= {"due_by": (now + SOON).isoformat() if self.due else ""}
        said |= {"objected": "true" if self.objected else ""}
        said |= {"limit": str(PAGE), "skip": str((self.page - 1) * PAGE)}
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
        unit=searching.unit(asked.get("unit", ""), lookup).unit,
        light=one("light", ("yellow", "red")),
        due=asked.get("due") == "1",
        mine=asked.get("mine") == "1",
        objected=asked.get("objected") == "1",
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


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
