from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from integrations.caldav.client import Client, Credentials, Limits, Server
from tests.fakes.scripted import Reply, ScriptedServer
from tests.passwords import PASSWORD

Connect = Callable[..., Client]
Script = Callable[..., ScriptedServer]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def script(stack: ExitStack) -> Script:
    """Start a server that gives these replies in turn."""

    def start(*replies: Reply, **options: object) -> ScriptedServer:
        return stack.enter_context(ScriptedServer(*replies, **options))  # type: ignore[arg-type]

    return start


@pytest.fixture
def connect(stack: ExitStack) -> Connect:
    """Open a client to a server, allowed to go nowhere else unless told."""

    def open_client(url: str, *more: str, limits: Limits | None = None) -> Client:
        server = Server(url + "/", (url, *more))
        limits = limits or Limits(connect_seconds=2, request_seconds=5, max_bytes=1_000_000)
        who = Credentials("ana@icloud.test", PASSWORD)
        return stack.enter_context(Client(server, who, limits=limits))

    return open_client
