"""What intake objects to in a statement about major projects (rule 12): Chinese and English by code."""

VALIDATING = {
    "invalid_project": (
        "项目编号“{project}”应为小写字母开头的字母、数字和下划线(2-64 位)，且不与指标重名",
        "a project's id '{project}' is 2 to 64 lower-case letters, digits and underscores, and no indicator's",
    ),
    "not_fed_by_projects": (
        "指标“{name}”({indicator})不由重大项目汇总，不能挂钩",
        "{indicator} is not made of projects: no project feeds it",
    ),
    "unknown_list": ("没有清单“{list}”；现有：{known}", "no list '{list}'; there are: {known}"),
    "unknown_department": ("没有单位“{department}”", "no department or district '{department}'"),
    "act_incomplete": ("清单变动“{act}”{wanted_zh}", "the list act '{act}' {wanted}"),
    "weights_not_100": (
        "节点权重合计应为 100，现为 {sum}(每个节点权重须大于 0)",
        "the weights of the nodes add up to {sum}, not to 100 (each is above 0)",
    ),
    "invalid_amount": (
        "“{field}”应为不小于 0 的十进制字符串，如 3.25",
        "'{field}' is a decimal string of 0 or more, such as 3.25",
    ),
    "invalid_month": ("“{field}”应为月份 YYYY-MM，如 2023-06", "'{field}' is a month, YYYY-MM: 2023-06"),
    "date_out_of_range": (
        "“{field}”应在 {first} 至 {last} 之间",
        "'{field}' lies between {first} and {last}",
    ),
    "duplicate_entry": ("“{field}”中“{id}”重复", "'{id}' stands twice in '{field}'"),
    "evidence_missing": ("触碰红线须说明情况并附佐证", "a red line is raised with a text and evidence"),
    "subject_missing": (
        "请填写 project 或 indicator 之一",
        "name one of project and indicator, and not both",
    ),
}

AUTHORISING = {
    "not_authorised_for_act": (
        "此令牌无权进行此操作，需要 {kinds} 权限",
        "this token may not say this; it needs one of: {kinds}",
    ),
    "not_authorised_for_place": (
        "此令牌无权为“{district}”填报",
        "this token may not speak for '{district}'",
    ),
    "not_authorised_for_task": (
        "此令牌不能就“{district}”的“{indicator}”提出触碰红线；由 {units} 或专班办公室提出",
        "this token may not raise a red line on '{indicator}' for '{district}': {units} or the office does",
    ),
}
