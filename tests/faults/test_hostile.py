"""Faults 25–29: calendars that are huge, damaged or made to harm, and good ones beside them."""

import gzip
import re
import time
import tracemalloc

import pytest

from calendars.models import BlockedSlot
from integrations.models import Connection, RemoteCalendar, RemoteEvent, SyncRun
from integrations.services.cycling import read_batch
from tests.fakes.icloud import Misdeed
from tests.fakes.icloud.faults import EVER
from tests.faults.play import DAY, Play, at
from tests.integrations.caldav.test_hostile_calendars import KNOWN, SECONDS
from tests.integrations.caldav.test_multistatus import HOSTILE

MEGABYTE = 1_000_000
HREF = re.compile(rb"<d:href>(.*?)</d:href>")
PARTS = [list(KNOWN)[start : start + 6] for start in range(0, len(KNOWN), 6)]


def problems() -> dict[str, str]:
    """What staff are told, by the event's name."""
    rows = RemoteEvent.objects.exclude(problem="").values_list("href", "problem")
    return {href.rpartition("/")[2]: words for href, words in rows}


# 25


def test_fault_25_thousands_of_events_are_read_in_parts_and_resumed(play: Play) -> None:
    for number in range(2_000):
        name = f"e{number:04}"
        play.icloud.put(f"{play.home}{name}.ics", play.event(name, number % 24))
    rows = Connection.objects.select_related("remote_account")
    runs = 0

    while RemoteEvent.objects.filter(is_applied=True).count() < 2_000:
        read_batch([rows.get(pk=play.connection.pk)], seconds=1)
        play.clock.shift(1)
        runs += 1
        assert runs < 60

    assert BlockedSlot.objects.count() == 2_000
    multigets = [entry for entry in play.icloud.log if b"multiget" in entry.body]
    asked = [href for entry in multigets for href in HREF.findall(entry.body)]
    assert len(set(asked)) == 2_000
    assert len(asked) <= 2_000 + 500 * (runs - 1)  # at most one part is asked for anew each time


def test_fault_25_a_hundred_calendars_are_listed_in_one_request(play: Play) -> None:
    for number in range(100):
        play.account.calendar(f"more-{number}")
    play.icloud.clear()

    play.sync()

    assert play.icloud.requests == [("PROPFIND", play.account.home)]
    assert RemoteCalendar.objects.filter(kind="events").count() == 102


def test_fault_25_an_event_of_20_megabytes_costs_its_neighbours_nothing(play: Play) -> None:
    play.they_put("good", 9)
    play.they_put("fat", 11, f"DESCRIPTION:{'x' * 20 * MEGABYTE}")
    play.they_put("well", 13)

    for _ in range(4):
        play.sync()

    assert {9, 13} <= set(play.blocked())
    assert set(problems()) == {"fat.ics"}
    assert play.state == ("connected", "")


def test_fault_25_an_event_with_a_name_too_long_to_remember_is_listed_as_a_problem(
    play: Play,
) -> None:
    play.they_put("good", 9)
    play.icloud.put(f"{play.work}{'n' * 1100}.ics", play.event("long", 11))
    play.they_put("well", 13, to=play.home)

    for _ in range(4):
        play.sync()
    play.icloud.expire_tokens()
    play.they_put("later", 15)
    play.sync()

    assert play.blocked() == [9, 13, 15]
    [(name, words)] = problems().items()
    assert (set(name), words) == ({"n"}, "iCloud lists this event but does not hand it out.")
    assert play.state == ("connected", "")


# 26 and 28


@pytest.mark.parametrize("names", PARTS, ids=lambda names: names[0])
def test_fault_26_and_28_hostile_events_beside_good_ones(play: Play, names: list[str]) -> None:
    for name in names:
        hostile = KNOWN[name].replace("20260601T", f"{DAY:%Y%m%d}T")
        play.icloud.put(f"{play.work}{name}.ics", hostile)
    play.they_put("good", 20)
    play.they_put("well", 21, to=play.home)
    spent = time.process_time()

    run = play.sync()

    # Fetching and storing takes its time besides, and the server works in this process as well.
    assert time.process_time() - spent < 2 * SECONDS * len(names)
    assert run.result == SyncRun.Result.DONE
    assert [play.offered(20), play.offered(21)] == [False, False]
    rows = {row.href.rpartition("/")[2][:-4]: row for row in RemoteEvent.objects.all()}
    blocked = set(BlockedSlot.objects.values_list("key", flat=True))
    silent = [name for name in names if str(rows[name].pk) not in blocked | told(rows[name])]
    assert silent == []
    assert play.state == ("connected", "")


def told(row: RemoteEvent) -> set[str]:
    return {str(row.pk)} if row.problem else set()


@pytest.mark.parametrize("name", ["a_hundred_thousand_rdates", "fifty_thousand_events"])
def test_fault_28_reading_a_hostile_event_takes_less_than_200_megabytes(
    play: Play, name: str
) -> None:
    play.icloud.put(f"{play.work}hostile.ics", KNOWN[name])
    tracemalloc.start()

    play.sync()

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * MEGABYTE


# 27

ON = f"{DAY:%Y%m%d}"
HOUR = f"DTSTART:{ON}T090000Z\r\nDTEND:{ON}T100000Z"
NOWHERE = f"DTSTART;TZID=Nowhere:{ON}T090000\r\nDTEND;TZID=Nowhere:{ON}T100000"
DAMAGED = {
    # name: (lines of the event, whether its time can still be read)
    "no start": ("UID:a\r\nSUMMARY:x", False),
    "no uid": (f"{HOUR}\r\nSUMMARY:x", True),
    "date and time": (f"UID:a\r\nDTSTART;VALUE=DATE:{ON}\r\nDTEND:{ON}T100000Z", True),
    "override alone": (f"UID:a\r\nRECURRENCE-ID:{ON}T090000Z\r\n{HOUR}", True),
    "unknown zone": (f"UID:a\r\n{NOWHERE}", True),
    "floating": (f"UID:a\r\nDTSTART:{ON}T090000\r\nDTEND:{ON}T100000", True),
    "bare cr": (f"UID:a\r\nSUMMARY:one\rtwo\r\n{HOUR}", True),
    "start unreadable": ("UID:a\r\nDTSTART:soon\r\nDTEND:later", False),
    "end before start": (f"UID:a\r\nDTSTART:{ON}T090000Z\r\nDTEND:{ON}T080000Z", False),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_fault_27_a_damaged_event_blocks_what_can_be_read_and_says_so(
    play: Play, name: str
) -> None:
    lines, is_readable = DAMAGED[name]
    play.icloud.put(
        f"{play.work}damaged.ics",
        f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    )
    play.they_put("good", 20)

    run = play.sync()

    assert (run.result, 20 in play.blocked()) == (SyncRun.Result.DONE, True)
    assert (len(play.blocked()) > 1) is is_readable
    assert is_readable or "damaged.ics" in problems()
    assert play.state == ("connected", "")


def test_fault_27_two_events_of_one_uid_block_both(play: Play) -> None:
    play.they_put("one", 9)
    copy = play.event("one", 12)
    play.theirs[f"{play.home}two.ics"] = copy
    play.icloud.put(f"{play.home}two.ics", copy)

    play.sync()

    assert play.blocked() == [9, 12]
    play.check_blocked()


@pytest.mark.parametrize(
    "text", ["", "<html></html>", "BEGIN:VCALENDAR", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"]
)
def test_fault_27_a_file_without_event_leaves_what_was_known_blocked(play: Play, text: str) -> None:
    path = play.they_put("once", 9)
    play.they_put("good", 11)
    play.sync()

    play.icloud.put(path, text)
    for _ in range(4):
        play.sync()

    assert (play.blocked(), play.offered(9)) == ([9, 11], False)
    assert set(problems()) == {"once.ics"}


def test_fault_27_a_reminder_among_events_is_no_event(play: Play) -> None:
    todo = play.event("todo", 9).replace("VEVENT", "VTODO").replace("DTEND", "DUE")
    play.icloud.put(f"{play.work}todo.ics", todo)
    play.they_put("good", 11)

    play.sync()

    assert play.blocked() == [11]


# 29


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_fault_29_hostile_xml_is_refused_at_once_at_every_request(
    play: Play, name: str, nth: int
) -> None:
    play.they_put("known", 9)
    play.sync()
    play.they_put("new", 11)
    bomb = Misdeed(207, {"Content-Type": "text/xml"}, HOSTILE[name].encode())
    play.icloud.faults.add(bomb, nth=nth)
    spent = time.process_time()

    play.sync()

    assert time.process_time() - spent < 2
    assert play.blocked()[:1] == [9]
    play.settle()
    assert play.blocked() == [9, 11]
    play.check_blocked()


@pytest.mark.parametrize(
    "misdeed",
    [
        Misdeed(
            207,
            {"Content-Type": "text/xml", "Content-Encoding": "gzip"},
            gzip.compress(b"<a>" + b" " * 200 * MEGABYTE),
        ),
        Misdeed(207, {"Content-Type": "text/xml"}, filler=1000 * MEGABYTE),
    ],
    ids=["gzip bomb", "a gigabyte announced"],
)
def test_fault_29_a_body_too_large_is_dropped_where_that_shows(
    play: Play, misdeed: Misdeed
) -> None:
    play.they_put("known", 9)
    play.sync()
    play.icloud.faults.add(misdeed, times=EVER)
    began = time.monotonic()

    run = play.sync()

    assert time.monotonic() - began < 5
    assert run.received_bytes < 70 * MEGABYTE
    assert (run.result, play.blocked()) == (SyncRun.Result.FAILED, [9])
    assert at(9) > play.now
