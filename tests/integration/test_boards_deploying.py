"""Boards reach a running Grafana through its API, by uid, twice in the same way. Grafana here is a stand-in that notes
what it is asked: none can be had on this machine, and the README says so."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from deploy.grafana.deploying import NotDeployable, credential, deploy
from deploy.grafana.framing import DESK
from deploy.grafana.shelf import boards
from deploy.local.ports import free_ports
from tests.support.waiting import eventually

SOURCES = {"liangshai-prometheus", "liangshai-postgres"}


class StandIn:
    """As much of Grafana's HTTP API as deploying needs."""

    def __init__(self) -> None:
        self.sources = set(SOURCES)
        self.folders: dict[str, str] = {}
        self.boards: dict[str, dict[str, Any]] = {}
        self.logins: set[str] = set()
        (self.port,) = free_ports(1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def source(self, request: Request) -> JSONResponse:
        self.logins.add(request.headers["authorization"])
        uid = request.path_params["uid"]
        return JSONResponse({"uid": uid}) if uid in self.sources else JSONResponse({"message": "none"}, 404)

    async def folder(self, request: Request) -> JSONResponse:
        uid = request.path_params["uid"]
        return JSONResponse({"uid": uid}) if uid in self.folders else JSONResponse({"message": "none"}, 404)

    async def new_folder(self, request: Request) -> JSONResponse:
        asked = await request.json()
        self.folders[asked["uid"]] = asked["title"]
        return JSONResponse(asked)

    async def board(self, request: Request) -> JSONResponse:
        asked = await request.json()
        assert asked["overwrite"]
        assert asked["folderUid"] in self.folders
        board = asked["dashboard"]
        assert "id" not in board  # a number would tie it to one Grafana
        self.boards[board["uid"]] = board
        return JSONResponse({"uid": board["uid"], "url": f"/d/{board['uid']}/x", "status": "success"})

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["StandIn"]:
        routes = [
            Route("/api/datasources/uid/{uid}", self.source),
            Route("/api/folders/{uid}", self.folder),
            Route("/api/folders", self.new_folder, methods=["POST"]),
            Route("/api/dashboards/db", self.board, methods=["POST"]),
        ]
        config = uvicorn.Config(Starlette(routes=routes), port=self.port, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]  # not its loop
        serving = asyncio.create_task(server.serve())
        await eventually(lambda: server.started)
        try:
            yield self
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
async def grafana() -> AsyncIterator[StandIn]:
    """A Grafana with our two data sources and nothing else."""
    async with StandIn().running() as found:
        yield found


async def test_every_board_is_put_in_place_by_uid_and_again(grafana: StandIn) -> None:
    """All six in their folder; the second time replaces them and makes nothing twice."""
    for _ in range(2):
        addresses = await asyncio.to_thread(deploy, grafana.url, ("admin", "pw"), "https://desk.example")
        assert addresses == [f"{grafana.url}/d/{board.uid}/x" for board in boards()]
    assert list(grafana.folders) == ["liangshai"]
    assert set(grafana.boards) == {f"{board.uid}" for board in boards()}
    assert all("https://desk.example" in json.dumps(board) for board in grafana.boards.values())
    assert not any(DESK in json.dumps(board) for board in grafana.boards.values())
    assert grafana.logins == {"Basic " + base64.b64encode(b"admin:pw").decode()}


async def test_without_its_data_sources_nothing_is_deployed(grafana: StandIn) -> None:
    """Boards without data help nobody: the message says what to provision."""
    grafana.sources.remove("liangshai-postgres")
    with pytest.raises(NotDeployable, match="liangshai-postgres: provision"):
        await asyncio.to_thread(deploy, grafana.url, "token")
    assert grafana.boards == {}
    assert grafana.logins == {"Bearer token"}


def test_the_login_is_a_token_or_a_password() -> None:
    """From the environment; a missing one is named."""
    assert credential({"GRAFANA_TOKEN": "t", "GRAFANA_ADMIN_USER": "u"}) == "t"
    assert credential({"GRAFANA_ADMIN_USER": "u", "GRAFANA_ADMIN_PASSWORD": "p"}) == ("u", "p")
    with pytest.raises(KeyError, match="GRAFANA_ADMIN_USER"):
        credential({})
