"""The routes of the three public APIs as routes.yaml declares them."""

from pathlib import Path
from typing import Any

import msgspec
import yaml

from contracts.roles import Act

DECLARED = Path(__file__).parents[1] / "routes.yaml"


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query parameter; those of the path are read from the path."""

    zh: str
    en: str
    schema: dict[str, Any] = msgspec.field(default_factory=lambda: {"type": "string"})
    required: bool = False


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One operation."""

    route: str
    zh: str
    en: str
    answer: str
    acts: tuple[Act, ...] = ("read",)  # one of them opens it; what each item needs is judged item by item
    status: int = 200
    page: bool = False
    parameters: tuple[str, ...] = ()
    accepts: dict[str, str] = {}
    problems: tuple[int, ...] = ()

    @property
    def method(self) -> str:
        return self.route.split(" ")[0]

    @property
    def path(self) -> str:
        return self.route.split(" ")[1]


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file: routes by service and name, and what they are made of."""

    parameters: dict[str, Parameter]
    sets: dict[str, tuple[str, ...]]
    shapes: dict[str, str]
    ingest: dict[str, Route]
    metrics: dict[str, Route]
    alerts: dict[str, Route]

    def of(self, service: str) -> dict[str, Route]:
        """The routes of one service by their names."""
        return {"ingest": self.ingest, "metrics": self.metrics, "alerts": self.alerts}[service]

    def parameters_of(self, route: Route) -> dict[str, Parameter]:
        """A route's query parameters, sets spelled out."""
        names = [each for name in route.parameters for each in self.sets.get(name, (name,))]
        return {name: self.parameters[name] for name in names}

    def shape(self, name: str) -> str:
        """A shape with the shapes it names filled in."""
        found = self.shapes[name]
        while "{" in found:
            found = found.format_map(self.shapes)
        return found


def declared() -> Declared:
    """What routes.yaml says."""
    return msgspec.convert(yaml.safe_load(DECLARED.read_text("utf-8")), Declared)
