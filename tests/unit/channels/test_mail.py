"""The mail of a notification as it goes over the wire."""

from datetime import UTC, datetime

from services.alerts.channels.channel import Part
from services.alerts.channels.mail import compose

AT = datetime(2023, 7, 6, 1, 0, tzinfo=UTC)


def test_the_mail_is_plain_text_with_a_name_of_its_own() -> None:
    """UTF-8 in base64, dated, marked as automatic; the same part has the same Message-ID."""
    part = Part("liangshai.office.3.1", "【亮晒】督办预警 1 条：红 1", "■ 红灯·约谈\n德清县")
    mail = compose(part, sender="liangshai@huzhou.example", to="office@huzhou.example", at=AT)
    assert mail["Message-ID"] == "<liangshai.office.3.1@huzhou.example>"
    assert mail["To"] == "office@huzhou.example"
    assert mail["From"].addresses[0].addr_spec == "liangshai@huzhou.example"
    assert mail["Subject"] == "【亮晒】督办预警 1 条：红 1"
    assert (mail["Date"], mail["Auto-Submitted"]) == ("Thu, 06 Jul 2023 01:00:00 +0000", "auto-generated")
    assert mail.get_content() == "■ 红灯·约谈\n德清县\n"
    assert bytes(mail).isascii()


def test_no_title_makes_a_header() -> None:
    """A line break in a unit's words cannot add a Bcc."""
    mail = compose(Part("n", "题\r\nBcc: x@y", "文"), sender="a@b", to="c@d", at=AT)
    assert (mail["Subject"], mail["Bcc"]) == ("题 Bcc: x@y", None)
