"""A clock that a test sets by hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.periods import SHANGHAI


@dataclass
class HandClock:
    """Driven, at the programme's first noon until a test moves it."""

    instant: datetime = datetime(2023, 1, 1, 12, tzinfo=SHANGHAI)
    driven: bool = True
    delay: timedelta = timedelta()

    def now(self) -> datetime:
        return self.instant
