"""What an attempt to hand something to a receiver came to, and when the next one is due (rule 9). Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Literal

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 3600.0
LONGEST_ASKED = 86_400.0  # a receiver that asks for more than a day is asked again after one
MAX_ATTEMPTS = 100  # with the pauses below about three and a half days

Verdict = Literal["done", "retry", "failed", "gone"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt. `pause`: how many seconds the receiver asks us to wait, where it does."""

    verdict: Verdict
    status: int | None
    error: str | None = None
    pause: float | None = None


def judge(status: int, retry_after: str | None, *, now: float) -> Answer:
    """What a status means: 2xx done, 410 gone, 429 and 503 wait as told, other 4xx final, everything else again."""
    if 200 <= status < 300:
        return Answer("done", status)
    if status == 410:
        return Answer("gone", status, "410: the receiver wants no more")
    if status in (429, 503):
        return Answer("retry", status, f"status {status}", waiting(retry_after, now=now))
    if 400 <= status < 500 and status != 408:
        return Answer("failed", status, f"status {status}: final")
    return Answer("retry", status, f"status {status}")


def waiting(retry_after: str | None, *, now: float) -> float | None:
    """The seconds of a Retry-After header, a number or a date; None where there is none to be read."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    at: float = (until if until.tzinfo else until.replace(tzinfo=UTC)).timestamp()
    return max(0.0, at - now)


def pause(attempts: int, answer: Answer, *, draw: Callable[[], float] = random.random) -> float:
    """Seconds until the next attempt after `attempts` of them: doubling, with jitter, never sooner than asked."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempts - 1, 20))
    return max(longest * (0.5 + draw() / 2), min(answer.pause or 0.0, LONGEST_ASKED))
