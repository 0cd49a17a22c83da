"""Who is sent the feed's messages, as the operator's YAML file lists them (`LIANGSHAI_RECEIVERS`; docs/channels.md).

receivers:
  - receiver: task-force-office            # its name in alerts.receiver and in every log line
    url: https://office.example/liangshai  # no channel named: a webhook
    secrets: [whsec_…]                     # the newest first; while two stand here, both sign (rotation)
  - receiver: deqing-chat
    channel: wecom                         # or dingtalk, feishu, mail
    url: https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…
    groups: [deqing]                       # of the catalogue's routing; none named: everything
"""

import base64
import binascii
import hashlib
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec
import yaml

from contracts.programme import Lookup
from services.alerts.notifying.pace import Pace

KAFKA = "progress.feed"  # the topic is one more receiver

Name = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
Url = Annotated[str, msgspec.Meta(pattern="^https?://")]
Address = Annotated[str, msgspec.Meta(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")]


class _Receiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="channel"):
    """`groups` of the catalogue's routing whose messages it gets; None: all messages. `repr` shows no secret."""

    receiver: Name
    groups: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.receiver!r}, {self.address!r})"

    @property
    def channel(self) -> str:
        return str(self.__struct_config__.tag)

    @property
    def address(self) -> str:
        """Where it is, for the database, logs and answers."""
        raise NotImplementedError


class Webhook(_Receiver, frozen=True, kw_only=True, tag="webhook"):
    """Every message by itself, signed (Standard Webhooks)."""

    url: Url
    secrets: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.secrets:
            raise ValueError(f"{self.receiver}: a webhook needs a secret")
        for secret in self.secrets:
            key(secret)

    @property
    def address(self) -> str:
        return self.url


class _Person(_Receiver, frozen=True, kw_only=True):
    """Who reads: told several messages at once, at a pace. `english`: the English beside the Chinese."""

    pace: Pace = Pace()
    english: bool = False


class _Robot(_Person, frozen=True, kw_only=True):
    """A robot of a chat group. Its address is a secret: whoever knows it may write to the group."""

    url: Url
    secret: str | None = None

    @property
    def address(self) -> str:
        """The host and a mark of the rest, so that another address is known to be one."""
        parts = urlsplit(self.url)
        mark = hashlib.sha256(f"{self.url} {self.secret}".encode()).hexdigest()[:8]
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/…#{mark}"


class WeCom(_Robot, frozen=True, kw_only=True, tag="wecom"):
    """企业微信群机器人."""


class DingTalk(_Robot, frozen=True, kw_only=True, tag="dingtalk"):
    """钉钉自定义机器人; `secret` (SEC…) where 加签 is on."""


class Feishu(_Robot, frozen=True, kw_only=True, tag="feishu"):
    """飞书自定义机器人; `secret` where 签名校验 is on."""


class Mail(_Person, frozen=True, kw_only=True, tag="mail"):
    """One mailbox; for several people a list's address, or a receiver each."""

    to: Address

    @property
    def address(self) -> str:
        return f"mailto:{self.to}"


Receiver: TypeAlias = Webhook | WeCom | DingTalk | Feishu | Mail
Robot: TypeAlias = WeCom | DingTalk | Feishu


class Smtp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The server that takes the mail. `tls`: starttls (587) or from the first byte (465); never without."""

    PORTS: ClassVar[dict[str, int]] = {"starttls": 587, "tls": 465}

    host: str
    sender: Address = msgspec.field(name="from")
    tls: Literal["starttls", "tls"] = "starttls"
    port: int | None = None
    username: str | None = None
    password: str | None = None
    ca: str | None = None  # who signed the server's certificate, where the machine does not know it

    def __repr__(self) -> str:
        return f"Smtp({self.host!r}, {self.sender!r})"


class Receivers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    receivers: tuple[Receiver, ...] = ()
    smtp: Smtp | None = None


def read(path: Path | None) -> Receivers:
    """The receivers of the file, none without one; ValueError when it is not such a file."""
    if path is None:
        return Receivers()
    found = msgspec.convert(_tagged(yaml.safe_load(path.read_text("utf-8"))), Receivers)
    names = [each.receiver for each in found.receivers]
    if len(set(names)) != len(names):
        raise ValueError(f"{path}: two receivers of one name")
    if found.smtp is None and any(isinstance(each, Mail) for each in found.receivers):
        raise ValueError(f"{path}: mail needs smtp: the server that takes it")
    return found


def _tagged(content: Any) -> Any:
    """The file's content; a receiver that names no channel is a webhook."""
    listed = content.get("receivers") if isinstance(content, dict) else None
    if isinstance(listed, list):
        named = [{"channel": "webhook"} | each if isinstance(each, dict) else each for each in listed]
        return content | {"receivers": named}
    return {} if content is None else content


def strangers(listed: Receivers, lookup: Lookup) -> dict[str, list[str]]:
    """Of each receiver the groups it names that the catalogue does not know: of those it will be told nothing."""
    known = {each.id for each in lookup.programme.routing.groups} | lookup.departments.keys() | lookup.districts.keys()
    found = {each.receiver: sorted(set(each.groups or ()) - known) for each in listed.receivers}
    return {receiver: groups for receiver, groups in found.items() if groups}


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
