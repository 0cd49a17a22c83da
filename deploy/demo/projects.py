"""An invented list of major projects, shaped like the plan's: 40 with 80 亿 in 2023, 80 with 800 亿 by 2027.

None of them exists: names, contacts and amounts are made up from the seed, and every plan says `invented`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

ROLLING, FIRST_YEAR = "rolling_county_seat_projects", "major_projects_2023"
NOTE = "演示用虚构 invented for the demonstration"
DISTRICTS = {
    "wuxing": "吴兴", "nanxun": "南浔", "deqing": "德清", "changxing": "长兴", "anji": "安吉", "south_taihu": "南太湖",
}  # fmt: skip
THEMES = (
    ("县城污水管网提升", "sewer renewal", "construction_bureau"),
    ("县级医院迁建", "county hospital", "health_commission"),
    ("产业平台标准厂房", "standard workshops", "economy_it_bureau"),
    ("城乡公交枢纽", "bus interchange", "transport_bureau"),
    ("老旧片区更新", "old-quarter renewal", "construction_bureau"),
    ("普惠幼儿园新建", "kindergarten", "education_bureau"),
    ("现代农业园区", "farm park", "agri_rural_bureau"),
    ("冷链物流中心", "cold-chain centre", "commerce_bureau"),
    ("乡村文旅综合体", "rural tourism", "culture_tourism_bureau"),
    ("水系生态修复", "water restoration", "ecology_environment_bureau"),
)
CONTACTS = "甲乙丙丁戊己庚辛壬癸"
ENTERED = {2023: 40, 2024: 14, 2025: 14, 2026: 12}
INVESTED = {2023: 80, 2024: 170, 2025: 220, 2026: 210, 2027: 120}  # 亿元, together 800
NODES = (
    ("approval", "立项审批", "approval", 10, 0.0),
    ("land", "用地保障", "land", 15, 0.12),
    ("start", "全面开工", "construction begun", 15, 0.25),
    ("structure", "主体完成", "structure", 30, 0.6),
    ("completion", "竣工", "completion", 20, 0.9),
    ("in_use", "验收投用", "in use", 10, 1.0),
)
FED, HOSPITALS, FEEDS_UNTIL = "county_hospital_investment", "health_commission", 2024  # one hospital a district
LATE_FROM_THE_START = 3  # planned to start in January 2023, and did not
CHARACTERS = ("on_time", "slips", "starts_late", "early", "stuck")
_OFTEN = (46, 22, 12, 12, 8)


@dataclass(frozen=True, slots=True)
class Project:
    """One invented project: its plan, and how it will really go (node → day done)."""

    id: str
    entered: date
    character: str
    plan: dict[str, Any]
    done: dict[str, date]
    started_on: date

    @property
    def unit(self) -> str:
        """Who reports on it."""
        return str(self.plan["district"] if self.plan["reports"] == "district" else self.plan["department"])

    def invested(self, month: date) -> Decimal:
        """What has been invested by the end of a month, 亿元: its own pace of each year's plan."""
        pace = {"slips": "0.88", "starts_late": "0.8", "stuck": "0.7", "early": "1.06"}.get(self.character, "1")
        total = Decimal(0)
        for year, planned in self.plan["invest_by_year"].items():
            part = Decimal(min(max(month.year - int(year), 0), 1)) if month.year != int(year) else _part(month.month)
            total += Decimal(planned) * part * Decimal(pace)
        return total.quantize(Decimal("0.01"))


def _part(month: int) -> Decimal:
    return Decimal(month) / 12


def told(seed: str) -> list[Project]:
    """The whole list in the order of entry."""
    drafts = [_draft(seed, number, year) for number, year in enumerate(_years(), start=1)]
    money = _money(seed, drafts)
    return [_project(seed, number, draft, money[number - 1]) for number, draft in enumerate(drafts, start=1)]


def _years() -> Iterator[int]:
    for year, count in ENTERED.items():
        yield from [year] * count


@dataclass(frozen=True, slots=True)
class _Draft:
    """When a project enters, starts and ends by plan (month numbers since year 0), and what it is like."""

    entered: date
    first: int
    last: int
    character: str


def _draft(seed: str, number: int, year: int) -> _Draft:
    random = Random(f"{seed}/project/{number}")
    first = 12 * year + (random.randint(2, 8) if number != LATE_FROM_THE_START else 0)
    longest = 12 * 2027 + 11 - first
    last = first + min(longest, random.randint(16, 30) if number % 5 == 0 else random.randint(30, 56))
    character = random.choices(CHARACTERS, _OFTEN)[0]
    return _Draft(date(year, 1, 12), first, last, "starts_late" if number == LATE_FROM_THE_START else character)


def _money(seed: str, drafts: list[_Draft]) -> list[dict[str, str]]:
    """Each year's sum shared out among the projects under way in it, to the last 0.01."""
    shared: list[dict[str, str]] = [{} for _ in drafts]
    for year, total in INVESTED.items():
        weights = {}
        for number, draft in enumerate(drafts):
            months = max(0, min(draft.last, 12 * year + 11) - max(draft.first, 12 * year) + 1)
            size = Random(f"{seed}/size/{number}").randint(3, 10) * (3 if number < ENTERED[2023] else 1)
            weights[number] = months * size
        cents, left = 100 * total, sum(weights.values())
        for number, weight in weights.items():
            if weight:
                part = cents * weight // left
                shared[number][str(year)] = format(Decimal(part) / 100, "f")
                cents, left = cents - part, left - weight
    return shared


def _project(seed: str, number: int, draft: _Draft, money: dict[str, str]) -> Project:
    random = Random(f"{seed}/course/{number}")
    zh, en, department = THEMES[number % len(THEMES)]
    district = list(DISTRICTS)[(number + number // 10) % 6]
    nodes = [
        {"id": id_, "name": {"zh": name, "en": english}, "weight": str(weight),
         "due": _end(draft.first + round(share * (draft.last - draft.first))).isoformat()}
        for id_, name, english, weight, share in NODES
    ]  # fmt: skip
    contact = CONTACTS[number % len(CONTACTS)]
    plan = {
        "name": {
            "zh": f"{DISTRICTS[district]}{zh}(演示{number:02})",
            "en": f"Demonstration {number:02}: {en}, {district.replace('_', ' ').title()}",
        },
        "district": district, "department": department,
        "contact": {"name": f"联系人{contact}", "role": "市级联系领导(虚构)", "unit": None},
        "starts_in": f"{draft.first // 12}-{draft.first % 12 + 1:02}",
        "nodes": nodes, "invest_by_year": money,
        "invest_total": format(sum(map(Decimal, money.values())), "f"),
        "feeds": [FED] if department == HOSPITALS and draft.entered.year <= FEEDS_UNTIL else [],
        "reports": "department" if number % 4 == 0 else "district",
        "invented": True, "note": NOTE,
    }  # fmt: skip
    late = draft.character == "starts_late"
    started = _end(draft.first + (random.randint(2, 4) if late else 0)) - timedelta(days=random.randint(1, 20))
    return Project(f"demo_{number:02}", draft.entered, draft.character, plan, _course(draft, nodes, random), started)


def _course(draft: _Draft, nodes: list[dict[str, Any]], random: Random) -> dict[str, date]:
    """When each node is really done."""
    done, last = {}, date.min
    for place, node in enumerate(nodes):
        due = date.fromisoformat(node["due"])
        days = {
            "on_time": -random.randint(0, 12),
            "slips": random.randint(-3, 40),
            "starts_late": random.randint(40, 110) if place < 3 else random.randint(0, 45),
            "early": -random.randint(20, 75) if place else -5,
            "stuck": random.randint(120, 240) if place == 1 + draft.first % 3 else random.randint(-5, 10),
        }[draft.character]
        last = max(last, due + timedelta(days=days))
        done[str(node["id"])] = last
    return done


def _end(month: int) -> date:
    """The last day of a month counted since year 0 (12·year + month − 1)."""
    year, index = divmod(month + 1, 12)
    return date(year, index + 1, 1) - timedelta(days=1)
