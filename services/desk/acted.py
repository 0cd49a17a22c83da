"""An act on a cell or a report as intake takes it (rule 2.9), from what a form of the pages said. Pure."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

CELL = ("indicator", "district", "period")
REPORT = ("source", "id")
LONGEST = 1000  # characters of a reason
ASKING = ("running_total_fell", "change_over_30_percent")  # the flags that ask for an explanation (rule 2.11)


def acted(said: Mapping[str, str], programme: str) -> dict[str, Any]:
    """`said` names act, cell and `request`, if it is about a report source and id, and reason, until and publication
    where they are given. One click sent twice is one act (rule 2.7): its id comes from the request and from what it is
    about."""
    about = "|".join(said.get(name, "") for name in ("request", *CELL, *REPORT, "act"))
    report = {name: said[name] for name in REPORT if said.get(name)}
    return {
        "specversion": "1.0",
        "id": sha256(about.encode()).hexdigest()[:32],
        "source": "/desk/acts",
        "type": "progress.acted.v1",
        "data": {
            "act": said["act"],
            "programme": programme,
            **{name: said[name] for name in CELL},
            **({"report": report} if report else {}),
            **{name: said[name] for name in ("reason", "until", "publication") if said.get(name)},
        },
    }
