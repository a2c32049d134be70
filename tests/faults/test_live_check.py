"""Fault 22: iCloud says something else than it did when the page was shown."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from calendars.models import Appointment, BusySource, CalendarHost, OutboxItem
from calendars.services.booking_keys import new_key
from integrations.models import Connection, Heartbeat, RemoteAccount
from integrations.services import leasing
from tests.bookings import make_calendar
from tests.calendars.views.pages import text_of
from tests.fakes.icloud import Misdeed
from tests.faults.play import HOUR, Play, at
from tests.jobs import work_off

PAGE = "/book/riverside/intro/"
TAKEN = "That time was just taken. Please choose another one; your details are kept."
LATER = timedelta(minutes=1)
HANGS = Misdeed(delay=20)
PATIENCE = 5  # seconds, on a machine that does other things besides


@pytest.fixture(autouse=True)
def a_while_ago(play: Play, settings: Settings) -> None:
    """What iCloud has was read a minute ago. A test that runs into the limit sets a shorter one."""
    settings.LIVE_CHECK_SECONDS = 10
    play.clock.shift(LATER)
    play.icloud.clear()


def utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def send(play: Play, hour: int, page: str = PAGE) -> Any:
    """A guest sends the form for that hour."""
    fields = {"name": "Gina Guest", "email": "gina@example.com", "notes": "Second floor"}
    form = {**fields, "start": utc(at(hour)), "key": new_key(play.calendar)}
    return Client().post(f"{page}?date={at(hour).date()}&tz=UTC", form)


def took(act: Callable[[], Any]) -> tuple[Any, float]:
    began = monotonic()
    return act(), monotonic() - began


def asked(play: Play) -> list[str]:
    return [method for method, _ in play.icloud.requests]


def booked() -> list[datetime]:
    rows = Appointment.objects.order_by("meeting__starts_at")
    return [row.meeting.starts_at for row in rows.select_related("meeting")]


def test_fault_22_what_appeared_in_icloud_since_is_seen_before_it_is_booked(play: Play) -> None:
    play.they_put("lunch", 12)

    answer = send(play, 12)

    assert answer.status_code == 409
    assert TAKEN in text_of(answer)
    assert f'value="{utc(at(12))}"' not in text_of(answer)
    assert f'value="{utc(at(13))}"' in text_of(answer)
    assert 'value="Gina Guest"' in text_of(answer)
    assert booked() == []
    play.check()


def test_fault_22_a_guest_who_moves_and_staff_who_book_and_move_are_told_as_well(
    play: Play, client: Client
) -> None:
    seat = play.book(9)
    client.force_login(play.tenant.owner, backend="django.contrib.auth.backends.ModelBackend")
    guest = {"name": "Walter Walk-in", "key": new_key(play.calendar)}
    pages = [
        (f"/appointments/{seat.token}/reschedule/", {"start": utc(at(12))}),
        ("/s/riverside/appointments/new/intro/", {"start": utc(at(14)), **guest}),
        (f"/s/riverside/appointments/{seat.pk}/move/", {"start": utc(at(16))}),
    ]

    for (page, fields), hour in zip(pages, (12, 14, 16), strict=True):
        play.clock.shift(LATER)
        play.they_put(f"at{hour}", hour)
        answer = client.post(page, fields)
        assert (page, answer.status_code, hour in play.blocked()) == (page, 409, True)

    assert booked() == [at(9)]


def test_fault_22_icloud_hangs_and_the_guest_is_answered_by_what_was_read_last(
    play: Play, settings: Settings
) -> None:
    settings.LIVE_CHECK_SECONDS = 0.5
    play.they_put("lunch", 12)
    play.icloud.faults.add(HANGS)

    answer, seconds = took(lambda: send(play, 12))

    assert answer.status_code == 302
    assert 0.5 < seconds < PATIENCE
    assert booked() == [at(12)]
    assert RemoteAccount.objects.filter(lease_until=None).count() == 1
    play.icloud.relent()
    work_off()
    assert play.blocked() == [12]


def test_fault_22_a_slow_answer_for_one_host_does_not_hide_what_the_others_says(
    play: Play, settings: Settings
) -> None:
    settings.LIVE_CHECK_SECONDS = 1
    _, other = play.another_account()
    CalendarHost.objects.create(calendar=play.calendar, user=play.tenant.mate, position=1)
    make_calendar(play.tenant.sub_account, play.tenant.mate, slug="theirs")
    work_off()
    play.clock.shift(LATER)
    play.they_put("lunch", 12)
    play.icloud.faults.add(HANGS, path=other.home_path)

    answer, seconds = took(lambda: send(play, 12))

    assert answer.status_code == 302
    assert seconds < PATIENCE
    assert Appointment.objects.get().meeting.hosts.get().user == play.tenant.mate


def test_fault_22_icloud_is_down_and_the_calendar_was_read_not_long_ago(play: Play) -> None:
    play.icloud.faults.add(Misdeed(reset="before"), times=100)

    answer, seconds = took(lambda: send(play, 12))

    assert (answer.status_code, booked()) == (302, [at(12)])
    assert seconds < PATIENCE
    assert play.state == ("connected", "unreachable")


def test_fault_22_icloud_is_down_and_the_calendar_is_stale(play: Play) -> None:
    BusySource.objects.update(last_read_at=timezone.now() - timedelta(hours=25))
    play.icloud.faults.add(Misdeed(reset="before"), times=100)

    answer = send(play, 12)

    assert (answer.status_code, booked()) == (409, [])
    assert asked(play) == []


def test_fault_22_guests_cannot_hammer_icloud(play: Play) -> None:
    """Read half a minute ago or less, refused by the engine, key or form: nothing is asked."""
    play.they_put("lunch", 12)

    statuses = [send(play, hour).status_code for hour in (12, 13, 14)]
    Client().post(PAGE, {"start": utc(at(15)), "key": new_key(play.calendar)})

    assert statuses == [409, 302, 302]
    assert asked(play) == ["PROPFIND", "REPORT", "REPORT"]


def test_fault_22_who_failed_just_now_is_not_asked_again(play: Play) -> None:
    play.icloud.faults.add(Misdeed(reset="before"), times=100)
    send(play, 12)
    first = len(asked(play))

    send(play, 13)

    assert len(asked(play)) == first
    assert booked() == [at(12), at(13)]


def test_fault_22_an_account_in_other_hands_is_waited_for_and_not_for_ever(
    play: Play, settings: Settings
) -> None:
    settings.LIVE_CHECK_SECONDS = 0.5
    lease = leasing.take(play.reloaded().remote_account)
    play.they_put("lunch", 12)

    answer, seconds = took(lambda: send(play, 12))

    assert (answer.status_code, asked(play)) == (302, [])
    assert 0.5 < seconds < PATIENCE
    assert lease is not None


@pytest.mark.parametrize("problem", ["refused", "paused", "resting"])
def test_fault_22_nobody_asks_where_that_could_lock_the_account(play: Play, problem: str) -> None:
    connection = play.reloaded()
    if problem == "refused":
        Connection.objects.update(problem="refused")
    elif problem == "paused":
        Connection.objects.update(state="paused")
    else:
        leasing.rest(connection.remote_account, until=timezone.now() + HOUR)

    answer = send(play, 12)

    assert (answer.status_code, asked(play)) == (302, [])


def test_fault_22_looking_is_no_sign_of_a_workers_life(play: Play) -> None:
    long_ago = timezone.now() - HOUR
    Heartbeat.objects.update(seen_at=long_ago)

    send(play, 12)

    assert asked(play) == ["PROPFIND"]
    assert Heartbeat.objects.get().seen_at == long_ago


def test_fault_22_what_was_cut_short_is_read_to_its_end_later(
    play: Play, settings: Settings
) -> None:
    settings.LIVE_CHECK_SECONDS = 1
    play.they_put("lunch", 12)
    play.icloud.faults.add(HANGS, method="REPORT", nth=2)

    answer = send(play, 12)

    assert (answer.status_code, play.blocked()) == (302, [])
    play.icloud.relent()
    work_off()
    assert play.blocked() == [12]
    assert not OutboxItem.objects.filter(effect="write", parked_at__isnull=False).exists()
