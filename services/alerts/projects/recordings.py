"""What is stored of each project, read for a trial (trying.py): every version of its standing, its lights of record,
its tickets and what was done about them.
"""

from collections import defaultdict
from typing import Any

import msgspec

from contracts.events import Text
from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from contracts.project_events import ProjectStanding
from services.alerts.projects.trying import Recorded
from services.alerts.trial.recordings import ACTS, act, episode

_STANDING = msgspec.json.Decoder(ProjectStanding)


async def recordings(pool: Pool, programme: str) -> list[Recorded]:
    """Every project that anything was judged of, by its id."""
    projects = await _fetch(pool, _PROJECTS, programme)
    replaced = await _of(pool, _REPLACED, programme)
    lights = await _of(pool, _LIGHTS, programme)
    tickets = await _of(pool, _TICKETS, programme)
    acts = await _of(pool, _ACTED, programme, list(ACTS))
    return [
        Recorded(
            (id_ := row["project"]),
            Text(row["name_zh"], row["name_en"]),
            row["district"],
            row["department"],
            [_STANDING.decode(each["document"]) for each in (*replaced[id_], row)],
            {each["period"]: each["record"] for each in lights[id_]},
            [act(each) for each in acts[id_]],
            [episode(each) for each in tickets[id_]],
            row["through"].astimezone(SHANGHAI),
        )
        for row in projects
    ]


async def _of(pool: Pool, question: str, *given: Any) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in await _fetch(pool, question, *given):
        found[row["project"]].append(row)
    return found


async def _fetch(pool: Pool, question: str, *given: Any) -> list[Any]:
    with sorted_errors():
        return list(await pool.fetch(question, *given))


_PROJECTS = """
SELECT p.project, p.name_zh, p.name_en, p.district, p.department, p.document::text AS document, w.through
FROM alerts.project p JOIN alerts.project_watermark w USING (partition)
WHERE p.programme = $1 AND p.document IS NOT NULL ORDER BY p.project
"""
_REPLACED = """
SELECT project, document::text AS document FROM alerts.project_standing_past WHERE programme = $1
ORDER BY project, version
"""
_LIGHTS = "SELECT project, period, record FROM alerts.project_light WHERE programme = $1"
_TICKETS = """
SELECT indicator AS project, first_period, level, state FROM alerts.ticket
WHERE programme = $1 AND rule = 'project' ORDER BY indicator, episode
"""
_ACTED = """
SELECT k.indicator AS project, e.event, e.at, e.actor, e.detail::text AS detail
FROM alerts.ticket_event e JOIN alerts.ticket k USING (ticket)
WHERE k.programme = $1 AND k.rule = 'project' AND e.actor IS NOT NULL AND e.event = ANY ($2)
ORDER BY e.at, e.position
"""
