"""企业微信群机器人: markdown of at most 4096 bytes; 20 messages a minute. Its key in the address is all it asks for."""

from services.alerts.channels.robots import Kind, Request


def dress(title: str, text: str, secret: str | None, at: float) -> Request:
    """No title of its own: it is the first line."""
    return {}, {"msgtype": "markdown", "markdown": {"content": _content(title, text)}}


def _content(title: str, text: str) -> str:
    return f"**{title}**\n\n{text}"


WECOM = Kind(
    dress=dress,
    measure=lambda title, text, _: len(_content(title, text).encode()),
    limit=4096,
    code="errcode",
    words="errmsg",
    passing={-1: 10.0, 45009: 60.0, 45033: 60.0},  # busy, too many a minute, too many at once
    gone=frozenset({93000, 93004, 93008}),  # no such robot, stopped, not in the group any more
)
