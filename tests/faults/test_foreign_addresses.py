"""Faults 30 and 31: a server that points elsewhere, and one that cannot prove who it is."""

import ssl
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from integrations.caldav.errors import Reason
from integrations.models import Connection
from integrations.services.connecting import connect
from integrations.services.proving import FOREIGN, WORDS, NotProved
from tests.conftest import Tenant
from tests.fakes.icloud import ICloudServer, Misdeed
from tests.fakes.icloud.faults import EVER, redirecting
from tests.fakes.scripted import Reply, ScriptedServer
from tests.faults.play import Play
from tests.integrations.caldav.test_client import self_signed
from tests.passwords import PASSWORD

__all__ = ["self_signed"]

CLIENT = "integrations.caldav.client"
PLACES = [
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1:9/",
    "https://127.0.0.1/",
    "http://[::1]/",
    "http://0.0.0.0/",
    "http://icloud.com.example.test/",
    "http://user@127.0.0.1:9/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/",
    "//169.254.169.254/",
    "http://127.0.0.1 :9/",
]


@pytest.fixture
def elsewhere() -> Iterator[ScriptedServer]:
    """A server on this machine that nobody has any business with."""
    with ScriptedServer(Reply(200, b"caught")) as server:
        yield server


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_fault_30_a_redirect_elsewhere_takes_no_password_there(
    play: Play, elsewhere: ScriptedServer, status: int, nth: int
) -> None:
    play.they_put("known", 9)
    play.sync()
    play.they_put("new", 11)
    play.icloud.faults.add(redirecting(f"{elsewhere.origin}/x/", status=status), nth=nth)

    play.sync()

    assert elsewhere.asked == []
    assert play.blocked()[:1] == [9]
    play.settle()
    assert play.blocked() == [9, 11]


@pytest.mark.parametrize("place", PLACES)
def test_fault_30_no_redirect_leads_to_such_a_place(
    play: Play, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    play.they_put("known", 9)
    play.sync()
    play.icloud.faults.add(redirecting(place), times=EVER)
    play.icloud.clear()
    caplog.clear()

    play.sync()

    assert len(play.icloud.requests) == 1
    assert play.state[0] == "connected"
    assert play.state[1] != ""
    assert play.blocked() == [9]
    assert [record.message for record in caplog.records if record.name == CLIENT] == [
        "A calendar server redirected to an address that is not allowed."
    ]


def test_fault_30_a_write_is_not_led_elsewhere(play: Play, elsewhere: ScriptedServer) -> None:
    play.icloud.faults.add(redirecting(f"{elsewhere.origin}/x/"), method="PUT")
    play.book(10)

    play.deliver()

    assert (elsewhere.asked, play.ours()) == ([], {})
    play.settle()
    play.check()


@pytest.mark.parametrize("step", [1, 2])
def test_fault_30_discovery_is_not_led_elsewhere(
    tenant: Tenant, icloud: ICloudServer, elsewhere: ScriptedServer, step: int
) -> None:
    icloud.add_user("ana@icloud.test", PASSWORD)
    tag = ("current-user-principal", 'calendar-home-set xmlns="urn:ietf:params:xml:ns:caldav"')
    name = tag[step - 1]
    href = f'<href xmlns="DAV:">{elsewhere.origin}/1/x/</href>'
    body = (
        f'<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop><{name}>{href}'
        f"</{name.split()[0]}></prop><status>HTTP/1.1 200 OK</status></propstat></response>"
        "</multistatus>"
    )
    icloud.faults.add(Misdeed(207, {"Content-Type": "text/xml"}, body.encode()), nth=step)

    with pytest.raises(NotProved) as caught:
        join(tenant.owner, tenant)

    assert str(caught.value) == FOREIGN
    assert elsewhere.asked == []
    assert not Connection.objects.exists()


def test_fault_30_events_placed_on_another_host_are_left_out(
    play: Play, elsewhere: ScriptedServer
) -> None:
    play.they_put("known", 9)
    body = (
        f'<multistatus xmlns="DAV:"><response><href>{elsewhere.origin}{play.work}x.ics</href>'
        '<propstat><prop><getetag>"1"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat>'
        "</response><sync-token>t</sync-token></multistatus>"
    )
    misdeed = Misdeed(207, {"Content-Type": "text/xml"}, body.encode())
    play.icloud.faults.add(misdeed, containing="sync-collection")

    play.sync()
    play.settle()

    assert elsewhere.asked == []
    assert not any("x.ics" in path for _, path in play.icloud.requests)


# 31


def test_fault_31_a_server_that_cannot_prove_who_it_is_gets_no_password(
    tenant: Tenant,
    settings: Settings,
    self_signed: ssl.SSLContext,
) -> None:
    with ScriptedServer(Reply(200), tls=self_signed) as server:
        settings.ICLOUD_CALDAV_URL = f"{server.origin}/"
        settings.CALDAV_ALLOWED_HOSTS = [server.origin]

        with pytest.raises(NotProved) as caught:
            join(tenant.owner, tenant)

        assert server.asked == []
    assert str(caught.value) == WORDS[Reason.TLS]


def test_fault_31_a_connection_whose_server_cannot_prove_itself_any_more_keeps_all(
    play: Play,
    settings: Settings,
    self_signed: ssl.SSLContext,
) -> None:
    play.they_put("known", 9)
    play.sync()
    with ScriptedServer(Reply(200), tls=self_signed) as server:
        settings.ICLOUD_CALDAV_URL = f"{server.origin}/"
        settings.CALDAV_ALLOWED_HOSTS = [server.origin]

        play.sync()

        assert server.asked == []
    assert play.state == ("connected", "unreachable")
    assert (play.blocked(), play.offered(9)) == ([9], False)


def join(user: User, tenant: Tenant) -> Connection:
    return connect(
        user=user,
        sub_account=tenant.sub_account,
        apple_id="ana@icloud.test",
        password=PASSWORD,
    )
