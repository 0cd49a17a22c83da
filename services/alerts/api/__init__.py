"""The public API of alerts: the feed, lights, warnings and tickets to read, and the acts on a ticket."""

from starlette.routing import BaseRoute

from services.alerts.api import (
    acts,
    feed,
    lights,
    objections,
    overrides,
    reminders,
    scores,
    tickets,
    trials,
    warnings,
    watermarks,
)
from services.alerts.api.access import Access
from services.alerts.api.acts import Act
from services.alerts.api.overrides import Overruling
from services.alerts.api.reminders import Remind
from services.alerts.instruments import Instruments
from services.alerts.interventions import Interventions
from services.alerts.moves import Moves
from services.alerts.objecting.store import ObjectionReading
from services.alerts.reading import Reading
from services.alerts.scores.computing import Editions
from services.alerts.trial.trials import Trials


def routes(
    access: Access,
    reading: Reading,
    editions: Editions,
    act: Act,
    trying: Trials,
    instruments: Instruments,
    moves: Moves,
    interventions: Interventions,
    overruling: Overruling,
    remind: Remind,
    objected: ObjectionReading,
    objecting: objections.Acts,
) -> list[BaseRoute]:
    """Every route of the public port."""
    return [
        *feed.routes(access, reading.feed),
        *lights.routes(access, reading.lights),
        *warnings.routes(access, reading.tickets),
        *tickets.routes(access, reading.tickets),
        *scores.routes(access, editions),
        *acts.routes(access, reading.tickets, act, instruments),
        *overrides.routes(access, interventions, overruling),
        *objections.routes(access, objected, objecting),
        *reminders.routes(access, remind),
        *trials.routes(access, trying),
        *watermarks.routes(access, reading.feed, moves),
    ]
