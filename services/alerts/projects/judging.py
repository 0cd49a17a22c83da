"""The use case: standings of projects, red lines and watermarks in; lights, tickets and feed messages out (rule 12).

As `judging.py` does for the lights of indicators: each partition's moments are followed in their order, all that
follows is written in one transaction, and the same batch again changes nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from contracts.consumption import Consumption
from contracts.delivery import Received
from contracts.editions import Catalogue
from contracts.events import Watermark
from contracts.operations.clock import Clock
from contracts.operations.instruments import DeliveryInstruments
from contracts.operations.publishing import Producer
from contracts.periods import SHANGHAI
from contracts.programme import Lookup
from contracts.project_events import ProjectStanding, RedLineState
from contracts.topics import PROJECT_STANDING, partition_of
from services.alerts.feed import Links
from services.alerts.judging import settle
from services.alerts.loading import Loaded as LoadedSeries
from services.alerts.moments import Moment, Told, steps
from services.alerts.moves import Moves
from services.alerts.projects import feed, loading
from services.alerts.projects.loading import Loaded
from services.alerts.projects.store import ProjectTransaction, Store, Written
from services.alerts.projects.supervision import Message
from services.alerts.redlines import RedLine, followed
from services.alerts.settling import watermarks

GROUP = "alerts-projects"
State = ProjectStanding | RedLineState
Event = State | Watermark
Lines = dict[tuple[str, str, str, str, int], tuple[int, str, str]]  # version, state, the message that raised it

log = structlog.get_logger("judging projects")


@dataclass(frozen=True, slots=True)
class LineSaid:
    """A red line that was raised, or (`raised` names the message that said so) closed; when that is said."""

    line: RedLineState
    raised: str | None
    at: datetime


Said = list[tuple[Loaded, Message] | LineSaid]


class Judging:
    """Judges batches for one programme."""

    def __init__(self, store: Store, catalogue: Catalogue, clock: Clock, links: Links, moves: Moves) -> None:
        self._store, self._catalogue, self._clock, self._links, self._moves = store, catalogue, clock, links, moves
        self._judged_by = catalogue.editions  # when these become others, every project is looked at anew (rule 2.9)

    async def judge(self, batch: Sequence[Received[Event]]) -> None:
        """Everything that follows from these records, in one transaction; then whoever waits is told."""
        events = [received.event for received in batch]
        marks = _newest([event for event in events if isinstance(event, Watermark)])
        told = [event for event in events if not isinstance(event, Watermark)]
        for event in told:
            if event.programme != self._catalogue.programme:
                raise ValueError(f"{event.key} is not of {self._catalogue.programme}")
        editions = self._catalogue.editions
        if told or editions is not self._judged_by or not await self._store.idle(marks):
            async with self._store.transaction() as transaction:
                await self._settle(transaction, events, marks, anew=editions is not self._judged_by)
            self._judged_by = editions
        self._moves.moved()

    async def _settle(
        self, transaction: ProjectTransaction, events: Sequence[Event], marks: Sequence[Watermark], *, anew: bool
    ) -> None:
        every = await transaction.every() if anew else []
        told = [_told(event) for event in events if not isinstance(event, Watermark)]
        if self._clock.driven:
            await transaction.keep(told)
            events, told = [event for event in events if isinstance(event, Watermark)], []
        over = await transaction.over(marks)
        states = [each.event for each in (*told, *over)]
        touched = {state.project for state in states if isinstance(state, ProjectStanding)}
        loaded = await transaction.load(sorted({*touched, *every}), marks)
        known = dict(await transaction.red_lines([state for state in states if isinstance(state, RedLineState)]))
        said: Said = []
        written = Written()
        by_partition: dict[int, list[Loaded]] = {}
        for each in loaded.values():
            by_partition.setdefault(each.row["partition"], []).append(each)
        now = self._clock.now()
        for project in every:
            loaded[project].project.succeed(max(now, loaded[project].project.through))
            _collect(said, loaded[project])
        sent = now
        for step in steps([event if isinstance(event, Watermark) else _told(event) for event in events], over, now):
            if isinstance(step, Moment):
                sent = step.sent
                self._hear(step, loaded, known, said, written)
            else:
                through = step.through.astimezone(SHANGHAI)
                for each in _due(by_partition.get(step.partition, ()), through):
                    each.project.pass_time(through, max(now, through))
                    _collect(said, each)
        series = await self._touched(transaction, written, sent)
        await write(transaction, list(loaded.values()), said, written, marks, self._catalogue.lookup, self._links)
        if series:
            told_of = [(each, message) for each in series for message in each.series.messages]
            shared = transaction.shared
            await shared.write(await settle(shared, series, told_of, self._catalogue.lookup, self._links))
        log.info("judged projects", records=len(events), projects=len(loaded), messages=len(written.shared.feed))

    def _hear(
        self, moment: Moment[State], loaded: dict[str, Loaded], known: Lines, said: Said, written: Written
    ) -> None:
        """What became known at one moment."""
        for state in moment.events:
            if isinstance(state, RedLineState):
                _red_line(state, known, said, written, moment.sent)
                continue
            each = loaded[state.project]
            if moment.waited:
                each.project.pass_time(moment.at, max(moment.sent, moment.at))
            each.project.receive(state, max(moment.sent, each.project.through))
            _collect(said, each)

    async def _touched(self, transaction: ProjectTransaction, written: Written, sent: datetime) -> list[LoadedSeries]:
        """The series on whose tasks red lines were raised or closed now, moved; they are locked before any number of
        the feed is taken, as judging does. What is said of them tells of nothing after that moment."""
        lines: defaultdict[tuple[str, str], list[RedLine]] = defaultdict(list)
        for row in written.project_red_line:
            if row["kind"] == "indicator":
                line = RedLine(row["red_line"], row["episode"], row["raised_at"], row["closed_at"])
                lines[row["name"], row["district"]].append(line)
        found = await transaction.shared.load(sorted(lines), []) if lines else {}
        for key, each in found.items():
            each.series.through = min(each.series.through, sent)
            each.series.touch(followed(each.series.lines, lines[key]), sent)
        return list(found.values())


def _red_line(line: RedLineState, known: Lines, said: Said, written: Written, at: datetime) -> None:
    """Said once when it is raised and once when it is closed; a version that is known already is nothing."""
    key = line.kind, line.name, line.district, line.red_line, line.episode
    version, state, message = known.get(key, (0, "", ""))
    if line.version <= version:
        return
    raised = feed.raised_message(line)
    if not version:
        said.append(LineSaid(line, None, at))
    if line.state == "closed" and state != "closed":
        said.append(LineSaid(line, raised, at))
    known[key] = line.version, line.state, message or raised
    row = {name: getattr(line, name) for name in ("programme", "kind", "name", "district", "red_line", "episode")}
    row |= {"version": line.version, "state": line.state, "said": line.text, "raised_at": line.raised_at}
    row |= {"closed_at": line.closed_at, "message_id": raised, "document": line}
    written.project_red_line = [each for each in written.project_red_line if _key(each) != _key(row)] + [row]


async def write(
    transaction: ProjectTransaction,
    loaded: Sequence[Loaded],
    said: Said,
    written: Written,
    marks: Sequence[Watermark],
    lookup: Lookup,
    links: Links,
) -> None:
    """Number the messages, make the rows, write them."""
    seq = await transaction.numbers(len(said))
    standings = await transaction.standings([each.line.name for each in said if isinstance(each, LineSaid)])
    standings |= {each.id: each.project.standing for each in loaded if each.project.standing is not None}
    numbers: dict[int, int] = {}
    for number, each_said in enumerate(said, seq + 1):
        if isinstance(each_said, LineSaid):
            line, at = each_said.line, each_said.at
            built = feed.of_red_line(number, line, each_said.raised, at, lookup, standings.get(line.name), links)
        else:
            about, what = each_said
            built = feed.of_ticket(number, about, what, lookup, links)
            numbers[id(what)] = number
        written.shared.feed.append(loading.feed_row(built, lookup.programme.routing.groups_of(built)))
    for each in loaded:
        if each.project.standing is None:
            continue
        row, months = loading.project_row(each), list(loading.light_rows(each))
        written.project.append(row)
        written.project_light += months
        if each.project.told_at is not None:
            written.project_told.append(loading.told_row(each, row))
            written.project_month_told += loading.told_months(each, months)
        written.project_past += loading.past_rows(each)
        written.project_standing_past += loading.replaced_rows(each)
        written.project_light_change += [loading.change_row(each, change, numbers) for change in each.project.changes]
        written.shared.ticket += loading.ticket_rows(each)
        written.shared.ticket_event += loading.event_rows(each)
    written.project_watermark = watermarks(marks)
    await transaction.write(written)


def consume(bootstrap: str, judging: Judging, producer: Producer, instruments: DeliveryInstruments) -> Consumption:
    """The consumption that judges what metrics announces of projects; it starts with the process."""
    return Consumption(
        bootstrap, PROJECT_STANDING, GROUP, judging.judge, dead_letters=producer, instruments=instruments
    )


def _told(state: State) -> Told[State]:
    """A red line became known when it was raised or closed."""
    if isinstance(state, ProjectStanding):
        return Told(partition_of(state.programme, state.project), state.known_at, state)
    return Told(partition_of(state.programme, state.name), state.closed_at or state.raised_at, state)


def _key(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("kind", "name", "district", "red_line", "episode"))


def _collect(said: Said, each: Loaded) -> None:
    """The messages of a project that are not collected yet."""
    said += [(each, message) for message in each.project.messages[each.collected :]]
    each.collected = len(each.project.messages)


def _due(projects: Sequence[Loaded], through: datetime) -> list[Loaded]:
    """Those for which time does something, in the order of their moments; the others only hear of the time."""
    due = []
    for each in projects:
        moment = each.project.next_at
        if moment is not None and moment <= through:
            due.append((moment, each.id, each))
        else:
            each.project.through = max(each.project.through, through)
    return [entry[2] for entry in sorted(due, key=lambda entry: entry[:2])]


def _newest(marks: Sequence[Watermark]) -> list[Watermark]:
    """The furthest watermark of each partition."""
    newest: dict[int, Watermark] = {}
    for mark in marks:
        other = newest.get(mark.partition)
        if other is None or (mark.through, mark.position) > (other.through, other.position):
            newest[mark.partition] = mark
    return [newest[partition] for partition in sorted(newest)]
