"""The tickets of one series follow its verdicts, its forecasts and its missed reports (rule 8). Pure.

`record` moves the lag and the forecast tickets, `report` the reporting ticket, `move` any by one event.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from contracts.events import Colour
from services.alerts import forecasts, reporting
from services.alerts.changes import Message
from services.alerts.forecasts import Foresight
from services.alerts.series import SeriesState
from services.alerts.table import LAGGING, LIVING
from services.alerts.tickets import Event, Ticket, Transition
from services.alerts.verdicts import Decided, History, restatements, verdict

Told = tuple[Colour, Message | None, str | None]  # what had been said, the message that tells it, or why there is none


def record(
    series: SeriesState,
    before: list[Colour | None],
    names: dict[int, tuple[str, ...]],
    now: datetime,
    code: str | None = None,
    received: Sequence[int] = (),
) -> dict[int, Told]:
    """Move the lag and the forecast tickets; what is told of each changed cell."""
    verdicts = series.verdicts()
    changed = [i for i in range(len(verdicts)) if before[i] != verdicts[i]]
    newest = max((i for i, colour in enumerate(before) if colour is not None), default=-1)
    told: dict[int, Told] = {}
    past = [i for i in changed if i <= newest]
    if past:
        for decided in restatements(_history(series, verdicts, now), past, newest):
            told[decided.carrier] = _told(series, decided, names, code)
    _foresee(series, verdicts, [*past, *received], newest, now)
    for i in (i for i in changed if i > newest and verdicts[i] is not None):
        found = verdict(_history(series, verdicts, now), i)
        told[i] = ("green", None, "ended") if found is None else _told(series, found, names, code)
        _foresee(series, verdicts, [i], i, now)
    return told


def _foresee(
    series: SeriesState, verdicts: Sequence[Colour | None], changed: Sequence[int], through: int, now: datetime
) -> None:
    """Move the forecast tickets; `changed` are the cells whose verdict or whose forecast may be another one."""
    tickets = series.tickets.of("forecast")
    if through < 0 or not (tickets or any(j is not None and j.misses for j in series.judgements)):
        return
    misses, current = series.misses(verdicts), series.tickets.current("forecast")
    foresight = Foresight(_history(series, verdicts, now), misses, tickets, current)
    for decided in list(forecasts.decide(foresight, changed, through)):
        move(series, decided.ticket, decided.event, decided.carrier)


def report(series: SeriesState, now: datetime) -> None:
    """Move the reporting ticket: due dates that were missed, values that came, cells that were excused."""
    ticket = series.tickets.current("reporting")
    row = reporting.missed(series.cells, series.judgements, series.through)
    if row is not None and ticket.state not in LAGGING and series.stretch_over(row.last):
        return
    event = reporting.decide(ticket, row, series.cells, series.judgements, now)
    if event is not None:
        move(series, ticket, event, None if row is None else row.last)


def _told(series: SeriesState, decided: Decided, names: dict[int, tuple[str, ...]], code: str | None) -> Told:
    ticket = series.ticket
    last: Colour = ticket.severity if ticket.state in LAGGING else "green"
    if decided.event.kind == "inhibited":
        at = series.place(decided.event.period, decided.carrier)
        series.inhibited.setdefault(at, series.inhibitor(at) or "")
        return last, None, "inhibited"
    messages = _lag(series, decided, names.get(decided.carrier, ()))
    if decided.event.colour == "red" and series.lights.cells[decided.carrier].record in ("green", "yellow"):
        code = code or ("red_line" if decided.carrier not in series.worsened else None)
    for message in messages:
        message.code = message.code or code
    silent = "suppressed" if series.ticket.suppressed else "level_kept"
    return last, messages[-1] if messages else None, None if messages else silent


def _history(series: SeriesState, verdicts: Sequence[Colour | None], now: datetime) -> History:
    years = [
        cell.period.year if j is not None and j.quota else 0
        for cell, j in zip(series.cells, series.judgements, strict=True)
    ]
    tickets, current = series.tickets.of("lag"), series.tickets.current("lag")
    return History(series.cells, verdicts, years, tickets, current, series.ended, series.is_inhibited, now)


def _lag(series: SeriesState, decided: Decided, names: tuple[str, ...]) -> list[Message]:
    """Move the lag ticket. Where one would open, a living forecast ticket goes on as the lag ticket."""
    event, ticket = decided.event, decided.ticket
    foreseen = series.tickets.current("forecast")
    observed = event.kind == "light" and event.colour in ("yellow", "red") and ticket.state not in LAGGING
    if not observed or foreseen.state not in LIVING:
        return _said(series, series.tickets.move(ticket, event), event, decided.carrier, names)
    closed = series.tickets.close_relapsed(ticket, event) if ticket.state == "RECOVERED" else ()
    moved = series.tickets.move(foreseen, event)
    return _said(series, (*closed, *moved), event, decided.carrier, names)


def move(series: SeriesState, ticket: Ticket, event: Event, carrier: int | None = None) -> tuple[Transition, ...]:
    """An event for one ticket; each transition that says something is one message."""
    transitions = series.tickets.move(ticket, event)
    at = series.place(ticket.last_period) if carrier is None else carrier
    _said(series, transitions, event, at, ())
    return transitions


def _said(
    series: SeriesState, transitions: Iterable[Transition], event: Event, carrier: int, names: tuple[str, ...]
) -> list[Message]:
    messages = []
    for transition in transitions:
        if transition.says is not None:
            named = names if transition.says == "first" else ()
            cell, says = series.place(event.period, carrier), transition.says
            told = Message(says, cell, event.at, ticket=transition.after, code=transition.code, names=named)
            messages.append(series.say(told))
    return messages
