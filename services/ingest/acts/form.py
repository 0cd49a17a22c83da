"""How acts are read, and which of their texts cannot be kept (step `decoding`)."""

from typing import get_args

import msgspec

from contracts.acts import Act, ActKind
from contracts.objections import Objection
from contracts.submission import ACT_FIELDS, ACT_TYPE, MAX_NAME, SubmittedAct
from services.ingest.envelope import Form, unkept, wrong_name, wrong_text


def _unkeepable(act: Act) -> Objection | None:
    for field, text in (("reason", act.reason), ("publication", act.publication)):
        if text is not None and wrong_text(text):
            return unkept(field, f"/data/{field}")
    if act.report is not None:
        for field, text in (("source", act.report.source), ("id", act.report.id)):
            if wrong_name(text):
                return unkept(field, f"/data/report/{field}", 1, MAX_NAME)
    return None


def _choices(field: str) -> tuple[str, ...]:
    return get_args(ActKind) if field == "act" else ()


ACTS = Form(msgspec.json.Decoder(SubmittedAct), {ACT_TYPE: ACT_FIELDS}, _unkeepable, _choices)
