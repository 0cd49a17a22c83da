"""Signing in through the identity provider: off to it with a state, back from it with a code."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import Problem
from services.desk.flows import LIFE, Flows
from services.desk.people import People
from services.desk.provider import IdentityProvider, NotVerified
from services.desk.signing_in import SigningIn, safe
from services.desk.texts import texts

START, BACK = "/sign-in/provider", "/sign-in/back"
log = structlog.get_logger("sign-in")


@dataclass(frozen=True, slots=True)
class Arriving:
    """What the two routes work with."""

    provider: IdentityProvider
    flows: Flows
    people: People
    signing_in: SigningIn

    def routes(self) -> Sequence[BaseRoute]:
        """Off and back."""
        return [Route(START, self._start), Route(BACK, self._back)]

    @property
    def _cookie(self) -> str:
        return self.signing_in.doors.cookie + "-flow"

    async def _start(self, request: Request) -> Response:
        self.signing_in.tried(request)
        flow = await self.flows.begin(safe(request.query_params.get("next")))
        answer = RedirectResponse(await self._address(flow.state, flow.nonce, flow.verifier), 303)
        answer.set_cookie(
            self._cookie, flow.browser, max_age=int(LIFE.total_seconds()), httponly=True, samesite="lax",
            secure=self.signing_in.doors.secure,
        )  # fmt: skip
        return answer

    async def _back(self, request: Request) -> Response:
        asked, browser = request.query_params, request.cookies.get(self._cookie, "")
        flow = await self.flows.end(asked.get("state", ""), browser)
        if flow is None:
            raise await self._no(request, "flow_unknown")
        if "error" in asked:
            raise await self._no(request, "provider_refused", asked["error"][:60])
        try:
            login = await self.provider.login(asked.get("code", ""), flow.nonce, flow.verifier)
        except NotVerified as error:
            log.warning("sign-in not verified", code=error.code, why=str(error))
            raise await self._no(request, error.code) from error
        person = await self.people.known_as(login)
        if person is None:
            raise await self._no(request, "person_unknown", login)
        answer = await self.signing_in.let_in(request, person.subject, "oidc", flow.following)
        answer.delete_cookie(self._cookie, secure=self.signing_in.doors.secure, httponly=True)
        return answer

    async def _address(self, state: str, nonce: str, verifier: str) -> str:
        try:
            return await self.provider.address(state, nonce, verifier)
        except NotVerified as error:
            log.error("identity provider", code=error.code, why=str(error))
            raise _problem(error.code) from error

    async def _no(self, request: Request, code: str, login: str = "") -> Problem:
        await self.signing_in.refused(request, code, "oidc", login)
        return _problem(code)


def _problem(code: str) -> Problem:
    words = texts()["sign_in.unknown" if code == "person_unknown" else "sign_in.not_verified"]
    return Problem(403, code, words.zh, words.en)
