"""How iCloud takes events, and everything it takes amiss."""

import pytest

from tests.contract.servers import event
from tests.fakes.conftest import Person
from tests.fakes.icloud import ICloudServer

PLAIN = event("x")
WITHOUT_END = PLAIN.replace("DTEND:20261201T100000Z\r\n", "")
ZONE = "\r\n".join(
    (
        "BEGIN:VTIMEZONE",
        "TZID:{}",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    )
)


def create(ana: Person, name: str = "x.ics", ics: str = PLAIN) -> str:
    """Create an event as a client does; returns its path."""
    path = f"{ana.work}{name}"
    assert ana.talk.put(path, ics, If_None_Match="*").status == 201
    return path


def test_an_event_is_created_changed_and_deleted(ana: Person) -> None:
    path = f"{ana.work}x.ics"

    created = ana.talk.put(path, PLAIN, If_None_Match="*")
    changed = ana.talk.put(path, event("x", "Coffee"), If_Match=created.headers["etag"])
    deleted = ana.talk.delete(path, If_Match=changed.headers["etag"])

    assert [created.status, changed.status, deleted.status] == [201, 204, 204]
    assert [ana.talk.get(path).status, ana.talk.delete(path).status] == [404, 404]


def test_a_write_over_another_version_is_refused(icloud: ICloudServer, ana: Person) -> None:
    path = create(ana)
    stale = icloud.etag(path)
    icloud.put(path, event("x", "On the phone"))

    assert ana.talk.put(path, PLAIN, If_None_Match="*").status == 412
    assert ana.talk.put(path, PLAIN, If_Match=stale).status == 412
    assert ana.talk.delete(path, If_Match=stale).status == 412
    assert "On the phone" in icloud.get(path)


def test_an_event_without_end_is_a_404(icloud: ICloudServer, ana: Person) -> None:
    assert ana.talk.put(f"{ana.work}x.ics", WITHOUT_END, If_None_Match="*").status == 404
    icloud.quirks.without_dtend = 403
    assert ana.talk.put(f"{ana.work}x.ics", WITHOUT_END, If_None_Match="*").status == 403
    icloud.quirks.without_dtend = 0
    assert ana.talk.put(f"{ana.work}x.ics", WITHOUT_END, If_None_Match="*").status == 201


@pytest.mark.parametrize(("form", "start"), [("strong", '"C='), ("weak", 'W/"C='), ("none", None)])
def test_a_write_is_answered_with_or_without_an_etag(
    icloud: ICloudServer, ana: Person, form: str, start: str | None
) -> None:
    icloud.quirks.put_etag = form  # type: ignore[assignment]

    etag = ana.talk.put(f"{ana.work}x.ics", PLAIN).headers.get("etag")

    assert (etag and etag[: len(start or "")]) == start
    assert ana.talk.get(f"{ana.work}x.ics").headers["etag"].startswith('"C=')


def test_the_etag_of_a_write_can_be_outdated_at_once(icloud: ICloudServer, ana: Person) -> None:
    icloud.quirks.etag_drifts = True

    said = ana.talk.put(f"{ana.work}x.ics", PLAIN)

    assert said.headers["etag"] != icloud.etag(f"{ana.work}x.ics")


def test_what_is_stored_is_written_anew(icloud: ICloudServer, ana: Person) -> None:
    zoned = PLAIN.replace("BEGIN:VEVENT", f"{ZONE.format('Europe/Berlin')}BEGIN:VEVENT")
    long = zoned.replace("SUMMARY:Tea", f"SUMMARY:{'ä' * 60}")

    path = create(ana, ics=long)

    assert icloud.get(path).splitlines() == [
        "BEGIN:VCALENDAR",
        "CALSCALE:GREGORIAN",
        "PRODID:-//caldav.icloud.com//CALDAVJ 2614B12//EN",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        "DTEND:20261201T100000Z",
        "DTSTAMP:20261101T080000Z",
        "DTSTART:20261201T090000Z",
        f"SUMMARY:{'ä' * 33}",
        f" {'ä' * 27}",
        "UID:x",
        "DTSTAMP:20261101T080000Z",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_a_zone_of_nobodys_knowledge_and_alarms_are_kept(icloud: ICloudServer, ana: Person) -> None:
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT"
    own = PLAIN.replace("BEGIN:VEVENT", f"{ZONE.format('Office')}BEGIN:VEVENT")

    path = create(ana, ics=own.replace("END:VEVENT", alarm))

    assert ZONE.format("Office") in icloud.get(path)
    assert alarm in icloud.get(path)


def test_what_is_stored_can_be_left_as_it_is(icloud: ICloudServer, ana: Person) -> None:
    icloud.quirks.rewrites = False

    assert icloud.get(create(ana)) == PLAIN


# What was deleted, and what is elsewhere


def test_a_deleted_name_and_a_deleted_uid_are_refused_for_good(
    icloud: ICloudServer, ana: Person
) -> None:
    icloud.delete(create(ana))

    same_name = ana.talk.put(f"{ana.work}x.ics", event("other"), If_None_Match="*")
    same_uid = ana.talk.put(f"{ana.work}other.ics", PLAIN, If_None_Match="*")

    assert [same_name.status, same_uid.status] == [412, 412]
    assert ana.talk.get(f"{ana.work}x.ics").status == 404
    icloud.quirks.tombstones = False
    assert ana.talk.put(f"{ana.work}x.ics", PLAIN, If_None_Match="*").status == 201


def test_a_device_brings_back_what_was_deleted(icloud: ICloudServer, ana: Person) -> None:
    path = create(ana)
    icloud.delete(path)

    icloud.put(path, PLAIN)

    assert ana.talk.get(path).status == 200


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ("no-uid-conflict", b"no-uid-conflict"),
        ("unique-scheduling-object-resource", b"unique-scheduling-object-resource"),
        ("bare", b""),
    ],
)
def test_a_uid_lives_in_one_place_of_the_whole_home(
    icloud: ICloudServer, ana: Person, form: str, named: bytes
) -> None:
    icloud.quirks.uid_conflict = form  # type: ignore[assignment]
    other = icloud.make_calendar(f"{ana.home}other/", "Other")
    standing = create(ana)

    said = ana.talk.put(f"{other}y.ics", PLAIN, If_None_Match="*")

    assert (said.status, said.headers["location"]) == (403, standing)
    assert named in said.body
    assert not icloud.has(f"{other}y.ics")


def test_an_event_cannot_get_another_uid(ana: Person) -> None:
    path = create(ana)

    assert ana.talk.put(path, event("another")).status == 403


def test_an_event_is_moved_with_its_uid(icloud: ICloudServer, ana: Person) -> None:
    other = icloud.make_calendar(f"{ana.home}other/", "Other")
    path = create(ana)

    said = ana.talk.say("MOVE", path, "", {"Destination": f"{icloud.url}{other}x.ics"})

    assert said.status == 201
    assert (icloud.has(path), icloud.has(f"{other}x.ics")) == (False, True)


# Conditions iCloud takes its own way


def test_if_match_star_works_backwards(icloud: ICloudServer, ana: Person) -> None:
    path = create(ana)

    assert ana.talk.put(path, event("x", "Changed"), If_Match="*").status == 412
    assert ana.talk.put(f"{ana.work}new.ics", event("new"), If_Match="*").status == 201
    icloud.quirks.if_match_star_is_backwards = False
    assert ana.talk.put(path, event("x", "Changed"), If_Match="*").status == 204
    assert ana.talk.put(f"{ana.work}more.ics", event("more"), If_Match="*").status == 412


def test_a_write_without_condition_does_not_pass_a_device(
    icloud: ICloudServer, ana: Person
) -> None:
    path = create(ana)
    assert ana.talk.put(path, event("x", "Mine")).status == 204

    icloud.put(path, event("x", "On the phone"))

    assert ana.talk.put(path, event("x", "Mine again")).status == 412
    icloud.quirks.device_wins = False
    assert ana.talk.put(path, event("x", "Mine again")).status == 204


def test_a_delete_with_depth_is_refused(icloud: ICloudServer, ana: Person) -> None:
    path = create(ana)

    assert ana.talk.delete(path, Depth="0").status == 400
    icloud.quirks.delete_refuses_depth = False
    assert ana.talk.delete(path, Depth="0").status == 204


def test_deleting_a_calendar_takes_it_out_of_the_home(icloud: ICloudServer, ana: Person) -> None:
    assert ana.talk.delete(ana.work).status == 204
    assert ana.talk.propfind(ana.work, "d:displayname").status == 404
    assert ana.talk.delete(f"{ana.home}inbox/").status == 403


# What is no event to it


@pytest.mark.parametrize(
    ("ics", "named"),
    [
        ("", b"valid-calendar-data"),
        ("<html></html>", b"valid-calendar-data"),
        (PLAIN.replace("UID:x\r\n", ""), b"valid-calendar-object-resource"),
        (PLAIN.replace("VERSION:2.0", "METHOD:PUBLISH"), b"valid-calendar-object-resource"),
        (PLAIN.replace("VEVENT", "VTODO"), b"supported-calendar-component"),
        (
            PLAIN.replace("UID:x", "UID:x\r\n" + "ATTENDEE:mailto:a@b.test\r\n" * 101).replace(
                "\r\n\r\n", "\r\n"
            ),
            b"max-attendees-per-instance",
        ),
        (PLAIN.replace("Tea", "T" * 1_048_576), b"max-resource-size"),
    ],
)
def test_a_body_it_cannot_keep_is_refused_by_name(ana: Person, ics: str, named: bytes) -> None:
    said = ana.talk.put(f"{ana.work}x.ics", ics, If_None_Match="*")

    assert said.status == 403
    assert named in said.body


def test_attendees_make_it_send_invitations(icloud: ICloudServer, ana: Person) -> None:
    create(ana)
    assert icloud.invited == []

    guests = event("y").replace("SUMMARY", "ATTENDEE:mailto:guest@example.test\r\nSUMMARY")
    create(ana, "y.ics", guests)

    assert icloud.invited == [(f"{ana.work}y.ics", 1)]


def test_a_read_only_calendar_refuses_every_write(icloud: ICloudServer, ana: Person) -> None:
    path = create(ana)
    icloud.set_read_only(ana.work)

    said = [ana.talk.put(f"{ana.work}y.ics", event("y")), ana.talk.delete(path)]

    assert [(one.status, b"need-privileges" in one.body) for one in said] == [(403, True)] * 2
    icloud.set_read_only(ana.work, read_only=False)
    assert ana.talk.delete(path).status == 204


def test_nothing_is_written_into_a_subscription_or_the_inbox(
    icloud: ICloudServer, ana: Person
) -> None:
    icloud.become_subscribed(ana.work, "https://example.test/h.ics")

    assert ana.talk.put(f"{ana.work}x.ics", PLAIN).status == 403
    assert ana.talk.put(f"{ana.home}inbox/x.ics", PLAIN).status == 403


def test_somebodys_own_put_meets_none_of_this(icloud: ICloudServer, ana: Person) -> None:
    icloud.set_read_only(ana.work)

    icloud.put(f"{ana.work}x.ics", "no calendar at all")

    assert ana.talk.get(f"{ana.work}x.ics").body == b"no calendar at all"


def test_a_calendar_is_made_over_the_wire(icloud: ICloudServer, ana: Person) -> None:
    body = (
        '<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>'
        "<d:displayname>New</d:displayname></d:prop></d:set></c:mkcalendar>"
    )

    assert ana.talk.say("MKCALENDAR", f"{ana.home}new/", body).status == 201
    assert ana.talk.say("MKCALENDAR", f"{ana.home}new/", body).status == 405
    assert icloud.calendar(f"{ana.home}new/").title == "New"
