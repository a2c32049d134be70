from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Member, SubAccount, User
from calendars.models import BlockedSlot, Calendar
from calendars.services.booking import book
from tests.calendars.scenes import MONDAY_NINE, NOW, block, make_calendar, make_source, wish
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

WEEK = "/s/riverside/calendar/"
SECRET = "Divorce lawyer"
SignIn = Callable[[User], Client]


@pytest.fixture
def slot(tenant: Tenant, frozen: None) -> BlockedSlot:
    """The owner's own event, read from iCloud."""
    source = make_source(tenant.owner, tenant.sub_account, name="Private life")
    return block(
        tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="1", title=SECRET
    )


@pytest.fixture
def kept(slot: BlockedSlot) -> BlockedSlot:
    slot.deleted_remotely_at = NOW
    slot.save()
    return slot


def page_of(slot: BlockedSlot) -> str:
    return f"/s/riverside/calendar/blocked/{slot.pk}/"


def test_the_week_shows_ones_own_events_with_links_to_them(
    tenant: Tenant, signed_in: SignIn, slot: BlockedSlot
) -> None:
    page = signed_in(tenant.owner).get(WEEK, {"week": "2026-W10"})

    assert page.status_code == 200
    assert f'href="{page_of(slot)}">{SECRET}</a>' in text_of(page)
    assert "event is-busy top-36 span-4 lane-1-of-1" in text_of(page)
    assert "09:00–10:00" in text_of(page)


@pytest.mark.parametrize("query", [{}, {"week": "x"}, {"date": "\0"}, {"week": "2026-W09"}])
def test_the_week_is_this_one_unless_another_is_asked_for(
    tenant: Tenant, signed_in: SignIn, frozen: None, query: dict[str, str]
) -> None:
    page = signed_in(tenant.owner).get(WEEK, query)

    assert "23 February – 1 March 2026" in text_of(page)


def test_a_colleagues_week_can_be_picked_and_keeps_their_titles_to_them(
    tenant: Tenant, signed_in: SignIn, slot: BlockedSlot
) -> None:
    query = {"date": "2026-03-02", "user": str(tenant.owner.pk)}

    for viewer in (tenant.mate, tenant.admin):
        page = text_of(signed_in(viewer).get(WEEK, query))
        assert SECRET not in page
        assert ">Busy</a>" in page


def test_titles_are_shown_to_colleagues_only_where_the_sub_account_says_so(
    tenant: Tenant, signed_in: SignIn, slot: BlockedSlot
) -> None:
    SubAccount.objects.update(hides_external_details=False)
    query = {"date": "2026-03-02", "user": str(tenant.owner.pk)}
    Member.objects.create(sub_account=tenant.sub_account, user=tenant.agency_admin)

    as_mate = text_of(signed_in(tenant.mate).get(WEEK, query))
    as_agency_admin = text_of(signed_in(tenant.agency_admin).get(WEEK, query))

    assert SECRET in as_mate
    assert SECRET not in as_agency_admin


def test_somebody_who_is_no_member_has_no_week_here(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    client = signed_in(tenant.owner)

    for user in (str(other_tenant.owner.pk), "0", "x", "\0"):
        assert client.get(WEEK, {"user": user}).status_code == 404


def test_an_appointment_shows_its_guest(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    book(wish(calendar, name="<i>Gina</i>"), now=NOW)

    page = signed_in(tenant.mate).get(WEEK, {"date": "2026-03-02", "user": str(tenant.owner.pk)})

    assert "&lt;i&gt;Gina&lt;/i&gt;" in page.content.decode()
    assert "is-appointment top-36 span-2" in text_of(page)


def test_an_empty_week_leads_to_connections(
    tenant: Tenant, signed_in: SignIn, frozen: None
) -> None:
    page = text_of(signed_in(tenant.owner).get(WEEK))

    assert "Nothing in this week" in page
    assert "/s/riverside/settings/calendars/connections/" in page


def test_the_week_leads_to_the_weeks_beside_it_and_to_the_settings(
    tenant: Tenant, signed_in: SignIn, frozen: None
) -> None:
    page = text_of(signed_in(tenant.owner).get(WEEK, {"user": tenant.mate.pk}))

    assert f'href="?user={tenant.mate.pk}&date=2026-02-16"' in page
    assert f'href="?user={tenant.mate.pk}&date=2026-03-02"' in page
    assert 'href="/s/riverside/settings/calendars/"' in page


def test_owners_read_the_details_of_a_blocked_slot(
    tenant: Tenant, signed_in: SignIn, slot: BlockedSlot
) -> None:
    page = text_of(signed_in(tenant.owner).get(page_of(slot)))

    assert SECRET in page
    assert "Private life" in page
    assert "Monday 2 March 2026, 09:00" in page


def test_everybody_else_reads_its_time_and_busy(
    tenant: Tenant, signed_in: SignIn, kept: BlockedSlot
) -> None:
    for viewer in (tenant.mate, tenant.admin):
        page = text_of(signed_in(viewer).get(page_of(kept)))
        assert SECRET not in page
        assert "Private life" not in page
        assert "Deleted in iCloud" not in page
        assert "Monday 2 March 2026, 09:00" in page
        assert "Busy" in page


def test_whole_days_are_those_of_their_owners_clock(
    tenant: Tenant, signed_in: SignIn, frozen: None
) -> None:
    Member.objects.filter(user=tenant.mate).update(time_zone="Asia/Tokyo")
    midnight = datetime(2026, 3, 2, 23, tzinfo=UTC)
    one = block(tenant.owner, tenant.sub_account, midnight, minutes=24 * 60, all_day=True)
    two = block(tenant.owner, tenant.sub_account, midnight, minutes=48 * 60, all_day=True)
    client = signed_in(tenant.mate)

    assert "Tuesday 3 March 2026, all day" in text_of(client.get(page_of(one)))
    assert "Tuesday 3 March 2026 – Wednesday 4 March 2026, all day" in text_of(
        client.get(page_of(two))
    )


def test_the_owner_releases_what_was_deleted_in_icloud(
    tenant: Tenant, signed_in: SignIn, kept: BlockedSlot
) -> None:
    client = signed_in(tenant.owner)
    week = text_of(client.get(WEEK, {"date": "2026-03-02"}))
    page = text_of(client.get(page_of(kept)))

    answer = client.post(page_of(kept) + "release/")

    assert "Deleted in iCloud on 1 March 2026" in week
    assert f'action="{page_of(kept)}release/"' in week
    assert f'action="{page_of(kept)}release/"' in page
    assert answer["Location"] == WEEK + "?date=2026-03-02"
    assert not BlockedSlot.objects.exists()


def test_a_slot_whose_event_still_stands_offers_no_release_and_refuses_one(
    tenant: Tenant, signed_in: SignIn, slot: BlockedSlot
) -> None:
    client = signed_in(tenant.owner)
    page = text_of(client.get(page_of(slot)))

    answer = client.post(page_of(slot) + "release/", follow=True)

    assert "release/" not in page
    assert "still stands in its calendar" in text_of(answer)
    assert BlockedSlot.objects.exists()


def test_only_a_post_of_the_owner_with_a_token_releases(
    tenant: Tenant, signed_in: SignIn, kept: BlockedSlot
) -> None:
    address = page_of(kept) + "release/"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(tenant.owner, backend="django.contrib.auth.backends.ModelBackend")

    answers = [
        signed_in(tenant.mate).post(address),
        signed_in(tenant.admin).post(address),
        signed_in(tenant.owner).get(address),
        strict.post(address),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 405, 403]
    assert BlockedSlot.objects.exists()


def test_outsiders_find_nothing(other_tenant: Tenant, signed_in: SignIn, kept: BlockedSlot) -> None:
    at_home = f"/s/hillside/calendar/blocked/{kept.pk}/"
    stranger = signed_in(other_tenant.owner)

    for path in (WEEK, page_of(kept), "/s/riverside/settings/calendars/", at_home):
        assert stranger.get(path).status_code == 404
    assert stranger.post(at_home + "release/").status_code == 404
    assert BlockedSlot.objects.exists()


def test_the_settings_list_this_sub_accounts_calendars(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    make_calendar(tenant.sub_account, slug="front", name="Front desk", kind="simple")
    make_calendar(tenant.sub_account, slug="old", name="Old", is_active=False)
    make_calendar(other_tenant.sub_account, name="Theirs")

    page = text_of(signed_in(tenant.owner).get("/s/riverside/settings/calendars/"))

    assert "http://testserver/book/riverside/consultation/" in page
    assert "Round robin" in page
    assert "the iCloud integration is not available for it" in page
    assert "Not active" in page
    assert "Theirs" not in page


def test_a_sub_account_without_calendars_says_what_to_do(tenant: Tenant, signed_in: SignIn) -> None:
    page = text_of(signed_in(tenant.owner).get("/s/riverside/settings/calendars/"))

    assert "No calendars yet" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_week_page_takes_as_many_queries_however_full_it_is(
    tenant: Tenant,
    signed_in: SignIn,
    calendar: Calendar,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for index in range(number):
        block(tenant.owner, tenant.sub_account, NOW, title=str(index))
    client = signed_in(tenant.owner)

    with django_assert_num_queries(11):
        client.get(WEEK)
