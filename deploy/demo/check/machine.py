"""The questions of demo-check about tickets: has the story shown every state and transition of the machine (rule 8)?"""

from collections import defaultdict
from collections.abc import Mapping

import asyncpg

from deploy.demo.check.answers import Answer

# Each transition kind as the tables of rule 8 name it: what happened to a ticket.
TIMED = ("ack", "answer", "ack_timeout", "answer_timeout", "review_passed", "review_refused", "review_timeout", "green")
LAG = (
    *TIMED, "worse", "same", "promise_broken", "observed", "escalate", "suppress", "unsuppress", "expired", "ended",
    "restated", "restated_clear",
)  # fmt: skip
REPORTING = ("missed", "received", "excused", "ack", "answer", "escalate", "suppress", "expired", "ended")
EVENTS: Mapping[str, tuple[str, ...]] = {
    "lag": LAG,
    "reporting": REPORTING,
    "forecast": (*TIMED, "will_miss", "suppress", "restated_clear"),
    "project": (*TIMED, "worse", "same", "promise_broken", "escalate"),
}
ALL = ("OPEN", "ACKED", "ANSWERED", "RECOVERED", "CLOSED", "CANCELLED")
STATES: Mapping[str, tuple[str, ...]] = {
    "lag": ALL,
    "reporting": ("OPEN", "ACKED", "ANSWERED", "CLOSED", "CANCELLED"),  # a value closes it: nothing to review
    "forecast": ALL,
    "project": ALL,
}
LEVELS: Mapping[str, tuple[int, ...]] = {
    "lag": (1, 2, 3), "reporting": (1, 2, 3), "forecast": (1,), "project": (1, 2, 3),
}  # fmt: skip


async def machine(connection: asyncpg.Connection) -> Answer:
    """Every state, level and transition kind of each rule's tickets occurred at least once."""
    rows = await connection.fetch(
        "SELECT t.rule, e.event, e.to_state, e.level, count(*) AS count FROM alerts.ticket_event e"
        " JOIN alerts.ticket t USING (ticket) GROUP BY 1, 2, 3, 4"
    )
    seen: dict[tuple[str, object], int] = defaultdict(int)
    for row in rows:
        for each in (row["event"], row["to_state"], row["level"]):
            seen[row["rule"], each] += row["count"]
    wanted = [(rule, each) for table in (EVENTS, STATES, LEVELS) for rule, kinds in table.items() for each in kinds]
    wrong = [f"{rule}: {each} never happened" for rule, each in wanted if not seen[rule, each]]
    told = ", ".join(f"{rule} {sum(seen[rule, state] for state in STATES[rule])}" for rule in EVENTS)
    return Answer(f"states and transitions of the ticket machine (transitions: {told})", len(wanted), wrong)


async def red_lines(connection: asyncpg.Connection) -> Answer:
    """Red lines on a project and on a task were raised and closed (rule 12)."""
    rows = await connection.fetch("SELECT kind, state, count(*) AS count FROM metrics.project_red_line GROUP BY 1, 2")
    closed = {row["kind"]: row["count"] for row in rows if row["state"] == "closed"}
    wrong = [
        f"no red line on one {kind} was raised and closed" for kind in ("project", "indicator") if kind not in closed
    ]
    return Answer("red lines raised and closed", sum(closed.values()), wrong)


async def overrides(connection: asyncpg.Connection) -> Answer:
    """Overrides that expired and some that were taken back; none is better than what it stands beside (rule 6.6)."""
    rows = await connection.fetch("SELECT ended_at, ended_by FROM alerts.override")
    expired = sum(row["ended_at"] is not None and row["ended_by"] is None for row in rows)
    lifted = sum(row["ended_by"] is not None for row in rows)
    missing = [name for name, count in (("expired", expired), ("was taken back", lifted)) if not count]
    wrong = [f"no override {name}" for name in missing]
    return Answer(f"overrides of lights (expired {expired}, taken back {lifted})", len(rows), wrong)


ENDINGS = ("objection_upheld", "objection_dismissed", "objection_withdrawn")


async def objections(connection: asyncpg.Connection) -> Answer:
    """Objections to tickets and to lights or targets: each that was raised, answered either way or taken back has its
    message in the feed and no other has one; all of that happened (rules 6.1 and 8)."""
    feed = {(row["kind"], row["reason"]): row["count"] for row in await connection.fetch(_TOLD)}
    kept = {(row["kind"], row["reason"]): row["count"] for row in await connection.fetch(_KEPT)}
    wrong = [
        f"{kind} {reason}: {kept.get((kind, reason), 0)} kept, {feed.get((kind, reason), 0)} told"
        for kind, reason in sorted(feed.keys() | kept.keys())
        if kept.get((kind, reason)) != feed.get((kind, reason))
    ]
    wrong += [
        f"no objection: {kind} {reason}"
        for kind in ("objection", "ticket")
        for reason in ("objected", *ENDINGS)
        if (kind, reason) not in kept
    ]
    taken_back = sum(count for (_, reason), count in kept.items() if reason == "objection_withdrawn")
    return Answer(f"objections and what ended them (taken back {taken_back})", sum(kept.values()), wrong)


_TOLD = """
SELECT document ->> 'kind' AS kind, document ->> 'notification_reason' AS reason, count(*) AS count FROM alerts.feed
WHERE document ->> 'notification_reason' IN
    ('objected', 'objection_upheld', 'objection_dismissed', 'objection_withdrawn') GROUP BY 1, 2"""
_KEPT = """
SELECT 'objection' AS kind, 'objected' AS reason, count(*) AS count FROM alerts.objection
UNION ALL
SELECT 'objection', 'objection_' || answer, count(*) FROM alerts.objection WHERE answer IS NOT NULL GROUP BY 2
UNION ALL
SELECT 'ticket', CASE event WHEN 'object' THEN 'objected' ELSE event END, count(*) FROM alerts.ticket_event
WHERE event IN ('object', 'objection_upheld', 'objection_dismissed', 'objection_withdrawn') GROUP BY 2"""
