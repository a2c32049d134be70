"""Time that people block by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Member, User
from calendars.models import BlockedSlot, Calendar, OutboxItem
from calendars.services.booking import book
from calendars.services.offering import slots
from tests.calendars.scenes import MONDAY_NINE, NOW, block, make_source, wish
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

SignIn = Callable[[User], Client]
BLOCKED = "/s/riverside/calendar/blocked/"
WEEK = "/s/riverside/calendar/"
DENTIST = {"starts_at": "2026-03-02T09:00", "ends_at": "2026-03-02T10:30", "title": "Dentist"}

pytestmark = pytest.mark.usefixtures("frozen")


def edit(slot: BlockedSlot) -> str:
    return f"{BLOCKED}{slot.pk}/edit/"


def remove(slot: BlockedSlot) -> str:
    return f"{BLOCKED}{slot.pk}/remove/"


def rows() -> list[dict[str, Any]]:
    return [dict(row) for row in BlockedSlot.objects.order_by("pk").values()]


def test_time_is_blocked_by_the_clock_of_its_owner(tenant: Tenant, signed_in: SignIn) -> None:
    Member.objects.filter(user=tenant.owner).update(time_zone="Asia/Tokyo")

    answer = signed_in(tenant.owner).post(BLOCKED, DENTIST)

    assert (answer.status_code, answer["Location"]) == (302, f"{WEEK}?date=2026-03-02")
    slot = BlockedSlot.objects.get()
    assert rows() == [
        {
            "id": slot.pk,
            "sub_account_id": tenant.sub_account.pk,
            "user_id": tenant.owner.pk,
            "source_id": None,
            "key": "",
            "uid": "",
            "starts_at": datetime(2026, 3, 2, 0, tzinfo=UTC),
            "ends_at": datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
            "starts_epoch": 1_772_409_600,
            "ends_epoch": 1_772_415_000,
            "all_day": False,
            "is_busy": True,
            "title": "Dentist",
            "deleted_remotely_at": None,
            "may_have_moved": False,
            "made_together": None,
            "note": "",
        }
    ]


def test_blocked_time_is_offered_to_nobody_until_it_is_removed(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    client = signed_in(tenant.owner)

    def offered() -> list[str]:
        found = slots(calendar, first=MONDAY_NINE, last=MONDAY_NINE + timedelta(hours=3), now=NOW)
        return [f"{datetime.fromtimestamp(slot.start, UTC):%H:%M}" for slot in found]

    client.post(BLOCKED, DENTIST)
    while_blocked = offered()
    client.post(remove(BlockedSlot.objects.get()))

    assert while_blocked == ["09:30", "10:00", "10:30"]
    assert offered() == ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30"]


def test_a_slot_made_by_hand_is_never_written_outside(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    book(wish(calendar, MONDAY_NINE + timedelta(hours=2)), now=NOW)
    before = list(OutboxItem.objects.order_by("pk").values())
    client = signed_in(tenant.owner)

    client.post(BLOCKED, DENTIST)
    slot = BlockedSlot.objects.get()
    client.post(edit(slot), {**DENTIST, "ends_at": "2026-03-02T12:00"})
    client.post(remove(slot))

    assert list(OutboxItem.objects.order_by("pk").values()) == before
    assert len(before) > 0


def test_a_slot_of_ones_own_is_edited(tenant: Tenant, signed_in: SignIn) -> None:
    slot = block(tenant.owner, tenant.sub_account, MONDAY_NINE, title="Dentist")
    client = signed_in(tenant.owner)
    page = text_of(client.get(edit(slot)))

    client.post(edit(slot), {**DENTIST, "ends_at": "2026-03-03T08:00", "title": ""})

    slot.refresh_from_db()
    assert 'value="2026-03-02T09:00"' in page
    assert 'value="Dentist"' in page
    assert (slot.starts_at, slot.ends_at, slot.title) == (
        MONDAY_NINE,
        datetime(2026, 3, 3, 7, tzinfo=UTC),
        "",
    )


def test_an_hour_that_the_clock_shows_twice_stays_where_it_was_when_only_the_title_changes(
    tenant: Tenant, signed_in: SignIn
) -> None:
    second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    slot = block(tenant.owner, tenant.sub_account, second_half_past_two)
    data = {"starts_at": "2026-10-25T02:30", "ends_at": "2026-10-25T03:30", "title": "Nap"}

    signed_in(tenant.owner).post(edit(slot), data)

    slot.refresh_from_db()
    assert (slot.starts_at, slot.title) == (second_half_past_two, "Nap")


@pytest.mark.parametrize(
    ("wall_clock", "instant"),
    [
        ("2026-03-29T02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # skipped: moves forward
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first one
    ],
)
def test_times_that_the_clock_skips_or_repeats_are_understood(
    tenant: Tenant, signed_in: SignIn, wall_clock: str, instant: datetime
) -> None:
    signed_in(tenant.owner).post(
        BLOCKED, {"starts_at": wall_clock, "ends_at": wall_clock[:11] + "12:00"}
    )

    assert BlockedSlot.objects.get().starts_at == instant


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"starts_at": ""}, "From: This field is required."),
        ({"starts_at": "tomorrow"}, "Enter a date and a time, such as 2026-03-02T09:00."),
        ({"starts_at": "2026-03-02T09:00Z"}, "Enter a date and a time"),
        ({"starts_at": "0001-01-01T00:00"}, "Enter a date and a time"),
        ({"ends_at": "9999-12-31T23:59"}, "Enter a date and a time"),
        ({"ends_at": "2026-03-02T09:00"}, "It has to end after it begins."),
        ({"ends_at": "2026-03-01T09:00"}, "It has to end after it begins."),
        ({"ends_at": "2027-03-05T09:00"}, "A year is the most that can be blocked at once."),
        ({"title": "x" * 501}, "at most 500 characters"),
        ({"title": "a\0b"}, "Null characters are not allowed."),
        ({"title": "a\u2028b"}, "Please leave out line breaks and control characters."),
    ],
    ids=str,
)
def test_what_cannot_be_blocked_is_refused_with_words(
    tenant: Tenant, signed_in: SignIn, changed: dict[str, str], words: str
) -> None:
    slot = block(tenant.owner, tenant.sub_account, MONDAY_NINE)
    before, client = rows(), signed_in(tenant.owner)

    answers = [client.post(url, {**DENTIST, **changed}) for url in (BLOCKED, edit(slot))]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert [words in text_of(answer) for answer in answers] == [True, True]
    assert rows() == before


def test_a_removed_slot_can_be_blocked_again_with_the_times_it_had(
    tenant: Tenant, signed_in: SignIn
) -> None:
    slot = block(tenant.owner, tenant.sub_account, MONDAY_NINE, title="Dentist")

    page = text_of(signed_in(tenant.owner).post(remove(slot), follow=True))

    assert "2 March 2026, 09:00 – 10:00 is no longer blocked." in page
    assert 'value="2026-03-02T09:00"' in page
    assert 'value="2026-03-02T10:00"' in page
    assert rows() == []


def test_only_the_owner_changes_a_slot(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    slot = block(tenant.owner, tenant.sub_account, MONDAY_NINE)
    before = rows()
    at_home = edit(slot).replace("riverside", "hillside")

    answers = [
        signed_in(user).post(url, DENTIST).status_code
        for user in (tenant.mate, tenant.admin, other_tenant.owner)
        for url in (edit(slot), remove(slot), at_home)
    ]

    assert answers == [404] * 9
    assert rows() == before


def test_what_a_feed_has_written_is_not_changed_here(tenant: Tenant, signed_in: SignIn) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    slot = block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="1")
    before, client = rows(), signed_in(tenant.owner)

    answers = [client.post(url, DENTIST, follow=True) for url in (edit(slot), remove(slot))]

    assert ["Change it in Apple Calendar" in text_of(answer) for answer in answers] == [True, True]
    assert edit(slot) not in text_of(client.get(f"{BLOCKED}{slot.pk}/"))
    assert rows() == before


def test_fields_that_the_form_does_not_have_change_nothing(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    source = make_source(tenant.mate, tenant.sub_account)
    more = {
        "user": tenant.mate.pk,
        "sub_account": other_tenant.sub_account.pk,
        "source": source.pk,
        "is_busy": "",
        "all_day": "on",
        "key": "1",
        "uid": "1",
        "is_superuser": "on",
    }

    signed_in(tenant.owner).post(BLOCKED, {**DENTIST, **more})

    slot = BlockedSlot.objects.get()
    assert (slot.user, slot.sub_account, slot.source) == (tenant.owner, tenant.sub_account, None)
    assert (slot.is_busy, slot.all_day, slot.key, slot.uid) == (True, False, "", "")
    assert not User.objects.filter(is_superuser=True).exists()


def test_colleagues_read_busy_in_place_of_the_title(tenant: Tenant, signed_in: SignIn) -> None:
    signed_in(tenant.owner).post(BLOCKED, {**DENTIST, "title": "<b>Lawyer</b>"})
    query = {"date": "2026-03-02", "user": str(tenant.owner.pk)}

    own, mates = (
        signed_in(user).get(WEEK, query).content.decode() for user in (tenant.owner, tenant.mate)
    )

    assert "&lt;b&gt;Lawyer&lt;/b&gt;" in own
    assert "Lawyer" not in mates
    assert ">Busy</a>" in mates


def test_blocking_over_a_meeting_says_that_the_meeting_stays(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    book(wish(calendar), now=NOW)
    later = {"starts_at": "2026-03-02T09:30", "ends_at": "2026-03-02T10:00"}
    client = signed_in(tenant.owner)

    beside = text_of(client.post(BLOCKED, later, follow=True))
    over = text_of(client.post(BLOCKED, DENTIST, follow=True))

    assert "You have a meeting in that time" not in beside
    assert "You have a meeting in that time. It stays as it is." in over


def test_the_page_lists_what_is_ahead_and_made_by_hand(tenant: Tenant, signed_in: SignIn) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, title="Mine")
    block(tenant.owner, tenant.sub_account, NOW - timedelta(days=1), title="Over")
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, title="Read", source=source)
    block(tenant.mate, tenant.sub_account, MONDAY_NINE, title="Theirs")

    page = text_of(signed_in(tenant.owner).get(BLOCKED))

    titles = ("Mine", "Over", "Read", "Theirs")
    assert [f"<h3>{title}</h3>" in page for title in titles] == [True, False, False, False]


def test_the_week_leads_to_blocking_and_a_slot_to_its_form(
    tenant: Tenant, signed_in: SignIn
) -> None:
    slot = block(tenant.owner, tenant.sub_account, MONDAY_NINE)
    client = signed_in(tenant.owner)

    week = text_of(client.get(WEEK))
    details = text_of(client.get(f"{BLOCKED}{slot.pk}/"))
    to_mate = text_of(signed_in(tenant.mate).get(f"{BLOCKED}{slot.pk}/"))

    assert f'href="{BLOCKED}"' in week
    assert f'href="{edit(slot)}"' in details
    assert edit(slot) not in to_mate
    assert remove(slot) not in to_mate


@pytest.mark.parametrize("times", [("\0", "x"), ("9" * 2000, "<script>")], ids=["odd", "huge"])
def test_times_in_the_address_are_only_a_proposal(
    tenant: Tenant, signed_in: SignIn, times: tuple[str, str]
) -> None:
    query = dict(zip(("starts_at", "ends_at"), times, strict=True))

    page = signed_in(tenant.owner).get(BLOCKED, query)

    assert page.status_code == 200
    assert b"<script>" not in page.content.replace(b"<script src", b"")
