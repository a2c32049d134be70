"""Discovery and listing on answers in the manner of iCloud."""

import pytest

from integrations.caldav.discovery import (
    Account,
    CalendarKind,
    CalendarListing,
    color,
    discover,
    list_calendars,
    time_zone,
)
from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    NotFound,
    Reason,
    RefusedAddress,
    Unreachable,
)
from tests.fakes.scripted import Reply
from tests.integrations.caldav.conftest import Connect, Script

HOME = "/17/calendars/"
CALENDAR = '<collection/><calendar xmlns="urn:ietf:params:xml:ns:caldav"/>'
EVENTS = (
    '<supported-calendar-component-set xmlns="urn:ietf:params:xml:ns:caldav">'
    '<comp name="VEVENT"/></supported-calendar-component-set>'
)
SUBSCRIBED = '<collection/><subscribed xmlns="http://calendarserver.org/ns/"/>'


def multistatus(*responses: str) -> Reply:
    return Reply(207, f'<multistatus xmlns="DAV:">{"".join(responses)}</multistatus>'.encode())


def response(href: str, props: str, missing: str = "<displayname/>") -> str:
    return (
        f"<response><href>{href}</href>"
        f"<propstat><prop>{props}</prop><status>HTTP/1.1 200 OK</status></propstat>"
        f"<propstat><prop>{missing}</prop><status>HTTP/1.1 404 Not Found</status></propstat>"
        "</response>"
    )


def collection(href: str, kind: str = CALENDAR, more: str = EVENTS) -> str:
    return response(href, f"<resourcetype>{kind}</resourcetype>{more}")


HOME_ITEM = collection(HOME, "<collection/>", "<displayname>Ana</displayname>")


def one(script: Script, connect: Connect, item: str) -> CalendarListing:
    client = connect(script(multistatus(HOME_ITEM, item)).origin)
    [listing] = list_calendars(client, HOME)
    return listing


def kinds(script: Script, connect: Connect, *items: str) -> dict[str, CalendarKind]:
    client = connect(script(multistatus(HOME_ITEM, *items)).origin)
    return {c.path.removeprefix(HOME): c.kind for c in list_calendars(client, HOME)}


def test_an_account_is_found_over_its_partition_host(script: Script, connect: Connect) -> None:
    server = script(
        multistatus(
            response(
                "/", "<current-user-principal><href>/17/principal/</href></current-user-principal>"
            )
        ),
        multistatus(
            response(
                "/17/principal/",
                '<calendar-home-set xmlns="urn:ietf:params:xml:ns:caldav"><href xmlns="DAV:">'
                "https://p42-caldav.icloud.com:443/17/calendars/</href></calendar-home-set>"
                '<calendar-user-address-set xmlns="urn:ietf:params:xml:ns:caldav">'
                '<href xmlns="DAV:" preferred="1">mailto:Ana@iCloud.test</href>'
                '<href xmlns="DAV:">/17/principal/</href></calendar-user-address-set>',
            )
        ),
        multistatus(HOME_ITEM),
    )

    account = discover(connect(server.origin, ".icloud.com"))

    assert account == Account(
        "/17/principal/",
        "/17/calendars/",
        frozenset({"mailto:ana@icloud.test", "/17/principal/"}),
        (),
    )
    assert [(asked.target, asked.headers["depth"]) for asked in server.asked] == [
        ("/", "0"),
        ("/17/principal/", "0"),
        ("/17/calendars/", "1"),
    ]


@pytest.mark.parametrize(
    "href", ["https://attacker.com/17/", "//attacker.com/", "/17/../18/", "/17/?x=", "/17/#"]
)
def test_a_principal_elsewhere_is_refused(script: Script, connect: Connect, href: str) -> None:
    principal = f"<current-user-principal><href>{href}</href></current-user-principal>"
    server = script(multistatus(response("/", principal)))

    with pytest.raises(RefusedAddress):
        discover(connect(server.origin))

    assert len(server.asked) == 1


def test_a_server_that_names_no_principal_is_not_caldav(script: Script, connect: Connect) -> None:
    anonymous = "<current-user-principal><unauthenticated/></current-user-principal>"
    server = script(multistatus(response("/", anonymous)))

    with pytest.raises(Unreachable) as caught:
        discover(connect(server.origin))

    assert caught.value.reason is Reason.NOT_CALDAV


def test_a_calendar_is_listed_with_all_it_says(script: Script, connect: Connect) -> None:
    item = response(
        f"{HOME}A%40B/",
        f"<resourcetype>{CALENDAR}<shared xmlns='http://calendarserver.org/ns/'/></resourcetype>"
        f"{EVENTS}<displayname> Work\n and  more </displayname>"
        "<sync-token>HwoQ==</sync-token>"
        '<getctag xmlns="http://calendarserver.org/ns/">other</getctag>'
        '<calendar-color xmlns="http://apple.com/ns/ical/">#FF2968FF</calendar-color>'
        '<calendar-order xmlns="http://apple.com/ns/ical/">3</calendar-order>'
        "<current-user-privilege-set><privilege><read/></privilege><privilege><write-content/>"
        "</privilege><privilege><bind/></privilege></current-user-privilege-set>"
        "<supported-report-set><supported-report><report><sync-collection/></report>"
        "</supported-report></supported-report-set>"
        '<calendar-timezone xmlns="urn:ietf:params:xml:ns:caldav"><![CDATA[BEGIN:VCALENDAR\r\n'
        "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\nEND:VCALENDAR]]>"
        "</calendar-timezone>",
    )

    assert one(script, connect, item) == CalendarListing(
        path=f"{HOME}A%40B/",
        name="Work and more",
        color="#ff2968",
        order=3,
        kind=CalendarKind.EVENTS,
        can_write=True,
        is_shared=True,
        marker="HwoQ==",
        supports_sync=True,
        time_zone="Europe/Berlin",
    )


def test_a_calendar_that_says_little_is_listed_with_little(
    script: Script, connect: Connect
) -> None:
    missing = (
        "<displayname/><sync-token/><current-user-privilege-set/><supported-report-set/>"
        '<calendar-order xmlns="http://apple.com/ns/ical/"/>'
    )
    item = response(f"{HOME}1/", f"<resourcetype>{CALENDAR}</resourcetype>", missing)

    assert one(script, connect, item) == CalendarListing(
        path=f"{HOME}1/",
        name="",
        color="",
        order=None,
        kind=CalendarKind.EVENTS,
        can_write=None,
        is_shared=False,
        marker="",
        supports_sync=False,
        time_zone="",
    )


def test_what_is_no_calendar_of_events_is_told_apart(script: Script, connect: Connect) -> None:
    source = '<source xmlns="http://calendarserver.org/ns/"><href xmlns="DAV:">{}</href></source>'
    caldav = 'xmlns="urn:ietf:params:xml:ns:caldav"'

    assert kinds(
        script,
        connect,
        collection(f"{HOME}home/"),
        collection(f"{HOME}tasks/", more=EVENTS.replace("VEVENT", "VTODO")),
        collection(f"{HOME}journal/", more=EVENTS.replace("VEVENT", "VJOURNAL")),
        collection(f"{HOME}inbox/", f"<collection/><schedule-inbox {caldav}/>"),
        collection(f"{HOME}feed/", SUBSCRIBED),
        collection(f"{HOME}both/", CALENDAR + SUBSCRIBED),
        collection(f"{HOME}sourced/", more=EVENTS + source.format("https://example.com/x.ics")),
        collection(f"{HOME}unsourced/", more=EVENTS + source.format("")),
        response(f"{HOME}file.ics", "<resourcetype/>"),
        f"<response><href>{HOME}gone/</href><status>HTTP/1.1 404 Not Found</status></response>",
        f"<response><href>{HOME}broken/</href><status>HTTP/1.1 500 Oops</status></response>",
    ) == {
        "home/": CalendarKind.EVENTS,
        "tasks/": CalendarKind.REMINDERS,
        "journal/": CalendarKind.SYSTEM,
        "inbox/": CalendarKind.SYSTEM,
        "feed/": CalendarKind.SUBSCRIBED,
        "both/": CalendarKind.SUBSCRIBED,
        "sourced/": CalendarKind.SUBSCRIBED,
        "unsourced/": CalendarKind.EVENTS,
        "broken/": CalendarKind.SYSTEM,
    }


@pytest.mark.parametrize(
    ("privileges", "can_write"),
    [
        ("read write write-properties write-content bind unbind", True),
        ("read read-free-busy all", True),
        ("all", True),
        ("write", True),
        ("write-content bind", True),
        ("write-content", False),
        ("bind unbind", False),
        ("read read-free-busy read-current-user-privilege-set", False),
        ("", False),
    ],
)
def test_privileges_decide_whether_events_can_be_written(
    script: Script, connect: Connect, privileges: str, *, can_write: bool
) -> None:
    held = "".join(f"<privilege><{name}/></privilege>" for name in privileges.split())
    privilege_set = f"<current-user-privilege-set>{held}</current-user-privilege-set>"

    assert one(script, connect, collection(HOME + "1/", more=privilege_set)).can_write is can_write


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (multistatus(), Unreachable),
        (multistatus(collection(f"{HOME}work/")), Unreachable),
        (
            multistatus(f"<response><href>{HOME}</href><status>HTTP/1.1 404 x</status></response>"),
            NotFound,
        ),
        (
            multistatus(f"<response><href>{HOME}</href><status>HTTP/1.1 403 x</status></response>"),
            Forbidden,
        ),
        (Reply(404), NotFound),
        (Reply(403), Forbidden),
    ],
)
def test_a_list_without_the_home_itself_proves_nothing(
    script: Script, connect: Connect, reply: Reply, error: type[CalDAVError]
) -> None:
    with pytest.raises(error):
        list_calendars(connect(script(reply).origin), HOME)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#FF2968FF", "#ff2968"),
        ("#ff2968", "#ff2968"),
        ("#ff2968ff;background:url(x)", ""),
        ("red", ""),
        ("", ""),
    ],
)
def test_a_colour_is_six_digits_or_nothing(text: str, expected: str) -> None:
    assert color(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nEND:VTIMEZONE", "Europe/Berlin"),
        ("TZID;X=1:America/New_York\r\n", "America/New_York"),
        ("TZID:../../etc/passwd", ""),
        ("TZID:/etc/passwd", ""),
        ("TZID:W. Europe Standard Time", ""),
        ("TZID:Nowhere/Land", ""),
        ("TZID:Europe", ""),
        ("", ""),
    ],
)
def test_a_time_zone_is_one_we_know_or_nothing(text: str, expected: str) -> None:
    assert time_zone(text) == expected
