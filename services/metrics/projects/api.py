"""The projects to read (rule 12): the list, one with its history, the lists' figures, problems, red lines, receipts.

`as_of` and `known_at` go everywhere: how things stood on the one, as it was known by the other (rule 2.10).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.authority import Grant
from contracts.operations.http import Problem, json_response
from contracts.operations.listing import page
from contracts.operations.parameters import known, limit, moment, wrong
from contracts.project_events import ProjectStanding, RedLineState
from contracts.projects import FACTORS
from contracts.topics import partition_of
from services.metrics.api.access import Access
from services.metrics.projects.figures import Feed, ListFigures, feeds, figures, plan_at
from services.metrics.projects.reading import Reading
from services.metrics.projects.views import (
    HeldProjectReport,
    ProblemView,
    ProjectView,
    held,
    listed,
    problems_at,
    project,
)

PROJECT_STATES = ("not_started", "under_way", "suspended", "completed", "left", "unreported")
_COLUMNS = (
    *("programme", "project", "name_zh", "name_en", "district", "department", "contact_name", "contact_role", "lists"),
    *("state", "period", "lag_days", "lag_text_zh", "late_node", "due", "done", "invest_total", "invested_total"),
    *("invested_year", "planned_year", "year_share", "problems_open", "problems_overdue", "red_lines", "invented"),
)
_PROBLEMS = tuple(field.name for field in msgspec.structs.fields(ProblemView) if field.name not in ("name",))
_RED_LINES = tuple(field.name for field in msgspec.structs.fields(RedLineState))
_FED = (
    *("indicator", "district", "period", "value", "unit", "revision", "confidence", "reason", "received_at"),
    *("partition", "offset"),
)
_HELD = tuple(
    column
    for field in msgspec.structs.fields(HeldProjectReport)
    for column in (("name_zh", "name_en") if field.name == "name" else (field.name,))
)
_HISTORY = ("project", "version", "known_at")
_RETRY_AFTER = 1


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks, of when."""

    grant: Grant
    programme: str
    as_of: date
    known_at: datetime | None

    def sees(self, standing: ProjectStanding) -> bool:
        """Whether the project is in a district of the token's and the list knew it then."""
        place = plan_at(standing, self.as_of).district
        return listed(standing, self.as_of) and self.grant.allows("read", district=place)


def routes(access: Access, reading: Reading) -> list[BaseRoute]:
    """Every route about projects."""
    api = _Api(access, reading)
    at = "/v1/programmes/{programme}"
    return [
        Route(at + "/projects", api.projects),
        Route(at + "/projects/{project}", api.one),
        Route(at + "/projects/{project}/history", api.history),
        Route(at + "/project-lists", api.lists),
        Route(at + "/held-project-reports", api.held),
        Route(at + "/fed-cells", api.fed_cells),
        Route(at + "/problems", api.problems),
        Route(at + "/red-lines", api.red_lines),
        Route("/v1/project-receipts/{receipt}", api.receipt),
    ]


class _Api:
    def __init__(self, access: Access, reading: Reading) -> None:
        self._access, self._reading = access, reading

    async def projects(self, request: Request) -> Response:
        """Every project as of a date, by its id."""
        asked, most = self._asked(request), limit(request)
        state = _word(request, "project_state", PROJECT_STATES)
        on, after = request.query_params.get("list"), request.query_params.get("after", "")
        found = []
        for view in await self._views(asked):
            mine = (on is None or on in view.lists) and (state is None or view.state == state)
            if mine and _within(request, view.district, view.department) and view.project > after:
                found.append(view)
        cursor = found[most - 1].project if len(found) > most else None
        return page(request, found[:most], cursor, _COLUMNS)

    async def one(self, request: Request) -> Response:
        """One project: as of a date, its whole standing, and what was said of it."""
        asked = self._asked(request)
        standing = await self._standing(request, asked)
        lines = [
            line
            for line in await self._reading.red_lines(asked.programme, asked.known_at)
            if (line.kind, line.name) == ("project", standing.project)
        ]
        said = await self._reading.statements(asked.programme, standing.project, asked.known_at)
        return json_response(
            {
                "project": project(standing, asked.as_of, lines),
                "standing": standing,
                "problems": problems_at(standing, asked.as_of),
                "red_lines": lines,
                "statements": said,
            }
        )

    async def history(self, request: Request) -> Response:
        """Every version of its standing, in the order in which they became known."""
        asked = self._asked(request)
        standing = await self._standing(request, asked)
        found = await self._reading.versions(asked.programme, standing.project, asked.known_at)
        return page(request, found, None, _HISTORY)

    async def held(self, request: Request) -> Response:
        """The late reports that wait for the office, the longest first."""
        asked = self._asked(request)
        rows = await self._reading.held(asked.programme, asked.known_at)
        known = {e.project: e for e in await self._reading.standings(asked.programme, asked.known_at)} if rows else {}
        found = [held(row, known[row["project"]]) for row in rows if row["project"] in known]
        mine = [each for each in found if asked.grant.allows("read", district=each.district)]
        return page(request, [each for each in mine if _within(request, each.district, each.department)], None, _HELD)

    async def lists(self, request: Request) -> Response:
        """The lists' figures beside the plan's, and what projects add up to for the indicators they feed."""
        asked = self._asked(request)
        standings = await self._reading.standings(asked.programme, asked.known_at)
        catalogue = self._access.known_then(asked.known_at)[0].programme
        told: list[ListFigures] = figures(catalogue.projects, standings, asked.as_of)
        fed_by = {each.id: each.fed_by for each in catalogue.indicators if each.fed_by is not None}
        fed: list[Feed] = [
            each for each in feeds(standings, fed_by, asked.as_of) if asked.grant.allows("read", district=each.district)
        ]
        return json_response({"as_of": asked.as_of, "lists": told, "feeds": fed})

    async def fed_cells(self, request: Request) -> Response:
        """The cells that projects feed, and where the report that tells each sum stands."""
        asked = self._asked(request)
        found = [
            each | {"partition": partition_of(asked.programme, each["indicator"])}
            for each in await self._reading.fed(asked.programme)
            if asked.grant.allows("read", each["indicator"], each["district"])
            and _within(request, each["district"], None)
        ]
        return page(request, found, None, _FED)

    async def problems(self, request: Request) -> Response:
        """The problems as of a date, and how many are open by factor."""
        asked = self._asked(request)
        state, factor = _word(request, "state", ("open", "solved")), _word(request, "factor", tuple(FACTORS))
        owner, overdue = request.query_params.get("owner"), _word(request, "overdue", ("true", "false"))
        found = [
            each
            for standing in await self._reading.standings(asked.programme, asked.known_at)
            if asked.sees(standing)
            and _within(request, plan_at(standing, asked.as_of).district, plan_at(standing, asked.as_of).department)
            for each in problems_at(standing, asked.as_of)
            if (state is None or each.state == state)
            and (factor is None or each.factor == factor)
            and (owner is None or each.owner == owner)
            and (overdue is None or each.overdue == (overdue == "true"))
        ]
        if request.query_params.get("format") in ("csv", "ndjson"):
            return page(request, found, None, _PROBLEMS)
        return json_response({"as_of": asked.as_of, "items": found, "factors": _by_factor(found)})

    async def red_lines(self, request: Request) -> Response:
        """Red lines on projects and tasks, the open ones first."""
        asked, state = self._asked(request), _word(request, "state", ("open", "closed"))
        found = [
            line
            for line in await self._reading.red_lines(asked.programme, asked.known_at)
            if asked.grant.allows("read", line.name if line.kind == "indicator" else None, line.district)
            and (state is None or line.state == state)
            and _within(request, line.district, None)
        ]
        return page(request, sorted(found, key=lambda line: line.state != "open"), None, _RED_LINES)

    async def receipt(self, request: Request) -> Response:
        """What became of the statements of a receipt."""
        self._access.reader(request)
        rows = await self._reading.receipt(request.path_params["receipt"])
        if not rows:
            zh, en = "尚无此回执的记录，请稍后再查", "nothing of this receipt is recorded yet; ask again"
            raise Problem(404, "unknown_receipt", zh, en, headers={"Retry-After": str(_RETRY_AFTER)})
        items = [{name: value for name, value in row.items() if name != "expected"} for row in rows]
        document = {"receipt": request.path_params["receipt"], "expected": rows[0]["expected"]}
        return json_response(document | {"recorded": len(items), "items": items})

    def _asked(self, request: Request) -> _Asked:
        grant = self._access.reader(request)
        programme = self._access.lookup.programme.id
        known(request.path_params["programme"], {programme}, "programme")
        return _Asked(grant, programme, self._access.as_of(request), moment(request, "known_at"))

    async def _views(self, asked: _Asked) -> list[ProjectView]:
        lines: defaultdict[str, list[RedLineState]] = defaultdict(list)
        for line in await self._reading.red_lines(asked.programme, asked.known_at):
            if line.kind == "project":
                lines[line.name].append(line)
        standings = await self._reading.standings(asked.programme, asked.known_at)
        return [project(each, asked.as_of, lines[each.project]) for each in standings if asked.sees(each)]

    async def _standing(self, request: Request, asked: _Asked) -> ProjectStanding:
        """The project of the path; 404 when it was not known then or is not the caller's to see."""
        found = await self._reading.standing(asked.programme, request.path_params["project"], asked.known_at)
        if found is None or not asked.sees(found):
            raise Problem(404, "unknown_project", "没有这个项目", "there is no such project")
        return found


def _within(request: Request, district: str, department: str | None) -> bool:
    """The filters that every list takes."""
    asked = request.query_params
    return asked.get("district", district) == district and asked.get("department", department) == department


def _word(request: Request, name: str, allowed: Sequence[str]) -> str | None:
    text = request.query_params.get(name)
    if text is not None and text not in allowed:
        words = ", ".join(allowed)
        raise wrong(name, f"应为以下之一：{words}", f"must be one of {words}")
    return text


def _by_factor(problems: Sequence[ProblemView]) -> list[dict[str, object]]:
    """Causes of delay (要素保障): how many problems are open, and overdue, by factor, the most first."""
    open_ = Counter(each.factor for each in problems if each.state == "open")
    late = Counter(each.factor for each in problems if each.overdue)
    return [
        {"factor": factor, "text": FACTORS[factor], "open": count, "overdue": late[factor]}
        for factor, count in open_.most_common()
    ]
