"""POST /v1/programmes/{programme}/trials: a rule tried on the recorded history, by the office; nothing is written."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import Problem, json_response
from services.alerts.api.access import Access
from services.alerts.api.bodies import body
from services.alerts.trial.sides import Trial, Unfit
from services.alerts.trial.trials import Busy, TooLong, Trials

_DECODER = msgspec.json.Decoder(Trial)


def routes(access: Access, trials: Trials) -> list[BaseRoute]:
    """The one route of trials."""

    async def tried(request: Request) -> Response:
        grant = access.callers.grant(request, "trial")
        access.programme(request)
        if access.series(grant) is not None:
            zh, en = "试行规则需要读取全部序列的权限", "a trial reads every series: the token does not reach them all"
            raise Problem(403, "not_authorised", zh, en)
        try:
            found = await trials(_DECODER.decode(await body(request)))
        except (msgspec.DecodeError, Unfit) as problem:
            zh, en = f"试行规则的内容有误：{problem}", f"the rules on trial do not fit: {problem}"
            raise Problem(422, "invalid_trial", zh, en) from None
        except Busy:
            raise Problem(409, "trial_running", "另一次试行正在进行，请稍后再试", "another trial is running") from None
        except TooLong:
            zh, en = "试行用时过长，请限定指标或区县", "the trial took too long: name an indicator or a district"
            raise Problem(422, "trial_too_long", zh, en) from None
        return json_response(found)

    return [Route("/v1/programmes/{programme}/trials", tried, methods=["POST"])]
