"""Calendars are made and edited on pages, by those who may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Member, User
from calendars.models import Calendar, CalendarHost, Meeting, MeetingHost
from calendars.services.booking import book
from tests.calendars.scenes import MONDAY_NINE, NOW, make_calendar, make_source, open_mornings, wish
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant, make_user

SignIn = Callable[[User], Client]
LIST = "/s/riverside/settings/calendars/"
NEW = f"{LIST}new/"
HOSTILE = "<script>alert(1)</script>{{ 7|add:7 }}"
FILLED: dict[str, Any] = {
    "name": "Intro call",
    "slug": "",
    "kind": "round_robin",
    "description": "Half an hour.",
    "location": "Quay 4",
    "price": "",
    "group": "",
    "place_in_menu": "0",
    "time_zone": "Europe/Berlin",
    "duration": "45",
    "interval": "15",
    "is_aligned": "on",
    "buffer_before": "5",
    "buffer_after": "10",
    "notice": "3",
    "notice_unit": "hours",
    "horizon": "8",
    "horizon_unit": "weeks",
    "seats": "2",
    "daily_limit": "5",
    "look_busy": "20",
    "mode": "equal",
    "needs_confirmation": "on",
    "guests_may_cancel": "on",
    "changes_close": "2",
    "changes_close_unit": "days",
    "reminds_before": "36",
    "reminds_before_unit": "hours",
}


def page_of(calendar: Calendar) -> str:
    return f"{LIST}{calendar.pk}/"


def settings_of(calendar: Calendar) -> dict[str, Any]:
    """All that the form sets."""
    names = [*FILLED, "shows_seats_left", "guests_may_reschedule", "is_active", "sub_account_id"]
    units = ("changes_close_unit", "reminds_before_unit")
    return {name: getattr(calendar, name) for name in names if name not in units}


def test_an_admin_makes_a_calendar_with_all_of_its_settings(
    tenant: Tenant, signed_in: SignIn
) -> None:
    answer = signed_in(tenant.admin).post(NEW, FILLED)

    made = Calendar.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(made))
    assert settings_of(made) == {
        "name": "Intro call",
        "slug": "intro-call",
        "kind": "round_robin",
        "description": "Half an hour.",
        "location": "Quay 4",
        "price": "",
        "group": None,
        "place_in_menu": 0,
        "time_zone": "Europe/Berlin",
        "duration": timedelta(minutes=45),
        "interval": timedelta(minutes=15),
        "is_aligned": True,
        "buffer_before": timedelta(minutes=5),
        "buffer_after": timedelta(minutes=10),
        "notice": 3,
        "notice_unit": "hours",
        "horizon": 8,
        "horizon_unit": "weeks",
        "seats": 2,
        "shows_seats_left": False,
        "daily_limit": 5,
        "look_busy": 20,
        "mode": "equal",
        "needs_confirmation": True,
        "guests_may_reschedule": False,
        "guests_may_cancel": True,
        "changes_close": timedelta(days=2),
        "reminds_before": timedelta(hours=36),
        "is_active": True,
        "sub_account_id": tenant.sub_account.pk,
    }


def test_a_new_calendar_can_be_booked_once_it_has_a_host_with_hours(
    tenant: Tenant, signed_in: SignIn, frozen: None
) -> None:
    open_mornings(tenant.owner, tenant.sub_account)
    client = signed_in(tenant.admin)
    client.post(NEW, FILLED)
    made = Calendar.objects.get()
    member = Member.objects.get(user=tenant.owner)

    before = text_of(client.get(page_of(made)))
    client.post(f"{page_of(made)}hosts/", {"member": member.pk, "priority": "2"})
    after = text_of(client.get(page_of(made)))

    assert "It has no hosts" in before
    assert "Can be booked" not in before
    assert "Can be booked" in after
    assert "?date=2026-03-02" in text_of(Client().get("/book/riverside/intro-call/"))


@pytest.mark.parametrize(
    ("name", "address"),
    [("Intro call", "intro-call-2"), ("Menu", "menu-2"), ("Käse & Wein", "kase-wein")],
)
def test_the_address_is_proposed_from_the_name_and_never_twice(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn, name: str, address: str
) -> None:
    make_calendar(tenant.sub_account, slug="intro-call")
    make_calendar(other_tenant.sub_account, slug="kase-wein")

    signed_in(tenant.admin).post(NEW, {**FILLED, "name": name})

    assert Calendar.objects.latest("pk").slug == address


def test_a_name_without_latin_letters_asks_for_an_address(
    tenant: Tenant, signed_in: SignIn
) -> None:
    answer = signed_in(tenant.admin).post(NEW, {**FILLED, "name": "初回相談"})

    assert answer.status_code == 422
    assert "Write an address with letters a–z, digits and hyphens." in text_of(answer)
    assert 'value="初回相談"' in text_of(answer)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "Name: This field is required."),
        ({"name": "a\0b"}, "Null characters are not allowed."),
        ({"name": "two\u2028lines"}, "Please leave out line breaks and control characters."),
        ({"name": "x" * 151}, "at most 150 characters"),
        ({"description": "x" * 2001}, "at most 2000 characters"),
        ({"slug": "menu"}, "“menu” is kept for service menus."),
        ({"slug": "taken"}, "Another calendar here has this address already."),
        ({"slug": "no spaces"}, "Enter a valid “slug”"),
        ({"kind": "tea"}, "Select a valid choice. tea is not one of the available choices."),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus is not one of the available choices."),
        ({"duration": "0"}, "Duration in minutes: 1 is the least."),
        ({"duration": "00:30:00"}, "Enter a whole number of minutes."),
        ({"interval": "10081"}, "A week (10080 minutes) is the most."),
        ({"buffer_before": "-1"}, "Buffer before in minutes: 0 is the least."),
        ({"notice": "99999999999999999999"}, "less than or equal to 32767"),
        ({"horizon": "25", "horizon_unit": "months"}, "booked two years ahead at most"),
        ({"horizon": "-1"}, "greater than or equal to 0"),
        ({"notice": "9", "notice_unit": "weeks"}, "no time could ever be booked"),
        ({"changes_close": "32"}, "This has to be 31 days at most."),
        ({"changes_close": "9" * 30}, "This has to be 31 days at most."),
        ({"changes_close_unit": "years"}, "years is not one of the available choices"),
        ({"reminds_before": "0"}, "greater than or equal to 1"),
        ({"reminds_before": "9" * 30}, "This has to be 31 days at most."),
        ({"seats": "1001"}, "less than or equal to 1000"),
        ({"daily_limit": "0"}, "greater than or equal to 1"),
        ({"look_busy": "91"}, "less than or equal to 90"),
        ({"mode": "luck"}, "luck is not one of the available choices"),
        ({"kind": "service", "group": "0"}, "That choice is not one of the available choices."),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_with_words_and_nothing_is_lost(
    tenant: Tenant, signed_in: SignIn, changed: dict[str, str], words: str
) -> None:
    make_calendar(tenant.sub_account, slug="taken")

    answer = signed_in(tenant.admin).post(NEW, {**FILLED, **changed})

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert 'value="Quay 4"' in text_of(answer)
    assert Calendar.objects.count() == 1


def test_all_that_is_wrong_is_said_at_once(tenant: Tenant, signed_in: SignIn) -> None:
    make_calendar(tenant.sub_account, slug="taken")
    wrong = {"slug": "taken", "duration": "0", "changes_close": "x"}

    answer = signed_in(tenant.admin).post(NEW, {**FILLED, **wrong})

    assert set(answer.context["form"].errors) == {"slug", "duration", "changes_close"}


def test_editing_shows_minutes_and_changes_what_is_sent(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    Calendar.objects.update(buffer_after=timedelta(hours=2), changes_close=timedelta(hours=36))
    client = signed_in(tenant.admin)
    page = text_of(client.get(page_of(calendar)))

    answer = client.post(page_of(calendar), {**FILLED, "name": "Renamed", "slug": "renamed"})

    assert 'name="buffer_after" value="120"' in page
    assert 'name="changes_close" value="36"' in page
    assert "http://testserver/book/riverside/consultation/" in page
    calendar.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, page_of(calendar))
    assert (calendar.name, calendar.slug, calendar.buffer_after) == (
        "Renamed",
        "renamed",
        timedelta(minutes=10),
    )


def test_what_is_sent_back_untouched_changes_nothing(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    Calendar.objects.update(
        time_zone="US/Eastern", changes_close=timedelta(minutes=90), reminds_before=None
    )
    before = Calendar.objects.values().get()
    client = signed_in(tenant.admin)
    form = client.get(page_of(calendar)).context["form"]

    values = {name: form[name].value() for name in form.fields}
    sent = {name: "" if value is None else value for name, value in values.items()}
    sent = {name: value for name, value in sent.items() if value is not False}
    answer = client.post(page_of(calendar), sent)

    assert answer.status_code == 302
    assert Calendar.objects.values().get() == before


def test_a_part_of_a_minute_is_not_dropped_without_a_word(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    Calendar.objects.update(duration=timedelta(seconds=90))

    page = text_of(signed_in(tenant.admin).get(page_of(calendar)))
    answer = signed_in(tenant.admin).post(
        page_of(calendar), {**FILLED, "slug": "consultation", "duration": "1.5"}
    )

    assert 'name="duration" value="1.5"' in page
    assert answer.status_code == 422
    assert Calendar.objects.get().duration == timedelta(seconds=90)


def test_an_address_taken_by_another_calendar_is_refused_when_editing(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    make_calendar(tenant.sub_account, slug="other")

    answer = signed_in(tenant.admin).post(page_of(calendar), {**FILLED, "slug": "other"})

    assert answer.status_code == 422
    calendar.refresh_from_db()
    assert calendar.slug == "consultation"


def test_fields_that_the_form_does_not_have_change_nothing(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    more = {
        "sub_account": other_tenant.sub_account.pk,
        "group": "1",
        "hosts": tenant.mate.pk,
        "is_active": "",
        "id": "999",
        "pk": "999",
        "is_superuser": "on",
        "role": "admin",
    }

    answer = signed_in(tenant.owner).post(
        page_of(calendar), {**FILLED, "slug": "consultation", **more}
    )

    calendar.refresh_from_db()
    assert answer.status_code == 302
    assert (calendar.sub_account, calendar.group, calendar.is_active) == (
        tenant.sub_account,
        None,
        True,
    )
    assert list(calendar.hosts.all()) == [tenant.owner]
    assert Member.objects.get(user=tenant.owner).role == Member.Role.USER
    assert not User.objects.filter(is_superuser=True).exists()


def test_hostile_text_is_shown_as_text(tenant: Tenant, signed_in: SignIn) -> None:
    client = signed_in(tenant.admin)
    client.post(
        NEW,
        {**FILLED, "name": HOSTILE, "slug": "x", "location": HOSTILE, "description": HOSTILE},
    )
    made = Calendar.objects.get()

    pages = [client.get(url).content.decode() for url in (LIST, page_of(made))]

    assert made.name == HOSTILE
    assert ["<script>alert" in page for page in pages] == [False, False]
    assert ["&lt;script&gt;alert" in page for page in pages] == [True, True]


def test_each_kind_says_what_it_is_and_simple_that_it_has_no_icloud(
    tenant: Tenant, signed_in: SignIn
) -> None:
    page = text_of(signed_in(tenant.admin).get(NEW))

    assert "All of its hosts together." in page
    assert "No hosts, and the iCloud integration is not available for it." in page


@pytest.mark.parametrize("kind", ["collective", "class", "simple"])
def test_a_new_calendar_of_each_kind_says_what_it_misses(
    tenant: Tenant, signed_in: SignIn, kind: str
) -> None:
    client = signed_in(tenant.admin)

    client.post(NEW, {**FILLED, "kind": kind})

    made = Calendar.objects.get()
    page = text_of(client.get(page_of(made)))
    assert made.kind == kind
    assert ("It has no hosts" in page) == (kind != "simple")
    assert ("It has no hours and is never offered." in page) == (kind == "simple")


def test_hosts_edit_their_calendars_and_nobody_elses(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    theirs = make_calendar(tenant.sub_account, [tenant.mate], slug="theirs")
    data = {**FILLED, "slug": "consultation", "name": "By its host"}

    own = signed_in(tenant.owner).post(page_of(calendar), data)
    refused = [
        signed_in(tenant.owner).get(page_of(theirs)),
        signed_in(tenant.owner).post(page_of(theirs), {**data, "slug": "theirs"}),
        signed_in(tenant.mate).post(page_of(calendar), {**data, "name": "Stolen"}),
        signed_in(tenant.owner).post(NEW, FILLED),
        signed_in(tenant.owner).get(f"{page_of(calendar)}hosts/"),
    ]

    assert own.status_code == 302
    assert [answer.status_code for answer in refused] == [403] * 5
    assert sorted(Calendar.objects.values_list("name", flat=True)) == [
        "By its host",
        "Consultation",
    ]


def test_the_list_leads_to_the_calendars_one_may_edit(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    theirs = make_calendar(tenant.sub_account, [tenant.mate], slug="theirs")

    as_owner, as_admin = (
        text_of(signed_in(user).get(LIST)) for user in (tenant.owner, tenant.admin)
    )

    assert [f'href="{page_of(one)}"' in as_owner for one in (calendar, theirs)] == [True, False]
    assert [f'href="{page_of(one)}"' in as_admin for one in (calendar, theirs)] == [True, True]
    assert [f'href="{NEW}"' in page for page in (as_owner, as_admin)] == [False, True]


def test_strangers_find_no_calendar(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    stranger = signed_in(other_tenant.admin)
    at_home = page_of(calendar).replace("riverside", "hillside")

    answers = [
        stranger.post(url, FILLED)
        for url in (
            page_of(calendar),
            NEW,
            at_home,
            f"{at_home}deactivate/",
            f"{at_home}hosts/",
            f"{at_home}hosts/{tenant.owner.pk}/remove/",
        )
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert Calendar.objects.get().name == "Consultation"
    assert list(calendar.hosts.all()) == [tenant.owner]


def test_a_deactivated_calendar_is_off_the_public_pages_until_it_is_activated(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    client, public = signed_in(tenant.owner), "/book/riverside/consultation/"

    client.post(f"{page_of(calendar)}deactivate/")
    off = Client().get(public).status_code
    page = text_of(client.get(page_of(calendar)))
    client.post(f"{page_of(calendar)}activate/")
    on = Client().get(public).status_code

    assert (off, on) == (404, 200)
    assert "Not active" in page
    assert "Activate calendar" in page


def test_a_calendar_says_whose_hours_it_misses_and_whose_calendars_are_not_checked(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    CalendarHost.objects.create(calendar=calendar, user=tenant.mate)
    make_source(tenant.mate, tenant.sub_account)

    page = text_of(signed_in(tenant.admin).get(page_of(calendar)))

    assert "Mate has no hours and is never offered." in page
    assert "No calendar of Owner is checked for conflicts" in page
    assert "No calendar of Mate is checked" not in page


def test_hosts_are_added_at_the_end_and_only_members_are_offered(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    away = make_user("away@riverside.test", full_name="Away")
    Member.objects.create(sub_account=tenant.sub_account, user=away)
    User.objects.filter(pk=away.pk).update(is_active=False)
    client, url = signed_in(tenant.admin), f"{page_of(calendar)}hosts/"
    offered = client.get(url).context["form"].fields["member"].choices

    client.post(url, {"member": Member.objects.get(user=tenant.mate).pk, "priority": "3"})

    assert [label for _, label in offered] == ["Admin", "Mate"]
    assert list(
        CalendarHost.objects.filter(calendar=calendar).values_list("user", "priority", "position")
    ) == [(tenant.owner.pk, 2, 0), (tenant.mate.pk, 3, 1)]


def test_nobody_but_a_member_who_is_no_host_yet_becomes_one(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    invited = Member.including_invited.create(
        sub_account=tenant.sub_account, user=make_user("new@riverside.test"), accepted_at=None
    )
    strangers = [
        Member.objects.get(user=other_tenant.owner).pk,
        Member.objects.get(user=tenant.owner).pk,
        invited.pk,
        other_tenant.owner.pk,
        0,
        "x",
        "\0",
        "9" * 40,
    ]
    client, url = signed_in(tenant.admin), f"{page_of(calendar)}hosts/"

    answers = [client.post(url, {"member": pk, "priority": "2"}) for pk in strangers]

    assert [answer.status_code for answer in answers] == [422] * len(strangers)
    assert list(calendar.hosts.all()) == [tenant.owner]


def test_priority_and_order_of_hosts_are_changed_by_admins(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    for user in (tenant.mate, tenant.admin):
        CalendarHost.objects.create(calendar=calendar, user=user)  # positions of one and all: 0
    client, url = signed_in(tenant.admin), f"{page_of(calendar)}hosts/"

    client.post(f"{url}{tenant.admin.pk}/move/", {"direction": "up"})
    client.post(f"{url}{tenant.owner.pk}/move/", {"direction": "up"})  # the first already
    client.post(f"{url}{tenant.admin.pk}/priority/", {"priority": "3", "user": tenant.mate.pk})
    odd = [
        client.post(f"{url}{tenant.mate.pk}/priority/", {"priority": "9"}, follow=True),
        client.post(f"{url}{tenant.mate.pk}/move/", {"direction": "away"}, follow=True),
    ]

    assert list(
        CalendarHost.objects.filter(calendar=calendar).values_list("user", "priority", "position")
    ) == [(tenant.owner.pk, 2, 0), (tenant.admin.pk, 3, 1), (tenant.mate.pk, 2, 2)]
    assert ["Nothing has been changed." in text_of(answer) for answer in odd] == [True, True]


def test_a_removed_host_keeps_the_meetings_they_have(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    appointment = book(wish(calendar), now=NOW)

    answer = signed_in(tenant.admin).post(f"{page_of(calendar)}hosts/{tenant.owner.pk}/remove/")

    assert answer.status_code == 302
    assert not CalendarHost.objects.filter(calendar=calendar).exists()
    assert Meeting.objects.get().starts_at == MONDAY_NINE
    assert MeetingHost.objects.get().user == tenant.owner
    assert Client().get(f"/appointments/{appointment.token}/").status_code == 200
    assert signed_in(tenant.owner).get("/s/riverside/calendar/").status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_a_calendars_page_takes_as_many_queries_however_many_host_it(
    tenant: Tenant,
    signed_in: SignIn,
    calendar: Calendar,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for user in [tenant.mate, tenant.admin][: number - 1]:
        CalendarHost.objects.create(calendar=calendar, user=user)
    client = signed_in(tenant.admin)

    with django_assert_num_queries(13):
        client.get(page_of(calendar))
