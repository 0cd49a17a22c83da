"""What was published stays as it was: editions as canonical bytes, a correction makes the next one (rule 11). Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a publication; its bytes never change, only whether it is the one that holds."""

    number: int
    status: Literal["published", "superseded"]
    content: bytes

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


def canonical(content: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys, no spaces, one newline at the end; decimals are strings already."""
    return (
        json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode() + b"\n"
    )


def publish(content: Mapping[str, Any]) -> tuple[Edition, ...]:
    """The first edition."""
    return (Edition(1, "published", canonical(content)),)


def restate(editions: Sequence[Edition], content: Mapping[str, Any]) -> tuple[Edition, ...]:
    """The editions after a correction was approved: the next one supersedes the last, unless it says the same."""
    *earlier, last = editions
    said = canonical(content)
    if said == last.content:
        return tuple(editions)
    return (*earlier, replace(last, status="superseded"), Edition(last.number + 1, "published", said))
