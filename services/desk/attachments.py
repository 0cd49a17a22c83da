"""Files beside answers to tickets: what may be kept (kind by name and content, size), and the table of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI

MOST = 5 * 1024 * 1024  # bytes of a file
MOST_FILES, MOST_TOGETHER = 5, 15 * 1024 * 1024  # of one answer
LONGEST = 120  # characters of a name
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


@dataclass(frozen=True, slots=True)
class Attachments:
    """The table of them."""

    pool: Pool

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
        """A ticket's files, oldest first."""
        with sorted_errors():
            rows = await self.pool.fetch(
                "SELECT attachment, name, kind, sha256, length(content) AS size, at FROM desk.attachment"
                " WHERE ticket = $1 ORDER BY attachment",
                ticket,
            )
        return [Attachment(**{**row, "at": row["at"].astimezone(SHANGHAI)}) for row in rows]

    async def content(self, ticket: str, attachment: int) -> Draft | None:
        """One of a ticket's files, whole."""
        with sorted_errors():
            row = await self.pool.fetchrow(
                "SELECT name, kind, content FROM desk.attachment WHERE ticket = $1 AND attachment = $2",
                ticket, attachment,
            )  # fmt: skip
        return None if row is None else Draft(**row)


_KEEP = """
INSERT INTO desk.attachment (ticket, subject, name, kind, sha256, content, at)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING attachment
"""
