"""What agencies change by hand, and what they only look at.

Nothing here shows what an event of somebody's own calendar says: times, and "Busy" or "Free".
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_site import AgencyScoped, AgencyScopedInline
from calendars.forms.admin import HostFormSet, ListedHostForm, OneKindForm
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
)
from calendars.services.horizons import extend_feeds
from calendars.services.hosting import count_anew, remove_host

EDIT = frozenset({"add", "change"})
EDIT_AND_DELETE = EDIT | {"delete"}


@admin.register(CalendarGroup)
class CalendarGroupAdmin(AgencyScoped):
    may = EDIT_AND_DELETE
    fixed = ("sub_account",)
    fields = [
        *("sub_account", "name", "slug", "description", "is_active"),
        *("guests_may_combine", "guests_choose_host"),
    ]
    list_display = ["name", "sub_account", "slug", "is_active"]
    list_filter = ["sub_account", "is_active"]
    list_select_related = ["sub_account"]
    search_fields = ["name", "slug", "sub_account__name"]


class HostInline(AgencyScopedInline):
    may = EDIT_AND_DELETE
    model = CalendarHost
    form = ListedHostForm
    formset = HostFormSet
    fields = ["user", "priority", "position", "is_primary"]


@admin.register(Calendar)
class CalendarAdmin(AgencyScoped):
    """Deactivated, not deleted: meetings go on pointing to their calendar."""

    may = EDIT
    form = OneKindForm
    fixed = ("sub_account",)
    fields = [
        *("sub_account", "group", "kind", "name", "slug", "description", "location", "time_zone"),
        *("duration", "interval", "buffer_before", "buffer_after", "notice", "notice_unit"),
        *("horizon", "horizon_unit", "is_aligned", "seats", "shows_seats_left", "daily_limit"),
        *("look_busy", "mode", "price", "place_in_menu", "reminds_before"),
        *("needs_confirmation", "guests_may_reschedule", "guests_may_cancel", "changes_close"),
        "is_active",
    ]
    list_display = ["name", "sub_account", "kind", "group", "is_active"]
    list_filter = ["sub_account", "kind", "is_active", "group"]
    list_select_related = ["sub_account", "group"]
    search_fields = ["name", "slug", "sub_account__name"]
    inlines = [HostInline]

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, *args: Any, **kwargs: Any
    ) -> None:
        super().save_related(request, form, formsets, *args, **kwargs)
        extend_feeds(form.instance)
        came_or_went = any(each.new_objects or each.deleted_objects for each in formsets)
        if came_or_went or "mode" in form.changed_data:
            count_anew(form.instance)


@admin.register(CalendarHost)
class CalendarHostAdmin(AgencyScoped):
    may = EDIT_AND_DELETE
    fixed = ("calendar", "user")
    fields = ["calendar", "user", "priority", "position", "is_primary"]
    list_display = ["user", "calendar", "priority", "position", "is_primary"]
    list_filter = ["calendar__sub_account", "calendar", "user"]
    list_select_related = ["user", "calendar"]
    search_fields = ["user__email", "user__full_name", "calendar__name"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        extend_feeds(obj.calendar)
        if not change:
            count_anew(obj.calendar)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        remove_host(obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for host in queryset:
            remove_host(host)


class WeeklyHoursInline(AgencyScopedInline):
    may = EDIT_AND_DELETE
    model = WeeklyHours
    fields = ["weekday", "opens", "closes"]


class DateOverrideInline(AgencyScopedInline):
    may = EDIT_AND_DELETE
    model = DateOverride
    fields = ["day", "opens", "closes"]


@admin.register(Schedule)
class ScheduleAdmin(AgencyScoped):
    may = EDIT_AND_DELETE
    fixed = ("sub_account", "user", "calendar")
    fields = ["sub_account", "user", "calendar", "time_zone"]
    list_display = ["user", "sub_account", "calendar", "time_zone"]
    list_filter = ["sub_account", "user", "calendar"]
    list_select_related = ["user", "sub_account", "calendar"]
    search_fields = ["user__email", "user__full_name", "sub_account__name", "calendar__name"]
    inlines = [WeeklyHoursInline, DateOverrideInline]


class PartOfSchedule(AgencyScoped):
    may = EDIT_AND_DELETE
    fixed = ("schedule",)
    list_filter = ["schedule__sub_account", "schedule__user"]
    list_select_related = ["schedule__user", "schedule__calendar"]
    search_fields = ["schedule__user__email", "schedule__user__full_name"]


@admin.register(WeeklyHours)
class WeeklyHoursAdmin(PartOfSchedule):
    fields = ["schedule", "weekday", "opens", "closes"]
    list_display = ["__str__", "schedule"]


@admin.register(DateOverride)
class DateOverrideAdmin(PartOfSchedule):
    fields = ["schedule", "day", "opens", "closes"]
    list_display = ["__str__", "schedule"]
    date_hierarchy = "day"


@admin.register(Contact)
class ContactAdmin(AgencyScoped):
    may = frozenset({"change"})
    fixed = ("sub_account",)
    fields = ["sub_account", "name", "email", "phone"]
    list_display = ["name", "email", "phone", "sub_account"]
    list_filter = ["sub_account"]
    list_select_related = ["sub_account"]
    search_fields = ["name", "email", "phone"]


@admin.register(Meeting)
class MeetingAdmin(AgencyScoped):
    fields = ["sub_account", "calendar", "starts_at", "ends_at", "buffer_before", "buffer_after"]
    list_display = ["calendar", "sub_account", "starts_at", "ends_at"]
    list_filter = ["sub_account", "calendar"]
    list_select_related = ["sub_account", "calendar"]
    search_fields = ["calendar__name", "sub_account__name"]
    date_hierarchy = "starts_at"


@admin.register(MeetingService)
class MeetingServiceAdmin(AgencyScoped):
    fields = ["meeting", "calendar", "position", "duration"]
    list_display = ["calendar", "meeting", "position", "duration"]
    list_filter = ["meeting__sub_account", "calendar"]
    list_select_related = ["calendar", "meeting__calendar"]
    search_fields = ["calendar__name", "meeting__sub_account__name"]


@admin.register(MeetingHost)
class MeetingHostAdmin(AgencyScoped):
    fields = [
        *("meeting", "user", "is_primary", "is_serving", "is_overlapping", "chosen_because"),
        *("copy", "copy_problem"),
    ]
    list_display = ["user", "meeting", "is_serving", "is_overlapping", "copy", "copy_problem"]
    list_filter = ["meeting__sub_account", "user", "copy", "is_overlapping"]
    list_select_related = ["user", "meeting__calendar"]
    search_fields = ["user__email", "user__full_name", "meeting__calendar__name"]


@admin.register(Appointment)
class AppointmentAdmin(AgencyScoped):
    """Without its token: that is the guest's key to change it."""

    fields = [
        "meeting",
        "contact",
        "seat",
        "status",
        "notes",
        "guest_name",
        "guest_email",
        "guest_phone",
        "guest_time_zone",
        "guest_language",
        "sequence",
        "created_at",
    ]
    list_display = ["contact", "meeting", "seat", "status", "created_at"]
    list_filter = ["meeting__sub_account", "meeting__calendar", "status"]
    list_select_related = ["contact", "meeting__calendar"]
    search_fields = ["contact__name", "contact__email", "meeting__calendar__name"]


@admin.register(HistoryEntry)
class HistoryEntryAdmin(AgencyScoped):
    fields = ["appointment", "kind", "source", "by", "at", "was_at", "now_at", "note"]
    list_display = ["appointment", "kind", "source", "by", "at"]
    list_filter = ["appointment__meeting__sub_account", "kind", "source"]
    list_select_related = ["appointment__meeting__calendar", "by"]
    search_fields = ["appointment__guest_name", "appointment__guest_email"]
    date_hierarchy = "at"


@admin.register(Mail)
class MailAdmin(AgencyScoped):
    """Whether people were told: when, and if not, why not."""

    fields = [
        *("appointment", "kind", "to", "starts_at", "ends_at", "was_at", "reason"),
        *("created_at", "address", "sent_at", "problem"),
    ]
    list_display = ["appointment", "kind", "to", "created_at", "sent_at", "problem"]
    list_filter = ["appointment__meeting__sub_account", "kind", "sent_at"]
    list_select_related = ["appointment__meeting__calendar", "to"]
    search_fields = ["appointment__guest_name", "appointment__guest_email", "problem"]


@admin.register(Taken)
class TakenAdmin(AgencyScoped):
    fields = ["resource", "meeting_host", "starts_at", "ends_at"]
    list_display = ["resource", "meeting_host", "starts_at", "ends_at"]
    list_filter = ["meeting_host__meeting__sub_account", "meeting_host__user"]
    list_select_related = ["meeting_host__user", "meeting_host__meeting__calendar"]
    search_fields = ["meeting_host__user__email", "meeting_host__user__full_name"]


@admin.register(BusySource)
class BusySourceAdmin(AgencyScoped):
    """Without its name: that is what the owner calls a calendar of their own."""

    fields = ["sub_account", "user", "is_blocking", "last_read_at", "expanded_until"]
    list_display = ["label", "user", "sub_account", "is_blocking", "last_read_at"]
    list_filter = ["sub_account", "user", "is_blocking"]
    list_select_related = ["sub_account", "user"]
    search_fields = ["user__email", "user__full_name", "sub_account__name"]
    actions = None

    def get_object(self, *args: Any, **kwargs: Any) -> BusySource | None:
        source: BusySource | None = super().get_object(*args, **kwargs)
        if source:
            source.name = self.label(source)  # for the page's title: nothing here is saved
        return source

    @admin.display(description="feed", ordering="pk")
    def label(self, source: BusySource) -> str:
        return f"Feed {source.pk}"


@admin.register(BlockedSlot)
class BlockedSlotAdmin(AgencyScoped):
    """Times, and whether they are busy. Never what the event says."""

    fields = ["sub_account", "user", "starts_at", "ends_at", "all_day", "shown_as"]
    readonly_fields = ["shown_as"]
    list_display = ["shown_as", "user", "sub_account", "starts_at", "ends_at", "all_day"]
    list_filter = ["sub_account", "user", "is_busy", "all_day"]
    list_select_related = ["sub_account", "user"]
    search_fields = ["user__email", "user__full_name", "sub_account__name"]
    date_hierarchy = "starts_at"

    @admin.display(description="shown as", ordering="is_busy")
    def shown_as(self, slot: BlockedSlot) -> str:
        return "Busy" if slot.is_busy else "Free"


@admin.register(OutboxItem)
class OutboxItemAdmin(AgencyScoped):
    fields = [
        *("sub_account", "effect", "subject", "revision", "settled_revision", "due_at"),
        *("lease_until", "attempts", "problem", "parked_at"),
    ]
    list_display = ["__str__", "sub_account", "due_at", "attempts", "problem", "parked_at"]
    list_filter = ["sub_account", "effect", "parked_at"]
    list_select_related = ["sub_account"]
    search_fields = ["problem", "sub_account__name"]
