"""Applying a version of the catalogue through ingest (rules 2.9, 2.10): who may, what is refused, what is announced."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import yaml

from contracts.authority import Tokens, hashed
from contracts.catalogue_events import CatalogueApplied, CatalogueVersion
from contracts.codec import Record, decode
from contracts.editions import Catalogue
from contracts.events import Text
from contracts.operations.callers import Callers
from contracts.operations.connections import Unavailable
from contracts.operations.http import application
from contracts.operations.publishing import Message
from contracts.programme import Target
from contracts.topics import CATALOGUE, PARTITIONS, REPORTED
from services.ingest import versions as ingest_versions
from services.ingest.catalogues import routes
from services.ingest.versions import Versions
from tests.support.intake import NOW, Broker, lookup

REASON = {"zh": "2024年工作要点", "en": "work points of 2024"}
INDICATOR = "major_projects"


class Followed(Broker):
    """A broker whose topic of versions is read, by one or more replicas, in its order; `held` lets them wait."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: list[Versions] = []
        self.held, self.read = False, 0

    async def publish(self, messages: Sequence[Message], *, since: float | None = None) -> Any:
        results = await super().publish(messages, since=since)
        self.deliver()
        return results

    def deliver(self) -> None:
        """What was not read yet."""
        if not self.held:
            for m in self.messages[self.read :]:
                for versions in self.readers if m.topic == CATALOGUE.name else ():
                    versions.take(decode(Record(m.topic, m.partition or 0, 0, m.key, m.value, 0)))  # type: ignore[arg-type]  # as on the topic
            self.read = len(self.messages)


class Office:
    """Ingest's part, with a broker that keeps what it is told."""

    def __init__(self, tokens: Path, broker: Followed | None = None) -> None:
        self.broker, self.catalogue = broker or Followed(), Catalogue(lookup())
        self.versions = Versions(self.catalogue, self.broker, self)
        self.broker.readers.append(self.versions)
        app = application(routes(Callers(Tokens(tokens, lookup()), self), self.versions))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ingest")

    driven, delay, instant = True, timedelta(), NOW

    def now(self) -> Any:
        return self.instant

    async def post(self, document: Any, *, token: str = "office", dry_run: bool = False) -> httpx.Response:
        return await self.client.post(
            "/v1/catalogues",
            content=msgspec.json.encode({"reason": REASON, "document": document}),
            params={"dry_run": str(dry_run).lower()},
            headers={"Authorization": f"Bearer {token}"},
        )

    def said(self, topic: str) -> list[Any]:
        sent = [m for m in self.broker.messages if m.topic == topic]
        return [decode(Record(m.topic, m.partition or 0, n, m.key, m.value, 0)) for n, m in enumerate(sent)]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    grants = [
        {"subject": "office", "sha256": hashed("office"), "kinds": ["catalogue", "read"]},
        {"subject": "clerk", "sha256": hashed("clerk"), "kinds": ["report", "read"]},
    ]
    (tmp_path / "tokens.yaml").write_text(yaml.safe_dump(grants), encoding="utf-8")
    made = Office(tmp_path / "tokens.yaml")
    async with made.client:
        yield made


def changed(version: str = "2024", value: str = "55", **fields: Any) -> Any:
    """The shipped programme with one more target, or other fields of that indicator."""
    programme = lookup().programme
    target = Target(on=NOW.date().replace(month=12, day=31), value=value, source="invented")
    indicators = [
        msgspec.structs.replace(each, **(fields or {"targets": (*each.targets, target)}))
        if each.id == INDICATOR
        else each
        for each in programme.indicators
    ]
    return msgspec.structs.replace(programme, version=version, indicators=tuple(indicators))


async def test_the_version_is_told_in_every_partition_with_one_moment(office: Office) -> None:
    """Rule 2.10: first the topic of versions, then a mark in each partition, then that it is announced."""
    answer = await office.post(changed())
    assert (answer.status_code, answer.json()["announced"]) == (200, True)
    entries, marks = office.said(CATALOGUE.name), office.said(REPORTED.name)
    assert [each.announced for each in entries] == [False, True]
    assert [each.partition for each in marks] == list(range(PARTITIONS))
    assert all(isinstance(each, CatalogueApplied) for each in marks)
    assert {(each.applied_at, each.sha256, each.actor) for each in (*marks, *entries)} == {
        (NOW, answer.json()["sha256"], "office")
    }
    assert marks[0].lookup.programme == changed()
    assert office.catalogue.newest.version == "2024"


async def test_the_same_again_says_the_same_and_tells_nothing(office: Office) -> None:
    """A retry after success is harmless; the same name with other content is refused."""
    first = (await office.post(changed())).json()
    told = len(office.broker.messages)
    again = await office.post(changed())
    assert (again.status_code, again.json()["applied_at"]) == (200, first["applied_at"])
    assert len(office.broker.messages) == told
    other = await office.post(changed(value="56"))
    assert (other.status_code, other.json()["code"]) == (409, "version_taken")
    first_one = await office.post(changed(version="1"))
    assert (first_one.status_code, first_one.json()["code"]) == (409, "version_taken")


async def test_half_announced_it_holds_nowhere_until_it_is_repeated(office: Office) -> None:
    """All or nothing visible: after a failure in between no report is judged by it, and only it may be applied."""
    office.broker.refuses = {5}
    broken = await office.post(changed())
    assert broken.status_code == 503
    assert office.catalogue.newest.version == "1"
    office.broker.refuses = set()
    other = await office.post(changed(version="2024b"))
    assert (other.status_code, other.json()["code"]) == (409, "version_pending")
    again = await office.post(changed())
    assert (again.status_code, again.json()["announced"], office.catalogue.newest.version) == (200, True, "2024")


async def test_another_replica_reads_what_was_applied(office: Office, tmp_path: Path) -> None:
    """A version on the topic is taken over once it is announced, and not before."""
    await office.post(changed())
    other = Office(tmp_path / "tokens.yaml")
    pending, announced = (each for each in office.said(CATALOGUE.name) if isinstance(each, CatalogueVersion))
    other.versions.take(pending)
    assert other.catalogue.newest.version == "1"
    other.versions.take(announced)
    assert other.catalogue.newest.version == "2024"
    assert other.catalogue.newest.since == NOW


async def test_a_repair_told_again_is_of_its_first_moment(office: Office, tmp_path: Path) -> None:
    """Rule 2.9: retried after the broker failed in the middle and ingest was restarted, every partition hears the same
    as the first time; nothing is told before it stands on the topic that a restart reads."""
    office.broker.refuses = {0}
    with pytest.raises(Unavailable):
        await office.versions.repair("2", Text("修复", "repaired"), "office")
    assert office.said(REPORTED.name) == []
    office.broker.refuses = {5}
    with pytest.raises(Unavailable):
        await office.versions.repair("2", Text("修复", "repaired"), "office")
    later = Office(tmp_path / "tokens.yaml")
    later.instant = NOW + timedelta(hours=1)
    for event in office.said(CATALOGUE.name):
        later.versions.take(event)
    assert await later.versions.repair("2", Text("再说一遍", "said again"), "other") == NOW
    told = later.said(REPORTED.name)
    assert [each.partition for each in told] == list(range(PARTITIONS))
    assert {(each.applied_at, each.reason.zh, each.actor) for each in told} == {(NOW, "修复", "office")}
    assert later.said(CATALOGUE.name) == []
    assert await later.versions.repair("3", Text("另一处", "another"), "office") == later.instant


@pytest.fixture
async def pair(office: Office, tmp_path: Path) -> AsyncIterator[tuple[Office, Office]]:
    """Two replicas, a second apart, neither of which has read what the other says."""
    other = Office(tmp_path / "tokens.yaml", office.broker)
    other.instant = NOW + timedelta(seconds=1)
    office.broker.held = True
    async with other.client:
        yield office, other


async def both_said(broker: Followed, *tasks: "asyncio.Task[Any]") -> list[Any]:
    """What comes of the tasks once each of them has written its first word and all can be read."""
    while len(broker.messages) < len(tasks):  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)
    broker.held = False
    broker.deliver()
    return await asyncio.gather(*tasks)


async def test_of_two_words_on_one_repair_the_first_is_told(pair: tuple[Office, Office]) -> None:
    """Rule 2.9: all partitions hear the one that stands first on the topic, which also is its newest record there."""
    office = pair[0]
    tell = (each.versions.repair("2", Text("修复", each.now().isoformat()), "office") for each in pair)
    assert await both_said(office.broker, *map(asyncio.create_task, tell)) == [NOW, NOW]
    assert {(each.applied_at, each.reason.en) for each in office.said(REPORTED.name)} == {(NOW, NOW.isoformat())}
    assert office.said(CATALOGUE.name)[-1].applied_at == NOW  # what a compacted topic keeps


@pytest.mark.parametrize("same", [True, False])
async def test_of_two_words_on_one_version_the_first_holds(pair: tuple[Office, Office], same: bool) -> None:
    """Rule 2.10: both replicas announce it of one moment; the one that meant another document says it is taken."""
    office = pair[0]
    post = (each.post(changed(value="55" if same or each is office else "56")) for each in pair)
    one, other = await both_said(office.broker, *map(asyncio.create_task, post))
    assert (one.status_code, other.status_code) == (200, 200 if same else 409)
    assert {(each.applied_at, each.sha256) for each in office.said(REPORTED.name)} == {
        (each.applied_at, each.sha256) for each in office.said(CATALOGUE.name)[:1]
    }
    newest = office.said(CATALOGUE.name)[-1]
    assert (newest.applied_at, [each.catalogue.newest.version for each in pair]) == (NOW, ["2024", "2024"])


async def test_what_is_not_read_back_is_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The topic cannot be read: nothing is told to any partition."""
    monkeypatch.setattr(ingest_versions, "_READ_BACK", 0.01)
    office.broker.held = True
    with pytest.raises(Unavailable):
        await office.versions.repair("2", Text("修复", "repaired"), "office")
    assert (await office.post(changed())).status_code == 503
    assert office.said(REPORTED.name) == []


async def test_a_dry_run_tells_the_difference_and_applies_nothing(office: Office) -> None:
    """What would change is said by target and cell."""
    answer = (await office.post(changed(), dry_run=True)).json()
    assert answer["changes"]["targets"] == [
        {"kind": "target", "place": f"{INDICATOR}/2026-12-31", "before": None, "after": "ge 55"}
    ]
    assert answer["changes"]["cells_held"] > 1000
    assert office.broker.messages == []
    assert office.catalogue.newest.version == "1"


async def test_who_may_not_is_refused(office: Office) -> None:
    """Only a token of kind `catalogue` applies; nothing is said to the broker."""
    assert (await office.post(changed(), token="clerk")).status_code == 403
    assert (await office.post(changed(), token="nobody")).status_code == 401
    assert office.broker.messages == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"unit": "CNY_100M"}, "meaning_changed"),
        ({"area": "nowhere"}, "unknown_id"),
        ({"id": "renamed"}, "indicator_vanished"),
    ],
)
async def test_what_cannot_follow_is_refused_with_its_place(office: Office, fields: dict[str, str], code: str) -> None:
    """Rule 4.11: reports keep their meaning, and what is named exists; each finding names its place."""
    answer = await office.post(changed(**fields))
    assert (answer.status_code, answer.json()["code"]) == (422, "catalogue_unfit")
    assert code in {each["code"] for each in answer.json()["findings"]}
    assert all(
        each["place"].startswith(("indicators/", "decomposition/", "scheme")) for each in answer.json()["findings"]
    )


async def test_what_is_no_catalogue_is_refused(office: Office) -> None:
    """A document of another shape, or an empty reason."""
    assert (await office.post({"id": "x"})).json()["code"] == "body_unreadable"
    headers = {"Authorization": "Bearer office"}
    body = msgspec.json.encode({"reason": {"zh": " ", "en": ""}, "document": changed()})
    empty = await office.client.post("/v1/catalogues", content=body, headers=headers)
    assert (empty.status_code, empty.json()["code"]) == (422, "reason_missing")


async def test_a_recomputation_told_again_is_of_its_first_moment(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 2.10: the broker took half of it; the retry, an hour later, gives every partition the same moment."""
    asked: dict[str, Any] = {"rules": "2", "reason": REASON}
    headers = {"Authorization": "Bearer office"}
    office.broker.refuses = {5}
    assert (await office.client.post("/v1/recomputations", json=asked, headers=headers)).status_code == 503
    office.broker.refuses = set()
    monkeypatch.setattr(office, "now", lambda: NOW + timedelta(hours=1))
    assert (await office.client.post("/v1/recomputations", json=asked, headers=headers)).status_code == 202
    told = office.said(REPORTED.name)
    assert {each.partition for each in told} == set(range(PARTITIONS))
    assert {each.applied_at for each in told} == {NOW}


async def test_who_knows_the_version_is_not_sent_it_again(office: Office) -> None:
    """The version is the ETag: 304 without a body for who names it, the whole document for who names an older one."""
    first = await office.client.get("/v1/catalogue", headers={"Authorization": "Bearer office"})
    tag = first.headers["etag"]
    known = {"Authorization": "Bearer office", "If-None-Match": tag}
    same = await office.client.get("/v1/catalogue", headers=known)
    other = await office.client.get("/v1/catalogue", headers={**known, "If-None-Match": '"0"'})
    assert tag == f'"{first.json()["version"]}"'
    assert (same.status_code, same.content) == (304, b"")
    assert other.json() == first.json()
