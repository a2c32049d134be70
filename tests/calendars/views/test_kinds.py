"""Each kind of calendar has settings of its own, and becomes another where its meetings can."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import User
from calendars.engine.hours import Hours, OpenTime
from calendars.forms.calendars import CalendarForm
from calendars.models import Calendar, CalendarGroup, CalendarHost, Schedule
from calendars.services.booking import book
from calendars.services.cancelling import cancel
from calendars.services.working_hours import hours_in
from tests.calendars.scenes import NOW, make_calendar, wish
from tests.calendars.views.pages import text_of
from tests.calendars.views.test_calendars import FILLED, NEW, page_of
from tests.calendars.views.test_hours import sent
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
    data = {
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

    form = CalendarForm(data, instance=Calendar(sub_account=tenant.sub_account))

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


def test_a_collective_calendars_primary_host_is_changed_by_one_click(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    Calendar.objects.update(kind="collective")
    CalendarHost.objects.create(calendar=calendar, user=tenant.mate, position=1)
    client, url = signed_in(tenant.admin), f"{page_of(calendar)}hosts/"

    def to_make_primary() -> list[bool]:
        page = text_of(client.get(url))
        return [f"{url}{user.pk}/primary/" in page for user in (tenant.owner, tenant.mate)]

    before = to_make_primary()
    client.post(f"{url}{tenant.mate.pk}/primary/")

    assert (before, to_make_primary()) == ([False, True], [True, False])
    assert list(CalendarHost.objects.values_list("user", "is_primary")) == [
        (tenant.owner.pk, False),
        (tenant.mate.pk, True),
    ]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("class", "A class has one host"),
        ("simple", "the iCloud integration is not available for it"),
    ],
)
def test_the_hosts_page_says_what_hosts_are_to_the_kind(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar, kind: str, words: str
) -> None:
    Calendar.objects.update(kind=kind)

    page = text_of(signed_in(tenant.admin).get(f"{page_of(calendar)}hosts/"))

    assert words in page
    assert (f'href="{page_of(calendar)}hours/"' in page) == (kind == "simple")
    assert ("Add host" in page, "Set priority" in page) == (kind == "class", False)


def test_a_simple_calendar_has_hours_of_its_own(tenant: Tenant, signed_in: SignIn) -> None:
    calendar = make_calendar(tenant.sub_account, kind="simple")
    client, url = signed_in(tenant.admin), f"{page_of(calendar)}hours/"
    proposal = client.get(url)
    wanted = Hours(
        ZoneInfo("Asia/Tokyo"),
        weekly={0: (OpenTime(540, 1440),)},
        dates={date(2031, 3, 4): ()},
    )

    answer = client.post(
        url,
        sent(
            {0: [("09:00", "24:00")]},
            [{"day": "2031-03-04", "closed": "on"}],
            time_zone="Asia/Tokyo",
        ),
    )

    schedule = Schedule.objects.get()
    assert "It has no hours yet" in text_of(proposal)
    assert (answer.status_code, answer["Location"]) == (302, url)
    assert (schedule.user, schedule.calendar) == (None, calendar)
    assert hours_in(schedule, since=date(2026, 1, 1)) == wanted
    assert 'value="24:00"' in text_of(client.get(url))


def test_a_calendar_with_hosts_has_no_hours_of_its_own(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    answer = signed_in(tenant.admin).post(f"{page_of(calendar)}hours/", {})

    assert (answer.status_code, answer["Location"]) == (302, page_of(calendar))
    assert not Schedule.objects.filter(user=None).exists()
