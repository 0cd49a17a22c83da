"""The office's acts on the real parts: POST /v1/acts → Kafka → metrics → Postgres → alerts, on a driven clock (2.9)."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.demo.office import OFFICE
from tests.support.acting_path import WRITER, Acts, act
from tests.support.project_path import PATIENCE, platform
from tests.support.waiting import eventually_now

SILENT = "science_envoys/huzhou"  # nobody reports it: a reporting ticket from the first due date on


@pytest.fixture(scope="module")
def acts() -> Iterator[Acts]:
    """One platform for the module; time goes on from part to part."""
    with platform() as found:
        yield Acts(found)


def test_the_acts_of_the_office_from_intake_to_lights_and_tickets(acts: Acts) -> None:
    """Every act moves what it is about and nothing else, once, told in the order of time on one platform."""
    acts.judge("2023-02-02")
    assert acts.report("jan", "2023-01", "6.5") == ("applied", None)
    acts.judge("2023-02-07")
    _excused_and_no_longer(acts)
    _published_locks_at_once(acts)
    _returned_moves_nothing(acts)
    acts.judge("2023-03-02")
    _a_comment_closes_the_flag(acts)
    acts.judge("2023-03-07")  # the ticket opens, a letter
    acts.judge("2023-04-03", "09:00")  # nobody signed for it: the highest level
    _a_correction_behind_the_lock_is_held(acts)
    _not_everybody_decides(acts)
    _approved_restates(acts)
    _twice_is_once(acts)
    _the_broker_goes_and_comes(acts)


def _excused_and_no_longer(acts: Acts) -> None:
    """Rule 7.2: the reporting ticket is cancelled and the cell grey; without the excuse the due date was missed."""
    assert acts.tickets("reporting", SILENT) == [("OPEN", None)]
    assert acts.act("e1", "cell.excused", "2023-01", series=SILENT, reason="调查制度调整") == ("applied", None)
    acts.judge("2023-02-07", "13:00")
    assert acts.tickets("reporting", SILENT) == [("CANCELLED", "excused")]
    light = acts.light("2023-01", series=SILENT)
    assert (light["excused"], light["record"]) == (True, "grey")
    assert acts.standing("2023-01", series=SILENT)["cell"]["state"] == "excused"
    last = acts.messages(SILENT)[-1]
    assert (last["msg_type"], last["notification_reason"], last["reason_code"]) == ("Cancel", "cancelled", "excused")
    assert "经批准免报，督办单撤销" in last["annotations"]["summary_zh"]
    assert acts.act("e2", "cell.unexcused", "2023-01", series=SILENT) == ("applied", None)
    assert acts.act("e3", "cell.unexcused", "2023-01", series=SILENT) == ("refused", "not_excused")
    acts.judge("2023-02-07", "14:00")
    assert acts.tickets("reporting", SILENT) == [("CANCELLED", "excused"), ("OPEN", None)]
    assert not acts.light("2023-01", series=SILENT)["excused"]


def _published_locks_at_once(acts: Acts) -> None:
    """Rule 2.9: the first publication locks the cell three weeks before the calendar would; a second adds nothing."""
    assert not acts.standing("2023-01")["cell"]["locked"]
    assert acts.act("p1", "cell.published", "2023-01", publication="一月通报") == ("applied", None)
    assert acts.act("p2", "cell.published", "2023-01", publication="一月通报") == ("unchanged", None)
    acts.judge("2023-02-07", "15:00")
    assert acts.standing("2023-01")["cell"]["locked"]
    assert acts.light("2023-01")["lock_at"].startswith("2023-02-07T14:00")
    assert acts.report("jan1", "2023-01", "0.5", revision=1) == ("refused", "period_locked")
    assert acts.report("jan2", "2023-01", "0.5", revision=2, reason="口径有误") == ("held_for_approval", None)


def _returned_moves_nothing(acts: Acts) -> None:
    """The office's no: the report is returned for good, and standing, light and feed are what they were."""
    before = acts.standing("2023-01")["version"], acts.light("2023-01"), acts.messages()
    assert acts.act("r1", "report.returned", "2023-01", on="jan2", reason="佐证材料不全") == ("applied", None)
    assert acts.outcome_of("jan2") == "returned"
    assert acts.act("r2", "report.approved", "2023-01", on="jan2") == ("refused", "already_decided")
    acts.judge("2023-02-07", "16:00")
    assert (acts.standing("2023-01")["version"], acts.light("2023-01"), acts.messages()) == before
    assert acts.standing("2023-01")["value"] == "6.5"


def _a_comment_closes_the_flag(acts: Acts) -> None:
    """Rule 2.11: February's running total is below January's; its writer explains it, the value counts all along."""
    assert acts.report("feb", "2023-02", "1") == ("applied", None)
    assert acts.standing("2023-02")["flags"] == ["running_total_fell"]
    comment = act("c1", "flag.commented", "2023-02", on="feb", reason="一月误计上年投资")
    [item] = acts.send("transport_bureau", comment).json()["items"]
    assert (item["status"], item["code"]) == ("rejected", "not_authorised_for_comment")
    assert acts.outcome(acts.send(WRITER, comment)) == ("applied", None)
    told = acts.standing("2023-02")
    assert (told["flags"], told["value"]) == (["commented"], "1.0")
    assert "一月误计上年投资" in told["explanation"]["zh"]
    assert acts.act("c2", "flag.commented", "2023-01", on="jan", reason="无") == ("refused", "not_flagged")


def _a_correction_behind_the_lock_is_held(acts: Acts) -> None:
    """February is red of record, with a ticket; locked since 1 April, a correction waits and moves nothing."""
    assert acts.light("2023-02")["record"] == "red"
    assert acts.tickets("lag") == [("OPEN", None)]
    assert acts.report("feb1", "2023-02", "13", revision=1, reason="漏报一个项目") == ("held_for_approval", None)
    acts.judge("2023-04-03", "10:00")
    assert (acts.standing("2023-02")["value"], acts.light("2023-02")["record"]) == ("1.0", "red")
    assert [each["id"] for each in acts.on.items("metrics", "held")] == ["feb1"]


def _not_everybody_decides(acts: Acts) -> None:
    """A unit's token may comment, so its item is rejected with a code; a reader's is refused at the door."""
    approve = act("x1", "report.approved", "2023-02", on="feb1")
    answer = acts.send(WRITER, approve)
    assert answer.status_code == 207
    [item] = answer.json()["items"]
    assert (item["status"], item["code"], item["retryable"]) == ("rejected", "not_authorised_for_act", False)
    refused = acts.send("reader", approve)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_authorised")
    assert acts.outcome_of("feb1") == "held_for_approval"
    assert acts.recorded("2023-02", "report.approved") == []


def _approved_restates(acts: Acts) -> None:
    """Rules 2.9, 2.10 and 8: standing and light of record are restated, the ticket cancelled; before, all was known
    as it had been."""
    acts.judge("2023-04-03", "11:00")
    assert acts.act("a1", "report.approved", "2023-02", on="feb1") == ("applied", None)
    assert acts.outcome_of("feb1") == "applied"
    acts.judge("2023-04-03", "12:00")
    told = acts.standing("2023-02")
    assert (told["value"], told["known_at"]) == ("13.0", "2023-04-03T11:00:00+08:00")
    assert acts.light("2023-02")["record"] == "green"
    assert acts.tickets("lag") == [("CANCELLED", None)]
    last = acts.messages()[-1]
    assert (last["msg_type"], last["notification_reason"], last["ticket_level"]) == ("Cancel", "cancelled", 3)
    assert last["references"] == [each["message_id"] for each in acts.messages()[:-1]]
    assert "数据更正后不再滞后，督办单撤销" in last["annotations"]["summary_zh"]
    assert acts.values("2023-02", "2023-04-03T10:59") == ["1.0", "1.0"]  # as reported, and explained
    assert acts.values("2023-02", "2023-04-03T11:00") == ["1.0", "1.0", "13.0"]
    before, after = "2023-04-03T10:59", "2023-04-03T11:00"
    assert [acts.standing("2023-02", known)["value"] for known in (before, after)] == ["1.0", "13.0"]
    assert [acts.light("2023-02", known)["record"] for known in (before, after)] == ["red", "green"]


def _twice_is_once(acts: Acts) -> None:
    """The same act again is a duplicate and nothing moves; the same name for another act is a clash."""
    before = acts.standing("2023-02")["version"], acts.light("2023-02"), acts.messages()
    assert acts.act("a1", "report.approved", "2023-02", on="feb1") == ("duplicate", None)
    assert acts.act("a1", "report.returned", "2023-02", on="feb1", reason="改") == ("id_conflict", None)
    acts.judge("2023-04-03", "13:00")
    assert (acts.standing("2023-02")["version"], acts.light("2023-02"), acts.messages()) == before
    assert acts.recorded("2023-02", "report.approved") == ["applied"]
    assert acts.recorded("2023-02", "report.returned") == []


def _the_broker_goes_and_comes(acts: Acts) -> None:
    """While the broker is away nothing is accepted and nothing done; the same act sent again afterwards counts once."""
    excuse = act("k1", "cell.excused", "2023-03", series=SILENT, reason="防汛")
    acts.on.stack.kafka.kill()
    answer = acts.send(OFFICE, excuse)
    [item] = answer.json()["items"]
    assert (answer.status_code, item["status"], item["code"]) == (503, "failed", "broker_unavailable")
    assert item["retryable"]
    assert int(answer.headers["retry-after"]) >= 1
    assert acts.recorded("2023-03", "cell.excused", SILENT) == []
    acts.on.stack.kafka.start()
    taken = eventually_now(lambda: _taken(acts.send(OFFICE, excuse)), PATIENCE)
    assert taken is not None
    assert acts.outcome(taken)[0] in ("applied", "duplicate")  # the broker may have kept what it never acknowledged
    acts.judge("2023-04-03", "14:00")
    assert acts.recorded("2023-03", "cell.excused", SILENT) == ["applied"]
    assert acts.light("2023-03", series=SILENT)["excused"]


def _taken(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.status_code == 207 else None
