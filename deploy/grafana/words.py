"""Which columns of which table show their values as a coloured word."""

from deploy.grafana.looking import COLOURS, LEVELS, LIGHT, LIGHTS, STATES

_STATE = {"状态 State": STATES}
_LEVEL = {"督办 Level": LEVELS}
ITEM_WORDS = {LIGHT: LIGHTS, "新旧 Age": {"陈旧 stale": ("▨ 陈旧 stale", "#4a5568")}, **_LEVEL, **_STATE}
TICKET_WORDS = {**_LEVEL, **_STATE, LIGHT: COLOURS}
MESSAGE_WORDS = {LIGHT: COLOURS}
