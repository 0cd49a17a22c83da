"""The use case of the consumer: standings and watermarks in, lights, warnings, tickets and feed messages out.

What is guaranteed. Each partition is followed moment by moment (moments.py): what became known at one is folded
together with the time its partition had reached before it, a watermark passes time. Under a driven clock a moment is
judged when a watermark passes it: lights, tickets and messages are then a function of what was known at its end, in
whatever order and batches it came; between partitions only the feed's numbering depends on who came first. Under the
real clock what a batch brings is judged at once. Two exceptions read what is known besides, both for an alerts that was
away: a warning that came and went in what is judged together is not sent, nor one whose due date has passed on the
platform's clock (rule 6.5). `sent` is the platform's clock, under a driven one the moment, or the watermark's
`through` where time alone decides. The same batch again changes nothing: versions, watermarks.
Whether a district reports is counted over partitions: inhibition.py says how that stays one story, and safe. A light
that a red project may keep from opening a ticket waits for the judging of projects (projects/inhibiting.py).

1. keep what waits for its moment, take what has waited 2. load the touched series, follow 3. number the messages
4. write all 5. remind whom an occasion of rule 7.3 is over for 6. (the caller) ack.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec
import structlog

from contracts.catalogue_events import CatalogueApplied
from contracts.delivery import Received
from contracts.editions import Catalogue, Editions
from contracts.events import Standing, Watermark
from contracts.operations.clock import Clock
from contracts.periods import SHANGHAI
from contracts.programme import Lookup
from contracts.topics import partition_of
from services.alerts import rows, settling
from services.alerts.changes import Heard, Message
from services.alerts.feed import Links
from services.alerts.inhibiting import Inhibiting
from services.alerts.judgement import Judgement
from services.alerts.loading import Loaded
from services.alerts.moments import Moment, Told, steps
from services.alerts.moves import Moves
from services.alerts.reminders.deciding import Reminding
from services.alerts.settling import Settlement
from services.alerts.store import Key, Store, Transaction
from services.alerts.supervision import Series

log = structlog.get_logger("judging")
Said = list[tuple[Loaded, Message]]


class Judging:
    """Judges batches for one programme."""

    def __init__(self, store: Store, catalogue: Catalogue, clock: Clock, links: Links) -> None:
        self._store, self._catalogue, self._clock, self._links = store, catalogue, clock, links
        self.moves = Moves()
        self.inhibiting = Inhibiting(catalogue, clock)
        self._reminding = Reminding(catalogue, clock, links)

    async def judge(self, batch: Sequence[Received[Standing | Watermark | CatalogueApplied]]) -> None:
        """Everything that follows from these records, in one transaction as far as no version of the catalogue comes
        between; then whoever waits is told."""
        for part in _parted(batch):
            match part:
                case CatalogueApplied():
                    await self._succeed(part)
                case records:
                    await self._judge(records)
        self.moves.moved()

    async def _succeed(self, mark: CatalogueApplied) -> None:
        """A partition knows a version from here on: its series have other cells, due dates and ends (rule 2.9)."""
        if mark.programme != self._catalogue.programme:
            return
        async with self._store.transaction() as transaction:
            series = await transaction.take_over(mark)
            loaded = await transaction.load(series, []) if series else {}
            found = await settle(transaction, list(loaded.values()), [], self._catalogue.lookup, self._links)
            await transaction.write(found)
        self._reminding.changed()
        log.info("catalogue taken over", version=mark.version, partition=mark.partition, series=len(series))

    async def _judge(self, batch: Sequence[Received[Standing | Watermark]]) -> None:
        events = [received.event for received in batch]
        told = [_told(event) for event in events if isinstance(event, Standing)]
        marks = _newest([event for event in events if isinstance(event, Watermark)])
        passed = self._reminding.passed(marks)
        if not told and not passed and await self._store.idle(marks):
            return
        await self.inhibiting.wait(marks)
        async with self._store.transaction() as transaction:
            if self._clock.driven:
                await transaction.learn({each.partition for each in told})
                self._check(each.event for each in told)
                await transaction.keep(told)
                events, told = [event for event in events if isinstance(event, Watermark)], []
            over = await transaction.over(marks)
            standings = [each.event for each in (*told, *over)]
            loaded = await transaction.load(sorted({_key(standing) for standing in standings}), marks)
            held = await self._reminding.hold(transaction, marks) if passed else None
            self._check(each.event for each in told)
            silent = await self.inhibiting.prepare(transaction, loaded, standings, marks)
            said = self._follow(events, over, loaded)
            settlement = await settle(transaction, list(loaded.values()), said, self._catalogue.lookup, self._links)
            settlement.watermark = settling.watermarks(marks)
            settlement.inhibition = settling.inhibitions(self._catalogue.programme, silent)
            await transaction.write(settlement)
            if held is not None:
                await self._reminding.remind(transaction, held)
        if held is not None:
            self._reminding.reminded(held)
        log.info("judged", records=len(batch), series=len(loaded), messages=len(settlement.feed))

    def _check(self, standings: Iterable[Standing]) -> None:
        """Asked once the versions that their partitions know are read."""
        for standing in standings:
            known = self._known_to(standing).get(standing.indicator, standing.district, standing.period)
            if standing.programme != self._catalogue.programme or known is None:
                raise ValueError(f"{standing.key} is no cell of {self._catalogue.programme}")

    def _known_to(self, standing: Standing) -> Editions:
        """The versions of the catalogue that the partition of a standing knows."""
        return self._catalogue.at(partition_of(standing.programme, standing.indicator))

    def _follow(
        self, events: Sequence[Standing | Watermark], over: Sequence[Told[Standing]], loaded: dict[Key, Loaded]
    ) -> Said:
        """Move the series moment by moment; what they say, in the order in which it was decided."""
        said: Said = []
        by_partition: dict[int, list[Loaded]] = {}
        for each in loaded.values():
            by_partition.setdefault(each.row["partition"], []).append(each)
        now = self._clock.now()
        batch = [_told(event) if isinstance(event, Standing) else event for event in events]
        for step in steps(batch, over, now):
            if isinstance(step, Moment):
                self._hear(step, loaded, said)
            else:
                through = step.through.astimezone(SHANGHAI)
                for each in _due(by_partition.get(step.partition, ()), through):
                    each.series.pass_time(through, max(now, through))
                    _collect(said, each)
        return said

    def _hear(self, moment: Moment[Standing], loaded: dict[Key, Loaded], said: Said) -> None:
        """What became known at one moment, of each series together."""
        by_series: dict[Key, list[Standing]] = {}
        for standing in moment.events:
            by_series.setdefault(_key(standing), []).append(standing)
        for key, standings in by_series.items():
            each = loaded[key]
            if moment.waited:
                each.series.pass_time(moment.at, max(moment.sent, moment.at))
            self._receive(each.series, standings, max(moment.sent, each.series.through))
            _collect(said, each)

    def _receive(self, series: Series, standings: Sequence[Standing], now: datetime) -> None:
        heard: list[Heard] = []
        published = {s.period: s.published_at for s in standings if s.published_at is not msgspec.UNSET}
        if published:
            editions, key = self._known_to(standings[0]), _key(standings[0])
            series.cells = [seat.cell for seat in editions.held(*key, series.published | published)]
        for standing in standings:
            editions = self._known_to(standing)
            place = editions.place(standing.indicator, standing.district, standing.period)
            edition = editions.named(standing.catalogue_version) or editions.newest
            heard.append((place, standing, Judgement.of(standing, edition.lookup.programme.profile)))
        series.receive(heard, now)


async def settle(
    transaction: Transaction, loaded: Sequence[Loaded], said: Said, lookup: Lookup, links: Links
) -> Settlement:
    """Find the standings that are spoken of, number the messages, make the rows."""
    said = settling.drop_passing(loaded, said)
    wanted = {_cell(each.series, message.cell) for each, message in said if message.standing is None}
    for each in loaded:
        shown = each.series.lights.at
        if shown is not None and shown not in each.series.standings:
            wanted |= {_cell(each.series, shown)} if rows.retold(each) else set()
    stored = await transaction.documents(sorted(wanted))

    def standing(series: Series, cell: int) -> Standing | None:
        return stored.get(_cell(series, cell))

    seq = await transaction.numbers(len(said))
    return settling.settle(loaded, said, seq, standing, lookup, links)


def _parted(
    batch: Sequence[Received[Standing | Watermark | CatalogueApplied]],
) -> Iterator[CatalogueApplied | list[Received[Standing | Watermark]]]:
    """The batch in its order, cut where a version of the catalogue comes."""
    records: list[Received[Standing | Watermark]] = []
    for each in batch:
        if isinstance(each.event, CatalogueApplied):
            if records:
                yield records
            records = []
            yield each.event
        else:
            records.append(Received(each.event, each.record))
    if records:
        yield records


def _told(standing: Standing) -> Told[Standing]:
    return Told(partition_of(standing.programme, standing.indicator), standing.known_at, standing)


def _key(standing: Standing) -> Key:
    return standing.indicator, standing.district


def _cell(series: Series, cell: int) -> tuple[str, str, str]:
    return series.name.indicator, series.name.district, series.cells[cell].period.text


def _collect(said: Said, each: Loaded) -> None:
    """The messages of a series that are not collected yet."""
    said += [(each, message) for message in each.series.messages[each.collected :]]
    each.collected = len(each.series.messages)


def _due(series: Sequence[Loaded], through: datetime) -> list[Loaded]:
    """Those for which time does something, in the order of their moments; the others only hear of the time."""
    due = []
    for each in series:
        moment = each.series.next_at
        if moment is not None and moment <= through:
            due.append((moment, each.series.name.indicator, each.series.name.district, each))
        else:
            each.series.through = max(each.series.through, through)
    return [entry[3] for entry in sorted(due, key=lambda entry: entry[:3])]


def _newest(marks: Sequence[Watermark]) -> list[Watermark]:
    """The furthest watermark of each partition."""
    newest: dict[int, Watermark] = {}
    for mark in marks:
        other = newest.get(mark.partition)
        if other is None or (mark.through, mark.position) > (other.through, other.position):
            newest[mark.partition] = mark
    return [newest[partition] for partition in sorted(newest)]
