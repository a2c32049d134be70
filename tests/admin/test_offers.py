"""Calendars, hosts and hours in Django admin."""

from typing import Any

import pytest
from django.test import Client

from calendars.models import Calendar, CalendarHost, Schedule, WeeklyHours
from tests.architecture.world import SignIn, World

NO_ROWS = {
    f"{part}-{count}_FORMS": 0 for part in ("weekly", "dates") for count in ("TOTAL", "INITIAL")
}


def errors(answer: Any) -> set[str]:
    return set(answer.context["adminform"].form.errors)


@pytest.mark.parametrize("of", ["sibling", "agency"])
def test_a_host_is_a_member_of_the_calendars_sub_account(
    of: str, world: World, admin: Client
) -> None:
    outsider = world.sibling_admin if of == "sibling" else world.here.agency_admin
    sent = {"calendar": world.rows[Calendar].pk, "user": outsider.pk, "priority": 2, "position": 0}

    answer = admin.post("/admin/calendars/calendarhost/add/", sent)

    assert errors(answer) == {"user"}
    assert CalendarHost.objects.filter(user=outsider).count() == 0


def test_hours_for_a_calendar_are_of_its_own_sub_account(world: World, admin: Client) -> None:
    sent = {
        "sub_account": world.sibling.pk,
        "user": world.sibling_admin.pk,
        "calendar": world.rows[Calendar].pk,
        "time_zone": "UTC",
        **NO_ROWS,
    }

    answer = admin.post("/admin/calendars/schedule/add/", sent)

    assert errors(answer) == {"calendar"}


def test_rows_within_a_page_cannot_be_swapped_for_another_agencys(
    world: World, signed_in: SignIn
) -> None:
    theirs, mine = world.rows[WeeklyHours], world.other_rows[Schedule]
    before = WeeklyHours.objects.values().get(pk=theirs.pk)
    sent = {
        **NO_ROWS,
        "time_zone": "UTC",
        "weekly-TOTAL_FORMS": 1,
        "weekly-INITIAL_FORMS": 1,
        "weekly-0-id": theirs.pk,
        "weekly-0-schedule": mine.pk,
        "weekly-0-weekday": 6,
        "weekly-0-opens": 1,
        "weekly-0-closes": 2,
    }
    url = f"/admin/calendars/schedule/{mine.pk}/change/"

    signed_in(world.there.agency_admin).post(url, sent)
    signed_in(world.there.agency_admin).post(url, {**sent, "weekly-0-DELETE": "on"})

    assert WeeklyHours.objects.values().get(pk=theirs.pk) == before


def test_calendars_are_deactivated_and_not_deleted(world: World, signed_in: SignIn) -> None:
    url = f"/admin/calendars/calendar/{world.rows[Calendar].pk}/delete/"

    for user in (world.here.agency_admin, world.superuser):
        assert signed_in(user).post(url, {"post": "yes"}).status_code == 403

    assert Calendar.objects.filter(pk=world.rows[Calendar].pk).exists()
