"""What recording made of a statement about a project or a red line, for the page on which it was made."""

from functools import partial
from typing import Any

from contracts.operations.http import Problem
from contracts.verdict_words import OUTCOMES
from services.desk.apis import Service
from services.desk.texts import texts
from services.desk.visit import Visit


async def recorded(visit: Visit) -> dict[str, Any]:
    """What project_sent.html names: the act that was just sent, and what recording made of it, if it has said so."""
    asked = visit.request.query_params
    receipt = asked.get("receipt", "")
    found = await if_there(visit, "metrics", f"/v1/project-receipts/{receipt}") if receipt.isalnum() else None
    return {
        "sent": asked.get("sent", ""),
        "recorded": found["items"] if found else None,
        "outcome_words": OUTCOMES,
        "said_code": partial(_code, visit),
    }


async def if_there(visit: Visit, service: Service, path: str, **more: Any) -> dict[str, Any] | None:
    """A document that may not exist yet: a project that is not judged, a receipt that is not recorded."""
    try:
        found: dict[str, Any] = await visit.api.get(service, path, **more)
    except Problem as problem:
        if problem.status != 404:
            raise
        return None
    return found


def _code(visit: Visit, code: str) -> str:
    """Why something was refused; a code that has no words stands for itself."""
    return visit.t(f"project.code_{code}") if f"project.code_{code}" in texts() else code
