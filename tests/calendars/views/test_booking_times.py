import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from lxml import html
from pytest_django import DjangoAssertNumQueries

from accounts.models import Member, User
from calendars.models import Appointment, Calendar, Contact
from calendars.services.booking import book
from calendars.services.booking_keys import new_key
from tests.architecture.rows import everything
from tests.calendars.scenes import (
    MONDAY_NINE,
    NOW,
    add_host,
    block,
    flagged,
    make_calendar,
    wish,
)
from tests.calendars.views.pages import sent_by, text_of
from tests.conftest import Tenant

NEW = "/s/riverside/appointments/new/"
BOOK = f"{NEW}consultation/"
NINE, TEN = "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"
WALTER = {"name": "Walter", "email": "walter@example.com", "phone": "030 7", "notes": "Lift broken"}
SignIn = Callable[[User], Client]


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    """Nine o'clock on Monday, served by the owner."""
    return book(wish(calendar), now=NOW)


def move_page(appointment: Appointment) -> str:
    return f"/s/riverside/appointments/{appointment.pk}/move/"


def facts(appointment: Appointment) -> tuple[Any, ...]:
    """When it is, with whom, and whether anything lies there as well."""
    meeting = appointment.meeting
    meeting.refresh_from_db()
    part = meeting.hosts.serving().get()
    return meeting.starts_at, part.person.full_name, part.is_overlapping


def test_one_first_chooses_a_calendar_one_may_book_on(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    make_calendar(tenant.sub_account, [tenant.owner], slug="class", name="Yoga", kind="class")
    make_calendar(tenant.sub_account, [tenant.owner], slug="off", name="Off", is_active=False)
    make_calendar(tenant.sub_account, [tenant.mate], slug="mates", name="Mate's own")

    owner = text_of(signed_in(tenant.owner).get(NEW))
    admin = text_of(signed_in(tenant.admin).get(NEW))

    assert f'href="{BOOK}"' in owner
    assert f'href="{NEW}class/"' in owner
    assert "Off" not in owner
    assert "Mate's own" not in owner
    assert f'href="{NEW}mates/"' in admin


def test_who_hosts_nothing_is_told_what_to_do(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    assert "No calendar to book on" in text_of(signed_in(tenant.mate).get(NEW))


def test_only_hosts_and_admins_book(tenant: Tenant, signed_in: SignIn, calendar: Calendar) -> None:
    before = everything()

    answers = [
        signed_in(tenant.mate).get(BOOK),
        signed_in(tenant.mate).post(BOOK, {"start": NINE, **WALTER}),
        signed_in(tenant.owner).get(f"{NEW}nothing/"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 404]
    assert everything() == before


def test_times_are_offered_by_the_readers_clock_as_on_the_public_page(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    Member.objects.filter(user=tenant.owner).update(time_zone="Asia/Tokyo")

    page = text_of(signed_in(tenant.owner).get(BOOK))

    assert "Monday 2 March" in page
    assert f'value="{NINE}"' in page
    assert ">17:00</label>" in page.replace("\n", "")
    assert "Times in Asia/Tokyo" in page


def test_one_hosts_times_can_be_looked_at(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    add_host(calendar, tenant.mate)
    block(tenant.mate, tenant.sub_account, MONDAY_NINE)
    client = signed_in(tenant.owner)

    anyone = text_of(client.get(BOOK, {"date": "2026-03-02"}))
    mates = text_of(client.get(BOOK, {"date": "2026-03-02", "host": str(tenant.mate.pk)}))

    assert f'value="{NINE}"' in anyone
    assert f'value="{NINE}"' not in mates
    assert f'<input type="hidden" name="host" value="{tenant.mate.pk}"' in mates


def test_an_offered_time_is_booked_and_everything_about_the_guest_kept(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    page = signed_in(tenant.owner).post(BOOK, {"start": NINE, **WALTER}, follow=True)

    made = Appointment.objects.get()
    assert page.redirect_chain == [(f"/s/riverside/appointments/{made.pk}/", 302)]
    assert "Booked: Monday 2 March 2026, 09:00. The guest is told by e-mail." in text_of(page)
    assert facts(made) == (MONDAY_NINE, "Owner", False)
    assert (made.guest_name, made.guest_email, made.guest_phone, made.notes) == (
        *("Walter", "walter@example.com", "030 7", "Lift broken"),
    )
    assert made.guest_time_zone == "Europe/Berlin"
    assert made.history.get().by == tenant.owner
    assert Contact.objects.get().name == "Walter"


def test_a_name_is_enough_and_a_host_can_be_picked(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    add_host(calendar, tenant.mate)
    sent = {"start": NINE, "name": "Phil", "host": tenant.mate.pk}

    page = signed_in(tenant.owner).post(BOOK, sent, follow=True)

    made = Appointment.objects.get()
    assert facts(made) == (MONDAY_NINE, "Mate", False)
    assert made.meeting.hosts.get().chosen_because == "picked by staff"
    assert "please tell them yourself" in text_of(page)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Guest’s name: This field is required."),
        ({"start": ""}, "Time: Please choose a time, or write another one."),
        ({"start": "\0"}, "Time: Please choose one of the times shown."),
        ({"other": "soon"}, "Enter a date and a time, such as 2026-03-02T09:00."),
        ({"email": "nobody"}, "E-mail: Enter a valid email address."),
        ({"host": "x"}, "Something is missing or not right."),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_what_was_typed_kept(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar, change: dict[str, str], words: str
) -> None:
    before = everything()

    page = signed_in(tenant.owner).post(BOOK, {"start": NINE, **WALTER, **change})

    assert page.status_code == 422
    assert words in text_of(page)
    assert "Lift broken" in text_of(page)
    assert everything() == before


def test_a_time_that_is_not_offered_says_why_per_host_and_keeps_what_was_typed(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    add_host(appointment.meeting.calendar, tenant.mate)
    block(tenant.mate, tenant.sub_account, MONDAY_NINE)
    before = everything()

    page = signed_in(tenant.owner).post(BOOK, {"start": NINE, **WALTER})
    text = text_of(page)

    assert page.status_code == 409
    assert "Owner: Another appointment lies there." in text
    assert "Mate: The time was blocked by hand." in text
    assert "Lift broken" in text
    assert f'name="anyway" value="{NINE}">Book anyway</button>' in text
    assert everything() == before


def test_insisting_books_it_over_the_other_and_flags_both(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    sent = {"start": NINE, **WALTER, "anyway": NINE}

    page = signed_in(tenant.owner).post(BOOK, sent, follow=True)

    made = Appointment.objects.latest("pk")
    assert facts(made) == (MONDAY_NINE, "Owner", True)
    assert flagged() == {appointment.meeting_id, made.meeting_id}
    assert "Booked anyway: another appointment lies there." in text_of(page)


def test_the_button_to_insist_books_the_refused_time_for_whom_the_form_says(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    client = signed_in(tenant.owner)

    refused = client.post(BOOK, {"start": NINE, **WALTER})
    client.post(BOOK, sent_by(refused, "Book anyway"))

    made = Appointment.objects.latest("pk")
    assert refused.status_code == 409
    assert facts(made) == (MONDAY_NINE, "Owner", True)
    assert (made.guest_name, made.notes) == ("Walter", "Lift broken")


def test_the_enter_key_insists_on_nothing(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    refused = signed_in(tenant.owner).post(BOOK, {"start": NINE, **WALTER})

    page = html.fromstring(text_of(refused))
    first, *others = page.xpath("//button[@form] | //form[.//textarea]//button")  # in page order
    assert (first.get("type"), first.get("name")) == ("submit", None)
    assert [button.get("name") for button in others] == ["anyway", None]


def test_insisting_twice_with_one_form_books_once(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    owner = signed_in(tenant.owner)
    sent = {"start": NINE, **WALTER, "anyway": NINE, "key": new_key(appointment.meeting.calendar)}

    answers = [owner.post(BOOK, sent) for _ in range(2)]
    other = owner.post(BOOK, {**sent, "name": "Wanda"})
    forged = owner.post(BOOK, {**sent, "key": "forged"})

    assert answers[0]["Location"] == answers[1]["Location"]
    assert [other.status_code, forged.status_code] == [409, 403]
    assert 'value="Wanda"' in text_of(other)
    assert Appointment.objects.filter(guest_name="Walter").count() == 1


def test_each_page_brings_a_key_of_its_own(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    owner = signed_in(tenant.owner)

    pages = [text_of(owner.get(BOOK)), text_of(owner.post(BOOK, {"start": NINE, "key": "x"}))]

    keys = [re.findall(r'name="key" value="([^"]+)"', page) for page in pages]
    assert [len(found) for found in keys] == [1, 1]
    assert keys[0] != keys[1]
    assert keys[1] != ["x"]


def test_insisting_on_one_time_books_no_other(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    before = everything()

    page = signed_in(tenant.owner).post(
        BOOK, {"start": NINE, "other": "2026-03-02T03:00", **WALTER, "anyway": NINE}
    )

    assert page.status_code == 409
    assert "Owner: It is outside of opening hours" in text_of(page)
    assert 'value="2026-03-02T03:00"' in text_of(page)
    assert everything() == before


@pytest.mark.parametrize(
    "anyway", ["", "soon", "2026-03-02T08:00:00", "9999-12-31T23:59:59Z", "\0"]
)
def test_insisting_on_no_time_books_nothing(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar, anyway: str
) -> None:
    before = everything()

    page = signed_in(tenant.owner).post(BOOK, {**WALTER, "anyway": anyway})

    assert page.status_code == 422
    assert "Please choose a time" in text_of(page)
    assert everything() == before


def test_any_other_time_can_be_written_by_the_readers_clock(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    Member.objects.filter(user=tenant.owner).update(time_zone="Asia/Tokyo")
    client = signed_in(tenant.owner)

    client.post(BOOK, {"other": "2026-03-02T18:00", **WALTER})
    odd = {"other": "2026-03-02T18:45", **WALTER, "anyway": "2026-03-02T09:45:00Z"}
    client.post(BOOK, odd)

    starts = Appointment.objects.order_by("pk").values_list("meeting__starts_at", flat=True)
    assert list(starts) == [MONDAY_NINE + timedelta(minutes=minute) for minute in (60, 105)]


def test_a_calendar_that_is_not_active_says_so_and_can_be_booked_anyway(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    Calendar.objects.update(is_active=False)
    client = signed_in(tenant.owner)

    refused = client.post(BOOK, {"start": NINE, **WALTER})
    client.post(BOOK, {"start": NINE, **WALTER, "anyway": NINE})

    assert refused.status_code == 409
    assert "The calendar is not active." in text_of(refused)
    assert facts(Appointment.objects.get()) == (MONDAY_NINE, "Owner", False)


def test_somebody_who_is_no_host_of_it_cannot_be_booked_even_anyway(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    before = everything()

    for host in (tenant.mate.pk, other_tenant.owner.pk):
        sent = {"start": NINE, **WALTER, "host": host, "anyway": NINE}
        page = signed_in(tenant.owner).post(BOOK, sent)
        assert page.status_code == 409
        assert "Nobody who could serve it" in text_of(page)
    assert everything() == before


def test_a_calendar_without_hosts_can_be_looked_at_and_not_booked(
    tenant: Tenant, signed_in: SignIn, frozen: None
) -> None:
    make_calendar(tenant.sub_account)
    client = signed_in(tenant.admin)

    assert client.get(BOOK).status_code == 200
    assert client.post(BOOK, {"start": NINE, **WALTER}).status_code == 409
    assert client.post(BOOK, {"start": NINE, **WALTER, "anyway": NINE}).status_code == 409


def test_moving_shows_how_it_is_and_where_it_can_go(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    page = text_of(signed_in(tenant.owner).get(move_page(appointment)))

    assert "Monday 2 March 2026, 09:00" in page
    assert "Owner, if free" in page
    assert f'value="{NINE}"' in page  # it does not stand in its own way
    assert f'value="{TEN}"' in page


def test_moved_it_says_where_it_is_now(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    page = signed_in(tenant.owner).post(move_page(appointment), {"start": TEN}, follow=True)

    assert "It is on Monday 2 March 2026, 10:00 now. The guest is told by e-mail." in text_of(page)
    assert facts(appointment) == (MONDAY_NINE + timedelta(hours=1), "Owner", False)


def test_it_can_be_given_to_another_host(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    add_host(appointment.meeting.calendar, tenant.mate)
    client = signed_in(tenant.owner)
    shown = text_of(client.get(move_page(appointment), {"host": tenant.mate.pk}))

    client.post(move_page(appointment), {"start": NINE, "host": tenant.mate.pk})

    assert f'<input type="hidden" name="host" value="{tenant.mate.pk}"' in shown
    assert facts(appointment) == (MONDAY_NINE, "Mate", False)


def test_a_move_that_is_refused_says_why_and_can_be_insisted_on(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + timedelta(hours=1))
    client, before = signed_in(tenant.owner), everything()

    refused = client.post(move_page(appointment), {"start": TEN})
    assert refused.status_code == 409
    assert "Owner: The time was blocked by hand." in text_of(refused)
    assert "Move anyway" in text_of(refused)
    assert everything() == before

    client.post(move_page(appointment), {"start": TEN, "anyway": TEN})
    assert facts(appointment) == (MONDAY_NINE + timedelta(hours=1), "Owner", False)


def test_the_button_to_insist_moves_it_to_the_refused_time(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + timedelta(hours=1))
    client = signed_in(tenant.owner)

    refused = client.post(move_page(appointment), {"start": TEN})
    client.post(move_page(appointment), sent_by(refused, "Move anyway"))

    assert refused.status_code == 409
    assert facts(appointment) == (MONDAY_NINE + timedelta(hours=1), "Owner", False)


def test_a_move_to_nowhere_is_refused(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    client = signed_in(tenant.owner)

    for nothing in ({}, {"start": ""}):
        page = client.post(move_page(appointment), nothing)
        assert page.status_code == 422
        assert "Please choose a time" in text_of(page)
    assert facts(appointment) == (MONDAY_NINE, "Owner", False)


@pytest.mark.parametrize("hosts", [1, 3])
def test_the_page_takes_as_many_queries_however_many_hosts(
    tenant: Tenant,
    signed_in: SignIn,
    calendar: Calendar,
    django_assert_num_queries: DjangoAssertNumQueries,
    hosts: int,
) -> None:
    for user in (tenant.mate, tenant.admin)[: hosts - 1]:
        add_host(calendar, user)
    client = signed_in(tenant.owner)

    with django_assert_num_queries(14):
        client.get(BOOK)
