"""Bearer tokens of the local programme: one for each unit, the office and a reader; the platform keeps their hashes."""

import hashlib
import secrets
from pathlib import Path
from typing import Any

import yaml

from contracts.programme import CITY, Lookup
from deploy.demo.office import OFFICE

READER = "reader"


def ensure(lookup: Lookup, directory: Path) -> tuple[Path, dict[str, str]]:
    """The hashed file that services read, and the plain tokens by unit (each in a file of its own, mode 600)."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    entries: list[dict[str, Any]] = []
    plain: dict[str, str] = {}
    for subject, grant in _grants(lookup).items():
        file = directory / subject
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        plain[subject] = file.read_text().strip()
        entries.append({"subject": subject, "sha256": hashlib.sha256(plain[subject].encode()).hexdigest(), **grant})
    hashed = directory.parent / "tokens.yaml"
    text = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False)
    if not hashed.exists() or hashed.read_text(encoding="utf-8") != text:
        hashed.write_text(text, encoding="utf-8")
    return hashed, plain


def _grants(lookup: Lookup) -> dict[str, dict[str, Any]]:
    rate = {"expires_at": "2028-12-31T00:00:00+08:00", "rate_per_minute": 1_000_000}
    report = {"kinds": ["report", "correct", "act", "read"], "indicators": "*"} | rate
    grants: dict[str, dict[str, Any]] = {}
    for district in lookup.districts.values():
        if district.reports and district.id != CITY:
            grants[district.id] = {"department": None, "districts": [district.id]} | report
    for department in lookup.departments:
        grants[department] = {"department": department, "districts": "*"} | report
    everything = {"department": None, "indicators": "*", "districts": "*"} | rate
    grants[OFFICE] = everything | {"kinds": ["approve", "act", "review", "catalogue", "read"]}
    grants[READER] = everything | {"kinds": ["read"]}
    return grants
