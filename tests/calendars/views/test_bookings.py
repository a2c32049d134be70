from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Member, User
from calendars.models import Appointment, Calendar, Mail, MeetingHost
from calendars.services.booking import book, book_for_guest
from calendars.services.moving import move
from tests.calendars.scenes import (
    MONDAY_NINE,
    NOW,
    WALK_IN,
    add_host,
    make_calendar,
    open_mornings,
    wish,
)
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

LIST = "/s/riverside/appointments/"
SignIn = Callable[[User], Client]


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    return book(wish(calendar, name="<i>Gina</i>", phone="030 1", notes="Ring\ntwice <b>"), now=NOW)


def page_of(appointment: Appointment) -> str:
    return f"{LIST}{appointment.pk}/"


def test_every_member_reads_the_list_in_their_own_time(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    Member.objects.filter(user=tenant.mate).update(time_zone="Asia/Tokyo")

    page = signed_in(tenant.mate).get(LIST)
    text = page.content.decode()

    assert page.status_code == 200
    assert "Mon 2 Mar 2026, 17:00" in text
    assert "&lt;i&gt;Gina&lt;/i&gt;" in text
    assert "Consultation" in text
    assert "Owner" in text
    assert "Confirmed" in text
    assert "waiting to be written to iCloud" in text
    assert f'href="{page_of(appointment)}"' in text
    assert "New appointment" not in text  # who hosts nothing books nothing


def test_rows_say_where_something_is_wrong(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    MeetingHost.objects.update(copy="refused", copy_problem="read-only", is_overlapping=True)
    Mail.objects.update(problem="no such address")

    text = text_of(signed_in(tenant.owner).get(LIST, {"show": "attention"}))

    assert "not on iCloud: read-only" in text
    assert "Overlap" in text
    assert "E-mail not sent" in text
    assert '<span class="tab-count">1</span>' in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, True),
        ({"show": "past"}, False),
        ({"show": "cancelled"}, False),
        ({"show": "attention"}, False),
        ({"q": "gina@"}, True),
        ({"q": "hugo"}, False),
        ({"host": "OWNER"}, True),
        ({"host": "MATE"}, False),
        ({"calendar": "CALENDAR"}, True),
        ({"calendar": "EMPTY"}, False),
        # What cannot be read is left out.
        ({"show": "\0"}, True),
        ({"calendar": "99999999999999999999"}, True),
        ({"host": "\0", "page": "x"}, True),
    ],
)
def test_the_list_is_filtered(
    tenant: Tenant,
    signed_in: SignIn,
    appointment: Appointment,
    query: dict[str, str],
    *,
    found: bool,
) -> None:
    empty = make_calendar(tenant.sub_account, slug="empty")
    keys = {
        "OWNER": tenant.owner.pk,
        "MATE": tenant.mate.pk,
        "CALENDAR": appointment.meeting.calendar_id,
        "EMPTY": empty.pk,
    }

    page = signed_in(tenant.owner).get(
        LIST, {name: keys.get(value, value) for name, value in query.items()}
    )

    assert page.status_code == 200
    assert (page_of(appointment) in text_of(page)) == found


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "No upcoming appointments"),
        ({"show": "attention"}, "Nothing needs attention"),
        ({"show": "past"}, "None yet"),
        ({"q": "nobody"}, "Nothing found"),
    ],
)
def test_an_empty_list_says_what_to_do_next(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar, query: dict[str, str], words: str
) -> None:
    assert words in text_of(signed_in(tenant.owner).get(LIST, query))


def test_a_long_list_has_pages(tenant: Tenant, signed_in: SignIn, calendar: Calendar) -> None:
    for minute in range(26):
        starts_at = MONDAY_NINE + timedelta(minutes=minute)
        book_for_guest(calendar, starts_at, WALK_IN, by=tenant.admin, now=NOW, anyway=True)
    client = signed_in(tenant.owner)

    first, second = (text_of(client.get(LIST, {"page": page})) for page in ("1", "2"))

    assert "Page 1 of 2" in first
    assert 'href="?page=2"' in first
    assert (first.count("<tr>"), second.count("<tr>")) == (26, 2)  # with the head


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_queries_however_long_it_is(
    tenant: Tenant,
    signed_in: SignIn,
    calendar: Calendar,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for day in range(number):
        book(wish(calendar, MONDAY_NINE + timedelta(days=day), email=f"{day}@x.test"), now=NOW)
    Mail.objects.update(problem="no such address")
    client = signed_in(tenant.owner)

    with django_assert_num_queries(16):
        client.get(LIST)


def test_the_detail_tells_all_about_it(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    Mail.objects.filter(to=None).update(problem="no such address")
    Mail.objects.exclude(to=None).update(sent_at=NOW)
    MeetingHost.objects.update(copy="deleted")

    page = signed_in(tenant.mate).get(page_of(appointment)).content.decode()
    text = text_of(signed_in(tenant.mate).get(page_of(appointment)))

    assert "Monday 2 March 2026, 09:00" in text
    assert "gina@example.com" in text
    assert "030 1" in text
    assert "Ring<br>twice &lt;b&gt;" in page
    assert "Chosen because: the only free host" in text
    assert "deleted in iCloud" in text
    assert "The appointment stands all the same." in text
    assert "The guest · " in text
    assert "To Owner · " in text
    assert "not sent: no such address" in text
    assert appointment.token not in page


@pytest.mark.parametrize("copy", ["deleted", "changed", "refused", "none"])
def test_its_host_and_admins_can_have_the_event_written_again(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment, copy: str
) -> None:
    MeetingHost.objects.update(copy=copy)
    button = f"{LIST}copies/{appointment.meeting.hosts.get().pk}/write/"
    people = (tenant.owner, tenant.admin, tenant.mate)

    offered = [button in text_of(signed_in(user).get(page_of(appointment))) for user in people]
    answer = signed_in(tenant.owner).post(button)

    assert offered == [True, True, False]
    assert answer.status_code == 302
    assert MeetingHost.objects.get().copy == MeetingHost.Copy.WAITING


@pytest.mark.parametrize(
    ("copy", "status"),
    [("written", "confirmed"), ("waiting", "confirmed"), ("refused", "cancelled")],
)
def test_what_stands_or_should_go_is_not_written_again(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment, copy: str, status: str
) -> None:
    MeetingHost.objects.update(copy=copy)
    Appointment.objects.update(status=status)

    assert "/write/" not in text_of(signed_in(tenant.owner).get(page_of(appointment)))


def test_readers_who_may_not_change_it_are_offered_nothing_to_do(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    reader = text_of(signed_in(tenant.mate).get(page_of(appointment)))
    host = text_of(signed_in(tenant.owner).get(page_of(appointment)))

    assert f"{page_of(appointment)}move/" not in reader
    assert f"{page_of(appointment)}move/" in host


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("new", {"confirm", "move", "cancel", "invalid"}),
        ("confirmed", {"move", "cancel", "invalid", "showed", "noshow"}),
        ("showed", {"move", "invalid", "noshow", "confirm"}),
        ("noshow", {"move", "invalid", "showed", "confirm"}),
        ("cancelled", {"restore"}),
        ("invalid", {"restore"}),
    ],
)
def test_what_can_be_done_follows_the_status(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment, status: str, offered: set[str]
) -> None:
    Appointment.objects.update(status=status)
    type(appointment.meeting).objects.update(starts_at=NOW)

    text = text_of(signed_in(tenant.owner).get(page_of(appointment)))

    changes = ("confirm", "showed", "noshow", "move", "cancel", "invalid", "restore")
    assert {name for name in changes if f"{page_of(appointment)}{name}/" in text} == offered


def test_nobody_came_or_did_not_before_it_began(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    text = text_of(signed_in(tenant.owner).get(page_of(appointment)))

    assert "/showed/" not in text
    assert "/noshow/" not in text


def test_the_detail_shows_what_it_lies_over_but_nothing_of_other_sub_accounts(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    there = other_tenant.sub_account
    Member.objects.create(sub_account=there, user=tenant.owner)
    open_mornings(tenant.owner, there)
    elsewhere = make_calendar(there, [tenant.owner], name="Secret Calendar")
    secret = type(WALK_IN)("Secret Visitor", "", "", "", "UTC")
    book_for_guest(elsewhere, MONDAY_NINE, secret, by=tenant.owner, now=NOW, anyway=True)
    over = book_for_guest(
        appointment.meeting.calendar, MONDAY_NINE, WALK_IN, by=tenant.admin, now=NOW, anyway=True
    )

    text = text_of(signed_in(tenant.owner).get(page_of(over)))

    assert f'<a href="{page_of(appointment)}"><i>Gina</i></a>' in text
    assert "<strong>Busy</strong>" in text
    assert "Secret" not in text


def test_the_history_tells_a_move_and_who_made_it(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    add_host(appointment.meeting.calendar, tenant.mate)
    to = MONDAY_NINE + timedelta(hours=1)
    move(appointment, to, by=tenant.admin, now=NOW, host=tenant.mate.pk)

    text = text_of(signed_in(tenant.owner).get(page_of(appointment)))

    assert "From Monday 2 March 2026, 09:00 to Monday 2 March 2026, 10:00" in text
    assert "Admin · " in text
    assert "Gave it to another host" in text
    assert "waiting to be removed from iCloud" in text


@pytest.mark.parametrize("number", [1, 3])
def test_the_detail_takes_as_many_queries_however_much_happened(
    tenant: Tenant,
    signed_in: SignIn,
    appointment: Appointment,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for hour in range(number):
        move(appointment, MONDAY_NINE + timedelta(hours=hour), by=tenant.admin, now=NOW)
        book_for_guest(
            appointment.meeting.calendar,
            MONDAY_NINE + timedelta(minutes=hour),
            WALK_IN,
            by=tenant.admin,
            now=NOW,
            anyway=True,
        )
    client = signed_in(tenant.owner)

    with django_assert_num_queries(17):
        client.get(page_of(appointment))


def test_outsiders_find_nothing(
    other_tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    stranger = signed_in(other_tenant.admin)
    at_home = page_of(appointment).replace("riverside", "hillside")

    paths = (LIST, page_of(appointment), at_home, f"{at_home}move/", f"{at_home}cancel/")
    assert {stranger.get(path).status_code for path in paths} == {404}
    assert stranger.post(f"{at_home}cancel/").status_code == 404
    assert "Gina" not in text_of(stranger.get("/s/hillside/appointments/"))


def test_the_week_leads_to_the_appointment(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    MeetingHost.objects.update(is_overlapping=True)

    text = text_of(signed_in(tenant.owner).get("/s/riverside/calendar/", {"date": "2026-03-02"}))

    assert f'<a class="event-title" href="{page_of(appointment)}">' in text
    assert "Overlaps another booking: " in text
