"""One client's whole time."""

from time import monotonic

import pytest

from integrations.caldav.client import Client, Credentials, Limits, Server
from integrations.caldav.errors import NotFound, Reason, Unreachable
from tests.fakes.scripted import Reply, ScriptedServer


def test_the_time_of_all_calls_together_is_limited() -> None:
    slow = Reply(404, delay=0.6)
    with ScriptedServer(slow) as server:
        limits = Limits(request_seconds=5, total_seconds=1)
        client = Client(
            Server(server.origin, (server.origin,)), Credentials("a", "b"), limits=limits
        )
        began = monotonic()
        with client:
            with pytest.raises(NotFound):
                client.get("/a.ics")

            with pytest.raises(Unreachable) as late:
                client.get("/b.ics")

    assert late.value.reason is Reason.TIMEOUT
    assert monotonic() - began < 2
