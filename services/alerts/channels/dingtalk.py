"""钉钉自定义机器人: markdown, the whole body at most 20 000 bytes; 20 messages a minute, then ten minutes of silence.

With 加签 the address carries the time in milliseconds and its signature by the secret.
"""

import base64
import hashlib
import hmac

from services.alerts.channels.robots import Kind, Request


def signature(secret: str, milliseconds: int) -> str:
    """Base64 of HmacSHA256 by the secret over `milliseconds\\nsecret`."""
    said = f"{milliseconds}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()).decode()


def dress(title: str, text: str, secret: str | None, at: float) -> Request:
    """The title is what a phone shows of it; the text repeats it, because the group's window does not."""
    body = {"msgtype": "markdown", "markdown": {"title": title, "text": f"#### {title}\n\n{_broken(text)}"}}
    if secret is None:
        return {}, body
    milliseconds = int(at * 1000)
    return {"timestamp": str(milliseconds), "sign": signature(secret, milliseconds)}, body


def _broken(text: str) -> str:
    """Its markdown joins lines unless two blanks stand before the break."""
    return text.replace("\n", "  \n")


DINGTALK = Kind(
    dress=dress,
    measure=lambda _title, _text, body: len(body),
    limit=20_000,
    code="errcode",
    words="errmsg",
    passing={-1: 10.0, 130101: 600.0, 410100: 600.0},  # busy; too many a minute
    gone=frozenset({300001, 400013, 400101, 400102, 400106}),  # no such token, the group or the robot is no more
)
