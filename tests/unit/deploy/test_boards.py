"""The boards as code: held against the SDK's model of Grafana 11.6, against their committed JSON, and against the rules
of how a light looks. No Grafana is at hand: what the queries answer is tests/integration/test_boards.py."""

import itertools
import json
import re
from typing import Any, get_args
from urllib.parse import parse_qsl

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from contracts.periods import SHANGHAI, midnight, parse
from contracts.projects import FACTORS
from deploy.grafana.asking import POSTGRES_UID, PROMETHEUS_UID, SqlQuery, register
from deploy.grafana.looking import COLOURS, LEVELS, LIGHTS, STATES
from deploy.grafana.queries import Window, filled, queries
from deploy.grafana.shelf import SHELF, boards, file_of, written
from deploy.grafana.words import EVENTS, RULES, TICKET_CODES
from services.alerts import table
from services.desk import ticket_filters
from services.desk.items import listing
from services.desk.projects import listing as project_listing
from services.desk.texts import texts

BOARDS = {f"{board.uid}": board for board in boards()}
WINDOW = Window(midnight(parse("2023-01").start), midnight(parse("2023-06").end).astimezone(SHANGHAI))
VALUES = {"programme": "p", "district": "d", "department": "u", "indicator": "it's"}
PROVISIONING = SHELF.parent / "provisioning"


def panels(uid: str) -> list[Panel]:
    """A board's panels."""
    return [panel for panel in BOARDS[uid].panels or () if isinstance(panel, Panel)]


def test_the_boards_have_fixed_uids() -> None:
    """Links in messages and bookmarks name them."""
    names = ("city", "district", "department", "ranking", "tickets", "projects", "reporting", "platform")
    assert list(BOARDS) == [f"liangshai-{name}" for name in names]


@pytest.mark.parametrize("uid", BOARDS)
def test_the_json_is_the_sdks_own(uid: str) -> None:
    """Read back by the model of Grafana 11.6 and written again, a board is the same: no field the model lacks, but the
    SQL of its annotations, for which the model knows the built-in source only."""
    register_default_plugins()
    register()
    document = json.loads(written(BOARDS[uid]))
    for mark in document.get("annotations", {}).get("list", ()):
        assert mark.pop("target")["rawSql"]
    again = json.loads(written(Dashboard.from_json(document)))
    assert again == document


# Tables whose rows are none of the desk's things: what became of reports, flags, acts, and the catalogue's own.
LEADING_NOWHERE = (
    "入库结果 Outcomes", "质量标记 Quality flags", "办公室操作 Acts of the office", "未评判及原因 Not judged, and why",
    "目录版本 Versions of the catalogue", "目录待核事项 What the catalogue leaves in doubt",
)  # fmt: skip
# What may stand in the address of each list of the desk, by the list's own reading of it.
LISTS = {
    "items": ("light", "district", "department"),
    "tickets": ("state", "unit", "rule"),
    "calendar": ("unit",),
    "projects": ("district", "factor"),
}


@pytest.mark.parametrize("uid", sorted(BOARDS))
def test_every_row_leads_to_the_desk(uid: str) -> None:
    """A table's row links to the page of its ticket, item or project, or to the list of its district, department, rule
    or cause, by ids that the table asks for and does not show."""
    for panel in panels(uid):
        if panel.type_val != "table":
            continue
        asked = " ".join(target.text for target in panel.targets or () if isinstance(target, SqlQuery))
        told: dict[Any, dict[str, Any]] = (
            {o.matcher.options: {p.id_val: p.value for p in o.properties} for o in panel.field_config.overrides or ()}
            if panel.field_config
            else {}
        )
        links = [link["url"] for values in told.values() for link in values.get("links", ())]
        assert bool(links) != ((panel.title or "") in LEADING_NOWHERE or uid == "liangshai-platform"), panel.title
        used = {name for url in links for name in re.findall(r"fields\.(\w+)", url)}
        assert used == set(re.findall(r'AS "([a-z_]+)"', asked)), panel.title
        assert all(told[name]["custom.hidden"] is True for name in used)
        for url in links:
            assert url.startswith("${desk}/")
            page, _, query = url.removeprefix("${desk}/").partition("?")
            assert set(dict(parse_qsl(query))) <= set(LISTS[page] if query else ()), url


def test_the_lists_know_what_the_boards_ask_them_for() -> None:
    """Each word of an address is one that the desk's list reads; colours, rules and causes are called as there."""
    assert {"light", "district", "department"} <= set(listing.Wanted.__slots__)
    assert {"state", "unit", "rule"} <= set(ticket_filters.Filters.__slots__)
    assert {"district", "factor"} <= set(project_listing.Wanted.__slots__)
    asked = {panel.title: str(target.text) for uid in BOARDS for panel in panels(uid) for target in panel.targets or ()
             if isinstance(target, SqlQuery)}  # fmt: skip
    assert set(re.findall(r"\('(\w+)', '\S+ \w+'\)", asked["制约要素 Causes of delay"])) == set(FACTORS)
    assert set(re.findall(r"\('(\w+)', '\S+ \w+'\)", asked["按类型 By rule"])) == set(ticket_filters.RULES)


def test_the_boards_speak_as_the_desk_does() -> None:
    """States, levels, lights, rules and events are called by the desk's own words, whatever a board adds to them."""
    known = texts()
    for said, prefix in ((STATES, "tickets.state_"), (LEVELS, "tickets.level_"), (COLOURS, "base.")):
        for code, (text, _) in said.items():
            assert known[prefix + code].zh.rstrip("灯") in text, code
    assert RULES["类型 Rule"]["lag"] == "进度滞后 lag"
    assert EVENTS["事件 Event"]["review_passed"] == "复核通过，销号 Review passed; closed"
    closings = {step.code for step in vars(table).values() if isinstance(step, table.Step) and step.to == "CLOSED"}
    assert closings - {None} <= TICKET_CODES["结果 Closed as"].keys()
    assert set(get_args(table.Timer)) == TICKET_CODES["计时 Timer"].keys()


@pytest.mark.parametrize("uid", BOARDS)
def test_numbers_are_large_enough_for_a_wall(uid: str) -> None:
    """A stat panel names its sizes instead of squeezing them into its box; tables have Grafana's taller rows."""
    for panel in json.loads(written(BOARDS[uid]))["panels"]:
        if panel["type"] == "stat":
            assert panel["options"]["text"]["valueSize"] >= 20, panel["title"]
            assert panel["options"]["text"]["titleSize"] >= 18, panel["title"]
        if panel["type"] == "table":
            assert panel["options"]["cellHeight"] == "md", panel["title"]


def test_tickets_are_marked_over_the_curves() -> None:
    """Opened and closed, on every board that has a programme."""
    marked = {query.panel for query in queries(VALUES, WINDOW) if "Tickets" in query.panel and "督办单" in query.panel}
    assert {"督办单开出 Tickets opened", "督办单办结 Tickets closed"} <= marked


@pytest.mark.parametrize("uid", BOARDS)
def test_the_committed_json_is_what_the_code_writes(uid: str) -> None:
    """Drift: `make boards` writes it anew."""
    assert file_of(BOARDS[uid]).read_text("utf-8") == written(BOARDS[uid])


def test_nothing_else_is_on_the_shelf() -> None:
    """A board that was renamed leaves no twin behind."""
    assert {file.stem for file in SHELF.glob("*.json")} == set(BOARDS)


@pytest.mark.parametrize("uid", BOARDS)
def test_panels_lie_side_by_side(uid: str) -> None:
    """Unique ids, within 24 columns, none over another."""
    found = panels(uid)
    assert len({panel.id_val for panel in found}) == len(found)
    boxes = [panel.grid_pos for panel in found if panel.grid_pos is not None]
    assert len(boxes) == len(found)
    assert all(box.x >= 0 and box.x + box.w <= 24 for box in boxes)
    for one, other in itertools.combinations(boxes, 2):
        apart = one.x + one.w <= other.x or other.x + other.w <= one.x
        assert apart or one.y + one.h <= other.y or other.y + other.h <= one.y, (one, other)


@pytest.mark.parametrize("uid", BOARDS)
def test_every_panel_asks_and_says_in_both_languages(uid: str) -> None:
    """Each has a title in Chinese and English and at least one query of one of our two sources, by uid."""
    for panel in panels(uid):
        assert re.search("[\u4e00-\u9fff]", panel.title or ""), panel.title
        assert re.search("[A-Za-z]", panel.title or ""), panel.title
        assert panel.targets
        assert panel.datasource is not None
        assert panel.datasource.uid in (PROMETHEUS_UID, POSTGRES_UID)
        for target in panel.targets:
            assert isinstance(target, SqlQuery) == (panel.datasource.uid == POSTGRES_UID)


def test_a_light_is_never_its_colour_alone() -> None:
    """Each of the four has a shape of its own and a letter, in every mapping of every board."""
    shapes = {text.split()[0] for text, _ in LIGHTS.values()}
    letters = {text.split()[1] for text, _ in LIGHTS.values()}
    assert (len(shapes), letters) == (4, {"红", "黄", "绿", "灰"})
    for uid in BOARDS:
        for colour, text in _mapped(json.loads(written(BOARDS[uid]))):
            if text in EVENTS["事件 Event"].values():
                continue  # an event is called green, too
            if colour in COLOURS or (colour in LIGHTS and text in [t for t, _ in LIGHTS.values()]):
                assert text in [t for t, _ in LIGHTS.values()], (uid, colour, text)


def test_the_city_wall_is_worst_first() -> None:
    """Red, yellow, grey, green, and within a colour the largest lag first; its light column is mapped."""
    table = next(panel for panel in panels("liangshai-city") if panel.title == "最差在前 Worst first")
    query = next(target for target in table.targets or () if isinstance(target, SqlQuery))
    order = ", array_position(ARRAY['red', 'yellow', 'grey', 'green'], s.light), s.lag DESC NULLS LAST"
    assert order in query.text
    assert '"灯 Light"' in query.text
    found = json.loads(json.dumps(table, cls=JSONEncoder))["fieldConfig"]["overrides"]
    assert "灯 Light" in [override["matcher"]["options"] for override in found]


def test_every_query_can_be_filled_in() -> None:
    """No variable and no macro is left, and a quote in a value cannot end the string it stands in."""
    found = queries(VALUES, WINDOW)
    assert len(found) > 80
    for query in found:
        assert "$" not in query.text, query
        assert "{programme" not in query.text.replace('{programme="p"', ""), query
    assert filled("x = ${indicator:sqlstring}", VALUES, WINDOW) == "x = 'it''s'"
    within = "a.b BETWEEN '2022-12-31T16:00:00Z' AND '2023-06-29T16:00:00Z'"
    assert filled("$__timeFilter(a.b)", VALUES, WINDOW) == within


def test_variables_are_quoted_in_sql() -> None:
    """A viewer's address bar must not become SQL: every variable in a SQL query is written `:sqlstring`."""
    for uid in BOARDS:
        for panel in panels(uid):
            for target in panel.targets or ():
                if isinstance(target, SqlQuery):
                    bare = re.sub(r"\$\{\w+:sqlstring\}|\$__timeFilter", "", target.text)
                    assert "$" not in bare, (uid, panel.title)


def test_provisioning_names_what_the_boards_name() -> None:
    """Data sources by the uids of the boards, the password from the environment, boards from their mount."""
    sources = yaml.safe_load((PROVISIONING / "datasources" / "liangshai.yaml").read_text("utf-8"))["datasources"]
    assert {source["uid"] for source in sources} == {PROMETHEUS_UID, POSTGRES_UID}
    assert [s["secureJsonData"]["password"] for s in sources if "secureJsonData" in s] == ["$GRAFANA_DATABASE_PASSWORD"]
    [provider] = yaml.safe_load((PROVISIONING / "dashboards" / "liangshai.yaml").read_text("utf-8"))["providers"]
    assert provider["options"]["path"] == "/var/lib/grafana/boards"


def _mapped(node: Any) -> list[tuple[str, str]]:
    """Every (value, text) of every value mapping below a node."""
    if isinstance(node, dict):
        own = [(v, r["text"]) for v, r in node.get("options", {}).items()] if node.get("type") == "value" else []
        return own + [pair for each in node.values() for pair in _mapped(each)]
    if isinstance(node, list):
        return [pair for each in node for pair in _mapped(each)]
    return []
