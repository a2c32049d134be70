"""Calendars are made and edited, switched on and off, and get their hosts."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import TenantRequest
from accounts.models import Member
from accounts.roles import sub_account_admin_required
from calendars.forms.calendars import CalendarForm
from calendars.forms.hosts import AddHostForm, MoveForm, PriorityForm
from calendars.models import Calendar, CalendarHost
from calendars.services.horizons import extend_feeds
from calendars.services.hosting import (
    NotAMember,
    add_host,
    make_primary,
    move_host,
    primary_of,
    remove_host,
)
from calendars.services.readiness import HostState, gaps, host_states
from calendars.services.serving import lets_pick_host
from calendars.views.finding import calendar_of, calendar_to_edit, host_of


@require_http_methods(["GET", "HEAD", "POST"])
@sub_account_admin_required
def calendar_new(request: TenantRequest, sub_account: str) -> HttpResponse:
    here = request.sub_account
    form = CalendarForm(
        request.POST if request.method == "POST" else None,
        instance=Calendar(sub_account=here, time_zone=here.time_zone),
    )
    if form.is_valid() and form.save_once():
        said = _("“%(calendar)s” is there. Now say who hosts it.")
        messages.success(request, said % {"calendar": form.instance})
        return redirect("calendars:calendar", sub_account, form.instance.pk)
    status = 422 if form.errors else 200
    return render(request, "calendars/calendar_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    found = calendar_to_edit(request, pk)
    title, address = found.name, _public_address(found)
    now = timezone.now()
    states = host_states(found, now=now)
    missing = gaps(found, states, now=now)
    form = CalendarForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid() and form.save_once():
        messages.success(request, _("“%(name)s” is saved.") % {"name": form.instance})
        return redirect("calendars:calendar", sub_account, pk)
    context = {
        "calendar": found,
        "title": title,
        "address": address,
        "is_bookable": found.is_active and not any(gap.is_serious for gap in missing),
        "gaps": missing,
        "states": states,
        "primary": _primary(found, states),
        "has_priority": lets_pick_host(found),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "calendars/calendar.html", context, status=status)


@require_POST
def calendar_activate(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    found = calendar_to_edit(request, pk)
    _switch(found, is_active=True)
    said = _("“%(calendar)s” is active: its page is public again.")
    messages.success(request, said % {"calendar": found})
    return redirect("calendars:calendar", sub_account, pk)


@require_POST
def calendar_deactivate(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    found = calendar_to_edit(request, pk)
    _switch(found, is_active=False)
    said = _("“%(calendar)s” is not active: nobody can book it. Appointments stay.")
    messages.success(request, said % {"calendar": found})
    return redirect("calendars:calendar", sub_account, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@sub_account_admin_required
def hosts(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    found = calendar_of(request, pk)
    form = AddHostForm(
        request.POST if request.method == "POST" else None,
        members=_free_members(found),
        has_priority=lets_pick_host(found),
    )
    if form.is_valid():
        member = form.cleaned_data["member"]
        try:
            add_host(found, member, priority=form.cleaned_data["priority"])
        except NotAMember:
            form.add_error("member", _("They are no member of this sub-account any more."))
        else:
            said = _("%(host)s hosts “%(calendar)s” now.")
            messages.success(request, said % {"host": member.user, "calendar": found})
            return redirect("calendars:hosts", sub_account, pk)
    return _hosts_page(request, found, form)


@require_POST
@sub_account_admin_required
def host_priority(request: TenantRequest, sub_account: str, pk: int, user: int) -> HttpResponse:
    host = host_of(request, pk, user)
    form = PriorityForm(request.POST, instance=host)
    if form.is_valid():
        form.save()
        said = _("%(host)s has %(priority)s priority now.")
        priority = host.get_priority_display().lower()
        messages.success(request, said % {"host": host.user, "priority": priority})
    else:
        messages.error(request, _("That is not a priority. Nothing has been changed."))
    return redirect("calendars:hosts", sub_account, pk)


@require_POST
@sub_account_admin_required
def host_move(request: TenantRequest, sub_account: str, pk: int, user: int) -> HttpResponse:
    host = host_of(request, pk, user)
    form = MoveForm(request.POST)
    if form.is_valid():
        move_host(host, up=form.cleaned_data["direction"] == "up")
    else:
        messages.error(request, _("Hosts move up or down. Nothing has been changed."))
    return redirect("calendars:hosts", sub_account, pk)


@require_POST
@sub_account_admin_required
def host_primary(request: TenantRequest, sub_account: str, pk: int, user: int) -> HttpResponse:
    host = host_of(request, pk, user)
    make_primary(host)
    said = _(
        "%(host)s owns the appointments of “%(calendar)s” from now on. Those booked before keep"
        " their owner."
    )
    messages.success(request, said % {"host": host.user, "calendar": host.calendar})
    return redirect("calendars:hosts", sub_account, pk)


@require_POST
@sub_account_admin_required
def host_remove(request: TenantRequest, sub_account: str, pk: int, user: int) -> HttpResponse:
    host = host_of(request, pk, user)
    remove_host(host)
    said = _(
        "%(host)s no longer hosts “%(calendar)s”. Meetings they have there stay with them, and"
        " their hours for it are kept in case they come back."
    )
    messages.success(request, said % {"host": host.user, "calendar": host.calendar})
    return redirect("calendars:hosts", sub_account, pk)


def _hosts_page(request: TenantRequest, calendar: Calendar, form: AddHostForm) -> HttpResponse:
    states = host_states(calendar, now=timezone.now())
    context = {
        "calendar": calendar,
        "rows": [
            (state, PriorityForm(instance=state.host, auto_id=f"id_{state.host.pk}_%s"))
            for state in states
        ],
        "form": form,
        "can_add": bool(form.fields["member"].choices),  # type: ignore[attr-defined]
        "primary": _primary(calendar, states),
        "has_priority": lets_pick_host(calendar),
    }
    status = 422 if form.errors else 200
    return render(request, "calendars/hosts.html", context, status=status)


def _primary(calendar: Calendar, states: Sequence[HostState]) -> CalendarHost | None:
    """Who owns what is booked on a collective calendar; elsewhere each appointment has one host."""
    is_collective = calendar.kind == Calendar.Kind.COLLECTIVE
    return primary_of([state.host for state in states]) if is_collective else None


def _free_members(calendar: Calendar) -> list[Member]:
    """The sub-account's active members who do not host the calendar."""
    members = Member.objects.within(calendar.sub_account).active().select_related("user")
    return list(members.exclude(user__in=calendar.hosts.all()))


@transaction.atomic
def _switch(calendar: Calendar, *, is_active: bool) -> None:
    calendar.is_active = is_active
    calendar.save(update_fields=["is_active"])
    extend_feeds(calendar)


def _public_address(calendar: Calendar) -> str:
    path = reverse("public:book", args=[calendar.sub_account.slug, calendar.slug])
    return f"{settings.SITE_URL}{path}"
