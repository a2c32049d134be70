"""No two spans of one resource overlap: the database says so, not the code."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from accounts.models import User
from calendars.models import Calendar, Meeting, MeetingHost, Taken
from tests.calendars.scenes import MONDAY_NINE, NOW, make_calendar
from tests.conftest import Tenant, make_tenant

HOUR = timedelta(hours=1)
TEN = MONDAY_NINE + HOUR
ELEVEN = TEN + HOUR


def make_part(calendar: Calendar, user: User) -> MeetingHost:
    meeting = Meeting.objects.create(
        sub_account=calendar.sub_account,
        calendar=calendar,
        starts_at=NOW,
        ends_at=NOW + HOUR,
        buffer_before=timedelta(0),
        buffer_after=timedelta(0),
    )
    return MeetingHost.objects.create(meeting=meeting, user=user)


def span(part: MeetingHost, starts_at: datetime, ends_at: datetime, resource: str = "") -> Taken:
    return Taken(
        resource=resource or part.resource,
        meeting_host=part,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def spans_held() -> list[tuple[datetime, datetime]]:
    return list(Taken.objects.order_by("starts_at").values_list("starts_at", "ends_at"))


def expect_refusal_of(write: object, *arguments: object, **fields: object) -> None:
    with pytest.raises(IntegrityError, match="taken_no_overlap"), transaction.atomic():
        write(*arguments, **fields)  # type: ignore[operator]


@pytest.fixture
def part(tenant: Tenant) -> MeetingHost:
    return make_part(make_calendar(tenant.sub_account), tenant.owner)


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        (TEN, ELEVEN),
        (TEN - HOUR / 2, TEN + HOUR / 2),
        (ELEVEN - timedelta(seconds=1), ELEVEN + HOUR),
        (TEN + HOUR / 4, ELEVEN - HOUR / 4),
        (TEN - HOUR, ELEVEN + HOUR),
    ],
)
def test_an_overlapping_span_cannot_be_inserted(
    part: MeetingHost, starts_at: datetime, ends_at: datetime
) -> None:
    span(part, TEN, ELEVEN).save()

    expect_refusal_of(span(part, starts_at, ends_at).save)

    assert spans_held() == [(TEN, ELEVEN)]


def test_a_span_cannot_be_moved_onto_another(part: MeetingHost) -> None:
    span(part, TEN, ELEVEN).save()
    span(part, ELEVEN, ELEVEN + HOUR).save()

    later = Taken.objects.filter(starts_at=ELEVEN)
    expect_refusal_of(later.update, starts_at=ELEVEN - timedelta(seconds=1))

    assert spans_held() == [(TEN, ELEVEN), (ELEVEN, ELEVEN + HOUR)]


def test_a_span_can_be_moved_within_its_own_time(part: MeetingHost) -> None:
    span(part, TEN, ELEVEN).save()

    Taken.objects.update(ends_at=ELEVEN + HOUR)

    assert spans_held() == [(TEN, ELEVEN + HOUR)]


def test_of_rows_created_in_bulk_none_enters_when_two_overlap(part: MeetingHost) -> None:
    rows = [span(part, TEN, ELEVEN), span(part, ELEVEN - HOUR / 2, ELEVEN + HOUR)]

    expect_refusal_of(Taken.objects.bulk_create, rows)

    assert spans_held() == []


def test_spans_that_touch_are_both_held(part: MeetingHost) -> None:
    Taken.objects.bulk_create([span(part, TEN, ELEVEN), span(part, ELEVEN, ELEVEN + HOUR)])

    assert spans_held() == [(TEN, ELEVEN), (ELEVEN, ELEVEN + HOUR)]


def test_another_resource_may_take_the_same_time(tenant: Tenant, part: MeetingHost) -> None:
    other = make_part(part.meeting.calendar, tenant.mate)

    Taken.objects.bulk_create([span(part, TEN, ELEVEN), span(other, TEN, ELEVEN)])

    assert spans_held() == [(TEN, ELEVEN), (TEN, ELEVEN)]


def test_a_span_cannot_change_hands_to_somebody_who_is_taken(
    tenant: Tenant, part: MeetingHost
) -> None:
    other = make_part(part.meeting.calendar, tenant.mate)
    Taken.objects.bulk_create([span(part, TEN, ELEVEN), span(other, TEN, ELEVEN)])

    theirs = Taken.objects.filter(meeting_host=other)

    expect_refusal_of(theirs.update, resource=part.resource)


COLUMNS = "(resource, meeting_host_id, starts_at, ends_at)"
STATEMENTS = {
    "insert": f"INSERT INTO calendars_taken {COLUMNS} VALUES (%s, %s, %s, %s)",
    "insert unless it conflicts": (
        f"INSERT INTO calendars_taken {COLUMNS} VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at"
    ),
    "insert what a query gives": (
        f"INSERT INTO calendars_taken {COLUMNS} "
        "SELECT %s, %s, %s, %s FROM calendars_taken WHERE starts_at IS NOT NULL LIMIT 1"
    ),
}
SQLITE_STATEMENTS = {
    "insert or replace": f"INSERT OR REPLACE INTO calendars_taken {COLUMNS} VALUES (%s,%s,%s,%s)",
    "insert or ignore": f"INSERT OR IGNORE INTO calendars_taken {COLUMNS} VALUES (%s,%s,%s,%s)",
    "replace": f"REPLACE INTO calendars_taken {COLUMNS} VALUES (%s, %s, %s, %s)",
}


@pytest.mark.parametrize(
    "statement",
    STATEMENTS | (SQLITE_STATEMENTS if connection.vendor == "sqlite" else {}),
)
def test_no_statement_gets_past(part: MeetingHost, statement: str) -> None:
    span(part, TEN, ELEVEN).save()
    sql = (STATEMENTS | SQLITE_STATEMENTS)[statement]
    values = [part.resource, part.pk, *map(stored, (ELEVEN - HOUR / 2, ELEVEN + HOUR))]

    with connection.cursor() as cursor:
        expect_refusal_of(cursor.execute, sql, values)

    assert spans_held() == [(TEN, ELEVEN)]


def test_rows_cannot_be_moved_onto_each_other_in_bulk(part: MeetingHost) -> None:
    rows = [span(part, TEN, ELEVEN), span(part, ELEVEN, ELEVEN + HOUR)]
    Taken.objects.bulk_create(rows)
    held = list(Taken.objects.order_by("starts_at"))
    held[0].ends_at = ELEVEN + HOUR / 2

    expect_refusal_of(Taken.objects.bulk_update, held, ["ends_at"])

    assert spans_held() == [(TEN, ELEVEN), (ELEVEN, ELEVEN + HOUR)]


def test_one_statement_cannot_stretch_every_row_over_the_next(part: MeetingHost) -> None:
    Taken.objects.bulk_create([span(part, TEN, ELEVEN), span(part, ELEVEN, ELEVEN + HOUR)])

    longer = models.F("ends_at") + timedelta(seconds=1)
    expect_refusal_of(Taken.objects.update, ends_at=longer)

    assert spans_held() == [(TEN, ELEVEN), (ELEVEN, ELEVEN + HOUR)]


def test_a_fraction_of_a_second_is_an_overlap_too(part: MeetingHost) -> None:
    span(part, TEN, ELEVEN).save()

    expect_refusal_of(span(part, ELEVEN - timedelta(microseconds=1), ELEVEN + HOUR).save)

    assert spans_held() == [(TEN, ELEVEN)]


@pytest.mark.parametrize(
    ("starts_at", "ends_at"), [(TEN, TEN), (ELEVEN, TEN)], ids=["empty", "backwards"]
)
def test_a_span_that_takes_no_time_cannot_slip_between(
    part: MeetingHost, starts_at: datetime, ends_at: datetime
) -> None:
    with pytest.raises(IntegrityError, match="taken_takes_time"), transaction.atomic():
        span(part, starts_at, ends_at).save()

    assert spans_held() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite defers no trigger")
def test_the_wall_cannot_be_put_off_to_the_end_of_a_transaction(part: MeetingHost) -> None:
    span(part, TEN, ELEVEN).save()

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    expect_refusal_of(span(part, TEN, ELEVEN).save)

    assert spans_held() == [(TEN, ELEVEN)]


def test_a_form_is_told_before_the_database_has_to_refuse(part: MeetingHost) -> None:
    span(part, TEN, ELEVEN).save()

    with pytest.raises(ValidationError, match="This time is taken"):
        span(part, TEN, ELEVEN).full_clean()


@pytest.fixture
def rebuilt_table() -> Iterator[None]:
    """The table after a column was altered and one was added, as migrations do it."""
    resource = Taken._meta.get_field("resource")
    wider = models.CharField(max_length=40)
    wider.set_attributes_from_name("resource")
    note = models.CharField(max_length=10, default="-")
    note.set_attributes_from_name("note")
    with connection.schema_editor() as editor:
        editor.alter_field(Taken, resource, wider)
        editor.add_field(Taken, note)
    yield
    with connection.schema_editor() as editor:
        editor.remove_field(Taken, note)
        editor.alter_field(Taken, wider, resource)


@pytest.mark.django_db(transaction=True)
def test_the_wall_still_stands_after_the_table_was_rebuilt(rebuilt_table: None) -> None:
    tenant = make_tenant("riverside")
    part = make_part(make_calendar(tenant.sub_account), tenant.owner)
    insert(part, TEN, ELEVEN)
    insert(part, ELEVEN, ELEVEN + HOUR)

    expect_refusal_of(insert, part, TEN, ELEVEN)
    expect_refusal_of(Taken.objects.filter(starts_at=TEN).update, ends_at=ELEVEN + HOUR)

    assert spans_held() == [(TEN, ELEVEN), (ELEVEN, ELEVEN + HOUR)]


def insert(part: MeetingHost, starts_at: datetime, ends_at: datetime) -> None:
    """By SQL: the model does not know the column that was added."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO calendars_taken (resource, meeting_host_id, starts_at, ends_at, note) "
            "VALUES (%s, %s, %s, %s, '-')",
            [part.resource, part.pk, *map(stored, (starts_at, ends_at))],
        )


def stored(at: datetime) -> str | None:
    return connection.ops.adapt_datetimefield_value(at)
