"""Work points written as `liangshai catalogue apply` reads them: a directory of YAML laid over the catalogue."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml

from contracts.programme import Indicator
from deploy.demo.workpoints import WorkPoints


def write(change: WorkPoints, directory: Path) -> Path:
    """The overlay's directory, written anew."""
    place = directory / change.version
    for name, content in documents(change):
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return place


def documents(change: WorkPoints) -> Iterator[tuple[str, object]]:
    """The overlay as files of a catalogue: path and content, to be written as YAML."""
    yield "programme.yaml", {"version": change.version, "reason": {"zh": change.reason, "en": change.reason_en}}
    if change.indicators:
        yield "indicators/00-invented.yaml", [_written(change.lookup.indicators[name]) for name in change.indicators]
    shares: dict[str, dict[str, dict[str, str]]] = {}
    for name in change.allocated:
        for district in change.lookup.indicators[name].applicable:
            for on, value in change.lookup.allocations[name, district].targets.items():
                shares.setdefault(name, {}).setdefault(on, {})[district] = value
    yield "decomposition.yaml", {"note": {"zh": "演示用虚构", "en": "invented for the demonstration"}, "shares": shares}


def _written(indicator: Indicator) -> dict[str, object]:
    """Only what differs from the defaults, as people write it."""
    told: dict[str, object] = msgspec.to_builtins(indicator)
    usual = {each.name: each.default for each in msgspec.structs.fields(indicator) if not each.required}
    return {name: value for name, value in told.items() if name not in usual or getattr(indicator, name) != usual[name]}
