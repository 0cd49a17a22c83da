"""Signing in by a one-time link, and signing out. A link is opened first and used by a button, so that the preview of a
chat program does not use it up. Tries are few (429), and every one is in the trail. In the
demo, and only there, the page lists its people."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from contracts.events import Text
from contracts.operations.http import Problem
from contracts.roles import table
from services.desk.audit import DONE
from services.desk.doors import Doors, address, forged
from services.desk.instruments import Instruments
from services.desk.people import People, Person
from services.desk.security import Attempts, from_our_pages
from services.desk.texts import texts
from services.desk.visit import Visit

_LINK = "/sign-in/link"


@dataclass(frozen=True, slots=True)
class SigningIn:
    """The doors, and how often they may be tried."""

    doors: Doors
    attempts: Attempts
    instruments: Instruments
    provided: bool  # an identity provider is set
    people: People | None  # of the demo, whose page lets anybody be one of them; None: not the demo

    def routes(self) -> Sequence[BaseRoute]:
        """The page to sign in, the link, and the way out."""
        demo = [] if self.people is None else [Route("/sign-in/demo", self._demo, methods=["POST"])]
        return [
            *demo,
            Route("/sign-in", self._page),
            Route(_LINK, self._link),
            Route(_LINK, self._redeem, methods=["POST"]),
            self.doors.post("/sign-out", self._out),
        ]

    async def _page(self, request: Request) -> Response:
        following = safe(request.query_params.get("next"))
        return await self.doors.showing.page(
            request, "sign_in.html", None, provided=self.provided, following=following, people=await self._listed()
        )

    async def _link(self, request: Request) -> Response:
        key = request.query_params.get("key", "")
        return await self.doors.showing.page(request, "sign_in_link.html", None, key=key)

    async def _redeem(self, request: Request) -> Response:
        self.tried(request)
        async with request.form(max_files=0, max_fields=5) as form:
            key = form.get("key")
        if not from_our_pages(request, self.doors.url):
            raise forged()
        subject = await self.doors.sessions.redeem(key) if isinstance(key, str) else None
        if subject is None:
            await self.refused(request, "link_used", "link")
            words = texts()["sign_in.link_used"]
            raise Problem(403, "link_used", words.zh, words.en)
        return await self.let_in(request, subject, "link")

    async def _listed(self) -> list[tuple[Person, Text]]:
        """The demo's people with their roles; nobody is listed elsewhere."""
        roles = table().roles
        found = [] if self.people is None else await self.people.all()
        return [(p, Text(roles[p.role].zh, roles[p.role].en)) for p in found if p.active and p.role in roles]

    async def _demo(self, request: Request) -> Response:
        self.tried(request)
        async with request.form(max_files=0, max_fields=5) as form:
            subject = form.get("subject")
        if not from_our_pages(request, self.doors.url):
            raise forged()
        person = next((each for each, _ in await self._listed() if each.subject == subject), None)
        if person is None:
            await self.refused(request, "person_unknown", "demo")
            raise Problem(403, "person_unknown", texts()["sign_in.unknown"].zh, texts()["sign_in.unknown"].en)
        return await self.let_in(request, person.subject, "demo")

    def tried(self, request: Request) -> None:
        """Count a try; 429 when there were too many."""
        wait = self.attempts.spend(address(request))
        if wait:
            self.instruments.sign_ins.labels("any", "too_many").inc()
            words = texts()["sign_in.too_many"]
            zh, en = words.zh.format(seconds=wait), words.en.format(seconds=wait)
            raise Problem(429, "too_many_attempts", zh, en, headers={"Retry-After": str(wait)})

    async def let_in(self, request: Request, subject: str, way: str, following: str = "/") -> Response:
        """Begin a session; an older one of this browser ends."""
        old = request.cookies.get(self.doors.cookie)
        if old is not None:
            await self.doors.sessions.end(old)
        secret = await self.doors.sessions.begin(subject, way)
        await self.doors.audit.note(subject, "sign_in", way, DONE, address(request))
        self.instruments.sign_ins.labels(way, "done").inc()
        return self.doors.keep(RedirectResponse(following, 303), secret)

    async def refused(self, request: Request, code: str, way: str, login: str = "") -> None:
        """Write down a try that failed."""
        self.instruments.sign_ins.labels(way, "refused").inc()
        detail = {"login": login} if login else None
        await self.doors.audit.note(None, "sign_in", way, code, address(request), detail)

    async def _out(self, visit: Visit) -> Response:
        await self.doors.sessions.end(visit.session.secret)
        await self.doors.audit.note(visit.person.subject, "sign_out", "", DONE, address(visit.request))
        return self.doors.forget(RedirectResponse("/sign-in", 303))


def safe(path: str | None) -> str:
    """Where to go after signing in: a path of ours, or the start page. Never another site."""
    if path is None or not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        return "/"
    return path
