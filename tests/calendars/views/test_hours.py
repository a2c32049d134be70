"""Hours are set on one page, by hand and without scripts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import Member, User
from calendars.engine.hours import Hours, OpenTime
from calendars.forms.hours import DATES, WEEKDAYS
from calendars.models import Calendar, CalendarHost, DateOverride, Schedule, WeeklyHours
from calendars.services.offering import slots
from calendars.services.opening import hours_of
from calendars.services.working_hours import hours_in
from tests.calendars.scenes import NOW, make_calendar, open_mornings
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

SignIn = Callable[[User], Client]
MINE = "/s/riverside/settings/profile/hours/"
HUGE = f"/settings/calendars/{9**40}/hours/{9**40}/"
TODAY = date(2026, 3, 1)
NINE_TO_FIVE = OpenTime(540, 1020)
BERLIN = ZoneInfo("Europe/Berlin")

pytestmark = pytest.mark.usefixtures("frozen")


def sent(
    weekly: Mapping[int, Sequence[tuple[str, str]]] | None = None,
    dates: Sequence[Mapping[str, str]] = (),
    **more: Any,
) -> dict[str, Any]:
    """What a browser sends for these rows."""
    rows: dict[str, Any] = {
        prefix: [
            {"opens": opens, "closes": closes} for opens, closes in (weekly or {}).get(day, ())
        ]
        for day, prefix in enumerate(WEEKDAYS)
    }
    data: dict[str, Any] = {"time_zone": "Europe/Berlin"}
    for prefix, typed in {**rows, DATES: dates}.items():
        data |= {f"{prefix}-TOTAL_FORMS": len(typed) + 1, f"{prefix}-INITIAL_FORMS": len(typed)}
        for number, row in enumerate(typed):
            data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return {**data, **more}


def theirs(calendar: Calendar, user: User) -> str:
    return f"/s/riverside/settings/calendars/{calendar.pk}/hours/{user.pk}/"


def saved(user: User, *, calendar: Calendar | None = None) -> Hours:
    return hours_in(Schedule.objects.get(user=user, calendar=calendar), since=TODAY)


def test_the_first_visit_proposes_office_hours_and_saves_nothing(
    tenant: Tenant, signed_in: SignIn
) -> None:
    Member.objects.filter(user=tenant.owner).update(time_zone="America/New_York")

    page = signed_in(tenant.owner).get(MINE)

    assert "you are never offered" in text_of(page)
    assert 'name="day0-0-opens" value="09:00"' in text_of(page)
    assert 'name="day4-0-closes" value="17:00"' in text_of(page)
    assert '<option value="America/New_York" selected>' in text_of(page)
    assert not Schedule.objects.exists()


def test_hours_are_saved_as_they_were_written(tenant: Tenant, signed_in: SignIn) -> None:
    weekly = {0: [("9", "12:30"), ("13.30", "1700")], 6: [("18:00", "24:00"), ("0", "6")]}
    dates = [
        {"day": "2026-12-24", "closed": "on"},
        {"day": "2026-12-31", "opens": "10", "closes": "12"},
        {"day": "2026-12-31", "opens": "8", "closes": "9:30"},
    ]

    answer = signed_in(tenant.owner).post(
        MINE, sent(weekly, dates, time_zone="America/New_York"), follow=True
    )

    assert "The hours are saved." in text_of(answer)
    assert saved(tenant.owner) == Hours(
        ZoneInfo("America/New_York"),
        weekly={
            0: (OpenTime(540, 750), OpenTime(810, 1020)),
            6: (OpenTime(0, 360), OpenTime(1080, 1440)),
        },
        dates={
            date(2026, 12, 24): (),
            date(2026, 12, 31): (OpenTime(480, 570), OpenTime(600, 720)),
        },
    )


def test_saved_hours_are_what_guests_are_offered(tenant: Tenant, signed_in: SignIn) -> None:
    calendar = make_calendar(tenant.sub_account, [tenant.owner])
    dates = [{"day": "2026-03-03", "closed": "on"}]

    signed_in(tenant.owner).post(MINE, sent({0: [("9", "10")], 1: [("9", "10")]}, dates))

    found = slots(
        calendar,
        first=datetime(2026, 3, 2, tzinfo=UTC),
        last=datetime(2026, 3, 9, tzinfo=UTC),
        now=NOW,
    )
    assert [datetime.fromtimestamp(slot.start, BERLIN).isoformat() for slot in found] == [
        "2026-03-02T09:00:00+01:00",
        "2026-03-02T09:30:00+01:00",
    ]


def test_saving_replaces_what_was_there_and_leaves_dates_that_have_passed(
    tenant: Tenant, signed_in: SignIn
) -> None:
    schedule = open_mornings(tenant.owner, tenant.sub_account)
    for day in (date(2025, 12, 24), date(2026, 5, 1)):
        DateOverride.objects.create(schedule=schedule, day=day)
    other = open_mornings(tenant.mate, tenant.sub_account)

    signed_in(tenant.owner).post(MINE, sent({2: [("9", "17")]}))

    assert saved(tenant.owner) == Hours(BERLIN, {2: (NINE_TO_FIVE,)}, {})
    assert list(schedule.dates.values_list("day", flat=True)) == [date(2025, 12, 24)]
    assert other.weekly.count() == 5
    assert Schedule.objects.count() == 2


def test_what_is_shown_and_sent_back_changes_nothing(tenant: Tenant, signed_in: SignIn) -> None:
    schedule = open_mornings(tenant.owner, tenant.sub_account, time_zone="US/Eastern")
    WeeklyHours.objects.create(schedule=schedule, weekday=6, opens=1200, closes=1440)
    DateOverride.objects.create(schedule=schedule, day=date(2026, 5, 1))
    DateOverride.objects.create(schedule=schedule, day=date(2026, 6, 1), opens=0, closes=61)
    before, client = saved(tenant.owner), signed_in(tenant.owner)

    answer = client.post(MINE, values_on(client.get(MINE)))

    assert answer.status_code == 302
    assert saved(tenant.owner) == before


@pytest.mark.parametrize(
    ("weekly", "words"),
    [
        ([("9", "")], "Monday: Write both times, or neither."),
        ([("", "9")], "Monday: Write both times, or neither."),
        ([("lunch", "17")], "Monday: Write a time such as 09:30."),
        ([("9:60", "17")], "Monday: Write a time such as 09:30."),
        ([("9", "24:01")], "Monday: Write a time such as 09:30."),
        ([("٩", "17")], "Monday: Write a time such as 09:30."),
        ([("9\0", "17")], "Monday: Write a time such as 09:30."),
        ([("9" * 100_000, "17")], "Monday: Write a time such as 09:30."),
        ([("17", "9")], "Monday: It has to close after it opens; a day ends at 24:00."),
        ([("9", "9")], "Monday: It has to close after it opens; a day ends at 24:00."),
        (
            [("9", "12"), ("12", "17")],
            "09:00–12:00 and 12:00–17:00 touch. Write them as one span: 09:00–17:00.",
        ),
        (
            [("11", "12"), ("9", "17")],
            "09:00–17:00 and 11:00–12:00 overlap. Write them as one span: 09:00–17:00.",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_hours_that_cannot_be_are_refused_with_words_and_nothing_is_lost(
    tenant: Tenant, signed_in: SignIn, weekly: list[tuple[str, str]], words: str
) -> None:
    schedule = open_mornings(tenant.owner, tenant.sub_account)

    answer = signed_in(tenant.owner).post(MINE, sent({0: weekly, 1: [("7:15", "8")]}))

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert 'value="7:15"' in text_of(answer)
    assert schedule.weekly.count() == 5


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ([{"opens": "9", "closes": "17"}], "Choose the date that these hours are for."),
        ([{"closed": "on"}], "Choose the date that these hours are for."),
        ([{"day": "2026-12-24"}], "Write the hours of this date, or tick “Closed”."),
        ([{"day": "2026-02-28", "closed": "on"}], "This date has passed."),
        ([{"day": "24.12.2026", "closed": "on"}], "Write a date such as 2026-12-24."),
        (
            [{"day": "2026-12-24", "closed": "on", "opens": "9", "closes": "10"}],
            "Write hours or tick “Closed”, not both.",
        ),
        (
            [{"day": "2026-12-24", "closed": "on"}, {"day": "2026-12-24", "closed": "on"}],
            "24 December 2026 is there as closed and once more.",
        ),
        (
            [
                {"day": "2026-12-24", "closed": "on"},
                {"day": "2026-12-24", "opens": "9", "closes": "10"},
            ],
            "24 December 2026 is there as closed and once more.",
        ),
        (
            [
                {"day": "2026-12-24", "opens": "9", "closes": "10"},
                {"day": "2026-12-24", "opens": "9:30", "closes": "11"},
            ],
            "On 24 December 2026, 09:00–10:00 and 09:30–11:00 overlap.",
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_dates_that_cannot_be_are_refused_with_words(
    tenant: Tenant, signed_in: SignIn, dates: list[dict[str, str]], words: str
) -> None:
    answer = signed_in(tenant.owner).post(MINE, sent({0: [("9", "17")]}, dates))

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Schedule.objects.exists()


def test_a_date_that_is_ticked_to_be_removed_goes_whatever_else_its_row_says(
    tenant: Tenant, signed_in: SignIn
) -> None:
    schedule = open_mornings(tenant.owner, tenant.sub_account)
    DateOverride.objects.create(schedule=schedule, day=date(2026, 5, 1))

    answer = signed_in(tenant.owner).post(
        MINE, sent({}, [{"day": "2026-05-01", "opens": "x", "DELETE": "on"}])
    )

    assert answer.status_code == 302
    assert not DateOverride.objects.exists()


def test_another_row_is_drawn_with_all_that_was_typed_and_saves_nothing(
    tenant: Tenant, signed_in: SignIn
) -> None:
    typed = sent({0: [("half", "past")]}, [{"day": "2026-12-24"}], more="day0")

    page = signed_in(tenant.owner).post(MINE, typed)

    assert page.status_code == 200
    assert [row["opens"].value() for row in page.context["form"].days[0]] == ["half", None, None]
    assert page.context["form"].dates[0]["day"].value() == "2026-12-24"
    assert "Please check" not in text_of(page)
    assert not Schedule.objects.exists()


def test_monday_is_copied_to_the_other_workdays_and_saves_nothing(
    tenant: Tenant, signed_in: SignIn
) -> None:
    typed = sent({0: [("8", "12"), ("13", "17")], 5: [("10", "11")]}, copy="day0")
    client = signed_in(tenant.owner)

    page = client.post(MINE, typed)
    client.post(MINE, values_on(page))

    workday = (OpenTime(480, 720), OpenTime(780, 1020))
    assert saved(tenant.owner).weekly == {
        **dict.fromkeys(range(5), workday),
        5: (OpenTime(600, 660),),
    }


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"day0-TOTAL_FORMS": "x"},
        sent({0: [("9", "17")]}, time_zone="Mars/Olympus"),
        sent({0: [("9", "17")]}) | {"day0-TOTAL_FORMS": "1000000000"},
    ],
    ids=["empty", "odd", "zone", "huge"],
)
def test_forged_forms_are_refused_and_lose_nothing(
    tenant: Tenant, signed_in: SignIn, data: dict[str, Any]
) -> None:
    schedule = open_mornings(tenant.owner, tenant.sub_account)

    answer = signed_in(tenant.owner).post(MINE, data)

    assert answer.status_code == 422
    assert schedule.weekly.count() == 5


def test_a_row_that_says_what_stands_already_is_not_taken_for_an_untouched_one(
    tenant: Tenant, signed_in: SignIn
) -> None:
    open_mornings(tenant.owner, tenant.sub_account)
    data = sent({0: [("09:00", "12:00")]}) | {"day0-INITIAL_FORMS": "0"}

    signed_in(tenant.owner).post(MINE, data)

    assert saved(tenant.owner).weekly == {0: (OpenTime(540, 720),)}


def test_more_rows_than_fit_are_refused_and_none_is_dropped(
    tenant: Tenant, signed_in: SignIn
) -> None:
    schedule = open_mornings(tenant.owner, tenant.sub_account)
    many = [(f"{hour}:00", f"{hour}:30") for hour in range(13)]

    answer = signed_in(tenant.owner).post(MINE, sent({0: many}))

    assert answer.status_code == 422
    assert "Monday: At most 12 rows fit here." in text_of(answer)
    assert schedule.weekly.count() == 5


def test_hours_without_any_are_saved_with_a_warning(tenant: Tenant, signed_in: SignIn) -> None:
    answer = signed_in(tenant.owner).post(MINE, sent(), follow=True)

    assert "without hours nothing is offered" in text_of(answer)
    assert saved(tenant.owner) == Hours(BERLIN, {}, {})


def test_ones_own_page_changes_ones_own_default_hours_here_and_nothing_else(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    calendar = make_calendar(tenant.sub_account, [tenant.mate])
    more = {
        "user": tenant.mate.pk,
        "calendar": calendar.pk,
        "sub_account": other_tenant.sub_account.pk,
        "is_superuser": "on",
    }

    signed_in(tenant.owner).post(MINE, sent({0: [("9", "17")]}) | more)

    schedule = Schedule.objects.get()
    assert (schedule.user, schedule.calendar, schedule.sub_account) == (
        tenant.owner,
        None,
        tenant.sub_account,
    )
    assert not User.objects.filter(is_superuser=True).exists()


def test_hours_for_one_calendar_begin_with_the_default_ones_and_take_their_place(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    client, url = signed_in(tenant.owner), theirs(calendar, tenant.owner)
    before = text_of(client.get(url))

    client.post(url, sent({5: [("10", "11")]}))
    after = text_of(client.get(url))

    assert "The default hours count for this calendar." in before
    assert 'name="day0-0-closes" value="12:00"' in before
    assert "Custom hours for this calendar count." in after
    assert 'name="day0-0-closes" value="12:00"' not in after
    around = (int(NOW.timestamp()), int(NOW.timestamp()) + 86_400)
    assert hours_of([tenant.owner.pk], calendar, around=around)[tenant.owner.pk].weekly == {
        5: (OpenTime(600, 660),)
    }
    assert saved(tenant.owner).weekly == dict.fromkeys(range(5), (OpenTime(540, 720),))


def test_the_way_back_to_the_default_hours(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    open_mornings(tenant.owner, tenant.sub_account, calendar=calendar)
    elsewhere = make_calendar(tenant.sub_account, [tenant.owner], slug="elsewhere")
    open_mornings(tenant.owner, tenant.sub_account, calendar=elsewhere)

    answer = signed_in(tenant.owner).post(f"{theirs(calendar, tenant.owner)}default/", follow=True)

    assert "The default hours of Owner count for “Consultation”." in text_of(answer)
    assert set(Schedule.objects.values_list("calendar", flat=True)) == {None, elsewhere.pk}


def test_a_host_without_any_hours_is_said_to_be_never_offered(
    tenant: Tenant, signed_in: SignIn
) -> None:
    calendar = make_calendar(tenant.sub_account, [tenant.mate])

    page = text_of(signed_in(tenant.admin).get(theirs(calendar, tenant.mate)))

    assert "There are no hours, so Mate is never offered here." in page
    assert not Schedule.objects.exists()


def test_admins_set_a_hosts_hours_for_a_calendar_and_other_users_do_not(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    CalendarHost.objects.create(calendar=calendar, user=tenant.mate)
    url, data = theirs(calendar, tenant.owner), sent({0: [("9", "17")]})

    refused = [
        signed_in(tenant.mate).get(url),
        signed_in(tenant.mate).post(url, data),
        signed_in(tenant.mate).post(f"{url}default/"),
    ]
    by_admin = signed_in(tenant.admin).post(url, data)

    assert [answer.status_code for answer in refused] == [403] * 3
    assert by_admin.status_code == 302
    assert saved(tenant.owner, calendar=calendar).weekly == {0: (NINE_TO_FIVE,)}


def test_there_are_no_hours_for_a_calendar_of_somebody_who_does_not_host_it(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    stray = CalendarHost.objects.create(calendar=calendar, user=other_tenant.owner)
    at_home = theirs(calendar, tenant.owner).replace("riverside", "hillside")
    data = sent({0: [("9", "17")]})

    answers = [
        signed_in(tenant.admin).post(f"/s/riverside{HUGE}", data),
        signed_in(tenant.mate).post(theirs(calendar, tenant.mate), data),
        signed_in(tenant.admin).post(theirs(calendar, tenant.mate), data),
        signed_in(tenant.admin).post(theirs(calendar, stray.user), data),
        signed_in(tenant.admin).post(theirs(calendar, User(pk=9**40)), data),
        signed_in(other_tenant.admin).post(theirs(calendar, tenant.owner), data),
        signed_in(other_tenant.admin).post(at_home, data),
        signed_in(other_tenant.owner).post(MINE, data),
    ]

    assert [answer.status_code for answer in answers] == [404] * 8
    only = Schedule.objects.get()
    assert (only.user, only.calendar) == (tenant.owner, None)


def test_my_profile_leads_to_ones_hours_and_they_to_those_of_each_calendar(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    client = signed_in(tenant.owner)

    profile = text_of(client.get("/s/riverside/settings/profile/"))
    mine = text_of(client.get(MINE))

    assert f'href="{MINE}"' in profile
    assert f'href="{theirs(calendar, tenant.owner)}"' in mine


def values_on(page: Any) -> dict[str, Any]:
    """What a browser would send of a page with hours as it stands."""
    form = page.context["form"]
    data = {"time_zone": form.zone["time_zone"].value()}
    for rows in (*form.days, form.dates):
        for part in (rows.management_form, *rows):
            for field in part:
                value = field.value()
                if value is not None and value is not False:
                    data[field.html_name] = value
    return data
