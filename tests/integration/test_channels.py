"""The channels as the whole service runs them, from the operator's file to a real chat and a real mail server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from cli.__main__ import main
from services.alerts.channels.channel import Part
from services.alerts.channels.mail import Mailbox
from services.alerts.sending.receivers import Smtp
from tests.support.people import Chat, Post, post_office
from tests.support.supervised import Supervised, items, supervised
from tests.support.waiting import eventually

PART = Part("liangshai.office.1.1", "【亮晒】督办预警 1 条：红 1", "■ 红灯·约谈\n德清县")


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    """A group's robot."""
    async with Chat().running() as found:
        yield found


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    """A mail server."""
    async with post_office(tmp_path) as found:
        yield found


@contextlib.asynccontextmanager
async def told(database: str, chat: Chat, post: Post) -> AsyncIterator[Supervised]:
    """The service with a chat of Deqing's, a mailbox of the leaders' and one of everything."""
    listed: list[dict[str, Any]] = [
        {"receiver": "deqing-chat", "channel": "wecom", "url": chat.url, "groups": ["deqing"]},
        {"receiver": "leaders-mail", "channel": "mail", "to": "leaders@huzhou.example", "groups": ["leaders"]},
        {"receiver": "all-mail", "channel": "mail", "to": "office@huzhou.example", "english": True},
    ]
    async with supervised(database, receivers=listed, smtp=post.settings) as alerts:
        await eventually(lambda: alerts.pool.fetchval("SELECT count(*) = 4 FROM alerts.receiver"))
        yield alerts


async def test_each_is_told_what_is_routed_to_it(database: str, chat: Chat, post: Post) -> None:
    """Deqing's group hears of Deqing, the office of both districts in one mail each time, leaders of nothing yet."""
    async with told(database, chat, post) as alerts:
        await alerts.june()
        await eventually(lambda: len(chat.bodies) == 1 and len(post.mails) == 1)  # the early warnings
        await alerts.pass_time("2023-07-07")
        await eventually(lambda: len(chat.bodies) == 2 and len(post.mails) == 2)
        assert ["德清县" in text and "安吉县" not in text for text in chat.texts] == [True, True]
        assert ["1 条：红 1" in text for text in chat.texts] == [True, True]
        assert {mail["To"] for mail in post.mails} == {"office@huzhou.example"}
        assert [mail["Subject"] for mail in post.mails] == ["【亮晒】督办预警 2 条：红 1、黄 1"] * 2
        text = post.mails[1].get_content()
        assert ("德清县" in text, "安吉县" in text, "Deqing" in text) == (True, True, True)
        assert post.encrypted == [True, True]

        sent = {each["receiver"]: each for each in items(await alerts.get("/v1/receivers", "office"))}
        assert sent["deqing-chat"]["groups"] == ["deqing"]
        assert sent["deqing-chat"]["url"] == f"http://127.0.0.1:{chat.port}/…"
        assert (sent["all-mail"]["channel"], sent["all-mail"]["groups"]) == ("mail", None)
        assert sent["all-mail"]["url"] == "mailto:office@huzhou.example"
        await eventually(lambda: _done(alerts))
        said = items(await alerts.get("/v1/receivers/all-mail/notifications", "office"))
        assert [(n["number"], n["reason"], n["messages"], n["parts_done"], n["state"]) for n in said] == [
            (1, "first", 2, 1, "done"),
            (2, "more", 2, 1, "done"),
        ]
        owed = items(await alerts.get("/v1/receivers/all-mail/deliveries", "office"))
        assert [(each["state"], each["notification"]) for each in owed] == [("done", n) for n in (1, 1, 2, 2)]
        answer = await alerts.get("/v1/receivers/nobody/notifications", "office")
        assert answer.json()["code"] == "unknown_receiver"
        assert (await alerts.get("/v1/receivers/all-mail/notifications", "reader")).status_code == 403
        gauges = (await alerts.operations.get("/metrics")).text
        assert 'liangshai_receiver{channel="wecom",receiver="deqing-chat"} 1.0' in gauges
        assert 'liangshai_notifications_total{reason="first",receiver="all-mail",result="done"} 1.0' in gauges


async def _done(alerts: Supervised) -> bool:
    left = "SELECT count(*) FROM alerts.delivery WHERE state = 'pending' AND receiver <> 'progress.feed'"
    return bool(await alerts.pool.fetchval(left) == 0)


async def test_what_is_held_is_no_backlog(database: str, chat: Chat, post: Post) -> None:
    """Messages that wait for their hour are counted apart from those that could not be handed over."""
    listed = [{"receiver": "chat", "channel": "wecom", "url": chat.url, "pace": {"digest": "23:00"}}]
    async with supervised(database, receivers=listed) as alerts:
        await eventually(lambda: alerts.pool.fetchval("SELECT count(*) = 2 FROM alerts.receiver"))
        await alerts.june()
        await eventually(lambda: _says(alerts, 'liangshai_deliveries_held{receiver="chat"} 2.0'))
        assert await _says(alerts, 'liangshai_deliveries_pending{receiver="chat"} 0.0')


async def _says(alerts: Supervised, line: str) -> bool:
    return line in (await alerts.operations.get("/metrics")).text.splitlines()


async def test_a_test_message_by_one_command(
    database: str, chat: Chat, post: Post, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`liangshai receiver test`: says what came of it; only who sees deliveries may; the log stays empty."""
    token = tmp_path / "token"
    token.write_text("office-token")
    async with told(database, chat, post) as alerts:

        async def run(*words: str) -> int:
            given = ["--url", str(alerts.public.base_url), "--token-file", str(token)]
            return await asyncio.to_thread(main, ["receiver", *words, *given])

        assert await run("test", "deqing-chat") == 0
        assert "deqing-chat (wecom): 已送达 / taken" in capsys.readouterr().out
        assert "测试消息" in chat.texts[0]
        assert await run("test", "leaders-mail") == 0
        assert post.mails[0]["To"] == "leaders@huzhou.example"
        chat.answers = lambda _: JSONResponse({"errcode": 40058, "errmsg": "bad"})
        assert await run("test", "deqing-chat") == 1
        assert "errcode 40058: bad" in capsys.readouterr().out
        assert await run("test", "nobody") == 2
        assert "没有这个接收方" in capsys.readouterr().err
        assert await run("list") == 0
        assert "deqing-chat\twecom\tdeqing\t待送 pending 0" in capsys.readouterr().out
        token.write_text("reader-token")
        assert await run("test", "deqing-chat") == 2
        assert await run("test", "progress.feed") == 2
        assert await alerts.pool.fetchval("SELECT count(*) FROM alerts.notification") == 0
        office = {"Authorization": "Bearer office-token"}
        topic = await alerts.public.post("/v1/receivers/progress.feed/tests", headers=office)
        assert (topic.status_code, topic.json()["code"]) == (409, "not_testable")


async def test_mail_goes_over_a_closed_line_only(post: Post) -> None:
    """STARTTLS with a certificate that is checked, then the password; the mail arrives as it was written."""
    who: dict[str, Any] = {"username": "liangshai", "password": "open-sesame"}
    smtp = Smtp(host="localhost", sender="liangshai@huzhou.example", port=post.port, ca=str(post.ca), **who)
    answer = await Mailbox(smtp, "office@huzhou.example").send(PART)
    assert (answer.verdict, answer.status) == ("done", 250)
    [mail] = post.mails
    assert (mail["Subject"], mail.get_content()) == (PART.title, PART.text + "\n")
    assert post.encrypted == [True]


@pytest.mark.parametrize(
    ("refuse", "verdict", "status"),
    [("550 no such mailbox", "failed", 550), ("451 greylisted, later", "retry", 451)],
)
async def test_refused_recipients(post: Post, refuse: str, verdict: str, status: int) -> None:
    """5xx is final, 4xx passes."""
    post.refuse = refuse
    smtp = Smtp(
        host="localhost", sender="a@b", port=post.port, ca=str(post.ca), username="liangshai", password="open-sesame"
    )
    answer = await Mailbox(smtp, "office@huzhou.example").send(PART)
    assert (answer.verdict, answer.status) == (verdict, status)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"password": "wrong"}, "SMTPAuthenticationError"),
        ({"ca": None}, "certificate"),
        ({"port": 1}, "SMTPConnectError"),
    ],
)
async def test_what_the_operator_has_to_mend_loses_nothing(post: Post, changes: dict[str, Any], says: str) -> None:
    """A wrong password, an unknown certificate, no server: tried again, and no mail left the machine in the open."""
    settings: dict[str, Any] = {"port": post.port, "ca": str(post.ca), "password": "open-sesame"}
    smtp = Smtp(host="localhost", sender="a@b", username="liangshai", **settings | changes)
    answer = await Mailbox(smtp, "office@huzhou.example").send(PART)
    assert (answer.verdict, says in str(answer.error)) == ("retry", True), answer.error
    assert "open-sesame" not in str(answer.error)
    assert post.mails == []
