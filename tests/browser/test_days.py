"""A month that is supervised through the pages alone: a clerk's, a lead's, the office's and the wall's day, on Kafka,
Postgres and the four services as they run, under a driven clock; at the end the APIs say what the pages said.

One story, because its chapters stand on each other: February 2023 is reported, by one unit too late and by two too
little; the due date passes, lights turn, tickets open, are signed for, answered, disputed, suspended and overridden;
March recovers, and the office reviews. January only brings the year past the point where a ratio counts (rule 5).
"""

import asyncio
import io
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.async_api import Locator, Page, expect

from tests.support.looking import fits, opened
from tests.support.recorded import PROGRAMME
from tests.support.walking import PATIENCE, Somebody, Walk, content, filled, walking

pytestmark = pytest.mark.timeout(240)

REVENUE, INVESTMENT = "three_county_platform_revenue", "agri_projects_investment_2023"
REVENUE_NAME, INVESTMENT_NAME = "三县产业平台规上工业总营收", "56个农业项目计划投资"
BUREAU = "agri_rural_bureau"
PUNCTUAL, LATE, BEHIND = "changxing", "anji", "deqing"


async def test_a_month_through_the_pages(tmp_path: Path) -> None:
    """Nobody touches anything but pages; every chapter ends with what its people see."""
    async with walking(tmp_path, REVENUE, INVESTMENT) as walk:
        await walk.day("2023-02-03", "09:00")
        await everybody_reports(walk, "2023-01", "98", "6.5")
        await walk.day("2023-03-03", "09:00")
        await a_clerks_day(walk)
        await the_others_report(walk)
        await walk.day("2023-03-06")
        await the_walls_day(walk)
        await a_leads_day(walk)
        await the_late_one_reports(walk)
        await the_disputing_district(walk)
        await the_offices_day(walk)
        await march_recovers(walk)
        await the_apis_say_what_the_pages_said(walk)
        for each in walk.everybody:
            assert [said for said in each.complaints if "status of 422" not in said] == []


async def everybody_reports(walk: Walk, period: str, district: str, bureau: str) -> None:
    """A month of all four units, side by side."""
    clerks = [await walk.somebody("district_clerk", each) for each in (PUNCTUAL, LATE, BEHIND)]
    writer = await walk.somebody("department_clerk", BUREAU)
    await asyncio.gather(
        *(each.reports(period, **{REVENUE: district}) for each in clerks),
        writer.reports(period, **{INVESTMENT: bureau}),
    )


async def a_clerks_day(walk: Walk) -> None:
    """In by the operator's link; the calendar says what is due; a file with a mistake, mended, sent, had back."""
    key = await walk.sessions.invite(await walk.person("district_clerk", BEHIND), "the operator")
    page, complaints = await opened(walk.browser, f"{walk.url}/sign-in/link?key={key}")
    clerk = Somebody(page, walk.url, complaints)
    walk.everybody.append(clerk)
    await clerk.presses("登录")
    await expect(page.get_by_role("heading", name="待报送")).to_contain_text("1")
    await clerk.follows("报送日历")
    await expect(page.get_by_role("img", name="2023-02：待报送，2023-03-05 到期")).to_be_visible()
    template = await clerk.template("2023-02")
    rows = await clerk.brings(filled(template, **{REVENUE: "约110"}), "德清2月.xlsx")
    await expect(page.locator(".told")).to_contain_text("0 行可以报送，1 行有误。尚未报送。")
    await expect(rows.first).to_contain_text("请填一个确定的数")
    await clerk.sees("checked")
    await clerk.brings(filled(template, **{REVENUE: "110"}), "德清2月.xlsx")
    await clerk.sends(1)
    await expect(rows.first).to_contain_text("已入库")
    async with page.expect_download() as coming:
        await clerk.follows("下载带结果的文件")
    back = load_workbook(io.BytesIO(await content(await coming.value))).active
    assert any("已入库 applied" in [cell.value for cell in row] for row in back.iter_rows(min_row=4))
    await clerk.follows("报送日历")
    await expect(page.get_by_role("img", name="2023-02：按时报送")).to_be_visible()
    await clerk.goes(f"/items/{REVENUE}/{BEHIND}")
    await expect(page.locator("#chart[data-drawn=true] canvas").first).to_be_visible()
    await expect(page.locator(".periods tbody")).to_contain_text("首报：110，2023-03-03 09:00 收到，已采用")


async def the_others_report(walk: Walk) -> None:
    """One county is on schedule, the bureau's own figure lags, and one county does not report."""
    county, bureau = await walk.somebody("district_clerk", PUNCTUAL), await walk.somebody("department_clerk", BUREAU)
    await asyncio.gather(county.reports("2023-02", **{REVENUE: "200"}), bureau.reports("2023-02", **{INVESTMENT: "8"}))


async def the_walls_day(walk: Walk) -> None:
    """It turns by itself; the desk is killed: the picture stays and says so; it comes back without a reload."""
    leader = await walk.somebody("leader")
    await leader.page.clock.install()
    page = await leader.goes("/wall")
    await page.evaluate("window.same = true")
    await expect(page.locator("[data-view=city] tbody tr").first).to_contain_text(INVESTMENT_NAME)
    await page.clock.fast_forward(15_000)
    row = page.locator("[data-view=districts] tbody tr").filter(has_text="德清县")
    await expect(row.get_by_role("img", name="黄灯").first).to_be_visible()
    await expect(row).to_contain_text("提醒")
    await leader.sees("wall")
    await page.keyboard.press("Space")  # it stands still while the desk is away: that takes as long as it takes
    walk.platform.stack.desk.kill()
    await page.clock.fast_forward(5_000)
    await expect(page.locator("#lost")).to_contain_text("与后台失去联系", timeout=PATIENCE)
    await expect(row).to_be_visible()
    walk.platform.stack.desk.start()
    await page.clock.fast_forward(5_000)
    await expect(page.locator("#lost")).to_be_hidden(timeout=PATIENCE)
    await expect(row).to_be_visible()
    assert await page.evaluate("window.same")
    leader.complaints.clear()  # while the desk was away the browser said so


async def a_leads_day(walk: Walk) -> None:
    """The ticket waits on the start page; signed for; a promise beyond what is allowed is refused beside its words."""
    lead = await walk.somebody("department_lead", BUREAU)
    page = lead.page
    await expect(page.get_by_role("heading", name="待签收的督办单")).to_contain_text("1")
    await lead.follows(INVESTMENT_NAME)
    await expect(page.locator(".next")).to_contain_text("签收")
    await lead.acts("ack", "签收")
    said = {"滞后原因": "项目用地未批", "整改措施": "倒排工期，每周调度"}
    form = page.locator("details#answer")
    for label, value in (*said.items(), ("承诺日期", "2024-12-31")):
        await form.get_by_label(label).fill(value)
    await lead.presses("反馈", form)
    await expect(page.get_by_role("alert")).to_contain_text("承诺日期应在")
    await expect(form.get_by_label("滞后原因")).to_have_value("项目用地未批")
    await form.get_by_label("承诺日期").fill("2023-04-05")
    await lead.presses("反馈", form)
    await expect(page.locator(".timeline li").first).to_contain_text("倒排工期，每周调度")
    await expect(page.locator(".head .state")).to_contain_text("已反馈")
    await lead.sees("answered")


async def the_late_one_reports(walk: Walk) -> None:
    """Signed for; the missing figure closes the ticket by itself."""
    lead = await walk.somebody("district_lead", LATE)
    await lead.follows(REVENUE_NAME)
    await expect(lead.page.locator(".timeline")).to_contain_text("逾期未报，立督办单")
    await lead.acts("ack", "签收")
    ticket = lead.page.url.partition("?")[0]
    await walk.day("2023-03-08")
    await (await walk.somebody("district_clerk", LATE)).reports("2023-02", **{REVENUE: "200"})
    await walk.day("2023-03-09")
    await lead.page.goto(ticket)
    await expect(lead.page.locator(".head .state")).to_have_text("已销号")
    await expect(lead.page.locator(".timeline li").first).to_contain_text("收到补报，销号")


async def the_disputing_district(walk: Walk) -> None:
    """Deqing signs, answers, and disputes its target."""
    lead = await walk.somebody("district_lead", BEHIND)
    await lead.follows(REVENUE_NAME)
    await lead.acts("ack", "签收")
    await lead.acts("answer", "反馈", 滞后原因="开工晚", 整改措施="增加班组", 承诺日期="2023-04-05")
    await lead.acts("object", "提出异议", 异议对象="target", 理由="分解目标与上级下达数不一致")
    await expect(lead.page.locator(".head")).to_contain_text("异议待答复")


async def the_offices_day(walk: Walk) -> None:
    """The feed read; the objection answered; one ticket suspended and resumed; one light worsened until a day; a unit's
    February published; a project entered, and its plan amended."""
    office = await walk.somebody("office_director")
    page = await office.goes("/feed")
    await expect(page.locator(".head .count")).to_contain_text("条未读")
    await expect(page.locator(".feed")).to_contain_text(f"德清县“{REVENUE_NAME}”2023年2月")
    await page.get_by_role("button", name=re.compile("^全部标为已读")).click()
    await expect(page.locator(".head")).to_contain_text("已全部读过")
    await office.goes("/tickets")
    await page.get_by_role("row").filter(has_text="德清县").get_by_role("link").click()
    await office.acts("objection_dismissed", "异议不成立", 理由="目标按市里分解方案执行")
    await expect(page.locator(".head")).not_to_contain_text("异议待答复")
    await office.acts("override", "人工调灯", 调为="red", 理由="现场核查：未开工", 截止日期="2023-03-20")
    await office.follows("查看指标")
    await expect(page.locator("main")).to_contain_text("人工调为红灯")
    await office.goes("/tickets")
    await page.get_by_role("row").filter(has_text=INVESTMENT_NAME).get_by_role("link").click()
    await office.acts("suppress", "暂缓督办", 理由="等待批复", 批准人="office-director-office", 截止日期="2023-03-28")
    await expect(page.locator(".next")).to_contain_text("暂缓")
    await office.acts("unsuppress", "恢复督办", 理由="批复已到")
    await office.sees("office")
    await _february_is_published(office)
    await _a_project_is_entered_and_amended(office)


async def _a_project_is_entered_and_amended(office: Somebody) -> None:
    """What is typed is looked over and sent; what recording made of it comes by itself, and the pages then say it."""
    page = await office.goes("/projects")
    await office.follows("新增重大项目")
    for name, choice in (("list", "rolling_county_seat_projects"), ("district", BEHIND), ("department", BUREAU)):
        await page.locator(f"#{name}").select_option(choice)
    typed = {
        "name_zh": "德清育秧中心", "contact_name": "王某", "contact_role": "副市长", "starts_in": "2023-05",
        "invest_total": "1.2", "node.0.zh": "竣工", "node.0.weight": "90", "node.0.due": "2024-06-30",
    }  # fmt: skip
    for name, text in typed.items():
        await page.locator(f"[name='{name}']").fill(text)
    await office.presses("下一步：核对")
    await expect(page.locator("#wrong-nodes")).to_have_text("各节点分值合计应为 100，现为 90。")
    await page.locator("[name='node.0.weight']").fill("100")
    await office.presses("下一步：核对")
    await expect(page.locator("#changes")).to_have_text("将以编号 deqing_2023_01 列入")
    await office.sees("project-plan")
    await office.presses("确认并发送")
    await expect(page.locator("#sent")).to_contain_text("“新增重大项目”已受理，入库结果：已入库", timeout=PATIENCE)
    await office.follows("查看该项目")
    await office.follows("调整计划")
    await page.locator("#invest_total").fill("1.5")
    await page.locator("#reason").fill("概算调整")
    await office.presses("下一步：核对")
    await expect(page.locator(".changed tbody tr").first).to_contain_text("→ 1.5 亿元")
    await office.presses("确认并发送")
    await expect(page.locator("#sent")).to_contain_text("“调整计划”已受理，入库结果：已入库", timeout=PATIENCE)
    await office.follows("查看最新情况")
    await expect(page.locator("main")).to_contain_text("1.5 亿元")
    await expect(page.locator("main")).to_contain_text("2023-03-09 调整计划")


async def _february_is_published(office: Somebody) -> None:
    """One unit's cells, from the start page; recording's word comes by itself, and stands on the page of the series."""
    page = await office.goes("/")
    await office.follows("通报一个月的数据")
    await office.sees("publish")
    await office.follows("长兴县")
    await office.sees("publish-cells")
    await office.presses("通报并锁定所选单元")
    await expect(page.locator("#outcomes [role=status]")).to_contain_text("已提交 1 项，全部入库", timeout=PATIENCE)
    await expect(page.locator("#outcomes tbody")).to_contain_text("已生效")
    await office.follows(REVENUE_NAME)
    await expect(page.locator("table.periods")).to_contain_text("2023年2月通报")


async def march_recovers(walk: Walk) -> None:
    """March on schedule: green at its verdict; the office finds both to review, and closes them."""
    await walk.day("2023-04-03", "09:00")
    await everybody_reports(walk, "2023-03", "300", "20")
    await walk.day("2023-04-07")
    office = await walk.somebody("office_director")
    for _ in range(2):
        page = await office.goes("/")
        waiting = page.locator(".card").filter(has=page.get_by_role("heading", name="待复核的督办单"))
        await waiting.get_by_role("link").first.click()
        await office.acts("review_passed", "复核通过，销号")
        await expect(page.locator(".head .state")).to_have_text("已销号")
    await office.goes("/")
    await expect(page.get_by_role("heading", name="待复核的督办单")).to_have_count(0)


async def the_apis_say_what_the_pages_said(walk: Walk) -> None:
    """Every ticket by id, level and state; every series by its value, its light and its light of record."""
    reader = await walk.somebody("leader")
    page = await reader.goes("/tickets?state=all")
    shown = await page.locator("table.list tbody tr").all()
    pages = {await _address(row): await row.inner_text() for row in shown}
    tickets = {f"/tickets/{each['ticket']}": each for each in walk.platform.items("alerts", "tickets")}
    assert pages.keys() == tickets.keys()
    assert len(pages) == 3
    for address, each in tickets.items():
        assert each["state"] == "CLOSED", each
        assert "已销号" in pages[address]
        assert each["level_text"]["zh"] in pages[address]
    lights = walk.platform.items("alerts", "lights")
    assert len(lights) == 5
    for light in lights:
        await _same_series(walk, await reader.goes(f"/items/{light['indicator']}/{light['district']}"), light)
        await fits(page)


async def _same_series(walk: Walk, page: Page, light: dict[str, Any]) -> None:
    """One series' page against its standings and its lights, period by period."""
    series = f"{light['indicator']}/{light['district']}"
    said = walk.platform.items("metrics", f"standings/{series}/history")
    judged = walk.platform.get("alerts", f"/v1/programmes/{PROGRAMME}/lights/{series}").json()["cells"]
    cells = {each["period"]: each for each in judged}
    assert await page.locator(".why > .light").get_attribute("class") == f"light {light['light']}"
    for each in said:
        row = page.locator("table.periods tbody tr").filter(has=page.locator(f'th:text-is("{each["period"]}")'))
        fields = row.locator("td")
        assert await fields.first.inner_text() == (each["value"] or "—"), (series, each["period"])
        for place, name in ((5, "live"), (6, "record")):
            colour = cells[each["period"]][name]
            lamps = await fields.nth(place).locator(".light").all()
            shown = [await lamp.get_attribute("class") for lamp in lamps]
            assert shown == ([f"light {colour} small"] if colour else []), (series, each["period"], name)


async def _address(row: Locator) -> str | None:
    return await row.get_by_role("link").first.get_attribute("href")
