"""The operator's file of receivers: every kind, read strictly, its secrets shown nowhere."""

import re
from pathlib import Path

import pytest

from contracts.catalogue import SHIPPED, load
from services.alerts.sending.receivers import DingTalk, Feishu, Mail, Receivers, WeCom, read, strangers

DOCUMENT = Path(__file__).parents[3] / "docs" / "channels.md"
FILE = """
smtp: {host: smtp.example, from: liangshai@huzhou.example, username: liangshai, password: open-sesame}
receivers:
  - receiver: office-chat
    channel: wecom
    url: https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=very-secret-key
    groups: [office, leaders]
    pace: {wait: 2m, quiet: {from: 22:00, to: "07:30"}, working_days: true, digest: "08:30", urgent: {levels: [3]}}
  - receiver: deqing-chat
    channel: dingtalk
    url: https://oapi.dingtalk.com/robot/send?access_token=t0k
    secret: SECxyz
  - {receiver: anji-chat, channel: feishu, url: "https://open.feishu.cn/open-apis/bot/v2/hook/h00k", secret: s3cr}
  - {receiver: deqing-mail, channel: mail, to: office@deqing.example, english: true}
"""


def read_text(tmp_path: Path, text: str) -> Receivers:
    """What a file of this text says."""
    file = tmp_path / "receivers.yaml"
    file.write_text(text)
    return read(file)


def test_every_kind(tmp_path: Path) -> None:
    """Each is what it says, reached where it says, told at its pace."""
    found = read_text(tmp_path, FILE)
    assert [type(each) for each in found.receivers] == [WeCom, DingTalk, Feishu, Mail]
    wecom, _, _, mail = found.receivers
    assert isinstance(wecom, WeCom)
    assert (wecom.channel, wecom.groups) == ("wecom", ("office", "leaders"))
    assert (wecom.pace.wait, wecom.pace.working_days, wecom.pace.urgent.levels) == ("2m", True, (3,))
    assert isinstance(mail, Mail)
    assert (mail.address, mail.english, mail.groups) == ("mailto:office@deqing.example", True, None)
    assert found.smtp is not None
    assert (found.smtp.tls, found.smtp.sender) == ("starttls", "liangshai@huzhou.example")


def test_groups_that_nobody_knows_are_told(tmp_path: Path) -> None:
    """A misspelt group would be a receiver that hears nothing."""
    lookup = load(SHIPPED)
    found = read_text(tmp_path, FILE.replace("groups: [office, leaders]", "groups: [offcie, leaders, deqing]"))
    assert strangers(found, lookup) == {"office-chat": ["offcie"]}
    assert strangers(read_text(tmp_path, FILE), lookup) == {}


def test_the_documents_example(tmp_path: Path) -> None:
    """What docs/channels.md shows can be read, one receiver of each kind."""
    [text] = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    found = read_text(tmp_path, text.replace("whsec_…", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"))
    assert {each.channel for each in found.receivers} == {"webhook", "wecom", "dingtalk", "feishu", "mail"}


def test_secrets_are_shown_nowhere(tmp_path: Path) -> None:
    """Neither in logs nor in the address that goes to the database, which tells another key from this one."""
    found = read_text(tmp_path, FILE)
    shown = repr(found) + "".join(each.address for each in found.receivers)
    for secret in ("very-secret-key", "t0k", "SECxyz", "h00k", "s3cr", "open-sesame"):
        assert secret not in shown
    other = read_text(tmp_path, FILE.replace("very-secret-key", "another-key"))
    assert found.receivers[0].address.startswith("https://qyapi.weixin.qq.com/…#")
    assert found.receivers[0].address != other.receivers[0].address


@pytest.mark.parametrize(
    "wrong",
    [
        FILE.replace("channel: wecom", "channel: wechat"),
        FILE.replace("channel: wecom", "channel: wecom\n    colour: red"),
        FILE.replace("https://qyapi", "ftp://qyapi"),
        FILE.replace("to: office@deqing.example", "to: 'office@deqing.example, leaders@deqing.example'"),
        FILE.replace("smtp: {", "smpt: {"),
        "\n".join(line for line in FILE.splitlines() if not line.startswith("smtp")),
        FILE.replace("host: smtp.example", "host: smtp.example, tls: none"),
        FILE.replace('digest: "08:30"', 'digest: "06:30"'),
        FILE.replace("receiver: anji-chat", "receiver: deqing-chat"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, wrong: str) -> None:
    """At start, with the place: never a receiver that is silently not told."""
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        read_text(tmp_path, wrong)
