"""Between the rows of Postgres and a `Project`: how it is loaded, and the rows that are written back. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from contracts.feed_events import FeedMessage
from contracts.periods import SHANGHAI
from contracts.project_events import ProjectStanding
from contracts.project_words import lag_text
from contracts.terms import Terms
from services.alerts import naming
from services.alerts.loading import BEGINNING, TICKET_COLUMNS
from services.alerts.loading import Row as Read
from services.alerts.projects.feeding import Shown
from services.alerts.projects.lights import Lights, MonthLight, month_at, unstarted
from services.alerts.projects.supervision import Change, Message, Project
from services.alerts.rows import Row
from services.alerts.tickets import Ticket, Transition

RULE = "project"
_STANDING = msgspec.json.Decoder(ProjectStanding)


@dataclass(slots=True, eq=False)
class Loaded:
    """A project with what is needed to write back only what changed."""

    programme: str
    id: str
    project: Project
    row: Read
    before: Lights
    version: int = 0  # of the standing it was loaded with
    past: Shown | None = None  # what it showed then
    standing: ProjectStanding | None = None  # with which it was loaded
    told: dict[int, list[str]] = field(default_factory=dict)  # by episode: its messages
    events: dict[int, int] = field(default_factory=dict)  # by episode: the number of its events
    collected: int = 0  # of the messages, those that have their place in the feed


def load(
    row: Read,
    lights: Sequence[Read],
    tickets: Sequence[Read],
    terms: Terms,
) -> Loaded:
    """One project from its rows."""
    cells = [term.cell for term in terms.months]
    by_period = {light["period"]: MonthLight(light["live"], light["record"]) for light in lights}
    months = tuple(by_period.get(cell.period.text, MonthLight()) for cell in cells)
    at = next((i for i, cell in enumerate(cells) if cell.period.text == row["light_period"]), None)
    shown = Lights(months, row["light"], at, row["stale"], row["marked"])
    fixed = [c.record_at for c, m in zip(cells, months, strict=True) if c.record_at and m.record is not None]
    project = Project(
        terms=terms.months,
        calendar=terms.calendar,
        through=max([_here(row["through"]) or BEGINNING, *fixed]),
        standing=None if row["document"] is None else _STANDING.decode(row["document"]),
        lights=shown,
        episodes=[_ticket(ticket) for ticket in tickets],
        past=[_past(row)] if row["document"] is not None else [],
    )
    version = 0 if project.standing is None else project.standing.version
    found = Loaded(row["programme"], row["project"], project, row, shown, version)
    found.past, found.standing = project.past[0] if project.past else None, project.standing
    for ticket in tickets:
        found.told[ticket["episode"]] = [str(message) for message in ticket["message_ids"]]
        found.events[ticket["episode"]] = ticket["events"]
    return found


def _ticket(row: Read) -> Ticket:
    """A ticket of a project goes by the table of the lag tickets: its rule is where it is kept."""
    fields = {name: _here(row[name]) for name in TICKET_COLUMNS}
    return Ticket(**({**fields, "rule": "lag"} if "rule" in fields else fields))


def ticket_id(each: Loaded, ticket: Ticket) -> str:
    return naming.ticket(RULE, each.programme, each.id, "", ticket.episode)


def project_row(each: Loaded) -> Row:
    """The project as it is shown now."""
    standing, lights = each.project.standing, each.project.lights
    assert standing is not None
    plan = standing.plan
    month = None if lights.at is None else month_at(standing, each.project.cells[lights.at])
    said = lag_text(standing, month)
    return {
        "programme": each.programme,
        "project": each.id,
        "version": standing.version,
        "name_zh": plan.name.zh,
        "name_en": plan.name.en,
        "district": plan.district,
        "department": plan.department,
        "addressee": plan.writer,
        "contact": plan.contact.name,
        "contact_role": plan.contact.role,
        "invented": plan.invented,
        "listed": any(stay.ended is None for stay in standing.stays),
        "feeds": plan.feeds,
        "light": lights.light,
        "marked": lights.marked,
        "light_period": None if lights.at is None else each.project.cells[lights.at].period.text,
        "stale": lights.stale,
        "since": each.project.since or each.row["since"],
        "lag_days": None if month is None or month.status is None else month.lag_days,
        "lag_text_zh": said.zh,
        "lag_text_en": said.en,
        "next_at": each.project.next_at,
        "document": standing,
    }


def told_row(each: Loaded, row: Row) -> Row:
    """The same as it became known, for whoever asks what was shown (rule 2.10)."""
    said = {name: value for name, value in row.items() if name not in ("document", "next_at")}
    return {"programme": each.programme, "project": each.id, "at": each.project.told_at, "document": said}


def told_months(each: Loaded, rows: Sequence[Row]) -> list[Row]:
    """Its months likewise."""
    key = {"programme": each.programme, "project": each.id, "at": each.project.told_at}
    return [key | {"period": row["period"], "document": row} for row in rows]


def past_rows(each: Loaded) -> list[Row]:
    """What it showed since it was loaded; of two words of one moment the last."""
    new = {past.since: past for past in each.project.past if past is not each.past}
    return [{"programme": each.programme, "project": each.id} | asdict(past) for past in new.values()]


def replaced_rows(each: Loaded) -> Iterator[Row]:
    """Versions that were followed and are not the newest any more, the one it was loaded with among them."""
    followed = each.project.versions
    if followed:
        loaded = () if each.standing is None else (each.standing,)
        for standing in (*loaded, *followed[:-1]):
            key = {"programme": each.programme, "project": each.id}
            yield key | {"version": standing.version, "document": standing}


def _past(row: Read) -> Shown:
    since = _here(row["since"]) or BEGINNING
    return Shown(since, row["district"], row["listed"], tuple(row["feeds"]), row["light"])


def light_rows(each: Loaded) -> Iterator[Row]:
    """The months whose lights changed, or that a new standing speaks of."""
    standing, before = each.project.standing, each.before.months
    assert standing is not None
    for i, (cell, light) in enumerate(zip(each.project.cells, each.project.lights.months, strict=True)):
        if light == before[i] and (standing.version == each.version or light == MonthLight()):
            continue
        month = month_at(standing, cell)
        yield {
            "programme": each.programme,
            "project": each.id,
            "period": cell.period.text,
            "period_end": cell.period.end,
            "due_at": cell.record_at,
            "lock_at": cell.lock_at,
            "live": light.live,
            "record": light.record,
            "lag_days": None if month is None or month.status is None else month.lag_days,
            "unstarted_months": unstarted(standing, cell),
            "version": standing.version,
        }


def change_row(each: Loaded, change: Change, numbers: Mapping[int, int]) -> Row:
    return {
        "programme": each.programme,
        "project": each.id,
        "period": each.project.cells[change.cell].period.text,
        "kind": change.kind,
        "before": change.before,
        "after": change.after,
        "worse": change.worse,
        "at": change.at,
        "seq": None if change.message is None else numbers[id(change.message)],
        "reason": change.reason,
    }


def ticket_rows(each: Loaded) -> Iterator[Row]:
    """Every episode that something happened to, with the messages it has sent."""
    happened = {transition.after.episode for transition in each.project.transitions}
    for ticket in (ticket for ticket in each.project.episodes if ticket.episode in happened):
        ids = each.told.setdefault(ticket.episode, [])
        yield _left(each, ticket) | {
            "ticket": ticket_id(each, ticket),
            "programme": each.programme,
            "indicator": each.id,
            "message_ids": ids,
            "last_message_id": ids[-1] if ids else None,
        }


def _left(each: Loaded, ticket: Ticket) -> Row:
    """A ticket as an event leaves it."""
    standing = each.project.standing
    assert standing is not None
    return {column: getattr(ticket, column) for column in TICKET_COLUMNS} | {
        "rule": RULE,
        "district": standing.plan.district,
        "department": standing.plan.department,
        "addressee": standing.plan.writer,
    }


def event_rows(each: Loaded) -> Iterator[Row]:
    """Everything that moved a ticket since it was loaded."""
    for transition in each.project.transitions:
        episode = transition.after.episode
        each.events[episode] = each.events.get(episode, 0) + 1
        yield _event(each, transition, each.events[episode])


def _event(each: Loaded, transition: Transition, position: int) -> Row:
    event = transition.event
    detail = {
        "colour": event.colour,
        "period": event.period or None,
        "says": transition.says,
        "code": transition.code,
        "reason": event.reason,
        "cause": event.cause,
        "plan": event.plan,
        "promised_on": event.promised_on,
        "approver": event.approver,
        "until": event.until,
        "about": event.about,
    }
    return {
        "ticket": ticket_id(each, transition.after),
        "position": position,
        "at": event.at,
        "event": transition.row,
        "actor": event.actor,
        "from_state": transition.before.state,
        "to_state": transition.after.state,
        "level": transition.after.level,
        "after": _left(each, transition.after),
        "detail": {name: value for name, value in detail.items() if value is not None},
    }


def feed_row(message: FeedMessage, groups: Sequence[str]) -> Row:
    """A message in alerts.feed; `indicator` holds what it is about, `groups` for whom it is (the routing)."""
    named = ("seq", "message_id", "sent", "rule", "kind", "notification_reason", "severity", "period")
    about = message.labels.get("project") or message.labels["indicator"]
    return {name: getattr(message, name) for name in named} | {
        "programme": message.labels["programme"],
        "indicator": about,
        "district": message.labels["district"],
        "ticket": message.ticket_id,
        "warning": None,
        "groups": groups,
        "document": message,
    }


def message_id(each: Loaded, message: Message) -> str:
    """The name of the next message of its ticket; it is noted as told."""
    told = each.told.setdefault(message.ticket.episode, [])
    told.append(naming.message(ticket_id(each, message.ticket), len(told) + 1))
    return told[-1]


def _here(value: Any) -> Any:
    """A moment in the programme's time zone, as messages say it; anything else as it is."""
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) else value
