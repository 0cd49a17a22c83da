"""The whole platform with its real parts, told of projects over HTTP: what a unit sends is seen in lights and gauges.

with platform() as path:
    path.post("office", path.event("1", "project.listed.v1", listed().said))
    path.drive("2023-05-06")
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec

from contracts.operations.clock import drive
from contracts.projects import Statement
from deploy.demo import tokens
from deploy.demo.office import OFFICE
from deploy.local.stack import Stack
from tests.support.intake import lookup
from tests.support.projects import PROGRAMME
from tests.support.recorded import at
from tests.support.servers import directory
from tests.support.stacks import stacked
from tests.support.waiting import eventually_now

PATIENCE = 60.0  # seconds; two cores may be shared by many


@dataclass
class Platform:
    """The running platform and whoever speaks to it."""

    stack: Stack
    clock: Path
    tokens: dict[str, str]
    client: httpx.Client
    offsets: dict[int, int] = field(default_factory=dict)

    def event(self, id_: str, type_: str, said: Statement) -> dict[str, Any]:
        """A CloudEvent as its sender writes it."""
        data = msgspec.to_builtins(said)
        return {"specversion": "1.0", "id": id_, "source": "/test/projects", "type": type_, "data": data}

    def post(self, who: str, *events: dict[str, Any]) -> httpx.Response:
        """Send them as one batch."""
        token = self.tokens[OFFICE if who == "office" else who]
        answer = self.client.post(
            f"{self.stack.ingest.url}/v1/projects",
            json=list(events),
            headers={"authorization": f"Bearer {token}", "content-type": "application/cloudevents-batch+json"},
        )
        if answer.status_code == 207:
            for item in answer.json()["items"]:
                if item["status"] == "accepted":
                    partition = item["partition"]
                    self.offsets[partition] = max(self.offsets.get(partition, -1), item["offset"])
        return answer

    def drive(self, day: str, clock: str = "12:00") -> None:
        """Move the clock, and wait until all projects are judged up to it."""
        drive(self.clock, at(day, clock))
        eventually_now(lambda: self._judged(day, clock), PATIENCE)

    def _judged(self, day: str, clock: str) -> bool:
        answer = self.get("alerts", "/v1/watermarks")
        if answer.status_code != 200:
            return False
        marks = answer.json()["projects"]
        reached = {n: mark for n, mark in marks.items() if at(day, clock).isoformat() <= mark["through"]}
        return len(reached) == 12 and all(
            reached[str(number)]["position"] > offset for number, offset in self.offsets.items()
        )

    def get(self, service: str, path: str, who: str = "reader") -> httpx.Response:
        """Ask a public API."""
        part = getattr(self.stack, service)
        return self.client.get(f"{part.url}{path}", headers={"authorization": f"Bearer {self.tokens[who]}"})

    def act(self, who: str, ticket: str, **command: str) -> httpx.Response:
        """Act on a ticket."""
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        return self.client.post(f"{self.stack.alerts.url}/v1/tickets/{ticket}/acts", json=command, headers=headers)

    def items(self, service: str, path: str) -> list[dict[str, Any]]:
        """The items of a list below the programme."""
        answer = self.get(service, f"/v1/programmes/{PROGRAMME}/{path}")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def messages(self, who: str = "reader") -> list[dict[str, Any]]:
        """The feed's messages about projects, as one caller reads them, page by page."""
        found: list[dict[str, Any]] = []
        after: int | str = 0
        while True:
            page = self.get("alerts", f"/v1/feed?after={after}&limit=1000", who).json()
            found += [each for each in page["items"] if each["rule"] == "project"]
            if not page["items"]:
                return found
            after = page["next"]

    def gauge(self, service: str, start: str) -> list[str]:
        """The samples of a service whose line begins so."""
        text = self.client.get(f"{getattr(self.stack, service).operations}/metrics").text
        return [line for line in text.splitlines() if line.startswith(start)]

    def outcomes(self, answer: httpx.Response) -> dict[str, tuple[str, str | None]]:
        """What became of accepted items: asked until all of them are recorded."""
        accepted = answer.json()["counts"]["accepted"]

        def recorded() -> list[dict[str, Any]]:
            found = self.client.get(
                answer.json()["links"]["receipt"], headers={"authorization": f"Bearer {self.tokens['reader']}"}
            )
            items: list[dict[str, Any]] = found.json().get("items", [])
            return items if len(items) == accepted else []

        return {item["id"]: (item["outcome"], item["code"]) for item in eventually_now(recorded, PATIENCE)}


@contextlib.contextmanager
def platform(environment: Mapping[str, str] | None = None, *, officials: bool = False) -> Iterator[Platform]:
    """The services, at the first instant of 2023; `environment`: what they are told besides, `officials`: with the
    desk."""
    with directory("projects") as place:
        clock = place / "clock"
        drive(clock, at("2023-01-01", "00:00"))
        hashed, plain = tokens.ensure(lookup(), place / "tokens")
        with (
            stacked(place, clock, hashed, environment=environment, officials=officials) as stack,
            httpx.Client(timeout=30, trust_env=False) as client,
        ):
            yield Platform(stack, clock, plain, client)
