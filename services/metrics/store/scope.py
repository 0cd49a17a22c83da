"""Which part of a programme a list is about."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What may be seen and is asked for; None: any."""

    programme: str
    indicators: list[str] | None = None
    districts: list[str] | None = None
    department: str | None = None
    as_of: date
    known_at: datetime | None = None
