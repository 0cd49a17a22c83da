"""The one table of authority, role × act × cells, as data (roles.yaml) and the pure question asked of it.

The desk signs in people with a role and a unit; the three APIs turn both into a `Grant` (authority.py).
"""

from functools import cache
from pathlib import Path
from typing import Literal, get_args

import msgspec
import yaml

from contracts.events import Text
from contracts.programme import CITY, Lookup

Act = Literal[
    "read", "report", "correct", "comment", "acknowledge", "answer", "object", "approve", "excuse", "publish",
    "remind", "review", "escalate", "suppress", "override", "trial", "deliveries", "catalogue", "people", "audit",
]  # fmt: skip
ACTS: tuple[Act, ...] = get_args(Act)
TABLE = Path(__file__).with_name("roles.yaml")


class Role(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a role may do, everywhere (`all`) and where its unit writes or is addressed (`own`)."""

    zh: str
    en: str
    units: Literal["departments", "districts"] | tuple[str, ...] = ()
    all: frozenset[Act] = frozenset()
    own: frozenset[Act] = frozenset()

    @property
    def acts(self) -> frozenset[Act]:
        """Every act that it may do somewhere."""
        return self.all | self.own

    def units_in(self, lookup: Lookup) -> tuple[str, ...]:
        """The units a person of this role may belong to; empty: belongs to none."""
        if self.units == "departments":
            return tuple(lookup.departments)
        if self.units == "districts":
            return tuple(d.id for d in lookup.districts.values() if d.reports and d.id != CITY)
        return self.units


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    acts: dict[Act, Text]
    roles: dict[str, Role]
    groups: dict[str, Text]


@cache
def table() -> Table:
    """The table as the repository has it; read once."""
    return msgspec.convert(yaml.safe_load(TABLE.read_text("utf-8")), Table)


def may(role: str, act: Act, *, own: bool = False) -> bool:
    """Whether a role may do an act; `own`: on a cell that its unit writes, or a ticket addressed to it. Unknown roles
    may nothing."""
    found = table().roles.get(role)
    return found is not None and (act in found.all or (own and act in found.own))
