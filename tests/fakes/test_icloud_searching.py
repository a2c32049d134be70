"""How little iCloud can be asked for by what events say."""

import pytest

from tests.contract.servers import event
from tests.fakes.conftest import Person
from tests.fakes.icloud import ICloudServer
from tests.icloud import event as series


def test_a_search_needs_the_event_component(icloud: ICloudServer, ana: Person) -> None:
    icloud.put(f"{ana.work}x.ics", event("x"))

    assert ana.talk.query(ana.work).hrefs == [f"{ana.work}x.ics"]
    assert ana.talk.query(ana.work, component="").status == 400
    assert ana.talk.query(ana.work, component="VTODO").status == 400


def test_a_search_by_uid_is_a_bare_412(icloud: ICloudServer, ana: Person) -> None:
    icloud.put(f"{ana.work}x.ics", event("x"))
    icloud.put(f"{ana.work}y.ics", event("y"))
    by_uid = '<c:prop-filter name="UID"><c:text-match>y</c:text-match></c:prop-filter>'

    said = ana.talk.query(ana.work, by_uid)

    assert (said.status, said.body) == (412, b"")
    icloud.quirks.uid_search = 0
    assert ana.talk.query(ana.work, by_uid).hrefs == [f"{ana.work}y.ics"]


def test_a_search_by_text_is_refused(ana: Person) -> None:
    by_title = '<c:prop-filter name="SUMMARY"><c:text-match>Tea</c:text-match></c:prop-filter>'

    assert ana.talk.query(ana.work, by_title).status == 400


def test_a_search_in_a_range_misses_an_occurrence_moved_into_it(
    icloud: ICloudServer, ana: Person
) -> None:
    override = [
        "BEGIN:VEVENT",
        "UID:s",
        "RECURRENCE-ID:20261105T090000Z",
        "DTSTART:20261120T090000Z",
        "DTEND:20261120T100000Z",
        "END:VEVENT",
    ]
    moved = series("s", ":20261101T090000Z", ":20261101T100000Z", overrides=override)
    icloud.put(f"{ana.work}s.ics", moved)

    def within(start: str, end: str) -> list[str]:
        between = f'<c:time-range start="202611{start}T000000Z" end="202611{end}T000000Z"/>'
        return ana.talk.query(ana.work, between).hrefs

    assert (within("01", "02"), within("05", "06"), within("20", "21")) == (
        [f"{ana.work}s.ics"],
        [f"{ana.work}s.ics"],
        [],
    )
    icloud.quirks.time_range_misses_moved = False
    assert within("20", "21") == [f"{ana.work}s.ics"]


def test_a_series_is_found_once_it_has_begun(icloud: ICloudServer, ana: Person) -> None:
    weekly = series("s", ":20261101T090000Z", ":20261101T100000Z", "RRULE:FREQ=WEEKLY")
    icloud.put(f"{ana.work}s.ics", weekly)
    later = '<c:time-range start="20270101T000000Z" end="20270102T000000Z"/>'
    before = '<c:time-range start="20260101T000000Z" end="20260102T000000Z"/>'

    assert ana.talk.query(ana.work, later).hrefs == [f"{ana.work}s.ics"]
    assert ana.talk.query(ana.work, before).hrefs == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('<c:free-busy-query xmlns:c="urn:ietf:params:xml:ns:caldav"/>', 400),
        ('<d:principal-property-search xmlns:d="DAV:"/>', 500),
        ('<d:expand-property xmlns:d="DAV:"/>', 403),
        ("no xml", 400),
    ],
)
def test_other_reports_are_refused(ana: Person, body: str, status: int) -> None:
    assert ana.talk.say("REPORT", ana.work, body).status == status


def test_the_whole_tree_cannot_be_listed_at_once(ana: Person) -> None:
    said = ana.talk.propfind(ana.home, "d:resourcetype", depth="infinity")

    assert (said.status, b"propfind-finite-depth" in said.body) == (403, True)
