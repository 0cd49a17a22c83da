"""How a project stands in one phrase, the same in every API, message and board (rule 12)."""

from contracts.events import Text
from contracts.project_events import Month, ProjectStanding


def lag_text(standing: ProjectStanding, month: Month | None) -> Text:
    """How far behind it is: 落后37天（主体封顶）; a start that did not come is said before it."""
    if month is None:
        return Text("尚无报送", "not reported yet")
    if month.unstarted_months:
        ends = month.unstarted_months
        said = f"not started at {ends} month end{'' if ends == 1 else 's'} since it was planned to"
        return Text(f"计划{_month(standing, month)}开工，至今未开工，已连续{ends}个月末", said)
    if month.lag_days == 0:
        return Text("按计划推进", "on schedule")
    node = next((n for n in standing.plan_at(month.end).nodes if n.id == month.late_node), None)
    named = Text("", "") if node is None else Text(f"（{node.name.zh}）", f" ({node.name.en})")
    return Text(f"落后{month.lag_days}天{named.zh}", f"{month.lag_days} days behind{named.en}")


def _month(standing: ProjectStanding, month: Month) -> str:
    year, number = standing.plan_at(month.end).starts_in.split("-")
    return f"{year}年{int(number)}月"
