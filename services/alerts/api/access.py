"""Who asks and what the token lets them see: each route begins here; the default is to refuse."""

from datetime import datetime

from starlette.requests import Request

from contracts.authority import Grant, Kind, Refused, Tokens
from contracts.operations.clock import Clock
from contracts.operations.http import Problem
from contracts.programme import Lookup
from services.alerts.api.parameters import day, known, moment, word
from services.alerts.reading import Scope


class Access:
    """Tokens, the programme they speak of and the clock that ends them."""

    def __init__(self, tokens: Tokens, lookup: Lookup, clock: Clock) -> None:
        self._tokens, self.lookup, self._clock = tokens, lookup, clock

    def now(self) -> datetime:
        """Platform time (rule 1.4)."""
        return self._clock.now()

    def grant(self, request: Request, kind: Kind, indicator: str | None = None, district: str | None = None) -> Grant:
        """The caller's grant for this kind of request; 401, 403 or 429 otherwise."""
        grant = self.caller(request)
        self.require(grant, kind, indicator, district)
        return grant

    def caller(self, request: Request) -> Grant:
        """Whose token it is, with one request taken from its rate."""
        try:
            grant = self._tokens.grant(request.headers.get("authorization"), self._clock.now())
        except Refused as refused:
            raise _problem(refused) from None
        wait = self._tokens.spend(grant, 1)
        if wait:
            zh, en = f"请求过于频繁,请在{wait}秒后重试", f"too many requests; try again in {wait} s"
            raise Problem(429, "rate_limited", zh, en, headers={"Retry-After": str(wait)})
        return grant

    def require(self, grant: Grant, kind: Kind, indicator: str | None = None, district: str | None = None) -> None:
        """403 unless the grant allows it."""
        try:
            grant.require(kind, indicator, district)
        except Refused as refused:
            raise _problem(refused) from None

    def scope(self, request: Request, **extra: tuple[str, ...] | None) -> Scope:
        """What the caller may see of the programme it names, and which of it it asks for.

        `extra` names further filters with the words each may take (None: any).
        """
        grant = self.grant(request, "read")
        programme = known(request.path_params["programme"], {self.lookup.programme.id}, "programme")
        said = {name: word(request, name, allowed) for name, allowed in extra.items()}
        return Scope(
            programme=programme,
            series=self.series(grant),
            indicator=word(request, "indicator"),
            district=word(request, "district"),
            department=word(request, "department"),
            as_of=day(request, "as_of"),
            known_at=moment(request, "known_at"),
            extra={name: value for name, value in said.items() if value is not None},
        )

    def series(self, grant: Grant) -> list[str] | None:
        """The series the token may read as `indicator/district`; None when that is all of them."""
        if grant.indicators == "*" and grant.districts == "*":
            return None
        return [f"{i.id}/{d}" for i, d in self.lookup.series if grant.allows("read", i.id, d)]


def _problem(refused: Refused) -> Problem:
    headers = {"WWW-Authenticate": 'Bearer realm="liangshai"'} if refused.status == 401 else {}
    return Problem(refused.status, refused.code, refused.zh, refused.en, headers=headers)
