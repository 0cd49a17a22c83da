"""指标 and 报送日历 in a real Chromium, from real services and a real Postgres: found, read, gone back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from contracts.operations import process
from contracts.operations.clock import drive
from contracts.passes import make_keys
from deploy.local.ports import free_ports
from services.desk.sessions import Sessions
from services.desk.texts import told
from services.metrics.app import build_app
from services.metrics.settings import Settings
from tests.support.desk import Desk, desk
from tests.support.looking import LAPTOP, SIZES, chromium, fits, held_to_axe, opened, shot
from tests.support.recorded import bench, reported
from tests.support.standings import at
from tests.support.supervised import NOWHERE, serving, supervised

pytestmark = pytest.mark.asyncio(loop_scope="module")

INVESTMENT, DISTRICT = "major_projects_investment", "deqing"
PAGE = f"/items/{INVESTMENT}/{DISTRICT}"
WIDE, NARROW = 1046, 702  # pixels of A4 within our margins, across and upright
MONTHS = (("2023-04", "3.5"), ("2023-05", "4.2"), ("2023-06", "50"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def it(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """August 2023: three months are in, June was corrected on 20 July from 50 to 5, July is owed."""
    place = tmp_path_factory.mktemp("items")
    make_keys(place / "private.json", place / "public.json")
    clock, (port, operations, alerts_port, alerts_operations) = place / "clock", free_ports(4)
    drive(clock, at("2023-08-10"))
    async with bench(module_database) as recorded, supervised(module_database) as alerts:
        for number, (period, value) in enumerate(MONTHS):
            moment = at(f"2023-0{number + 5}-03")
            recorded.clock.instant = moment
            said = await recorded.settle(reported(DISTRICT, period, value, moment, indicator=INVESTMENT))
            await alerts.tell(f"2023-0{number + 5}-03", *said.standings)
        recorded.clock.instant = at("2023-07-20")
        mended = reported(
            DISTRICT, "2023-06", "5", at("2023-07-20"), indicator=INVESTMENT, revision=1, reason="小数点错位"
        )
        await alerts.tell("2023-07-20", *(await recorded.settle(mended)).standings)
        await alerts.pass_time("2023-08-10", INVESTMENT)
        metrics = Settings(
            kafka=NOWHERE, database=module_database, tokens=place / "tokens.yaml", clock=clock,
            passes=place / "public.json", port=port, operations_port=operations,
        )  # fmt: skip
        asked = replace(
            alerts.settings, passes=place / "public.json", port=alerts_port, operations_port=alerts_operations
        )
        stop = asyncio.Event()
        running = asyncio.create_task(process.serve(build_app(metrics), stop=stop))
        places = {"metrics": port, "alerts": alerts_port, "ingest": 9}
        urls = {name: f"http://127.0.0.1:{number}" for name, number in places.items()}
        try:
            async with (
                serving(asked),
                desk(
                    module_database, now=at("2023-08-10"), listening=True, urls=urls, key=place / "private.json"
                ) as found,
            ):
                yield found
        finally:
            stop.set()
            await running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found


async def secret(it: Desk) -> str:
    person = await it.person("district_lead", DISTRICT)
    return await Sessions(it.pool).begin(person.subject, "link")


async def test_from_the_list_to_a_series_and_back_in_time(it: Desk, browser: Browser) -> None:
    """The list finds it by a word of the plan; its page draws the chart, tells the correction and today's light; by
    what was known on 10 July June still stood at 50; by keyboard back to the present."""
    page, complaints = await opened(browser, f"{it.settings.url}/items", await secret(it), size=LAPTOP)
    await page.get_by_label("名称或原文").fill("完成投资额800亿元")
    await page.keyboard.press("Enter")
    own = page.get_by_role("region", name="本单位 1 项")
    await own.get_by_role("link", name="重点(重大)项目完成投资额").click()
    await expect(page.locator("#chart[data-drawn=true] canvas").first).to_be_visible()
    june = page.locator('.periods tbody tr:has(th:text-is("2023-06"))')
    await expect(june.locator("td").first).to_have_text("5.0")
    await expect(june).to_contain_text("首报：50，2023-07-03 12:00 收到，已被更正取代")
    await expect(june).to_contain_text("小数点错位")
    await page.get_by_label("当时已知").fill("2023-07-10")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("note").filter(has_text="您看到的是历史情况")).to_be_visible()
    await expect(june.locator("td").first).to_have_text("50.0")
    await expect(june).not_to_contain_text("小数点错位")
    await page.get_by_role("link", name="回到现在").first.focus()
    await page.keyboard.press("Enter")
    await expect(june.locator("td").first).to_have_text("5.0")
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="全部报送 CSV").click()
    assert (await coming.value).suggested_filename == f"{INVESTMENT}-{DISTRICT}-reports.csv"
    assert complaints == []
    await page.context.close()


async def test_the_calendar_leads_to_what_is_owed(it: Desk, browser: Browser) -> None:
    """The unit's own grid: June on time, July overdue in words; all units; the collective list names the cell."""
    page, complaints = await opened(browser, f"{it.settings.url}/calendar", await secret(it), size=LAPTOP)
    row = page.get_by_role("row").filter(has=page.locator(f'a[href="{PAGE}"]'))
    await expect(row.get_by_role("img", name="2023-06：按时报送")).to_be_visible()
    await expect(row.get_by_role("img", name="2023-07：逾期未报，2023-08-05 到期")).to_be_visible()
    await page.get_by_role("link", name="全部单位").click()
    await page.get_by_role("link", name="催报清单").click()
    await expect(page.locator("#owed")).to_contain_text("重点(重大)项目完成投资额（2023-07），2023-08-05到期")
    assert complaints == []
    await page.context.close()


async def test_one_click_reminds_one_unit(it: Desk, browser: Browser) -> None:
    """The office sees that Deqing owes and presses once: it is said, in the feed, and cannot be said again today."""
    await it.pool.execute(
        "UPDATE alerts.light SET excused = false WHERE (indicator, district, period) = ($1, $2, '2023-07')",
        INVESTMENT, DISTRICT,
    )  # fmt: skip
    office = await Sessions(it.pool).begin((await it.person("office_director")).subject, "link")
    page, complaints = await opened(browser, f"{it.settings.url}/calendar?unit=all", office, size=LAPTOP)
    await page.get_by_role("button", name="催报 德清县").click()
    await expect(page.get_by_role("status")).to_have_text("已催报德清县：1 项。")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="德清县"))
    await expect(row).to_contain_text("今天 12:00 已催报")
    await expect(row.get_by_role("button")).to_have_count(0)
    await shot(page, "reminded")
    await held_to_axe(page)
    await page.goto(f"{it.settings.url}/feed?message=reminder")
    await shot(page, "feed-marks")
    await held_to_axe(page)
    await expect(page.locator("ol.feed")).to_contain_text("催报：德清县尚有1项数据未报，其中1项已逾期")
    await page.goto(f"{it.settings.url}/account")
    await held_to_axe(page)
    await page.goto(f"{it.settings.url}/calendar/list")
    await shot(page, "collective-list")
    await held_to_axe(page)
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="下载清单").click()
    assert (await coming.value).suggested_filename == "owed-2023-08-10.csv"
    assert complaints == []
    await page.context.close()


async def test_a_unit_objects_and_the_office_answers(it: Desk, browser: Browser) -> None:
    """Deqing's lead disputes June's light of record on the page of the series, takes it back, disputes it anew; the
    office finds it in the feed, upholds it, and the lead reads the answer."""
    page, complaints = await opened(browser, it.settings.url + PAGE, await secret(it), size=LAPTOP)
    for again in (False, True):
        await page.get_by_text("提出异议").first.click()
        await page.get_by_label("异议对象").select_option("light:2023-06")
        await page.locator("#objection-reason").fill("六月数据已更正")
        await page.get_by_role("button", name="提出异议").click()
        await expect(page.get_by_role("status")).to_have_text("异议已提出，待专班办公室答复。")
        if not again:
            await page.locator("summary", has_text="撤回异议").click()
            await page.locator(".objections").get_by_label("理由").fill("再核一遍")
            await shot(page, "objected")
            await page.get_by_role("button", name="撤回异议").click()
            await expect(page.get_by_role("status")).to_have_text("异议已撤回。")
    office = await Sessions(it.pool).begin((await it.person("office_director")).subject, "link")
    other, more = await opened(browser, f"{it.settings.url}/feed?message=objection", office, size=LAPTOP)
    await expect(other.locator("ol.feed")).to_contain_text("撤回异议：德清县撤回对德清县")
    await other.get_by_role("link", name="查看异议").first.click()
    await expect(other.locator("li:target")).to_contain_text("异议待答复")
    await other.get_by_label("答复").fill("更正属实")
    await other.get_by_role("button", name="异议成立", exact=True).click()
    await expect(other.get_by_role("status")).to_have_text("已答复：异议成立。")
    await held_to_axe(other)
    await page.goto(it.settings.url + PAGE)
    await expect(page.locator(".objections")).to_contain_text("更正属实")
    await expect(page.locator(".objections")).not_to_contain_text("异议待答复")
    assert [*complaints, *more] == []
    await page.context.close()
    await other.context.close()


@pytest.mark.parametrize(("size", "language"), [("screen", "zh"), ("laptop", "en"), ("phone", "zh")])
@pytest.mark.parametrize(
    "path",
    [
        "/items",
        PAGE,
        "/calendar?unit=construction_bureau",
        "/calendar?unit=all",
        "/calendar/list",
        "/calendar?held=true",
    ],
)
async def test_every_size(it: Desk, browser: Browser, path: str, size: str, language: str) -> None:
    """Nothing serious for axe-core, nothing sideways, no complaint."""
    url = f"{it.settings.url}{path}{'&' if '?' in path else '?'}lang={language}"
    page, complaints = await opened(browser, url, await secret(it), size=SIZES[size])
    await shot(page, f"items{path.replace('/', '-').replace('?', '-')}-{size}-{language}")
    await held_to_axe(page)
    await fits(page)
    assert complaints == []
    await page.context.close()


@pytest.mark.parametrize(
    ("path", "width"),
    [(PAGE, WIDE), ("/items", WIDE), ("/tickets", WIDE), ("/calendar?unit=all", WIDE), ("ticket", NARROW)],
)
async def test_on_paper(it: Desk, browser: Browser, path: str, width: int) -> None:
    """Printed on A4, wide tables across: the mark of simulated data and the date above, no navigation, no button,
    no table wider than the sheet; what is folded on the screen stands open; lights keep their shape and letter, and are
    told apart without colours."""
    page, _ = await opened(browser, f"{it.settings.url}/tickets", await secret(it), size=LAPTOP)
    if path == "ticket":
        await page.locator("table.list tbody a").first.click()
    else:
        await page.goto(it.settings.url + path)
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": width, "height": 700})
    await shot(page, f"print{path.replace('/', '-').replace('?', '-')}")
    for gone in (page.get_by_role("navigation", name="主导航"), page.locator("button"), page.locator("form")):
        assert not any([await each.is_visible() for each in await gone.all()])
    await expect(page.get_by_text("模拟报送")).to_be_visible()
    await expect(page.get_by_text("平台日期 2023-08-10")).to_be_visible()
    for folded in await page.locator("main details:not(.noprint, .noprint *) > :last-child").all():
        assert await folded.is_visible()
    for table in await page.locator("table").all():
        box = await table.bounding_box()
        assert box is None or box["x"] + box["width"] <= width + 1
    for light in await page.locator("main .light").all():
        kind = str(await light.get_attribute("class")).split()[1]
        assert await light.locator("use").get_attribute("href") == f"#{kind}"
        assert await light.locator("b").text_content() == told(f"base.{kind}_letter", "zh")
        ink = "element => getComputedStyle(element).printColorAdjust"
        assert await light.locator("svg").evaluate(ink) == "exact"
    assert (await page.pdf(prefer_css_page_size=True)).startswith(b"%PDF")
    await page.context.close()


async def test_without_scripts_the_table_says_it_all(it: Desk, browser: Browser) -> None:
    """A browser that runs none: a word in place of the chart, and every number in the table."""
    context = await browser.new_context(java_script_enabled=False)
    await context.add_cookies([{"name": "liangshai", "value": await secret(it), "url": it.settings.url}])
    page = await context.new_page()
    await page.goto(it.settings.url + PAGE)
    assert "图需要脚本；全部数字见下表" in await page.content()
    assert "小数点错位" in await page.locator(".periods").inner_text()
    await context.close()
