"""The wall's document and page: worst first, every series, words in both languages, nothing unescaped."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from contracts.catalogue import SHIPPED, load
from contracts.editions import Catalogue
from contracts.events import Text
from contracts.feed_events import FeedMessage
from contracts.operations.connections import Unavailable
from services.alerts.instruments import Instruments
from services.alerts.lives import Lives
from services.alerts.pages.page import page
from services.alerts.pages.routes import Wall
from services.alerts.pages.shapes import Choice, Facts, OpenTicket, WallDocument
from services.alerts.pages.wall import document
from services.alerts.views import SeriesLight
from tests.support.standings import at

LOOKUP = load(SHIPPED)
CATALOGUE = Catalogue(LOOKUP)
LIVES = Lives(CATALOGUE)
SERIES = [(indicator.id, district) for indicator, district in LOOKUP.series]
NOW = at("2024-08-05")
NOTHING = Facts([], [], [], None, None, simulated=False)


def series(number: int, light: Any, lag: str | None = None, **given: Any) -> SeriesLight:
    """The light of one of the programme's series."""
    indicator, district = SERIES[number]
    told: dict[str, Any] = {
        "programme": LOOKUP.programme.id,
        "indicator": indicator,
        "district": district,
        "department": LOOKUP.indicators[indicator].lead,
        "light": light,
        "period": "2024-07",
        "stale": False,
        "forecast": False,
        "override": None,
        "override_until": None,
        "red_lines": 0,
        "since": NOW - timedelta(days=40),
        "lag": None if lag is None else Decimal(lag),
        "lag_text": Text(f"落后序时进度{lag}个百分点", f"{lag} points behind schedule"),
        "value": "30",
        "expected": "40.000",
        "target": "80",
    }
    return SeriesLight(**told | given)


def drawn(facts: Facts, choice: Choice = Choice(rows=None), stale: bool = False) -> WallDocument:  # noqa: B008 - frozen
    """The wall of these facts, nothing having ended."""
    return document(LOOKUP, facts, frozenset(), choice=choice, now=NOW, driven=True, stale=stale)


def facts(*of: SeriesLight, **given: Any) -> Facts:
    """Facts with these lights."""
    return replace(NOTHING, series=list(of), as_of=date(2024, 7, 31), through=NOW, **given)


def test_worst_first() -> None:
    """Red, yellow, grey, green; within a colour the largest lag first, a lag of 0 before none."""
    wall = drawn(
        facts(
            series(0, "green", "0.0"),
            series(1, "yellow", "12.5"),
            series(2, "red", None),
            series(3, "red", "0"),
            series(4, "red", "50.0"),
            series(5, "yellow", "30.0"),
        )
    )
    places = [SERIES.index((item.indicator, item.district)) for item in wall.items]
    assert places[:5] == [4, 3, 2, 5, 1]
    assert places[-1] == 0
    assert {item.light for item in wall.items[5:-1]} == {"grey"}


def test_every_series_is_counted() -> None:
    """What nothing is known of is grey, and counted, in the whole and by district."""
    wall = drawn(facts(series(0, "red", "40")))
    assert wall.total == len(SERIES) == wall.counts.red + wall.counts.yellow + wall.counts.grey + wall.counts.green
    assert sum(row.counts.grey for row in wall.districts) == wall.counts.grey == len(SERIES) - 1
    assert [row.id for row in wall.districts][:2] == ["huzhou", "wuxing"]


def test_what_ended_comes_last_and_is_counted_apart() -> None:
    """Rule 4.11: the last light of an ended series is history; a red one does not stand before the living."""
    told = facts(series(0, "red", "60"), series(1, "red", "10"), series(2, "green", "0"))
    wall = document(LOOKUP, told, frozenset({SERIES[0]}), choice=Choice(rows=None), now=NOW, driven=True, stale=False)
    assert [(item.light, item.ended) for item in (wall.items[0], wall.items[-1])] == [("red", False), ("red", True)]
    assert (wall.counts.red, wall.ended) == (1, 1)
    assert sum(row.ended for row in wall.districts) == 1
    text = page(wall, "zh").decode()
    assert text.count("已结束") == 2
    assert '<tr class="red ended">' in text


def test_a_series_is_over_when_its_last_cell_is_locked() -> None:
    """A figure of 2023 alone: due on 5 January, locked and over on 1 February 2024; the others live."""
    of_2023 = {(i.id, d) for i, d in LOOKUP.series if i.valid_to.year == 2023}
    assert of_2023
    assert LIVES.ended(at("2024-01-10")) == frozenset()
    monthly = {key for key in of_2023 if LOOKUP.indicators[key[0]].frequency == "monthly"}
    assert monthly <= LIVES.ended(at("2024-02-01")) <= of_2023
    assert LIVES.ended(at("2024-12-31")) == of_2023
    assert len(LIVES.ended(at("2029-01-01"))) == len(SERIES)


def test_a_choice_narrows_items_and_counts_but_not_the_districts() -> None:
    """?district= and ?department= and the number of rows."""
    wall = drawn(facts(series(0, "red", "40")), Choice(rows=5, district=SERIES[0][1]))
    assert len(wall.items) == 5
    assert {item.district for item in wall.items} == {SERIES[0][1]}
    assert wall.total == sum(1 for _, district in SERIES if district == SERIES[0][1])
    assert sum(row.counts.grey for row in wall.districts) == len(SERIES) - 1


def test_the_version_is_of_what_is_seen_and_not_of_the_clock() -> None:
    """A page draws itself anew only when something changed."""
    one = drawn(facts(series(0, "red", "40")))
    told, tomorrow = facts(series(0, "red", "40")), NOW + timedelta(days=1)
    later = document(LOOKUP, told, frozenset(), choice=Choice(rows=None), now=tomorrow, driven=True, stale=False)
    assert one.version == later.version
    assert one.version != drawn(facts(series(0, "red", "41"))).version
    assert one.version != drawn(facts(series(0, "red", "40")), stale=True).version


def test_a_light_has_letter_shape_and_name() -> None:
    """Each page in its own letters."""
    wall = drawn(facts(series(0, "red", "40"), series(1, "yellow", "20"), series(2, "green")))
    for language, name, letter in (("zh", "红灯", "红"), ("en", "red", "R")):
        text = page(wall, language, "").decode()  # type: ignore[arg-type]
        first = text.split("<tbody>")[1].split("</tr>")[0]
        assert '<use href="#red"/>' in first
        assert f">{letter}</b>" in first
        assert f'aria-label="{name}"' in first
    assert {"red", "yellow", "green", "grey"} == set(re.findall('<symbol id="(\\w+)"', text))


def test_tickets_and_messages_are_told() -> None:
    """The open ticket's level and state in words, the last messages with number and moment."""
    message = msgspec.convert(
        {
            "seq": 7, "message_id": "m", "msg_type": "Alert", "references": [], "sent": NOW, "version": "1",
            "rule": "lag", "kind": "ticket", "ticket_id": None, "notification_reason": "first", "group_key": "",
            "fingerprint": "", "episode": 1, "severity": "red", "ticket_level": 2, "certainty": "observed",
            "starts_at": NOW, "ends_at": None, "labels": {},
            "annotations": {"summary_zh": "德清县亮红灯", "summary_en": "Deqing red"}, "inputs": {},
            "reason_code": None, "period": "2024-07", "as_of": date(2024, 7, 31), "data_cutoff": NOW, "links": {},
        },
        FeedMessage,
    )  # fmt: skip
    indicator, district = SERIES[0]
    told = facts(
        series(0, "red", "40"), tickets=[OpenTicket(indicator, district, "lag", "ACKED", 2, False)], feed=[message]
    )
    zh, en = page(drawn(told), "zh", "").decode(), page(drawn(told), "en", "").decode()
    assert '<span class="ticket level2">督办函</span><small>已签收</small>' in zh
    assert '<span class="ticket level2">supervision letter</span><small>acknowledged</small>' in en
    assert "德清县亮红灯" in zh
    assert "#7 · 2024-08-05 12:00" in zh
    assert "Deqing red" in en
    pinned = page(drawn(facts(red_lines=[message])), "zh", "").decode()
    assert pinned.index("底线红线") < pinned.index("德清县亮红灯") < pinned.index("<h2>最新预警信息")  # rule 12: on top
    assert "底线红线" not in zh


def test_the_notice_is_shown_when_and_only_when_data_is_simulated() -> None:
    """演示数据, in both languages."""
    for simulated in (True, False):
        text = page(drawn(facts(simulated=simulated)), "zh", "").decode()
        assert ('id="simulated" hidden' not in text) is simulated
        assert "演示数据：模拟报送，非湖州市实际情况" in text


def test_data_is_escaped() -> None:
    """A name with markup in it stays text."""
    evil = '"><script>alert(1)</script>'
    text = page(drawn(facts(series(0, "red", "40", lag_text=Text(evil, evil), value=evil, period=evil))), "zh").decode()
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert(1)") == 3


class Moving:
    """A reading that can fail, a clock and a stopwatch that can be moved."""

    driven, delay = False, timedelta(seconds=10)

    def __init__(self) -> None:
        self.at, self.platform, self.facts, self.reads, self.away = 100.0, NOW, facts(series(0, "red", "40")), 0, False

    def now(self) -> Any:
        return self.platform

    async def read(self, _: str) -> Facts:
        self.reads += 1
        if self.away:
            raise OSError("gone")
        return self.facts

    def wall(self) -> Wall:
        told = Instruments(CollectorRegistry())
        return Wall(self.read, CATALOGUE, self, LIVES, told, monotonic=lambda: self.at)


async def test_one_reading_a_second_serves_every_screen() -> None:
    """However many look, Postgres is asked once a second."""
    moving = Moving()
    wall = moving.wall()
    for _ in range(5):
        await wall.document(Choice())
    assert moving.reads == 1
    moving.at += 1
    await wall.document(Choice())
    assert moving.reads == 2


async def test_the_last_picture_outlives_the_database_and_grows_stale() -> None:
    """Nothing read for ten seconds: stale. Before anything was read: unavailable."""
    moving = Moving()
    wall = moving.wall()
    assert not (await wall.document(Choice())).stale
    moving.away = True
    moving.at += 5
    assert not (await wall.document(Choice())).stale
    moving.at += 6
    assert (await wall.document(Choice())).stale
    with pytest.raises(Unavailable):
        await moving.wall().document(Choice())


@pytest.mark.parametrize(
    ("platform", "real", "moves", "stale"),
    [
        (timedelta(minutes=5), 31, False, True),  # the clock went on, judging did not
        (timedelta(minutes=5), 31, True, False),
        (timedelta(minutes=5), 20, False, False),
        (timedelta(minutes=1), 3600, False, False),  # nobody moved the clock: nothing to judge
    ],
)
async def test_judging_that_stands_still_is_told(platform: timedelta, real: float, moves: bool, stale: bool) -> None:
    """Stale: over two minutes of platform time behind, and not moved for half a minute of real time."""
    moving = Moving()
    wall = moving.wall()
    await wall.document(Choice())
    moving.platform += platform
    moving.at += real
    if moves:
        moving.facts = replace(moving.facts, through=NOW + timedelta(seconds=1))
    assert (await wall.document(Choice())).stale is stale
