"""The words of a notification, Chinese first, never colour alone."""

import msgspec
import pytest

from services.alerts.notifying.grouping import Next, Reason
from services.alerts.notifying.wording import entries, title
from tests.support.feed import SENT, message


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("first", "【亮晒】督办预警 3 条：红 1、黄 2"),
        ("more", "【亮晒】督办预警 3 条：红 1、黄 2"),
        ("digest", "【亮晒】7月6日摘要 3 条：红 1、黄 2"),
        ("repeat", "【亮晒】尚未办结 3 条：红 1、黄 2"),
    ],
)
def test_the_title_counts(reason: Reason, said: str) -> None:
    """What it is and how many of each colour."""
    told = (message(1), message(2, severity="red"), message(3))
    assert title(Next("all", reason, SENT, told, told)) == said


def test_an_entry() -> None:
    """Shape, word and level; what happened; how far behind; what follows; where to look."""
    said = message(1, severity="red", ticket_level=3)
    said = msgspec.structs.replace(said, annotations=said.annotations | {"next_step_zh": "7月10日前签收"})
    [text] = entries([said], english=False, markdown=True)
    assert text == (
        "**■ 红灯·约谈**\n德清县第1项：2023年6月亮黄灯，立督办单（提醒）\n落后序时进度12.5个百分点\n7月10日前签收\n"
        "[查看详情](http://boards/d/liangshai-district)"
    )
    [text] = entries([said], english=False, markdown=False)
    assert text.startswith("■ 红灯·约谈\n")
    assert text.endswith("\nhttp://boards/d/liangshai-district")


def test_reminders_are_counted_apart() -> None:
    """They are about reports, not about lights."""
    told = (message(1, severity="red"), message(2, kind="reminder", ticket_level=None))
    assert title(Next("all", "first", SENT, told, told)) == "【亮晒】督办预警 2 条：红 1、催报 1"
    assert entries(told, english=False, markdown=False)[1].startswith("○ 催报\n德清县第2项")


def test_english_stands_beside_it_where_asked() -> None:
    """After the Chinese; a warning has no level, and a link that leads nowhere is left out."""
    said = message(1, kind="warning", ticket_level=None, links={"board": "/d/x"})
    [text] = entries([said], english=True, markdown=False)
    assert text.splitlines() == [
        "▲ 黄灯",
        *(said.annotations[name] for name in ("summary_zh", "lag_text_zh", "summary_en", "lag_text_en")),
    ]


def test_a_units_words_are_only_words() -> None:
    """No mention, no link, no line of its own in a robot's markdown."""
    words = "<@all> [点](http://x)\n# 题 **粗** `x`"
    [text] = entries([message(1, annotations={"summary_zh": words}, links={})], english=False, markdown=True)
    assert text == "**▲ 黄灯·提醒**\n＜@all＞ ［点］(http://x) ＃ 题 ＊＊粗＊＊ ｀x｀"
