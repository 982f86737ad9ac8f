"""Connections to answers that a test writes down, for both faces of the client."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import httpx
import jwt
import pytest

from flowclient import ASyncConnection, Connection, _requests, async_client, client

URL = "https://flowapi.test"
Answer = httpx.Response | Exception


def token(**claims: Any) -> str:
    """Return a token with these claims; the client does not check signatures."""
    return jwt.encode(claims, "a key that is long enough for the algorithm", algorithm="HS256")


@dataclass
class Server:
    """Answers by path, one after another; the last is repeated."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)

    def on(self, path: str, *answers: Answer) -> None:
        """Set the answers of a path."""
        self.answers[path] = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        self.requests.append(request)
        answers = self.answers.get(request.url.path, [httpx.Response(404, text="<html>")])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def paths(self) -> list[str]:
        """Paths that were asked for."""
        return [request.url.path for request in self.requests]


@dataclass
class Face:
    """One face of the client: its functions, called as if they were synchronous."""

    name: str
    module: ModuleType
    connect: Callable[..., Connection | ASyncConnection]
    server: Server

    def connection(self, url: str = URL, **arguments: Any) -> Any:
        """Return a connection to the server."""
        arguments.setdefault("token", token(sub="analyst"))
        return self.connect(url=url, transport=httpx.MockTransport(self.server), **arguments)

    def finish(self, value: Any) -> Any:
        """Return a value that may have to be awaited."""

        async def wait() -> Any:
            return await value

        return asyncio.run(wait()) if inspect.isawaitable(value) else value

    def call(self, function: str, **arguments: Any) -> Any:
        """Call a function of this face's module."""
        arguments.setdefault("connection", self.connection())
        return self.finish(getattr(self.module, function)(**arguments))


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once what is tried again."""
    monkeypatch.setattr(_requests, "PAUSES", (0.001, 0.001))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture(params=["sync", "async"])
def face(request: pytest.FixtureRequest, server: Server) -> Face:
    if request.param == "sync":
        return Face("sync", client, Connection, server)
    return Face("async", async_client, ASyncConnection, server)


def ready(location: str = "/api/0/get/Q") -> httpx.Response:
    """Return the answer to a poll of a query that is ready."""
    return httpx.Response(303, json={"status": "completed"}, headers={"Location": location})


def running(eligible: int = 1, queued: int = 0, executing: int = 0) -> httpx.Response:
    """Return the answer to a poll of a query that runs."""
    progress = {"eligible": eligible, "queued": queued, "running": executing}
    return httpx.Response(202, json={"status": "executing", "msg": "", "progress": progress})


def accepted(query_id: str = "Q", prefix: str = "") -> httpx.Response:
    """Return the answer to a query that was accepted."""
    return httpx.Response(
        202,
        json={"query_id": query_id, "progress": {"eligible": 1, "queued": 0, "running": 0}},
        headers={"Location": f"{prefix}/api/0/poll/{query_id}"},
    )


def rows(*records: dict[str, Any]) -> httpx.Response:
    """Return a result."""
    return httpx.Response(200, json={"query_id": "Q", "query_result": list(records)})
