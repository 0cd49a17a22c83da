"""The messages of the feed (预警信息流, rule 9) as events, with what a reminder of reports lists (rule 7.3).

Whoever is told gets this very document: the cursor API, webhooks, Kafka's `progress.feed`; chat and mail word it.
"""

from datetime import date, datetime
from typing import Literal

import msgspec


class RemindedCell(msgspec.Struct, frozen=True):
    """A cell that a reminder is about."""

    indicator: str
    district: str
    period: str


class RemindedUnit(msgspec.Struct, frozen=True):
    """A unit and how many cells it owes."""

    unit: str
    cells: int


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """What a reminder of reports lists (rule 7.3): of one unit its cells; for the office the units, the most owing
    first. `due_on` is the day at whose end they are, or were, due; of one asked for by hand the first of those days,
    and `asked_by` who asked."""

    due_on: date
    cells: tuple[RemindedCell, ...] = ()
    units: tuple[RemindedUnit, ...] = ()
    asked_by: str | msgspec.UnsetType = msgspec.UNSET


class FeedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """`progress.feed.v1`: one message of the feed (预警信息流, rule 9), the same for the API, webhooks and Kafka.

    Of a reminder (kind `reminder`, rule 7.3) `reason_code` is due_soon, overdue or by_hand, `labels.addressee` the unit
    it goes to, `labels.indicator` empty and `reminder` what it lists; no other message has this member.
    Of an objection to a light or a target (kind `objection`) `reason_code` is light or target, `period` which of them,
    `labels.objection` its id.
    """

    seq: int
    message_id: str
    msg_type: Literal["Alert", "Update", "Cancel"]
    references: tuple[str, ...]
    sent: datetime
    version: Literal["1"]
    rule: Literal["lag", "reporting", "forecast", "project"]
    kind: Literal["warning", "ticket", "reminder", "objection"]
    ticket_id: str | None
    notification_reason: str
    group_key: str
    fingerprint: str
    episode: int | None
    severity: Literal["yellow", "red"]
    ticket_level: int | None
    certainty: Literal["observed", "forecast"]
    starts_at: datetime
    ends_at: datetime | None
    labels: dict[str, str]
    annotations: dict[str, str]
    inputs: dict[str, str | None]
    reason_code: str | None
    period: str
    as_of: date
    data_cutoff: datetime
    links: dict[str, str]
    reminder: Reminder | msgspec.UnsetType = msgspec.UNSET

    @property
    def key(self) -> str:
        return self.message_id


TYPES: dict[str, type[msgspec.Struct]] = {"progress.feed.v1": FeedMessage}
