"""What a staff page is about, found through the tenant: 404 to outsiders, 403 to members who may
not change it."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from accounts.middleware import TenantRequest
from calendars.models import Calendar, CalendarHost
from calendars.services.permissions import edits_hours, own_calendars
from calendars.services.serving import hosts_of


def calendar_of(request: TenantRequest, pk: int) -> Calendar:
    here = Calendar.objects.within(request.sub_account).select_related("sub_account")
    return get_object_or_404(here, pk=pk)


def calendar_to_edit(request: TenantRequest, pk: int) -> Calendar:
    calendar = calendar_of(request, pk)
    if not own_calendars(request.member).filter(pk=pk).exists():
        raise PermissionDenied
    return calendar


def host_of(request: TenantRequest, pk: int, user: int) -> CalendarHost:
    """A host of the calendar who is a member of its sub-account."""
    hosts = hosts_of(calendar_of(request, pk)).select_related("user", "calendar__sub_account")
    # By its key: one that is too large for the column is not found, and no error.
    return get_object_or_404(hosts, user__pk=user)


def host_to_set_hours_of(request: TenantRequest, pk: int, user: int) -> CalendarHost:
    if not edits_hours(request.member, of=user):
        calendar_of(request, pk)
        raise PermissionDenied
    return host_of(request, pk, user)
