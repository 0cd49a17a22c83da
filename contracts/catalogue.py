"""Load a programme's catalogue from its directory.

`load` refuses only what cannot be read as a programme; `check` (in `doubts.py`) names every doubt of what was loaded.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import yaml

from contracts.doubts import check
from contracts.findings import Finding
from contracts.programme import Lookup, Programme

__all__ = ["SHIPPED", "Finding", "Unloadable", "check", "load"]

SHIPPED = Path(__file__).parent / "catalogue" / "huzhou-2023-2027"
PARTS = ("areas", "departments", "districts", "projects", "calendar", "profile")


class Unloadable(ValueError):
    """The directory does not hold a programme; the message names the file and the place in it."""


class _Loader(yaml.CSafeLoader):
    """YAML 1.2's booleans, true and false alone: to YAML 1.1 the key `on` is a yes."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:bool"]
    for letter, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))


def load(directory: Path | str) -> Lookup:
    """The programme kept in `directory`, one YAML file a part, `indicators/*.yaml` in the order of their names."""
    directory = Path(directory)
    document: dict[str, Any] = dict(_read(directory / "programme.yaml"))
    document.update((part, _read(directory / f"{part}.yaml")) for part in PARTS)
    document["indicators"] = list(_indicators(directory / "indicators"))
    document["decomposition"], document["decomposition_note"] = _decomposition(directory / "decomposition.yaml")
    try:
        return Lookup(msgspec.convert(document, Programme))
    except msgspec.ValidationError as problem:
        raise Unloadable(f"{directory}: {problem}") from problem


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_bytes(), Loader=_Loader)
    except (OSError, yaml.YAMLError) as problem:
        raise Unloadable(f"{path}: {problem}") from problem


def _indicators(directory: Path) -> Iterator[Any]:
    for path in sorted(directory.glob("*.yaml")):
        yield from _read(path) or ()


def _decomposition(path: Path) -> tuple[list[dict[str, Any]], Any]:
    """The shares as people write them (indicator → date → district → value), one allocation a district."""
    written = _read(path)
    allocations: dict[tuple[str, str], dict[str, str]] = {}
    try:
        for indicator, by_date in written["shares"].items():
            for on, parts in by_date.items():
                for district, value in parts.items():
                    allocations.setdefault((indicator, district), {})[_iso(on)] = value
        note = written["note"]
    except (AttributeError, KeyError, TypeError) as problem:
        raise Unloadable(f"{path}: note, and shares by indicator, date and district: {problem!r}") from problem
    return [{"indicator": i, "district": d, "targets": targets} for (i, d), targets in allocations.items()], note


def _iso(on: object) -> str:
    return on.isoformat() if isinstance(on, date) else str(on)
