"""The wall in a real Chromium, fed from a real Postgres: what a viewer sees, also without the server."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from deploy.local.ports import free_ports
from services.alerts.settings import Settings
from tests.support.looking import chromium, held_to_axe
from tests.support.standings import coloured
from tests.support.supervised import NOWHERE, Supervised, serving, supervised

SCREEN: ViewportSize = {"width": 1920, "height": 1080}
SHOTS = Path(os.environ["LIANGSHAI_SCREENSHOTS"]) if "LIANGSHAI_SCREENSHOTS" in os.environ else None


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def alerts(database: str) -> AsyncIterator[Supervised]:
    """June 2023: red in Deqing, yellow in Anji, green in Changxing; all else is grey. For tests that change it."""
    async with supervised(database) as found:
        await found.june()
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def june(module_database: str) -> AsyncIterator[Supervised]:
    """The same for tests that only look."""
    async with supervised(module_database) as found:
        await found.june()
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with chromium() as found:
        yield found


async def opened(
    browser: Browser, alerts: Supervised, query: str = "", size: ViewportSize = SCREEN
) -> tuple[Page, list[str]]:
    """The wall on a screen of 1920 × 1080 unless told, and what its console complained of."""
    page = await browser.new_page(viewport=size)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{alerts.operations.base_url}/wall{query}")
    return page, complaints


async def shot(page: Page, name: str) -> None:
    """Keep a picture where LIANGSHAI_SCREENSHOTS says."""
    if SHOTS is not None:
        await page.screenshot(path=SHOTS / f"{name}.png")


async def test_the_worst_stands_first_and_no_light_is_its_colour_alone(browser: Browser, june: Supervised) -> None:
    """Rows by light, shape and letter with a name for screen readers; counts, tickets, messages, dates, the notice."""
    page, complaints = await opened(browser, june)
    await shot(page, "wall-zh")
    rows = page.locator(".items tbody tr")
    assert await rows.nth(0).locator(".light").get_attribute("aria-label") == "红灯"
    assert [await rows.nth(n).locator(".light b").inner_text() for n in range(3)] == ["红", "黄", "灰"]
    shapes = [await rows.nth(n).locator("use").get_attribute("href") for n in range(3)]
    assert shapes == ["#red", "#yellow", "#grey"]
    for n in range(3):
        box = await rows.nth(n).locator(".light svg").bounding_box()
        assert box is not None
        assert box["width"] > 20  # the shape is really drawn
    first = await rows.nth(0).inner_text()
    for said in ("德清县", "落后序时进度", "个百分点", "2023-06", "督办函", "待签收"):
        assert said in first
    await expect(page.locator(".counts")).to_contain_text(re.compile("红\\s*1\\s*黄\\s*1"))
    await expect(page.locator(".districts")).to_contain_text("南太湖新区")
    await expect(page.locator(".messages li")).to_have_count(4)
    await expect(page.locator("header")).to_contain_text("2023-07-06")
    await expect(page.locator("header")).to_contain_text("2023-06-30")
    await expect(page.locator("#simulated")).to_contain_text("演示数据：模拟报送，非湖州市实际情况")
    assert await page.locator("html").get_attribute("lang") == "zh-CN"
    assert complaints == []


async def test_everything_fits_on_the_screen(browser: Browser, june: Supervised) -> None:
    """At 1920 × 1080 the page itself does not scroll, the ticket column is inside, and text is large enough."""
    page, _ = await opened(browser, june)
    size = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [1920, 1080]
    inside = await page.evaluate(
        "(() => { const box = document.querySelector('.items').getBoundingClientRect();"
        " const mark = document.querySelector('.ticket').getBoundingClientRect();"
        " return mark.right <= box.right && mark.left >= box.left; })()"
    )
    assert inside
    assert await page.evaluate("parseFloat(getComputedStyle(document.querySelector('.items td')).fontSize)") >= 14


async def test_a_changed_light_appears_without_a_reload(browser: Browser, alerts: Supervised) -> None:
    """The page asks for /wall.json and draws anew; what is scrolled stays where it was."""
    page, complaints = await opened(browser, alerts)
    await page.evaluate("window.same = true; document.querySelector('.items').scrollTop = 120")
    await alerts.tell("2023-08-02", coloured("2023-07", "red", district="changxing"))
    await expect(page.locator(".items tbody tr", has_text="长兴县").first).to_contain_text("落后")
    await expect(page.locator(".counts")).to_contain_text(re.compile("红\\s*2"))
    await expect(page.locator("[data-clock=now]")).to_have_text("2023-08-02 12:00")
    assert await page.evaluate("[window.same, document.querySelector('.items').scrollTop]") == [True, 120]
    assert complaints == []


async def test_english_is_a_switch_away(browser: Browser, alerts: Supervised) -> None:
    """?lang=en: English first, the lights' letters too; refreshing keeps the language."""
    page, _ = await opened(browser, alerts)
    await page.get_by_text("English").click()
    await expect(page.locator(".items tbody tr").first).to_contain_text("Deqing County")
    await shot(page, "wall-en")
    assert await page.locator("html").get_attribute("lang") == "en"
    assert await page.locator(".items .light b").first.inner_text() == "R"
    await expect(page.locator("#simulated")).to_contain_text("simulated reports, not Huzhou's performance")
    await alerts.tell("2023-08-02", coloured("2023-07", "red", district="changxing"))
    await expect(page.locator(".items tbody")).to_contain_text("Changxing County")


@pytest.mark.parametrize("width", [1920, 1366, 390])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_screen_shows_every_column(browser: Browser, june: Supervised, width: int, language: str) -> None:
    """Nothing is cut off at its right, the page is no wider than the screen; on a phone a table scrolls in itself."""
    size: ViewportSize = {"width": width, "height": 844 if width < 800 else 768}
    page, _ = await opened(browser, june, f"?lang={language}", size)
    await shot(page, f"wall-{width}-{language}")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    inner = await page.evaluate("[...document.querySelectorAll('.scrolls')].map(e => [e.scrollWidth, e.clientWidth])")
    assert inner
    if width > 800:
        assert all(content <= room for content, room in inner), inner
    else:
        assert all(room > 300 for _, room in inner), inner
    await page.close()


async def test_a_district_can_be_looked_at_alone(browser: Browser, june: Supervised) -> None:
    """The side table links to a district's own wall; axe-core finds nothing serious there in either language."""
    page, _ = await opened(browser, june)
    await page.locator(".districts").get_by_text("德清县").click()
    await expect(page.locator(".counts")).to_contain_text(re.compile("红\\s*1\\s*黄\\s*0"))
    assert "长兴县" not in await page.locator(".items").inner_text()
    await held_to_axe(page)  # of the city's thousand rows it would take a quarter of a minute
    await page.get_by_text("English").click()
    await expect(page.locator(".items tbody tr").first).to_contain_text("Deqing County")
    await held_to_axe(page)


async def test_the_last_picture_stays_and_says_so_when_the_server_is_away(browser: Browser, june: Supervised) -> None:
    """The backend goes away: a banner with the time, hatched, the rows still there; it comes back: all is well."""
    port = int(str(june.operations.base_url).rpartition(":")[2].strip("/"))
    page, _ = await opened(browser, june)
    await page.route(f"http://127.0.0.1:{port}/**", lambda route: route.abort())
    await expect(page.locator("#lost")).to_be_visible()
    await shot(page, "wall-lost")
    await expect(page.locator("#lost")).to_contain_text("与后台失去联系")
    await expect(page.locator("#lost time")).to_have_text(re.compile("\\d\\d:\\d\\d:\\d\\d"))
    assert await page.evaluate("getComputedStyle(document.querySelector('main')).backgroundImage") != "none"
    await expect(page.locator(".items tbody tr").first).to_contain_text("德清县")
    await page.unroute(f"http://127.0.0.1:{port}/**")
    await expect(page.locator("#lost")).to_be_hidden()


async def test_names_cannot_smuggle_markup(browser: Browser, alerts: Supervised) -> None:
    """What comes from data is text: a summary with a script in it is shown, not run."""
    evil = "<script>window.evil = 1</script><img src=x onerror='window.evil = 1'>"
    await alerts.pool.execute("UPDATE alerts.series SET lag_text_zh = $1 WHERE light = 'red'", evil)
    page, _ = await opened(browser, alerts)
    await expect(page.locator(".items tbody tr").first).to_contain_text("<script>window.evil")
    assert await page.evaluate("window.evil") is None


async def test_a_stale_item_is_hatched(browser: Browser, alerts: Supervised) -> None:
    """One due date passed without a value: the last colour, hatched and said in words (rule 6.4)."""
    await alerts.pass_time("2023-08-08")
    page, _ = await opened(browser, alerts)
    row = page.locator(".items tbody tr").first
    await expect(row).to_contain_text("数据陈旧")
    assert "repeating-linear-gradient" in await row.locator("td").first.evaluate(
        "cell => getComputedStyle(cell).backgroundImage"
    )
    await shot(page, "wall-stale")


async def test_without_a_database_the_wall_says_so(tmp_path: Path) -> None:
    """Before anything was ever read: 503 with Retry-After, not an empty wall that looks well."""
    tokens = tmp_path / "tokens.yaml"
    public, operations = free_ports(2)
    nowhere = Settings(
        kafka=NOWHERE, database="postgresql://127.0.0.1:1/none", tokens=tokens, port=public, operations_port=operations
    )
    async with serving(nowhere) as (_, client):
        answer = await client.get("/wall")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
