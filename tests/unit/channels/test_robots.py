"""Robots of chat groups: the bytes of each request, signatures by known vectors, limits, and what an answer means."""

import json
from bisect import bisect
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.alerts.channels import dingtalk, feishu
from services.alerts.channels.channel import Part
from services.alerts.channels.dingtalk import DINGTALK
from services.alerts.channels.feishu import FEISHU
from services.alerts.channels.robots import Kind, Robot
from services.alerts.channels.wecom import WECOM

AT = 1577262236.757
PART = Part("liangshai.office.1.1", "【亮晒】督办预警 1 条：红 1", "**■ 红灯·约谈**\n德清县")


async def sent(kind: Kind, url: str, secret: str | None, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    """What a robot makes of an answer."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        return await Robot(kind, url, secret, client, clock=lambda: AT).send(PART)


async def request_of(kind: Kind, url: str, secret: str | None) -> httpx.Request:
    """The request that a robot makes."""
    seen: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={kind.code: 0, kind.words: "ok"})

    assert (await sent(kind, url, secret, take)).verdict == "done"
    return seen[0]


async def test_wecoms_request() -> None:
    """Markdown, the title in bold as its first line; the key stays in the address."""
    request = await request_of(WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", None)
    assert str(request.url) == "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"
    assert request.headers["content-type"] == "application/json"
    content = "**【亮晒】督办预警 1 条：红 1**\n\n**■ 红灯·约谈**\n德清县"
    wanted = {"msgtype": "markdown", "markdown": {"content": content}}
    assert request.content == json.dumps(wanted, ensure_ascii=False, separators=(",", ":")).encode()


async def test_dingtalks_request() -> None:
    """Markdown with its title; time and signature in the address; a break within an entry stays one."""
    request = await request_of(DINGTALK, "https://oapi.dingtalk.com/robot/send?access_token=t", "this is secret")
    assert dict(request.url.params) == {
        "access_token": "t",
        "timestamp": "1577262236757",
        "sign": dingtalk.signature("this is secret", 1577262236757),
    }
    assert "%2B" in str(request.url)  # the plus sign of this signature
    text = "#### 【亮晒】督办预警 1 条：红 1\n\n**■ 红灯·约谈**  \n德清县"
    assert json.loads(request.content) == {"msgtype": "markdown", "markdown": {"title": PART.title, "text": text}}


async def test_feishus_request() -> None:
    """A card with markdown; time and signature in the body; without a secret neither."""
    request = await request_of(FEISHU, "https://open.feishu.cn/open-apis/bot/v2/hook/h", "s")
    body = json.loads(request.content)
    assert (body["timestamp"], body["sign"]) == ("1577262236", feishu.signature("s", 1577262236))
    assert (body["msg_type"], body["card"]["header"]["title"]["content"]) == ("interactive", PART.title)
    assert body["card"]["elements"] == [{"tag": "markdown", "content": PART.text}]
    request = await request_of(FEISHU, "https://open.feishu.cn/open-apis/bot/v2/hook/h", None)
    assert json.loads(request.content).keys() == {"msg_type", "card"}


def test_dingtalks_signature() -> None:
    """The secret and time that the vendor's page shows, signed by openssl (dgst -sha256 -hmac)."""
    assert dingtalk.signature("this is secret", 1577262236757) == "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="


def test_feishus_signature() -> None:
    """The vector of go-lark, the client that most use."""
    assert feishu.signature("xxx", 1661860880) == "QnWVTSBe6FmQDE0bG6X0mURbI+DnvVyu1h+j5dHOjrU="


@pytest.mark.parametrize(("kind", "limit"), [(WECOM, 4096), (DINGTALK, 20_000), (FEISHU, 20_000)])
def test_limits_are_in_bytes(kind: Kind, limit: int) -> None:
    """The longest text that fits is at the vendor's limit to the byte, and one character more is not."""
    robot = Robot(kind, "https://r", "secret", httpx.AsyncClient(), clock=lambda: AT)
    most = bisect(range(limit), False, key=lambda n: not robot.fits("题", "亮" * n)) - 1
    _, body = kind.dress("题", "亮" * most, "secret", AT)
    encoded = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    assert limit - 3 < kind.measure("题", "亮" * most, encoded) <= limit
    assert not robot.fits("题", "亮" * (most + 1))


@pytest.mark.parametrize(
    ("kind", "status", "body", "verdict", "pause"),
    [
        (WECOM, 200, {"errcode": 0, "errmsg": "ok"}, "done", None),
        (WECOM, 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, "retry", 60),
        (WECOM, 200, {"errcode": -1, "errmsg": "system busy"}, "retry", 10),
        (WECOM, 200, {"errcode": 40058, "errmsg": "exceed max length 4096"}, "failed", None),
        (WECOM, 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, "gone", None),
        (DINGTALK, 200, {"errcode": 130101, "errmsg": "send too fast"}, "retry", 600),
        (DINGTALK, 200, {"errcode": 310000, "errmsg": "sign not match"}, "failed", None),
        (DINGTALK, 200, {"errcode": 460101, "errmsg": "message too long"}, "failed", None),
        (DINGTALK, 200, {"errcode": 400102, "errmsg": "robot stopped"}, "gone", None),
        (FEISHU, 200, {"code": 0, "msg": "success", "StatusCode": 0}, "done", None),
        (FEISHU, 200, {"code": 11232, "msg": "frequency limited"}, "retry", 60),
        (FEISHU, 400, {"code": 99991400, "msg": "request trigger frequency limit"}, "retry", 60),
        (FEISHU, 200, {"code": 19021, "msg": "sign match fail"}, "failed", None),
        (FEISHU, 200, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}, "gone", None),
        (FEISHU, 400, {"code": 9500, "msg": "bad"}, "failed", None),
        (WECOM, 404, {}, "failed", None),
        (WECOM, 410, {}, "gone", None),
        (WECOM, 500, {}, "retry", None),
        (WECOM, 429, {}, "retry", 7),
        (WECOM, 503, {}, "retry", 7),
        (WECOM, 200, {"login": "please"}, "retry", None),
        (WECOM, 200, {"errcode": "x"}, "retry", None),
    ],
)
async def test_what_an_answer_means(
    kind: Kind, status: int, body: dict[str, Any], verdict: str, pause: float | None
) -> None:
    """The code within a 200 counts: rate limits and a busy vendor pass, a robot that is no more ends it, else final."""
    headers = {"retry-after": "7"} if status in (429, 503) else {}
    found = await sent(kind, "https://r/?key=k", None, lambda _: httpx.Response(status, json=body, headers=headers))
    assert (found.verdict, found.status, found.pause) == (verdict, status, pause)


async def test_a_proxys_page_is_no_yes() -> None:
    """200 with anything but the vendor's JSON is tried again."""
    found = await sent(WECOM, "https://r", None, lambda _: httpx.Response(200, text="<html>login</html>"))
    assert found.verdict == "retry"


@pytest.mark.parametrize("secret", ["0ddba11-key", "SECabcdef"])
async def test_what_a_robot_repeats_of_a_secret_is_hidden(secret: str) -> None:
    """Its words go to the log, the database and the API."""
    said = {"errcode": 40001, "errmsg": f"no such {secret}"}
    found = await sent(WECOM, "https://r/send?key=0ddba11-key", "SECabcdef", lambda _: httpx.Response(200, json=said))
    assert found.error == "errcode 40001: no such ***"


async def test_no_error_names_the_address() -> None:
    """The address is a secret; the wire's own words may hold it."""

    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"cannot reach {request.url}", request=request)

    found = await sent(WECOM, "https://r/?key=very-secret", None, broken)
    assert (found.verdict, found.error) == ("retry", "ConnectError")
