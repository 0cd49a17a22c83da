"""Names of tickets, warnings and messages: made from what they are about, so that judging again names them the same."""

from hashlib import sha256
from uuid import UUID, uuid5

_SPACE = UUID("6f1f7a0e-5f0f-5d43-9c1c-4b1f2a6f3d11")


def fingerprint(rule: str, programme: str, indicator: str, district: str) -> str:
    """Rule 9: what a message is about, whatever the episode."""
    return sha256(f"{rule}|{programme}|{indicator}|{district}".encode()).hexdigest()


def group_key(district: str, period: str) -> str:
    """Rule 9: what is told together."""
    return f"district={district},period={period}"


def ticket(rule: str, programme: str, indicator: str, district: str, episode: int) -> str:
    return str(uuid5(_SPACE, f"ticket|{rule}|{programme}|{indicator}|{district}|{episode}"))


def warning(programme: str, indicator: str, district: str, period: str, colour: str, cause: str) -> str:
    """`cause` is the standing that made the light worse, be it of this cell or of one before it."""
    return str(uuid5(_SPACE, f"warning|{programme}|{indicator}|{district}|{period}|{colour}|{cause}"))


def override(programme: str, indicator: str, district: str, at: str) -> str:
    return str(uuid5(_SPACE, f"override|{programme}|{indicator}|{district}|{at}"))


def objection(programme: str, indicator: str, district: str, about: str, which: str, number: int) -> str:
    """The `number`th to the same thing."""
    return str(uuid5(_SPACE, f"objection|{programme}|{indicator}|{district}|{about}|{which}|{number}"))


def message(subject: str, which: int | str) -> str:
    """A message about a ticket (its number in the episode) or a warning (early, withdrawn)."""
    return str(uuid5(_SPACE, f"message|{subject}|{which}"))
