"""Until when guests may change what they booked, by their calendar's policy of today."""

from datetime import timedelta

import pytest

from calendars.models import Appointment, Calendar
from calendars.models.meetings import new_token
from calendars.services.booking import book
from calendars.services.policies import may_cancel, may_reschedule
from tests.calendars.scenes import MONDAY_NINE, NOW, wish

A_SECOND, AN_HOUR, A_DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
BOTH, NEITHER = (True, True), (False, False)


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    return book(wish(calendar), now=NOW)


def may(appointment: Appointment, *, before: timedelta) -> tuple[bool, bool]:
    """Whether its guest may reschedule, and cancel, so long before it starts."""
    current = Appointment.objects.get(pk=appointment.pk)
    now = MONDAY_NINE - before
    return may_reschedule(current, now=now), may_cancel(current, now=now)


@pytest.mark.parametrize(
    ("policy", "before", "allowed"),
    [
        # Up to the start, where nothing else is said.
        ({}, A_SECOND, BOTH),
        ({}, timedelta(0), NEITHER),
        ({"changes_close": timedelta(minutes=1)}, timedelta(minutes=1, seconds=1), BOTH),
        ({"changes_close": timedelta(minutes=1)}, timedelta(minutes=1), NEITHER),
        ({"changes_close": AN_HOUR}, AN_HOUR + A_SECOND, BOTH),
        ({"changes_close": AN_HOUR}, AN_HOUR, NEITHER),
        ({"changes_close": AN_HOUR}, AN_HOUR - A_SECOND, NEITHER),
        ({"changes_close": A_DAY}, A_DAY, NEITHER),
        ({"guests_may_reschedule": False}, A_DAY, (False, True)),
        ({"guests_may_cancel": False}, A_DAY, (True, False)),
        ({"is_active": False}, A_DAY, (False, True)),
    ],
)
def test_what_the_calendar_says_now_holds_for_what_was_booked_before(
    appointment: Appointment,
    policy: dict[str, object],
    before: timedelta,
    allowed: tuple[bool, bool],
) -> None:
    Calendar.objects.update(**policy)

    assert may(appointment, before=before) == allowed


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        ("new", BOTH),
        ("confirmed", BOTH),
        ("showed", NEITHER),
        ("noshow", NEITHER),
        ("cancelled", NEITHER),
        ("invalid", NEITHER),
    ],
)
def test_guests_change_what_is_ahead_of_them(
    appointment: Appointment, status: str, allowed: tuple[bool, bool]
) -> None:
    Appointment.objects.update(status=status)

    assert may(appointment, before=A_DAY) == allowed


def test_a_private_link_has_256_random_bits() -> None:
    links = {new_token() for _ in range(100)}

    assert len(links) == 100
    assert {len(link) for link in links} == {43}  # of six bits each
