"""The story that the time-lapse tells: the same from the same seed, honest about its origin, and acceptable."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contracts.authority import Tokens
from contracts.catalogue import SHIPPED
from contracts.numbers import DECIMAL
from contracts.objections import Objection
from contracts.periods import parse
from contracts.programme import CITY
from contracts.responsibility import writer
from deploy.demo import tokens
from deploy.demo.behaviours import PACES, Series
from deploy.demo.cell_acts import ACTS
from deploy.demo.story import REPORTS, Push, Story, read_published
from deploy.demo.wire import CONTENT_TYPES, body
from services.ingest import formats
from tests.support.intake import acceptance, cells, items_of, lookup

SEED = "huzhou"
UNTIL = datetime.fromisoformat("2026-11-24T12:00:00+08:00")
SHORT = datetime.fromisoformat("2023-06-30T12:00:00+08:00")

pytestmark = pytest.mark.timeout(120)


def told(seed: str, until: datetime) -> list[Push]:
    """The pushes of a story, told anew."""
    story = Story(lookup(), cells(), seed, until, read_published(SHIPPED / "published.csv"), acting=True)
    story.tell_published()
    return story.pushes()


@cache
def whole() -> Sequence[Push]:
    """The shipped story up to the day these tests were written."""
    return told(SEED, UNTIL)


@cache
def shipped() -> Sequence[Push]:
    """Its reports."""
    return [push for push in whole() if push.path == REPORTS]


@cache
def acts() -> Sequence[tuple[Push, dict[str, Any]]]:
    """Its acts on cells and reports, each with its push."""
    return [(push, item) for push in whole() if push.path == ACTS for item in push.items]


@cache
def items() -> Sequence[tuple[Push, dict[str, Any]]]:
    """Each item with the push it is in; a push sent twice counts once."""
    seen: set[str] = set()
    found = []
    for push in shipped():
        for item in push.items:
            if item["id"] not in seen:
                seen.add(item["id"])
                found.append((push, item))
    return found


def written(pushes: Sequence[Push]) -> list[tuple[datetime, str, bytes]]:
    """What goes over the wire, and when."""
    return [(push.at, push.unit, body(push)) for push in pushes]


def test_the_same_seed_and_end_tell_the_same_bytes() -> None:
    """Same seed, same catalogue, same end date: the same pushes; another seed: others."""
    assert written(told(SEED, SHORT)) == written(told(SEED, SHORT))
    assert written(told(SEED, SHORT)) != written(told("another", SHORT))


def test_a_later_end_only_adds() -> None:
    """An interrupted time-lapse that goes on tomorrow hears the same beginning."""
    first = written(told(SEED, SHORT))
    assert [each for each in written(whole()) if each[0] <= SHORT] == [each for each in first if each[0] <= SHORT]


def test_every_report_says_where_it_comes_from() -> None:
    """A simulated report has a source of /simulated/ and its unit, a published one /published and its evidence."""
    published = read_published(SHIPPED / "published.csv")
    found = set()
    for push, item in items():
        data = item["data"]
        if item["source"] == "/published":
            key = (data["indicator"], data["district"], data["period"])
            found.add(key)
            assert (data["value"], data["unit"]) == (published[key]["value"], published[key]["unit"])
            assert data["evidence"] == [published[key]["source_url"]]
        else:
            assert item["source"] == f"/simulated/{push.unit}"
    due = {key for key in published if any(key == (c.indicator, c.district, c.period.text) for c in cells())}
    assert len(found) >= 14
    assert found <= due == set(published)


def test_nothing_simulated_stands_beside_a_published_figure() -> None:
    """A cell with a published figure has no simulated report."""
    published = set(read_published(SHIPPED / "published.csv"))
    cells_of = {(i["data"]["indicator"], i["data"]["district"], i["data"]["period"])
                for _, i in items() if i["source"] != "/published"}  # fmt: skip
    shared = {key for key in cells_of & published if key[2] != "2022"}
    assert not shared


def test_each_report_is_written_by_the_unit_of_rule_2_4() -> None:
    """The pushing unit is the series' one writer (rule 2.4)."""
    for push, item in items():
        data = item["data"]
        assert push.unit == writer(lookup(), data["indicator"], data["district"], parse(data["period"])), item["id"]


def test_intake_rejects_only_what_is_meant_to_be_wrong(tmp_path: Path) -> None:
    """Every push, read and judged as ingest does at its instant with the demo's tokens: wrong units alone are turned
    down (rule 2.2), and each of them is followed by the right report."""
    hashed, plain = tokens.ensure(lookup(), tmp_path / "tokens")
    grants = Tokens(hashed, lookup())
    verdicts: Counter[str] = Counter()
    unexpected: list[tuple[str, str]] = []
    accepted: set[str] = set()
    wrong: set[str] = set()
    for push in shipped():
        grant = grants.grant(f"Bearer {plain[push.unit]}", push.at)
        media = formats.media_of(CONTENT_TYPES[push.format])
        for item in items_of(body(push), media, grant.subject):
            assert item.submitted is not None, item.objection
            said = acceptance().accept(item.submitted, grant, push.at)
            code = said.code if isinstance(said, Objection) else "accepted"
            verdicts[code] += 1
            name = push.items[item.index]["id"]
            (accepted if code == "accepted" else wrong).add(name)
            if (code == "unit_mismatch") != name.endswith(".wrong-unit") or code not in ("accepted", "unit_mismatch"):
                unexpected.append((name, code))
    assert not unexpected
    assert verdicts["unit_mismatch"] > 20
    assert {name.removesuffix(".wrong-unit") for name in wrong} <= accepted


def test_the_tokens_of_others_do_not_do(tmp_path: Path) -> None:
    """A unit's token accepts nothing that another unit writes: the demo's tokens are no master keys."""
    hashed, plain = tokens.ensure(lookup(), tmp_path / "tokens")
    grants = Tokens(hashed, lookup())
    push = next(push for push in shipped() if push.unit == "deqing")
    for unit in ("anji", "office", "reader", "development_reform"):
        if unit not in plain:
            continue
        grant = grants.grant(f"Bearer {plain[unit]}", push.at)
        read = items_of(body(push), formats.media_of(CONTENT_TYPES[push.format]), unit)
        for item in read:
            assert item.submitted is not None
            assert isinstance(acceptance().accept(item.submitted, grant, push.at), Objection)


def test_every_pace_has_its_series() -> None:
    """on plan, front-loaded, stalls in spring, catches up, falls behind: each is told of many series, none of all."""
    paces = Counter(Series(lookup(), *series, SEED).pace.name for series in lookup().series)
    assert set(paces) == {pace.name for pace in PACES}
    assert min(paces.values()) > 20


def test_the_paces_do_what_they_are_called() -> None:
    """A pace's name is its course against the straight line of the year."""
    share = {pace.name: [float(pace.share(month)) * 12 / month for month in range(1, 13)] for pace in PACES}
    assert min(share["on_plan"]) >= 1
    assert share["front_loaded"][5] > 1.3
    assert share["front_loaded"][11] < 1.05
    assert share["stalls_in_spring"][1] == 1
    assert share["stalls_in_spring"][5] < 0.4 < 0.9 < share["stalls_in_spring"][6]
    assert share["catches_up"][5] < 0.7 < share["catches_up"][7] < share["catches_up"][11] == 1
    assert max(share["falls_behind"]) < 0.6


def test_the_clerks_show_every_habit() -> None:
    """Never reports, corrects itself, sends the wrong unit, contradicts itself, late, corrects after the lock with and
    without a reason, sends twice: each occurs in the shipped story."""
    marks: Counter[str] = Counter()
    reported = set()
    for push, item in items():
        data, mark = item["data"], item["id"].rpartition(".")[2]
        if item["source"] == "/published":
            continue
        reported.add((data["indicator"], data["district"]))
        cell = cells().resolve(data["indicator"], data["district"], data["period"])
        assert cell is not None
        marks["wrong unit"] += mark == "wrong-unit"
        marks["contradicts"] += mark == "b"
        marks["corrects"] += data.get("revision") == 1 and mark != "b"
        marks["after the lock, with a reason"] += push.at >= cell.lock_at and "reason" in data
        marks["after the lock, without"] += mark == "late" and push.at >= cell.lock_at and "reason" not in data
        late = cell.due_at is not None and cell.due_at < push.at < cell.lock_at and not data.get("revision")
        marks["late"] += late
        marks["on time"] += cell.due_at is not None and push.at < cell.due_at
    names = Counter(item["id"] for push in shipped() for item in push.items)
    marks["twice"] = sum(count == 2 for count in names.values())
    silent = [s for s in lookup().series if Series(lookup(), *s, SEED).never_reports and s[1] != CITY]
    assert silent
    bases = {(i["data"]["indicator"], i["data"]["district"]) for _, i in items() if i["data"]["period"] == "2022"}
    published = {key[:2] for key in read_published(SHIPPED / "published.csv")}
    assert not {(s[0].id, s[1]) for s in silent} & reported - bases - published
    habits = (
        "wrong unit", "contradicts", "corrects", "after the lock, with a reason", "after the lock, without",
        "late", "on time", "twice",
    )  # fmt: skip
    assert not [name for name in habits if not marks[name]], marks
    assert marks["on time"] > 10 * marks["late"]


def test_the_office_acts_on_what_was_said() -> None:
    """Rules 2.9, 2.11, 7.2: every decision is on one report that its lock holds, after it, once; every explanation on a
    report that counts; every kind of act occurs, and each excuse that is taken back was given."""
    sent = {(item["source"], item["id"]): push for push, item in items()}
    kinds = Counter(item["data"]["act"] for _, item in acts())
    assert set(kinds) == {
        "report.approved", "report.returned", "cell.excused", "cell.unexcused", "flag.commented", "cell.published"
    }  # fmt: skip
    decided: Counter[tuple[str, str]] = Counter()
    excused: set[tuple[str, str, str]] = set()
    for push, item in acts():
        data = item["data"]
        cell = cells().get(data["indicator"], data["district"], data["period"])
        assert cell is not None
        if "report" in data:
            report = data["report"]["source"], data["report"]["id"]
            assert sent[report].at < push.at
            if data["act"].startswith("report."):
                assert (push.unit, sent[report].at >= cell.lock_at) == ("office", True)
                decided[report] += 1
            else:
                assert push.unit == sent[report].unit
        elif data["act"] == "cell.published":
            assert cell.due_at is not None
            assert cell.due_at <= push.at < cell.lock_at
        else:
            key = (data["indicator"], data["district"], data["period"])
            assert (data["act"] == "cell.excused") != (key in excused), key
            excused ^= {key}
    assert set(decided.values()) == {1}


def test_what_contradicts_says_something_else() -> None:
    """A contradiction has the revision of what it contradicts and another value; a correction a later revision."""
    by_cell: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for _, item in items():
        data = item["data"]
        by_cell[data["indicator"], data["district"], data["period"]][item["id"]] = data
    twins = 0
    for found in by_cell.values():
        for name, data in found.items():
            if name.endswith(".b"):
                twin = found[name.removesuffix(".b")]
                assert twin.get("revision") == data.get("revision")
                assert twin["value"] != data["value"], name
                twins += 1
    assert twins > 5


def test_a_push_sent_twice_is_the_same_bytes() -> None:
    """A repeated push differs in its instant alone, so that recording knows it again (rule 2.7)."""
    by_body = defaultdict(list)
    for push in shipped():
        by_body[push.unit, body(push)].append(push)
    twice = [found for found in by_body.values() if len(found) > 1]
    assert len(twice) > 5
    assert all(len(found) == 2 and found[0].at < found[1].at for found in twice)


def test_pushes_come_in_order_and_in_three_formats() -> None:
    """By instant, and JSON batch, NDJSON and CSV each have their units, which keep to one format."""
    assert list(shipped()) == sorted(shipped(), key=lambda push: (push.at, push.unit))
    used = defaultdict(set)
    for push in shipped():
        used[push.unit].add(push.format)
    assert all(len(forms) == 1 for forms in used.values())
    assert set().union(*used.values()) == set(CONTENT_TYPES)


@pytest.mark.parametrize("series", [s for i, s in enumerate(lookup().series) if i % 7 == 0], ids=lambda s: str(s))
def test_values_are_written_as_clerks_write_them(series: tuple[Any, str]) -> None:
    """No exponent, the indicator's decimals and no more: readable by the contract's pattern for numbers."""
    indicator, district = series
    told_of = Series(lookup(), indicator, district, SEED)
    for cell in cells().of(indicator.id, district)[-3:]:
        text = told_of.written(told_of.value(cell.period))
        assert DECIMAL.fullmatch(text)
        assert len(text.partition(".")[2]) <= indicator.decimals
