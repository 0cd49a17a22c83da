"""督办单, 预警信息流 and 亮晒墙 in a real Chromium before a real alerts service: what people see, press and hear."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, expect

from services.desk.sessions import Sessions
from tests.browser.test_wall import browser  # noqa: F401  # the fixture
from tests.support.desk import Desk
from tests.support.standings import at
from tests.support.supervised import ANSWER, Supervised
from tests.support.supervised_desk import supervised_desk

SIZES: tuple[ViewportSize, ...] = (
    {"width": 1920, "height": 1080},
    {"width": 1366, "height": 768},
    {"width": 390, "height": 844},
)
SHOTS = Path(os.environ["LIANGSHAI_SCREENSHOTS"]) if "LIANGSHAI_SCREENSHOTS" in os.environ else None
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(module_database: str) -> AsyncIterator[tuple[Supervised, Desk]]:
    """June 2023 with two tickets, one of them answered."""
    async with supervised_desk(module_database, now=at("2023-07-09"), listening=True) as (alerts, it):
        await alerts.june()
        ticket = (await alerts.ticket("anji"))["ticket"]
        await alerts.act(ticket, "anji", act="ack")
        await alerts.act(ticket, "anji", **ANSWER)
        yield alerts, it


async def opened(browser: Browser, it: Desk, path: str, role: str, unit: str | None = None, **more: object) -> Page:  # noqa: F811
    """A page of the desk, seen by somebody."""
    person = await it.person(role, unit)
    context = await browser.new_context(**more)  # type: ignore[arg-type]  # a viewport, reduced motion
    secret = await Sessions(it.pool).begin(person.subject, "link")
    await context.add_cookies([{"name": "liangshai", "value": secret, "url": it.settings.url}])
    page = await context.new_page()
    await page.goto(it.settings.url + path)
    return page


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_nothing_is_wider_than_the_screen(
    browser: Browser,  # noqa: F811
    both: tuple[Supervised, Desk],
    size: ViewportSize,
    language: str,
) -> None:
    """Five pages in both languages on a wall, a laptop and a phone: no page scrolls sideways, nothing complains."""
    alerts, it = both
    ticket, answered = (await alerts.ticket("deqing"))["ticket"], (await alerts.ticket("anji"))["ticket"]
    page = await opened(browser, it, "/", "office_director", viewport=size)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for name, path in (
        ("tickets", "/tickets"), ("ticket", f"/tickets/{ticket}"), ("answered", f"/tickets/{answered}"),
        ("feed", "/feed"), ("wall", "/wall"),
    ):  # fmt: skip
        await page.goto(f"{it.settings.url}{path}?lang={language}")
        if SHOTS is not None:
            await page.screenshot(path=SHOTS / f"{name}-{language}-{size['width']}.png", full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
    assert complaints == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [SIZES[1], SIZES[2]], ids=lambda size: str(size["width"]))
async def test_a_screen_reader_finds_nothing_serious(
    browser: Browser,  # noqa: F811
    both: tuple[Supervised, Desk],
    size: ViewportSize,
    language: str,
) -> None:
    """axe-core on every page in both languages, on a laptop and a phone: nothing that is serious or critical."""
    alerts, it = both
    ticket = (await alerts.ticket("anji"))["ticket"]
    page = await opened(browser, it, "/", "office_director", viewport=size)
    for path in ("/tickets", f"/tickets/{ticket}", "/tickets/promises", "/feed", "/wall", "/account"):
        await page.goto(f"{it.settings.url}{path}?lang={language}")
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        found = (await Axe().run(page)).response["violations"]
        grave = [
            f"{path}: {each['id']}: {node['html']}"
            for each in found
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]
        assert grave == []


async def test_the_focus_is_seen_wherever_the_keyboard_goes(
    browser: Browser,  # noqa: F811
    both: tuple[Supervised, Desk],
) -> None:
    """Tab by Tab through a ticket: each stop is outlined and on the screen, the first one skips the navigation."""
    alerts, it = both
    ticket = (await alerts.ticket("deqing"))["ticket"]
    page = await opened(browser, it, f"/tickets/{ticket}", "office_director", viewport=SIZES[1])
    stops: list[str] = []
    for _ in range(60):
        await page.keyboard.press("Tab")
        where, outline, shown = await page.evaluate(_STOP)
        if where == "BODY":
            break
        assert outline == "solid", where
        assert shown, where
        stops.append(where)
    assert "#content" in stops[0]
    assert len(stops) > 10


_STOP = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const inside = box.width > 0 && box.left >= 0 && box.right <= innerWidth && box.bottom > 0 && box.top < innerHeight;
  return [at === document.body ? "BODY" : at.outerHTML.slice(0, 120), getComputedStyle(at).outlineStyle, inside];
}"""


async def test_a_lead_signs_by_keyboard_and_a_refusal_keeps_the_words(
    browser: Browser,  # noqa: F811
    both: tuple[Supervised, Desk],
) -> None:
    """Enter on the button signs; a date too far is refused beside what was typed."""
    alerts, it = both
    ticket = (await alerts.ticket("deqing"))["ticket"]
    page = await opened(browser, it, f"/tickets/{ticket}", "district_lead", "deqing")
    await page.get_by_role("button", name="签收", exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("签收")
    await page.get_by_label("滞后原因").fill("连续阴雨")
    await page.get_by_label("整改措施").fill("增加两个班组")
    await page.get_by_label("承诺日期").fill("2024-08-31")
    await page.get_by_role("button", name="反馈", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("承诺日期应在")
    await expect(page.get_by_label("滞后原因")).to_have_value("连续阴雨")
    await page.get_by_label("承诺日期").fill("2023-08-31")
    await page.get_by_role("button", name="反馈", exact=True).click()
    await expect(page.locator(".timeline li").first).to_contain_text("增加两个班组")


async def test_the_wall_turns_pauses_and_outlives_the_server(
    browser: Browser,  # noqa: F811
    both: tuple[Supervised, Desk],
) -> None:
    """Arrows turn, space pauses; while nobody answers it says so and stays, and comes back without a reload. All
    departments stand on one screen."""
    alerts, it = both
    page = await opened(browser, it, "/wall", "leader", viewport=SIZES[0])
    await expect(page.locator("[data-view=city]")).to_be_visible()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("[data-view=districts]")).to_be_visible()
    await expect(page.locator("[data-view=districts] tbody tr").first).to_contain_text("德清县")
    await page.keyboard.press("ArrowRight")
    led = await alerts.pool.fetchval("SELECT count(DISTINCT department) FROM alerts.series")
    await expect(page.locator("[data-view=departments] tbody tr")).to_have_count(led)
    assert await page.evaluate("document.documentElement.scrollHeight") <= SIZES[0]["height"]
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator("[data-view=districts]")).to_be_visible()
    await page.keyboard.press("Space")
    await expect(page.locator("[data-pausing]")).to_contain_text("继续")
    await page.evaluate("window.same = true")
    await page.route("**/wall*", lambda route: route.abort())
    await expect(page.locator("#lost")).to_be_visible()
    await expect(page.locator("[data-view=districts] tbody tr").first).to_contain_text("德清县")
    await page.unroute("**/wall*")
    await expect(page.locator("#lost")).to_be_hidden()
    await expect(page.locator("[data-view=districts]")).to_be_visible()
    assert await page.evaluate("window.same")


async def test_who_prefers_less_motion_turns_by_hand(
    browser: Browser,  # noqa: F811
    both: tuple[Supervised, Desk],
) -> None:
    """The wall stands still from the beginning; one press lets it go on."""
    _, it = both
    page = await opened(browser, it, "/wall", "leader", reduced_motion="reduce")
    await expect(page.locator("[data-pausing]")).to_contain_text("继续")
