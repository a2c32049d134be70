"""One click writes a meeting's event to iCloud again."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from calendars.models import MeetingHost, OutboxItem
from tests.bookings import book_at_and_post, make_calendar, tomorrow_at
from tests.conftest import Tenant

SignIn = Callable[[User], Client]


@pytest.fixture
def part(tenant: Tenant) -> MeetingHost:
    """The owner's part in an appointment whose event somebody deleted in iCloud."""
    calendar = make_calendar(tenant.sub_account, tenant.owner)
    part: MeetingHost = book_at_and_post(calendar, tomorrow_at(10)).meeting.hosts.get()
    MeetingHost.objects.update(copy=MeetingHost.Copy.DELETED)
    OutboxItem.objects.update(settled_revision=1)
    return part


def url(part: MeetingHost) -> str:
    return f"/s/riverside/appointments/copies/{part.pk}/write/"


def state(part: MeetingHost) -> tuple[str, int]:
    part.refresh_from_db()
    return part.copy, OutboxItem.objects.get(effect="write", subject=part.pk).revision


def test_its_host_and_an_admin_have_it_written_again(
    tenant: Tenant, part: MeetingHost, signed_in: SignIn
) -> None:
    answer = signed_in(tenant.owner).post(url(part))

    assert answer.status_code == 302
    assert state(part) == ("waiting", 2)

    MeetingHost.objects.update(copy=MeetingHost.Copy.CHANGED)
    signed_in(tenant.admin).post(url(part))

    assert state(part) == ("waiting", 3)


def test_a_colleague_may_not(tenant: Tenant, part: MeetingHost, signed_in: SignIn) -> None:
    answer = signed_in(tenant.mate).post(url(part))

    assert answer.status_code == 403
    assert state(part) == ("deleted", 1)


def test_what_is_on_icloud_is_left_alone(
    tenant: Tenant, part: MeetingHost, signed_in: SignIn
) -> None:
    MeetingHost.objects.update(copy=MeetingHost.Copy.WRITTEN)

    answer = signed_in(tenant.owner).post(url(part), follow=True)

    assert "There is nothing to write" in answer.content.decode()
    assert state(part) == ("written", 1)
