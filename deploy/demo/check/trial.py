"""A trial of the rules in force (`liangshai trial`): all recorded history replayed must give what is stored."""

import httpx

from deploy.demo.check.answers import Answer
from deploy.demo.demo import Demo
from deploy.demo.office import OFFICE

PATIENCE = 150.0  # seconds: the service gives up before


async def self_check(demo: Demo) -> Answer:
    """Every light of record, and every ticket as far up as it went and to its last state: of lag and forecast, of
    missing reports, of projects."""
    url = f"{demo.stack.alerts.url}/v1/programmes/{demo.lookup.programme.id}/trials"
    headers = {"authorization": f"Bearer {demo.tokens[OFFICE]}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=PATIENCE) as client:
        answer = await client.post(url, json={})
    answer.raise_for_status()
    found = answer.json()
    check = found["self_check"]
    wrong = [
        f"{each['indicator'] or each['project']} {each['district']} {each.get('period') or each['first_period']}: "
        f"{each['now']} stored, {each['then']} replayed"
        for each in (*check["examples"], *check["ticket_examples"])
    ]
    wrong += [
        f"no tickets of {kind} were replayed: nothing is compared"
        for kind in ("reporting", "projects")
        if not found["total"][kind]["opened"]["now"]
    ]
    wrong += [f"{len(found[name])} {name} differ under the same rules" for name in ("lights", "tickets") if found[name]]
    return Answer(
        "lights of record and tickets by a trial of the rules in force", check["cells"] + check["tickets"], wrong
    )
