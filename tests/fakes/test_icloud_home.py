"""What a home lists, and what is said of each thing in it."""

from tests.fakes.conftest import ANA, PASSWORD, Person
from tests.fakes.icloud import ICloudServer
from tests.fakes.raw import NAMES, Talk

FOUND = "d:propstat[d:status='HTTP/1.1 200 OK']/d:prop"
WRITABLE = ["write", "write-properties", "write-content", "bind", "unbind"]


def test_the_home_lists_itself_and_what_is_no_calendar_of_events(
    icloud: ICloudServer, ana: Person
) -> None:
    icloud.make_subscribed(f"{ana.home}holidays/", "Holidays", "https://example.test/h.ics")

    said = ana.talk.propfind(ana.home, "d:resourcetype", depth="1")

    kinds = {
        each.findtext("d:href", namespaces=NAMES): [
            child.tag.partition("}")[2]
            for child in each.find(f"{FOUND}/d:resourcetype", namespaces=NAMES)
        ]
        for each in said.tree.iterfind("d:response", namespaces=NAMES)
    }
    assert kinds == {
        ana.home: ["collection"],
        f"{ana.home}holidays/": ["collection", "subscribed"],
        f"{ana.home}inbox/": ["collection", "schedule-inbox"],
        f"{ana.home}notification/": ["collection", "notification"],
        f"{ana.home}outbox/": ["collection", "schedule-outbox"],
        f"{ana.home}tasks/": ["collection", "calendar"],
        ana.work: ["collection", "calendar"],
    }
    assert said.hrefs[0] == ana.home


def test_a_home_can_be_without_the_systems_own_collections() -> None:
    with ICloudServer() as server:
        server.quirks.system_collections = False
        home = server.add_user(ANA, PASSWORD)

        said = Talk(server.url, ANA, PASSWORD).propfind(home, "d:resourcetype", depth="1")

        assert said.hrefs == [home]


def test_a_list_of_reminders_names_its_component(ana: Person) -> None:
    said = ana.talk.propfind(f"{ana.home}tasks/", "c:supported-calendar-component-set")

    assert said.texts("//c:comp/@name") == ["VTODO"]


def test_a_subscription_says_it_has_events_and_answers_with_nothing(
    icloud: ICloudServer, ana: Person
) -> None:
    path = icloud.make_subscribed(f"{ana.home}h/", "Holidays", "https://example.test/h.ics")

    said = ana.talk.propfind(path, "c:supported-calendar-component-set", "cs:source")

    assert said.texts("//c:comp/@name") == ["VEVENT"]
    assert said.texts("//cs:source/d:href/text()") == ["https://example.test/h.ics"]
    for report in (ana.talk.sync(path), ana.talk.query(path), ana.talk.multiget(path, "/x.ics")):
        assert (report.status, len(report.tree)) == (207, 0)


def test_privileges_are_listed_one_by_one(icloud: ICloudServer, ana: Person) -> None:
    shared = icloud.make_calendar(f"{ana.home}team/", "Team")
    icloud.set_read_only(shared)

    def held(path: str) -> list[str]:
        said = ana.talk.propfind(path, "d:current-user-privilege-set")
        return [e.tag.partition("}")[2] for e in said.tree.iterfind(".//{DAV:}privilege/*")]

    reading = ["read", "read-free-busy", "read-current-user-privilege-set"]
    assert held(ana.work) == [*reading, *WRITABLE]
    assert held(shared) == reading
    assert held(f"{ana.home}outbox/") == [*reading, "schedule-send"]
    assert held(f"{ana.home}notification/") == [reading[0], reading[2], "unbind"]


def test_a_shared_calendar_is_seen_in_two_homes(icloud: ICloudServer, ana: Person) -> None:
    icloud.add_user("ben@icloud.test", PASSWORD)
    there = icloud.share(ana.work, to="ben@icloud.test")
    icloud.put(f"{ana.work}x.ics", "BEGIN:VCALENDAR")

    ben = Talk(icloud.url, "ben@icloud.test", PASSWORD)

    assert ben.get(f"{there}x.ics").body == b"BEGIN:VCALENDAR"
    assert ben.get(f"{ana.work}x.ics").status == 403
    assert ben.put(f"{there}y.ics", "BEGIN:VCALENDAR").status == 403
    [mine] = ana.talk.propfind(ana.work, "d:resourcetype").tree.iterfind(".//{*}shared-owner")
    [his] = ben.propfind(there, "d:resourcetype").tree.iterfind(".//{*}shared")
    assert mine.tag == "{http://calendarserver.org/ns/}shared-owner"
    assert his.tag == "{http://calendarserver.org/ns/}shared"


def test_what_is_missing_stands_empty_under_404(icloud: ICloudServer, ana: Person) -> None:
    def stats() -> list[tuple[str, list[str]]]:
        said = ana.talk.propfind(ana.home, "d:displayname", "i:calendar-color")
        return [
            (stat.findtext("{DAV:}status"), [prop.tag.partition("}")[2] for prop in stat[0]])
            for stat in said.tree.iterfind(".//{DAV:}propstat")
        ]

    assert stats() == [
        ("HTTP/1.1 200 OK", ["displayname"]),
        ("HTTP/1.1 404 Not Found", ["calendar-color"]),
    ]
    icloud.quirks.missing_as_404 = False
    assert stats() == [("HTTP/1.1 200 OK", ["displayname"])]


def test_allprop_leaves_the_type_out(icloud: ICloudServer, ana: Person) -> None:
    assert ana.talk.propfind(ana.work).texts("//d:displayname/text()") == ["Work"]
    assert ana.talk.propfind(ana.work).texts("//d:resourcetype/*") == []

    icloud.quirks.allprop_hides_types = False

    assert ana.talk.propfind(ana.work).tree.find(".//{DAV:}resourcetype") is not None


def test_a_response_can_carry_an_empty_status(icloud: ICloudServer, ana: Person) -> None:
    icloud.quirks.empty_statuses = True

    said = ana.talk.propfind(ana.work, "d:displayname")

    assert said.tree[0].find("{DAV:}status").text is None


def test_xml_is_written_without_prefixes(ana: Person) -> None:
    said = ana.talk.propfind(ana.work, "cs:getctag")

    assert b'<getctag xmlns="http://calendarserver.org/ns/">' in said.body
    assert said.tree.prefix is None


def test_names_colours_and_order_can_be_changed(icloud: ICloudServer, ana: Person) -> None:
    icloud.rename(ana.work, "Büro & Co")
    icloud.reorder(ana.work, 7)

    said = ana.talk.propfind(ana.work, "d:displayname", "i:calendar-color", "i:calendar-order")

    assert said.texts("//d:prop/*/text()") == ["Büro & Co", "#0E61B9FF", "7"]
