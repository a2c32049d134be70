from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Agency, AgencyMember, Member, SubAccount, User
from calendars.models import Appointment, Calendar, MeetingHost
from calendars.services.booking import book
from calendars.services.moving import move
from calendars.services.week import Week, week_of
from calendars.services.week_grid import Entry, Tone
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    add_host,
    block,
    make_calendar,
    make_source,
    open_mornings,
    wish,
)
from tests.conftest import Tenant

MONDAY = date(2026, 3, 2)
SECRET = "Divorce lawyer"


def member(user: User, sub_account: SubAccount) -> Member:
    return Member.objects.select_related("sub_account", "user").get(
        user=user, sub_account=sub_account
    )


def week(tenant: Tenant, *, viewer: User, of: User | None = None) -> Week:
    shown = member(of or tenant.owner, tenant.sub_account)
    return week_of(shown, viewer=member(viewer, tenant.sub_account), first=MONDAY, now=NOW)


def entries(week: Week) -> list[Entry]:
    timed = [placed.entry for day in week.days for placed in day.timed]
    return timed + [entry for day in week.days for entry in day.all_day]


def titles(week: Week) -> list[str]:
    return [entry.title for entry in entries(week)]


@pytest.fixture
def secret(tenant: Tenant) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="1", title=SECRET)


def test_owners_read_the_titles_of_their_own_events(tenant: Tenant, secret: None) -> None:
    assert titles(week(tenant, viewer=tenant.owner)) == [SECRET]


@pytest.mark.parametrize("role", ["mate", "admin"])
def test_colleagues_read_busy(tenant: Tenant, secret: None, role: str) -> None:
    assert titles(week(tenant, viewer=getattr(tenant, role))) == ["Busy"]


def test_colleagues_read_titles_where_the_sub_account_shows_them(
    tenant: Tenant, secret: None
) -> None:
    SubAccount.objects.update(hides_external_details=False)

    assert titles(week(tenant, viewer=tenant.mate)) == [SECRET]


def test_agency_admins_and_superusers_never_read_titles(tenant: Tenant, secret: None) -> None:
    SubAccount.objects.update(hides_external_details=False)
    AgencyMember.objects.create(agency=Agency.objects.get(), user=tenant.mate)
    User.objects.filter(pk=tenant.admin.pk).update(is_superuser=True)

    assert titles(week(tenant, viewer=tenant.mate)) == ["Busy"]
    assert titles(week(tenant, viewer=tenant.admin)) == ["Busy"]


def test_an_event_without_title_is_busy_to_everyone(tenant: Tenant) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)

    assert titles(week(tenant, viewer=tenant.owner)) == ["Busy"]


@pytest.mark.parametrize(
    ("event", "feed", "tone"),
    [
        ({}, {}, Tone.BUSY),
        ({"is_busy": False}, {}, Tone.FREE),
        ({}, {"is_blocking": False}, Tone.FREE),
    ],
)
def test_what_does_not_block_looks_free(
    tenant: Tenant, event: dict[str, bool], feed: dict[str, bool], tone: Tone
) -> None:
    source = make_source(tenant.owner, tenant.sub_account, **feed)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, **event)

    [entry] = entries(week(tenant, viewer=tenant.owner))

    assert entry.tone == tone


def test_what_was_deleted_in_icloud_is_labelled_for_its_owner_alone(tenant: Tenant) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    block(
        tenant.owner,
        tenant.sub_account,
        MONDAY_NINE,
        source=source,
        title=SECRET,
        deleted_remotely_at=datetime(2026, 2, 27, 23, 30, tzinfo=UTC),
    )

    own = week(tenant, viewer=tenant.owner)
    theirs = week(tenant, viewer=tenant.mate)

    [kept] = own.kept
    assert (kept.tone, kept.note) == (Tone.DELETED, "Deleted in iCloud on 28 February 2026")
    assert theirs.kept == []
    assert [(entry.tone, entry.note) for entry in entries(theirs)] == [(Tone.BUSY, "")]


def test_what_is_over_is_kept_no_more(tenant: Tenant) -> None:
    for hours in (-3, 3):
        block(
            tenant.owner,
            tenant.sub_account,
            NOW + timedelta(hours=hours),
            title=str(hours),
            deleted_remotely_at=NOW - timedelta(hours=4),
        )

    shown = week_of(
        member(tenant.owner, tenant.sub_account),
        viewer=member(tenant.owner, tenant.sub_account),
        first=NOW.date() - timedelta(days=6),
        now=NOW,
    )

    assert [entry.title for entry in shown.kept] == ["3"]


def test_a_note_on_a_slot_is_for_its_owner_alone(tenant: Tenant) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    slot = block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="1")
    slot.note = "Being saved to iCloud"
    slot.save()

    [own] = entries(week(tenant, viewer=tenant.owner))
    [theirs] = entries(week(tenant, viewer=tenant.mate, of=tenant.owner))

    assert (own.note, own.has_news) == ("Being saved to iCloud", True)
    assert (theirs.note, theirs.has_news) == ("", False)


def test_an_event_kept_over_several_days_is_listed_once(tenant: Tenant) -> None:
    block(
        tenant.owner, tenant.sub_account, MONDAY_NINE, minutes=3 * 24 * 60, deleted_remotely_at=NOW
    )

    assert len(week(tenant, viewer=tenant.owner).kept) == 1


def test_appointments_show_the_guest_and_how_the_copy_stands(
    tenant: Tenant, calendar: Calendar
) -> None:
    book(wish(calendar), now=NOW)

    [entry] = entries(week(tenant, viewer=tenant.mate))

    assert (entry.title, entry.tone) == ("Gina Guest", Tone.APPOINTMENT)
    assert (entry.starts_at, entry.ends_at) == (MONDAY_NINE, MONDAY_NINE + HALF_HOUR)
    assert entry.note == "Consultation · waiting to be written to iCloud"


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"copy": "written"}, "Consultation · on iCloud"),
        ({"copy": "none"}, "Consultation"),
        (
            {"copy": "refused", "copy_problem": "read-only"},
            "Consultation · not on iCloud: read-only",
        ),
        ({"copy": "refused"}, "Consultation · not on iCloud: refused"),
    ],
)
def test_the_note_follows_the_copy(
    tenant: Tenant, calendar: Calendar, fields: dict[str, str], note: str
) -> None:
    book(wish(calendar), now=NOW)
    MeetingHost.objects.update(**fields)

    [entry] = entries(week(tenant, viewer=tenant.owner))

    assert entry.note == note


def test_an_appointment_to_confirm_looks_tentative_and_a_cancelled_one_is_gone(
    tenant: Tenant, calendar: Calendar
) -> None:
    waiting = book(wish(calendar), now=NOW)
    cancelled = book(wish(calendar, MONDAY_NINE + HALF_HOUR), now=NOW)
    Appointment.objects.filter(pk=waiting.pk).update(status="new")
    Appointment.objects.filter(pk=cancelled.pk).update(status="cancelled")

    [entry] = entries(week(tenant, viewer=tenant.owner))

    assert (entry.starts_at, entry.tone) == (MONDAY_NINE, Tone.TENTATIVE)


def test_appointments_lead_to_their_page_and_say_where_they_overlap(
    tenant: Tenant, calendar: Calendar
) -> None:
    appointment = book(wish(calendar), now=NOW)
    MeetingHost.objects.update(is_overlapping=True, copy="written")

    [entry] = entries(week(tenant, viewer=tenant.mate))

    assert (entry.appointment, entry.is_overlapping) == (appointment.pk, True)
    assert entry.note == "Consultation · overlaps another booking · on iCloud"


def test_what_was_handed_over_stands_in_the_week_of_who_serves_it_now(
    tenant: Tenant, calendar: Calendar
) -> None:
    add_host(calendar, tenant.mate)
    appointment = book(wish(calendar, host=tenant.owner.pk), now=NOW)
    move(appointment, MONDAY_NINE, by=tenant.admin, now=NOW, host=tenant.mate.pk)

    assert titles(week(tenant, viewer=tenant.owner)) == []
    assert titles(week(tenant, viewer=tenant.owner, of=tenant.mate)) == ["Gina Guest"]


def test_what_was_handed_over_elsewhere_is_not_busy_any_more(
    tenant: Tenant, other_tenant: Tenant, frozen: None
) -> None:
    there = other_tenant.sub_account
    Member.objects.create(sub_account=there, user=tenant.owner)
    open_mornings(tenant.owner, there)
    calendar = make_calendar(there, [tenant.owner])
    add_host(calendar, other_tenant.mate)
    appointment = book(wish(calendar, host=tenant.owner.pk), now=NOW)
    move(appointment, MONDAY_NINE, by=tenant.owner, now=NOW, host=other_tenant.mate.pk)

    assert titles(week(tenant, viewer=tenant.owner)) == []


def test_meetings_in_other_sub_accounts_are_busy_and_nothing_more(
    tenant: Tenant, other_tenant: Tenant, frozen: None
) -> None:
    there = other_tenant.sub_account
    Member.objects.create(sub_account=there, user=tenant.owner)
    open_mornings(tenant.owner, there)
    calendar = make_calendar(there, [tenant.owner])
    book(wish(calendar), now=NOW)
    cancelled = book(wish(calendar, MONDAY_NINE + HALF_HOUR), now=NOW)
    Appointment.objects.filter(pk=cancelled.pk).update(status="cancelled")

    [entry] = entries(week(tenant, viewer=tenant.owner))

    assert entry == Entry(MONDAY_NINE, MONDAY_NINE + HALF_HOUR, "Busy", Tone.BUSY)


def test_what_belongs_to_others_or_to_other_sub_accounts_is_left_out(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    block(tenant.mate, tenant.sub_account, MONDAY_NINE, title="Mate's")
    block(tenant.owner, other_tenant.sub_account, MONDAY_NINE, title="Elsewhere")

    found = week(tenant, viewer=tenant.owner)

    assert found.is_empty
    assert titles(found) == []


def test_times_follow_the_viewers_clock_and_all_day_events_their_owners(tenant: Tenant) -> None:
    Member.objects.filter(user=tenant.mate).update(time_zone="Asia/Tokyo")
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)
    midnight_in_berlin = datetime(2026, 3, 3, 23, tzinfo=UTC)
    block(tenant.owner, tenant.sub_account, midnight_in_berlin, minutes=24 * 60, all_day=True)

    found = week(tenant, viewer=tenant.mate)

    assert [placed.when for placed in found.days[0].timed] == ["17:00–18:00"]
    assert [day.date.day for day in found.days if day.all_day] == [4]


@pytest.mark.parametrize("events", [1, 3])
def test_a_week_takes_five_queries_however_full_it_is(
    tenant: Tenant,
    calendar: Calendar,
    django_assert_num_queries: DjangoAssertNumQueries,
    events: int,
) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    for number in range(events):
        day = timedelta(days=number)
        block(tenant.owner, tenant.sub_account, NOW + day, source=source, key=str(number))
        book(wish(calendar, MONDAY_NINE + day, email=f"{number}@example.com"), now=NOW)
    owner = member(tenant.owner, tenant.sub_account)

    with django_assert_num_queries(5):
        found = week_of(owner, viewer=owner, first=MONDAY, now=NOW)

    assert len(entries(found)) >= 2 * events - 1
