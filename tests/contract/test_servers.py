"""What single servers can do for tests."""

from pathlib import Path

import pytest

from integrations.caldav.discovery import discover
from integrations.caldav.errors import Unreachable
from tests.contract.servers import Site, event
from tests.fakes.radicale_server import RadicaleServer
from tests.fakes.xandikos_server import XandikosServer


def test_a_kept_folder_is_there_again(tmp_path: Path) -> None:
    with RadicaleServer(tmp_path) as server:
        home = server.add_user("ben", "word")
        server.put(server.make_calendar(f"{home}work/", "Work") + "x.ics", event("x"))
        server.set_read_only(f"{home}work/")

    with RadicaleServer(tmp_path) as again:
        assert again.users == {"ben": "word"}
        assert again.has("/ben/work/x.ics")


def test_a_server_that_stops_and_comes_back_keeps_its_address(signed: Site) -> None:
    with signed.client() as client:
        before = discover(client)
        signed.server.stop_process()
        with pytest.raises(Unreachable):
            discover(client)
        signed.server.restart_process()
        assert discover(client) == before


def test_xandikos_starts_on_a_given_port(tmp_path: Path) -> None:
    with XandikosServer(str(tmp_path)) as server:
        port = server.port
    with XandikosServer(str(tmp_path), port=port) as again:
        assert again.url == f"http://127.0.0.1:{port}"
