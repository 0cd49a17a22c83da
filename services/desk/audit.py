"""The audit trail: who did what from the pages. A line is written before an act is asked of a service, so that none
happens without a trace, and completed by what came of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from contracts.operations.clock import Clock
from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI

DONE = "done"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line; `at` is platform time, `happened_at` real."""

    position: int
    at: datetime
    happened_at: datetime
    subject: str | None
    name: str | None
    act: str
    target: str
    outcome: str
    detail: dict[str, Any]
    address: str


@dataclass(frozen=True, slots=True)
class Audit:
    """The table of the trail."""

    pool: Pool
    clock: Clock

    async def note(
        self, subject: str | None, act: str, target: str = "", outcome: str = "asked", address: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> int:  # fmt: skip
        """Write a line; its position."""
        with sorted_errors():
            position: int = await self.pool.fetchval(
                "INSERT INTO desk.audit (at, subject, act, target, outcome, address, detail)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING position",
                self.clock.now(), subject, act, target, outcome, address, json.dumps(detail or {}),
            )  # fmt: skip
        return position

    async def note_each(
        self, subject: str, act: str, targets: Sequence[str], address: str, detail: Mapping[str, Any]
    ) -> list[int]:
        """A line for each target of one act; their positions in the same order."""
        with sorted_errors():
            rows = await self.pool.fetch(
                _NOTE_EACH, self.clock.now(), subject, act, list(targets), address, json.dumps(detail)
            )
        return [row["position"] for row in rows]

    async def complete(self, position: int, outcome: str) -> None:
        """What came of it."""
        await self.complete_each({position: outcome})

    async def complete_each(self, outcomes: Mapping[int, str]) -> None:
        """What came of each."""
        with sorted_errors():
            await self.pool.execute(_COMPLETE, list(outcomes), list(outcomes.values()))

    async def lines(
        self, most: int, before: int | None = None, subject: str | None = None, act: str | None = None
    ) -> list[Line]:
        """The newest lines, or those before a position; of one person or of one kind of act."""
        with sorted_errors():
            rows = await self.pool.fetch(_LINES, most, before, subject, act)
        return [
            Line(
                **{
                    **row,
                    "detail": json.loads(row["detail"]),
                    "at": row["at"].astimezone(SHANGHAI),
                    "happened_at": row["happened_at"].astimezone(SHANGHAI),
                }
            )
            for row in rows
        ]

    async def acts(self) -> list[str]:
        """Every kind of act that is in the trail."""
        with sorted_errors():
            rows = await self.pool.fetch("SELECT DISTINCT act FROM desk.audit ORDER BY act")
        return [row["act"] for row in rows]


# In the order of the targets: positions are drawn as the rows are read.
_NOTE_EACH = """
    INSERT INTO desk.audit (at, subject, act, target, outcome, address, detail)
    SELECT $1, $2, $3, each.target, 'asked', $5, $6
    FROM unnest($4::text[]) WITH ORDINALITY AS each (target, number) ORDER BY each.number RETURNING position"""
_COMPLETE = """
    UPDATE desk.audit SET outcome = said.outcome FROM unnest($1::bigint[], $2::text[]) AS said (position, outcome)
    WHERE audit.position = said.position"""
_LINES = """
    SELECT a.position, a.at, a.happened_at, a.subject, p.name, a.act, a.target, a.outcome, a.detail, a.address
    FROM desk.audit a LEFT JOIN desk.person p USING (subject)
    WHERE ($2::bigint IS NULL OR a.position < $2) AND ($3::text IS NULL OR a.subject = $3)
      AND ($4::text IS NULL OR a.act = $4)
    ORDER BY a.position DESC LIMIT $1"""
