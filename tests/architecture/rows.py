"""One row of every model for a tenant, full of texts that must not turn up where they shouldn't."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import models

from accounts.models import AgencyMember, Member, Throttle
from calendars.models import (
    Appointment,
    BlockedSlot,
    BusySource,
    Calendar,
    CalendarGroup,
    CalendarHost,
    Contact,
    DateOverride,
    HistoryEntry,
    Mail,
    Meeting,
    MeetingHost,
    MeetingService,
    OutboxItem,
    Schedule,
    Taken,
    WeeklyHours,
    resource_of,
)
from integrations.models import (
    CalendarConfiguration,
    ConflictCalendar,
    Connection,
    Heartbeat,
    MirroredEvent,
    OwnerEdit,
    RemoteAccount,
    RemoteCalendar,
    RemoteEvent,
    SyncRun,
)
from tests.conftest import Tenant
from tests.pictures import make_logo

Rows = dict[type[models.Model], Any]

OURS = ("accounts", "calendars", "integrations")
STARTS = datetime(2031, 3, 4, 9, tzinfo=UTC)
SPAN = {"starts_at": STARTS, "ends_at": STARTS + timedelta(minutes=30)}
SECRET = "canary-secret"  # what nobody may read, whoever they are
PRIVATE = "canary-private"  # what only the owner of an iCloud calendar may read


def our_models() -> set[type[models.Model]]:
    return {model for app in OURS for model in apps.get_app_config(app).get_models()}


def rows_of(tenant: Tenant) -> Rows:
    """One row of every model, all of this tenant. Names of things hold the tenant's slug."""
    rows = [*_who(tenant), *_offered(tenant)]
    rows += _taken(tenant, by_model(rows))
    rows += _connected(tenant)
    rows += _mirrored(tenant, by_model(rows))
    return by_model(rows)


def by_model(rows: Iterable[models.Model]) -> Rows:
    return {type(row): row for row in rows}


def _who(tenant: Tenant) -> list[models.Model]:
    return [
        tenant.agency,
        AgencyMember.objects.get(agency=tenant.agency),
        make_logo(tenant.agency),
        tenant.sub_account,
        Member.objects.get(sub_account=tenant.sub_account, user=tenant.owner),
        tenant.owner,
    ]


def _offered(tenant: Tenant) -> list[models.Model]:
    slug, here = tenant.sub_account.slug, {"sub_account": tenant.sub_account}
    group = CalendarGroup.objects.create(**here, name=f"{slug} group", slug=f"{slug}-group")
    calendar = Calendar.objects.create(
        **here, group=group, kind="service", name=f"{slug} calendar", slug=f"{slug}-calendar"
    )
    schedule = Schedule.objects.create(**here, user=tenant.owner, calendar=calendar)
    return [
        group,
        calendar,
        schedule,
        CalendarHost.objects.create(calendar=calendar, user=tenant.owner),
        WeeklyHours.objects.create(schedule=schedule, weekday=1, opens=540, closes=1020),
        DateOverride.objects.create(schedule=schedule, day=date(2031, 3, 5)),
    ]


def _taken(tenant: Tenant, rows: Rows) -> list[models.Model]:
    slug, here = tenant.sub_account.slug, {"sub_account": tenant.sub_account}
    contact = Contact.objects.create(**here, name=f"{slug} contact", email=f"guest@{slug}.test")
    meeting = Meeting.objects.create(
        **here,
        calendar=rows[Calendar],
        buffer_before=timedelta(0),
        buffer_after=timedelta(0),
        **SPAN,
    )
    host = MeetingHost.objects.create(meeting=meeting, user=tenant.owner)
    appointment = Appointment.objects.create(
        meeting=meeting, contact=contact, token=f"{SECRET}-token-{slug}"
    )
    return [
        contact,
        meeting,
        host,
        MeetingService.objects.create(
            meeting=meeting,
            calendar=rows[Calendar],
            position=0,
            duration=timedelta(minutes=30),
        ),
        appointment,
        HistoryEntry.objects.create(
            appointment=appointment, kind="booked", source="staff", by=tenant.owner
        ),
        Mail.objects.create(appointment=appointment, kind="booked", to=tenant.owner, **SPAN),
        Taken.objects.create(resource=resource_of(tenant.owner.pk), meeting_host=host, **SPAN),
        OutboxItem.objects.create(**here, effect=OutboxItem.Effect.WRITE, subject=host.pk),
    ]


def _connected(tenant: Tenant) -> list[models.Model]:
    slug, here = tenant.sub_account.slug, {"sub_account": tenant.sub_account}
    account = RemoteAccount.objects.create(
        principal_path=f"/{PRIVATE}-{slug}/principal/", addresses=[f"{PRIVATE}@icloud.test"]
    )
    connection = Connection.objects.create(
        **here,
        user=tenant.owner,
        remote_account=account,
        account_name=f"owner@icloud.{slug}.test",
        secret=f"{SECRET}-password",
        home_path=f"/{PRIVATE}/home/",
    )
    source = BusySource.objects.create(**here, user=tenant.owner, name=f"{PRIVATE} calendar")
    calendar = RemoteCalendar.objects.create(
        connection=connection,
        path=f"/{PRIVATE}/calendar/",
        name=f"{PRIVATE} calendar",
        can_write=True,
        poll_marker=f"{PRIVATE}-marker",
        sync_token=f"{PRIVATE}-token",
        busy_source=source,
    )
    return [account, connection, source, calendar, *_read(tenant, calendar, source)]


def _read(tenant: Tenant, calendar: RemoteCalendar, source: BusySource) -> list[models.Model]:
    here = {"sub_account": tenant.sub_account, "user": tenant.owner}
    choice = CalendarConfiguration.objects.create(**here, linked_calendar=calendar)
    return [
        choice,
        ConflictCalendar.objects.create(configuration=choice, remote_calendar=calendar),
        RemoteEvent.objects.create(
            remote_calendar=calendar,
            href=f"{PRIVATE}.ics",
            etag=f"{PRIVATE}-etag",
            uid=f"{PRIVATE}-uid",
            raw=f"SUMMARY:{PRIVATE} title",
        ),
        BlockedSlot.objects.create(
            **here,
            **SPAN,
            source=source,
            key=f"{PRIVATE}-key",
            uid=f"{PRIVATE}-uid",
            title=f"{PRIVATE} title",
        ),
        SyncRun.objects.create(connection=calendar.connection),
    ]


def _mirrored(tenant: Tenant, rows: Rows) -> list[models.Model]:
    beat, _ = Heartbeat.objects.get_or_create(name=Heartbeat.WORKER, defaults={"seen_at": STARTS})
    tries, _ = Throttle.objects.get_or_create(
        scope="booking", who="digest", window_starts_at=STARTS, defaults={"count": 1}
    )
    event = MirroredEvent.objects.create(
        meeting_host=rows[MeetingHost],
        remote_calendar=rows[RemoteCalendar],
        href=f"/{PRIVATE}/calendar/mirrored.ics",
        etag=f"{PRIVATE}-etag",
        standing_hash=f"{PRIVATE}-hash",
    )
    edit = OwnerEdit.objects.create(
        remote_event=rows[RemoteEvent],
        title=f"{PRIVATE} wanted",
        before_title=f"{PRIVATE} title",
        before_starts_at=STARTS,
        before_ends_at=SPAN["ends_at"],
        **SPAN,
    )
    return [beat, tries, event, edit]


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all our models, to be compared before and after."""
    return {
        model._meta.label: [facts(row) for row in model._base_manager.order_by("pk")]
        for model in sorted(our_models(), key=lambda model: model._meta.label)
    }


def facts(row: models.Model) -> dict[str, Any]:
    """What a row says; when somebody signed in last is not news."""
    told = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    told.pop("last_login", None)
    return told
