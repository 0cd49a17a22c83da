"""What the API and the wall show of lights, warnings and tickets: the shapes that `reading.py` fills from Postgres."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from contracts.events import Colour, Text


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One item of an answer."""


class SeriesLight(View, frozen=True, kw_only=True):
    """The light a series shows now (rule 6.1): that of its newest period with a value, marked stale or grey by 6.4.

    `forecast`: yellow because its green numbers will miss the target (6.7). `override` stands beside it (6.6).
    """

    programme: str
    indicator: str
    district: str
    department: str | None
    light: Colour
    period: str | None
    stale: bool
    forecast: bool
    override: Colour | None
    override_until: datetime | None
    red_lines: int  # open ones on its task: red above any schedule (rule 12)
    since: datetime | None
    lag: Decimal | None
    lag_text: Text
    value: str | None
    expected: str | None
    target: str | None


class CellLight(View, frozen=True, kw_only=True):
    """The lights of one cell: live, and of record from its due date on (rule 6.1)."""

    programme: str
    indicator: str
    district: str
    period: str
    period_end: date
    due_at: datetime | None
    lock_at: datetime | None
    live: Colour | None
    record: Colour | None
    fixed_at: datetime | None
    caught_up: bool
    forecast: bool
    override: Colour | None  # what it counts as for tickets where the office worsened it (rule 6.6)
    inhibited: str | None  # why its light opened no ticket (rule 8)
    excused: bool
    lag: Decimal | None
    version: int | None


class WarningView(View, frozen=True, kw_only=True):
    """A live light that got worse (rule 6.5)."""

    programme: str
    warning: str
    indicator: str
    district: str
    period: str
    colour: Colour
    state: str
    opened_at: datetime
    closed_at: datetime | None
    message_id: str | None


class OverrideView(View, frozen=True, kw_only=True):
    """One override of a light (rule 6.6); `ended_by` is empty where it expired."""

    override: str
    colour: Colour
    author: str
    reason: str
    at: datetime
    until: datetime
    period: str
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None


class ObjectionView(View, frozen=True, kw_only=True):
    """An objection (异议) to a light of record (`which` is its period) or a target (its year), and its answer."""

    objection: str
    programme: str
    indicator: str
    district: str
    about: str
    which: str
    unit: str
    author: str
    reason: str
    at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    answer_reason: str | None


class InhibitionView(View, frozen=True, kw_only=True):
    """A district that did not report at a due date, and the indicators whose lights opened no ticket (rule 8)."""

    district: str
    period: str
    due_at: datetime
    due: int
    overdue: int
    indicators: list[str]


class TicketView(View, frozen=True, kw_only=True):
    """One episode of a lagging item (督办单, rule 8)."""

    programme: str
    ticket: str
    rule: str
    indicator: str
    district: str
    department: str | None
    addressee: str
    episode: int
    state: str
    level: int
    level_text: Text
    severity: str
    run: int
    opened_at: datetime
    closed_at: datetime | None
    timer: str | None
    timer_at: datetime | None
    promised_on: date | None
    cause: str | None
    plan: str | None
    close_code: str | None
    suppressed: bool
    suppressed_until: datetime | None
    objected: bool
    next_step: Text


class PromisesOf(View, frozen=True, kw_only=True):
    """How many dates that a unit promised were kept, broken, are still to come, or void (promises.py)."""

    unit: str
    kept: int
    broken: int
    open: int
    void: int


class TicketEvent(View, frozen=True, kw_only=True):
    """One thing that happened to a ticket, as the table of rule 8 names it."""

    position: int
    at: datetime
    event: str
    actor: str | None
    from_state: str | None
    to_state: str | None
    level: int | None
    detail: dict[str, Any] | None


class TicketWithEvents(View, frozen=True, kw_only=True):
    """A ticket with everything that happened to it."""

    ticket: TicketView
    events: list[TicketEvent]
