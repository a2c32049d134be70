"""Time that stays blocked though its event was deleted in iCloud: all of it, and its release."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import TenantRequest
from calendars.forms.kept import SeenForm
from calendars.models import BlockedSlot
from calendars.services.releasing import (
    NotDeletedRemotely,
    kept_ahead,
    kept_events,
    release,
    release_all,
    release_event,
)

MOST_SHOWN = 100
STILL_THERE = gettext_noop(
    "This event still stands in its calendar. Change it there, and it follows here."
)


@require_safe
def kept(request: TenantRequest, sub_account: str) -> HttpResponse:
    return _page(request, "calendars/kept_all.html")


@require_http_methods(["GET", "HEAD", "POST"])
def kept_release(request: TenantRequest, sub_account: str) -> HttpResponse:
    now = timezone.now()
    form = SeenForm(request.POST if request.method == "POST" else None, now=now)
    if not form.is_valid():
        return _page(request, "calendars/kept_release.html", form=form)
    freed = release_all(request.member, seen_at=form.cleaned_data["seen_at"], now=now)
    _say_free(request, freed)
    if kept_ahead(request.member, now=now).exists():
        more = _("More was deleted meanwhile. It is kept: look at it first.")
        messages.info(request, more)
    return redirect("calendars:kept", sub_account)


@require_POST
def kept_event_release(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    try:
        _say_free(request, release_event(_own_slot(request, pk)))
    except NotDeletedRemotely:
        messages.error(request, _(STILL_THERE))
    return redirect("calendars:kept", sub_account)


@require_POST
def blocked_slot_release(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    slot = _own_slot(request, pk)
    day = slot.starts_at.astimezone(request.member.zone).date()
    try:
        release(slot)
        messages.success(request, _("The time is free again."))
    except NotDeletedRemotely:
        messages.error(request, _(STILL_THERE))
    return redirect(f"{reverse('calendars:week', args=[sub_account])}?date={day}")


def _page(request: TenantRequest, template: str, form: SeenForm | None = None) -> HttpResponse:
    now = timezone.now()
    events = kept_events(request.member, now=now)
    context = {
        "events": events[:MOST_SHOWN],
        "count": len(events),
        "unshown": len(events[MOST_SHOWN:]),
        "times": sum(event.times for event in events),
        "form": form,
        "zone": request.member.zone,
        "close_url": reverse("calendars:kept", args=[request.sub_account.slug]),
    }
    return render(request, template, context, status=422 if form and form.errors else 200)


def _own_slot(request: TenantRequest, pk: int) -> BlockedSlot:
    own = BlockedSlot.objects.within(request.sub_account).filter(user=request.user)
    slot: BlockedSlot = get_object_or_404(own, pk=pk)
    return slot


def _say_free(request: TenantRequest, freed: int) -> None:
    if freed:
        said = ngettext("%(number)s time is free again.", "%(number)s times are free again.", freed)
        messages.success(request, said % {"number": freed})
    else:
        messages.info(request, _("Nothing is kept any more: no time was released."))
