"""Each status, how an appointment comes to have it, and whether its time can be booked again."""

from collections.abc import Callable

import pytest

from calendars.models import Appointment, Calendar
from calendars.services.booking import book
from calendars.services.cancelling import cancel, cancel_by_guest, mark_invalid, restore
from calendars.services.confirming import confirm, mark_noshow, mark_showed
from tests.calendars.asking import change, clock
from tests.calendars.scenes import NOW, taken_of, wish
from tests.conftest import Tenant

Step = Callable[[Tenant, Appointment], object]


def guest_cancels(tenant: Tenant, appointment: Appointment) -> None:
    cancel_by_guest(appointment, reason="", now=NOW)


def by_owner(act: Callable[..., object]) -> Step:
    return lambda tenant, appointment: act(appointment, by=tenant.owner)


def is_restored(tenant: Tenant, appointment: Appointment) -> None:
    restore(appointment, by=tenant.owner, now=NOW)


CONFIRM, CANCEL, INVALID = by_owner(confirm), by_owner(cancel), by_owner(mark_invalid)
SHOWED, NOSHOW = by_owner(mark_showed), by_owner(mark_noshow)
FREE_ALL_MORNING = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
TAKEN, FREE = FREE_ALL_MORNING[1:], FREE_ALL_MORNING
ASKS, PLAIN = {"needs_confirmation": True}, {"needs_confirmation": False}


@pytest.mark.parametrize(
    ("rules", "steps", "status", "offered"),
    [
        (PLAIN, [], "confirmed", TAKEN),
        (ASKS, [], "new", TAKEN),
        (ASKS, [CONFIRM], "confirmed", TAKEN),
        (ASKS, [CANCEL], "cancelled", FREE),
        (ASKS, [INVALID], "invalid", FREE),
        (PLAIN, [guest_cancels], "cancelled", FREE),
        (PLAIN, [CANCEL], "cancelled", FREE),
        (PLAIN, [INVALID], "invalid", FREE),
        (PLAIN, [SHOWED], "showed", TAKEN),
        (PLAIN, [NOSHOW], "noshow", TAKEN),
        (PLAIN, [NOSHOW, SHOWED], "showed", TAKEN),
        (PLAIN, [NOSHOW, CANCEL], "cancelled", FREE),
        (PLAIN, [CANCEL, is_restored], "confirmed", TAKEN),
        (PLAIN, [INVALID, is_restored], "confirmed", TAKEN),
        (ASKS, [CANCEL, is_restored], "confirmed", TAKEN),
    ],
)
def test_cancelled_and_invalid_hold_no_time_and_all_others_do(
    tenant: Tenant,
    calendar: Calendar,
    rules: dict[str, bool],
    steps: list[Step],
    status: str,
    offered: list[str],
) -> None:
    calendar = change(calendar, **rules)
    appointment = book(wish(calendar), now=NOW)

    for step in steps:
        step(tenant, appointment)

    assert Appointment.objects.get().status == status
    assert clock(calendar) == offered
    assert (taken_of(tenant.owner) == []) == (offered == FREE)
