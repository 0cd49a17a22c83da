"""Feed messages made by hand (rule 9): a lag ticket of Deqing's, or what a test changes of it."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from contracts.feed_events import FeedMessage
from contracts.periods import SHANGHAI

SENT = datetime(2023, 7, 6, 9, tzinfo=SHANGHAI)  # a Thursday


def message(seq: int, *, after: float = 0, **changes: Any) -> FeedMessage:
    """Message `seq`, sent so many minutes after SENT."""
    sent = SENT + timedelta(minutes=after)
    plain = FeedMessage(
        seq=seq,
        message_id=f"00000000-0000-5000-8000-{seq:012}",
        msg_type="Alert",
        references=(),
        sent=sent,
        version="1",
        rule="lag",
        kind="ticket",
        ticket_id=f"00000000-0000-5000-9000-{seq:012}",
        notification_reason="first",
        group_key="district=deqing,period=2023-06",
        fingerprint=f"{seq:064x}",
        episode=1,
        severity="yellow",
        ticket_level=1,
        certainty="observed",
        starts_at=sent,
        ends_at=None,
        labels={
            "programme": "huzhou-2023-2027",
            "indicator": "major_projects_investment",
            "district": "deqing",
            "department": "agri_rural_bureau",
        },
        annotations={
            "summary_zh": f"德清县第{seq}项：2023年6月亮黄灯，立督办单（提醒）",
            "summary_en": f"Deqing, item {seq}: yellow light of record for 2023-06, ticket opened (reminder)",
            "lag_text_zh": "落后序时进度12.5个百分点",
            "lag_text_en": "12.5 points behind schedule",
        },
        inputs={"expected": "40.000", "actual": "30", "target": "80"},
        reason_code=None,
        period="2023-06",
        as_of=date(2023, 6, 30),
        data_cutoff=sent,
        links={"board": "http://boards/d/liangshai-district"},
    )
    return msgspec.structs.replace(plain, **changes)
