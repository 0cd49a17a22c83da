"""Subjects in SQL: loaded with all that was said of them, and what a fold says anew written as the next version.

All functions run in the caller's transaction, which holds the subjects (statements.py).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec
from asyncpg import Record

from contracts.periods import SHANGHAI
from contracts.project_events import STATED, ProjectStanding, RedLineState, Stated
from services.metrics.projects.entries import Subject
from services.metrics.projects.facts import Fact, Identity, Verdict
from services.metrics.projects.fold import Folded
from services.metrics.store.arrays import Connection, transposed, unnest

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_encode = msgspec.json.Encoder().encode
_STANDING, _RED_LINE = msgspec.json.Decoder(ProjectStanding), msgspec.json.Decoder(RedLineState)
_EVENTS: dict[str, msgspec.json.Decoder[Stated]] = {kind.__name__: msgspec.json.Decoder(kind) for kind in STATED}
_NO: tuple[int, Verdict | None] = (0, None)
RedLineKey = tuple[str, str, int]  # district, red line, episode


@dataclass(slots=True)
class Held:
    """A subject as the database has it."""

    facts: list[Fact] = field(default_factory=list)
    statements: dict[Identity, int] = field(default_factory=dict)
    outcomes: dict[Identity, tuple[int, Verdict]] = field(default_factory=dict)  # version, what it says
    version: int = 0
    known_at: datetime = _LONG_AGO
    digest: bytes = b""
    red_lines: dict[RedLineKey, tuple[int, bytes]] = field(default_factory=dict)


async def load(connection: Connection, subjects: Sequence[Subject]) -> dict[Subject, Held]:
    """These subjects with all their statements, the new ones among them."""
    found: dict[Subject, Held] = {subject: Held() for subject in subjects}
    if not subjects:
        return found
    keys = transposed(subjects)
    for row in await connection.fetch(_STATEMENTS, *keys):
        held, event = found[_subject(row)], _EVENTS[row["type"]].decode(row["document"])
        fact = Fact(event, row["received_at"].astimezone(SHANGHAI))
        held.facts.append(fact)
        held.statements[fact.identity] = row["statement"]
        if row["outcome"] is not None:
            held.outcomes[fact.identity] = row["version"], (row["outcome"], row["code"])
    for row in await connection.fetch(_HELD, *keys):
        held = found[row["programme"], "project", row["project"]]
        held.version, held.known_at, held.digest = row["version"], row["known_at"], row["digest"]
    for row in await connection.fetch(_RED_LINES, *keys):
        key = row["district"], row["red_line"], row["episode"]
        found[_subject(row)].red_lines[key] = row["version"], row["digest"]
    return found


async def write(
    connection: Connection, folded: Mapping[Subject, tuple[Held, Folded]], numbers: Mapping[Subject, int], now: datetime
) -> int:
    """Write the next version of all that folds say anew; how many standings and red lines that were."""
    outcomes: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    standings: list[tuple[ProjectStanding, bytes, int]] = []
    for subject, (held, told) in folded.items():
        outcomes += [
            (held.statements[i], *subject, held.outcomes.get(i, _NO)[0] + 1, *verdict, numbers[subject], now)
            for i, verdict in told.outcomes.items()
            if held.outcomes.get(i, _NO)[1] != verdict
        ]
        known_at = max((fact.received_at for fact in held.facts), default=now)
        lines += ((*row, known_at) for row in _moved_lines(held, told.red_lines))
        moved = None if told.standing is None else _moved_standing(held, told.standing)
        if moved is not None:
            standings.append((*moved, numbers[subject]))
    if outcomes:
        await connection.executemany(_WRITE_OUTCOME, outcomes)
    if lines:
        await connection.executemany(_WRITE_RED_LINE, lines)
    if standings:
        await _write_standings(connection, standings)
    return len(lines) + len(standings)


async def present(
    connection: Connection, subjects: Collection[Subject]
) -> tuple[list[ProjectStanding], list[RedLineState]]:
    """The present standings and red lines of these subjects."""
    keys = transposed(sorted(subjects))
    standings = [_STANDING.decode(row["standing"]) for row in await connection.fetch(_PROJECTS, *keys)]
    return standings, [_RED_LINE.decode(row["document"]) for row in await connection.fetch(_RED_LINES, *keys)]


def _moved_standing(held: Held, standing: ProjectStanding) -> tuple[ProjectStanding, bytes] | None:
    """The next version, if it says anything else than the present one, and its digest."""
    digest = _digest(msgspec.structs.replace(standing, version=0, known_at=_LONG_AGO))
    if digest == held.digest:
        return None
    known_at = max(standing.known_at, held.known_at.astimezone(SHANGHAI) if held.version else standing.known_at)
    return msgspec.structs.replace(standing, version=held.version + 1, known_at=known_at), digest


def _moved_lines(held: Held, red_lines: Iterable[RedLineState]) -> Iterable[tuple[Any, ...]]:
    for each in red_lines:
        version, digest = held.red_lines.get((each.district, each.red_line, each.episode), (0, b""))
        if _digest(each) != digest:
            told = msgspec.structs.replace(each, version=version + 1)
            yield (
                *(each.programme, each.kind, each.name, each.district, each.red_line, each.episode, version + 1),
                *(each.state, each.raised_at, each.closed_at, _digest(each), _encode(told).decode()),
            )


async def _write_standings(connection: Connection, standings: Sequence[tuple[ProjectStanding, bytes, int]]) -> None:
    rows, history, problems = [], [], []
    for standing, digest, moved in standings:
        key, document = (standing.programme, standing.project), _encode(standing).decode()
        rows.append((*_plain(standing), digest, moved, document))
        history.append((*key, standing.version, standing.known_at, document))
        problems += [
            (*key, each.id, standing.plan.district, each.text, each.factor, each.owner, each.due,
             each.raised_in, each.solved_in)
            for each in standing.problems
        ]  # fmt: skip
    await connection.executemany(_WRITE_PROJECT, rows)
    await connection.executemany(_WRITE_HISTORY, history)
    await connection.executemany(_FORGET_PROBLEMS, [row[:2] for row in history])
    if problems:
        await connection.executemany(_WRITE_PROBLEM, problems)


def _plain(standing: ProjectStanding) -> tuple[Any, ...]:
    """A standing as the plain columns of metrics.project."""
    plan, month = standing.plan, next((m for m in reversed(standing.months) if m.status is not None), None)
    ended = [stay.how for stay in standing.stays if stay.how is not None]
    listed = any(stay.ended is None for stay in standing.stays)
    measured = ("period", "status", "lag_days", "late_node", "due", "done", "unstarted_months")
    return (
        *(standing.programme, standing.project, standing.version, standing.known_at, plan.name.zh, plan.name.en),
        *(plan.district, plan.department, plan.contact.name, plan.contact.role, plan.invented),
        *(listed, None if listed else ended[-1]),
        *(None if month is None else getattr(month, name) for name in measured),
        plan.invest_total,
        *(None if month is None else (getattr(month, n)) for n in ("invested_total", "invested_year", "planned_year")),
    )


def _digest(told: object) -> bytes:
    return blake2b(_encode(told), digest_size=16).digest()


def _subject(row: Record) -> Subject:
    return row["programme"], row["kind"], row["name"]


_SUBJECTS = "programme text, kind text, name text"

_STATEMENTS = f"""
SELECT s.programme, s.kind, s.name, s.statement, s.type, s.received_at, s.document::text AS document,
       o.version, o.outcome, o.code
FROM {unnest(_SUBJECTS)} JOIN metrics.project_statement AS s USING (programme, kind, name)
LEFT JOIN metrics.project_outcome AS o USING (statement)"""

_PROJECTS = f"""
SELECT p.programme, p.project, p.version, p.known_at, p.digest, p.standing::text AS standing
FROM {unnest(_SUBJECTS)} JOIN metrics.project AS p
  ON (p.programme, p.project) = (new.programme, new.name) AND new.kind = 'project'
ORDER BY p.programme, p.project"""

_HELD = _PROJECTS.replace(", p.standing::text AS standing", "")

_RED_LINES = f"""
SELECT r.programme, r.kind, r.name, r.district, r.red_line, r.episode, r.version, r.digest, r.document::text AS document
FROM {unnest(_SUBJECTS)} JOIN metrics.project_red_line AS r USING (programme, kind, name)
ORDER BY r.programme, r.kind, r.name, r.raised_at, r.district, r.red_line, r.episode"""

_WRITE_OUTCOME = """
WITH written AS (
    INSERT INTO metrics.project_outcome (statement, programme, kind, name, version, outcome, code, moved, decided_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (statement) DO UPDATE SET version = excluded.version, outcome = excluded.outcome, code = excluded.code,
        moved = excluded.moved, decided_at = excluded.decided_at
    RETURNING statement, version, outcome, code, decided_at)
INSERT INTO metrics.project_outcome_history (statement, version, outcome, code, decided_at) SELECT * FROM written"""

_WRITE_RED_LINE = """
WITH written AS (
    INSERT INTO metrics.project_red_line (programme, kind, name, district, red_line, episode, version, state, raised_at,
        closed_at, digest, document)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::json)
    ON CONFLICT (programme, kind, name, district, red_line, episode) DO UPDATE SET version = excluded.version,
        state = excluded.state, raised_at = excluded.raised_at, closed_at = excluded.closed_at,
        digest = excluded.digest, document = excluded.document
    RETURNING programme, kind, name, district, red_line, episode, version, document)
INSERT INTO metrics.project_red_line_past
    (programme, kind, name, district, red_line, episode, version, known_at, document)
SELECT programme, kind, name, district, red_line, episode, version, $13, document FROM written"""

_PROJECT_COLUMNS = """programme, project, version, known_at, name_zh, name_en, district, department, contact,
    contact_role, invented, listed, ended, period, status, lag_days, late_node, due, done, unstarted_months,
    invest_total, invested_total, invested_year, planned_year, digest, moved, standing"""
_NUMERIC = {"due", "done", "invest_total", "invested_total", "invested_year", "planned_year"}
_VALUES = ", ".join(
    f"${n}::text::{'json' if name == 'standing' else 'numeric'}" if name in _NUMERIC | {"standing"} else f"${n}"
    for n, name in enumerate((name.strip() for name in _PROJECT_COLUMNS.split(",")), 1)
)
_WRITE_PROJECT = f"""
INSERT INTO metrics.project ({_PROJECT_COLUMNS}) VALUES ({_VALUES})
ON CONFLICT (programme, project) DO UPDATE SET
    {", ".join(f"{name.strip()} = excluded.{name.strip()}" for name in _PROJECT_COLUMNS.split(",")[2:])}"""

_WRITE_HISTORY = """
INSERT INTO metrics.project_standing (programme, project, version, known_at, document)
VALUES ($1, $2, $3, $4, $5::text::json)"""

_FORGET_PROBLEMS = "DELETE FROM metrics.project_problem WHERE programme = $1 AND project = $2"
_WRITE_PROBLEM = """
INSERT INTO metrics.project_problem (programme, project, problem, district, said, factor, owner, due, raised_in,
    solved_in) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""
