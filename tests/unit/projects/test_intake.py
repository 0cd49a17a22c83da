"""Intake of statements about projects (rule 12): every no with its place, and who may say what."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import yaml
from prometheus_client import CollectorRegistry

from contracts.authority import Grant, Tokens, hashed
from contracts.codec import Record, decode
from contracts.objections import OF_PROJECTS, Objection
from contracts.operations.http import application
from contracts.project_events import ProjectListed, RedLineRaised
from contracts.projects import Problem, RedLine, Statement
from contracts.topics import PROJECT, partition_of
from services.ingest.api import Intake
from services.ingest.envelope import decode as read
from services.ingest.instruments import IntakeInstruments
from services.ingest.limits import Limits
from services.ingest.projects.acceptance import Acceptable, Acceptance
from services.ingest.projects.form import STATEMENTS
from tests.support import intake as intake_support
from tests.support.intake import NOW, TOKEN, Broker, catalogue
from tests.support.projects import (
    NODES,
    PROGRAMME,
    PROJECT_ID,
    closed,
    contacted,
    listed,
    plan,
    progress,
    raised,
    ruled,
)
from tests.support.recorded import HandClock, at

OFFICE = Grant(
    subject="office", sha256=hashed("o"), indicators="*", districts="*", kinds=frozenset({"approve", "review", "read"})
)
DEQING = Grant(
    subject="deqing", sha256=hashed("d"), indicators="*", districts=frozenset({"deqing"}),
    kinds=frozenset({"report", "correct", "read"}),
)  # fmt: skip
LEAD, BUREAU = (
    Grant(
        subject=unit, sha256=hashed(unit), department=unit, indicators="*", districts="*", kinds=frozenset({"report"})
    )
    for unit in ("agri_rural_bureau", "construction_bureau")
)
READER = Grant(subject="reader", sha256=hashed("r"), indicators="*", districts="*", kinds=frozenset({"read"}))
TYPES = {
    "Listed": "project.listed.v1",
    "Progress": "project.reported.v1",
    "Contacted": "project.contacted.v1",
    "Ruled": "project.ruled.v1",
    "Raised": "redline.raised.v1",
    "Closed": "redline.closed.v1",
}


def event(said: Statement, **changes: Any) -> dict[str, Any]:
    """The CloudEvent of a statement."""
    made = {"specversion": "1.0", "id": "1", "source": "/t", "type": TYPES[type(said).__name__]}
    return made | {"data": msgspec.to_builtins(said)} | changes


def judged(sent: dict[str, Any] | Statement, by: Grant) -> Acceptable | Objection:
    """What intake says of one event."""
    document = sent if isinstance(sent, dict) else event(sent)
    item = read(0, json.dumps(document, ensure_ascii=False).encode(), form=STATEMENTS)
    if item.objection is not None:
        return item.objection
    return Acceptance(catalogue()).accept(item.submitted, by, NOW)


def _listed(**said: Any) -> Statement:
    return listed(**said).said


def _plan(**changes: Any) -> Statement:
    return listed(plan=plan(**changes)).said


def _progress(period: str = "2023-06", **said: Any) -> Statement:
    return progress(period, **said).said


LIGHT = (*NODES[:2], msgspec.structs.replace(NODES[2], weight="30"))
NOTHING = (*NODES, msgspec.structs.replace(NODES[2], id="extra", weight="0"))
LAND = Problem(id="land", text="征地", factor="land", owner="deqing", due=date(2023, 5, 1))
RUMOUR = RedLine(kind="cultivated_land", text="图斑")
ACCEPTED: list[tuple[Statement, Grant]] = [
    (listed().said, OFFICE),
    (_listed(act="leave", on="2023-09-01"), OFFICE),
    (_listed(act="amend", on="2023-09-01", lst=None, plan=plan()), OFFICE),
    (_listed(act=None, on="2023-09-01", revision=1, reason="误报"), OFFICE),
    (_progress(problems=(LAND,), unit="万元", invested_total="1234.5"), DEQING),
    (_progress(status=None, revision=1, reason="误报"), DEQING),
    (contacted().said, OFFICE),
    (contacted().said, DEQING),
    (raised().said, DEQING),
    (raised(indicator="grain_output").said, OFFICE),
    (raised(indicator="grain_output").said, DEQING),
    (raised(indicator="grain_output").said, LEAD),
    (closed().said, OFFICE),
    (ruled(progress("2023-06"), "approve", at("2023-08-02")).said, OFFICE),
]
REFUSED: list[tuple[dict[str, Any] | Statement, Grant, str, str | None]] = [
    (_listed(project="Bad-Id"), OFFICE, "invalid_project", "/data/project"),
    (_listed(project="grain_output"), OFFICE, "invalid_project", "/data/project"),
    (_listed(lst="no_list"), OFFICE, "unknown_list", "/data/list"),
    (_listed(lst=None), OFFICE, "act_incomplete", "/data"),
    (_listed(act="leave", on="2023-09-01", reason=" "), OFFICE, "act_incomplete", "/data"),
    (_listed(act="complete", on="2023-09-01", plan=plan()), OFFICE, "act_incomplete", "/data"),
    (_listed(act=None, on="2023-09-01", revision=1), OFFICE, "act_incomplete", "/data"),
    (_listed(act="amend", on="2023-09-01", lst=None), OFFICE, "act_incomplete", "/data"),
    (_listed(on="2027-01-01"), OFFICE, "date_out_of_range", "/data/on"),
    (_listed(revision=-1), OFFICE, "invalid_revision", "/data/revision"),
    (_plan(nodes=LIGHT), OFFICE, "weights_not_100", "/data/plan/nodes"),
    (_plan(nodes=NOTHING), OFFICE, "weights_not_100", "/data/plan/nodes"),
    (_plan(nodes=()), OFFICE, "weights_not_100", "/data/plan/nodes"),
    (_plan(nodes=(*NODES, NODES[0])), OFFICE, "duplicate_entry", "/data/plan/nodes"),
    (_plan(starts_in="2023"), OFFICE, "invalid_month", "/data/plan/starts_in"),
    (_plan(department="no_bureau"), OFFICE, "unknown_department", "/data/plan/department"),
    (_plan(district="nowhere"), OFFICE, "unknown_district", "/data/plan/district"),
    (_plan(feeds=("nothing",)), OFFICE, "unknown_indicator", "/data/plan/feeds"),
    (_plan(feeds=("grain_output",)), OFFICE, "not_fed_by_projects", "/data/plan/feeds"),
    (_plan(invest_total="-1"), OFFICE, "invalid_amount", "/data/plan/invest_total"),
    (_plan(invest_by_year={"2023": "much"}), OFFICE, "invalid_amount", "/data/plan/invest_by_year"),
    (listed().said, DEQING, "not_authorised_for_act", "/data"),
    (closed().said, DEQING, "not_authorised_for_act", "/data"),
    (_progress(), OFFICE, "not_authorised_for_act", "/data"),
    (_progress(district="anji"), DEQING, "not_authorised_for_place", "/data/district"),
    (raised(district="anji").said, DEQING, "not_authorised_for_place", "/data/district"),
    (raised(indicator="grain_output").said, BUREAU, "not_authorised_for_task", "/data/indicator"),
    (_progress("2026-11"), DEQING, "period_not_closed", "/data/period"),
    (_progress("2023-12", invested_total="1,5"), DEQING, "invalid_amount", "/data/invested_total"),
    (_progress(unit="个"), DEQING, "unit_mismatch", "/data/unit"),
    (_progress(status=None, revision=1), DEQING, "withdrawal_needs_reason", "/data/reason"),
    (_progress(status=None, reason="误报"), DEQING, "withdrawal_needs_revision", "/data/revision"),
    (_progress(done={"permit": "2023-07-01"}), DEQING, "date_out_of_range", "/data/nodes/0/done_on"),
    (_progress(problems=(LAND, LAND)), DEQING, "duplicate_entry", "/data/problems"),
    (
        _progress(problems=(msgspec.structs.replace(LAND, owner="nobody"),)),
        DEQING,
        "unknown_department",
        "/data/problems/0/owner",
    ),
    (_progress(red_lines=(RUMOUR,)), DEQING, "evidence_missing", "/data/red_lines/0"),
    (raised(evidence=()).said, DEQING, "evidence_missing", "/data/evidence"),
    (raised(indicator="grain_output", project=PROJECT_ID).said, DEQING, "subject_missing", "/data"),
    (raised(indicator="nothing").said, DEQING, "unknown_indicator", "/data/indicator"),
    (event(listed().said) | {"type": "progress.reported.v1"}, OFFICE, "unknown_type", "/type"),
    (event(contacted().said, data={"on": "2023-05-10"}), OFFICE, "missing_field", "/data/programme"),
]


@pytest.mark.parametrize(("said", "by"), ACCEPTED, ids=lambda each: type(each).__name__)
def test_what_may_be_said_is_accepted(said: Statement, by: Grant) -> None:
    """List acts, rulings and closings by the office; reports by a unit; contacts and red lines by either."""
    assert isinstance(judged(said, by), Acceptable)


@pytest.mark.parametrize(("said", "by", "code", "pointer"), REFUSED)
def test_every_no_has_its_code_and_place(
    said: dict[str, Any] | Statement, by: Grant, code: str, pointer: str | None
) -> None:
    """Each is one objection with words in both languages."""
    found = judged(said, by)
    assert isinstance(found, Objection)
    assert found.code == code
    if pointer is not None:
        assert found.pointer == pointer
    assert found.text.zh.strip()
    assert found.text.en.strip()


def test_every_code_of_projects_has_an_example() -> None:
    """None of the codes is unreachable."""
    wrong_date = event(contacted().said)
    wrong_date["data"]["on"] = "2023-02-30"
    found = judged(wrong_date, OFFICE)
    assert isinstance(found, Objection)
    assert {code for *_, code, _ in REFUSED} | {found.code} >= OF_PROJECTS


def test_words_and_lengths_are_kept_in_bounds() -> None:
    """A text too long, a word that is none of the choices, a field within that is none of ours."""
    long = event(contacted().said)
    long["data"]["text"] = "长" * 3000
    choice = event(_progress(problems=(LAND,)))
    choice["data"]["problems"][0]["factor"] = "moon"
    foreign = event(_progress())
    foreign["data"]["nodes"] = [{"id": "permit", "done_on": None, "who": "me"}]
    codes = {judged(each, OFFICE).code for each in (long, choice, foreign)}  # type: ignore[union-attr]
    assert codes == {"invalid_text", "invalid_choice", "unknown_field"}


def _client(broker: Broker, place: Path) -> httpx.AsyncClient:
    grants = [
        {"subject": "office", "sha256": hashed(TOKEN), "indicators": "*", "districts": "*", "kinds": ["approve"]},
        {"subject": "reader", "sha256": hashed("reader"), "indicators": "*", "districts": "*", "kinds": ["read"]},
    ]
    (place / "tokens.yaml").write_text(yaml.safe_dump(grants), encoding="utf-8")
    intake = Intake(
        acceptance=intake_support.acceptance(),
        project_acceptance=Acceptance(catalogue()),
        tokens=Tokens(place / "tokens.yaml"),
        clock=HandClock(NOW),
        publisher=broker,
        limits=Limits(),
        instruments=IntakeInstruments(CollectorRegistry()),
        metrics_url="http://metrics",
    )
    transport = httpx.ASGITransport(application(intake.routes()))
    return httpx.AsyncClient(
        transport=transport, base_url="http://ingest", headers={"Authorization": f"Bearer {TOKEN}"}
    )


async def test_a_batch_is_answered_item_by_item_and_published_by_project(tmp_path: Path) -> None:
    """NDJSON: accepted, a duplicate of it, two that disagree; the partition is the project's, the unit the office."""
    broker = Broker()
    other = event(listed(project="other").said, id="3")
    disagrees = event(listed(project="other", plan=plan(invest_total="99")).said, id="4")
    lines = [event(listed().said), event(listed().said), other, disagrees, event(raised().said, id="5")]
    body = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    async with _client(broker, tmp_path) as client:
        answer = await client.post("/v1/projects", content=body, headers={"content-type": "application/x-ndjson"})
        assert answer.status_code == 207, answer.text
        document = answer.json()
        assert [item["status"] for item in document["items"]] == [
            "accepted", "duplicate", "rejected", "rejected", "accepted",
        ]  # fmt: skip
        assert {item["code"] for item in document["items"][2:4]} == {"reports_disagree"}
        assert document["links"]["receipt"] == f"http://metrics/v1/project-receipts/{document['receipt']}"
        assert document["items"][0]["topic"] == PROJECT.name
        refused = await client.post("/v1/projects", json=lines[0], headers={"Authorization": "Bearer reader"})
        assert refused.status_code == 403
        table = await client.post("/v1/projects", content="a,b", headers={"content-type": "text/csv"})
        assert table.status_code == 415
    said = [decode(Record(PROJECT.name, 0, 0, m.key, m.value, 0)) for m in broker.messages]
    assert [type(each) for each in said] == [ProjectListed, RedLineRaised]
    assert {message.partition for message in broker.messages} == {partition_of(PROGRAMME, PROJECT_ID)}
    assert {each.department for each in said if isinstance(each, ProjectListed | RedLineRaised)} == {
        "agri_rural_bureau"
    }


async def test_nothing_is_accepted_while_the_broker_is_away(tmp_path: Path) -> None:
    """503 with the verdicts, to be sent again unchanged."""
    broker = Broker()
    broker.away = True
    async with _client(broker, tmp_path) as client:
        answer = await client.post("/v1/projects", json=event(listed().said))
        assert (answer.status_code, answer.json()["items"][0]["code"]) == (503, "broker_unavailable")
