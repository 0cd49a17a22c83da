"""Which series there are and who leads them, by the version of the catalogue known then (rule 2.10)."""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from starlette.requests import Request

from contracts.authority import Tokens, hashed
from contracts.editions import Catalogue, Edition
from contracts.operations.callers import Callers
from contracts.programme import Lookup
from services.alerts.api.access import Access
from tests.support.handclock import HandClock
from tests.support.recorded import INDICATOR, LOOKUP, PROGRAMME, at
from tests.support.versions import changed, twin

LEAD = LOOKUP.indicators[INDICATOR].lead
OTHER = next(each for each in LOOKUP.departments if each != LEAD)
GRANTS: dict[str, dict[str, Any]] = {
    "office": {"kinds": ["read"], "indicators": "*", "districts": "*"},
    "anji": {"kinds": ["read"], "department": "anji", "indicators": "*", "districts": ["anji"]},
}


def access(place: Path, clock: HandClock) -> Access:
    """Known since May a version with one indicator more, since July one that gives another to another unit."""
    grants = [{"subject": name, "sha256": hashed(name), **grant} for name, grant in GRANTS.items()]
    (place / "tokens.yaml").write_text(yaml.safe_dump(grants))
    catalogue, brought = Catalogue(LOOKUP), Lookup(twin("2"))
    catalogue.take(Edition.of(brought, at("2023-05-02")))
    catalogue.take(Edition.of(Lookup(changed("3", base=brought, departments=(OTHER, LEAD))), at("2023-07-03")))
    return Access(Callers(Tokens(place / "tokens.yaml", LOOKUP), clock), catalogue)


def asked(token: str, known_at: datetime | None = None) -> Request:
    """A request of a list."""
    query = b"" if known_at is None else f"known_at={known_at.isoformat().replace('+', '%2B')}".encode()
    headers = [(b"authorization", f"Bearer {token}".encode())]
    return Request({"type": "http", "headers": headers, "query_string": query, "path_params": {"programme": PROGRAMME}})


def test_a_series_that_a_later_version_brought_was_not_there(tmp_path: Path) -> None:
    """Asked as of before the version a list leaves it out, for whoever may read everything and for others."""
    clock = HandClock(at("2023-08-01"))
    made = access(tmp_path, clock)
    assert made.scope(asked("office")).series is None
    then = made.scope(asked("office", at("2023-05-01"))).series
    assert then is not None
    assert f"{INDICATOR}/anji" in then
    assert "*/anji" in then  # the projects there
    assert "new_projects/anji" not in then
    since = made.scope(asked("office", at("2023-05-02"))).series
    assert since is not None
    assert "new_projects/anji" in since
    own = made.scope(asked("anji", at("2023-05-02"))).series
    assert own is not None
    assert {each.split("/")[1] for each in own} == {"anji"}


def test_who_leads_is_who_led_then(tmp_path: Path) -> None:
    """Filters by department and the department that is shown go by it."""
    made = access(tmp_path, HandClock(at("2023-08-01")))
    assert made.scope(asked("office", at("2023-07-02"))).leads[INDICATOR] == LEAD
    now = made.scope(asked("office"))
    assert now.leads[INDICATOR] == OTHER
    assert INDICATOR in now.led_by(OTHER)


def test_today_is_never_later_than_now(tmp_path: Path) -> None:
    """Deadlines are told as of known_at, and a moment to come is not known yet."""
    made = access(tmp_path, HandClock(at("2023-08-01")))
    assert made.today(at("2023-07-01")).now == at("2023-07-01")
    assert made.today(at("2023-09-01")).now == made.today().now == at("2023-08-01")
