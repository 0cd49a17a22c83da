"""Puts boards and their folder into a running Grafana by uid, through its API.

With grafana-client: grafana-api, its ancestor, stopped in 2020 and cannot address data sources by uid.
"""

import contextlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaClientError

from deploy.grafana.asking import POSTGRES_UID, PROMETHEUS_UID
from deploy.grafana.framing import DESK
from deploy.grafana.shelf import boards, written

FOLDER = ("liangshai", "亮晒 liangshai")


class NotDeployable(Exception):
    """Grafana lacks what the boards need; the message says what to do."""


def credential(environment: Mapping[str, str]) -> Any:
    """A service account's token, or a name and a password."""
    token = environment.get("GRAFANA_TOKEN")
    return token or (environment["GRAFANA_ADMIN_USER"], environment["GRAFANA_ADMIN_PASSWORD"])


def deploy(url: str, login: Any, desk: str = DESK) -> list[str]:
    """Put every board in place and return their addresses; what stands there under their uids is replaced. `desk`: how
    browsers reach the pages of officials, to which the rows lead."""
    grafana = GrafanaApi.from_url(url, credential=login)
    with contextlib.closing(grafana.client.s):  # the session: the client has no close of its own
        _require_sources(grafana)
        _folder(grafana)
        return [
            f"{url.rstrip('/')}{_put(grafana, json.loads(written(board).replace(DESK, desk)))}" for board in boards()
        ]


def _require_sources(grafana: Any) -> None:
    missing = [uid for uid in (PROMETHEUS_UID, POSTGRES_UID) if not _exists(grafana, uid)]
    if missing:
        raise NotDeployable(f"no data source has the uid {' or '.join(missing)}: provision deploy/grafana/provisioning")


def _exists(grafana: Any, uid: str) -> bool:
    try:
        grafana.datasource.get_datasource_by_uid(uid)
    except GrafanaClientError as error:
        if error.status_code == 404:
            return False
        raise
    return True


def _folder(grafana: Any) -> None:
    uid, title = FOLDER
    try:
        grafana.folder.get_folder(uid)
    except GrafanaClientError as error:
        if error.status_code != 404:
            raise
        grafana.folder.create_folder(title, uid)


def _put(grafana: Any, board: dict[str, Any]) -> str:
    change = {"dashboard": board, "folderUid": FOLDER[0], "overwrite": True, "message": "liangshai boards as code"}
    return str(urlsplit(grafana.dashboard.update_dashboard(change)["url"]).path)
