import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from calendars.models import Appointment, Calendar, Taken
from calendars.services.booking import book
from calendars.services.booking_keys import new_key
from tests.calendars.scenes import (
    MONDAY_NINE,
    NOW,
    block,
    make_calendar,
    make_source,
    open_mornings,
    wish,
)
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

PAGE = "/book/riverside/consultation/"
START = "2026-03-02T08:00:00Z"
GUEST = {"name": "Gina Guest", "email": "gina@example.com", "phone": "030 1", "notes": "Hello"}


def starts_in(response: Any) -> list[str]:
    return re.findall(r'name="start" value="([^"]+)"', text_of(response))


def key_in(response: Any) -> str:
    [key] = re.findall(r'name="key" value="([^"]+)"', text_of(response))
    return str(key)


def send(client: Client, calendar: Calendar, page: str = PAGE, **fields: str) -> Any:
    """A complete form with a new key, but for what is said otherwise."""
    return client.post(page, {**GUEST, "start": START, "key": new_key(calendar), **fields})


def test_a_guest_books_a_time_and_gets_a_confirmation_with_a_calendar_file(
    client: Client, calendar: Calendar
) -> None:
    page = client.get(PAGE)
    answer = client.post(PAGE, {**GUEST, "start": starts_in(page)[0], "key": key_in(page)})

    confirmation = client.get(answer["Location"])

    appointment = Appointment.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/appointments/{appointment.token}/"
    assert appointment.meeting.starts_at == MONDAY_NINE
    assert appointment.contact.email == "gina@example.com"
    assert appointment.notes == "Hello"
    assert "You’re booked, Gina Guest" in text_of(confirmation)
    assert "Monday 2 March 2026, 09:00" in text_of(confirmation)
    assert f"/appointments/{appointment.token}/calendar.ics" in text_of(confirmation)
    assert b"BEGIN:VEVENT" in client.get(answer["Location"] + "calendar.ics").content


def test_booking_needs_no_cookie_and_sets_none(calendar: Calendar) -> None:
    strict = Client(enforce_csrf_checks=True)

    page = strict.get(PAGE)
    answer = strict.post(PAGE, {**GUEST, "start": START, "key": key_in(page)})

    assert answer.status_code == 302
    assert not strict.cookies


def test_the_page_shows_the_days_with_times_and_the_times_of_the_first(
    client: Client, calendar: Calendar
) -> None:
    page = client.get(PAGE)

    days = re.findall(r'class="day is-available[^>]*>(\d+)<', text_of(page))
    assert days[:6] == ["2", "3", "4", "5", "6", "9"]
    assert starts_in(page)[0] == START
    assert len(starts_in(page)) == 6
    assert "Monday 2 March" in text_of(page)


def test_a_chosen_day_and_time_zone_are_shown(client: Client, calendar: Calendar) -> None:
    page = client.get(PAGE, {"date": "2026-03-03", "tz": "America/New_York"})

    assert starts_in(page)[0] == "2026-03-03T08:00:00Z"
    assert ">\n03:00</label>" in text_of(page)
    assert "Times in America/New_York" in text_of(page)


def test_the_confirmation_is_in_the_guests_time_zone(client: Client, calendar: Calendar) -> None:
    answer = send(client, calendar, PAGE + "?tz=America/New_York")

    confirmation = client.get(answer["Location"])

    assert "Monday 2 March 2026, 03:00" in text_of(confirmation)
    assert "America/New_York" in text_of(confirmation)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"tz": "Mars/Olympus"}, "We don’t know that time zone"),
        ({"tz": "../../etc/passwd"}, "We don’t know that time zone"),
        ({"tz": "\0"}, "We don’t know that time zone"),
        ({"date": "soon"}, "That date cannot be booked"),
        ({"date": "2026-02-30"}, "That date cannot be booked"),
        ({"date": "0001-01-01"}, "That date cannot be booked"),
        ({"date": "9999-12-31"}, "That date cannot be booked"),
        ({"date": "\0"}, "That date cannot be booked"),
        ({"host": "999"}, "That person cannot be booked here"),
        ({"host": "x"}, "That person cannot be booked here"),
    ],
)
def test_an_address_that_makes_no_sense_shows_the_first_times_and_says_so(
    client: Client, calendar: Calendar, query: dict[str, str], message: str
) -> None:
    page = client.get(PAGE, query)

    assert page.status_code == 200
    assert message in text_of(page)
    assert starts_in(page)[0] == START


def test_a_month_that_makes_no_sense_is_ignored(client: Client, calendar: Calendar) -> None:
    for month in ("x", "9999-99", "2020-01", "\0"):
        assert starts_in(client.get(PAGE, {"month": month}))[0] == START


def test_a_month_can_be_leafed_to(client: Client, calendar: Calendar) -> None:
    page = client.get(PAGE, {"month": "2026-04", "tz": "Europe/Berlin"})

    assert starts_in(page)[0] == "2026-04-01T07:00:00Z"
    assert 'href="?month=2026-03&tz=Europe%2FBerlin"' in text_of(page)


def test_a_day_without_times_says_so_and_leads_on(client: Client, calendar: Calendar) -> None:
    page = client.get(PAGE, {"date": "2026-03-07"})

    assert "No times are free on this day" in text_of(page)
    assert starts_in(page) == []


def test_a_slot_just_taken_answers_with_fresh_slots_and_the_form_kept(
    client: Client, calendar: Calendar
) -> None:
    page = client.get(PAGE)
    book(wish(calendar, email="other@example.com"), now=NOW)

    answer = client.post(PAGE, {**GUEST, "start": START, "key": key_in(page)})

    assert answer.status_code == 409
    assert "just taken" in text_of(answer)
    assert starts_in(answer)[0] == "2026-03-02T08:30:00Z"
    assert START not in starts_in(answer)
    assert 'value="Gina Guest"' in text_of(answer)
    assert 'value="gina@example.com"' in text_of(answer)
    assert "Hello</textarea>" in text_of(answer)
    assert key_in(answer) != key_in(page)
    assert Appointment.objects.count() == 1


def test_fresh_slots_are_those_of_the_day_that_was_asked_for(
    client: Client, calendar: Calendar
) -> None:
    answer = send(client, calendar, start="2026-03-05T08:15:00Z")

    assert answer.status_code == 409
    assert starts_in(answer)[0] == "2026-03-05T08:00:00Z"


@pytest.mark.parametrize(
    "start",
    [
        "2026-03-02T08:15:00Z",
        "2026-03-02T07:30:00Z",
        "2026-02-23T08:00:00Z",
        "2027-03-01T08:00:00Z",
        "2026-03-02T08:00:00+02:00",
    ],
)
def test_a_forged_start_makes_no_appointment(
    client: Client, calendar: Calendar, start: str
) -> None:
    answer = send(client, calendar, start=start)

    assert answer.status_code == 409
    assert "cannot be booked" in text_of(answer)
    assert 'value="Gina Guest"' in text_of(answer)
    assert Taken.objects.count() == 0


@pytest.mark.parametrize(
    "field",
    [
        {"start": ""},
        {"start": "tomorrow"},
        {"start": "2026-03-02T08:00:00"},
        {"start": "2026-03-02T08:00:00.5Z"},
        {"start": "0001-01-01T00:00:00+14:00"},
        {"start": "0001-01-01T00:00:00Z"},
        {"start": "9999-12-31T23:59:59Z"},
        {"start": "2026-03-02T08:00:00Z\0"},
        {"start": "9" * 10_000},
        {"name": ""},
        {"name": " "},
        {"name": "x" * 151},
        {"name": "Gina\0"},
        {"name": "Gina\r\nBcc: x@y.z"},
        {"name": "Gi\u2028na"},
        {"email": ""},
        {"email": "gina"},
        {"email": "gına@example.com"},
        {"email": "gina@example.com\0"},
        {"email": "gina@example.com\nBcc: x@y.z"},
        {"email": "g" * 300 + "@example.com"},
        {"phone": "1" * 41},
        {"phone": "1\0"},
        {"notes": "x" * 2001},
        {"notes": "x\0"},
        {"host": "x"},
        {"host": "-1"},
    ],
    ids=str,
)
def test_a_form_that_is_not_right_is_shown_again_with_what_is_wrong(
    client: Client, calendar: Calendar, field: dict[str, str]
) -> None:
    answer = send(client, calendar, **field)

    assert answer.status_code == 422
    assert "Please check what you entered" in text_of(answer)
    assert starts_in(answer)
    assert Appointment.objects.count() == 0


def test_control_characters_in_notes_become_spaces_and_lines_stay_lines(
    client: Client, calendar: Calendar
) -> None:
    send(client, calendar, notes="one\r\ntwo\x0bthree\x1b[31m\u2028four")

    assert Appointment.objects.get().notes == "one\ntwo\nthree [31m\nfour"


def test_a_line_end_counts_once_in_notes(client: Client, calendar: Calendar) -> None:
    send(client, calendar, notes="x" * 999 + "\r\n" + "y" * 1000)

    assert Appointment.objects.get().notes == "x" * 999 + "\n" + "y" * 1000


@pytest.mark.parametrize("key", ["", "forged", "a:b:c", "\0"])
def test_without_a_valid_key_nothing_is_booked(
    client: Client, calendar: Calendar, key: str
) -> None:
    answer = send(client, calendar, key=key)

    assert answer.status_code == 403
    assert key_in(answer) not in ("", key)
    assert 'value="Gina Guest"' in text_of(answer)
    assert Appointment.objects.count() == 0


def test_a_key_of_another_tenants_calendar_is_refused(
    client: Client, calendar: Calendar, other_tenant: Tenant
) -> None:
    other = make_calendar(other_tenant.sub_account, [other_tenant.owner])

    answer = send(client, calendar, key=new_key(other))

    assert answer.status_code == 403


def test_a_key_is_good_for_24_hours(client: Client, calendar: Calendar) -> None:
    key = new_key(calendar)

    with time_machine.travel(NOW + timedelta(hours=24, seconds=1), tick=False):
        answer = send(client, calendar, key=key, start="2026-03-03T08:00:00Z")

    assert answer.status_code == 403


def test_the_same_form_sent_twice_leads_to_the_same_appointment(
    client: Client, calendar: Calendar
) -> None:
    key = new_key(calendar)

    first = send(client, calendar, key=key)
    second = send(client, calendar, key=key)

    assert first["Location"] == second["Location"]
    assert Appointment.objects.count() == 1


def test_a_used_key_with_other_data_is_refused_with_a_new_key(
    client: Client, calendar: Calendar
) -> None:
    key = new_key(calendar)
    send(client, calendar, key=key)

    answer = send(client, calendar, key=key, start="2026-03-02T09:00:00Z")

    assert answer.status_code == 409
    assert "made an appointment already" in text_of(answer)
    assert key_in(answer) != key
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(
    "path",
    [
        "/book/nowhere/",
        "/book/nowhere/consultation/",
        "/book/riverside/nothing/",
        "/book/riverside/retired/",
        "/book/riverside/theirs/",
    ],
)
def test_what_does_not_exist_here_is_not_found(
    client: Client, tenant: Tenant, other_tenant: Tenant, path: str
) -> None:
    make_calendar(tenant.sub_account, [tenant.owner], slug="retired", is_active=False)
    make_calendar(other_tenant.sub_account, [other_tenant.owner], slug="theirs")

    assert client.get(path).status_code == 404


def test_the_list_names_the_active_calendars_of_this_sub_account(
    client: Client, calendar: Calendar, tenant: Tenant, other_tenant: Tenant
) -> None:
    make_calendar(tenant.sub_account, slug="retired", name="Retired", is_active=False)
    make_calendar(other_tenant.sub_account, name="Theirs")

    page = text_of(client.get("/book/riverside/"))

    assert PAGE in page
    assert "30 minutes" in page
    assert "Retired" not in page
    assert "Theirs" not in page


def test_a_sub_account_without_calendars_says_so(client: Client, tenant: Tenant) -> None:
    assert "Nothing to book at present" in text_of(client.get("/book/riverside/"))


def test_a_guest_can_ask_for_one_of_several_hosts(
    client: Client, tenant: Tenant, calendar: Calendar
) -> None:
    open_mornings(tenant.mate, tenant.sub_account)
    calendar.calendarhost_set.create(user=tenant.mate, position=1)
    block(tenant.mate, tenant.sub_account, MONDAY_NINE)

    page = client.get(PAGE, {"host": tenant.mate.pk})
    answer = send(client, calendar, start=starts_in(page)[0], host=str(tenant.mate.pk))

    assert starts_in(page)[0] == "2026-03-02T09:00:00Z"
    assert f'name="host" value="{tenant.mate.pk}"' in text_of(page)
    assert answer.status_code == 302
    assert Appointment.objects.get().meeting.hosts.get().user == tenant.mate


def test_nothing_private_is_on_any_public_page(
    client: Client, tenant: Tenant, calendar: Calendar
) -> None:
    source = make_source(tenant.owner, tenant.sub_account, name="Divorce lawyer")
    block(tenant.owner, tenant.sub_account, NOW, source=source, key="1", title="Divorce lawyer")
    User.objects.filter(pk=tenant.owner.pk).update(full_name="")
    booked = send(client, calendar)

    pages: list[Any] = [
        client.get("/book/riverside/"),
        client.get(PAGE),
        send(client, calendar),
        client.get(booked["Location"]),
        client.get(booked["Location"] + "calendar.ics"),
    ]

    for page in pages:
        assert b"Divorce" not in page.content
        assert b"owner@riverside.test" not in page.content


def test_public_pages_are_not_stored(client: Client, calendar: Calendar) -> None:
    for path in ("/book/riverside/", PAGE):
        assert "no-store" in client.get(path)["Cache-Control"]


@pytest.mark.parametrize("hosts", [1, 3])
def test_the_page_takes_as_many_queries_however_many_hosts(
    client: Client,
    tenant: Tenant,
    frozen: None,
    django_assert_num_queries: DjangoAssertNumQueries,
    hosts: int,
) -> None:
    people = [tenant.owner, tenant.mate, tenant.admin][:hosts]
    for user in people:
        open_mornings(user, tenant.sub_account)
    make_calendar(tenant.sub_account, people)

    with django_assert_num_queries(7):  # the calendar, its brand, its hosts, and a month in four
        client.get(PAGE, {"date": "2026-03-02"})
    with django_assert_num_queries(7):  # the same, where nobody asked for a day
        client.get(PAGE)
