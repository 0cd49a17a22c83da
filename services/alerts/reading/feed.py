"""The feed's messages behind a cursor or the newest of them, and how far everything is judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from contracts.operations.database import Pool
from services.alerts.reading.scope import Scope, ask

Marks = dict[int, tuple[datetime, int]]  # by partition: judged through, up to which position


@dataclass(frozen=True, slots=True)
class Judged:
    """How far reports and projects are judged, the next due date, ticket timer or reminder (until then time alone
    changes nothing), and the feed's newest number."""

    partitions: Marks
    projects: Marks
    next_at: datetime | None
    said: int

    def through(self, moment: datetime) -> bool:
        """Whether all partitions of both are judged up to that moment."""
        return all(
            marks and all(through >= moment for through, _ in marks.values())
            for marks in (self.partitions, self.projects)
        )


class FeedReading:
    """The questions, on one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def messages(
        self, programme: str, series: Sequence[str] | None, unit: str | None, after: int, limit: int
    ) -> tuple[list[msgspec.Raw], int]:
        """Messages after a seq, as they were written, in commit order; and the seq behind which to go on.

        Of reminders those to `unit`, or all of them where all series may be read.

        A page that is not full has looked at everything there was: the next one begins behind the feed's head.
        """
        if series is None:
            rows = await ask(self._pool, _FEED, after, limit)
        else:
            pairs = [each.split("/") for each in series]
            rows = await ask(
                self._pool, _FEED_OF, after, limit, programme, [p[0] for p in pairs], [p[1] for p in pairs], unit
            )
        found = [row for row in rows if row["seq"] is not None]
        cursor = found[-1]["seq"] if len(found) == limit else max(after, rows[0]["head"])
        return [msgspec.Raw(row["document"].encode()) for row in found], cursor

    async def newest(
        self, programme: str, series: Sequence[str] | None, unit: str | None, limit: int
    ) -> list[msgspec.Raw]:
        """The feed's newest messages, newest first, with the same bounds."""
        if series is None:
            rows = await ask(self._pool, _NEWEST, limit)
        else:
            pairs = [each.split("/") for each in series]
            rows = await ask(
                self._pool, _NEWEST_OF, 0, limit, programme, [p[0] for p in pairs], [p[1] for p in pairs], unit
            )
        return [msgspec.Raw(row["document"].encode()) for row in rows]

    async def latest(
        self, scope: Scope, unit: str | None, before: int | None, limit: int, since: datetime | None = None
    ) -> tuple[list[msgspec.Raw], int | None]:
        """The newest that are asked for, or those before a seq, newest first, none sent before `since`; and the seq to
        go on before, if any."""
        asked = [scope.extra.get(name) for name in ("message", "rule", "level", "colour")]
        rows = await ask(self._pool, _LATEST, *scope.common, unit, before, limit, *asked, since)
        cursor = rows[-1]["seq"] if len(rows) == limit else None
        return [msgspec.Raw(row["document"].encode()) for row in rows], cursor

    async def judged(self) -> Judged:
        """How far each partition has been judged, and what is next, in one look."""
        rows = await ask(self._pool, _JUDGED)
        marks: dict[str, Marks] = {"reports": {}, "projects": {}}
        for row in rows:
            if row["kind"] is not None:
                marks[row["kind"]][row["partition"]] = row["through"], row["position"]
        return Judged(marks["reports"], marks["projects"], rows[0]["next_at"], rows[0]["said"])


# The head is read in the same snapshot: numbers are given in commit order, so nothing below it is still to come.
_FEED_PAGE = """
SELECT h.seq AS head, f.seq, f.document::text AS document FROM alerts.feed_head h
LEFT JOIN ({page} ORDER BY seq LIMIT $2) f ON true ORDER BY f.seq
"""
_FEED = _FEED_PAGE.format(page="SELECT seq, document FROM alerts.feed WHERE seq > $1")
_OF = """
  SELECT said.* FROM unnest($4::text[], $5::text[]) AS t (indicator, district) CROSS JOIN LATERAL (
    SELECT seq, document FROM alerts.feed m
    WHERE m.programme = $3 AND m.indicator = t.indicator AND m.district = t.district AND m.seq > $1
    ORDER BY seq LIMIT $2) said
  UNION ALL (
    SELECT seq, document FROM alerts.feed m
    WHERE m.programme = $3 AND m.rule = 'project' AND m.seq > $1
      AND ('*', m.district) IN (SELECT * FROM unnest($4::text[], $5::text[]))
      AND (m.indicator, m.district) NOT IN (SELECT * FROM unnest($4::text[], $5::text[]))
    ORDER BY seq LIMIT $2)
  UNION ALL (
    SELECT seq, document FROM alerts.feed m
    WHERE m.kind = 'reminder' AND m.document -> 'labels' ->> 'addressee' = $6 AND m.programme = $3 AND m.seq > $1
    ORDER BY seq LIMIT $2)"""
_FEED_OF = _FEED_PAGE.format(page=_OF)
_NEWEST = "SELECT document::text AS document FROM alerts.feed ORDER BY seq DESC LIMIT $1"
_NEWEST_OF = (
    f"SELECT document::text AS document FROM ({_OF.replace('ORDER BY seq', 'ORDER BY seq DESC')}) m "
    "ORDER BY seq DESC LIMIT $2"
)
_LATEST = """
SELECT x.seq, x.document::text AS document FROM alerts.feed x
WHERE x.programme = $1 AND ($7::bigint IS NULL OR x.seq < $7)
  AND ($2::text[] IS NULL OR x.indicator || '/' || x.district = ANY ($2)
    OR x.rule = 'project' AND '*/' || x.district = ANY ($2)
    OR x.kind = 'reminder' AND x.document -> 'labels' ->> 'addressee' = $6)
  AND ($3::text IS NULL OR x.indicator = $3) AND ($4::text IS NULL OR x.district = $4)
  AND ($5::text IS NULL OR $5 IN (x.document -> 'labels' ->> 'department', x.document -> 'labels' ->> 'addressee'))
  AND ($9::text IS NULL OR x.kind = $9) AND ($10::text IS NULL OR x.rule = $10)
  AND ($11::text IS NULL OR x.document ->> 'ticket_level' = $11) AND ($12::text IS NULL OR x.severity = $12)
  AND ($13::timestamptz IS NULL OR x.sent >= $13)
ORDER BY x.seq DESC LIMIT $8
"""
_JUDGED = """
SELECT w.kind, w.partition, w.through, w.position, n.next_at, n.said FROM (
  SELECT least((SELECT min(next_at) FROM alerts.series), (SELECT min(next_at) FROM alerts.reminding),
    (SELECT min(next_at) FROM alerts.project)) AS next_at, (SELECT seq FROM alerts.feed_head) AS said) n
LEFT JOIN (
  SELECT 'reports' AS kind, partition, through, position FROM alerts.watermark
  UNION ALL SELECT 'projects', partition, through, position FROM alerts.project_watermark) w ON true
ORDER BY w.kind, w.partition
"""
