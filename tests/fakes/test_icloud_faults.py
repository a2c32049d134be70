"""The script of faults: each kind, at the request it is for and at no other."""

import http.client
import time
from collections.abc import Callable

import pytest

from tests.contract.servers import event
from tests.fakes.conftest import ANA, PASSWORD, Person
from tests.fakes.icloud import ICloudServer, Misdeed
from tests.fakes.icloud.faults import (
    EVER,
    answering,
    empty_multistatus,
    huge,
    redirecting,
    web_page,
)
from tests.fakes.raw import Talk
from tests.fakes.served import basic

BROKEN = (OSError, http.client.HTTPException)


def look(ana: Person) -> int:
    return ana.talk.propfind(ana.home, "d:displayname").status


def test_a_fault_strikes_the_nth_request_that_matches(icloud: ICloudServer, ana: Person) -> None:
    rule = icloud.faults.add(
        answering(503, retry_after="2"), method="PROPFIND", path=ana.home, nth=2, times=2
    )
    icloud.put(f"{ana.work}x.ics", event("x"))

    statuses = [look(ana) for _ in range(4)]

    assert statuses == [207, 503, 503, 207]
    assert ana.talk.get(f"{ana.work}x.ics").status == 200
    assert ana.talk.propfind("/", "d:displayname").status == 207
    assert (rule.seen, rule.has_struck) == (4, True)


def test_a_fault_can_be_for_what_a_request_says(icloud: ICloudServer, ana: Person) -> None:
    icloud.faults.add(answering(500), containing="calendar-multiget")

    assert ana.talk.sync(ana.work).status == 207
    assert ana.talk.multiget(ana.work, f"{ana.work}x.ics").status == 500


def test_a_fault_can_be_for_one_host(icloud: ICloudServer, ana: Person) -> None:
    icloud.faults.add(answering(502), host="p01", times=EVER)

    assert look(ana) == 207
    assert Talk(icloud.partition_url, ANA, PASSWORD).propfind(ana.home, "d:x").status == 502


def test_an_answer_by_script_has_no_effect(icloud: ICloudServer, ana: Person) -> None:
    icloud.faults.add(answering(503, retry_after="120"), method="PUT")

    said = ana.talk.put(f"{ana.work}x.ics", event("x"))

    assert (said.status, said.headers["retry-after"]) == (503, "120")
    assert not icloud.has(f"{ana.work}x.ics")


@pytest.mark.parametrize(
    ("reset", "took_effect"), [("before", False), ("during", True), ("after", True)]
)
def test_a_connection_breaks_before_during_and_after_the_effect(
    icloud: ICloudServer, ana: Person, reset: str, *, took_effect: bool
) -> None:
    icloud.faults.add(Misdeed(reset=reset), method="PUT")  # type: ignore[arg-type]

    with pytest.raises(BROKEN):
        ana.talk.put(f"{ana.work}x.ics", event("x"), If_None_Match="*")

    assert icloud.has(f"{ana.work}x.ics") is took_effect


def test_an_answer_is_cut_off(icloud: ICloudServer, ana: Person) -> None:
    icloud.faults.add(Misdeed(cut=100))

    with pytest.raises(http.client.IncompleteRead) as caught:
        look(ana)

    assert len(caught.value.partial) == 100


def test_an_answer_is_short_and_says_so(icloud: ICloudServer, ana: Person) -> None:
    icloud.faults.add(Misdeed(shorten=100))

    said = ana.talk.propfind(ana.home, "d:displayname")

    assert (said.status, len(said.body)) == (207, 100)


def test_an_answer_comes_late_or_drop_by_drop(icloud: ICloudServer, ana: Person) -> None:
    def seconds(act: Callable[[], object]) -> float:
        started = time.monotonic()
        act()
        return time.monotonic() - started

    icloud.faults.add(Misdeed(delay=0.3), nth=1)
    icloud.faults.add(Misdeed(drip=0.001), nth=2)

    assert seconds(lambda: look(ana)) > 0.3
    assert seconds(lambda: look(ana)) > 0.3  # some 600 bytes
    assert seconds(lambda: look(ana)) < 0.3


def test_a_web_page_an_empty_answer_and_a_redirect(icloud: ICloudServer, ana: Person) -> None:
    for nth, misdeed in enumerate(
        (web_page(), empty_multistatus(), redirecting("http://169.254.169.254/")), start=1
    ):
        icloud.faults.add(misdeed, nth=nth)

    page, empty, redirect = (ana.talk.propfind(ana.home, "d:displayname") for _ in range(3))

    assert (page.status, page.headers["content-type"]) == (200, "text/html")
    assert (empty.status, len(empty.tree)) == (207, 0)
    assert (redirect.status, redirect.headers["location"]) == (301, "http://169.254.169.254/")


def test_a_huge_body(icloud: ICloudServer, ana: Person) -> None:
    icloud.faults.add(huge(10_000_000))

    assert len(ana.talk.propfind(ana.home, "d:displayname").body) == 10_000_000


def test_a_kept_connection_ends_silently(icloud: ICloudServer, ana: Person) -> None:
    icloud.quirks.connection_serves = 2
    line = http.client.HTTPConnection("127.0.0.1", icloud.port, timeout=5)

    def ask() -> int:
        line.request("PROPFIND", "/", "", {**basic(ANA, PASSWORD), "Depth": "0"})
        answer = line.getresponse()
        answer.read()
        return answer.status

    assert [ask(), ask()] == [207, 207]
    assert line.sock is not None  # nothing said that it would end
    with pytest.raises(BROKEN):
        ask()
    line.close()


def test_a_slow_path_and_a_refused_one_until_it_relents(icloud: ICloudServer, ana: Person) -> None:
    icloud.slow_down(ana.home, 0.2)
    icloud.refuse("PROPFIND", ana.home, 500)

    started = time.monotonic()
    assert [look(ana), look(ana)] == [500, 500]
    assert time.monotonic() - started > 0.4

    icloud.relent()
    assert look(ana) == 207


# Limits


def test_an_account_may_ask_only_so_often_a_minute() -> None:
    now = [1000.0]
    with ICloudServer(clock=lambda: now[0]) as icloud:
        icloud.quirks.requests_per_minute = 2
        icloud.add_user(ANA, PASSWORD)
        icloud.add_user("ben@icloud.test", PASSWORD)
        ana, ben = (Talk(icloud.url, name, PASSWORD) for name in (ANA, "ben@icloud.test"))

        said = [ana.propfind("/", "d:displayname") for _ in range(3)]
        assert [one.status for one in said] == [207, 207, 503]
        assert said[2].headers["retry-after"] == "2"
        assert ben.propfind("/", "d:displayname").status == 207

        now[0] += 2  # what Retry-After said is shorter than the pause that is meant
        assert ana.propfind("/", "d:displayname").status == 503
        now[0] += 60
        assert ana.propfind("/", "d:displayname").status == 207


def test_a_limit_can_answer_429_without_retry_after(icloud: ICloudServer, ana: Person) -> None:
    icloud.quirks.requests_per_minute = 1
    icloud.quirks.throttle_status, icloud.quirks.retry_after = 429, ""

    assert look(ana) == 207
    said = ana.talk.propfind(ana.home, "d:displayname")

    assert (said.status, "retry-after" in said.headers) == (429, False)
