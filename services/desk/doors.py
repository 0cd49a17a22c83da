"""How a page is reached: `get` and `post` make routes of functions that take a `Visit`. Nobody passes unsigned, and no
form passes that did not come from our pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from contracts.operations.http import Problem
from contracts.roles import Act, table
from services.desk.apis import Api, Apis
from services.desk.audit import Audit
from services.desk.people import People
from services.desk.security import from_our_pages, same
from services.desk.sessions import Session, Sessions
from services.desk.showing import Showing
from services.desk.texts import texts
from services.desk.versions import Versions
from services.desk.visit import Visit

Page = Callable[[Visit], Awaitable[Response]]
MOST_FILES, MOST_FIELDS, MOST_PART = 6, 500, 1024 * 1024  # of a form; what is in a file counts apart


@dataclass(frozen=True, slots=True)
class Doors:
    """What stands between a browser and a page."""

    sessions: Sessions
    people: People
    apis: Apis
    audit: Audit
    showing: Showing
    versions: Versions
    url: str
    secure: bool

    @property
    def cookie(self) -> str:
        """The session cookie's name: over https the browser itself sees to it that no other host can set it."""
        return "__Host-liangshai" if self.secure else "liangshai"

    def get(self, path: str, page: Page, act: Act = "read") -> Route:
        """A page to look at; `act` is what the role must grant somewhere to open it."""

        async def shown(request: Request) -> Response:
            session = await self._session(request)
            if session is None:
                return RedirectResponse(f"/sign-in?{_next(request)}", 303)
            await self.versions.refresh(session.person)
            return await page(self._visit(request, session, act, FormData()))

        return Route(path, shown)

    def post(self, path: str, page: Page, act: Act = "read", most_fields: int = MOST_FIELDS) -> Route:
        """A form of a page. It answers with `visit.redirect` so that a reload does not send it again."""

        async def taken(request: Request) -> Response:
            session = await self._session(request)
            if session is None:
                return RedirectResponse("/sign-in", 303)
            async with request.form(max_files=MOST_FILES, max_fields=most_fields, max_part_size=MOST_PART) as form:
                if not (from_our_pages(request, self.url) and same(form.get("csrf"), session.csrf)):
                    raise forged()
                await self.versions.refresh(session.person)
                return await page(self._visit(request, session, act, form))

        return Route(path, taken, methods=["POST"])

    async def _session(self, request: Request) -> Session | None:
        secret = request.cookies.get(self.cookie)
        return None if secret is None else await self.sessions.find(secret)

    def _visit(self, request: Request, session: Session, act: Act, form: FormData) -> Visit:
        api = Api(self.apis, session.person, self.audit, address(request))
        visit = Visit(request, session, api, self.showing, form)
        request.scope["visit"] = visit  # the page of a problem is drawn for the same person
        if not session.person.may(act, own=True):
            words = table().acts[act]
            raise Problem(403, "not_authorised", f"您无权进行“{words.zh}”操作", f"you may not do this: {words.en}")
        return visit

    def keep(self, answer: Response, secret: str) -> Response:
        """Give the browser its session; it ends with the browser, or when the server says so."""
        answer.set_cookie(self.cookie, secret, secure=self.secure, httponly=True, samesite="lax", path="/")
        return answer

    def forget(self, answer: Response) -> Response:
        """Take it back."""
        answer.delete_cookie(self.cookie, secure=self.secure, httponly=True, samesite="lax", path="/")
        return answer


def address(request: Request) -> str:
    """Where a request came from, as far as the server knows (a proxy on this machine says it for its callers)."""
    return request.client.host if request.client else ""


def forged() -> Problem:
    """A form that no page of ours sent, or an old one."""
    words = texts()["sign_in.forged"]
    return Problem(403, "forged_form", words.zh, words.en)


def _next(request: Request) -> str:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return urlencode({"next": wanted}) if wanted != "/" else ""
