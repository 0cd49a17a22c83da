"""The desk in a real Chromium: signing in by link and in the demo; the frame; what axe-core finds."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from services.desk.sessions import Sessions
from tests.integration.desk import test_projects as projects
from tests.integration.desk.test_home import BUREAU, DISTRICT, SERVICES
from tests.support.desk import Desk, desk
from tests.support.looking import PHONE, SIZES, chromium, fits, held_to_axe, opened, shot

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found


def services(service: str, method: str, path: str, request: httpx.Request) -> Any:
    """Series and tickets of the start page's tests, projects of theirs."""
    return (projects.answers if "project" in path else SERVICES)(service, method, path, request)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def it(module_database: str) -> AsyncIterator[Desk]:
    """A desk of the demo's kind with some people."""
    async with desk(module_database, services, listening=True, demo=True) as found:
        for role, unit in PEOPLE:
            await found.person(role, unit)
        yield found


PEOPLE: list[tuple[str, str | None]] = [
    ("district_lead", DISTRICT), ("department_clerk", BUREAU), ("office_director", None), ("operator", None),
    ("leader", None), ("function_group", "group_1"), ("district_clerk", DISTRICT),
]  # fmt: skip


async def secret(it: Desk, role: str, unit: str | None = None) -> str:
    """A session of somebody with that role."""
    return await Sessions(it.pool).begin(f"{role}-{unit or 'office'}", "link")


async def test_a_link_signs_in_and_the_way_out_signs_out(browser: Browser, it: Desk) -> None:
    """Opened, pressed, in; the start page shows what waits; 退出, and the start page asks to sign in."""
    key = await Sessions(it.pool).invite(f"district_lead-{DISTRICT}", "test")
    page, complaints = await opened(browser, f"{it.settings.url}/sign-in/link?key={key}")
    await shot(page, "link-zh")
    await held_to_axe(page)
    await page.goto(f"{page.url}&lang=en")
    await held_to_axe(page)
    await page.get_by_role("link", name="中文").click()
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("李明，您好")
    await expect(page.get_by_text("待签收的督办单")).to_be_visible()
    await page.get_by_role("button", name="退出").click()
    await expect(page).to_have_url(f"{it.settings.url}/sign-in")
    await page.goto(it.settings.url)
    await expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    assert complaints == []


async def test_in_the_demo_one_press_makes_one_anybody(browser: Browser, it: Desk) -> None:
    """The list of people, a press, in; the keyboard alone is enough."""
    page, complaints = await opened(browser, f"{it.settings.url}/sign-in", size=PHONE)
    await shot(page, "sign-in-demo-phone")
    for language in ("en", "zh"):
        await page.goto(f"{it.settings.url}/sign-in?lang={language}")
        await held_to_axe(page)
        await fits(page)
    await page.get_by_role("listitem").filter(has_text="专班办公室主任").get_by_role("button").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("李明，您好")
    assert complaints == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("path", "role", "unit"),
    [
        ("/", "district_lead", DISTRICT),
        ("/", "department_clerk", BUREAU),
        ("/", "office_director", None),
        ("/people", "operator", None),
        ("/audit", "operator", None),
        ("/projects", "leader", None),
        (projects.PAGE, "district_clerk", DISTRICT),
        ("/nowhere", "leader", None),
    ],
)
async def test_pages_are_sound(
    browser: Browser, it: Desk, path: str, role: str, unit: str | None, size: str, language: str
) -> None:
    """In both languages and on three sizes: nothing serious for axe-core, nothing sideways, no complaint."""
    url = f"{it.settings.url}{path}?lang={language}"
    page, complaints = await opened(browser, url, await secret(it, role, unit), size=SIZES[size])
    if path == projects.PAGE:
        await expect(page.locator("#chart[data-drawn]")).to_be_visible()
        await page.locator(".acting details").evaluate_all("found => found.forEach((each) => { each.open = true; })")
    await shot(page, f"{path.strip('/').replace('/', '-') or 'home'}-{role}-{size}-{language}")
    await held_to_axe(page)
    await fits(page)
    assert [each for each in complaints if "404" not in each] == []
    assert await page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")
    await page.context.close()


async def test_the_offices_forms_for_a_project_are_sound(browser: Browser, it: Desk) -> None:
    """Contact, red lines, late reports, acts on the list: opened on a phone, in English."""
    url = f"{it.settings.url}{projects.PAGE}?lang=en"
    page, complaints = await opened(browser, url, await secret(it, "office_director", None), size=PHONE)
    await page.locator(".acting details").evaluate_all("found => found.forEach((each) => { each.open = true; })")
    await expect(page.get_by_role("button", name="Approve")).to_be_visible()
    await held_to_axe(page)
    await fits(page)
    assert complaints == []


async def test_the_keyboard_skips_to_the_content(browser: Browser, it: Desk) -> None:
    """The first Tab shows the way past the navigation; Enter goes there; what has the focus is outlined."""
    page, _ = await opened(browser, it.settings.url, await secret(it, "leader"))
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    await expect(skip).to_be_focused()
    assert await skip.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"


async def test_on_paper_there_is_no_navigation(browser: Browser, it: Desk) -> None:
    """Printed: the content and the date of the data; no buttons, no menu."""
    page, _ = await opened(browser, it.settings.url, await secret(it, "district_lead", DISTRICT))
    await page.emulate_media(media="print")
    await shot(page, "home-print")
    await expect(page.get_by_role("navigation")).to_be_hidden()
    await expect(page.get_by_role("button", name="退出")).to_be_hidden()
    await expect(page.get_by_text("待签收的督办单")).to_be_visible()
