"""The recount of scores and places against sums done by hand (rule 10), and the question that asks for them."""

import json
import random
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from contracts.cells import Cells
from contracts.periods import SHANGHAI, parse
from contracts.programme import Target
from deploy.demo.check.scores import _differs, _unlisted
from deploy.demo.recount.facts import Recount
from deploy.demo.recount.places import listed, most_ahead
from deploy.demo.recount.scores import Edition, Line
from tests.support.programmes import DISTRICTS, indicator, lookup

NOW = datetime(2023, 7, 20, tzinfo=SHANGHAI)
TARGETS = (Target(on=date(2023, 12, 31), value="100"),)


def level(name: str) -> Any:
    """A percentage of each district on its way from a known start to 100, rankable."""
    return indicator(
        id=name, targets=TARGETS, judged_as="level", reported_as="level", unit="percent", unit_zh="%",
        writer="district", aggregate="reported", applicable=DISTRICTS, rankable=True, tolerance="0.05",
    )  # fmt: skip


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    """June 2023 of two items: all start at 0; 40 of 50 in wuxing's first, nothing else of nanxun but one of two."""
    of = lookup(level("one"), level("two"))
    values = {("one", "wuxing"): "40", ("two", "wuxing"): "50", ("one", "nanxun"): "50"}
    values |= {("one", "deqing"): "45", ("two", "deqing"): "45"}
    items = [(name, district, "2022", "0") for name in ("one", "two") for district in DISTRICTS]
    items += [(name, district, "2023-06", value) for (name, district), value in values.items()]
    lines = []
    for number, (name, district, period, value) in enumerate(items):
        data = {"indicator": name, "district": district, "period": period, "value": value, "unit": "%"}
        answer = {"received_at": "2023-07-02T09:00:00+08:00", "receipt": f"R{number}",
                  "items": [{"index": 0, "status": "accepted"}]}  # fmt: skip
        lines.append({"items": [{"id": f"a{number}", "source": "/simulated/x", "data": data}], "answer": answer})
    log = tmp_path / "log.ndjson"
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    recount = Recount.of(of, Cells(of), log)
    return Edition(recount, recount.lights(NOW), parse("2023-06"), NOW)


def test_scores_gate_and_places(edition: Edition) -> None:
    """Rules 10.2 and 10.5: (80 + 100) / 2 and (90 + 90) / 2 share the first place; half reported has no place."""
    lines = edition.districts()
    assert (lines["wuxing"].score, lines["wuxing"].place) == (Decimal("90.00"), 1)
    assert (lines["deqing"].score, lines["deqing"].place) == (Decimal("90.00"), 1)
    assert (lines["nanxun"].score, lines["nanxun"].share, lines["nanxun"].place) == (
        Decimal("50.00"), Fraction(1, 2), None
    )  # fmt: skip
    assert (lines["anji"].score, lines["anji"].place) == (Decimal("0.00"), None)


def test_process_points(edition: Edition) -> None:
    """Rule 10.4: one yellow of two measured takes −10·1/(2·2)."""
    line = edition.districts()["wuxing"]
    assert (line.yellow, line.red, line.measured, line.process) == (1, 0, 2, Decimal("-2.50"))
    assert line.bonus is None


ROW = {
    "score": "90.00", "reported_share": "100.00", "process_points": "-2.50", "bonus": None, "yellow": 1, "red": 0,
    "measured": 2, "place": 1, "place_best": 1, "place_worst": 2,
}  # fmt: skip
LINE = Line(Decimal("90.00"), Fraction(1), Decimal("-2.50"), None, 1, 0, 2, place=1, between=(1, 2))


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, 0),
        ({"score": "90.01"}, 1),
        ({"place": 2}, 1),
        ({"red": 1}, 1),
        ({"reported_share": "80.00"}, 1),
        ({"place_worst": 3}, 1),
    ],
)
def test_a_wrong_score_is_found(change: dict[str, Any], wrong: int) -> None:
    """Each part of a unit's line can say no."""
    assert len(_differs("June wuxing", ROW | change, LINE)) == wrong


def test_place_ranges(edition: Edition) -> None:
    """Rule 10.5: 80 and 100 against 90 and 90: whichever item weighs more, either can be ahead."""
    lines = edition.districts()
    assert lines["wuxing"].between == lines["deqing"].between == (1, 2)
    assert lines["nanxun"].between is None


@pytest.mark.parametrize(("a", "b", "most"), [
    ({"x": 100, "y": 0}, {"x": 0, "y": 100}, Fraction(200, 20)),  # 11·100 − 9·100 of a weight of 20
    ({"x": 50, "y": 50}, {"x": 60, "y": 60}, Fraction(-10)),  # no weights help
    ({"x": 100, "y": 0}, {"x": 50}, Fraction(1100, 20) - 50),  # one of b's items alone
    ({"x": 30}, {"y": 40}, Fraction(-10)),
])  # fmt: skip
def test_the_most_that_one_can_lead(a: dict[str, int], b: dict[str, int], most: Fraction) -> None:
    """By hand, with the same items and with others."""
    assert most_ahead(a, b) == most


def test_no_corner_of_the_weights_is_overlooked() -> None:
    """Every combination of lowered and raised weights, tried one by one, leads by no more than the cuts find."""
    chance = random.Random(7)
    for _ in range(60):
        items = [f"i{n}" for n in range(7)]
        a, b = ({i: chance.randint(0, 100) for i in items if chance.random() < 0.8} or {"i0": 1} for _ in range(2))
        best = max(
            _led(a, b, dict(zip(items, weights, strict=True))) for weights in product((9, 11), repeat=len(items))
        )
        assert most_ahead(a, b) == best


def _led(a: dict[str, int], b: dict[str, int], weights: dict[str, int]) -> Fraction:
    x, y = (Fraction(sum(weights[i] * value for i, value in of.items()), sum(weights[i] for i in of)) for of in (a, b))
    return x - y


def test_red_and_black_list(edition: Edition) -> None:
    """Rule 10.5: 50 due in June; of the first item wuxing's 40 and deqing's 45 miss it, nanxun meets it: listed is
    who is last; of the second wuxing meets it and deqing misses it."""
    assert edition.lists(edition.districts()) == {"one": ([], ["wuxing"]), "two": ([], ["deqing"])}
    assert listed({"a": (Fraction(5), 1), "b": (Fraction(5), 1), "c": (Fraction(-1), 0)}, 1, 1) == (["a", "b"], [])


@pytest.mark.parametrize(("shown", "wrong"), [
    ([{"indicator": "one", "red": ["a"], "black": ["c", "b"]}], 0),
    ([{"indicator": "one", "red": [], "black": ["b", "c"]}], 1),
    ([], 1),
    ([{"indicator": "one", "red": ["a"], "black": ["b", "c"]}, {"indicator": "two", "red": ["a"], "black": []}], 1),
])  # fmt: skip
def test_a_wrong_list_is_found(shown: list[dict[str, Any]], wrong: int) -> None:
    """Another name, a list that is missing, one that nobody recounted."""
    assert len(_unlisted("2023-06", shown, {"one": (["a"], ["b", "c"])})) == wrong
