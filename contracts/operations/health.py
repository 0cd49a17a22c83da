"""Health by progress, not by a ping: named checks every 2 s, and whether consuming gets anywhere.

`/livez` answers while the loop does. `/readyz` is red when a check has failed for 6 s, when records wait and none was
handled for 10 s, or when consuming was stopped at the limit of dead letters; idle is green. Reads are served while red.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from contracts.operations.http import json_response
from contracts.operations.instruments import ProcessInstruments

PERIOD, TIMEOUT = 2.0, 1.0
TOLERATED = 6.0  # seconds a check may fail
STALLED = 10.0  # seconds without progress while records wait

Check = Callable[[], Awaitable[None]]


class Progress(Protocol):
    """What health asks of a consumption."""

    @property
    def name(self) -> str: ...

    @property
    def stopped(self) -> str | None: ...

    @property
    def handled_at(self) -> float | None: ...

    @property
    def lag(self) -> dict[int, int]: ...

    @property
    def joined(self) -> bool: ...

    async def measure(self) -> dict[int, int]: ...


@dataclass(slots=True)
class _Streak:
    """The recent history of one check."""

    failing_since: float | None
    succeeded_at: float | None = None
    error: str | None = "not checked yet"

    def note(self, error: str | None, at: float) -> None:
        self.error = error
        if error is None:
            self.succeeded_at, self.failing_since = at, None
        elif self.failing_since is None:
            self.failing_since = at

    def red(self, now: float) -> bool:
        """From the start until the first success, then after six seconds of failure."""
        if self.succeeded_at is None:
            return True
        return self.failing_since is not None and now - self.failing_since >= TOLERATED


class Health:
    """`run()` it beside the service; `routes` go on the operations port."""

    def __init__(
        self,
        checks: Mapping[str, Check],
        consumptions: Sequence[Progress] = (),
        *,
        instruments: ProcessInstruments | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._consumptions = list(consumptions)
        self._checks = {**checks, **{f"consuming {c.name}": _joined(c) for c in consumptions}}
        self._monotonic = monotonic
        self._streaks = {name: _Streak(monotonic()) for name in self._checks}
        self._waiting_since: dict[str, float] = {}  # since when records of a consumption have been waiting
        self._instruments = instruments

    @property
    def routes(self) -> list[Route]:
        """`/livez` and `/readyz`."""
        return [Route("/livez", _livez), Route("/readyz", self._readyz)]

    async def run(self) -> None:
        """Check for ever."""
        while True:
            started = self._monotonic()
            await self.check()
            await asyncio.sleep(max(0.0, PERIOD - (self._monotonic() - started)))

    async def check(self) -> None:
        """One round: every check at once, each for a second at most."""
        await asyncio.gather(
            *(self._note(name, check) for name, check in self._checks.items()),
            *(self._measure(consumption) for consumption in self._consumptions),
        )
        if self._instruments is not None:
            self._instruments.ready.set(not self.reasons())

    def reasons(self) -> list[str]:
        """Why the service is not ready; empty when it is."""
        now = self._monotonic()
        failed = [f"{name}: {streak.error}" for name, streak in self._streaks.items() if streak.red(now)]
        return failed + [reason for c in self._consumptions if (reason := self._stalled(c, now))]

    def report(self) -> dict[str, Any]:
        """The body of `/readyz`."""
        now = self._monotonic()
        reasons = self.reasons()
        return {
            "ready": not reasons,
            "reasons": reasons,
            "checks": {
                name: {"error": streak.error, "last_success_seconds_ago": _ago(streak.succeeded_at, now)}
                for name, streak in self._streaks.items()
            },
            "consuming": {
                c.name: {
                    "stopped": c.stopped,
                    "last_handled_seconds_ago": _ago(c.handled_at, now),
                    "lag": {str(number): records for number, records in sorted(c.lag.items())},
                }
                for c in self._consumptions
            },
        }

    async def _note(self, name: str, check: Check) -> None:
        started, error = self._monotonic(), None
        try:
            async with asyncio.timeout(TIMEOUT):
                await check()
        except TimeoutError:
            error = f"no answer in {TIMEOUT:g} s"
        except Exception as failure:  # whatever a check raises is its finding
            error = str(failure) or repr(failure)
        self._streaks[name].note(error, started if error else self._monotonic())

    async def _measure(self, consumption: Progress) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                lag = await consumption.measure()
        except Exception:  # the broker's own check says so; what was last measured stays
            lag = consumption.lag
        if sum(lag.values()):
            self._waiting_since.setdefault(consumption.name, self._monotonic())
        else:
            self._waiting_since.pop(consumption.name, None)

    def _stalled(self, consumption: Progress, now: float) -> str | None:
        if consumption.stopped:
            return f"consuming {consumption.name} stopped: {consumption.stopped}"
        waiting_since = self._waiting_since.get(consumption.name)
        if waiting_since is None:
            return None
        idle = now - max(waiting_since, consumption.handled_at or waiting_since)
        if idle < STALLED:
            return None
        return (
            f"consuming {consumption.name}: {sum(consumption.lag.values())} records wait, none handled for {idle:.0f} s"
        )

    async def _readyz(self, _: Request) -> Response:
        report = self.report()
        return json_response(report, 200 if report["ready"] else 503)


async def _livez(_: Request) -> Response:
    return PlainTextResponse("alive\n")


def _joined(consumption: Progress) -> Check:
    async def check() -> None:
        if not consumption.joined:
            raise RuntimeError("without a place in the group")

    return check


def _ago(moment: float | None, now: float) -> float | None:
    return None if moment is None else round(now - moment, 1)
