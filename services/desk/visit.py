"""One request of a person who is signed in: everything a page needs, and the only thing it is given."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.operations.http import Problem
from contracts.programme import Lookup
from contracts.roles import Act
from services.desk.apis import Api
from services.desk.people import Person
from services.desk.sessions import Session
from services.desk.showing import Showing, language_of
from services.desk.texts import Language, told


@dataclass(frozen=True, slots=True)
class Visit:
    """`form` is what was posted, checked to come from our pages; empty for a GET."""

    request: Request
    session: Session
    api: Api
    showing: Showing
    form: FormData

    @property
    def person(self) -> Person:
        return self.session.person

    @property
    def language(self) -> Language:
        return language_of(self.request)

    @property
    def lookup(self) -> Lookup:
        """The programme."""
        return self.showing.lookup

    def may(self, act: Act, *, own: bool = False) -> bool:
        """Whether to show the button; the service decides when it is pressed."""
        return self.person.may(act, own=own)

    def t(self, key: str, **values: Any) -> str:
        """A text in the page's language."""
        return told(key, self.language, **values)

    def of(self, problem: Problem) -> str:
        """What a refusal says, in the page's language."""
        return problem.zh if self.language == "zh" else problem.en

    async def render(self, template: str, status: int = 200, **context: Any) -> Response:
        """The page; `context` is what its template names."""
        return await self.showing.page(self.request, template, self, status, **context)

    def redirect(self, path: str, **parameters: str) -> Response:
        """After a POST: the page that shows what came of it."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return RedirectResponse(path + query, 303)
