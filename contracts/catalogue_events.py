"""A version of the catalogue as it is announced: kept whole on progress.catalogue, and said in band in each partition.

`document` is the programme as canonical JSON (`packed`), deflated, in base64 where it travels in JSON: 320 kB become
50 kB, so that each partition can hold the whole of what its records are read by.
"""

import zlib
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Self

import msgspec

from contracts.events import Text
from contracts.programme import Lookup, Programme

_canonical = msgspec.json.Encoder(order="deterministic").encode
_LARGEST = 16 * 1024 * 1024  # of an inflated document


class CatalogueVersion(msgspec.Struct, frozen=True, kw_only=True):
    """`catalogue.version.v1`: a version that the office applied. `announced` once every partition has its mark."""

    programme: str
    version: str
    sha256: str  # of the document before it was deflated
    reason: Text
    actor: str
    applied_at: datetime  # platform time
    document: bytes
    announced: bool = False

    @property
    def key(self) -> str:
        return f"{self.programme}/{self.version}"

    @classmethod
    def of(cls, programme: Programme, *, reason: Text, actor: str, applied_at: datetime) -> Self:
        """Not announced yet."""
        document, digest = packed(programme)
        return cls(
            programme=programme.id,
            version=programme.version,
            sha256=digest,
            reason=reason,
            actor=actor,
            applied_at=applied_at,
            document=document,
        )

    def mark(self, partition: int) -> "CatalogueApplied":
        """What is said of it in one partition."""
        return CatalogueApplied(
            programme=self.programme,
            version=self.version,
            sha256=self.sha256,
            reason=self.reason,
            actor=self.actor,
            applied_at=self.applied_at,
            partition=partition,
            document=self.document,
        )

    @property
    def lookup(self) -> Lookup:
        """The programme it holds."""
        return unpacked(self.document)


class CatalogueApplied(msgspec.Struct, frozen=True, kw_only=True):
    """`catalogue.applied.v1`: from this record on its partition knows the version (rules 2.9 and 2.10).

    On progress.reported by ingest, on progress.standing by metrics; a repetition is harmless.
    """

    programme: str
    version: str
    sha256: str
    reason: Text
    actor: str
    applied_at: datetime  # platform time; on progress.standing not before what its partition was told already
    partition: int
    document: bytes

    @property
    def key(self) -> str:
        return f"catalogue/{self.programme}/{self.version}/{self.partition}"

    @property
    def lookup(self) -> Lookup:
        """The programme it holds."""
        return unpacked(self.document)


class RulesRepaired(msgspec.Struct, frozen=True, kw_only=True):
    """`rules.repaired.v1`: from this record on its partition is computed by another version of the rules, what has
    locked as well: one restatement, with its reason. Metrics waits with it until it computes by that version."""

    programme: str
    rules: str  # the rule_version of standings
    reason: Text
    actor: str
    applied_at: datetime  # platform time
    partition: int

    @property
    def key(self) -> str:
        return f"rules/{self.programme}/{self.rules}/{self.partition}"


TYPES: dict[str, type[msgspec.Struct]] = {
    "catalogue.version.v1": CatalogueVersion,
    "catalogue.applied.v1": CatalogueApplied,
    "rules.repaired.v1": RulesRepaired,
}


def packed(programme: Programme) -> tuple[bytes, str]:
    """The document of a programme and the sha256 that names its content."""
    written = _canonical(programme)
    return zlib.compress(written, 9), sha256(written).hexdigest()


@lru_cache(maxsize=2)
def unpacked(document: bytes) -> Lookup:
    """The programme of a document; ValueError when it is none. Kept: every partition is told the same one."""
    inflating = zlib.decompressobj()
    try:
        written = inflating.decompress(document, _LARGEST)
    except zlib.error as error:
        raise ValueError(f"not a catalogue's document: {error}") from error
    if not inflating.eof:
        raise ValueError("a catalogue's document is cut off or too large")
    return Lookup(msgspec.json.decode(written, type=Programme))
