"""Who is sent the feed's messages, as the operator's YAML file lists them (`LIANGSHAI_RECEIVERS`).

receivers:
  - receiver: task-force-office            # its name in alerts.receiver and in every log line
    url: https://office.example/liangshai
    secrets: [whsec_…]                     # the newest first; while two stand here, both sign (rotation)
"""

import base64
import binascii
from pathlib import Path
from typing import Annotated

import msgspec
import yaml

KAFKA = "progress.feed"  # the topic is one more receiver

Name = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]


class Receiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One receiver of webhooks. Its secrets appear in no log: `repr` leaves them out."""

    receiver: Name
    url: Annotated[str, msgspec.Meta(pattern="^https?://")]
    secrets: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.secrets:
            raise ValueError(f"{self.receiver}: a receiver needs a secret")
        for secret in self.secrets:
            key(secret)

    def __repr__(self) -> str:
        return f"Receiver({self.receiver!r}, {self.url!r})"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    receivers: tuple[Receiver, ...] = ()


def read(path: Path | None) -> tuple[Receiver, ...]:
    """The receivers of the file, none without one; ValueError when it is not such a file."""
    if path is None:
        return ()
    content = yaml.safe_load(path.read_text("utf-8"))
    found = msgspec.convert({} if content is None else content, _File).receivers
    names = [each.receiver for each in found]
    if len(set(names)) != len(names):
        raise ValueError(f"{path}: two receivers of one name")
    return found


def key(secret: str) -> bytes:
    """The bytes that sign: base64 behind `whsec_` (Standard Webhooks); ValueError for a weak or broken secret."""
    prefix, _, encoded = secret.partition("whsec_")
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("a webhook secret is whsec_ and base64") from error
    if prefix or not 24 <= len(decoded) <= 64:
        raise ValueError("a webhook secret is whsec_ and 24 to 64 bytes in base64")
    return decoded
