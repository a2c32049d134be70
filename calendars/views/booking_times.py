"""Staff book for a guest, and move appointments."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import TenantRequest
from calendars.forms.appointments import GuestForm, MoveForm
from calendars.models import Appointment, Calendar
from calendars.services.booking import book_for_guest
from calendars.services.booking_keys import KeyRefused, new_key
from calendars.services.looking import look_first
from calendars.services.meetings import serving_hosts
from calendars.services.moving import move, move_all
from calendars.services.permissions import may_book_on, own_calendars
from calendars.services.refusals import Ended, KeyUsed
from calendars.services.seats import Moving, moving_all, moving_seat
from calendars.views.bookings import (
    CHANGED_MEANWHILE,
    back_to,
    find_to_change,
    sent,
    told_or_not,
)
from calendars.views.time_page import ANYONE, INCOMPLETE, REFUSALS, Refused, explained, time_page

KEY_USED = Refused(409, _("This form has booked already. Send it again to book another one."))
KEY_TOO_OLD = Refused(
    403, _("The page was open for too long. What you entered is kept: send it again.")
)


@require_safe
def choose_calendar(request: TenantRequest, sub_account: str) -> HttpResponse:
    calendars = own_calendars(request.member).active()
    return render(request, "calendars/appointments/choose.html", {"calendars": calendars})


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: TenantRequest, sub_account: str, calendar: str) -> HttpResponse:
    calendars = Calendar.objects.within(request.sub_account).select_related("sub_account")
    found = get_object_or_404(calendars, slug=calendar)
    if not may_book_on(request.member, found):
        raise PermissionDenied
    form = GuestForm(sent(request), zone=request.member.zone)
    if request.method != "POST":
        return _book_page(request, found, form)
    if not form.is_valid():
        return _book_page(request, found, form, INCOMPLETE)
    return _book(request, found, form)


def _book(request: TenantRequest, calendar: Calendar, form: GuestForm) -> HttpResponse:
    now, host = timezone.now(), form.cleaned_data["host"]
    try:
        look_first(calendar, form.wanted_at, now=now, host=host)
        appointment = book_for_guest(
            calendar,
            form.wanted_at,
            form.guest(time_zone=calendar.time_zone),
            by=request.user,
            now=now,
            key=form.cleaned_data["key"],
            host=host,
            anyway=form.is_anyway,
        )
    except KeyUsed:
        return _book_page(request, calendar, form, KEY_USED)
    except KeyRefused:
        return _book_page(request, calendar, form, KEY_TOO_OLD)
    except REFUSALS as refusal:
        refused = explained(refusal, form, calendar=calendar, now=now)
        return _book_page(request, calendar, form, refused)
    words = gettext("Booked: %(when)s. %(told)s")
    messages.success(request, words % _when_and_told(appointment, request))
    return redirect("calendars:appointment", request.sub_account.slug, appointment.pk)


def _book_page(
    request: TenantRequest, calendar: Calendar, form: GuestForm, refused: Refused | None = None
) -> HttpResponse:
    template = "calendars/appointments/book.html"
    form.take_key(new_key(calendar))
    return time_page(request, template, calendar, form, now=timezone.now(), refused=refused)


@require_http_methods(["GET", "HEAD", "POST"])
def move_appointment(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    appointment = find_to_change(request, pk)
    others = appointment.meeting.appointments.live().exclude(pk=appointment.pk)
    form = MoveForm(sent(request), zone=request.member.zone, others=others.count())
    if not appointment.is_live:
        messages.info(
            request, gettext("It holds no time any more. Restore it first, then move it.")
        )
        return back_to(appointment)
    if request.method != "POST":
        return _move_page(request, appointment, form)
    if not form.is_valid():
        return _move_page(request, appointment, form, INCOMPLETE)
    return _move(request, appointment, form)


def _move(request: TenantRequest, appointment: Appointment, form: MoveForm) -> HttpResponse:
    now, meeting, host = timezone.now(), appointment.meeting, form.cleaned_data["host"]
    calendar = meeting.calendar
    go = move_all if form.moves_all() else move
    moving, before = _moving(appointment, form), _where_it_is(appointment)
    try:
        look_first(calendar, form.wanted_at, now=now, host=host, moving=moving)
        moved = go(
            appointment,
            form.wanted_at,
            by=request.user,
            now=now,
            host=host,
            anyway=form.is_anyway,
        )
    except Ended:
        messages.error(request, gettext(CHANGED_MEANWHILE))
        return back_to(appointment)
    except REFUSALS as refusal:
        moving = _moving(appointment, form)
        refused = explained(refusal, form, calendar=calendar, now=now, moving=moving)
        return _move_page(request, appointment, form, refused)
    if _where_it_is(moved) == before:
        messages.info(request, gettext("Nothing was changed."))
    else:
        words = gettext("It is on %(when)s now. %(told)s")
        messages.success(request, words % _when_and_told(moved, request))
    return back_to(moved)


def _where_it_is(appointment: Appointment) -> tuple[datetime, list[int]]:
    """When it is, and who serves it."""
    return appointment.meeting.starts_at, serving_hosts(appointment)


def _move_page(
    request: TenantRequest,
    appointment: Appointment,
    form: MoveForm,
    refused: Refused | None = None,
) -> HttpResponse:
    serving = (
        appointment.meeting.hosts.serving()
        .exclude(user=None)
        .select_related("user")
        .primary_first()
    )
    hosts = ", ".join(str(part.user) for part in serving)
    return time_page(
        request,
        "calendars/appointments/move.html",
        appointment.meeting.calendar,
        form,
        now=timezone.now(),
        refused=refused,
        moving=_moving(appointment, form),
        anyone=gettext("%(hosts)s, if free") % {"hosts": hosts} if hosts else ANYONE,
        appointment=appointment,
        hosts=hosts,
    )


def _moving(appointment: Appointment, form: MoveForm) -> Moving:
    return moving_all(appointment.meeting) if form.moves_all() else moving_seat(appointment)


def _when_and_told(appointment: Appointment, request: TenantRequest) -> dict[str, str]:
    local = appointment.meeting.starts_at.astimezone(request.member.zone)
    return {"when": date_format(local, "DATETIME_FORMAT"), "told": told_or_not(appointment)}
