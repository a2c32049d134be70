"""The client against a server that misbehaves on purpose, over a real socket."""

import gzip
import io
import logging
import socket
import ssl
import threading
import time
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from integrations.caldav.client import Client, Credentials, Limits, Server
from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    PreconditionFailed,
    Reason,
    RefusedAddress,
    Throttled,
    UidConflict,
    Unauthorized,
    Unreachable,
)
from integrations.caldav.requests import ETAG
from tests.fakes.scripted import Reply, ScriptedServer
from tests.integrations.caldav.conftest import Connect, Script
from tests.passwords import PASSWORD

SIGNED = "Basic " + b64encode(f"ana@icloud.test:{PASSWORD}".encode()).decode()
EMPTY = b'<multistatus xmlns="DAV:"/>'
GOOD = Reply(207, EMPTY)
ICS = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
HTML = {"Content-Type": "text/html"}


def reason(client: Client) -> Reason:
    """Ask for something and say why it did not work."""
    with pytest.raises(Unreachable) as caught:
        client.propfind("/", ETAG, depth=0)
    return caught.value.reason


def failure(call: Callable[[], object]) -> CalDAVError | None:
    try:
        call()
    except CalDAVError as error:
        return error
    return None


# What is sent.


def test_one_call_is_one_signed_request(script: Script, connect: Connect) -> None:
    server = script(GOOD)
    client = connect(server.origin)

    client.propfind("/1/calendars/", ETAG, depth=1)

    [asked] = server.asked
    assert (asked.method, asked.target, asked.body) == ("PROPFIND", "/1/calendars/", ETAG)
    assert asked.headers["authorization"] == SIGNED
    assert asked.headers["depth"] == "1"
    assert asked.headers["content-type"] == "application/xml; charset=utf-8"
    assert asked.headers["user-agent"].startswith("Daybook/")
    assert asked.headers["accept-encoding"] == "gzip"
    assert (client.requests, client.received) == (1, len(EMPTY))


def test_a_password_outside_ascii_is_sent_as_utf_8(script: Script) -> None:
    server = script(GOOD)
    who = Credentials("ana", "schön")

    with Client(Server(server.origin, (server.origin,)), who) as client:
        client.propfind("/", ETAG, depth=0)

    expected = b64encode("ana:schön".encode()).decode()
    assert server.asked[0].headers["authorization"] == f"Basic {expected}"


@pytest.mark.parametrize(
    "href",
    [
        "/1/work/a%40b.ics",
        "/1/work/a@b.ics",
        "/1/work/a%2Fb.ics",
        "/1/work/a%20b%2B+.ics",
        "/1/work/%C3%A4.ics",
        "/1/work/a:b;c,d=e&f!g$h'i(j)*~.ics",
    ],
)
def test_an_href_goes_out_exactly_as_it_came(script: Script, connect: Connect, href: str) -> None:
    server = script(Reply(200, ICS.encode()), Reply(204), Reply(204), Reply(207, EMPTY), Reply(204))
    client = connect(server.origin)

    resource = client.get(href)
    client.put(href, ICS, etag='"1"')
    client.delete(href, etag='"2"')
    client.propfind(href, ETAG, depth=0)

    assert [asked.target for asked in server.asked] == [href] * 4
    assert resource.href == href


def test_a_new_event_is_put_on_condition_that_there_is_none(
    script: Script, connect: Connect
) -> None:
    server = script(Reply(201, headers={"ETag": '"1"'}))

    etag = connect(server.origin).put("/1/work/x.ics", ICS, create=True)

    [asked] = server.asked
    assert etag == '"1"'
    assert asked.headers["if-none-match"] == "*"
    assert "if-match" not in asked.headers
    assert asked.headers["content-type"] == "text/calendar; charset=utf-8"
    assert asked.body == ICS.encode()


def test_a_changed_event_is_put_over_the_version_it_was_made_from(
    script: Script, connect: Connect
) -> None:
    server = script(Reply(204, headers={"ETag": 'W/"2"'}))

    etag = connect(server.origin).put("/1/work/x.ics", ICS, etag='"1"')

    assert etag is None
    assert server.asked[0].headers["if-match"] == '"1"'
    assert "if-none-match" not in server.asked[0].headers


@pytest.mark.parametrize("options", [{}, {"etag": ""}, {"create": True, "etag": '"1"'}])
def test_a_put_without_one_clear_condition_is_never_sent(
    script: Script, connect: Connect, options: dict[str, bool | str]
) -> None:
    server = script(Reply(204))

    with pytest.raises(ValueError, match="PUT"):
        connect(server.origin).put("/1/work/x.ics", ICS, **options)  # type: ignore[arg-type]

    assert server.asked == []


def test_a_delete_names_the_version_and_no_depth(script: Script, connect: Connect) -> None:
    server = script(Reply(204))

    connect(server.origin).delete("/1/work/x.ics", etag='"1"')

    [asked] = server.asked
    assert (asked.method, asked.headers["if-match"]) == ("DELETE", '"1"')
    assert "depth" not in asked.headers


@pytest.mark.parametrize(
    "href",
    ["/1/work/", "/1/work", "/1/work/x.ics/", "/1/work/#x.ics", "/1/work/?x.ics", "/1/../x.ics"],
)
def test_a_delete_of_anything_but_an_event_is_never_sent(
    script: Script, connect: Connect, href: str
) -> None:
    server = script(Reply(204))

    with pytest.raises(RefusedAddress):
        connect(server.origin).delete(href, etag='"1"')

    assert server.asked == []


def test_a_delete_without_version_is_never_sent(script: Script, connect: Connect) -> None:
    server = script(Reply(204))

    with pytest.raises(ValueError, match="DELETE"):
        connect(server.origin).delete("/1/work/x.ics", etag="")

    assert server.asked == []


def test_the_environment_has_no_say(
    script: Script, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = script(GOOD)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.origin)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    assert reason(connect("http://no-such-host.invalid:80")) is Reason.CONNECTION

    assert proxy.asked == []


def test_cookies_are_not_kept(script: Script, connect: Connect) -> None:
    server = script(Reply(207, EMPTY, {"Set-Cookie": "session=1; Path=/"}), GOOD)
    client = connect(server.origin)

    client.propfind("/", ETAG, depth=0)
    client.propfind("/", ETAG, depth=0)

    assert "cookie" not in server.asked[1].headers


def test_a_server_outside_the_allowed_hosts_is_not_even_connected_to() -> None:
    with pytest.raises(RefusedAddress):
        Client(Server("http://169.254.169.254/", (".icloud.com",)), Credentials("a", "b"))


# Answers that are no answer.


def test_a_wrong_password_is_told_apart_and_asked_once(script: Script, connect: Connect) -> None:
    server = script(Reply(401, headers={"WWW-Authenticate": 'Basic realm="x", Digest realm="y"'}))

    with pytest.raises(Unauthorized):
        connect(server.origin).propfind("/", ETAG, depth=0)

    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html><body>Sign in to the Wi-Fi</body></html>", HTML),
        Reply(207, b"<html><body>Sign in to the Wi-Fi</body></html>", HTML),
        Reply(200, EMPTY),
        Reply(207, b""),
        Reply(207, b'<prop xmlns="DAV:"/>'),
        Reply(207, b'<multistatus xmlns="DAV:"><response><href>/1/x.ics</hr'),
        Reply(207, b'<multistatus xmlns="DAV:"><response><href>/1/x.ics</href>'),
        Reply(204),
        Reply(302, headers={}),
    ],
)
def test_anything_but_a_whole_multistatus_is_not_caldav(
    script: Script, connect: Connect, reply: Reply
) -> None:
    assert reason(connect(script(reply).origin)) is Reason.NOT_CALDAV


@pytest.mark.parametrize("reply", [Reply(200, b"<html>", HTML), Reply(200, b"hello"), Reply(204)])
def test_a_get_that_gives_no_calendar_is_not_caldav(
    script: Script, connect: Connect, reply: Reply
) -> None:
    with pytest.raises(Unreachable) as caught:
        connect(script(reply).origin).get("/1/work/x.ics")

    assert caught.value.reason is Reason.NOT_CALDAV


def test_a_login_page_does_not_count_as_written(script: Script, connect: Connect) -> None:
    client = connect(script(Reply(200, b"<html>", HTML)).origin)

    with pytest.raises(Unreachable):
        client.put("/1/work/x.ics", ICS, create=True)
    with pytest.raises(Unreachable):
        client.delete("/1/work/x.ics", etag='"1"')


@pytest.mark.parametrize("status", [500, 502, 504])
def test_an_error_of_the_server_is_an_outage(script: Script, connect: Connect, status: int) -> None:
    assert reason(connect(script(Reply(status)).origin)) is Reason.SERVER_ERROR


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_is_read_in_seconds(script: Script, connect: Connect, status: int) -> None:
    server = script(Reply(status, headers={"Retry-After": "7"}))

    with pytest.raises(Throttled) as caught:
        connect(server.origin).propfind("/", ETAG, depth=0)

    assert (caught.value.status, caught.value.retry_after) == (status, 7.0)
    assert len(server.asked) == 1


def test_a_pause_is_read_as_a_date(script: Script, connect: Connect) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)

    with pytest.raises(Throttled) as caught:
        connect(script(Reply(503, headers={"Retry-After": at})).origin).propfind("/", ETAG, depth=0)

    assert caught.value.retry_after is not None
    assert 50 < caught.value.retry_after <= 60


def test_a_pause_without_length_is_still_a_pause(script: Script, connect: Connect) -> None:
    with pytest.raises(Throttled) as caught:
        connect(script(Reply(503)).origin).propfind("/", ETAG, depth=0)

    assert caught.value.retry_after is None


def test_a_412_means_changed_only_where_there_was_a_condition(
    script: Script, connect: Connect
) -> None:
    client = connect(script(Reply(412)).origin)

    with pytest.raises(PreconditionFailed):
        client.put("/1/work/x.ics", ICS, create=True)
    with pytest.raises(PreconditionFailed):
        client.delete("/1/work/x.ics", etag='"1"')
    with pytest.raises(CalDAVError) as caught:
        client.report("/1/work/", ETAG)
    assert not isinstance(caught.value, PreconditionFailed)


def test_a_uid_in_use_is_told_apart(script: Script, connect: Connect) -> None:
    body = b'<error xmlns="DAV:"><no-uid-conflict xmlns="urn:ietf:params:xml:ns:caldav"/></error>'

    with pytest.raises(UidConflict):
        connect(script(Reply(403, body)).origin).put("/1/work/x.ics", ICS, create=True)


# Time.


QUICK = Limits(connect_seconds=0.5, request_seconds=0.6, max_bytes=1_000_000)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(207, EMPTY, delay=5),
        Reply(207, EMPTY, drip=0.05),
        Reply(207, EMPTY, drip_body=0.1),
        Reply(207, EMPTY, length=10_000),
    ],
    ids=["hangs", "drips its head", "drips its body", "never ends"],
)
def test_the_deadline_holds_however_slow_the_answer(
    script: Script, connect: Connect, reply: Reply
) -> None:
    client = connect(script(reply).origin, limits=QUICK)
    started = time.monotonic()

    assert reason(client) is Reason.TIMEOUT
    assert time.monotonic() - started < 1.2


def test_the_deadline_holds_over_redirects(script: Script, connect: Connect) -> None:
    server = script(Reply(302, headers={"Location": "/"}, delay=0.25))
    started = time.monotonic()

    assert reason(connect(server.origin, limits=QUICK)) is Reason.TIMEOUT
    assert time.monotonic() - started < 1.2


def test_a_client_works_again_after_a_deadline(script: Script, connect: Connect) -> None:
    server = script(Reply(207, EMPTY, delay=2), GOOD)
    client = connect(server.origin, limits=QUICK)

    assert reason(client) is Reason.TIMEOUT
    assert client.propfind("/", ETAG, depth=0).items == ()


def test_a_tls_handshake_that_hangs_meets_the_deadline(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = f"https://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()

        assert reason(connect(origin, limits=QUICK)) is Reason.TIMEOUT
        assert time.monotonic() - started < 1.2


# Size.


def test_an_announced_length_over_the_limit_is_not_read(script: Script, connect: Connect) -> None:
    client = connect(script(Reply(207, b"<", length=10**9)).origin)

    assert reason(client) is Reason.TOO_LARGE
    assert client.received == 0


def test_an_endless_body_is_dropped_at_the_limit(script: Script, connect: Connect) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    client = connect(script(Reply(207, chunks=endless)).origin)

    assert reason(client) is Reason.TOO_LARGE
    assert client.received < 2_000_000


def test_an_endless_redirect_is_dropped_at_the_limit(script: Script, connect: Connect) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    client = connect(script(Reply(302, headers={"Location": "/"}, chunks=endless)).origin)

    assert reason(client) is Reason.TOO_LARGE
    assert client.received < 2_000_000


def test_a_gzip_bomb_is_dropped_at_the_limit(script: Script, connect: Connect) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as bomb:
        for _ in range(200):
            bomb.write(b"\0" * 1_000_000)
    server = script(Reply(207, packed.getvalue(), {"Content-Encoding": "gzip"}))
    started = time.monotonic()

    assert reason(connect(server.origin)) is Reason.TOO_LARGE
    assert time.monotonic() - started < 1


def test_a_compressed_answer_is_read_and_counted_as_it_came(
    script: Script, connect: Connect
) -> None:
    packed = gzip.compress(EMPTY)
    client = connect(script(Reply(207, packed, {"Content-Encoding": "gzip"})).origin)

    assert client.propfind("/", ETAG, depth=0).items == ()
    assert client.received == len(packed)


# Connections.


def test_a_refused_connection_is_told_apart(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    assert reason(connect(f"http://127.0.0.1:{port}")) is Reason.CONNECTION


def test_a_name_that_does_not_exist_is_told_apart(connect: Connect) -> None:
    assert reason(connect("http://no-such-host.invalid:80")) is Reason.CONNECTION


@pytest.mark.parametrize(
    "reply", [Reply(reset="after"), Reply(207, EMPTY, cut=5), Reply(207, EMPTY, cut=0)]
)
def test_a_broken_connection_is_told_apart(script: Script, connect: Connect, reply: Reply) -> None:
    assert reason(connect(script(reply).origin)) is Reason.CONNECTION


def test_a_connection_is_used_again(script: Script, connect: Connect) -> None:
    server = script(GOOD)
    client = connect(server.origin)

    for _ in range(3):
        client.propfind("/", ETAG, depth=0)

    assert server.connections == 1


def test_a_read_is_sent_again_where_the_kept_connection_was_closed(
    script: Script, connect: Connect
) -> None:
    server = script(GOOD, Reply(reset="after"), GOOD)
    client = connect(server.origin)

    client.propfind("/", ETAG, depth=0)
    client.propfind("/", ETAG, depth=0)

    assert (len(server.asked), client.requests, server.connections) == (3, 3, 2)


def test_a_read_is_sent_again_once_only(script: Script, connect: Connect) -> None:
    server = script(GOOD, Reply(reset="after"))
    client = connect(server.origin)
    client.propfind("/", ETAG, depth=0)

    assert reason(client) is Reason.CONNECTION
    assert len(server.asked) == 3


def test_a_write_is_never_sent_again(script: Script, connect: Connect) -> None:
    server = script(GOOD, Reply(reset="after"), Reply(201))
    client = connect(server.origin)
    client.propfind("/", ETAG, depth=0)

    with pytest.raises(Unreachable) as caught:
        client.put("/1/work/x.ics", ICS, create=True)

    assert caught.value.reason is Reason.CONNECTION
    assert [asked.method for asked in server.asked] == ["PROPFIND", "PUT"]


def test_a_closed_idle_connection_is_replaced(script: Script, connect: Connect) -> None:
    server = script(Reply(207, EMPTY, close=True))
    client = connect(server.origin)

    client.propfind("/", ETAG, depth=0)
    time.sleep(0.05)
    client.propfind("/", ETAG, depth=0)

    assert len(server.asked) == 2


def test_a_closed_client_says_no_more(script: Script, connect: Connect) -> None:
    server = script(GOOD)
    client = connect(server.origin)
    client.propfind("/", ETAG, depth=0)

    client.close()

    assert reason(client) is Reason.CONNECTION
    assert len(server.asked) == 1


def test_a_closed_client_leaves_no_connection_and_no_thread(
    script: Script, connect: Connect
) -> None:
    server = script(GOOD)
    before = threading.active_count()

    with connect(server.origin) as client:
        client.propfind("/", ETAG, depth=0)

    until = time.monotonic() + 2
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before


# Redirects.


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_keeps_method_body_and_credentials(
    script: Script, connect: Connect, status: int
) -> None:
    server = script(Reply(status, headers={"Location": "/elsewhere/"}), GOOD)
    client = connect(server.origin)

    client.propfind("/", ETAG, depth=1)

    first, second = server.asked
    assert second.target == "/elsewhere/"
    assert (second.method, second.body, second.headers["depth"]) == ("PROPFIND", ETAG, "1")
    assert second.headers["authorization"] == first.headers["authorization"] == SIGNED
    assert client.requests == 2


def test_a_redirect_to_another_allowed_host_carries_the_credentials(
    script: Script, connect: Connect
) -> None:
    shard = script(GOOD)
    edge = script(Reply(301, headers={"Location": f"{shard.origin}/1/"}))

    connect(edge.origin, shard.origin).propfind("/1/", ETAG, depth=0)

    assert [asked.headers["authorization"] for asked in shard.asked] == [SIGNED]


def test_a_redirect_to_another_port_is_refused_and_gets_nothing(
    script: Script, connect: Connect
) -> None:
    thief = script(GOOD)
    server = script(Reply(302, headers={"Location": f"{thief.origin}/"}))

    with pytest.raises(RefusedAddress):
        connect(server.origin).propfind("/", ETAG, depth=0)

    assert (thief.connections, thief.asked) == (0, [])


@pytest.mark.parametrize(
    "location",
    [
        "//169.254.169.254/",
        "http://169.254.169.254/latest/meta-data/",
        "https://evil.icloud.com.attacker.com/",
        "https://caldav.icloud.com@attacker.com/",
        "https://caldav.icloud.com:8443/",
        "http://caldav.icloud.com/",
        "file:///etc/passwd",
        "https://[",
    ],
)
def test_a_redirect_elsewhere_is_refused(
    script: Script, connect: Connect, location: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = script(Reply(302, headers={"Location": location}))
    client = connect(server.origin, ".icloud.com")

    with pytest.raises(RefusedAddress):
        client.propfind("/", ETAG, depth=0)

    assert client.requests == 1
    assert "not allowed" in caplog.text


def test_redirects_are_followed_five_times_at_most(script: Script, connect: Connect) -> None:
    server = script(Reply(302, headers={"Location": "/round/"}))

    assert reason(connect(server.origin)) is Reason.NOT_CALDAV
    assert len(server.asked) == 6


def test_a_delete_is_not_led_to_a_calendar(script: Script, connect: Connect) -> None:
    server = script(Reply(301, headers={"Location": "/1/work/"}), Reply(204))

    with pytest.raises(RefusedAddress):
        connect(server.origin).delete("/1/work/x.ics", etag='"1"')

    assert len(server.asked) == 1


# TLS.


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "pem")
    return context


def test_a_certificate_nobody_vouches_for_is_refused(
    script: Script, connect: Connect, self_signed: ssl.SSLContext
) -> None:
    server = script(GOOD, tls=self_signed)

    assert reason(connect(server.origin)) is Reason.TLS
    assert server.asked == []


def test_plain_http_on_an_https_address_is_no_tls(script: Script, connect: Connect) -> None:
    server = script(GOOD)

    assert reason(connect(f"https://127.0.0.1:{server.port}")) is Reason.TLS
    assert not any(asked.is_signed for asked in server.asked)


# Secrets.


@pytest.fixture
def everything() -> Iterator[io.StringIO]:
    """Collect what a root handler at DEBUG gets, as in a program with its logging turned up."""
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


def test_the_password_is_in_no_repr() -> None:
    who = Credentials("ana@icloud.test", PASSWORD)
    server = Server("http://127.0.0.1:9/", ("http://127.0.0.1:9",))

    with Client(server, who) as client:
        assert PASSWORD not in repr(who) + str(who) + repr(client) + repr(server)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(401, b"secret-body"),
        Reply(403, b"secret-body"),
        Reply(207, b"secret-body"),
        Reply(207, b"<secret-body"),
        Reply(200, b"secret-body", {"Content-Type": "text/html", "X-Remote": "secret-header"}),
        Reply(503, b"secret-body", {"Retry-After": "secret-header"}),
        Reply(302, headers={"Location": "http://secret-header.test/"}),
        Reply(207, b"secret-body", cut=3),
        Reply(reset="after"),
        Reply(
            207,
            EMPTY.replace(b"/>", b"><response><href>//secret-body</href></response></multistatus>"),
        ),
    ],
)
def test_no_log_and_no_error_shows_credentials_or_bodies(
    script: Script,
    connect: Connect,
    reply: Reply,
    caplog: pytest.LogCaptureFixture,
    everything: io.StringIO,
) -> None:
    client = connect(script(reply).origin)

    for library in ("caldav", "niquests", "urllib3", "urllib3_future"):
        caplog.set_level(logging.DEBUG, library)
    error = failure(lambda: client.propfind("/", b"<request-body/>", depth=0))

    shown = everything.getvalue()
    if error is not None:
        assert (error.__cause__, error.__context__) == (None, None)
        shown += "".join(traceback.format_exception(error)) + repr(vars(error))
    for secret in (PASSWORD, SIGNED, SIGNED[6:], "secret-body", "secret-header"):
        assert secret not in shown
    assert "request-body/>" not in everything.getvalue()


def test_a_403_keeps_only_names_of_preconditions(script: Script, connect: Connect) -> None:
    body = b'<error xmlns="DAV:"><need-privileges><href>/secret/</href></need-privileges></error>'

    with pytest.raises(Forbidden) as caught:
        connect(script(Reply(403, body)).origin).propfind("/", ETAG, depth=0)

    assert caught.value.preconditions == {"need-privileges"}
    assert "secret" not in str(caught.value) + repr(caught.value)


def test_a_scripted_server_keeps_what_it_was_asked() -> None:
    with (
        ScriptedServer(Reply(200, b"x")) as server,
        socket.create_connection(("127.0.0.1", server.port)) as line,
    ):
        line.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(12) == b"HTTP/1.1 200"

    assert (server.asked[0].method, server.asked[0].is_signed) == ("GET", False)
