"""The other side of the channels: a chat vendor's robot and a mail server, real ones on this machine."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
import uvicorn
from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.ports import free_ports
from tests.support.waiting import eventually

FINE = {"errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"}


class Chat:
    """A robot's address: notes what arrives and answers as it is told, by the number of the request."""

    def __init__(self) -> None:
        self.answers: Callable[[int], Response] = lambda _: JSONResponse(FINE)
        self.bodies: list[dict[str, Any]] = []
        self.queries: list[dict[str, str]] = []
        self.open = asyncio.Event()  # until then it answers nobody
        self.open.set()
        (self.port,) = free_ports(1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send?key=very-secret-key"

    @property
    def texts(self) -> list[str]:
        """What WeCom shows."""
        return [body["markdown"]["content"] for body in self.bodies]

    async def send(self, request: Request) -> Response:
        self.bodies.append(await request.json())
        self.queries.append(dict(request.query_params))
        number = len(self.bodies)
        await self.open.wait()
        return self.answers(number)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Chat"]:
        app = Starlette(routes=[Route("/send", self.send, methods=["POST"])])
        server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_config=None, lifespan="off"))
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]  # the loop is not ours
        serving = asyncio.create_task(server.serve())
        await eventually(lambda: server.started)
        try:
            yield self
        finally:
            self.open.set()
            server.should_exit = True
            await serving


@dataclass
class Post:
    """A mail server with STARTTLS and a password: keeps what it took, and refuses as it is told."""

    port: int
    ca: Path
    refuse: str | None = None  # an SMTP answer to every recipient
    mails: list[EmailMessage] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        """As the receivers' file names it."""
        who = {"username": "liangshai", "password": "open-sesame"}
        return {"host": "localhost", "port": self.port, "from": "liangshai@huzhou.example", "ca": str(self.ca), **who}

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse is not None:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.mails.append(found)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


@contextlib.asynccontextmanager
async def post_office(place: Path) -> AsyncIterator[Post]:
    """A mail server whose certificate a CA of its own has signed; `place` keeps the CA's."""
    (port,) = free_ports(1)
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    ca = place / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    post = Post(port, ca)

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"liangshai", b"open-sesame"), handled=False)

    controller = UnthreadedController(
        post,
        hostname="localhost",
        port=port,
        loop=asyncio.get_running_loop(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )
    server = await asyncio.get_running_loop().create_server(controller._factory_invoker, "localhost", port)
    try:
        yield post
    finally:
        server.close()
        await server.wait_closed()
