"""How a project stands, in words with its numbers (rule 12)."""

from contracts.project_words import explanation
from tests.support.projects import listed, plan, progress, standing


def test_an_explanation_names_the_node_the_days_and_the_money() -> None:
    """What is due and done, which node is late since when, invested of planned, in all and this year."""
    found = standing(listed(), progress("2023-05", {"permit": None}, invested_total="1.5"))
    said = explanation(found, found.months[-1])
    assert said.zh == (
        "截至2023年5月31日，按计划应完成节点30分（共100分），实际完成0分；施工许可应于2023年3月31日完成而未完成，"
        "落后61天；累计完成投资1.5亿元，计划总投资12亿元（12.5%），其中本年1.5亿元，本年计划4亿元。"
    )
    assert said.en == (
        "By 2023-05-31: nodes worth 30 of 100 points were due and 0 are done; building permit was due on 2023-03-31 "
        "and is not done: 61 days behind; 1.5 of 12 (100 million CNY) invested (12.5 %), of it 1.5 of 4 planned for "
        "this year."
    )


def test_on_schedule_not_started_and_without_a_report() -> None:
    """What is not late is on schedule; a start that did not come is said; without a report nothing is judged."""
    on_time = standing(listed(), progress("2023-03", {"permit": "2023-03-20"}))
    idle = standing(listed(plan=plan(invest_total="0", invest_by_year={})), progress("2023-03", status="not_started"))
    assert "；按计划推进；" in explanation(on_time, on_time.months[-1]).zh
    assert explanation(idle, idle.months[-1]).zh.endswith("已连续2个月末；累计完成投资0亿元，计划总投资0亿元。")
    assert explanation(on_time, None).zh == "尚无月报，不作评判。"
