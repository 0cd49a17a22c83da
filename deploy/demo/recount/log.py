"""What the driver's log says was said: reports and acts that intake accepted, and catalogues that were applied."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from contracts.cells import Cell, Cells
from contracts.numbers import convert
from contracts.programme import Indicator, Lookup
from deploy.demo.recount.plan import Plans

Key = tuple[str, str, str]  # indicator, district, period of the cell
Name = tuple[str, str]  # source, id

REPORTS, ACTS = "/v1/reports", "/v1/acts"
ALWAYS = datetime.min.replace(tzinfo=UTC)  # the first catalogue was always known


@dataclass(frozen=True, slots=True)
class Sent:
    """One accepted report of the log."""

    source: str
    id: str
    receipt: str
    key: Key
    revision: int
    value: Fraction | None
    reason: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Acted:
    """One accepted act on a cell or on a report."""

    source: str
    id: str
    kind: str
    key: Key
    report: Name | None
    until: date | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """A catalogue that was applied, and since when it is known."""

    since: datetime
    lookup: Lookup
    cells: Cells
    plans: Plans

    @classmethod
    def of(cls, lookup: Lookup, since: datetime = ALWAYS) -> "Version":
        return cls(since, lookup, Cells(lookup), Plans(lookup))


@dataclass(frozen=True, slots=True)
class Seat:
    """A cell and the catalogue that it is held to: the newest one known before it locked (rule 2.9)."""

    cell: Cell
    version: Version


@dataclass(slots=True)
class Seats:
    """Every cell of every series of any version."""

    versions: Sequence[Version]
    published: Mapping[Key, datetime] = field(default_factory=dict)  # when a publication first named a cell
    _found: dict[tuple[str, str], dict[str, Seat]] = field(default_factory=dict)

    @property
    def newest(self) -> Lookup:
        return self.versions[-1].lookup

    def series(self) -> Iterator[tuple[Indicator, str]]:
        """As the newest version defines them, with those that it no longer has."""
        named = {(i.id, d): i for version in self.versions for i, d in version.lookup.series}
        yield from ((indicator, district) for (_, district), indicator in named.items())

    def of(self, indicator: str, district: str) -> dict[str, Seat]:
        """A series' cells by period, in period order."""
        key = indicator, district
        if key not in self._found:
            seats: dict[str, Seat] = {}
            for version in self.versions:
                seats = self._followed(seats, version, key)
            self._found[key] = dict(sorted(seats.items(), key=lambda each: each[1].cell.period.end))
        return self._found[key]

    def at(self, key: Key) -> Seat:
        return self.of(*key[:2])[key[2]]

    def locks_at(self, cell: Cell) -> datetime:
        """Its first publication, or the calendar (rule 2.9)."""
        return min(cell.lock_at, self.published.get(_key(cell), cell.lock_at))

    def _followed(self, seats: Mapping[str, Seat], version: Version, series: tuple[str, str]) -> dict[str, Seat]:
        """What locked before a version became known stays as it was; the rest is that version's."""
        indicators = version.lookup.indicators
        known = series[0] in indicators and any((i.id, d) == series for i, d in version.lookup.series)
        cells = {cell.period.text: cell for cell in version.cells.of(*series)} if known else {}
        found = {period: Seat(cell, version) for period, cell in cells.items()}
        for period, seat in seats.items():
            if self.locks_at(seat.cell) <= version.since:
                found[period] = seat
            elif period not in cells:
                found[period] = Seat(replace(seat.cell, due_at=None, record_at=None, applicable=False), version)
        return found

    def resolve(self, indicator: str, district: str, text: str) -> Cell:
        """The cell that a report means: a year is its last period (rule 2.1)."""
        seats = self.of(indicator, district)
        if text in seats:
            return seats[text].cell
        return next(seat.cell for seat in reversed(seats.values()) if seat.cell.period.text.startswith(f"{text}-"))


@dataclass(slots=True)
class Said:
    """Everything of one log, each accepted item once a receipt."""

    reports: list[Sent] = field(default_factory=list)
    acts: list[Acted] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    seats: Seats = field(default_factory=lambda: Seats(()))


def read(lookup: Lookup, log: Path, later: Mapping[str, Lookup]) -> Said:
    """The log against the programme's first catalogue; `later` has those that it may say were applied, by version."""
    with log.open(encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    known = {line["applied"]: datetime.fromisoformat(line["since"]) for line in lines if "applied" in line}
    applied = [Version.of(later[version], since) for version, since in known.items()]
    said = Said(seats=Seats([Version.of(lookup), *applied]))
    seen: set[tuple[str, str, str]] = set()
    for line in lines:
        path = line.get("path", REPORTS)
        if "answer" not in line or path not in (REPORTS, ACTS):
            continue
        receipt, received_at = line["answer"]["receipt"], datetime.fromisoformat(line["answer"]["received_at"])
        for item in line["answer"]["items"]:
            if path == REPORTS:
                said.verdicts[item["status"]] += 1
            event = line["items"][item["index"]]
            name = receipt, event["source"], event["id"]
            if item["status"] != "accepted" or name in seen:
                continue
            seen.add(name)
            if path == REPORTS:
                said.reports.append(_sent(said.seats, event, receipt, received_at))
            else:
                said.acts.append(_acted(said.seats, event, received_at))
    said.seats = Seats(said.seats.versions, _published(said.acts))
    return said


def _published(acts: Sequence[Acted]) -> dict[Key, datetime]:
    """The first publication of each cell."""
    found: dict[Key, datetime] = {}
    for act in acts:
        if act.kind == "cell.published":
            found[act.key] = min(act.received_at, found.get(act.key, act.received_at))
    return found


def _sent(seats: Seats, event: Mapping[str, Any], receipt: str, received_at: datetime) -> Sent:
    data = event["data"]
    cell = seats.resolve(data["indicator"], data["district"], data["period"])
    unit = seats.newest.indicators[data["indicator"]].unit
    number = None if data["value"] is None else convert(Fraction(data["value"]), data["unit"], unit)
    return Sent(
        event["source"], event["id"], receipt, _key(cell), int(data.get("revision", 0)), number, data.get("reason"),
        received_at,
    )  # fmt: skip


def _acted(seats: Seats, event: Mapping[str, Any], received_at: datetime) -> Acted:
    data = event["data"]
    cell = seats.resolve(data["indicator"], data["district"], data["period"])
    report, until = data.get("report"), data.get("until")
    return Acted(
        event["source"], event["id"], data["act"], _key(cell),
        None if report is None else (report["source"], report["id"]),
        None if until is None else date.fromisoformat(until), received_at,
    )  # fmt: skip


def _key(cell: Cell) -> Key:
    return cell.indicator, cell.district, cell.period.text
