"""Load a programme's catalogue from its directory.

`load` refuses only what cannot be read as a programme; `check` (in `doubts.py`) names every doubt of what was loaded.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import yaml

from contracts.doubts import check
from contracts.events import Text
from contracts.findings import Finding
from contracts.programme import Lookup, Programme

__all__ = ["SHIPPED", "Finding", "Unloadable", "check", "load", "load_over"]

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
    document.pop("reason", None)
    document.update((part, _read(directory / f"{part}.yaml")) for part in PARTS)
    document |= _schemes(directory, {}, ())  # without any the documented defaults of rule 10.6 hold
    if (directory / "routing.yaml").exists():
        document["routing"] = _read(directory / "routing.yaml")
    document["indicators"] = list(_indicators(directory / "indicators"))
    document["decomposition"], document["decomposition_note"] = _decomposition(directory / "decomposition.yaml")
    return _lookup(directory, document)


def load_over(directory: Path | str, base: Lookup) -> tuple[Lookup, Text]:
    """The next version: what `directory` says laid over `base`, and the reason it gives.

    `programme.yaml` names the new `version` and its `reason` (zh, en). Each other part is there only where it differs:
    whole parts; `schemes/*.yaml` by their names; `indicators/*.yaml`, where an entry of a known id says only the fields
    that change and `add_targets` lays dated targets beside those there are; `decomposition.yaml`, whose shares replace
    those of their district and date.
    """
    directory = Path(directory)
    said: dict[str, Any] = dict(_read(directory / "programme.yaml"))
    try:
        reason = msgspec.convert(said.pop("reason", None), Text)
    except msgspec.ValidationError as problem:
        raise Unloadable(f"{directory / 'programme.yaml'}: reason, in zh and en: {problem}") from problem
    if said.get("version", base.programme.version) == base.programme.version:
        raise Unloadable(f"{directory / 'programme.yaml'}: a new version, not {base.programme.version}")
    document: dict[str, Any] = msgspec.to_builtins(base.programme) | said
    document.update(
        (part, _read(found)) for part in (*PARTS, "routing") if (found := directory / f"{part}.yaml").exists()
    )
    document |= _schemes(directory, document["scheme"], document["schemes"])
    entries = {each["id"]: each for each in document["indicators"]}
    for entry in _indicators(directory / "indicators"):
        entries[entry["id"]] = _laid_over(entries.get(entry["id"], {}), entry)
    document["indicators"] = list(entries.values())
    if (directory / "decomposition.yaml").exists():
        shares, document["decomposition_note"] = _decomposition(directory / "decomposition.yaml")
        kept = {(each["indicator"], each["district"]): each for each in document["decomposition"]}
        for each in shares:
            key = (each["indicator"], each["district"])
            kept[key] = each | {"targets": kept.get(key, {}).get("targets", {}) | each["targets"]}
        document["decomposition"] = list(kept.values())
    return _lookup(directory, document), reason


def _schemes(directory: Path, scheme: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """`scheme.yaml`, the one by which places are given, and `schemes/*.yaml`, which say what differs from it."""
    if (directory / "scheme.yaml").exists():
        scheme = _read(directory / "scheme.yaml") or {}
    found = {each["id"]: each for each in others}
    for path in sorted((directory / "schemes").glob("*.yaml")):
        found[path.stem] = {**scheme, "id": path.stem, **(_read(path) or {})}
    return {"scheme": scheme, "schemes": list(found.values())}


def _laid_over(known: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """An indicator with what an entry changes of it."""
    changed = known | entry
    added = changed.pop("add_targets", None) or ()
    if added:
        targets = {str(each["on"]): each for each in (*changed.get("targets", ()), *added)}
        changed["targets"] = [targets[on] for on in sorted(targets)]
    return changed


def _lookup(directory: Path, document: dict[str, Any]) -> Lookup:
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
