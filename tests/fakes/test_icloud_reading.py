"""How iCloud lists changes and hands out events."""

from urllib.parse import unquote

import pytest

from tests.contract.servers import event
from tests.fakes.conftest import Person
from tests.fakes.icloud import ICloudServer
from tests.fakes.raw import Said

TOKEN = "/d:multistatus/d:sync-token/text()"
DATA = "//c:calendar-data/text()"


def token_of(said: Said) -> str:
    [token] = said.texts(TOKEN)
    return token


def changed(said: Said) -> list[str]:
    return said.texts("//d:response[d:propstat]/d:href/text()")


def gone(said: Said) -> list[str]:
    return said.texts("//d:response[d:status='HTTP/1.1 404 Not Found']/d:href/text()")


def test_one_request_to_the_home_tells_which_calendars_moved(
    icloud: ICloudServer, ana: Person
) -> None:
    other = icloud.make_calendar(f"{ana.home}other/", "Other")

    def markers() -> dict[str, tuple[str, str]]:
        said = ana.talk.propfind(ana.home, "d:sync-token", "cs:getctag", depth="1")
        return {
            path: (token, tag)
            for path in (ana.work, other)
            for token in said.texts(f"//d:response[d:href='{path}']//d:sync-token/text()")
            for tag in said.texts(f"//d:response[d:href='{path}']//cs:getctag/text()")
        }

    before = markers()
    icloud.put(f"{ana.work}x.ics", event("x"))
    after = markers()

    assert before[other] == after[other]
    assert before[ana.work] != after[ana.work]
    assert all(token == tag for token, tag in [*before.values(), *after.values()])
    icloud.quirks.markers_in_home = False
    assert markers() == {}


def test_a_delta_names_what_changed_and_what_is_gone(icloud: ICloudServer, ana: Person) -> None:
    kept, edited, deleted, new = (f"{ana.work}{name}.ics" for name in "kedn")
    for number, path in enumerate((kept, edited, deleted)):
        icloud.put(path, event(str(number)))
    first = ana.talk.sync(ana.work)

    icloud.put(edited, event("1", "Coffee"))
    icloud.delete(deleted)
    icloud.put(new, event("9"))
    second = ana.talk.sync(ana.work, token_of(first))

    assert changed(first) == [ana.work, deleted, edited, kept]
    assert (changed(second), gone(second)) == ([ana.work, edited, new], [deleted])
    assert changed(ana.talk.sync(ana.work, token_of(second))) == [ana.work]


@pytest.mark.parametrize(
    ("form", "listed"), [("with-slash", ["/"]), ("without-slash", [""]), ("", [])]
)
def test_a_calendar_is_listed_as_its_own_member(
    icloud: ICloudServer, ana: Person, form: str, listed: list[str]
) -> None:
    icloud.quirks.collection_as_member = form  # type: ignore[assignment]

    said = ana.talk.sync(ana.work)

    assert said.hrefs == [ana.work.rstrip("/") + end for end in listed]


def test_a_calendar_has_an_etag_of_its_own(ana: Person) -> None:
    assert ana.talk.propfind(ana.work, "d:getetag").texts("//d:getetag/text()")


def test_an_event_has_no_type_and_says_so_with_404(icloud: ICloudServer, ana: Person) -> None:
    icloud.put(f"{ana.work}x.ics", event("x"))

    said = ana.talk.propfind(ana.work, "d:getetag", "d:resourcetype", depth="1")

    assert said.hrefs == [ana.work, f"{ana.work}x.ics"]
    assert said.texts("//d:response[2]/d:propstat/d:status/text()") == [
        "HTTP/1.1 200 OK",
        "HTTP/1.1 404 Not Found",
    ]


def test_a_delta_has_no_bodies(icloud: ICloudServer, ana: Person) -> None:
    icloud.put(f"{ana.work}x.ics", event("x"))

    said = ana.talk.sync(ana.work, inside="<d:getetag/><c:calendar-data/>")

    assert said.texts(DATA) == []
    assert changed(said)[1:] == [f"{ana.work}x.ics"]


def test_a_limit_is_not_looked_at(icloud: ICloudServer, ana: Person) -> None:
    for number in range(5):
        icloud.put(f"{ana.work}{number}.ics", event(str(number)))
    limited = (
        '<d:sync-collection xmlns:d="DAV:"><d:sync-token/><d:sync-level>1</d:sync-level>'
        "<d:limit><d:nresults>2</d:nresults></d:limit><d:prop><d:getetag/></d:prop>"
        "</d:sync-collection>"
    )

    assert len(ana.talk.say("REPORT", ana.work, limited).hrefs) == 6
    icloud.quirks.ignores_limit = False
    assert ana.talk.say("REPORT", ana.work, limited).status == 507


@pytest.mark.parametrize(
    ("form", "status", "named"),
    [
        ("400", 400, False),
        ("403", 403, False),
        ("403-named", 403, True),
        ("404", 404, False),
        ("409", 409, False),
        ("410", 410, False),
        ("412", 412, False),
        ("507", 507, False),
    ],
)
def test_an_expired_token_is_refused_in_one_of_many_forms(
    icloud: ICloudServer, ana: Person, form: str, status: int, *, named: bool
) -> None:
    icloud.quirks.expired_token = form  # type: ignore[assignment]
    token = token_of(ana.talk.sync(ana.work))
    icloud.expire_tokens(ana.work)

    said = ana.talk.sync(ana.work, token)

    assert (said.status, b"valid-sync-token" in said.body) == (status, named)
    fresh = token_of(ana.talk.sync(ana.work))
    assert ana.talk.sync(ana.work, fresh).status == 207


def test_an_expired_token_can_bring_the_whole_list_silently(
    icloud: ICloudServer, ana: Person
) -> None:
    icloud.quirks.expired_token = "full"
    icloud.put(f"{ana.work}a.ics", event("a"))
    icloud.put(f"{ana.work}b.ics", event("b"))
    token = token_of(ana.talk.sync(ana.work))
    icloud.delete(f"{ana.work}a.ics")
    icloud.expire_tokens()

    said = ana.talk.sync(ana.work, token)

    assert (changed(said), gone(said)) == ([ana.work, f"{ana.work}b.ics"], [])


@pytest.mark.parametrize("token", ["nonsense", "AAAA", "SHdvUUVnd0FBRA=="])
def test_a_token_never_given_out_is_refused_like_an_expired_one(ana: Person, token: str) -> None:
    assert ana.talk.sync(ana.work, token).status == 403


def test_a_server_can_be_without_sync(icloud: ICloudServer, ana: Person) -> None:
    icloud.quirks.sync_collection = False

    said = ana.talk.propfind(ana.work, "d:supported-report-set", "d:sync-token")

    assert said.tree.find(".//{DAV:}sync-collection") is None
    assert said.texts("//d:sync-token/text()") == []
    assert ana.talk.sync(ana.work).status == 403


# Events by name


def test_events_are_handed_out_in_cdata(icloud: ICloudServer, ana: Person) -> None:
    icloud.put(f"{ana.work}x.ics", event("x", "A & B"))
    icloud.put(f"{ana.work}y.ics", event("y", "]]>"))

    said = ana.talk.multiget(ana.work, f"{ana.work}x.ics", f"{ana.work}y.ics")

    assert b"<![CDATA[BEGIN:VCALENDAR" in said.body
    assert ["SUMMARY:A & B" in said.texts(DATA)[0], "SUMMARY:]]>" in said.texts(DATA)[1]] == [
        True,
        True,
    ]


def test_a_ghost_is_listed_and_cannot_be_fetched(icloud: ICloudServer, ana: Person) -> None:
    icloud.put(f"{ana.work}x.ics", event("x"))
    icloud.add_ghost(f"{ana.work}ghost.ics")

    listed = ana.talk.sync(ana.work)
    said = ana.talk.multiget(ana.work, f"{ana.work}ghost.ics", f"{ana.work}x.ics")

    assert changed(listed)[1:] == [f"{ana.work}ghost.ics", f"{ana.work}x.ics"]
    assert (gone(said), changed(said)) == ([f"{ana.work}ghost.ics"], [f"{ana.work}x.ics"])
    assert ana.talk.get(f"{ana.work}ghost.ics").status == 404


def test_an_event_can_be_withheld_for_some_multigets(icloud: ICloudServer, ana: Person) -> None:
    path = f"{ana.work}x.ics"
    icloud.put(path, event("x"))
    icloud.withhold(path, multigets=2)

    tries = [gone(ana.talk.multiget(ana.work, path)) for _ in range(3)]

    assert tries == [[path], [path], []]


def test_absolute_addresses_in_a_multiget_are_refused(icloud: ICloudServer, ana: Person) -> None:
    icloud.put(f"{ana.work}x.ics", event("x"))
    absolute = f"{icloud.url}{ana.work}x.ics"

    assert ana.talk.multiget(ana.work, absolute).status == 400
    icloud.quirks.absolute_hrefs_refused = False
    assert ana.talk.multiget(ana.work, absolute).status == 207


def test_a_calendar_with_a_long_name_can_keep_its_events(icloud: ICloudServer, ana: Person) -> None:
    long = icloud.make_calendar(f"{ana.home}{'a' * 64}/", "Shared")
    icloud.put(f"{long}x.ics", event("x"))
    icloud.quirks.long_names_hide_bodies = True

    assert gone(ana.talk.multiget(long, f"{long}x.ics")) == [f"{long}x.ics"]
    assert ana.talk.get(f"{long}x.ics").status == 200


def test_an_at_sign_is_kept_encoded_and_found_only_so(ana: Person) -> None:
    assert ana.talk.put(f"{ana.work}a@b.ics", event("x")).status == 201

    [listed] = changed(ana.talk.sync(ana.work))[1:]

    assert listed == f"{ana.work}a%40b.ics"
    assert ana.talk.get(listed).status == 200
    assert ana.talk.get(unquote(listed)).status == 404


# Listings that lag


def test_a_write_shows_in_listings_later_than_by_itself(icloud: ICloudServer, ana: Person) -> None:
    icloud.quirks.listing_lag = 2
    path = f"{ana.work}x.ics"
    token = token_of(ana.talk.sync(ana.work))
    assert ana.talk.put(path, event("x")).status == 201

    lists = [ana.talk.sync(ana.work, token) for _ in range(2)]

    assert ana.talk.get(path).status == 200
    assert [changed(said)[1:] for said in lists] == [[], [path]]


def test_what_went_before_it_ever_showed_is_a_change_all_the_same(
    icloud: ICloudServer, ana: Person
) -> None:
    icloud.quirks.listing_lag = 2
    path = f"{ana.work}x.ics"
    token = token_of(ana.talk.sync(ana.work))
    ana.talk.put(path, event("x"))

    icloud.delete(path)

    said = ana.talk.sync(ana.work, token)
    assert token_of(said) != token
    assert gone(said) == [path]


def test_a_body_comes_later_than_its_listing(icloud: ICloudServer, ana: Person) -> None:
    icloud.quirks.body_lag = 1
    path = f"{ana.work}x.ics"
    ana.talk.put(path, event("x"))

    assert changed(ana.talk.sync(ana.work))[1:] == [path]
    assert [gone(ana.talk.multiget(ana.work, path)) for _ in range(2)] == [[path], []]


@pytest.mark.parametrize("as_deleted", [False, True])
def test_an_event_can_be_left_out_or_called_gone_while_it_is_there(
    icloud: ICloudServer, ana: Person, *, as_deleted: bool
) -> None:
    path = f"{ana.work}x.ics"
    icloud.put(path, event("x"))
    token = token_of(ana.talk.sync(ana.work))

    icloud.hide(path, as_deleted=as_deleted)
    hidden = ana.talk.sync(ana.work, token)
    whole = ana.talk.sync(ana.work)
    icloud.show(path)

    assert gone(hidden) == ([path] if as_deleted else [])
    assert changed(whole)[1:] == []
    assert ana.talk.get(path).status == 200
    assert changed(ana.talk.sync(ana.work, token_of(hidden)))[1:] == [path]


def test_an_etag_drifts_without_a_change(icloud: ICloudServer, ana: Person) -> None:
    path = f"{ana.work}x.ics"
    before = icloud.put(path, event("x"))
    token = token_of(ana.talk.sync(ana.work))

    after = icloud.drift(path)

    assert before != after
    assert changed(ana.talk.sync(ana.work, token))[1:] == [path]
    assert ana.talk.get(path).headers["etag"] == after
    assert ana.talk.get(path).body.decode() == event("x")
