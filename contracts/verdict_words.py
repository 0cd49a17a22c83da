"""What verdicts, outcomes and acts are called: in the terminal, the workbook that goes back, the desk (rule 2.6)."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.events import Text

STATUSES: Mapping[str, Text] = MappingProxyType(
    {
        "accepted": Text("已接收", "accepted"),
        "duplicate": Text("重复", "duplicate"),
        "rejected": Text("退回", "rejected"),
        "failed": Text("失败", "failed"),
        "aborted": Text("中止", "aborted"),
    }
)
OUTCOMES: Mapping[str, Text] = MappingProxyType(
    {
        "applied": Text("已入库", "applied"),
        "unchanged": Text("数值未变", "unchanged"),
        "duplicate": Text("重复", "duplicate"),
        "superseded": Text("已被新修订取代", "superseded"),
        "revision_conflict": Text("同一修订号数值冲突", "revision conflict"),
        "id_conflict": Text("编号冲突", "id conflict"),
        "held_for_approval": Text("待专班办公室审批", "held for approval"),
        "returned": Text("审批退回", "returned"),
        "refused": Text("未入库", "refused"),
    }
)
ACTS: Mapping[str, Text] = MappingProxyType(  # of the office and of writers (contracts/acts.py)
    {
        "report.approved": Text("批准锁定后的报送", "held report approved"),
        "report.returned": Text("退回锁定后的报送", "held report returned"),
        "cell.excused": Text("免报", "cell excused"),
        "cell.unexcused": Text("取消免报", "excuse ended"),
        "flag.commented": Text("说明质量标记", "quality flag explained"),
        "cell.published": Text("通报", "published"),
    }
)
ACT_OUTCOMES: Mapping[str, Text] = MappingProxyType(
    {
        "applied": Text("已生效", "done"),
        "unchanged": Text("无需变动", "nothing was left to do"),
        "duplicate": Text("重复", "duplicate"),
        "id_conflict": Text("编号冲突", "id conflict"),
        "refused": Text("未生效", "not done"),
    }
)
REMEDIES: Mapping[str, Text] = MappingProxyType(  # of outcomes, by their code or their kind
    {
        "revision_conflict": Text(
            "该单元同一修订号已有不同数值；核对后以更高的修订号重报，并写更正说明",
            "this cell has another value under this revision; check it and send a higher revision with the reason",
        ),
        "id_conflict": Text("同一编号报送过其他内容；请更换编号", "this id was used for something else; use another"),
        "superseded": Text("已有更高修订号的数值，以其为准", "a higher revision is there and holds"),
        "held_for_approval": Text("锁定后的报送，办公室批准后生效", "sent after the lock: it counts once approved"),
        "returned": Text("办公室未批准；请联系专班办公室", "the office did not approve it; ask the office"),
        "period_locked": Text(
            "该报告期已锁定；请填写更正说明后重报，由办公室审批",
            "the period is locked; send it again with the reason, and the office decides",
        ),
        "outside_life": Text("该指标此期不再报送", "this indicator is not reported for that period"),
    }
)
PASSED_OVER: Mapping[str, Text] = MappingProxyType(
    {
        "not_filled_in": Text("未填，未报送", "not filled in, not sent"),
        "total": Text("合计行，不读取", "a total, not read"),
        "note": Text("说明行，不读取", "a note, not read"),
        "heading_again": Text("重复的表头，不读取", "the heading again, not read"),
    }
)
NOT_TAKEN = frozenset({"rejected", "failed", "aborted", "revision_conflict", "id_conflict", "returned", "refused"})
WAITING = frozenset({"held_for_approval", "superseded"})
