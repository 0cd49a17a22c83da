"""Files beside answers to tickets: what may be kept (kind by name and content, size), and the table of them.

A file is kept before its answer is asked for, and confirmed when the ticket's history names its sha256: a crash in
between leaves one that is not shown, and that is dropped once no answer can name it any more.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI

MOST = 5 * 1024 * 1024  # bytes of a file
MOST_FILES, MOST_TOGETHER = 5, 15 * 1024 * 1024  # of one answer
LONGEST = 120  # characters of a name
SETTLED_AT_ONCE = 5  # other tickets whose files are looked after when an answer brings some
# What may be attached: the name's ending, how such a file begins, and what it is called when it is given back.
KINDS: dict[str, tuple[bytes, str]] = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".png": (b"\x89PNG\r\n", "image/png"),
    ".jpg": (b"\xff\xd8\xff", "image/jpeg"),
    ".jpeg": (b"\xff\xd8\xff", "image/jpeg"),
    ".docx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".xlsx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class Unkept(ValueError):
    """A file that is not taken; `why` is a text's key: `file_too_large`, `file_kind`, `file_count`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that may be kept."""

    name: str
    kind: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is kept, without its content."""

    attachment: int
    name: str
    kind: str
    sha256: str
    size: int
    at: datetime


def draft(name: str, content: bytes) -> Draft:
    """The file, if it is one of KINDS by its name and its first bytes and not too large; Unkept otherwise."""
    path = PurePath(name.replace("\\", "/"))
    begins, kind = KINDS.get(path.suffix.lower(), (b"", ""))
    if len(content) > MOST:
        raise Unkept("file_too_large")
    if not begins or not content.startswith(begins):
        raise Unkept("file_kind")
    kept = "".join(each for each in path.stem if each.isprintable())
    return Draft(kept[: LONGEST - len(path.suffix)] + path.suffix.lower(), kind, content)


def drafts(files: Sequence[tuple[str, bytes]]) -> list[Draft]:
    """The files of one answer, by name and content; Unkept where one is refused, or all of them together."""
    if len(files) > MOST_FILES:
        raise Unkept("file_count")
    if sum(len(content) for _, content in files) > MOST_TOGETHER:
        raise Unkept("file_too_large")
    return [draft(name, content) for name, content in files]


def named_in(events: Iterable[Mapping[str, Any]]) -> set[str]:
    """The digests of the files that a ticket's answers name."""
    plans = [str((each["detail"] or {}).get("plan") or "") for each in events]
    return {digest for plan in plans for digest in re.findall(r"sha256 ([0-9a-f]{64})", plan)}


@dataclass(frozen=True, slots=True)
class Attachments:
    """The table of them."""

    pool: Pool

    async def settle(self, ticket: str, named: Collection[str]) -> None:
        """Confirm what the ticket's answers name, once each; drop what was kept an hour ago (real time) and is not."""
        with sorted_errors():
            async with self.pool.acquire() as connection, connection.transaction():
                await connection.execute(_CONFIRM, ticket, sorted(named))
                await connection.execute(_DROP, ticket)

    async def unsettled(self) -> list[str]:
        """Some tickets with files that were kept an hour ago and are not confirmed: their history has to be asked."""
        with sorted_errors():
            rows = await self.pool.fetch(_UNSETTLED, SETTLED_AT_ONCE)
        return [row["ticket"] for row in rows]

    async def keep(self, ticket: str, subject: str, files: Sequence[Draft], at: datetime) -> list[int]:
        """Store the files of an answer, all or none; their numbers."""
        rows = [(ticket, subject, file.name, file.kind, file.sha256, file.content, at) for file in files]
        with sorted_errors():
            async with self.pool.acquire() as connection, connection.transaction():
                return [await connection.fetchval(_KEEP, *row) for row in rows]

    async def drop(self, attachments: Sequence[int]) -> None:
        """Take them back: their answer was refused."""
        with sorted_errors():
            await self.pool.execute("DELETE FROM desk.attachment WHERE attachment = ANY ($1)", attachments)

    async def of(self, ticket: str) -> list[Attachment]:
        """A ticket's confirmed files, oldest first."""
        with sorted_errors():
            rows = await self.pool.fetch(
                "SELECT attachment, name, kind, sha256, length(content) AS size, at FROM desk.attachment"
                " WHERE ticket = $1 AND confirmed ORDER BY attachment",
                ticket,
            )
        return [Attachment(**{**row, "at": row["at"].astimezone(SHANGHAI)}) for row in rows]

    async def content(self, ticket: str, attachment: int) -> Draft | None:
        """One of a ticket's confirmed files, whole."""
        with sorted_errors():
            row = await self.pool.fetchrow(
                "SELECT name, kind, content FROM desk.attachment"
                " WHERE ticket = $1 AND attachment = $2 AND confirmed",
                ticket, attachment,
            )  # fmt: skip
        return None if row is None else Draft(**row)


_KEEP = """
INSERT INTO desk.attachment (ticket, subject, name, kind, sha256, content, at)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING attachment
"""
# Of a file that was sent again after a crash the newer row is the answer's; one digest is confirmed once a ticket.
_CONFIRM = """
UPDATE desk.attachment SET confirmed = true WHERE attachment IN (
  SELECT max(attachment) FROM desk.attachment WHERE ticket = $1 AND sha256 = ANY ($2::text[])
  GROUP BY sha256 HAVING NOT bool_or(confirmed))
"""
# An answer is asked for at once and has come or failed within seconds: an hour later none will name the file.
_DROP = "DELETE FROM desk.attachment WHERE ticket = $1 AND NOT confirmed AND kept_at < now() - interval '1 hour'"
_UNSETTLED = """
SELECT ticket::text AS ticket FROM desk.attachment WHERE NOT confirmed AND kept_at < now() - interval '1 hour'
GROUP BY ticket ORDER BY min(kept_at) LIMIT $1
"""
