"""Connections and what they read and wrote: health at a glance, never what anything says.

No page here shows a stored password, the name of somebody's calendar, an event's title or text, or
an address on iCloud, to agency admins and superusers alike.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html

from accounts.admin_forms import MemberForm, NewMemberForm
from accounts.admin_site import AddedByAddress, AgencyScoped
from accounts.models import Member, User
from accounts.services.inviting import count_invitation
from accounts.services.memberships import (
    LastAdmin,
    change_role,
    invite,
    sub_accounts_left_alone,
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
from integrations.services import disconnecting
from integrations.services.leaving import remove_member
from integrations.services.scheduling import sync_soon
from integrations.services.status import describe, why_not_asked


@admin.register(Member)
class MemberAdmin(AddedByAddress):
    """Invited by e-mail address, so that nobody has to be listed to be found; listed once they
    accept.

    Here and not with the accounts, because removing a member disconnects what they connected.
    """

    may = frozenset({"add", "change", "delete"})
    fixed = ("sub_account", "user")
    list_display = ["user", "sub_account", "role", "time_zone"]
    list_filter = ["sub_account", "role"]
    list_select_related = ["user", "sub_account"]
    search_fields = ["user__email", "user__full_name", "sub_account__name"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["sub_account", "user" if obj else "email", "role", "time_zone"]

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        kwargs["form"] = MemberForm if obj else NewMemberForm
        return super().get_form(request, obj, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if change:
            obj.save(update_fields=["time_zone"])
            change_role(obj, form.cleaned_data["role"])
            return
        count_invitation(request.user)  # type: ignore[arg-type]
        chosen = form.cleaned_data
        member = invite(
            chosen["email"],
            to=chosen["sub_account"],
            role=chosen["role"],
            time_zone=chosen["time_zone"],
        )
        # Whoever has this address is nobody's to know before they accept: not in messages or logs.
        obj.pk, obj.user = member.pk, User(email=chosen["email"].strip().lower())

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> Any:
        self.message_user(request, f"{obj} is invited and has been sent an e-mail.")
        return self.response_post_save_add(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        left_alone = sub_accounts_left_alone(list(objs))
        for member in objs:
            mine = Connection.objects.of(member.user, member.sub_account)
            deleted += [f"Will be disconnected: {connection}" for connection in mine]
            if member.is_admin and member.sub_account_id in left_alone:
                protected.append(f"{member}: no admin would be left. Make someone else one.")
        return deleted, counts, missing, protected

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        try:
            remove_member(obj, by=request.user)  # type: ignore[arg-type]
        except LastAdmin as last:
            raise PermissionDenied from last

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        chosen = Member.objects.filter(pk__in=[member.pk for member in queryset])
        in_order = chosen.select_related("user", "sub_account").order_by("sub_account", "pk")
        # All of them before any sub-account, as wherever both are locked: no deadlock.
        for member in list(in_order.select_for_update(of=("self",))):
            self.delete_model(request, member)


@admin.register(Connection)
class ConnectionAdmin(AgencyScoped):
    """How all the agency's connections are doing."""

    fields = [
        *("user", "sub_account", "account_name", "health", "synced_at", "failing_since"),
        *("failures", "next_poll_at", "created_at", "frees_deleted", "cancels_deleted"),
    ]
    readonly_fields = ["health"]
    list_display = ["user", "sub_account", "account_name", "health", "synced_at", "failing_since"]
    list_filter = ["state", "problem", "sub_account", "user"]
    list_select_related = ["user", "sub_account"]
    search_fields = ["account_name", "user__email", "user__full_name", "sub_account__name"]
    actions = ["sync_now", "pause", "resume", "disconnect"]

    @admin.display(ordering="state")
    def health(self, connection: Connection) -> str:
        status = describe(connection, timezone.now())
        return format_html("<strong>{}</strong> {}", status.headline, status.detail)

    @admin.action(description="Sync now")
    def sync_now(self, request: HttpRequest, queryset: Any) -> None:
        now = timezone.now()
        for connection in queryset.select_related("remote_account", "user"):
            reason = why_not_asked(connection, now)
            if reason:
                self.message_user(request, f"{connection}: {reason}", messages.WARNING)
            else:
                sync_soon(connection)
                self.message_user(request, f"{connection}: reading now.", messages.SUCCESS)

    @admin.action(description="Pause")
    def pause(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset, disconnecting.pause)

    @admin.action(description="Resume")
    def resume(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset, disconnecting.resume)

    @admin.action(description="Disconnect …")
    def disconnect(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        live = queryset.live()
        if "confirmed" in request.POST:
            self._each(request, live, disconnecting.disconnect)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "Disconnect these connections?",
            "opts": self.opts,
            "connections": live,
        }
        return TemplateResponse(request, "admin/integrations/connection/disconnect.html", context)

    def _each(
        self, request: HttpRequest, queryset: Any, act: Callable[[Connection], object]
    ) -> None:
        for connection in queryset:
            act(connection)
            current = Connection.objects.select_related("user").get(pk=connection.pk)
            self.message_user(request, f"{current}: {current.get_state_display().lower()}.")


class WithoutSecret(AgencyScoped):
    """Rows beneath a connection, joined with it but never with its secret."""

    to_connection = "connection"

    def get_queryset(self, request: HttpRequest) -> Any:
        path = self.to_connection
        rows = super().get_queryset(request)
        return rows.select_related(f"{path}__user", f"{path}__sub_account").defer(f"{path}__secret")


def calendar_label(calendar: RemoteCalendar) -> str:
    """What others call somebody's calendar: its name is the owner's."""
    return f"Calendar {calendar.pk} of {calendar.connection.user}"


@admin.register(RemoteCalendar)
class RemoteCalendarAdmin(WithoutSecret):
    fields = ["connection", "kind", "can_write", "is_shared", "missing_since"]
    list_display = ["label", "kind", "can_write", "is_shared", "missing_since"]
    list_filter = ["connection__sub_account", "connection__user", "kind", "can_write"]
    search_fields = ["connection__user__email", "connection__user__full_name"]
    actions = None

    def get_object(self, *args: Any, **kwargs: Any) -> RemoteCalendar | None:
        calendar: RemoteCalendar | None = super().get_object(*args, **kwargs)
        if calendar:
            calendar.name = calendar_label(calendar)  # for the page's title: nothing here is saved
        return calendar

    @admin.display(description="calendar", ordering="pk")
    def label(self, calendar: RemoteCalendar) -> str:
        return calendar_label(calendar)


class OnCalendar(WithoutSecret):
    """Rows that point to somebody's calendar, which is not called by its name."""

    to_connection = "remote_calendar__connection"
    readonly_fields = ["calendar"]
    actions = None

    @admin.display(ordering="remote_calendar")
    def calendar(self, row: Any) -> str:
        return calendar_label(row.remote_calendar) if row.remote_calendar else "–"


@admin.register(RemoteEvent)
class RemoteEventAdmin(OnCalendar):
    fields = ["calendar", "parse_state", "problem", "missing_since", "is_applied"]
    list_display = ["__str__", "calendar", "parse_state", "problem", "missing_since"]
    list_filter = ["parse_state", "remote_calendar__connection__sub_account", "is_applied"]
    search_fields = ["problem", "remote_calendar__connection__user__email"]


@admin.register(ConflictCalendar)
class ConflictCalendarAdmin(OnCalendar):
    fields = [
        *("configuration", "calendar"),
        *("all_day", "unanswered_blocks", "tentative_blocks", "travel_counts"),
    ]
    list_display = ["calendar", "configuration", "all_day"]
    list_filter = ["configuration__sub_account", "configuration__user", "all_day"]
    list_select_related = ["configuration__user", "configuration__sub_account"]
    search_fields = ["configuration__user__email", "configuration__user__full_name"]

    def get_object(self, *args: Any, **kwargs: Any) -> ConflictCalendar | None:
        row: ConflictCalendar | None = super().get_object(*args, **kwargs)
        if row:
            row.remote_calendar.name = calendar_label(row.remote_calendar)
        return row


@admin.register(MirroredEvent)
class MirroredEventAdmin(OnCalendar):
    fields = ["meeting_host", "calendar", "generation", "state"]
    list_display = ["__str__", "meeting_host", "calendar", "state"]
    list_filter = ["state", "meeting_host__meeting__sub_account", "meeting_host__user"]
    list_select_related = ["meeting_host__user", "meeting_host__meeting__calendar"]
    search_fields = ["meeting_host__user__email", "meeting_host__user__full_name"]


@admin.register(OwnerEdit)
class OwnerEditAdmin(WithoutSecret):
    """That somebody changes an event of theirs, and how that goes. Never what it says."""

    to_connection = "remote_event__remote_calendar__connection"
    fields = ["calendar", "state", "problem", "changed_at"]
    readonly_fields = ["calendar"]
    list_display = ["__str__", "calendar", "state", "problem", "changed_at"]
    list_filter = ["state", "remote_event__remote_calendar__connection__sub_account"]
    search_fields = ["problem", "remote_event__remote_calendar__connection__user__email"]
    actions = None

    @admin.display(description="calendar")
    def calendar(self, edit: OwnerEdit) -> str:
        return calendar_label(edit.remote_event.remote_calendar)


@admin.register(CalendarConfiguration)
class CalendarConfigurationAdmin(WithoutSecret):
    to_connection = "linked_calendar__connection"
    fields = ["sub_account", "user", "linked"]
    readonly_fields = ["linked"]
    list_display = ["user", "sub_account", "linked"]
    list_filter = ["sub_account", "user"]
    list_select_related = ["user", "sub_account"]
    search_fields = ["user__email", "user__full_name", "sub_account__name"]

    @admin.display(description="linked calendar")
    def linked(self, choice: CalendarConfiguration) -> str:
        return calendar_label(choice.linked_calendar) if choice.linked_calendar else "None"


@admin.register(RemoteAccount)
class RemoteAccountAdmin(AgencyScoped):
    fields = ["provider", "lease_until", "retry_at"]
    list_display = ["__str__", "lease_until", "retry_at"]
    list_filter = ["provider"]
    search_fields = ["provider"]


@admin.register(SyncRun)
class SyncRunAdmin(WithoutSecret):
    fields = [
        *("connection", "started_at", "finished_at", "requests", "received_bytes"),
        *("events_changed", "events_gone", "drift", "result", "problem"),
    ]
    list_display = [
        *("__str__", "connection", "requests", "events_changed", "drift", "result", "problem"),
    ]
    list_filter = ["result", "connection__sub_account", "connection__user"]
    search_fields = ["problem", "connection__user__email", "connection__account_name"]
    date_hierarchy = "started_at"


@admin.register(Heartbeat)
class HeartbeatAdmin(AgencyScoped):
    """The worker's, not an agency's: for superusers."""

    fields = ["name", "seen_at"]
    list_display = ["name", "seen_at"]
    search_fields = ["name"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)
