"""`liangshai push`: sends, waits when asked to, follows the receipt, says by its exit code whether all was taken."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from cli.__main__ import main
from cli.example import curl, example
from cli.push import code_of
from cli.sending import Sender, Sent, Unsendable, media_of
from contracts.periods import SHANGHAI, parse
from contracts.responsibility import writer
from services.ingest.acceptance import Acceptable
from tests.support.intake import NOW, event, grant, judged, lookup
from tests.support.workbooks import HEADING, ROW, book, saved

ROOT = Path(__file__).parents[3]
ITEM = {"index": 0, "id": "a", "source": "/s", "status": "accepted", "step": "publishing", "retryable": False}
ANSWER: dict[str, Any] = {
    "receipt": "R", "counts": {"accepted": 1}, "items": [ITEM], "conflicts": [], "dry_run": False,
    "links": {"receipt": "http://metrics/v1/receipts/R"},
}  # fmt: skip
OUTCOME: dict[str, Any] = {"source": "/s", "id": "a", "outcome": "applied", "code": None, "flags": []}


class World:
    """Ingest and metrics as scripted answers; sleeping moves the clock."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.now = 0.0

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def sender(self, seconds: float = 30) -> Sender:
        transport = httpx.MockTransport(self.handle)
        return Sender("http://ingest", "t", seconds, sleep=self.sleep, clock=lambda: self.now, transport=transport)

    def send(self, **options: bool) -> Sent:
        return self.sender().send(b"{}", "application/json", **options)


def _answer(status: int = 207, document: Any = ANSWER, **headers: str) -> httpx.Response:
    return httpx.Response(
        status, json=document, headers={name.replace("_", "-"): each for name, each in headers.items()}
    )


def _receipt(*items: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"receipt": "R", "expected": 1, "recorded": len(items), "items": list(items)})


def test_the_receipt_is_followed_to_the_outcome() -> None:
    """404 until the first is seen, then without an outcome, then with it; the token goes with every request."""
    world = World(_answer(), _answer(404, {}), _receipt(), _receipt(OUTCOME))
    sent = world.send()
    assert sent.outcomes["/s", "a"]["outcome"] == "applied"
    assert [str(each.url) for each in world.asked[1:]] == ["http://metrics/v1/receipts/R"] * 3
    assert {each.headers["authorization"] for each in world.asked} == {"Bearer t"}
    assert code_of(sent) == 0


def test_asked_to_wait_we_wait() -> None:
    """429 and 503 are waited for as long as they say, and the same is sent again."""
    world = World(_answer(429, {}, Retry_After="7"), _answer(503, {}, Retry_After="2"), _answer(), _receipt(OUTCOME))
    assert code_of(world.send()) == 0
    assert world.now == pytest.approx(9)
    assert world.asked[0].content == world.asked[2].content


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 1), ({"Retry_After": "0"}, 0.5), ({"Retry_After": "soon"}, 1), ({"Retry_After": "2"}, 2),
        ({"Retry_After": "Wed, 25 Nov 2026 05:00:07 GMT", "Date": "Wed, 25 Nov 2026 05:00:00 GMT"}, 7),
        ({"Retry_After": "Wed, 25 Nov 2020 05:00:07 GMT"}, 0.5),
    ],
)  # fmt: skip
def test_how_long_we_wait(headers: dict[str, str], seconds: float) -> None:
    """Retry-After as seconds or a date; without a usable one a second; never less than half of one."""
    for status in (429, 503):
        world = World(_answer(status, {}, **headers), _answer(document={**ANSWER, "links": {}}))
        assert code_of(world.send()) == 0
        assert world.now == pytest.approx(seconds)


def test_a_receipt_is_asked_for_as_seldom_as_told() -> None:
    """429 from metrics: its Retry-After holds."""
    world = World(_answer(), _answer(429, {}, Retry_After="4"), _receipt(OUTCOME))
    assert code_of(world.send()) == 0
    assert world.now == pytest.approx(4)


def test_the_deadline_ends_the_waiting() -> None:
    """No outcome by the deadline: exit code 3 and where to look; a 503 that outlasts it is told."""
    late = World(_answer(), _answer(404, {})).send()
    assert (late.followed, code_of(late)) == (False, 3)
    assert "R" in str(late.why_not)
    away = World(_answer(503, {"code": "broker_unavailable", "detail": "away"}, Retry_After="40"))
    with pytest.raises(Unsendable, match="broker_unavailable"):
        away.send()
    failed = {**ITEM, "status": "failed"}
    told = World(_answer(503, {"items": [failed], "counts": {"failed": 1}}, Retry_After="40")).send()
    assert code_of(told) == 1


def test_a_token_that_may_not_read() -> None:
    """Metrics' 403 is told and ends the following; the verdicts stand."""
    sent = World(_answer(), _answer(403, {"code": "not_authorised"})).send()
    assert (sent.followed, code_of(sent)) == (False, 3)
    assert "not_authorised" in str(sent.why_not)


@pytest.mark.parametrize(
    ("status", "outcome", "code"),
    [
        ("accepted", "applied", 0), ("accepted", "held_for_approval", 0), ("accepted", "superseded", 0),
        ("duplicate", None, 0), ("accepted", "refused", 1), ("accepted", "revision_conflict", 1),
        ("rejected", None, 1), ("failed", None, 1), ("aborted", None, 1),
    ],
)  # fmt: skip
def test_exit_codes(status: str, outcome: str | None, code: int) -> None:
    """Non-zero as soon as one item was not taken, at intake or by recording."""
    outcomes = {("/s", "a"): {**OUTCOME, "outcome": outcome}} if outcome else {}
    assert code_of(Sent({**ANSWER, "items": [{**ITEM, "status": status}]}, outcomes)) == code


def test_dry_run_and_atomic_are_passed_on() -> None:
    """The options reach ingest by its own names, and a dry run follows nothing."""
    world = World(_answer(document={**ANSWER, "links": {"receipt": None}, "dry_run": True}))
    world.send(dry_run=True, atomic=True)
    assert dict(world.asked[0].url.params) == {"dry_run": "true", "atomic": "true"}
    assert len(world.asked) == 1


def test_files_are_known_by_their_name() -> None:
    """JSON, NDJSON, CSV and .xlsx; another file is refused before anything is sent."""
    assert media_of(Path("a.JSON")) == "application/json"
    assert media_of(Path("a.jsonl")) == "application/x-ndjson"
    assert media_of(Path("a.csv")) == "text/csv"
    assert media_of(Path("填报.XLSX")).endswith("spreadsheetml.sheet")
    with pytest.raises(Unsendable):
        media_of(Path("a.docx"))


def test_the_example_can_be_sent_today() -> None:
    """--example is acceptable for its district's token at its time, names itself simulated, and the next is newer."""
    for district in ("deqing", "south_taihu"):
        made = example(lookup(), NOW, district)
        assert made is not None
        assert isinstance(judged(made, grant(department=district)), Acceptable)
        assert made["source"].startswith("/simulated/")
    later = example(lookup(), NOW.replace(hour=20), "deqing")
    assert later is not None
    first = example(lookup(), NOW, "deqing")
    assert first is not None
    assert later["data"]["revision"] > first["data"]["revision"]


def test_there_is_no_example_when_nothing_is_open() -> None:
    """Before the first period is over there is nothing to report."""
    assert example(lookup(), datetime(2023, 1, 2, tzinfo=SHANGHAI), "deqing") is None


def test_the_curl_line_sends_the_example() -> None:
    """The line that --example prints goes to ingest with the token from the environment, and the shell reads it so."""
    words = shlex.split(curl("http://h:1"))
    assert words[:1] + words[-2:] == ["curl", "--data-binary", "@report.json"]
    assert {"http://h:1/v1/reports", "Authorization: Bearer $LIANGSHAI_TOKEN"} <= set(words)


def test_readme_says_what_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """--example: the event alone on stdout, on stderr the token's file of the unit that writes it and the commands
    that stand in both READMEs."""
    monkeypatch.setattr("cli.push.load", lambda _: lookup())
    assert main(["push", "--example"]) == 0
    out, err = capsys.readouterr()
    made = json.loads(out)["data"]
    assert writer(lookup(), made["indicator"], made["district"], parse(made["period"])) == "deqing"
    for readme in ("README.md", "README.zh-CN.md"):
        told = (ROOT / readme).read_text(encoding="utf-8")
        commands = [line.partition(" #")[0][2:].strip() for line in told.splitlines() if line.startswith("$ ")]
        mine = [each for each in commands if "push" in each or "LIANGSHAI_TOKEN" in each]
        assert mine[0] == ".venv/bin/liangshai push --example > report.json"
        assert all(each in err for each in mine)
        assert len(mine) == 3


def _with(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    make: Callable[..., Sender] = lambda url, token, seconds, path: world.sender(seconds)  # noqa: E731 - a stand-in
    monkeypatch.setattr("cli.push.Sender", make)
    monkeypatch.setenv("LIANGSHAI_TOKEN", "t")


def test_what_is_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table has a line an item with verdict, outcome and, where it was turned down, what would be right."""
    rejected = {
        **ITEM, "index": 1, "id": "b[x]", "status": "rejected", "code": "unknown_district", "pointer": "/data/district",
        "detail": "no district", "detail_zh": "没有区县",
    }  # fmt: skip
    answer = {**ANSWER, "items": [ITEM, rejected], "counts": {"accepted": 1, "rejected": 1}}
    outcome = {**OUTCOME, "indicator": "i", "district": "d", "period": "2023-06", "flags": ["change_over_30_percent"]}
    _with(monkeypatch, World(_answer(document=answer), _receipt(outcome)))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "r.json").write_text(json.dumps(event()), encoding="utf-8")
    assert main(["push", str(tmp_path / "r.json")]) == 1
    printed = capsys.readouterr().out
    for part in ("b[x]", "没有区县", "/data/district: unknown_district", "已入库 applied", "change_over_30_percent"):
        assert part in printed


def test_json_for_scripts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json prints both documents."""
    _with(monkeypatch, World(_answer(), _receipt(OUTCOME)))
    (tmp_path / "r.ndjson").write_text(json.dumps(event()), encoding="utf-8")
    assert main(["push", str(tmp_path / "r.ndjson"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["answer"]["receipt"] == "R"
    assert printed["outcomes"][0]["outcome"] == "applied"


def test_the_table_comes_back_with_its_verdicts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--verdicts writes the table with answer and outcome beside its rows; for what is no table it refuses to send."""
    item = {**ITEM, "row": 2, "sheet": "表1", "address": "表1!E2"}
    document = {
        **ANSWER, "items": [item], "received_at": NOW.isoformat(), "atomic": False,
        "links": {**ANSWER["links"], "report": None}, "reading": {"sheets": ["表1"], "columns": [], "rows": []},
    }  # fmt: skip
    _with(monkeypatch, World(_answer(document=document), _receipt(OUTCOME)))
    (tmp_path / "填报.xlsx").write_bytes(saved(book(HEADING, ROW)[0]))
    back = tmp_path / "back.xlsx"
    assert main(["push", str(tmp_path / "填报.xlsx"), "--verdicts", str(back)]) == 0
    page = load_workbook(back).active
    assert (page["H2"].value, page["I2"].value) == ("✓ 已接收 accepted", "已入库 applied")
    assert "表1!E2" in capsys.readouterr().out
    (tmp_path / "r.json").write_text(json.dumps(event()), encoding="utf-8")
    assert main(["push", str(tmp_path / "r.json"), "--verdicts", str(back)]) == 2
    assert "--verdicts" in capsys.readouterr().err


def test_what_cannot_be_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No token, no file, no such file: exit code 2 with the reason in both languages."""
    monkeypatch.delenv("LIANGSHAI_TOKEN", raising=False)
    (tmp_path / "r.json").write_text("{}", encoding="utf-8")
    for arguments in (["push"], ["push", str(tmp_path / "r.json")], ["push", str(tmp_path / "none.csv")]):
        assert main(arguments) == 2
        assert " / " in capsys.readouterr().err


def test_the_token_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """--token-file is read and stripped."""
    (tmp_path / "token").write_text("from-a-file\n", encoding="utf-8")
    (tmp_path / "r.json").write_text("{}", encoding="utf-8")
    seen: list[str] = []

    def make(url: str, token: str, seconds: float, path: str) -> Sender:
        seen.append(token)
        return World(_answer(document={**ANSWER, "links": {"receipt": None}})).sender(seconds)

    monkeypatch.setattr("cli.push.Sender", make)
    assert main(["push", str(tmp_path / "r.json"), "--token-file", str(tmp_path / "token")]) == 0
    assert seen == ["from-a-file"]


def test_projects_go_to_their_own_route_and_are_followed_alike() -> None:
    """--projects: the same sender, POST /v1/projects, the receipt of projects (rule 12)."""
    answer = {**ANSWER, "links": {"receipt": "http://metrics/v1/project-receipts/R", "report": None}}
    world = World(_answer(document=answer), _receipt({**OUTCOME, "name": "deqing_hospital", "period": "2023-06"}))
    sender = replace(world.sender(), path="/v1/projects")
    assert code_of(sender.send(b"{}", "application/json")) == 0
    assert [each.url.path for each in world.asked] == ["/v1/projects", "/v1/project-receipts/R"]
