"""Which columns of which table show their values as a coloured word."""

from deploy.grafana.looking import COLOURS, LEVELS, LIGHT, LIGHTS, STATES

_STATE = {"状态 State": STATES}
_LEVEL = {"督办 Level": LEVELS}
AGES = {"陈旧 stale": ("▨ 陈旧 stale", "#4a5568"), "已结束 ended": ("▣ 已结束 ended", "#2d3748")}
ITEM_WORDS = {LIGHT: LIGHTS, "新旧 Age": AGES, **_LEVEL, **_STATE}
TICKET_WORDS = {**_LEVEL, **_STATE, LIGHT: COLOURS}
MESSAGE_WORDS = {LIGHT: COLOURS}
