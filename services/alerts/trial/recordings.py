"""What is stored of each series, read for a trial (replaying.py): every version of its standings, lights of record,
tickets, what was done, red lines; which districts did not report when, or, for other due dates, what was known when.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from contracts.editions import Catalogue
from contracts.events import Standing
from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from contracts.topics import partition_of
from services.alerts.changes import Name
from services.alerts.inhibition import Known, Place
from services.alerts.loading import BEGINNING
from services.alerts.overrides import Override
from services.alerts.redlines import RedLine
from services.alerts.tickets import Event
from services.alerts.trial.replaying import Episode, Recorded

ACTS = (
    "ack",
    "answer",
    "review_passed",
    "review_refused",
    "escalate",
    "suppress",
    "unsuppress",
)  # objections move nothing
_DETAILS = ("reason", "cause", "plan", "promised_on", "approver", "until")  # of an act, as its row keeps them
_MOMENTS = ("at", "until", "ended_at")


async def recordings(
    pool: Pool, catalogue: Catalogue, indicator: str | None, district: str | None
) -> AsyncIterator[Recorded]:
    """Series by series, those of one indicator or one district where these are named."""
    programme = catalogue.programme
    throughs = {row["partition"]: row["through"] for row in await _fetch(pool, _THROUGH)}
    names = [indicator] if indicator else [each.id for each in catalogue.lookup.programme.indicators]
    for name in names:
        through = throughs.get(partition_of(programme, name))
        if through is None:
            continue
        series, standings, lights, overrides, lines, tickets, replaced = [
            await _fetch(pool, question, programme, name, district) for question in _OF_SERIES
        ]
        acts = await _fetch(pool, _ACTED, programme, name, district, list(ACTS))
        urged, done = [[row for row in acts if (row["rule"] == "reporting") is of] for of in (True, False)]
        missing, lagging = [[row for row in tickets if (row["rule"] == "reporting") is of] for of in (True, False)]
        for one in sorted(row["district"] for row in series):
            yield Recorded(
                Name(programme, name, one),
                {row["period"]: _decode(row["document"]) for row in _of(standings, one)},
                {row["period"]: row["record"] for row in _of(lights, one)},
                [act(row) for row in _of(done, one)],
                through.astimezone(SHANGHAI),
                [_override(row) for row in _of(overrides, one)],
                [_line(row) for row in _of(lines, one)],
                [episode(row) for row in _of(lagging, one)],
                [_decode(row["document"]) for row in _of(replaced, one)],
                [act(row) for row in _of(urged, one)],
                [episode(row) for row in _of(missing, one)],
            )


async def silences(pool: Pool, programme: str) -> set[Place]:
    """The districts that did not report for a period, by the due dates in force: as it was decided."""
    rows = await _fetch(pool, _SILENCES, programme)
    return {(row["district"], row["period"], row["due_at"].astimezone(SHANGHAI)) for row in rows}


async def judged_through(pool: Pool) -> datetime:
    """How far all partitions have been judged that have been judged at all."""
    return min((row["through"].astimezone(SHANGHAI) for row in await _fetch(pool, _THROUGH)), default=BEGINNING)


async def knowns(pool: Pool, programme: str) -> list[Known]:
    """From when each cell had a report or an excuse, or had neither: every version that is kept, in their order."""
    return [
        Known(
            row["indicator"], row["district"], row["period"], _here(row["known_at"]),
            row["received"], row["excused"], _here(row["excused_until"]),
        )
        for row in await _fetch(pool, _KNOWN, programme)
    ]  # fmt: skip


def _here(moment: datetime | None) -> Any:
    return None if moment is None else moment.astimezone(SHANGHAI)


def _of(rows: list[asyncpg.Record], district: str) -> list[asyncpg.Record]:
    return [row for row in rows if row["district"] == district]


async def _fetch(pool: Pool, question: str, *given: Any) -> list[asyncpg.Record]:
    with sorted_errors():
        return await pool.fetch(question, *given)


_decode = msgspec.json.Decoder(Standing).decode


def act(row: asyncpg.Record) -> Event:
    """A recorded act as it was done."""
    detail = msgspec.json.decode(row["detail"] or "{}", type=dict[str, Any])
    done = {"kind": row["event"], "at": row["at"].astimezone(SHANGHAI), "actor": row["actor"]}
    return msgspec.convert(done | {name: detail[name] for name in _DETAILS if name in detail}, Event)


def episode(row: asyncpg.Record) -> Episode:
    """A stored ticket: how far up it went, and its last state."""
    return Episode(row["first_period"], row["level"], row["state"])


def _override(row: asyncpg.Record) -> Override:
    given = {name: value for name, value in row.items() if name != "district"}
    moments = {name: given[name].astimezone(SHANGHAI) for name in _MOMENTS if given[name] is not None}
    return Override(**{**given, **moments})


def _line(row: asyncpg.Record) -> RedLine:
    return RedLine(row["red_line"], row["episode"], _here(row["raised_at"]), _here(row["closed_at"]))


_OF = "programme = $1 AND indicator = $2 AND ($3::text IS NULL OR district = $3)"
_THROUGH = "SELECT partition, through FROM alerts.watermark"
_STANDINGS = f"SELECT district, period, document::text AS document FROM alerts.standing WHERE {_OF}"
_LIGHTS = f"SELECT district, period, record FROM alerts.light WHERE {_OF}"
_ACTED = f"""
SELECT district, k.rule, e.event, e.at, e.actor, e.detail::text AS detail
FROM alerts.ticket_event e JOIN alerts.ticket k USING (ticket)
WHERE {_OF} AND k.rule IN ('lag', 'forecast', 'reporting') AND e.actor IS NOT NULL AND e.event = ANY ($4)
ORDER BY e.at, e.position
"""
_OVERRIDES = f"""
SELECT district, override::text AS id, colour, author, reason, at, until, period, ended_at, ended_by, end_reason
FROM alerts.override WHERE {_OF} ORDER BY at, override
"""
_LINES = """
SELECT district, red_line, episode, raised_at, closed_at FROM alerts.project_red_line
WHERE programme = $1 AND kind = 'indicator' AND name = $2 AND ($3::text IS NULL OR district = $3)
ORDER BY raised_at, red_line
"""
_TICKETS = f"""
SELECT district, rule, first_period, level, state FROM alerts.ticket
WHERE {_OF} AND rule IN ('lag', 'forecast', 'reporting') ORDER BY episode
"""
_REPLACED = f"SELECT district, document::text AS document FROM alerts.standing_past WHERE {_OF}"
_SERIES = f"SELECT district FROM alerts.series WHERE {_OF}"
_OF_SERIES = (_SERIES, _STANDINGS, _LIGHTS, _OVERRIDES, _LINES, _TICKETS, _REPLACED)
_SILENCES = "SELECT district, period, due_at FROM alerts.inhibition WHERE programme = $1"
_KNOWN = """
SELECT p.indicator, p.district, p.period, p.known_at, p.received, p.excused,
  (s.document ->> 'excused_until')::timestamptz AS excused_until, p.version
FROM alerts.light_past p LEFT JOIN alerts.standing_past s USING (programme, indicator, district, period, version)
WHERE p.programme = $1 AND NOT EXISTS (
  SELECT FROM alerts.light l
  WHERE (l.programme, l.indicator, l.district, l.period, l.version)
    = (p.programme, p.indicator, p.district, p.period, p.version))
UNION ALL
SELECT indicator, district, period, known_at, received, excused, excused_until, version
FROM alerts.light WHERE programme = $1 AND version <> 0
ORDER BY version
"""
