"""The table of rule 8 as data, one for each rule of tickets: what each event does to a ticket in each state.

`tickets.py` walks it. Beyond the printed table, and so written down: the row `unrecovered` (the green that recovered a
ticket was restated away: open again, level kept or raised to the run's floor); UP at level 3 is a reminder for every
event, as the table says of T_ack; whoever takes back a suppression that there is not is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Rule = Literal["lag", "forecast", "reporting", "project"]
State = Literal["NONE", "OPEN", "ACKED", "ANSWERED", "RECOVERED", "CLOSED", "CANCELLED"]
Timer = Literal["ack", "answer", "review"]
Rows = Mapping[str, Mapping[State, "Step | None"]]

STATES: tuple[State, ...] = ("NONE", "OPEN", "ACKED", "ANSWERED", "RECOVERED", "CLOSED", "CANCELLED")
LAGGING: tuple[State, ...] = ("OPEN", "ACKED", "ANSWERED")
LIVING: tuple[State, ...] = (*LAGGING, "RECOVERED")
BUSINESS_DAYS: Mapping[Timer, int] = {"ack": 2, "answer": 5, "review": 10}
_TIMERS: Mapping[State, Timer] = {"OPEN": "ack", "ACKED": "answer", "RECOVERED": "review"}
TIMERS: Mapping[Rule, Mapping[State, Timer]] = {
    "lag": _TIMERS,
    "forecast": _TIMERS,
    "project": _TIMERS,
    "reporting": {},  # the next due date is its deadline: its level is the number of due dates missed
}
BY_LIGHTS = ("light", "missed", "restated", "unrecovered")  # events that raise silently while suppressed
SILENT_WHILE_SUPPRESSED = ("worsened", "escalated", "reminder", "restated")


@dataclass(frozen=True, slots=True)
class Step:
    """One cell. `to` None: the state stays; `says`: the notification reason, None: nothing is said."""

    to: State | None = None
    says: str | None = None
    level: Literal["kept", "floor", "up"] = "kept"  # floor: what the run asks for; up: one higher, at most 3
    restarts: bool = False  # the timer of the new state starts
    code: str | None = None  # the reason code of the message; of a close also the ticket's
    opens: bool = False  # a new episode begins
    rule: Rule | None = None  # the rule of the ticket from now on; None: it stays
    counts: bool = False  # without a change of state or a word: the period is noted, and the run counted


NOTHING = Step()
COUNTS = Step(counts=True)
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
OBJECTS = Step(says="objected")
UPHOLDS = Step(says="objection_upheld")
DISMISSES = Step(says="objection_dismissed")
WITHDRAWS = Step(says="objection_withdrawn")
UNOPPOSED = Step("CLOSED", "closed", code="no_objection")
ENDS = Step("CLOSED", "closed", code="ended")
CANCELS = Step("CANCELLED", "cancelled")
RESTATES = Step(says="restated")
SUPPRESSES = Step(says="suppressed")
RESUMES = Step(says="reminder", restarts=True, code="suppression_over")

FORESEES = Step("OPEN", "first", opens=True, restarts=True)
OBSERVES = Step("OPEN", "first", "floor", True, opens=True, rule="lag")
BECOMES_LAG = Step(
    "OPEN", "worsened", "floor", True, code="observed", rule="lag"
)  # the same ticket goes on as the lag ticket
RELAPSES_AS_LAG = Step("CLOSED", "closed", code="relapsed", opens=True, rule="lag")
REMINDS_ANEW = Step("OPEN", "reminder", restarts=True)

RECEIVES = Step("CLOSED", "closed", code="received")
EXCUSES = Step("CANCELLED", "cancelled", code="excused")

___, NO = NOTHING, REFUSED
# fmt: off
_OBJECTIONS: Mapping[str, tuple[Step | None, ...]] = {  # of all that recover: a missing report is closed by its value
    #                       NONE OPEN       ACKED      ANSWERED   RECOVERED  CLOSED CANCELLED
    "object":              (NO,  OBJECTS,   OBJECTS,   OBJECTS,   OBJECTS,   NO,    NO),
    "objection_upheld":    (NO,  UPHOLDS,   UPHOLDS,   UPHOLDS,   UPHOLDS,   NO,    NO),
    "objection_dismissed": (NO,  DISMISSES, DISMISSES, DISMISSES, DISMISSES, NO,    NO),
    "objection_withdrawn": (NO,  WITHDRAWS, WITHDRAWS, WITHDRAWS, WITHDRAWS, NO,    NO),
}
_LAG: Mapping[str, tuple[Step | None, ...]] = {
    #                    NONE   OPEN        ACKED       ANSWERED    RECOVERED   CLOSED    CANCELLED
    # lights of record; `worse`: the run's floor is above the level, `same`: it is not
    "worse":            (OPENS, RAISES,     RAISES,     RAISES,     RELAPSES,   OPENS,    OPENS),
    "same":             (OPENS, REMINDS,    COUNTS,     COUNTS,     RELAPSES,   OPENS,    OPENS),
    "promise_broken":   (OPENS, REMINDS,    COUNTS,     UP,         RELAPSES,   OPENS,    OPENS),
    "green":            (___,   RECOVERS,   RECOVERS,   RECOVERS,   ___,        ___,      ___),
    "blank":            (___,   ___,        ___,        ___,        ___,        ___,      ___),
    # acts
    "ack":              (NO,    ACKS,       ___,        ___,        NO,         NO,       NO),
    "answer":           (NO,    ANSWERS,    ANSWERS,    ___,        NO,         NO,       NO),
    "review_passed":    (NO,    NO,         NO,         NO,         CLOSES,     NO,       NO),
    "review_refused":   (NO,    NO,         NO,         NO,         REOPENS,    NO,       NO),
    "escalate":         (NO,    UP,         UP,         UP,         NO,         NO,       NO),
    "suppress":         (NO,    SUPPRESSES, SUPPRESSES, SUPPRESSES, ___,        NO,       NO),
    "unsuppress":       (NO,    RESUMES,    RESUMES,    RESUMES,    ___,        NO,       NO),
    **_OBJECTIONS,
    # time alone
    "ack_timeout":      (___,   UP,         ___,        ___,        ___,        ___,      ___),
    "answer_timeout":   (___,   ___,        UP,         ___,        ___,        ___,      ___),
    "review_timeout":   (___,   ___,        ___,        ___,        UNOPPOSED,  ___,      ___),
    "expired":          (___,   RESUMES,    RESUMES,    RESUMES,    ___,        ___,      ___),
    "ended":            (___,   ENDS,       ENDS,       ENDS,       ENDS,       ___,      ___),
    # a light that would open an episode while something inhibits it
    "inhibited":        (___,   ___,        ___,        ___,        ___,        ___,      ___),
    # the past was restated
    "restated_clear":   (___,   CANCELS,    CANCELS,    CANCELS,    CANCELS,    CANCELS,  ___),
    "restated":         (___,   RESTATES,   RESTATES,   RESTATES,   RESTATES,   RESTATES, ___),
    "unrecovered":      (___,   ___,        ___,        ___,        UNRECOVERS, ___,      ___),
}
_FORECAST: Mapping[str, tuple[Step | None, ...]] = {
    #                    NONE      OPEN          ACKED         ANSWERED     RECOVERED        CLOSED    CANCELLED
    # at a light of record: green that will miss; yellow or red after all; green that will not miss
    "will_miss":        (FORESEES, COUNTS,       COUNTS,       COUNTS,      RELAPSES,        FORESEES, FORESEES),
    "observed":         (OBSERVES, BECOMES_LAG,  BECOMES_LAG,  BECOMES_LAG, RELAPSES_AS_LAG, OBSERVES, OBSERVES),
    "green":            (___,      RECOVERS,     RECOVERS,     RECOVERS,    ___,             ___,      ___),
    "blank":            (___,      ___,          ___,          ___,         ___,             ___,      ___),
    # acts: level 1 never escalates
    "ack":              (NO,       ACKS,         ___,          ___,         NO,              NO,       NO),
    "answer":           (NO,       ANSWERS,      ANSWERS,      ___,         NO,              NO,       NO),
    "review_passed":    (NO,       NO,           NO,           NO,          CLOSES,          NO,       NO),
    "review_refused":   (NO,       NO,           NO,           NO,          REOPENS,         NO,       NO),
    "escalate":         (NO,       NO,           NO,           NO,          NO,              NO,       NO),
    "suppress":         (NO,       SUPPRESSES,   SUPPRESSES,   SUPPRESSES,  ___,             NO,       NO),
    "unsuppress":       (NO,       RESUMES,      RESUMES,      RESUMES,     ___,             NO,       NO),
    **_OBJECTIONS,
    # time alone
    "ack_timeout":      (___,      REMINDS_ANEW, ___,          ___,         ___,             ___,      ___),
    "answer_timeout":   (___,      ___,          REMINDS_ANEW, ___,         ___,             ___,      ___),
    "review_timeout":   (___,      ___,          ___,          ___,         UNOPPOSED,       ___,      ___),
    "expired":          (___,      RESUMES,      RESUMES,      RESUMES,     ___,             ___,      ___),
    "ended":            (___,      ENDS,         ENDS,         ENDS,        ENDS,            ___,      ___),
    "inhibited":        (___,      ___,          ___,          ___,         ___,             ___,      ___),
    # the past was restated
    "restated_clear":   (___,      CANCELS,      CANCELS,      CANCELS,     CANCELS,         CANCELS,  ___),
    "restated":         (___,      RESTATES,     RESTATES,     RESTATES,    RESTATES,        RESTATES, ___),
    "unrecovered":      (___,      ___,          ___,          ___,         UNRECOVERS,      ___,      ___),
}
_REPORTING: Mapping[str, tuple[Step | None, ...]] = {
    #                    NONE   OPEN        ACKED       ANSWERED    RECOVERED CLOSED  CANCELLED
    # due dates; `missed`: the run's floor is above the level, `missed_again`: it is not (its run is that of its rise)
    "missed":           (OPENS, RAISES,     RAISES,     RAISES,     ___,      OPENS,  OPENS),
    "missed_again":     (OPENS, ___,        ___,        ___,        ___,      OPENS,  OPENS),
    "received":         (___,   RECEIVES,   RECEIVES,   RECEIVES,   ___,      ___,    ___),
    "excused":          (___,   EXCUSES,    EXCUSES,    EXCUSES,    ___,      ___,    ___),
    # acts: the value closes it, nobody reviews
    "ack":              (NO,    ACKS,       ___,        ___,        NO,       NO,     NO),
    "answer":           (NO,    ANSWERS,    ANSWERS,    ___,        NO,       NO,     NO),
    "review_passed":    (NO,    NO,         NO,         NO,         NO,       NO,     NO),
    "review_refused":   (NO,    NO,         NO,         NO,         NO,       NO,     NO),
    "escalate":         (NO,    UP,         UP,         UP,         NO,       NO,     NO),
    "suppress":         (NO,    SUPPRESSES, SUPPRESSES, SUPPRESSES, NO,       NO,     NO),
    "unsuppress":       (NO,    RESUMES,    RESUMES,    RESUMES,    NO,       NO,     NO),
    "object":           (NO,    OBJECTS,    OBJECTS,    OBJECTS,    NO,       NO,     NO),
    "objection_upheld": (NO,    UPHOLDS,    UPHOLDS,    UPHOLDS,    NO,       NO,     NO),
    "objection_dismissed": (NO, DISMISSES,  DISMISSES,  DISMISSES,  NO,       NO,     NO),
    "objection_withdrawn": (NO, WITHDRAWS,  WITHDRAWS,  WITHDRAWS,  NO,       NO,     NO),
    # time alone
    "expired":          (___,   RESUMES,    RESUMES,    RESUMES,    ___,      ___,    ___),
    "ended":            (___,   ENDS,       ENDS,       ENDS,       ___,      ___,    ___),
}
# fmt: on


def _table(rows: Mapping[str, tuple[Step | None, ...]]) -> Rows:
    return {event: dict(zip(STATES, cells, strict=True)) for event, cells in rows.items()}


TABLE = _table(_LAG)
TABLES: Mapping[Rule, Rows] = {
    "lag": TABLE,
    "forecast": _table(_FORECAST),
    "reporting": _table(_REPORTING),
    "project": TABLE,  # projects are judged in days, and followed as any lag is (rule 12)
}
