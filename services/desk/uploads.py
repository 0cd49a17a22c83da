"""The files that clerks brought, with intake's answers: kept so that what was checked is what is sent."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI

KEPT = timedelta(days=30)
SHOWN = 20  # of a person's files in the list


@dataclass(frozen=True, slots=True)
class Upload:
    """One file. `checked` is the answer to the dry run, `answer` to the sending: None before it."""

    upload: str
    unit: str
    name: str
    media: str
    content: bytes
    checked: Mapping[str, Any]
    answer: Mapping[str, Any] | None
    brought_at: datetime
    sent_at: datetime | None

    @property
    def said(self) -> Mapping[str, Any]:
        """The answer that holds by now."""
        return self.checked if self.answer is None else self.answer


@dataclass(frozen=True, slots=True)
class Uploads:
    """The table; a person finds only what the same person brought."""

    pool: Pool

    async def keep(
        self, subject: str, unit: str, name: str, media: str, content: bytes, checked: Mapping[str, Any], at: datetime
    ) -> str:
        """A new one's id; what is older than thirty days goes."""
        upload = secrets.token_urlsafe(12)
        with sorted_errors():
            await self.pool.execute("DELETE FROM desk.upload WHERE kept_since < now() - $1::interval", KEPT)
            await self.pool.execute(_KEEP, upload, subject, unit, name, media, content, json.dumps(checked), at)
        return upload

    async def find(self, subject: str, upload: str) -> Upload | None:
        """One of the person's own."""
        with sorted_errors():
            row = await self.pool.fetchrow(_FIND, subject, upload)
        if row is None:
            return None
        found = dict(row)
        found["checked"] = json.loads(found["checked"])
        found["answer"] = json.loads(found["answer"]) if found["answer"] is not None else None
        return Upload(**{name: _local(value) for name, value in found.items()})

    async def sent(self, upload: str, answer: Mapping[str, Any], at: datetime) -> None:
        """Intake's answer to the sending; the first one stays."""
        with sorted_errors():
            await self.pool.execute(_SENT, upload, json.dumps(answer), at)

    async def newest(self, subject: str) -> list[dict[str, Any]]:
        """The person's files, the newest first, with their counts."""
        with sorted_errors():
            rows = await self.pool.fetch(_NEWEST, subject, SHOWN)
        return [{name: _local(value) for name, value in row.items()} | _counted(row["counts"]) for row in rows]


def _counted(counts: str) -> dict[str, Any]:
    return {"counts": json.loads(counts)}


def _local(value: Any) -> Any:
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) else value


_KEEP = """
    INSERT INTO desk.upload (upload, subject, unit, name, media, content, checked, brought_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""
_FIND = """
    SELECT upload, unit, name, media, content, checked, answer, brought_at, sent_at
    FROM desk.upload WHERE subject = $1 AND upload = $2"""
_SENT = "UPDATE desk.upload SET answer = $2, sent_at = $3 WHERE upload = $1 AND answer IS NULL"
_NEWEST = """
    SELECT upload, unit, name, brought_at, sent_at, coalesce(answer, checked) -> 'counts' AS counts
    FROM desk.upload WHERE subject = $1 ORDER BY kept_since DESC LIMIT $2"""
