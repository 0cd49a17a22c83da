"""What is said of standings and lights before a version or a repaired rule holds: asked of metrics, judged here by the
numbers alone (rule 5)."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from cli.sending import DIRECT, Unsendable
from contracts.events import Standing
from contracts.programme import Lookup, Programme
from services.alerts.judgement import raw

PATIENCE = 300.0  # seconds: a whole programme is computed


class Compared(msgspec.Struct, frozen=True):
    before: Standing | None
    after: Standing


class Preview(msgspec.Struct, frozen=True):
    held: int
    moved: tuple[Compared, ...]


def preview(
    url: str, token: str, programme: str, document: Programme | None, transport: httpx.BaseTransport | None = None
) -> Preview:
    """The answer of metrics; `Unsendable` when there is none."""
    mounts, headers = {} if transport is not None else DIRECT, {"Authorization": f"Bearer {token}"}
    body = msgspec.json.encode({"document": document})
    try:
        with httpx.Client(transport=transport, mounts=mounts, timeout=PATIENCE, headers=headers) as client:
            answer = client.post(f"{url}/v1/programmes/{programme}/previews", content=body)
    except httpx.TransportError as error:
        raise Unsendable(f"无法连接 / cannot reach {url}: {error!r}") from error
    if answer.status_code != 200:
        raise Unsendable(f"{answer.status_code}: {answer.text[:500]}")
    return msgspec.json.decode(answer.content, type=Preview)


def told(found: Preview, before: Lookup, after: Lookup) -> dict[str, Any]:
    """How many standings and lights would move, by unit; a light is that of the numbers, without what came before."""
    units: Counter[str] = Counter()
    lights: Counter[str] = Counter()
    turned = []
    for each in found.moved:
        was = raw(each.before, before.programme.profile) if each.before is not None else "grey"
        now = raw(each.after, after.programme.profile)
        units[each.after.district] += 1
        if was != now:
            lights[each.after.district] += 1
            turned.append(f"{each.after.indicator}/{each.after.district}/{each.after.period}: {was} → {now}")
    return {
        "held": found.held,
        "standings": len(found.moved),
        "lights": len(turned),
        "by_unit": {unit: {"standings": units[unit], "lights": lights[unit]} for unit in sorted(units)},
        "turned": turned,
    }


def lines(said: Mapping[str, Any], lookup: Lookup, most: int = 40) -> list[str]:
    """The same for people."""
    names = {each.id: each.name.zh for each in lookup.programme.districts}
    shown = [f"将变动的状态 standings that move {said['standings']} · 将变色的灯 lights that turn {said['lights']}"]
    for unit, counts in said["by_unit"].items():
        shown.append(f"  {names.get(unit, unit)} {unit}: {counts['standings']} · {counts['lights']}")
    shown += [f"  {each}" for each in said["turned"][:most]]
    return shown
