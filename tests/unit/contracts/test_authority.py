"""Tokens as sets of cells, and the units of a series (rules 1.4 and 2.4)."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.authority import Refused, Tokens, hashed, read
from contracts.periods import SHANGHAI, parse
from contracts.responsibility import writer
from tests.support.intake import grant, lookup

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)


class Monotonic:
    """Real time, moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def _entry(token: str = "one", **fields: Any) -> dict[str, Any]:
    return {"subject": token, "sha256": hashed(token), "kinds": ["read"], "indicators": "*", "districts": "*", **fields}


def _write(path: Path, *entries: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(list(entries)), encoding="utf-8")


def _code(tokens: Tokens, header: str | None, now: datetime = NOW) -> str:
    with pytest.raises(Refused) as caught:
        tokens.grant(header, now)
    assert caught.value.status == 401
    return caught.value.code


def test_only_known_tokens_are_known(tmp_path: Path) -> None:
    """Without header, with another scheme, with an unknown token: 401, each by its code; the right one is found."""
    _write(tmp_path / "tokens.yaml", _entry())
    tokens = Tokens(tmp_path / "tokens.yaml")
    assert tokens.grant("Bearer one", NOW).subject == "one"
    assert tokens.grant("bearer one", NOW).subject == "one"
    assert _code(tokens, None) == "token_missing"
    assert _code(tokens, "Basic one") == "token_missing"
    assert _code(tokens, "Bearer two") == "token_unknown"
    assert _code(tokens, f"Bearer {hashed('one')}") == "token_unknown"


def test_expiry_is_platform_time(tmp_path: Path) -> None:
    """A token ends at its instant by the platform's clock (rule 1.4)."""
    _write(tmp_path / "tokens.yaml", _entry(expires_at="2026-12-01T00:00:00+08:00"))
    tokens = Tokens(tmp_path / "tokens.yaml")
    end = datetime(2026, 12, 1, tzinfo=SHANGHAI)
    assert tokens.grant("Bearer one", end - timedelta(microseconds=1)).subject == "one"
    assert _code(tokens, "Bearer one", end) == "token_expired"


def test_the_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    """A new token works and a removed one does not within a second; a broken file keeps the last good set."""
    path, time = tmp_path / "tokens.yaml", Monotonic()
    _write(path, _entry("one"))
    tokens = Tokens(path, monotonic=time)
    _write(path, _entry("two", subject="changed"))
    assert tokens.grant("Bearer one", NOW)  # not looked at again yet
    time.at += 1
    assert tokens.grant("Bearer two", NOW)
    assert _code(tokens, "Bearer one") == "token_unknown"
    path.write_text("- subject: [", encoding="utf-8")
    time.at += 1
    assert tokens.grant("Bearer two", NOW)
    path.unlink()
    time.at += 1
    assert _code(tokens, "Bearer two") == "token_unknown"


def test_a_file_put_in_place_by_renaming_is_seen(tmp_path: Path) -> None:
    """A replaced file of the same size and time is another file."""
    path, time = tmp_path / "tokens.yaml", Monotonic()
    _write(path, _entry("one"))
    tokens = Tokens(path, monotonic=time)
    before = path.stat()
    _write(tmp_path / "next", _entry("two"))
    os.utime(tmp_path / "next", ns=(before.st_atime_ns, before.st_mtime_ns))
    (tmp_path / "next").replace(path)
    time.at += 1
    assert tokens.grant("Bearer two", NOW)


@pytest.mark.parametrize(
    "wrong",
    [{"sha256": "plain"}, {"kinds": ["write"]}, {"expires_at": "2026-12-01T00:00:00"}, {"indicator": "*"}],
    ids=["not a hash", "unknown kind", "local time", "unknown field"],
)
def test_what_cannot_be_understood_grants_nothing(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """An entry with a mistake makes the file invalid: nobody is let in by a misreading."""
    _write(tmp_path / "tokens.yaml", _entry(**wrong))
    with pytest.raises(ValueError, match=r"Expected|Invalid|unknown"):
        read(tmp_path / "tokens.yaml")
    assert _code(Tokens(tmp_path / "tokens.yaml"), "Bearer one") == "token_unknown"


def test_what_is_misspelt_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Unknown indicators, areas, districts and units and a token listed twice are named in the log, once per load."""
    path, time = tmp_path / "tokens.yaml", Monotonic()
    entry = _entry("one", indicators=["urbanisation"], areas=["nowhere"], districts=["deqin"], department="agri")
    _write(path, entry, _entry("two", department="deqing"), {**_entry("two"), "subject": "three"})
    tokens = Tokens(path, lookup(), monotonic=time)
    time.at += 1
    tokens.grant("Bearer one", NOW)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 5
    for name in ("urbanisation", "nowhere", "deqin", "agri", "two, three"):
        assert sum(name in each for each in said) == 1


def test_a_file_that_cannot_be_looked_at(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Another error than a missing file keeps the last good set, is told once, and ends when it ends."""
    path, time = tmp_path / "there" / "tokens.yaml", Monotonic()
    path.parent.mkdir()
    _write(path, _entry("one"))
    tokens = Tokens(path, monotonic=time)
    path.parent.rename(tmp_path / "away")
    (tmp_path / "there").write_text("no directory", encoding="utf-8")
    for _ in range(3):
        time.at += 1
        assert tokens.grant("Bearer one", NOW)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    (tmp_path / "there").unlink()
    (tmp_path / "away").rename(tmp_path / "there")
    _write(path, _entry("two"))
    time.at += 1
    assert tokens.grant("Bearer two", NOW)


def test_nothing_listed_is_nothing_granted() -> None:
    """The default is to refuse: kinds, indicators and districts each have to be said."""
    nothing = grant(kinds=frozenset(), indicators=frozenset(), districts=frozenset())
    assert not nothing.allows("report")
    reader = grant(kinds=frozenset({"read"}), indicators=frozenset(), districts=frozenset({"deqing"}))
    assert reader.allows("read")
    assert not reader.allows("read", "urbanisation_rate", "deqing")
    with pytest.raises(Refused):
        reader.require("report")


def test_areas_stand_for_their_indicators(tmp_path: Path) -> None:
    """A token by area covers the indicators of the area and of the areas below it, and no others."""
    parent = next(
        area for area in lookup().programme.areas if any(a.parent == area.id for a in lookup().areas.values())
    )
    below = {area.id for area in lookup().programme.areas if area.parent == parent.id} | {parent.id}
    _write(tmp_path / "tokens.yaml", _entry(indicators=[], areas=[parent.id]))
    found = Tokens(tmp_path / "tokens.yaml", lookup()).grant("Bearer one", NOW)
    for indicator in lookup().programme.indicators:
        inside = bool({indicator.area, indicator.area_2023} & below)
        assert found.allows("read", indicator.id, "deqing") == inside


def test_one_writer_a_series() -> None:
    """Rule 2.4: a district's own series by the district, others by the lead, the city's by the lead."""
    districts = next(i for i in lookup().programme.indicators if i.writer == "district" and not i.departments_2023)
    leads = next(i for i in lookup().programme.indicators if i.writer == "lead" and not i.departments_2023)
    assert writer(lookup(), districts.id, "deqing") == "deqing"
    assert writer(lookup(), districts.id, "huzhou") == districts.lead
    assert writer(lookup(), leads.id, "huzhou") == leads.lead


def test_the_lead_is_the_years() -> None:
    """Rule 2.4: the work points of 2023 may name another first unit than the plan."""
    name = "chains_share_of_industry"
    assert writer(lookup(), name, "huzhou", parse("2023-Q2")) == "dev_reform_commission"
    assert writer(lookup(), name, "huzhou", parse("2024-Q2")) == "commerce_bureau"


def test_a_single_district_speaks_for_itself() -> None:
    """A token without a department that lists one district is that district's; one for all districts is nobody's."""
    assert grant(department=None, districts=frozenset({"anji"})).unit == "anji"
    assert grant(department=None).unit is None
    assert grant(department="agri_rural_bureau", districts=frozenset({"anji"})).unit == "agri_rural_bureau"


def test_the_rate_is_real_time(tmp_path: Path) -> None:
    """Items over a token's rate wait for real seconds (rule 1.4); the bucket fills again; a large file gets through."""
    _write(tmp_path / "tokens.yaml", _entry(rate_per_minute=60))
    time = Monotonic()
    tokens = Tokens(tmp_path / "tokens.yaml", monotonic=time)
    found = tokens.grant("Bearer one", NOW)
    assert tokens.spend(found.allowance, 50) == 0
    assert tokens.spend(found.allowance, 20) == 10
    time.at += 10
    assert tokens.spend(found.allowance, 20) == 0
    time.at += 60
    assert tokens.spend(found.allowance, 120) == 0  # from a full bucket, any size, and then it owes
    assert tokens.spend(found.allowance, 1) == 61


def test_what_was_paid_before_counting_counts(tmp_path: Path) -> None:
    """One taken before reading is one of the items: a full bucket still lets any size through; what it says to wait
    is enough, though asking costs one."""
    _write(tmp_path / "tokens.yaml", _entry(rate_per_minute=60))
    time = Monotonic()
    tokens = Tokens(tmp_path / "tokens.yaml", monotonic=time)
    found = tokens.grant("Bearer one", NOW)
    assert tokens.spend(found.allowance, 1) == tokens.spend(found.allowance, 30, paid=1) == 0
    assert tokens.spend(found.allowance, 1) == 0
    assert tokens.spend(found.allowance, 60, paid=1) == 31
    time.at += 31
    assert tokens.spend(found.allowance, 1) == tokens.spend(found.allowance, 60, paid=1) == 0
    assert tokens.spend(found.allowance, 0) == 0
