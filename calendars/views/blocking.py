"""Time that people block for themselves, and open again."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import TenantRequest
from calendars.forms.blocking import WALL_CLOCK, BlockForm
from calendars.models import BlockedSlot
from calendars.services.blocking_by_hand import has_meeting_in, is_by_hand, made_by_hand

ONE_HOUR = timedelta(hours=1)


@require_http_methods(["GET", "HEAD", "POST"])
def blocked(request: TenantRequest, sub_account: str) -> HttpResponse:
    now, zone = timezone.now(), request.member.zone
    form = BlockForm(
        request.POST if request.method == "POST" else None,
        instance=BlockedSlot(sub_account=request.sub_account, user=request.user),
        initial=_proposed(request, now),
        zone=zone,
    )
    if form.is_valid():
        return _saved(request, form.save())
    upcoming = made_by_hand(request.member).filter(ends_at__gt=now)
    context = {"form": form, "slots": upcoming, "zone": zone}
    return render(request, "calendars/blocked.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def blocked_slot_edit(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    slot = _own_slot(request, pk)
    if not is_by_hand(slot):
        return redirect("integrations:event_edit", sub_account, slot.pk)
    form = BlockForm(
        request.POST if request.method == "POST" else None,
        instance=slot,
        zone=request.member.zone,
    )
    if form.is_valid():
        return _saved(request, form.save())
    return render(
        request, "calendars/blocked_edit.html", {"form": form, "slot": slot}, status=_status(form)
    )


@require_POST
def blocked_slot_remove(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    slot = _own_slot(request, pk)
    if not is_by_hand(slot):
        return _refused(request, slot)
    zone = request.member.zone
    slot.delete()
    messages.success(
        request,
        f"{_words(slot, zone)} is no longer blocked. To undo that, block it again: the times are"
        " filled in below.",
    )
    times = {
        "starts_at": slot.starts_at.astimezone(zone).strftime(WALL_CLOCK),
        "ends_at": slot.ends_at.astimezone(zone).strftime(WALL_CLOCK),
    }
    return redirect(f"{reverse('calendars:blocked', args=[sub_account])}?{urlencode(times)}")


def _own_slot(request: TenantRequest, pk: int) -> BlockedSlot:
    own = BlockedSlot.objects.within(request.sub_account).filter(user=request.user)
    return get_object_or_404(own, pk=pk)


def _refused(request: TenantRequest, slot: BlockedSlot) -> HttpResponse:
    messages.error(
        request, "This time comes from iCloud. Change it in Apple Calendar, and it follows here."
    )
    return redirect("calendars:blocked_slot", request.sub_account.slug, slot.pk)


def _saved(request: TenantRequest, slot: BlockedSlot) -> HttpResponse:
    zone = request.member.zone
    messages.success(request, f"{_words(slot, zone)} is blocked.")
    if has_meeting_in(slot):
        messages.warning(request, "You have a meeting in that time. It stays as it is.")
    week = reverse("calendars:week", args=[request.sub_account.slug])
    return redirect(f"{week}?date={slot.starts_at.astimezone(zone).date()}")


def _proposed(request: TenantRequest, now: datetime) -> dict[str, object]:
    """The times in the address, as typed; else the hour that begins next."""
    if {"starts_at", "ends_at"} <= request.GET.keys():
        return {name: request.GET[name] for name in ("starts_at", "ends_at")}
    next_hour = now.replace(minute=0, second=0, microsecond=0) + ONE_HOUR
    return {"starts_at": next_hour, "ends_at": next_hour + ONE_HOUR}


def _words(slot: BlockedSlot, zone: ZoneInfo) -> str:
    starts, ends = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
    until = f"{ends:%H:%M}" if ends.date() == starts.date() else f"{ends:%-d %B %Y, %H:%M}"
    return f"{starts:%-d %B %Y, %H:%M} – {until}"


def _status(form: BlockForm) -> int:
    return 422 if form.errors else 200
