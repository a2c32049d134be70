"""Time blocked by hand that repeats, or for several people: one thing, of many slots."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Member, User
from calendars.models import BlockedSlot, Calendar
from calendars.services.booking import book
from tests.calendars.scenes import MONDAY_NINE, NOW, block, wish
from tests.calendars.views.pages import text_of, words_of
from tests.calendars.views.test_blocking import BLOCKED, DENTIST, edit, remove
from tests.conftest import Tenant

SignIn = Callable[[User], Client]
UNDO = f"{BLOCKED}undo/"
COURSE = {
    "starts_at": "2026-03-16T09:00",
    "ends_at": "2026-03-16T10:30",
    "title": "Course",
    "repeats": "weekly",
    "until": "2026-03-30",
}

pytestmark = pytest.mark.usefixtures("frozen")


def starts(*users: User) -> list[str]:
    rows = BlockedSlot.objects.filter(user__in=users) if users else BlockedSlot.objects.all()
    return [f"{slot.starts_at:%m-%d %H:%M}" for slot in rows.order_by("starts_at", "user")]


def member(user: User) -> str:
    return str(Member.objects.get(user=user).pk)


def slot_on(day: int, user: User) -> BlockedSlot:
    return BlockedSlot.objects.get(user=user, starts_at__date=datetime(2026, 3, day, tzinfo=UTC))


@pytest.fixture
def course(tenant: Tenant, signed_in: SignIn) -> Client:
    """The owner's three Mondays, 16, 23 and 30 March, and the owner signed in."""
    client = signed_in(tenant.owner)
    client.post(BLOCKED, COURSE)
    return client


@pytest.fixture
def meeting_of_two(tenant: Tenant, signed_in: SignIn) -> Client:
    """The same of owner and mate, made by the admin, who is signed in."""
    client = signed_in(tenant.admin)
    client.post(BLOCKED, {**COURSE, "members": [member(tenant.owner), member(tenant.mate)]})
    return client


def test_time_repeats_at_the_same_hour_of_its_owner_through_a_change_of_the_clock(
    tenant: Tenant, course: Client
) -> None:
    slots = list(BlockedSlot.objects.order_by("starts_at"))

    assert starts() == ["03-16 08:00", "03-23 08:00", "03-30 07:00"]
    assert {slot.ends_at - slot.starts_at for slot in slots} == {timedelta(minutes=90)}
    assert {(slot.user, slot.title) for slot in slots} == {(tenant.owner, "Course")}
    assert len({slot.made_together for slot in slots} - {None}) == 1


@pytest.mark.parametrize(
    ("repeats", "until", "wanted"),
    [
        ("daily", "2026-03-18", ["03-16 08:00", "03-17 08:00", "03-18 08:00"]),
        (
            "weekdays",
            "2026-03-23",
            [f"03-{day} 08:00" for day in (16, 17, 18, 19, 20, 23)],
        ),
        ("", "2026-03-18", ["03-16 08:00"]),
    ],
)
def test_it_repeats_as_it_says(
    tenant: Tenant, signed_in: SignIn, repeats: str, until: str, wanted: list[str]
) -> None:
    signed_in(tenant.owner).post(BLOCKED, {**COURSE, "repeats": repeats, "until": until})

    assert starts() == wanted


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"until": ""}, "Say until when it repeats."),
        ({"until": "soon"}, "Write a date such as 2026-12-24."),
        ({"until": "2026-03-15"}, "That is before it begins."),
        ({"until": "2027-03-18"}, "A year after the first day is the most."),
        ({"repeats": "daily", "until": "2026-06-24"}, "That would be 101 times; 100 are the most."),
        ({"repeats": "monthly"}, "monthly is not one of the available choices"),
        ({"repeats": "daily", "ends_at": "2026-03-17T09:01"}, "before it begins again"),
        (
            {"repeats": "weekdays", "starts_at": "2026-03-15T09:00"},
            "Begin on a day from Monday to Friday.",
        ),
    ],
    ids=str,
)
def test_what_cannot_repeat_is_refused_with_words(
    tenant: Tenant, signed_in: SignIn, changed: dict[str, str], words: str
) -> None:
    answer = signed_in(tenant.owner).post(BLOCKED, {**COURSE, **changed})

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert starts() == []


def test_admins_block_time_for_several_and_each_ones_own_clock_counts(
    tenant: Tenant, signed_in: SignIn
) -> None:
    Member.objects.filter(user=tenant.mate).update(
        time_zone="America/New_York"
    )  # forward on 8 March
    people = [member(tenant.owner), member(tenant.mate)]

    signed_in(tenant.admin).post(BLOCKED, {**COURSE, "members": people})

    assert starts(tenant.owner) == ["03-16 08:00", "03-23 08:00", "03-30 07:00"]
    assert starts(tenant.mate) == ["03-16 08:00", "03-23 08:00", "03-30 08:00"]
    assert starts(tenant.admin) == []
    assert BlockedSlot.objects.values("made_together").distinct().count() == 1


def test_nobody_but_an_admin_blocks_time_for_others_and_only_for_members(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    theirs = member(other_tenant.owner)

    signed_in(tenant.owner).post(BLOCKED, {**DENTIST, "members": [member(tenant.mate)]})
    refused = [
        signed_in(tenant.admin).post(BLOCKED, {**DENTIST, **more}).status_code
        for more in ({"members": [theirs]}, {"members": ["x"]}, {})
    ]

    assert refused == [422, 422, 422]
    assert list(BlockedSlot.objects.values_list("user", flat=True)) == [tenant.owner.pk]


@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        ("one", ["03-16 08:00", "03-24 09:00", "03-30 07:00"]),
        ("following", ["03-16 08:00", "03-24 09:00", "03-31 08:00"]),
        ("all", ["03-17 09:00", "03-24 09:00", "03-31 08:00"]),
    ],
)
def test_one_the_following_or_all_move_as_much_by_the_clock(
    tenant: Tenant, course: Client, scope: str, wanted: list[str]
) -> None:
    data: dict[str, Any] = {
        "starts_at": "2026-03-24T10:00",
        "ends_at": "2026-03-24T11:00",
        "title": "Course",
        "scope": scope,
    }

    course.post(edit(slot_on(23, tenant.owner)), data)

    assert starts() == wanted
    moved = BlockedSlot.objects.filter(ends_at__minute=0)
    assert moved.count() == {"one": 1, "following": 2, "all": 3}[scope]


def test_a_title_that_was_not_changed_is_left_to_the_others(tenant: Tenant, course: Client) -> None:
    BlockedSlot.objects.filter(pk=slot_on(30, tenant.owner).pk).update(title="Exam")
    data = {"starts_at": "2026-03-23T10:00", "ends_at": "2026-03-23T11:00", "scope": "all"}

    course.post(edit(slot_on(23, tenant.owner)), {**data, "title": "Course"})
    kept = list(BlockedSlot.objects.order_by("starts_at").values_list("title", flat=True))
    course.post(edit(slot_on(23, tenant.owner)), {**data, "title": "Seminar"})

    assert kept == ["Course", "Course", "Exam"]
    assert set(BlockedSlot.objects.values_list("title", flat=True)) == {"Seminar"}


def test_removing_asks_how_much_and_says_how_much_that_is(tenant: Tenant, course: Client) -> None:
    slot = slot_on(23, tenant.owner)

    page = words_of(text_of(course.get(remove(slot))))
    unanswered = course.post(remove(slot)).status_code

    assert "Only this one This and the following: 2 times All of them: 3 times" in page
    assert unanswered == 422
    assert len(starts()) == 3


@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        ("one", ["03-16 08:00", "03-30 07:00"]),
        ("following", ["03-16 08:00"]),
        ("all", []),
    ],
)
def test_what_is_meant_is_removed_and_can_be_had_back(
    tenant: Tenant, course: Client, scope: str, wanted: list[str]
) -> None:
    before = list(BlockedSlot.objects.order_by("starts_at").values())
    page = course.post(remove(slot_on(23, tenant.owner)), {"scope": scope}, follow=True)
    after = starts()

    course.post(UNDO)
    again = course.post(UNDO, follow=True)

    assert after == wanted
    assert ("Undo: block them again" in text_of(page)) == (scope != "one")
    assert "It is not there any more" in text_of(again)
    restored = list(BlockedSlot.objects.order_by("starts_at").values())
    if scope != "one":  # one alone is written into the form again, as ever
        assert [{**row, "id": 0} for row in restored] == [{**row, "id": 0} for row in before]


def test_people_change_their_own_part_and_admins_everybodys(
    tenant: Tenant, signed_in: SignIn, meeting_of_two: Client
) -> None:
    signed_in(tenant.mate).post(remove(slot_on(16, tenant.mate)), {"scope": "all"})
    after_mate = (starts(tenant.owner), starts(tenant.mate))
    signed_in(tenant.mate).post(UNDO)
    slot = slot_on(16, tenant.owner)
    page = words_of(text_of(meeting_of_two.get(remove(slot))))
    meeting_of_two.post(remove(slot), {"scope": "all"})

    assert after_mate == (["03-16 08:00", "03-23 08:00", "03-30 07:00"], [])
    assert "All of them: 6 times, of 2 people" in page
    assert starts() == []


def test_colleagues_do_not_reach_each_others_part(
    tenant: Tenant, signed_in: SignIn, meeting_of_two: Client
) -> None:
    slot = slot_on(16, tenant.owner)
    answers = [
        signed_in(tenant.mate).post(url, {**DENTIST, "scope": "all"}).status_code
        for url in (edit(slot), remove(slot))
    ]

    assert answers == [404, 404]
    assert len(starts()) == 6


def test_an_admin_does_not_reach_what_somebody_repeats_for_themselves(
    tenant: Tenant, signed_in: SignIn, course: Client
) -> None:
    slot, admin = slot_on(16, tenant.owner), signed_in(tenant.admin)

    answers = [admin.post(url, {"scope": "all"}).status_code for url in (edit(slot), remove(slot))]

    assert answers == [404, 404]
    assert "Course" not in text_of(admin.get(BLOCKED))
    assert len(starts()) == 3


def test_an_admin_moves_what_several_have_and_reads_no_title_that_is_hidden(
    tenant: Tenant, meeting_of_two: Client
) -> None:
    BlockedSlot.objects.filter(user=tenant.owner).update(title="My own words")
    slot = slot_on(16, tenant.owner)
    data = {"starts_at": "2026-03-16T10:00", "ends_at": "2026-03-16T11:00", "scope": "all"}

    pages = [text_of(meeting_of_two.get(url)) for url in (edit(slot), BLOCKED)]
    meeting_of_two.post(edit(slot), {**data, "title": "Taken over"})

    assert ["My own words" in page for page in pages] == [False, False]
    assert starts(tenant.owner) == starts(tenant.mate)
    assert starts(tenant.mate) == ["03-16 09:00", "03-23 09:00", "03-30 08:00"]
    assert set(BlockedSlot.objects.values_list("title", flat=True)) == {"My own words", "Course"}


def test_undoing_gives_nothing_back_to_who_has_left(tenant: Tenant, meeting_of_two: Client) -> None:
    meeting_of_two.post(remove(slot_on(16, tenant.owner)), {"scope": "all"})
    Member.objects.filter(user=tenant.mate).delete()

    meeting_of_two.post(UNDO)

    assert (len(starts(tenant.owner)), starts(tenant.mate)) == (3, [])


def test_the_list_names_what_was_made_together_once(
    tenant: Tenant, signed_in: SignIn, course: Client
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, title="Dentist")

    page = words_of(text_of(course.get(BLOCKED)))

    assert page.count("Monday 16 March 2026, 09:00 – 10:30") == 1
    assert "3 times ahead, the last on Monday 30 March 2026" in page
    assert "Dentist Monday 2 March 2026, 09:00 – 10:00 Edit" in page


def test_blocking_over_a_meeting_of_one_of_them_says_so(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    book(wish(calendar, MONDAY_NINE + timedelta(days=14)), now=NOW)
    people = {"members": [member(tenant.owner), member(tenant.mate)]}

    page = text_of(signed_in(tenant.admin).post(BLOCKED, {**COURSE, **people}, follow=True))

    assert "There are meetings in that time. They stay as they are." in page
