"""Red lines (底线红线) on the task of an indicator in a district: who may raise and close one on its page, and the
statement that intake takes (rule 12). Pure; intake decides who may, metrics what became of it."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from contracts.programme import Lookup
from contracts.responsibility import concerned
from services.desk.people import Person
from services.desk.projects.saying import TYPES

SAID = {"raise": ("kind", "text", "on"), "close": ("kind", "reason")}


def offered(person: Person, lookup: Lookup, indicator: str, district: str) -> tuple[str, ...]:
    """The office raises and closes; who answers for the series, and the lead, raises."""
    if person.may("approve"):
        return ("raise", "close")
    speaks = person.unit in concerned(lookup, indicator, district)
    return ("raise",) if speaks and person.may("report", own=True) else ()


def event(act: str, said: Mapping[str, str], programme: str, indicator: str, district: str) -> dict[str, Any]:
    """The CloudEvent; one click sent twice is one statement (rule 2.7)."""
    about = {"programme": programme, "indicator": indicator, "district": district}
    document: dict[str, Any] = about | {name: said[name] for name in SAID[act] if said.get(name)}
    if act == "raise":
        document["evidence"] = [line.strip() for line in said["evidence"].splitlines() if line.strip()]
    return {
        "specversion": "1.0",
        "id": sha256("|".join((said.get("request", ""), act, indicator, district)).encode()).hexdigest()[:32],
        "source": "/desk/red-lines",
        "type": TYPES[act],
        "data": document,
    }
