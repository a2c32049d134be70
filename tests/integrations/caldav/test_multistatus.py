"""The reader, on answers in the manner of iCloud (default namespaces, CDATA, empty 404 props)."""

import time

import pytest

from integrations.caldav.errors import Reason, Unreachable
from integrations.caldav.multistatus import CALDAV, DAV, Multistatus, code, read

URL = "https://caldav.icloud.com/1/calendars/work/"


def parse(inside: str, *, url: str = URL) -> Multistatus:
    body = f'<?xml version="1.0" encoding="UTF-8"?><multistatus xmlns="DAV:">{inside}</multistatus>'
    return read(body.encode(), url=url, allowed_hosts=(".icloud.com",))


def refusal(body: bytes) -> Reason:
    with pytest.raises(Unreachable) as caught:
        read(body, url=URL, allowed_hosts=(".icloud.com",))
    return caught.value.reason


def test_properties_are_read_in_default_namespaces_and_cdata() -> None:
    answer = parse(
        "<response><href>/1/calendars/work/a%40b.ics</href><propstat><prop>"
        '<getetag>"C=42"</getetag>'
        '<calendar-data xmlns="urn:ietf:params:xml:ns:caldav"><![CDATA[BEGIN:VCALENDAR\r\n'
        "SUMMARY:Tea & <cake>\r\nEND:VCALENDAR\r\n]]></calendar-data>"
        "</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
        "<sync-token>HwoQEgwAAD==</sync-token>"
    )

    [item] = answer.items
    assert (item.href, item.status, item.is_gone) == (
        "/1/calendars/work/a%40b.ics",
        None,
        False,
    )
    assert item.text(f"{DAV}getetag") == '"C=42"'
    assert item.text(f"{CALDAV}calendar-data") == (
        "BEGIN:VCALENDAR\nSUMMARY:Tea & <cake>\nEND:VCALENDAR"
    )
    assert answer.sync_token == "HwoQEgwAAD=="


def test_empty_elements_under_a_404_are_missing_properties() -> None:
    [item] = parse(
        "<response><href>/1/</href>"
        "<propstat><prop><displayname>Work</displayname></prop>"
        "<status>HTTP/1.1 200 OK</status></propstat>"
        "<propstat><prop><getetag/><current-user-privilege-set/></prop>"
        "<status>HTTP/1.1 404 Not Found</status></propstat></response>"
    ).items

    assert set(item.props) == {f"{DAV}displayname"}


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "500 Oops", "507 Full"])
def test_one_bad_propstat_spoils_no_other_item(status: str) -> None:
    answer = parse(
        "<response><href>/1/a.ics</href><propstat><prop><getetag>x</getetag></prop>"
        f"<status>HTTP/1.1 {status}</status></propstat></response>"
        '<response><href>/1/b.ics</href><propstat><prop><getetag>"b"</getetag></prop>'
        "<status>HTTP/1.1 200 OK</status></propstat></response>"
    )

    assert [item.text(f"{DAV}getetag") for item in answer.items] == ["", '"b"']


def test_an_empty_status_is_no_status() -> None:
    answer = parse(
        "<response><href>/1/a.ics</href><status/><propstat><prop><getetag>x</getetag></prop>"
        "<status> </status></propstat></response>"
    )

    [item] = answer.items
    assert (item.status, item.text(f"{DAV}getetag")) == (None, "x")


def test_a_status_without_properties_is_kept() -> None:
    [item] = parse(
        "<response><href>/1/a.ics</href><status>HTTP/1.1 404 Not Found</status></response>"
    ).items

    assert (item.status, item.is_gone, item.props) == (404, True, {})


@pytest.mark.parametrize(
    ("text", "number"),
    [("HTTP/1.1 404 Not Found", 404), ("HTTP/2 200", 200), ("", None), ("fine", None)],
)
def test_a_status_line_is_read(text: str, number: int | None) -> None:
    assert code(text) == number


def test_items_on_hosts_not_allowed_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    answer = parse(
        "<response><href>https://p42-caldav.icloud.com:443/1/a.ics</href></response>"
        "<response><href>https://attacker.com/1/b.ics</href></response>"
        "<response><href>//attacker.com/1/c.ics</href></response>"
        "<response><href>/1/d.ics</href></response>"
    )

    assert [item.href for item in answer.items] == ["/1/a.ics", "/1/d.ics"]
    assert "attacker" not in caplog.text
    assert caplog.text.count("host not allowed") == 2


def test_an_item_is_found_whatever_its_spelling() -> None:
    answer = parse("<response><href>/1/a%40b/</href></response>")

    assert answer.at("/1/a@b") is answer.items[0]
    assert answer.at("/1/a") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<html><body>Sign in</body></html>",
        b"<!DOCTYPE html><html><br></html>",
        b'<multistatus xmlns="DAV:"><response>',
        b"<multistatus/>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="no-such"?><multistatus xmlns="DAV:"/>',
    ],
)
def test_anything_else_is_no_answer(body: bytes) -> None:
    assert refusal(body) is Reason.NOT_CALDAV


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(12))
HOSTILE = {
    "billion laughs": f'<!DOCTYPE d [{LAUGHS}]><multistatus xmlns="DAV:">&l11;</multistatus>',
    "quadratic": (
        f'<!DOCTYPE d [<!ENTITY a "{"a" * 50_000}">]>'
        f'<multistatus xmlns="DAV:">{"&a;" * 50_000}</multistatus>'
    ),
    "file": '<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    '<multistatus xmlns="DAV:"><sync-token>&f;</sync-token></multistatus>',
    "network": '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd"><multistatus xmlns="DAV:"/>',
    "parameter entity": '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>'
    '<multistatus xmlns="DAV:"/>',
    "harmless doctype": '<!DOCTYPE multistatus><multistatus xmlns="DAV:"/>',
    "deep": f'<multistatus xmlns="DAV:">{"<a>" * 200_000}{"</a>" * 200_000}</multistatus>',
    "long text": f'<multistatus xmlns="DAV:"><a>{"a" * 12_000_000}</a></multistatus>',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_hostile_xml_is_refused_at_once(body: str, encoding: str) -> None:
    encoded = body.encode(encoding)
    started = time.monotonic()

    assert refusal(encoded) in {Reason.NOT_CALDAV, Reason.TOO_LARGE}
    assert time.monotonic() - started < 1


def test_a_bound_of_the_parser_is_told_apart() -> None:
    assert refusal(HOSTILE["long text"].encode()) is Reason.TOO_LARGE
    assert refusal(HOSTILE["deep"].encode()) is Reason.TOO_LARGE


def test_a_refusal_carries_nothing_of_the_body() -> None:
    with pytest.raises(Unreachable) as caught:
        read(b"<secret", url=URL, allowed_hosts=())

    assert caught.value.__context__ is None
    assert "secret" not in str(caught.value)


def test_comments_and_instructions_are_ignored() -> None:
    answer = parse(
        "<!-- x --><?x y?><response><!-- x --><href><!-- x -->/1/a.ics</href></response>"
    )

    assert [item.href for item in answer.items] == ["/1/a.ics"]


def test_five_thousand_items_are_read_quickly() -> None:
    many = "".join(
        f"<response><href>/1/{n}.ics</href><propstat><prop><getetag>{n}</getetag></prop>"
        "<status>HTTP/1.1 200 OK</status></propstat></response>"
        for n in range(5_000)
    )
    started = time.monotonic()

    assert len(parse(many).items) == 5_000
    assert time.monotonic() - started < 2
