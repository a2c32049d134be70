"""Calendars, hosts and hours in Django admin."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.forms import modelform_factory
from django.test import Client

from calendars.forms.admin import OneKindForm
from calendars.models import Appointment, Calendar, CalendarHost, Schedule, WeeklyHours
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


def as_sent(page: Any) -> dict[str, Any]:
    """What the page would send if nothing on it was changed."""
    inlines = [inline.formset for inline in page.context["inline_admin_formsets"]]
    forms = [page.context["adminform"].form]
    for formset in inlines:
        forms += [formset.management_form, *formset.initial_forms]
    values = {field.html_name: field.value() for form in forms for field in form}
    return {
        name: value for name, value in values.items() if value is not None and value is not False
    }


LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "is_counted_anew"),
    [
        ({"name": "Another name"}, False),
        ({"calendarhost_set-0-priority": 3}, False),
        ({"mode": "equal"}, True),
        ({"calendarhost_set-0-DELETE": "on"}, True),
    ],
    ids=["its name", "a priority", "its mode", "a host less"],
)
def test_the_count_for_equal_distribution_restarts_with_mode_and_hosts(
    world: World,
    admin: Client,
    change: dict[str, Any],
    is_counted_anew: bool,  # noqa: FBT001
) -> None:
    calendar = world.rows[Calendar]
    Calendar.objects.filter(pk=calendar.pk).update(counts_since=LONG_AGO)
    url = f"/admin/calendars/calendar/{calendar.pk}/change/"

    answer = admin.post(url, {**as_sent(admin.get(url)), **change})

    assert answer.status_code == 302
    counted_since = Calendar.objects.get(pk=calendar.pk).counts_since
    assert (counted_since > LONG_AGO) == is_counted_anew


@pytest.mark.parametrize("by", ["button", "action"])
def test_a_host_removed_in_the_list_of_hosts_restarts_the_count(
    world: World, admin: Client, by: str
) -> None:
    host = world.rows[CalendarHost]
    Calendar.objects.filter(pk=host.calendar_id).update(counts_since=LONG_AGO)
    action = {"action": "delete_selected", "_selected_action": host.pk, "post": "yes"}

    if by == "button":
        admin.post(f"/admin/calendars/calendarhost/{host.pk}/delete/", {"post": "yes"})
    else:
        admin.post("/admin/calendars/calendarhost/", action)

    assert not CalendarHost.objects.filter(pk=host.pk).exists()
    assert Calendar.objects.get(pk=host.calendar_id).counts_since > LONG_AGO


def test_a_host_added_in_the_list_of_hosts_restarts_the_count(world: World, admin: Client) -> None:
    calendar = world.rows[Calendar]
    Calendar.objects.filter(pk=calendar.pk).update(counts_since=LONG_AGO)
    sent = {"calendar": calendar.pk, "user": world.here.mate.pk, "priority": 2, "position": 1}

    admin.post("/admin/calendars/calendarhost/add/", sent)

    assert CalendarHost.objects.filter(calendar=calendar, user=world.here.mate).exists()
    assert Calendar.objects.get(pk=calendar.pk).counts_since > LONG_AGO


IN_THE_WAY = (
    "It has 1 upcoming meeting, which a calendar of that kind cannot have."
    " Move or cancel what is ahead first, or make another calendar."
)


def test_a_calendar_with_meetings_ahead_stays_of_a_kind_that_can_have_them(
    world: World, admin: Client
) -> None:
    url = f"/admin/calendars/calendar/{world.rows[Calendar].pk}/change/"
    sent = {**as_sent(admin.get(url)), "kind": "simple"}

    refused = admin.post(url, sent)
    as_it_was = kind_of(world.rows[Calendar])
    Appointment.objects.update(status=Appointment.Status.CANCELLED)
    taken = admin.post(url, sent)

    assert refused.context["adminform"].form.errors == {"kind": [IN_THE_WAY]}
    assert (as_it_was, taken.status_code) == ("service", 302)
    assert kind_of(world.rows[Calendar]) == "simple"


def test_what_kind_the_calendar_is_by_now_decides_whether_it_can_be_another(world: World) -> None:
    read_before = Calendar.objects.get(pk=world.rows[Calendar].pk)
    read_before.kind = "simple"
    form_of = modelform_factory(Calendar, form=OneKindForm, fields=["kind"])

    form = form_of({"kind": "simple"}, instance=read_before)

    assert form.errors == {"kind": [IN_THE_WAY]}


def kind_of(calendar: Calendar) -> str:
    return str(Calendar.objects.get(pk=calendar.pk).kind)
