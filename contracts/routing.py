"""Who is told what (rule 9), as data of the catalogue: routes from a feed message's unit, level and kind to groups.

A group is a word that receivers name in the operator's file (`groups: [office]`); every unit is a group of its own.
All routes that fit a message count. Pure; alerts asks in the transaction that decides the message.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from contracts.events import Text
from contracts.feed_events import FeedMessage

ADDRESSEE, DEPARTMENT = "addressee", "department"  # in `to`: the unit that answers, the department that leads
CITY = "huzhou"

Rule = Literal["lag", "reporting", "forecast", "project"]
Level = Annotated[int, msgspec.Meta(ge=1, le=3)]


class RoutingGroup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group beside the units, e.g. the task-force office."""

    id: str
    name: Text


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One route. Each condition that is named must hold; a route that names levels takes tickets only."""

    to: tuple[str, ...]
    units: tuple[str, ...] = ()  # the unit that answers
    levels: tuple[Level, ...] = ()
    kinds: tuple[Literal["warning", "ticket", "reminder", "objection"], ...] = ()
    rules: tuple[Rule, ...] = ()
    severities: tuple[Literal["yellow", "red"], ...] = ()

    def fits(self, message: FeedMessage) -> bool:
        """Whether every condition holds."""
        asked: tuple[tuple[Sequence[object], object], ...] = (
            (self.units, addressee(message)),
            (self.levels, message.ticket_level),
            (self.kinds, message.kind),
            (self.rules, message.rule),
            (self.severities, message.severity),
        )
        return all(not wanted or found in wanted for wanted, found in asked)


class Routing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All routes. By default the office is told everything and each unit what it has to answer."""

    groups: tuple[RoutingGroup, ...] = (RoutingGroup(id="office", name=Text("专班办公室", "task-force office")),)
    routes: tuple[Route, ...] = (Route(to=("office",)), Route(to=(ADDRESSEE,)))

    def groups_of(self, message: FeedMessage) -> list[str]:
        """The groups that a message is for, in the order of their names."""
        named = {ADDRESSEE: addressee(message), DEPARTMENT: message.labels["department"]}
        found = {named.get(to, to) for route in self.routes if route.fits(message) for to in route.to}
        return sorted(found - {""})  # a reminder of a government's is of no department


def addressee(message: FeedMessage) -> str:
    """The unit that answers: as the message says it; else the district's government, of the city the department."""
    labels = message.labels
    return labels.get(ADDRESSEE) or (labels["department"] if labels["district"] == CITY else labels["district"])
