"""The pages, one module each; `PAGES` is all of them.

How a page is added:

1. `pages/<page>.py`: `def routes(doors: Doors) -> list[Route]` with `doors.get("/<page>", show)` and, for its forms,
   `doors.post("/<page>/…", act)`. Each function takes a `Visit` and is all edge: ask (`visit.api`), arrange (pure
   functions, tested alone), `return await visit.render("<page>.html", …)`; a POST ends in `visit.redirect(…)`.
   Data comes from the three APIs only, acts go through `visit.api.act(…)`, which leaves the trail.
2. `templates/<page>.html` extends `base.html`; lights by `{{ light(colour) }}` of `lights.html`; a form opens with
   `{% call form("/<page>/…") %}` of `forms.html`, which brings the CSRF field. No style, no script in a page: both are
   files in static/ (`<script defer src="{{ static('x.js') }}">` in the block `scripts`), or the browser refuses them.
3. `texts/<page>.yaml`: every text, zh and en, by keys that stay; in templates `t("<page>.<key>")`. Texts that come from
   the APIs as {zh, en} are shown by `say(text)`.
4. Put the module into PAGES; the navigation (showing.py) shows it when its path is there.
5. Tests: `tests/unit/desk/` with `desk(...)` of tests/support/desk.py (a signed-in client, services that answer what a
   test says), and `tests/browser/test_desk_<page>.py` against real ones.
"""

from collections.abc import Callable, Sequence

from starlette.routing import BaseRoute

from services.desk.doors import Doors
from services.desk.pages import (
    account,
    audit,
    calendar,
    feed,
    held,
    home,
    item,
    items,
    objections,
    people,
    project,
    project_acts,
    project_plan,
    projects,
    publish,
    red_lines,
    saying,
    ticket,
    tickets,
    upload,
    wall,
)

PAGES: Sequence[Callable[[Doors], Sequence[BaseRoute]]] = (
    home.routes,
    wall.routes,
    items.routes,
    item.routes,
    objections.routes,
    red_lines.routes,
    projects.routes,
    project_plan.routes,  # before whatever is called so in an address of a project
    project.routes,
    project_acts.routes,
    saying.routes,
    tickets.routes,
    ticket.routes,
    calendar.routes,
    held.routes,
    publish.routes,
    upload.routes,
    feed.routes,
    account.routes,
    people.routes,
    audit.routes,
)
