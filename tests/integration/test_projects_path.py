"""The whole path of a project on the real parts: list → report → standing → light → ticket → gauge (rule 12)."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from contracts.projects import Problem
from tests.support.project_path import PATIENCE, Platform, platform
from tests.support.projects import NODES, PROGRAMME, closed, contacted, listed, plan, progress, raised, ruled
from tests.support.recorded import at
from tests.support.waiting import eventually_now

FED = "county_hospital_investment"

pytestmark = pytest.mark.timeout(420)


@pytest.fixture(scope="module")
def path() -> Iterator[Platform]:
    """One platform for the module; each test has projects of its own, and time goes on from test to test."""
    with platform() as found:
        yield found


def test_a_project_from_list_to_gauge_and_every_no(path: Platform) -> None:
    """The path and its failures, told in the order of time on one platform."""
    _enters_and_reports(path)
    _is_refused(path)
    _turns_red_and_has_a_ticket(path)
    _a_red_line_stands_above(path)
    _feeds_an_indicator(path)
    _figures_problems_and_history(path)
    _a_late_report_waits_for_the_office(path)
    _the_broker_goes_and_comes(path)


def _enters_and_reports(path: Platform) -> None:
    path.drive("2023-01-10")
    enter = listed(project="anji_road", plan=plan(district="anji", starts_in="2023-09")).said
    other = listed(project="deqing_school", plan=plan(starts_in="2023-02")).said
    answer = path.post(
        "office", path.event("l1", "project.listed.v1", enter), path.event("l2", "project.listed.v1", other)
    )
    assert answer.json()["counts"]["accepted"] == 2
    assert set(path.outcomes(answer).values()) == {("applied", None)}
    path.drive("2023-04-02")
    land = Problem(id="land", text="征地未完成", factor="land", owner="anji", due=at("2023-03-31").date())
    said = progress("2023-03", project="anji_road", district="anji", invested_total="1.5", problems=(land,)).said
    answer = path.post("anji", path.event("r1", "project.reported.v1", said))
    assert path.outcomes(answer) == {"r1": ("applied", None)}
    [seen] = [each for each in path.items("metrics", "projects") if each["project"] == "anji_road"]
    assert (seen["state"], seen["lag_days"], seen["invested_total"]) == ("under_way", 0, "1.5")
    assert seen["year_share"] == "37.50"


def _is_refused(path: Platform) -> None:
    """Bad weights, not the office, another district: by intake; unknown project, stranger, duplicate: by recording."""
    nodes = (*NODES[:2], msgspec.structs.replace(NODES[2], weight="39"))
    bad = listed(project="too_light", plan=plan(nodes=nodes)).said
    item = path.post("office", path.event("b1", "project.listed.v1", bad)).json()["items"][0]
    assert (item["status"], item["code"], item["pointer"]) == ("rejected", "weights_not_100", "/data/plan/nodes")
    assert "99" in item["detail_zh"]
    item = path.post("deqing", path.event("b2", "project.listed.v1", listed(project="mine").said)).json()["items"][0]
    assert (item["code"], item["step"]) == ("not_authorised_for_act", "authorising")
    said = progress("2023-03", project="anji_road", district="anji").said
    item = path.post("deqing", path.event("b3", "project.reported.v1", said)).json()["items"][0]
    assert item["code"] == "not_authorised_for_place"
    unknown = progress("2023-03", project="nobody_knows").said
    stranger = progress("2023-03", project="deqing_school").said
    first = path.post("deqing", path.event("u1", "project.reported.v1", unknown))
    assert path.outcomes(first) == {"u1": ("refused", "unknown_project")}
    second = path.post("health_commission", path.event("u2", "project.reported.v1", stranger))
    assert path.outcomes(second) == {"u2": ("refused", "not_authorised_for_project")}
    again = path.post("deqing", path.event("u1", "project.reported.v1", unknown))
    assert path.outcomes(again) == {"u1": ("duplicate", None)}
    newer = progress("2023-03", project="anji_road", district="anji", revision=2, invested_total="1.7").said
    older = progress("2023-03", project="anji_road", district="anji", revision=1, invested_total="1.6").said
    answer = path.post("anji", path.event("n2", "project.reported.v1", newer))
    assert path.outcomes(answer) == {"n2": ("applied", None)}
    answer = path.post("anji", path.event("n1", "project.reported.v1", older))
    assert path.outcomes(answer) == {"n1": ("superseded", None)}


def _turns_red_and_has_a_ticket(path: Platform) -> None:
    """anji_road: 30 days late in April. deqing_school: never started, never reported: time alone turns it."""
    path.drive("2023-05-02")
    said = progress("2023-04", project="anji_road", district="anji").said
    assert path.post("anji", path.event("r2", "project.reported.v1", said)).status_code == 207
    path.drive("2023-05-06")
    lights = {each["project"]: each for each in path.items("alerts", "project-lights")}
    assert (lights["anji_road"]["shown"], lights["anji_road"]["lag_text"]["zh"]) == ("red", "落后30天（施工许可）")
    assert lights["deqing_school"]["shown"] == "red"
    tickets = {each["indicator"]: each for each in path.items("alerts", "tickets?rule=project")}
    assert (tickets["anji_road"]["level"], tickets["anji_road"]["addressee"]) == (2, "anji")
    mine = path.get("alerts", f"/v1/programmes/{PROGRAMME}/tickets?rule=project", "anji").json()["items"]
    assert [each["indicator"] for each in mine] == ["anji_road"]
    assert {message["labels"]["project"] for message in path.messages("anji")} == {"anji_road"}
    acted = path.act("deqing", mine[0]["ticket"], act="ack")
    assert (acted.status_code, acted.json()["code"]) == (403, "not_authorised")
    assert path.act("anji", mine[0]["ticket"], act="ack").json()["ticket"]["state"] == "ACKED"
    said_of = [m["annotations"]["summary_zh"] for m in path.messages() if m["labels"]["project"] == "anji_road"]
    assert "落后30天" in said_of[0]
    eventually_now(lambda: path.gauge("alerts", 'liangshai_project_light{programme="huzhou'), PATIENCE)
    eventually_now(lambda: any("anji_road" in g and g.endswith(" 3") for g in _lights(path)), PATIENCE)
    eventually_now(lambda: any("anji_road" in g and g.endswith(" 30") for g in _lags(path)), PATIENCE)


def _lights(path: Platform) -> list[str]:
    return path.gauge("alerts", "liangshai_project_light{")


def _lags(path: Platform) -> list[str]:
    return path.gauge("metrics", "liangshai_project_lag_days{")


def _a_red_line_stands_above(path: Platform) -> None:
    line = raised("2023-05-06", project="deqing_school", kind="ecological_line").said
    answer = path.post("deqing", path.event("f1", "redline.raised.v1", line))
    assert path.outcomes(answer) == {"f1": ("applied", None)}
    path.drive("2023-05-07")
    [shown] = [each for each in path.items("metrics", "red-lines") if each["state"] == "open"]
    assert (shown["name"], shown["raised_by"]) == ("deqing_school", "deqing")
    no = closed(project="deqing_school", kind="ecological_line").said
    item = path.post("deqing", path.event("f2", "redline.closed.v1", no)).json()["items"][0]
    assert item["code"] == "not_authorised_for_act"
    eventually_now(lambda: any(g.endswith(" 1") for g in path.gauge("alerts", "liangshai_red_lines_open")), PATIENCE)
    assert path.outcomes(path.post("office", path.event("f3", "redline.closed.v1", no))) == {"f3": ("applied", None)}
    path.drive("2023-05-08")
    assert [each["state"] for each in path.items("metrics", "red-lines")] == ["closed"]


def _feeds_an_indicator(path: Platform) -> None:
    """A linked hospital tells April: the sum is a report of the indicator, recorded from its own partition."""
    linked = listed(
        project="nanxun_hospital", on="2023-01-10", plan=plan(district="nanxun", feeds=(FED,), starts_in="2023-09")
    ).said
    answer = path.post("office", path.event("g1", "project.listed.v1", linked))
    assert path.outcomes(answer) == {"g1": ("applied", None)}
    said = progress("2023-04", project="nanxun_hospital", district="nanxun", invested_total="0.8").said
    answer = path.post("nanxun", path.event("g2", "project.reported.v1", said))
    assert path.outcomes(answer) == {"g2": ("applied", None)}
    [cell] = eventually_now(lambda: _placed(path), PATIENCE)
    assert (cell["indicator"], cell["district"], cell["period"], cell["value"]) == (FED, "nanxun", "2023-04", "0.8")
    name = f"source=/platform/projects&id={FED}.nanxun.2023-04.r1"
    found = eventually_now(lambda: _recorded(path, name), PATIENCE)
    assert found is not None
    assert found["outcome"]["outcome"] == "applied"
    own = path.event("g3", "project.reported.v1", said) | {"source": "/platform/projects"}
    assert path.post("nanxun", own).json()["items"][0]["code"] == "reserved_source"


def _placed(path: Platform) -> list[dict[str, Any]]:
    return [each for each in path.items("metrics", "fed-cells") if each["offset"] is not None]


def _recorded(path: Platform, name: str) -> dict[str, Any] | None:
    answer = path.get("metrics", f"/v1/reports?{name}")
    return answer.json() if answer.status_code == 200 else None


def _figures_problems_and_history(path: Platform) -> None:
    log = contacted("2023-05-08", project="anji_road").said
    log = msgspec.structs.replace(log, district="anji")
    answer = path.post("office", path.event("c1", "project.contacted.v1", log))
    assert path.outcomes(answer) == {"c1": ("applied", None)}
    told = path.get("metrics", f"/v1/programmes/{PROGRAMME}/project-lists?as_of=2023-04-30").json()
    rolling = next(each for each in told["lists"] if each["list"] == "rolling_county_seat_projects")
    assert (rolling["planned_projects"], rolling["advanced"]) == (80, 3)
    assert (rolling["planned_investment"], rolling["invested"]) == ("800", "0.8")  # April's report of anji_road says 0
    problems = path.get("metrics", f"/v1/programmes/{PROGRAMME}/problems?overdue=true").json()
    assert problems["factors"] == []  # revision 2 of March told of no problem
    one = path.get("metrics", f"/v1/programmes/{PROGRAMME}/projects/anji_road").json()
    assert [line["text"] for line in one["standing"]["contacts"]] == ["现场调研"]
    assert [each["id"] for each in one["statements"]] == ["l1", "n1", "n2", "r1", "r2", "c1"]  # by receipt, then id
    then = path.get("metrics", f"/v1/programmes/{PROGRAMME}/projects?known_at=2023-04-02T12:00:00%2B08:00").json()
    assert [each["invested_total"] for each in then["items"]] == ["1.7", None]


def _a_late_report_waits_for_the_office(path: Platform) -> None:
    """Behind the month's lock (rule 2.9): listed beside what counts of the month, until the office has decided."""
    late = progress(
        "2023-01", project="anji_road", district="anji", invested_total="2000", unit="CNY_10k", reason="漏报"
    )
    event = path.event("late", "project.reported.v1", late.said)
    assert path.outcomes(path.post("anji", event)) == {"late": ("held_for_approval", None)}
    [waiting] = path.items("metrics", "held-project-reports")
    seen = (waiting["project"], waiting["name"]["zh"], waiting["period"], waiting["unit"], waiting["invested_total"])
    assert seen == ("anji_road", "德清县人民医院迁建", "2023-01", "anji", "0.2")
    assert (waiting["reason"], waiting["present_status"], waiting["present_invested_total"]) == ("漏报", None, None)
    assert path.items("metrics", "held-project-reports?district=deqing") == []
    ruling = ruled(msgspec.structs.replace(late, source=event["source"], id="late"), "approve", at("2023-05-08")).said
    assert path.outcomes(path.post("office", path.event("ok", "project.ruled.v1", ruling))) == {"ok": ("applied", None)}
    assert path.items("metrics", "held-project-reports") == []


def _the_broker_goes_and_comes(path: Platform) -> None:
    """Nothing is accepted while the broker is away; the same statement sent again is taken once."""
    said = progress("2023-04", project="deqing_school", status="not_started").said
    path.stack.kafka.kill()
    answer = path.post("deqing", path.event("k1", "project.reported.v1", said))
    assert (answer.status_code, answer.json()["items"][0]["code"]) == (503, "broker_unavailable")
    path.stack.kafka.start()
    taken = eventually_now(lambda: _taken(path, path.event("k1", "project.reported.v1", said)), PATIENCE)
    assert taken is not None
    assert set(path.outcomes(taken).values()) <= {("applied", None), ("duplicate", None)}


def _taken(path: Platform, event: dict[str, Any]) -> httpx.Response | None:
    answer = path.post("deqing", event)
    return answer if answer.status_code == 207 else None
