"""Reading a calendar from answers that only some servers give."""

import pytest

from integrations.caldav.collection import Changes, bodies, changes, listing
from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    NotFound,
    Reason,
    Rejected,
    Throttled,
    TokenRejected,
    Unauthorized,
    Unreachable,
)
from tests.fakes.scripted import Reply
from tests.integrations.caldav.conftest import Connect, Script

PATH = "/17/calendars/work/"
TOKEN = "<sync-token>new</sync-token>"
GONE = "<status>HTTP/1.1 404 Not Found</status>"


def multistatus(*inside: str) -> Reply:
    return Reply(207, f'<multistatus xmlns="DAV:">{"".join(inside)}</multistatus>'.encode())


def listed(href: str, etag: str = '"1"') -> str:
    return (
        f"<response><href>{href}</href><propstat><prop><getetag>{etag}</getetag></prop>"
        "<status>HTTP/1.1 200 OK</status></propstat></response>"
    )


def item(href: str, inside: str) -> str:
    return f"<response><href>{href}</href>{inside}</response>"


def body(href: str, ics: str) -> str:
    return item(
        href,
        '<propstat><prop><getetag>"1"</getetag><calendar-data '
        f'xmlns="urn:ietf:params:xml:ns:caldav">{ics}</calendar-data></prop>'
        "<status>HTTP/1.1 200 OK</status></propstat>",
    )


def test_only_events_of_the_calendar_are_members(script: Script, connect: Connect) -> None:
    server = script(
        multistatus(
            listed(PATH),
            listed(PATH.rstrip("/")),
            listed(f"{PATH}sub.ics/"),
            listed(f"{PATH}notes.txt"),
            listed("/17/calendars/other/x.ics"),
            listed("/17/calendars/work.ics"),
            listed(f"{PATH}../other/x.ics"),
            listed(f"{PATH}%2e%2e/other/x.ics"),
            listed("https://attacker.com/17/calendars/work/x.ics"),
            listed(f"{PATH}a%40b.ics"),
            listed(f"{PATH}C.ICS", '"2"'),
            TOKEN,
        )
    )

    found = changes(connect(server.origin), PATH, "")

    expected = {f"{PATH}a%40b.ics": '"1"', f"{PATH}C.ICS": '"2"'}
    assert found == Changes(expected, frozenset(), "new")
    assert server.asked[0].headers["depth"] == "0"
    assert b"<d:sync-token></d:sync-token>" in server.asked[0].body


def test_deleted_is_what_the_server_says_is_gone(script: Script, connect: Connect) -> None:
    server = script(
        multistatus(
            item(f"{PATH}gone.ics", GONE),
            item(f"{PATH}hidden.ics", "<status>HTTP/1.1 403 Forbidden</status>"),
            item(f"{PATH}bare.ics", f"<propstat><prop><getetag/></prop>{GONE}</propstat>"),
            TOKEN,
        )
    )

    found = changes(connect(server.origin), PATH, "a<b")

    assert found.deleted == {f"{PATH}gone.ics"}
    assert found.changed == {f"{PATH}hidden.ics": "", f"{PATH}bare.ics": ""}
    assert b"<d:sync-token>a&lt;b</d:sync-token>" in server.asked[0].body


@pytest.mark.parametrize(
    "reply",
    [
        Reply(400),
        Reply(403),
        Reply(403, b'<error xmlns="DAV:"><valid-sync-token/></error>'),
        Reply(404),
        Reply(409),
        Reply(410),
        Reply(412),
        Reply(507),
        multistatus(listed(f"{PATH}x.ics")),
    ],
)
def test_a_token_is_rejected_in_many_ways(script: Script, connect: Connect, reply: Reply) -> None:
    with pytest.raises(TokenRejected) as caught:
        changes(connect(script(reply).origin), PATH, "old")

    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(401), Unauthorized),
        (Reply(403, b'<error xmlns="DAV:"><need-privileges/></error>'), Forbidden),
        (Reply(405), Rejected),
        (Reply(429), Throttled),
        (Reply(500), Unreachable),
    ],
)
def test_other_refusals_say_nothing_of_the_token(
    script: Script, connect: Connect, reply: Reply, error: type[CalDAVError]
) -> None:
    with pytest.raises(error):
        changes(connect(script(reply).origin), PATH, "old")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(400), Rejected),
        (Reply(403), Forbidden),
        (Reply(404), NotFound),
        (Reply(507), Unreachable),
        (multistatus(), Unreachable),
    ],
)
def test_without_token_a_refusal_is_one_of_the_calendar(
    script: Script, connect: Connect, reply: Reply, error: type[CalDAVError]
) -> None:
    with pytest.raises(error):
        changes(connect(script(reply).origin), PATH, "")


def test_an_answer_cut_by_the_server_is_asked_for_to_the_end(
    script: Script, connect: Connect
) -> None:
    cut = item(PATH, "<status>HTTP/1.1 507 Insufficient Storage</status>")
    server = script(
        multistatus(listed(f"{PATH}a.ics"), cut, "<sync-token>page-1</sync-token>"),
        multistatus(
            listed(f"{PATH}b.ics"), item(f"{PATH}a.ics", GONE), "<sync-token>end</sync-token>"
        ),
    )

    found = changes(connect(server.origin), PATH, "old")

    assert found == Changes({f"{PATH}b.ics": '"1"'}, frozenset({f"{PATH}a.ics"}), "end")
    assert b"<d:sync-token>page-1</d:sync-token>" in server.asked[1].body


def test_an_answer_cut_without_end_is_given_up(script: Script, connect: Connect) -> None:
    cut = item(PATH, "<status>HTTP/1.1 507 Insufficient Storage</status>")
    server = script(multistatus(cut, "<sync-token>same</sync-token>"))

    with pytest.raises(Unreachable) as caught:
        changes(connect(server.origin), PATH, "old")

    assert caught.value.status == 507
    assert len(server.asked) == 2


def test_a_body_that_is_missing_in_any_way_is_named(script: Script, connect: Connect) -> None:
    names = ("a%40b", "ghost", "empty", "bare", "absent", "failed")
    hrefs = [f"{PATH}{name}.ics" for name in names]
    server = script(
        multistatus(
            body(f"{PATH}a@b.ics", "BEGIN:VCALENDAR"),
            item(hrefs[1], GONE),
            body(hrefs[2], " "),
            listed(hrefs[3]),
            item(hrefs[5], "<status>HTTP/1.1 500 Oops</status>"),
            body(f"{PATH}not-asked-for.ics", "BEGIN:VCALENDAR"),
        )
    )

    fetched = bodies(connect(server.origin), PATH, hrefs)

    assert [(found.href, found.ics) for found in fetched.found] == [(hrefs[0], "BEGIN:VCALENDAR")]
    assert fetched.missing == frozenset(hrefs[1:])
    assert all(f"<d:href>{href}</d:href>".encode() in server.asked[0].body for href in hrefs)


def test_two_spellings_of_an_at_sign_may_be_two_events(script: Script, connect: Connect) -> None:
    one, two = f"{PATH}a%40b.ics", f"{PATH}a@b.ics"
    client = connect(script(multistatus(body(one, "ONE"), body(two, "TWO"))).origin)

    assert [found.ics for found in bodies(client, PATH, [one, two]).found] == ["ONE", "TWO"]


def test_an_event_asked_for_twice_is_given_once(script: Script, connect: Connect) -> None:
    href = f"{PATH}x.ics"
    client = connect(script(multistatus(body(href, "BEGIN:VCALENDAR"))).origin)

    assert [found.href for found in bodies(client, PATH, [href, href]).found] == [href]


def test_markup_in_an_href_stays_an_href(script: Script, connect: Connect) -> None:
    server = script(multistatus())

    bodies(connect(server.origin), PATH, [f"{PATH}a&b<c>.ics"])

    assert f"<d:href>{PATH}a&amp;b&lt;c&gt;.ics</d:href>".encode() in server.asked[0].body


def test_a_listing_must_name_the_calendar_itself(script: Script, connect: Connect) -> None:
    with pytest.raises(Unreachable) as caught:
        listing(connect(script(multistatus(listed(f"{PATH}x.ics"))).origin), PATH)

    assert caught.value.reason is Reason.NOT_CALDAV
