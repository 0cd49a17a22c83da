"""The tickets of one series, in their lanes, and the one way in which an event moves them (rule 8). Pure.

Lag and forecast tickets share a lane, numbered together, because a forecast ticket may go on as the lag ticket under
the same name; each of the two rules has its own current ticket. Reporting tickets are a lane of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from contracts.calendar import Calendar
from services.alerts.table import LAGGING, LIVING, Rule
from services.alerts.tickets import Event, Lane, Ticket, Transition, advance


@dataclass(slots=True, eq=False)
class Episodes:
    """Every ticket of a series, oldest first, and what happened to them since they were loaded."""

    calendar: Calendar
    lanes: dict[Lane, list[Ticket]] = field(default_factory=lambda: {"lag": [], "reporting": []})
    transitions: list[Transition] = field(default_factory=list)

    def __iter__(self) -> Iterator[Ticket]:
        return (ticket for lane in self.lanes.values() for ticket in lane)

    def add(self, ticket: Ticket) -> None:
        """One that was loaded; in the order of their numbers."""
        self.lanes[ticket.lane].append(ticket)

    def of(self, rule: Rule) -> list[Ticket]:
        lane = self.lanes["reporting" if rule == "reporting" else "lag"]
        return [ticket for ticket in lane if ticket.rule == rule]

    def current(self, rule: Rule) -> Ticket:
        """The open one, else the newest of the rule; without any a ticket in state NONE."""
        found = self.of(rule)
        open_ = [ticket for ticket in found if ticket.state in LAGGING]
        return open_[-1] if open_ else found[-1] if found else Ticket(rule=rule)

    def living(self) -> list[Ticket]:
        """Those that time can still do something to."""
        return [ticket for ticket in self if ticket.state in LIVING]

    def find(self, lane: Lane, episode: int) -> Ticket:
        return self.lanes[lane][episode - 1]

    def move(self, ticket: Ticket, event: Event) -> tuple[Transition, ...]:
        """What the event does to the ticket; NotApplicable when the table refuses it."""
        _, transitions = advance(ticket, event, self.calendar)
        return tuple(self._keep(transition) for transition in transitions)

    def close_relapsed(self, ticket: Ticket, event: Event) -> tuple[Transition, ...]:
        """Close what fell back before its review, where another ticket of the series goes on in its place."""
        _, transitions = advance(ticket, event, self.calendar)
        return tuple(self._keep(transition) for transition in transitions[:1])

    def _keep(self, transition: Transition) -> Transition:
        lane = self.lanes[transition.after.lane]
        if transition.before.state == "NONE":
            transition = replace(transition, after=replace(transition.after, episode=len(lane) + 1))
            lane.append(transition.after)
        else:
            lane[transition.after.episode - 1] = transition.after
        self.transitions.append(transition)
        return transition
