"""The table of rule 8 as data: what each event does to a ticket in each state. `tickets.py` walks it.

Suppression and its end stand here already; nothing sends them yet. Beyond the printed table, and so written down: the
row `unrecovered` (the green that recovered a ticket was restated away: open again, level kept or raised to the run's
floor), and UP at level 3 is a reminder for every event, as the table says of T_ack.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["NONE", "OPEN", "ACKED", "ANSWERED", "RECOVERED", "CLOSED", "CANCELLED"]
Timer = Literal["ack", "answer", "review"]

STATES: tuple[State, ...] = ("NONE", "OPEN", "ACKED", "ANSWERED", "RECOVERED", "CLOSED", "CANCELLED")
LAGGING: tuple[State, ...] = ("OPEN", "ACKED", "ANSWERED")
LIVING: tuple[State, ...] = (*LAGGING, "RECOVERED")
BUSINESS_DAYS: Mapping[Timer, int] = {"ack": 2, "answer": 5, "review": 10}
TIMER_OF: Mapping[State, Timer] = {"OPEN": "ack", "ACKED": "answer", "RECOVERED": "review"}
SILENT_WHILE_SUPPRESSED = ("worsened", "escalated", "reminder", "restated")


@dataclass(frozen=True, slots=True)
class Step:
    """One cell. `to` None: the state stays; `says`: the notification reason, None: nothing is said."""

    to: State | None = None
    says: str | None = None
    level: Literal["kept", "floor", "up"] = "kept"  # floor: what the run asks for; up: one higher, at most 3
    restarts: bool = False  # the timer of the new state starts
    code: str | None = None  # the reason code of a close
    opens: bool = False  # a new episode begins


NOTHING = Step()
REFUSED = None  # ✗
OPENS = Step("OPEN", "first", "floor", True, opens=True)
RAISES = Step("OPEN", "escalated", "floor", True)  # said as `worsened` when the light is redder
UP = Step("OPEN", "escalated", "up", True)
REMINDS = Step(says="reminder")
RECOVERS = Step("RECOVERED", "recovered", restarts=True)
RELAPSES = Step("CLOSED", "closed", code="relapsed", opens=True)
REOPENS = Step("OPEN", "reopened", restarts=True)
UNRECOVERS = Step("OPEN", "restated", "floor", True)
ACKS = Step("ACKED", "acknowledged", restarts=True)
ANSWERS = Step("ANSWERED", "answered", restarts=True)
CLOSES = Step("CLOSED", "closed")
UNOPPOSED = Step("CLOSED", "closed", code="no_objection")
ENDS = Step("CLOSED", "closed", code="ended")
CANCELS = Step("CANCELLED", "cancelled")
RESTATES = Step(says="restated")
SUPPRESSES = Step(says="suppressed")

___, XXX = NOTHING, REFUSED
# fmt: off
_ROWS: Mapping[str, tuple[Step | None, ...]] = {
    #                    NONE   OPEN        ACKED       ANSWERED    RECOVERED   CLOSED    CANCELLED
    # lights of record; `worse`: the run's floor is above the level, `same`: it is not
    "worse":            (OPENS, RAISES,     RAISES,     RAISES,     RELAPSES,   OPENS,    OPENS),
    "same":             (OPENS, REMINDS,    ___,        ___,        RELAPSES,   OPENS,    OPENS),
    "promise_broken":   (OPENS, REMINDS,    ___,        UP,         RELAPSES,   OPENS,    OPENS),
    "green":            (___,   RECOVERS,   RECOVERS,   RECOVERS,   ___,        ___,      ___),
    "blank":            (___,   ___,        ___,        ___,        ___,        ___,      ___),
    # acts
    "ack":              (XXX,   ACKS,       ___,        ___,        XXX,        XXX,      XXX),
    "answer":           (XXX,   ANSWERS,    ANSWERS,    ___,        XXX,        XXX,      XXX),
    "review_passed":    (XXX,   XXX,        XXX,        XXX,        CLOSES,     XXX,      XXX),
    "review_refused":   (XXX,   XXX,        XXX,        XXX,        REOPENS,    XXX,      XXX),
    "escalate":         (XXX,   UP,         UP,         UP,         XXX,        XXX,      XXX),
    "suppress":         (XXX,   SUPPRESSES, SUPPRESSES, SUPPRESSES, ___,        XXX,      XXX),
    # time alone
    "ack_timeout":      (___,   UP,         ___,        ___,        ___,        ___,      ___),
    "answer_timeout":   (___,   ___,        UP,         ___,        ___,        ___,      ___),
    "review_timeout":   (___,   ___,        ___,        ___,        UNOPPOSED,  ___,      ___),
    "unsuppress":       (___,   REMINDS,    REMINDS,    REMINDS,    ___,        ___,      ___),
    "ended":            (___,   ENDS,       ENDS,       ENDS,       ENDS,       ___,      ___),
    # the past was restated
    "restated_clear":   (___,   CANCELS,    CANCELS,    CANCELS,    CANCELS,    CANCELS,  ___),
    "restated":         (___,   RESTATES,   RESTATES,   RESTATES,   RESTATES,   RESTATES, ___),
    "unrecovered":      (___,   ___,        ___,        ___,        UNRECOVERS, ___,      ___),
}
# fmt: on
TABLE: Mapping[str, Mapping[State, Step | None]] = {
    event: dict(zip(STATES, cells, strict=True)) for event, cells in _ROWS.items()
}
