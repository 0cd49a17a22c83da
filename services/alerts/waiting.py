"""The SQL of what waits for the end of its moment (moments.py): kept with the batch that brings it, taken by the one
whose watermark passes it. A crash in between loses nothing, and a record that is read again is there already.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from contracts.events import Watermark
from contracts.operations.database import Connection
from contracts.periods import SHANGHAI
from services.alerts.moments import E, Told

Kinds = Mapping[str, type[Any]]  # what one consumption brings, by the name it is kept under


async def keep(connection: Connection, watermarks: str, kinds: Kinds, told: Sequence[Told[E]]) -> None:
    """States of a moment that may not be over; one from before its partition's watermark counts as known there.

    `watermarks` is the table of how far the consumption's partitions are judged.
    """
    names = {kind: name for name, kind in kinds.items()}
    rows = [
        {
            "kind": names[type(each.event)],
            "partition": each.partition,
            "key": each.event.key,
            "version": each.event.version,
            "known_at": each.known_at,
            "document": each.event,
        }
        for each in told
    ]
    if rows:
        await connection.execute(_KEEP.format(watermarks=watermarks), msgspec.json.encode(rows).decode())


async def take(connection: Connection, kinds: Kinds, marks: Sequence[Watermark]) -> list[Told[Any]]:
    """What waited for these watermarks; it waits no more."""
    if not marks:
        return []
    passed = [{"partition": mark.partition, "through": mark.through} for mark in marks]
    rows = await connection.fetch(_TAKE, msgspec.json.encode(passed).decode(), list(kinds))
    return [
        Told(
            row["partition"],
            row["known_at"].astimezone(SHANGHAI),
            msgspec.json.decode(row["document"], type=kinds[row["kind"]]),
        )
        for row in rows
    ]


# Of marks, a relation with partition and through: whether anything waits for one of them.
WAITS = """
SELECT 1 FROM alerts.waiting w JOIN marks m ON w.partition = m.partition AND w.known_at < m.through
WHERE w.kind IN ({kinds})
"""
_KEEP = """
INSERT INTO alerts.waiting (kind, partition, key, version, known_at, document)
SELECT n.kind, n.partition, n.key, n.version, greatest(n.known_at, w.through), n.document
FROM json_populate_recordset(NULL::alerts.waiting, $1) n LEFT JOIN {watermarks} w USING (partition)
ON CONFLICT DO NOTHING
"""
_TAKE = """
DELETE FROM alerts.waiting w
USING (SELECT partition, through FROM json_populate_recordset(NULL::alerts.watermark, $1)) m
WHERE w.partition = m.partition AND w.known_at < m.through AND w.kind = ANY ($2)
RETURNING w.partition, w.kind, w.known_at, w.document::text AS document
"""
