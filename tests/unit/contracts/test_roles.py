"""Role × act × cells, exhaustively: each place where a service takes an act grants what roles.yaml grants, no more.

The grid is every role (and one that is unknown) × every act × own or another's cell, against the code of the services.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import httpx
import msgspec
import pytest
import structlog
from starlette.routing import BaseRoute, Route

from contracts.authority import Grant, Refused, Tokens, granted
from contracts.cells import Cell
from contracts.description.routes import declared
from contracts.events import Report
from contracts.objections import Objection
from contracts.operations.callers import Callers
from contracts.operations.clock import RealClock
from contracts.operations.connections import Unavailable
from contracts.operations.http import Problem, application
from contracts.passes import Bearer, Minter, make_keys
from contracts.programme import CITY
from contracts.projects import Closed, Raised
from contracts.responsibility import answerable, concerned
from contracts.roles import ACTS, Act, may, table
from services.alerts import api as alerts
from services.alerts.api import acts as ticket_acts
from services.alerts.api import objections, receivers
from services.alerts.api.access import Access as AlertsAccess
from services.alerts.projects import api as alerts_projects
from services.ingest.acts.acceptance import NEEDS, Acceptance
from services.ingest.api import Intake
from services.ingest.catalogues import routes as catalogue_routes
from services.ingest.limits import Limits
from services.ingest.projects.acceptance import Acceptance as ProjectAcceptance
from services.ingest.returning import routes as returning_routes
from services.metrics import api as metrics
from services.metrics.api.access import Access as MetricsAccess
from services.metrics.api.previews import routes as preview_routes
from services.metrics.projects.api import routes as project_routes
from tests.support.intake import NOW, acceptance, catalogue, lookup

ROLES = (*table().roles, "janitor")
INDICATOR, DISTRICT, OTHER = "major_projects_investment", "deqing", "anji"


def grid(*sides: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Every combination."""
    return list(product(*sides))


def bearer(role: str, unit: str | None) -> Bearer:
    """A person of the role, in `unit` where the role has units."""
    found = table().roles.get(role)
    return Bearer(subject="somebody", role=role, unit=unit if found is not None and found.units else None)


def units(role: str) -> tuple[str, str]:
    """A unit of the role and another one; for roles without units none matters."""
    found = table().roles.get(role)
    listed = found.units_in(lookup()) if found is not None else ()
    return (listed[0], listed[1]) if len(listed) > 1 else ("", "")


def test_the_table_is_whole() -> None:
    """Every act has words, every role knows only acts that exist, `own` goes with units, no act stands in both."""
    assert tuple(table().acts) == ACTS
    for name, role in table().roles.items():
        assert not role.all & role.own, name
        assert bool(role.own) <= bool(role.units), name
        assert "read" in role.all, name
    assert table().roles["leader"].acts == {"read"}
    assert set(table().roles["function_group"].units) == set(table().groups)


@pytest.mark.parametrize("role", ROLES)
def test_a_grant_is_what_the_table_says(role: str) -> None:
    """Each role × act: allowed where granted and nowhere else; an unknown role may nothing."""
    grant = granted(bearer(role, units(role)[0]), lookup())
    assert {act for act in ACTS if grant.allows(act)} == {act for act in ACTS if may(role, act, own=True)}
    assert bool(grant.acts) == (role != "janitor")


@pytest.mark.parametrize("role", ROLES)
def test_a_districts_government_acts_in_its_district(role: str) -> None:
    """What is granted on own cells does not reach into another district."""
    found = table().roles.get(role)
    of_districts = found is not None and found.units == "districts"
    grant = granted(bearer(role, DISTRICT if of_districts else units(role)[0]), lookup())
    for act in ACTS:
        here = may(role, act, own=True)
        only_here = of_districts and found is not None and act in found.own
        assert grant.allows(act, INDICATOR, DISTRICT) == here
        assert grant.allows(act, INDICATOR, OTHER) == (here and not only_here)


def test_a_person_without_the_unit_of_the_role_may_do_nothing_of_its_own() -> None:
    """A clerk whose pass names no unit, or one that is none of the role's, reads and no more."""
    for unit in (None, DISTRICT, "nowhere"):
        grant = granted(Bearer(subject="x", role="department_clerk", unit=unit), lookup())
        assert grant.acts == {"read"}
        assert grant.unit is None


# A series and the unit that writes it (rule 2.4): a district's government, and a department for the city.
WRITTEN_BY = {(INDICATOR, DISTRICT): DISTRICT, ("small_city_pilots", CITY): "dev_reform_commission"}


REPORTING: tuple[Act, ...] = ("report", "correct")


def people(unit: str) -> Iterator[tuple[str, Grant, bool]]:
    """Somebody of each role in `unit` and in another one, and whether a person of the role can belong to `unit`."""
    for role in ROLES:
        found = table().roles.get(role)
        listed = found.units_in(lookup()) if found is not None else ()
        for of in (unit, *(each for each in listed if each != unit)):
            yield role, granted(bearer(role, of), lookup()), of == unit and unit in listed


@pytest.mark.parametrize("series", WRITTEN_BY)
def test_reports_are_taken_from_who_may_report(series: tuple[str, str]) -> None:
    """Ingest: a value or a correction passes only from the unit that writes the cell, in a role that may."""
    cell = _cell(*series)
    for role, by, own in people(WRITTEN_BY[series]):
        for revision, act in enumerate(REPORTING):
            report = Report(**_names(cell), value="1", unit="x", revision=revision, reason="x" if revision else None)
            objection = acceptance()._unauthorised(report, by, cell)
            assert (objection is None) == may(role, act, own=own), (role, by.unit, act)
            assert objection is None or objection.code in ("not_authorised_for_kind", "not_authorised_for_cell")


@pytest.mark.parametrize("series", WRITTEN_BY)
def test_acts_on_cells_are_taken_from_who_may(series: tuple[str, str]) -> None:
    """Ingest: approve, return, excuse, comment, publish."""
    cell = _cell(*series)
    for role, by, own in people(WRITTEN_BY[series]):
        for act, needed in NEEDS.items():
            asked = Mock(act=act, indicator=series[0], district=series[1])
            objection = Acceptance(acceptance())._unauthorised(asked, by, cell)
            assert (objection is None) == may(role, needed, own=own), (role, by.unit, act)
            assert objection is None or objection.code.startswith("not_authorised_for_")


COMMANDS: list[ticket_acts.Commands] = [
    ticket_acts.Ack(),
    ticket_acts.Answer(cause="c", plan="p", promised_on=date(2023, 8, 1)),
    ticket_acts.ReviewPassed(reason="r"),
    ticket_acts.ReviewRefused(reason="r"),
    ticket_acts.Escalate(reason="r"),
    ticket_acts.Suppress(reason="r", approver="a", until=NOW),
    ticket_acts.Unsuppress(reason="r"),
    ticket_acts.Object(about="light", reason="r"),
    ticket_acts.ObjectionUpheld(reason="r"),
    ticket_acts.ObjectionDismissed(reason="r"),
    ticket_acts.ObjectionWithdrawn(reason="r"),
]


def test_every_command_is_in_the_grid() -> None:
    """A new act on tickets has to be added here."""
    assert {type(each) for each in COMMANDS} == set(ticket_acts._NEEDS)


@pytest.mark.parametrize("addressee", [DISTRICT, "construction_bureau"])
def test_acts_on_tickets_are_taken_from_who_may(addressee: str) -> None:
    """Alerts: sign for, answer, review, escalate, suppress; the addressee's acts by the addressee only."""
    ticket = Mock(indicator=INDICATOR, district=DISTRICT, addressee=addressee, rule="lag")
    for role, by, own in people(addressee):
        for command in COMMANDS:
            refusal = _refusal(partial(ticket_acts._may, by, command, ticket))
            wanted = may(role, ticket_acts._NEEDS[type(command)], own=own)
            assert (refusal is None) == wanted, (role, by.unit, command)
            assert refusal in (None, (403, "not_authorised"), (403, "not_addressee"))


@pytest.mark.parametrize("series", WRITTEN_BY)
def test_red_lines_on_a_task_are_taken_from_who_has_to_do_with_it(series: tuple[str, str]) -> None:
    """Ingest: raised by a unit that answers for the series or leads, or by the office; closed by the office."""
    about: dict[str, Any] = {
        "programme": "huzhou-2023-2027", "indicator": series[0], "district": series[1], "kind": "cultivated_land",
    }  # fmt: skip
    said: dict[str, Raised | Closed] = {
        "report": Raised(**about, text="t", on=date(2023, 7, 1), evidence=("e",)),
        "approve": Closed(**about, reason="r"),
    }
    for role, by, _ in people(WRITTEN_BY[series]):
        for act, statement in said.items():
            found = ProjectAcceptance(catalogue()).accept(Mock(said=statement), by, NOW)
            own = act == "report" and by.unit in concerned(lookup(), *series)
            wanted = may(role, "approve") or (own and may(role, "report", own=True))
            assert (not isinstance(found, Objection)) == wanted, (role, by.unit, act)
            assert not isinstance(found, Objection) or found.code.startswith("not_authorised_for_")


def test_who_may_approve_a_suppression() -> None:
    """Alerts (rule 8): the roles that may suspend a ticket; nobody who is not known."""
    ticket = Mock(indicator=INDICATOR, district=DISTRICT, rule="lag")
    for role, by, _ in people(DISTRICT):
        refusal = _refusal(partial(ticket_acts._approved, by, ticket))
        assert refusal == (None if may(role, "suppress") else (422, "approver_not_authorised")), role
    with pytest.raises(Problem):
        ticket_acts._approved(None, ticket)


@pytest.mark.parametrize("series", WRITTEN_BY)
def test_objections_are_taken_from_who_answers(series: tuple[str, str]) -> None:
    """Alerts: the lead of a unit that writes the series, or that its tickets go to, objects to its light or target."""
    seen = AlertsAccess(Mock(), catalogue())
    for role, by, own in people(WRITTEN_BY[series]):
        answers = by.unit in answerable(lookup(), *series)
        refusal = _refusal(partial(objections.may, seen, by, *series))
        assert (refusal is None) == may(role, "object", own=own or answers), (role, by.unit)
        assert refusal in (None, (403, "not_authorised"), (403, "not_addressee"))


@pytest.mark.parametrize("series", WRITTEN_BY)
def test_objections_are_taken_back_by_who_raised_them(series: tuple[str, str]) -> None:
    """Alerts: the lead of the unit that raised it, whatever other units answer for the series; nobody else."""
    raised_by = WRITTEN_BY[series]
    objection = Mock(indicator=series[0], district=series[1], unit=raised_by)
    for role, by, own in people(raised_by):
        refusal = _refusal(partial(objections.may_withdraw, by, objection))
        assert (refusal is None) == may(role, "object", own=own), (role, by.unit)
        assert refusal in (None, (403, "not_authorised"), (403, "not_addressee"))


def _refusal(asked: Callable[[], object]) -> tuple[int, str] | None:
    """With which status and code it is refused; None: it is not."""
    try:
        asked()
    except Problem as refused:
        return refused.status, refused.code
    return None


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder / "private.json", folder / "public.json")
    return folder


class Away:
    """What stands behind the routes: whoever passes the door finds it closed for the day (503)."""

    def __getattr__(self, name: str) -> Any:
        return Away()

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise Unavailable("away")


AWAY: Any = Away()


def _routes(service: str, tokens: Tokens) -> Sequence[BaseRoute]:
    callers = Callers(tokens, RealClock())
    if service == "ingest":
        intake = Intake(acceptance(), AWAY, tokens, RealClock(), AWAY, Limits(), AWAY, "http://metrics")
        return [*intake.routes(), *catalogue_routes(callers, AWAY), *returning_routes(callers, Limits())]
    if service == "metrics":
        access = MetricsAccess(callers, catalogue())
        return [*metrics.routes(access, AWAY), *project_routes(access, AWAY), *preview_routes(access, AWAY)]
    seen = AlertsAccess(callers, catalogue())
    return [
        *alerts.routes(seen, *(AWAY for _ in range(11))),
        *alerts_projects.routes(seen, AWAY),
        *receivers.routes(seen, AWAY, AWAY),
    ]


@pytest.fixture
def unlogged() -> Iterator[None]:
    """What the requests log is not drawn: hundreds of tracebacks take longer than the test."""
    with structlog.testing.capture_logs():
        yield


@pytest.mark.parametrize(("service", "role"), grid(("ingest", "metrics", "alerts"), ROLES))
@pytest.mark.usefixtures("unlogged")
async def test_every_route_refuses_what_the_table_does_not_grant(service: str, role: str, keys: Path) -> None:
    """Each route of the three APIs, asked with the pass of each role: 403 exactly where none of its acts is granted."""
    tokens = Tokens(keys / "none.yaml", lookup(), passes=keys / "public.json")
    routes = _routes(service, tokens)
    real = {(m.lower(), r.path) for r in routes if isinstance(r, Route) for m in (r.methods or set()) - {"HEAD"}}
    declared_ = {(each.method, each.path): each for each in declared().of(service).values()}
    authorization = f"Bearer {Minter(keys / 'private.json').mint(bearer(role, units(role)[0]))}"
    transport = httpx.ASGITransport(application(routes), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        for method, path in sorted(real):
            address = path.replace("{programme}", "huzhou-2023-2027").replace("{indicator}", INDICATOR)
            address = address.replace("{district}", DISTRICT)
            answer = await client.request(
                method, address, headers={"Authorization": authorization}, content=b"{}" if method == "post" else None
            )
            allowed = any(may(role, act, own=True) for act in declared_[method, path].acts)
            assert (answer.status_code != 403) == allowed, (method, path, answer.text)
            if not allowed:
                assert answer.json()["code"] == "not_authorised"


@pytest.mark.parametrize("authorization", [None, "Bearer a.b.c", "Bearer nonsense", "Basic x"])
async def test_nobody_is_nobody(authorization: str | None, keys: Path) -> None:
    """Without a pass or a token, or with one that is neither: 401 with a challenge."""
    tokens = Tokens(keys / "none.yaml", lookup(), passes=keys / "public.json")
    transport = httpx.ASGITransport(application(_routes("metrics", tokens)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        headers = {} if authorization is None else {"Authorization": authorization}
        answer = await client.get("/v1/programmes/huzhou-2023-2027/standings", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_service_without_the_desks_keys_knows_no_person(keys: Path) -> None:
    """No setting, no people: the pass is an unknown token."""
    minted = Minter(keys / "private.json").mint(bearer("leader", None))
    with pytest.raises(Refused) as refused:
        Tokens(keys / "none.yaml").grant(f"Bearer {minted}", NOW)
    assert (refused.value.status, refused.value.code) == (401, "token_unknown")


def test_the_person_is_the_actor(keys: Path) -> None:
    """What services stamp is the person's subject; two people spend rates of their own."""
    tokens = Tokens(keys / "none.yaml", passes=keys / "public.json")
    minter = Minter(keys / "private.json")
    one, two = (
        tokens.grant(f"Bearer {minter.mint(Bearer(subject=name, role='leader'))}", NOW) for name in ("li", "wang")
    )
    assert (one.subject, two.subject) == ("li", "wang")
    assert one.sha256 != two.sha256
    assert isinstance(one, Grant)
    assert msgspec.structs.replace(one).acts == one.acts


def _cell(indicator: str, district: str) -> Cell:
    """The series' first cell of 2023."""
    return next(c for c in catalogue().cells.of(indicator, district) if c.period.year == 2023)


def _names(cell: Cell) -> dict[str, Any]:
    return {
        "programme": "huzhou-2023-2027",
        "indicator": cell.indicator,
        "district": cell.district,
        "period": cell.period.text,
    }
