"""What comes of moving a series: messages that are due, and stored lights that changed, each worse one explained.

How stored light changes map to messages: every change of a stored light is one row of alerts.light_change, with the
colour last `said` before it and `worse` when it is redder than that. Each worse one names its one message by `seq`
(live: the warning `early`; record: the ticket's `first`, `worsened`, or whatever else the table of rule 8 says of it),
or the reason why none was due (an override of a light is such a change too, rule 6.6, and a red line, rule 12):
  late           a value known after its due date makes no early warning; its light of record speaks
  outdated       its due date had passed on the platform's clock when it was judged: likewise
  came_and_went  alerts was away: it was judged together with the correction that took it back
  suppressed     the ticket is suppressed: what its lights do is written down and not said (rule 8)
  inhibited      a light that opens no ticket: its district does not report, or another ticket stands for it (rule 8)
  level_kept     the ticket's level covers it: the table says nothing (rule 8, row `floor <= level`)
  earlier_period a restated light with a later verdict after it; the message about the newest one tells it
  not_binding    effort wording: a light, no ticket (rule 4.11)
  ended          the stretch was over before it became known
The reverse: each `early`, `first` and `worsened` is named by exactly one such row. Both are the view alerts.unmatched,
which must be empty.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.cells import Cell
from contracts.events import Colour, Standing
from services.alerts.judgement import Judgement
from services.alerts.tickets import Ticket
from services.alerts.warnings import Warning


@dataclass(frozen=True, slots=True)
class Name:
    """Which series it is."""

    programme: str
    indicator: str
    district: str


Heard = tuple[int, Standing, Judgement]  # a standing of the cell with this index, and how it is judged


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a standing as it was followed, and its cell as the catalogue had it then."""

    standing: Standing
    judgement: Judgement
    cell: Cell


@dataclass(slots=True, eq=False)
class Message:
    """A feed message that is due; `cell` is the index of the cell it is about."""

    reason: str
    cell: int
    at: datetime
    warning: Warning | None = None
    ticket: Ticket | None = None
    code: str | None = None
    names: tuple[str, ...] = ()  # messages of warnings that a first message names
    through: datetime | None = None  # everything received before it is in the numbers
    standing: Standing | None = None  # the cell's, where it came in the same batch


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A stored light that changed; worse than what was said before: then a message or the reason why none was due."""

    cell: int
    kind: Literal["live", "record", "override", "red_line"]
    before: Colour | None
    after: Colour | None
    said: Colour
    worse: bool
    at: datetime
    message: Message | None = None
    reason: str | None = None
