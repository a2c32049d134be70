"""Each kind of calendar has settings of its own, and becomes another where its meetings can."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from calendars.forms.calendars import CalendarForm
from calendars.models import Calendar, CalendarGroup
from calendars.services.booking import book
from calendars.services.cancelling import cancel
from tests.calendars.scenes import NOW, wish
from tests.calendars.views.pages import text_of
from tests.calendars.views.test_calendars import FILLED, NEW, page_of
from tests.conftest import Tenant

SignIn = Callable[[User], Client]
FULL: dict[str, Any] = {
    **FILLED,
    "seats": "7",
    "shows_seats_left": "on",
    "look_busy": "20",
    "mode": "equal",
    "price": "40 €",
    "place_in_menu": "3",
}
WRONG = {"seats": "0", "look_busy": "x", "mode": "luck", "group": "x", "place_in_menu": "-1"}
LEFT_OUT = {
    "round_robin": {"price", "group", "place_in_menu"},
    "collective": {"seats", "shows_seats_left", "mode", "price", "group", "place_in_menu"},
    "class": {"look_busy", "mode", "price", "group", "place_in_menu"},
    "service": set(),
    "simple": {"mode", "price", "group", "place_in_menu"},
}


def by_kind(calendar: Calendar) -> dict[str, Any]:
    """What not every kind has."""
    return {
        name: getattr(calendar, name) for name in sorted(LEFT_OUT["collective"] | {"look_busy"})
    }


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_settings_that_a_kind_does_not_have_stay_as_they_were(tenant: Tenant, kind: str) -> None:
    group = CalendarGroup.objects.create(sub_account=tenant.sub_account, name="Care", slug="care")
    sent = {
        **FULL,
        "kind": kind,
        "group": str(group.pk),
        **{name: value for name, value in WRONG.items() if name in LEFT_OUT[kind]},
    }
    filled = {
        "group": group,
        "look_busy": 20,
        "mode": "equal",
        "place_in_menu": 3,
        "price": "40 €",
        "seats": 7,
        "shows_seats_left": True,
    }
    before = by_kind(Calendar())

    form = CalendarForm(sent, instance=Calendar(sub_account=tenant.sub_account))

    assert form.errors == {}
    assert form.save_once()
    wanted = {name: (before if name in LEFT_OUT[kind] else filled)[name] for name in filled}
    assert by_kind(Calendar.objects.get()) == wanted


def test_the_form_marks_what_only_some_kinds_have(tenant: Tenant) -> None:
    form = CalendarForm(instance=Calendar(sub_account=tenant.sub_account))

    marked = {
        row.fields[0].name: row.kinds
        for section in form.sections
        for row in section.rows
        if row.kinds
    }

    assert marked == {
        "price": "service",
        "group": "service",
        "place_in_menu": "service",
        "seats": "round_robin class service simple",
        "shows_seats_left": "round_robin class service simple",
        "look_busy": "round_robin collective service simple",
        "mode": "round_robin service",
    }
    assert [section.heading for section in form.sections if section.kinds] == ["On the menu"]


def test_only_menus_of_ones_own_sub_account_can_be_chosen(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    theirs = CalendarGroup.objects.create(
        sub_account=other_tenant.sub_account, name="Theirs", slug="theirs"
    )

    answer = signed_in(tenant.admin).post(
        NEW, {**FILLED, "kind": "service", "group": str(theirs.pk)}
    )

    assert answer.status_code == 422
    assert Calendar.objects.count() == 0


def test_no_reminder_is_a_choice(tenant: Tenant, signed_in: SignIn, calendar: Calendar) -> None:
    data = {**FILLED, "slug": "consultation", "reminds_before": ""}

    signed_in(tenant.admin).post(page_of(calendar), data)

    calendar.refresh_from_db()
    assert calendar.reminds_before is None


def test_another_mode_restarts_the_count_and_nothing_else_does(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    long_ago = NOW - timedelta(days=100)
    Calendar.objects.update(counts_since=long_ago, mode="equal")
    client, data = signed_in(tenant.admin), {**FILLED, "slug": "consultation"}

    client.post(page_of(calendar), {**data, "mode": "equal"})
    same = Calendar.objects.get().counts_since
    client.post(page_of(calendar), {**data, "mode": "availability"})

    assert (same, Calendar.objects.get().counts_since) == (long_ago, NOW)


@pytest.mark.parametrize("kind", ["simple", "collective"])
def test_a_calendar_with_meetings_ahead_stays_of_a_kind_that_can_have_them(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar, kind: str
) -> None:
    appointment = book(wish(calendar), now=NOW)
    client, data = signed_in(tenant.admin), {**FILLED, "slug": "consultation", "kind": kind}

    refused = client.post(page_of(calendar), data)
    as_it_was = Calendar.objects.get().kind
    cancel(appointment, by=tenant.admin)
    taken = client.post(page_of(calendar), data)

    assert refused.status_code == 422
    assert "It has 1 upcoming meeting, which a calendar of that kind cannot have." in text_of(
        refused
    )
    assert (as_it_was, taken.status_code, Calendar.objects.get().kind) == ("round_robin", 302, kind)


@pytest.mark.parametrize("kind", ["service", "class"])
def test_kinds_that_share_a_host_among_guests_become_one_another(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar, kind: str
) -> None:
    book(wish(calendar), now=NOW)

    signed_in(tenant.admin).post(
        page_of(calendar), {**FILLED, "slug": "consultation", "kind": kind}
    )

    assert Calendar.objects.get().kind == kind


def test_a_meeting_booked_while_the_form_was_checked_holds_the_kind(
    tenant: Tenant, calendar: Calendar
) -> None:
    data = {**FILLED, "slug": "consultation", "kind": "simple"}
    form = CalendarForm(data, instance=Calendar.objects.get())
    assert form.is_valid()
    book(wish(calendar), now=NOW)

    is_saved = form.save_once()

    assert not is_saved
    assert set(form.errors) == {"kind"}
    assert Calendar.objects.get().kind == "round_robin"
