"""What a caller may see and asks for, and how it is asked: the same of every list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import asyncpg

from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a caller gets. `series`: `indicator/district` pairs of its token (`*/district`: the projects there),
    None for all of them."""

    programme: str
    series: Sequence[str] | None = None
    indicator: str | None = None
    district: str | None = None
    department: str | None = None
    as_of: date | None = None
    known_at: datetime | None = None
    extra: dict[str, str] = field(default_factory=dict)
    leads: Mapping[str, str] = field(default_factory=dict)  # of each indicator, by the catalogue known then

    def led_by(self, department: str) -> list[str]:
        """The indicators that a department led then."""
        return [indicator for indicator, lead in self.leads.items() if lead == department]

    @property
    def one(self) -> tuple[Any, ...]:
        """The first parameters of what is asked of one series: $1 … $5."""
        return self.programme, self.indicator, self.district, self.as_of, self.known_at

    @property
    def common(self) -> tuple[Any, ...]:
        """The first parameters of every list: $1 … $5."""
        return self.programme, self.series, self.indicator, self.district, self.department


async def ask(pool: Pool, question: str, *given: Any) -> list[asyncpg.Record]:
    """The answer; `Unavailable` while Postgres is away (the API says 503)."""
    with sorted_errors():
        return await pool.fetch(question, *given)


def local(row: asyncpg.Record) -> dict[str, Any]:
    """A row with its moments in the programme's time zone."""
    return {k: v.astimezone(SHANGHAI) if isinstance(v, datetime) else v for k, v in row.items()}


# What the caller may see and asks for: $1 programme, $2 series of its token, $3 … $5 its filters.
VISIBLE = """
  x.programme = $1 AND ($2::text[] IS NULL OR x.indicator || '/' || x.district = ANY ($2))
  AND ($3::text IS NULL OR x.indicator = $3) AND ($4::text IS NULL OR x.district = $4)
"""
