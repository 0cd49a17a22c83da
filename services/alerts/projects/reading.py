"""What the API and the gauges ask Postgres of projects: lights now or at a moment, months, changes, red lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from contracts.events import Colour, Text
from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from contracts.project_events import ProjectStanding
from contracts.project_words import lag_text
from services.alerts.projects.feeding import Shown


class ProjectLight(msgspec.Struct, frozen=True, kw_only=True):
    """The light a project shows. `shown` is red while a red line is open, whatever its schedule's `light` says."""

    programme: str
    project: str
    name: Text
    district: str
    department: str
    addressee: str
    contact: str
    contact_role: str
    invented: bool
    listed: bool
    feeds: tuple[str, ...]
    shown: Colour
    light: Colour
    marked: bool
    period: str | None
    stale: bool
    since: datetime | None
    lag_days: int | None
    lag_text: Text
    red_lines: int


class ProjectMonth(msgspec.Struct, frozen=True, kw_only=True):
    """The lights of one month of a project: live, and of record from its due date on."""

    period: str
    period_end: date
    due_at: datetime
    lock_at: datetime
    live: Colour | None
    record: Colour | None
    lag_days: int | None
    unstarted_months: int
    version: int


class ProjectChange(msgspec.Struct, frozen=True, kw_only=True):
    """A stored light that changed, and the message that said so."""

    change: int
    period: str
    kind: str
    before: Colour | None
    after: Colour | None
    worse: bool
    at: datetime
    seq: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Present:
    """What the gauges say."""

    lights: list[tuple[str, str, str, str, str, int, bool]]  # programme, project, district, light, shown, lines, listed
    red_lines: list[tuple[str, str, str, str, str]]  # programme, kind, name, district, red line: the open ones


class Reading:
    """The read queries on one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def lights(self, programme: str, as_of: date | None, known_at: datetime | None) -> list[ProjectLight]:
        """Every project's light, by its id: as it is shown, as it was shown at a moment, or that of a day."""
        if as_of is not None:
            query = _LIGHTS_OF if known_at is None else _LIGHTS_OF_THEN
            return [of_day(row, as_of) for row in await self._fetch(query, programme, as_of, known_at)]
        query, asked = (_LIGHTS, (programme,)) if known_at is None else (_LIGHTS_THEN, (programme, known_at))
        return [_light(row) for row in await self._fetch(query, *asked)]

    async def months(
        self, programme: str, project: str, as_of: date | None, known_at: datetime | None
    ) -> list[ProjectMonth]:
        """Every month of a project that has a light, in order; those that end by a day, as shown at a moment."""
        asked = (_MONTHS, programme, project, as_of) if known_at is None else (
            _MONTHS_THEN, programme, project, as_of, known_at,
        )  # fmt: skip
        return [ProjectMonth(**_local(row)) for row in await self._fetch(*asked)]

    async def changes(
        self, programme: str, project: str, as_of: date | None, known_at: datetime | None
    ) -> list[ProjectChange]:
        """The changes of its stored lights, in the order in which they were decided."""
        rows = await self._fetch(_CHANGES, programme, project, as_of, known_at)
        return [ProjectChange(**_local(row)) for row in rows]

    async def judged(self) -> dict[int, datetime]:
        """How far each partition of projects is judged."""
        rows = await self._fetch("SELECT partition, through FROM alerts.project_watermark")
        return {row["partition"]: row["through"].astimezone(SHANGHAI) for row in rows}

    async def waits(self, through: datetime) -> bool:
        """Whether something said of projects or red lines before that is not judged yet."""
        return bool(await self._fetch(_WAITS, through))

    async def past(self, programme: str, indicators: Sequence[str]) -> dict[str, list[Shown]]:
        """What each project that ever fed one of these indicators showed, in the order of its moments."""
        found: dict[str, list[Shown]] = {}
        for row in await self._fetch(_PAST, programme, indicators):
            told = _local(row) | {"feeds": tuple(row["feeds"])}
            found.setdefault(told.pop("project"), []).append(Shown(**told))
        return found

    async def present(self) -> Present:
        """Everything the gauges say."""
        lights = [tuple(row) for row in await self._fetch(_GAUGES)]
        return Present(lights, [tuple(row) for row in await self._fetch(_OPEN_LINES)])

    async def _fetch(self, query: str, *arguments: Any) -> list[Any]:
        with sorted_errors():
            return list(await self._pool.fetch(query, *arguments))


def _light(row: Any) -> ProjectLight:
    told = _local(row)
    name = Text(told.pop("name_zh"), told.pop("name_en"))
    said = Text(told.pop("lag_text_zh"), told.pop("lag_text_en"))
    return ProjectLight(**told | {"feeds": tuple(told["feeds"])}, name=name, lag_text=said)


def of_day(row: Any, as_of: date) -> ProjectLight:
    """The light of the newest month that ends by a day, in the words of the standing that was known: `listed` on that
    day, stale by the months since then."""
    told = dict(row)
    standing = _STANDING.decode(told.pop("document"))
    month = next((each for each in standing.months if each.period == told["period"]), None)
    said = lag_text(standing, month)
    told |= {
        "listed": any(s.entered <= as_of and (s.ended is None or s.ended > as_of) for s in standing.stays),
        "lag_days": None if month is None or month.status is None else month.lag_days,
        "marked": told["light"] == "green" and month is not None and month.lag_days > 0,
        "lag_text_zh": said.zh,
        "lag_text_en": said.en,
    }
    return _light(told)


_STANDING = msgspec.json.Decoder(ProjectStanding)


def _local(row: Any) -> dict[str, Any]:
    return {k: v.astimezone(SHANGHAI) if isinstance(v, datetime) else v for k, v in row.items()}


_SAID = """p.programme, p.project, p.name_zh, p.name_en, p.district, p.department, p.addressee, p.contact,
  p.contact_role, p.invented, p.listed, p.feeds"""
_LIGHTS = f"""
SELECT {_SAID}, p.shown, p.light, p.marked, p.light_period AS period, p.stale, p.since, p.lag_days, p.lag_text_zh,
  p.lag_text_en, p.red_lines
FROM alerts.project_shown p WHERE p.programme = $1 ORDER BY p.project
"""
# Each as it was shown when it changed last by then, and the red lines open then.
_LIGHTS_THEN = f"""
SELECT {_SAID}, CASE WHEN lines.open > 0 THEN 'red' ELSE p.light END AS shown, p.light, p.marked,
  p.light_period AS period, p.stale, p.since, p.lag_days, p.lag_text_zh, p.lag_text_en,
  lines.open::integer AS red_lines
FROM (
  SELECT DISTINCT ON (project) project, document FROM alerts.project_told
  WHERE programme = $1 AND at <= $2 ORDER BY project, change DESC) AS told
CROSS JOIN LATERAL json_populate_record(NULL::alerts.project, told.document) AS p
CROSS JOIN LATERAL (
  SELECT count(*) AS open FROM alerts.project_red_line r
  WHERE (r.programme, r.kind, r.name) = ($1, 'project', p.project) AND r.raised_at <= $2
    AND (r.closed_at IS NULL OR r.closed_at > $2)) AS lines
ORDER BY p.project
"""
# Of each project the newest month with a light that ends by a day, and how many due dates passed since then without one
# (rule 6.4); the red lines open then, and the standing that says the rest (`of_day`).
_LIGHTS_OF_DAY = f"""
SELECT {_SAID}, CASE WHEN lines.open > 0 THEN 'red' ELSE was.light END AS shown, was.light, was.period,
  was.missed = 1 AND was.light <> 'grey' AS stale, lines.open::integer AS red_lines, standing.document,
  (SELECT max(c.at) FROM alerts.project_light_change c
   WHERE (c.programme, c.project, c.period, c.after) = ($1, p.project, was.period, was.light)
     AND ($3::timestamptz IS NULL OR c.at <= $3)) AS since
FROM {{projects}} AS p
CROSS JOIN LATERAL (
  SELECT d.document::text AS document FROM (
    SELECT n.version, n.document FROM alerts.project n WHERE (n.programme, n.project) = ($1, p.project)
    UNION ALL SELECT r.version, r.document FROM alerts.project_standing_past r
    WHERE (r.programme, r.project) = ($1, p.project)) AS d
  WHERE d.document IS NOT NULL
  ORDER BY ($3::timestamptz IS NULL OR (d.document ->> 'known_at')::timestamptz <= $3) DESC, d.version DESC LIMIT 1
) AS standing
CROSS JOIN LATERAL (
  WITH months AS (SELECT * FROM ({{months}}) AS m WHERE m.period_end <= $2),
  newest AS (
    SELECT m.period, m.period_end, coalesce(m.live, m.record) AS light FROM months m
    WHERE coalesce(m.live, m.record) <> 'grey' ORDER BY m.period_end DESC LIMIT 1),
  since AS (SELECT count(*) AS missed FROM months m JOIN newest n ON m.period_end > n.period_end AND m.record = 'grey')
  SELECT n.period, CASE WHEN missed > 1 THEN 'grey' ELSE coalesce(n.light, 'grey') END AS light, missed
  FROM since LEFT JOIN newest n ON true) AS was
CROSS JOIN LATERAL (
  SELECT count(*) AS open FROM alerts.project_red_line r
  WHERE (r.programme, r.kind, r.name) = ($1, 'project', p.project)
    AND r.raised_at <= coalesce($3::timestamptz, ($2::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
    AND (r.closed_at IS NULL
      OR r.closed_at > coalesce($3::timestamptz, ($2::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'))) AS lines
WHERE p.programme = $1 ORDER BY p.project
"""
_LIGHTS_OF = _LIGHTS_OF_DAY.format(
    projects="alerts.project",
    months="SELECT * FROM alerts.project_light l WHERE (l.programme, l.project) = ($1, p.project)",
)
_LIGHTS_OF_THEN = _LIGHTS_OF_DAY.format(
    projects="""(
  SELECT told.* FROM (
    SELECT DISTINCT ON (project) document FROM alerts.project_told
    WHERE programme = $1 AND at <= $3 ORDER BY project, change DESC) AS last
  CROSS JOIN LATERAL json_populate_record(NULL::alerts.project, last.document) AS told)""",
    months="""
    SELECT l.* FROM (
      SELECT DISTINCT ON (period) document FROM alerts.project_month_told
      WHERE (programme, project) = ($1, p.project) AND at <= $3 ORDER BY period, change DESC) AS last
    CROSS JOIN LATERAL json_populate_record(NULL::alerts.project_light, last.document) AS l""",
)
_LISTED = """
SELECT period, period_end, due_at, lock_at, live, record, lag_days, unstarted_months, version
FROM {months} AS m WHERE (programme, project) = ($1, $2) AND (live IS NOT NULL OR record IS NOT NULL)
  AND ($3::date IS NULL OR period_end <= $3)
ORDER BY period_end
"""
_MONTHS = _LISTED.format(months="alerts.project_light")
_MONTHS_THEN = _LISTED.format(
    months="""(
  SELECT l.* FROM (
    SELECT DISTINCT ON (period) document FROM alerts.project_month_told
    WHERE (programme, project) = ($1, $2) AND at <= $4 ORDER BY period, change DESC) AS told
  CROSS JOIN LATERAL json_populate_record(NULL::alerts.project_light, told.document) AS l)"""
)
_CHANGES = """
SELECT c.change, c.period, c.kind, c.before, c.after, c.worse, c.at, c.seq, c.reason FROM alerts.project_light_change c
JOIN alerts.project_light l USING (programme, project, period)
WHERE (c.programme, c.project) = ($1, $2) AND ($3::date IS NULL OR l.period_end <= $3)
  AND ($4::timestamptz IS NULL OR c.at <= $4)
ORDER BY c.change
"""
_PAST = """
SELECT project, since, district, listed, feeds, light FROM alerts.project_past
WHERE programme = $1 AND project IN (
  SELECT project FROM alerts.project_past WHERE programme = $1 AND feeds && $2::text[])
ORDER BY project, since
"""
_WAITS = "SELECT 1 FROM alerts.waiting WHERE kind IN ('project', 'red_line') AND known_at < $1 LIMIT 1"
_GAUGES = """
SELECT programme, project, district, light, shown, red_lines, listed FROM alerts.project_shown WHERE district <> ''
ORDER BY project
"""
_OPEN_LINES = """
SELECT programme, kind, name, district, red_line FROM alerts.project_red_line WHERE state = 'open'
ORDER BY kind, name, district, red_line
"""
# The messages that said what is still open, the newest first: the wall keeps them on top.
RED_LINES_SAID = """
SELECT f.document::text AS document FROM alerts.project_red_line r JOIN alerts.feed f USING (message_id)
WHERE r.programme = $1 AND r.state = 'open' ORDER BY f.seq DESC
"""
