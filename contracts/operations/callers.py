"""Who calls, and what the token lets the caller do: each route of a service begins here. The default is to refuse."""

from datetime import datetime

from starlette.requests import Request

from contracts.authority import Grant, Refused, Tokens
from contracts.operations.clock import Clock
from contracts.operations.http import Problem
from contracts.rates import Allowance
from contracts.roles import Act


class Callers:
    """The tokens and the clock that ends them."""

    def __init__(self, tokens: Tokens, clock: Clock) -> None:
        self._tokens, self._clock = tokens, clock

    def now(self) -> datetime:
        """Platform time (rule 1.4)."""
        return self._clock.now()

    def grant(self, request: Request, act: Act, indicator: str | None = None, district: str | None = None) -> Grant:
        """The caller's grant, with one request taken from its rate; 401, 403 or 429 when it does not reach so far."""
        try:
            grant = self._tokens.grant(request.headers.get("authorization"), self._clock.now())
            grant.require(act, indicator, district)
        except Refused as refused:
            headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
            raise Problem(refused.status, refused.code, refused.zh, refused.en, headers=headers) from None
        self.pay(grant.allowance)
        return grant

    def approver(self, request: Request, subject: str) -> Grant | None:
        """What whoever a caller names as approving may do; None: nobody is known by that name."""
        return self._tokens.approver(request.headers.get("authorization", ""), subject, self._clock.now())

    def held(self, sha256: str) -> Grant | None:
        """What the machine's token of that hash grants now; None: there is none, or none any more."""
        return self._tokens.held(sha256, self._clock.now())

    def pay(self, of: Allowance) -> None:
        """Take one request from a caller's rate; 429 when nothing is left."""
        wait = self._tokens.spend(of, 1)
        if wait:
            zh, en = f"请求过于频繁,请在{wait}秒后重试", f"too many requests; try again in {wait} s"
            raise Problem(429, "rate_limited", zh, en, headers={"Retry-After": str(wait)})
