"""What staff do with an appointment by one click: cancel, restore, confirm, say who came."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import TenantRequest
from calendars.forms.appointments import CancelForm
from calendars.models import Appointment
from calendars.services import cancelling, confirming
from calendars.services.refusals import NotFree, NotInThisState
from calendars.views.bookings import (
    CHANGED_MEANWHILE,
    back_to,
    find_to_change,
    sent,
    told_or_not,
)
from calendars.views.time_page import in_their_names


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    appointment = find_to_change(request, pk)
    if not appointment.is_live:
        messages.info(request, _("It holds no time any more: there is nothing to cancel."))
        return back_to(appointment)
    form = CancelForm(sent(request))
    if request.method == "POST" and form.is_valid():
        cancelling.cancel(appointment, by=request.user, reason=form.cleaned_data["reason"])
        words = _("Cancelled. %(told)s You can restore it on this page.")
        messages.success(request, words % {"told": told_or_not(appointment)})
        return back_to(appointment)
    context = {
        "appointment": appointment,
        "form": form,
        "hosts": [part.user for part in appointment.meeting.hosts.serving().select_related("user")],
        "zone": request.member.zone,
    }
    status = 422 if form.errors else 200
    return render(request, "calendars/appointments/cancel.html", context, status=status)


@require_POST
def restore(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    appointment, now = find_to_change(request, pk), timezone.now()
    try:
        cancelling.restore(
            appointment, by=request.user, now=now, anyway=request.POST.get("anyway") == "yes"
        )
    except NotFree as refused:
        context = {
            "appointment": appointment,
            "objections": in_their_names(
                {host: [reason] for host, reason in refused.verdict.refused.items()}
            ),
            "zone": request.member.zone,
        }
        return render(request, "calendars/appointments/restore.html", context, status=409)
    words = _("Restored: it holds its time again. %(told)s")
    messages.success(request, words % {"told": told_or_not(appointment)})
    return back_to(appointment)


@require_POST
def confirm(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    return _say(request, pk, confirming.confirm, _("Confirmed."))


@require_POST
def showed(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    return _say(request, pk, confirming.mark_showed, _("Noted: the guest came."))


@require_POST
def noshow(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    return _say(request, pk, confirming.mark_noshow, _("Noted: the guest did not come."))


@require_POST
def invalid(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    words = _("Marked as invalid: its time is free, and nobody is written to. You can restore it.")
    return _say(request, pk, cancelling.mark_invalid, words)


def _say(
    request: TenantRequest, pk: int, act: Callable[..., Appointment], words: str
) -> HttpResponse:
    appointment = find_to_change(request, pk)
    try:
        act(appointment, by=request.user)
        messages.success(request, words)
    except NotInThisState:
        messages.error(request, _(CHANGED_MEANWHILE))
    return back_to(appointment)
