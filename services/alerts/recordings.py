"""What is stored of each series, read for a trial (replaying.py): newest standings, lights of record, what was done."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec

from contracts.editions import Catalogue
from contracts.events import Standing
from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from contracts.topics import partition_of
from services.alerts.changes import Name
from services.alerts.overrides import Override
from services.alerts.replaying import Recorded
from services.alerts.tickets import Event

_ACTS = (
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
        standings, lights, overrides = [
            await _fetch(pool, question, programme, name, district) for question in (_STANDINGS, _LIGHTS, _OVERRIDES)
        ]
        acts = await _fetch(pool, _ACTED, programme, name, district, list(_ACTS))
        for one in sorted({row["district"] for row in lights}):
            yield Recorded(
                Name(programme, name, one),
                {row["period"]: _decode(row["document"]) for row in _of(standings, one)},
                {row["period"]: row["record"] for row in _of(lights, one)},
                [_act(row) for row in _of(acts, one)],
                through.astimezone(SHANGHAI),
                [_override(row) for row in _of(overrides, one)],
            )


def _of(rows: list[asyncpg.Record], district: str) -> list[asyncpg.Record]:
    return [row for row in rows if row["district"] == district]


async def _fetch(pool: Pool, question: str, *given: Any) -> list[asyncpg.Record]:
    with sorted_errors():
        return await pool.fetch(question, *given)


_decode = msgspec.json.Decoder(Standing).decode


def _act(row: asyncpg.Record) -> Event:
    """A recorded act as it was done."""
    detail = msgspec.json.decode(row["detail"] or "{}", type=dict[str, Any])
    done = {"kind": row["event"], "at": row["at"].astimezone(SHANGHAI), "actor": row["actor"]}
    return msgspec.convert(done | {name: detail[name] for name in _DETAILS if name in detail}, Event)


def _override(row: asyncpg.Record) -> Override:
    given = {name: value for name, value in row.items() if name != "district"}
    moments = {name: given[name].astimezone(SHANGHAI) for name in _MOMENTS if given[name] is not None}
    return Override(**{**given, **moments})


_OF = "programme = $1 AND indicator = $2 AND ($3::text IS NULL OR district = $3)"
_THROUGH = "SELECT partition, through FROM alerts.watermark"
_STANDINGS = f"SELECT district, period, document::text AS document FROM alerts.standing WHERE {_OF}"
_LIGHTS = f"SELECT district, period, record FROM alerts.light WHERE {_OF}"
_ACTED = f"""
SELECT district, e.event, e.at, e.actor, e.detail::text AS detail
FROM alerts.ticket_event e JOIN alerts.ticket k USING (ticket)
WHERE {_OF} AND k.rule <> 'reporting' AND e.actor IS NOT NULL AND e.event = ANY ($4) ORDER BY e.at, e.position
"""
_OVERRIDES = f"""
SELECT district, override::text AS id, colour, author, reason, at, until, period, ended_at, ended_by, end_reason
FROM alerts.override WHERE {_OF} ORDER BY at, override
"""
