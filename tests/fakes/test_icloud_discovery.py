"""How iCloud is found, and who is let in."""

from dataclasses import replace

import pytest

from tests.fakes.conftest import ANA, PASSWORD, Person
from tests.fakes.icloud import ICloudServer
from tests.fakes.raw import Talk
from tests.fakes.served import basic

HOME_SET = "//c:calendar-home-set/d:href/text()"


def test_the_principal_is_a_path_and_the_home_is_on_a_second_host(
    icloud: ICloudServer, ana: Person
) -> None:
    found = ana.talk.propfind("/", "d:current-user-principal")
    [principal] = found.texts("//d:current-user-principal/d:href/text()")
    [home] = ana.talk.propfind(principal, "c:calendar-home-set").texts(HOME_SET)

    assert principal == ana.principal
    assert home == f"{icloud.partition_url}{ana.home}"
    assert icloud.partition_url != icloud.url
    at_home = replace(ana.talk, url=icloud.partition_url)
    assert at_home.propfind(ana.home, "d:resourcetype", depth="1").status == 207


def test_the_first_host_serves_every_path_as_well(ana: Person) -> None:
    assert ana.talk.propfind(ana.home, "d:resourcetype", depth="1").hrefs[0] == ana.home


def test_the_home_can_be_a_path(icloud: ICloudServer, ana: Person) -> None:
    icloud.quirks.home_on_partition = False

    assert ana.talk.propfind(ana.principal, "c:calendar-home-set").texts(HOME_SET) == [ana.home]


def test_the_first_host_can_redirect_to_the_partition(icloud: ICloudServer, ana: Person) -> None:
    icloud.quirks.edge_redirects = True

    said = ana.talk.propfind(ana.home, "d:resourcetype", depth="1")

    assert (said.status, said.headers["location"]) == (301, f"{icloud.partition_url}{ana.home}")


def test_another_partition_and_the_last_one_is_gone(icloud: ICloudServer, ana: Person) -> None:
    before = Talk(icloud.partition_url, ANA, PASSWORD)

    after = icloud.change_partition()

    with pytest.raises(OSError):  # noqa: PT011 - refused or reset, as the system likes
        before.propfind(ana.home, "d:resourcetype")
    assert ana.talk.propfind(ana.principal, "c:calendar-home-set").texts(HOME_SET) == [
        f"{after}{ana.home}"
    ]
    assert Talk(after, ANA, PASSWORD).propfind(ana.home, "d:resourcetype").status == 207


def test_another_partition_and_the_last_one_redirects(icloud: ICloudServer, ana: Person) -> None:
    before = Talk(icloud.partition_url, ANA, PASSWORD)

    after = icloud.change_partition(old="redirects")

    said = before.propfind(ana.home, "d:resourcetype")
    assert (said.status, said.headers["location"]) == (301, f"{after}{ana.home}")


def test_addresses_name_the_person_in_every_form(icloud: ICloudServer, ana: Person) -> None:
    icloud.add_alias(ANA, "ana@me.test")

    said = ana.talk.propfind(ana.principal, "c:calendar-user-address-set")

    assert said.texts("//c:calendar-user-address-set/d:href/text()") == [
        ana.principal.rstrip("/"),
        f"urn:uuid:{ana.home.split('/')[1]}",
        f"mailto:{ANA}",
        "mailto:ana@me.test",
    ]
    assert said.texts("//d:href[@preferred='1']/text()") == [f"mailto:{ANA}"]
    alias = replace(ana.talk, name="ana@me.test")
    assert alias.propfind(ana.principal, "c:calendar-home-set").status == 207


def test_a_principal_is_asked_with_depth_0_only(icloud: ICloudServer, ana: Person) -> None:
    assert ana.talk.propfind(ana.principal, "d:displayname", depth="1").status == 400

    icloud.quirks.principal_needs_depth_0 = False

    assert ana.talk.propfind(ana.principal, "d:displayname", depth="1").status == 207


@pytest.mark.parametrize("path", ["/.well-known/caldav", "/calendars/", "/10000099/calendars/"])
def test_a_wrong_path_with_right_credentials_is_a_bare_403(ana: Person, path: str) -> None:
    said = ana.talk.propfind(path, "d:resourcetype")

    assert (said.status, said.body) == (403, b"")


def test_a_calendar_that_is_not_there_is_a_404(ana: Person) -> None:
    assert ana.talk.propfind(f"{ana.home}nothing/", "d:resourcetype").status == 404


# Sign-in


@pytest.mark.parametrize(
    "password", [PASSWORD, "abcdefghijklmnop", "ABCD EFGH IJKL MNOP", "abcd-efghijkl-mnop"]
)
def test_an_app_specific_password_is_taken_however_it_is_typed(ana: Person, password: str) -> None:
    assert replace(ana.talk, password=password).propfind("/", "d:displayname").status == 207


def test_the_main_password_is_refused_like_a_wrong_one(icloud: ICloudServer, ana: Person) -> None:
    icloud.change_main_password(ANA, "correct horse")
    icloud.make_password(ANA)

    said = [
        replace(ana.talk, password=word).propfind("/", "d:displayname")
        for word in ("correct horse", "wrong", "")
    ]

    assert {(one.status, one.body) for one in said} == {(401, b"")}
    assert {one.headers["www-authenticate"] for one in said} == {
        'X-MobileMe-AuthToken realm="MMCalDav", Basic realm="MMCalDav"'
    }
    assert {one.headers["x-apple-user-partition"] for one in said} == {"1"}
    icloud.quirks.app_passwords_only = False
    assert replace(ana.talk, password="correct horse").propfind("/", "d:displayname").status == 207


def test_a_new_main_password_revokes_all_others(icloud: ICloudServer, ana: Person) -> None:
    second = icloud.make_password(ANA)
    assert replace(ana.talk, password=second).propfind("/", "d:displayname").status == 207

    icloud.change_main_password(ANA, "another main one")

    assert [
        replace(ana.talk, password=word).propfind("/", "d:displayname").status
        for word in (PASSWORD, second)
    ] == [401, 401]


def test_one_password_is_revoked_and_the_other_goes_on(icloud: ICloudServer, ana: Person) -> None:
    second = icloud.make_password(ANA)

    icloud.revoke(ANA, PASSWORD)

    assert ana.talk.propfind("/", "d:displayname").status == 401
    assert replace(ana.talk, password=second).propfind("/", "d:displayname").status == 207


def test_there_are_25_passwords_at_a_time(icloud: ICloudServer, ana: Person) -> None:
    more = [icloud.make_password(ANA) for _ in range(24)]

    assert len({PASSWORD, *more}) == 25
    with pytest.raises(AssertionError, match="25"):
        icloud.make_password(ANA)


def test_refusals_in_a_row_can_lock_an_account(icloud: ICloudServer, ana: Person) -> None:
    icloud.quirks.locks_after = 3
    wrong = replace(ana.talk, password="wrong")

    for _ in range(3):
        wrong.propfind("/", "d:displayname")

    assert ana.talk.propfind("/", "d:displayname").status == 401


def test_a_request_without_credentials_is_a_401(ana: Person) -> None:
    said = ana.talk.say("PROPFIND", "/", "", {"Authorization": "", "Depth": "0"})
    bearer = ana.talk.say("PROPFIND", "/", "", {"Authorization": "Bearer x", "Depth": "0"})

    assert (said.status, bearer.status) == (401, 401)
    assert basic(ANA, PASSWORD)["Authorization"].startswith("Basic ")
