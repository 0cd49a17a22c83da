"""The platform as the office and a unit that reports to it use it: what they send, and what came of it everywhere.

with platform() as found:
    Acts(found).act("1", "cell.excused", "2023-01", reason="…")
"""

from dataclasses import dataclass
from typing import Any

import httpx

from contracts.topics import PARTITIONS
from deploy.demo.cell_acts import event as acted
from deploy.demo.office import OFFICE
from tests.support.project_path import PATIENCE, Platform
from tests.support.recorded import PROGRAMME, at
from tests.support.waiting import eventually_now

SERIES = (
    "agri_projects_investment_2023/huzhou"  # 78 in 2023, a running total; of the city, whose tickets nothing inhibits
)
WRITER = "agri_rural_bureau"
Outcome = tuple[str, str | None]


@dataclass
class Acts:
    """The platform as the office and the unit that reports to it use it."""

    on: Platform

    def send(self, who: str, event: dict[str, Any], path: str = "/v1/acts") -> httpx.Response:
        """One event as it is."""
        headers = {"authorization": f"Bearer {self.on.tokens[who]}", "content-type": "application/cloudevents+json"}
        return self.on.client.post(f"{self.on.stack.ingest.url}{path}", json=event, headers=headers)

    def outcome(self, answer: httpx.Response) -> Outcome:
        """What became of the one item of an answer."""
        assert answer.status_code == 207, answer.text
        [found] = self.on.outcomes(answer).values()
        return found

    def act(self, name: str, kind: str, period: str, *, series: str = SERIES, **said: Any) -> Outcome:
        """The office acts; what became of it."""
        return self.outcome(self.send(OFFICE, act(name, kind, period, series=series, **said)))

    def report(self, name: str, period: str, value: str, **said: Any) -> Outcome:
        """The unit reports; what became of it."""
        return self.outcome(self.send(WRITER, report(name, period, value, **said), "/v1/reports"))

    def outcome_of(self, name: str) -> str:
        """The present outcome of a report."""
        path = f"/v1/reports?source=/simulated/{WRITER}&id={name}"
        found: str = self.on.get("metrics", path).json()["outcome"]["outcome"]
        return found

    def judge(self, day: str, clock: str = "12:00") -> None:
        """Move the clock, and wait until alerts has judged every partition up to it: what came before is in it."""
        self.on.drive(day, clock)
        eventually_now(lambda: self._judged(at(day, clock).isoformat()), PATIENCE)

    def _judged(self, moment: str) -> bool:
        marks = self.on.get("alerts", "/v1/watermarks").json().get("partitions", {})
        return len(marks) == PARTITIONS and all(mark["through"] >= moment for mark in marks.values())

    def standing(self, period: str, known_at: str | None = None, *, series: str = SERIES) -> dict[str, Any]:
        """What metrics says of a cell, now or as it was known at a moment."""
        known = "" if known_at is None else f"&known_at={known_at}:00%2B08:00"
        path = f"/v1/programmes/{PROGRAMME}/standings/{series}?period={period}{known}"
        found: dict[str, Any] = self.on.get("metrics", path).json()
        return found

    def values(self, period: str, known_at: str) -> list[str]:
        """The values that a cell had had by a moment, version by version."""
        path = f"/v1/programmes/{PROGRAMME}/standings/{SERIES}/history?period={period}&known_at={known_at}:00%2B08:00"
        return [each["value"] for each in self.on.get("metrics", path).json()["items"]]

    def light(self, period: str, known_at: str | None = None, *, series: str = SERIES) -> dict[str, Any]:
        """What alerts says of a cell, now or as it was known at a moment."""
        known = "" if known_at is None else f"?known_at={known_at}:00%2B08:00"
        cells = self.on.get("alerts", f"/v1/programmes/{PROGRAMME}/lights/{series}{known}").json()["cells"]
        [found] = [cell for cell in cells if cell["period"] == period]
        return dict(found)

    def tickets(self, rule: str, series: str = SERIES) -> list[tuple[str, str | None]]:
        """State and code of the end of every ticket of a series, oldest first."""
        indicator, district = series.split("/")
        found = self.on.items("alerts", f"tickets?rule={rule}&indicator={indicator}&district={district}")
        return [(each["state"], each["close_code"]) for each in sorted(found, key=lambda each: each["episode"])]

    def messages(self, series: str = SERIES) -> list[dict[str, Any]]:
        """The feed's messages about a series' tickets, in order."""
        indicator, district = series.split("/")
        found: list[dict[str, Any]] = []
        after: int | str = 0
        while True:
            page = self.on.get("alerts", f"/v1/feed?after={after}&limit=1000&indicator={indicator}").json()
            found += [each for each in page["items"] if each["kind"] == "ticket"]
            if not page["items"]:
                return [
                    m for m in found if (m["labels"]["indicator"], m["labels"]["district"]) == (indicator, district)
                ]
            after = page["next"]

    def recorded(self, period: str, kind: str, series: str = SERIES) -> list[str]:
        """The outcomes of every act of a kind that metrics holds about a cell."""
        indicator, district = series.split("/")
        asked = f"acts?act={kind}&indicator={indicator}&district={district}&period={period}"
        return [each["outcome"]["outcome"] for each in self.on.items("metrics", asked)]


def report(name: str, period: str, value: str, **said: Any) -> dict[str, Any]:
    """A report of the unit, as it is sent."""
    data = about(SERIES, period) | {"value": value, "unit": "CNY_100M", "revision": 0} | said
    return acted(WRITER, name, data) | {"type": "progress.reported.v1"}


def act(
    name: str, kind: str, period: str, *, series: str = SERIES, on: str | None = None, **said: Any
) -> dict[str, Any]:
    """An act of the office on a cell, or `on` a report, as it is sent."""
    named = {} if on is None else {"report": {"source": f"/simulated/{WRITER}", "id": on}}
    return acted(OFFICE, name, about(series, period) | {"act": kind} | named | said)


def about(series: str, period: str) -> dict[str, Any]:
    indicator, district = series.split("/")
    return {"programme": PROGRAMME, "indicator": indicator, "district": district, "period": period}
