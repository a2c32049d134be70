"""Appointments as staff see them: the list, and all about one of them."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.middleware import TenantRequest
from accounts.models import Member
from calendars.forms.appointments import FilterForm
from calendars.models import Appointment, Calendar, HistoryEntry, Mail, MeetingHost
from calendars.services.choosing import why_chosen
from calendars.services.copies import copy_in_words
from calendars.services.history import who
from calendars.services.listing import (
    STATUS_KINDS,
    Show,
    found_by,
    listed,
    rows_of,
    served_by,
    with_details,
)
from calendars.services.overlaps import overlaps_of
from calendars.services.permissions import may_change_appointment, own_calendars
from calendars.services.possible import possible
from calendars.services.telling import how_it_stands

PER_PAGE = 25
CHANGED_MEANWHILE = gettext_noop("It was changed in the meantime. This is how it stands now.")
TABS = {
    Show.UPCOMING: _("Upcoming"),
    Show.ATTENTION: _("Needs attention"),
    Show.PAST: _("Past"),
    Show.CANCELLED: _("Cancelled"),
}


@require_safe
def appointments(request: TenantRequest, sub_account: str) -> HttpResponse:
    now = timezone.now()
    members = Member.objects.within(request.sub_account).active().select_related("user")
    calendars = Calendar.objects.within(request.sub_account)
    form = FilterForm(request.GET, calendars=calendars, members=members)
    form.full_clean()
    found = _filtered(listed(request.sub_account, show=form.shown, now=now), form)
    page = Paginator(with_details(found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": rows_of(page.object_list),
        "shown": form.shown,
        "tabs": TABS,
        "attention": listed(request.sub_account, show=Show.ATTENTION, now=now).count(),
        "is_filtered": any(form.cleaned_data.get(name) for name in ("calendar", "host", "q")),
        "may_book": own_calendars(request.member).exists(),
        "zone": request.member.zone,
    }
    return render(request, "calendars/appointments/list.html", context)


def _filtered(rows: QuerySet[Appointment], form: FilterForm) -> QuerySet[Appointment]:
    wanted = form.cleaned_data
    if wanted.get("calendar"):
        rows = rows.filter(meeting__calendar=wanted["calendar"])
    if wanted.get("host"):
        rows = served_by(rows, wanted["host"])
    return found_by(rows, wanted["q"]) if wanted.get("q") else rows


@require_safe
def appointment(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    found = find(request, pk)
    may_change = may_change_appointment(request.member, found)
    context = {
        "appointment": found,
        "meeting": found.meeting,
        "status_kind": STATUS_KINDS[Appointment.Status(found.status)],
        "parts": _parts(request, found),
        "others": _others(found),
        "overlaps": overlaps_of(found.meeting) if found.is_live else [],
        "language": dict(settings.LANGUAGES).get(found.guest_language, found.guest_language),
        "history": [(entry, who(entry)) for entry in _history(found)],
        "mails": [(mail, *how_it_stands(mail)) for mail in _mails(found)],
        "possible": possible(found, now=timezone.now()) if may_change else set(),
        "may_change": may_change,
        "zone": request.member.zone,
    }
    return render(request, "calendars/appointments/detail.html", context)


def find(request: TenantRequest, pk: int) -> Appointment:
    """The sub-account's appointment with that key, for any member to read, or a 404."""
    rows = Appointment.objects.within(request.sub_account).select_related(
        "meeting__calendar__sub_account", "meeting__sub_account", "contact"
    )
    return get_object_or_404(rows, pk=pk)


def find_to_change(request: TenantRequest, pk: int) -> Appointment:
    """The appointment, for those who may change it; its other readers get a 403."""
    found = find(request, pk)
    if not may_change_appointment(request.member, found):
        raise PermissionDenied
    return found


def sent(request: TenantRequest) -> QueryDict | None:
    """What a form was sent with, be it nothing; None where it is only looked at."""
    return request.POST if request.method == "POST" else None


def back_to(appointment: Appointment) -> HttpResponse:
    """To its page, after something was done there."""
    slug = appointment.meeting.sub_account.slug
    return redirect("calendars:appointment", slug, appointment.pk)


def told_or_not(appointment: Appointment) -> str:
    """Whether its guest hears of a change by e-mail."""
    if appointment.guest_email:
        return gettext("The guest is told by e-mail.")
    return gettext("The guest left no e-mail address: please tell them yourself.")


def _parts(request: TenantRequest, appointment: Appointment) -> list[dict[str, Any]]:
    """Each host's part; those who handed it over as long as their event may still stand."""
    shown: list[dict[str, Any]] = []
    parts = appointment.meeting.hosts.exclude(user=None).select_related("user")
    for part in parts.primary_first():
        is_wanted = part.is_serving and appointment.is_live
        is_own = part.user_id == request.user.pk
        copy = copy_in_words(part, is_wanted=is_wanted)
        if part.is_serving or part.copy not in {MeetingHost.Copy.REMOVED, MeetingHost.Copy.NONE}:
            may_write = is_wanted and bool(copy.advice) and (is_own or request.member.is_admin)
            why = why_chosen(part)
            shown.append({"part": part, "because": why, "copy": copy, "may_write": may_write})
    serving = [row for row in shown if row["part"].is_serving]
    for row in shown:
        row["is_primary"] = len(serving) > 1 and row is serving[0]
    return shown


def _others(appointment: Appointment) -> QuerySet[Appointment]:
    """Who else comes to the same meeting."""
    seats = Appointment.objects.live().filter(meeting=appointment.meeting_id)
    return seats.exclude(pk=appointment.pk).order_by("seat")


def _history(appointment: Appointment) -> QuerySet[HistoryEntry]:
    return appointment.history.select_related("by").order_by("-at", "-pk")


def _mails(appointment: Appointment) -> QuerySet[Mail]:
    return appointment.mails.select_related("to").order_by("-created_at", "-pk")
