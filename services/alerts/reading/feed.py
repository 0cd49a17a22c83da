"""The feed's messages behind a cursor or the newest of them, and how far everything is judged."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from contracts.operations.database import Pool
from services.alerts.reading.scope import ask


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

    async def watermarks(self) -> tuple[dict[int, tuple[datetime, int]], datetime | None]:
        """How far each partition has been judged, and the next due date, ticket timer or reminder: until then time
        alone changes nothing."""
        rows = await ask(self._pool, _WATERMARKS)
        found = {r["partition"]: (r["through"], r["position"]) for r in rows if r["partition"] is not None}
        return found, rows[0]["next_at"] if rows else None

    async def project_watermarks(self) -> tuple[dict[int, tuple[datetime, int]], datetime | None]:
        """The same of the projects' partitions."""
        rows = await ask(self._pool, _PROJECT_WATERMARKS)
        found = {r["partition"]: (r["through"], r["position"]) for r in rows if r["partition"] is not None}
        return found, rows[0]["next_at"] if rows else None


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
_WATERMARKS = """
SELECT w.partition, w.through, w.position, n.next_at FROM (
  SELECT least(min(next_at), (SELECT min(next_at) FROM alerts.reminding)) AS next_at FROM alerts.series) n
LEFT JOIN alerts.watermark w ON true ORDER BY w.partition
"""
_PROJECT_WATERMARKS = """
SELECT w.partition, w.through, w.position, n.next_at FROM (SELECT min(next_at) AS next_at FROM alerts.project) n
LEFT JOIN alerts.project_watermark w ON true ORDER BY w.partition
"""
