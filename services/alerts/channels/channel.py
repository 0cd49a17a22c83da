"""What every way to people is: it knows how much fits into one message, sends one, and reads the answer's meaning."""

from dataclasses import dataclass
from typing import Protocol

from services.alerts.sending.answers import Answer


@dataclass(frozen=True, slots=True)
class Part:
    """One message to send. `name` is the same whenever it is sent again, so that a receiver may know it."""

    name: str
    title: str
    text: str


class Channel(Protocol):
    """One receiver's way. `markdown`: whether the text may hold links and bold type."""

    markdown: bool

    def fits(self, title: str, text: str) -> bool:
        """Whether a message of this title and text is within the channel's limit, in bytes."""
        ...

    async def send(self, part: Part) -> Answer:
        """One attempt; it never raises for what the other side or the wire does."""
        ...
