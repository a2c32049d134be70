"""Time that people block for themselves, and admins for several of them; and open again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import TenantRequest
from accounts.models import Member
from calendars.forms.blocking import BlockForm
from calendars.forms.repeated_blocking import EditBlockForm, NewBlockForm, ScopeForm
from calendars.forms.wall_clock import WALL_CLOCK
from calendars.models import BlockedSlot
from calendars.services import removed_blocks
from calendars.services.blocked_listing import blocked_ahead, counts
from calendars.services.blocking_by_hand import (
    Scope,
    block,
    change,
    changeable,
    has_meeting_in,
    is_by_hand,
    put_back,
    remove,
)
from calendars.services.discretion import sees_details

ONE_HOUR = timedelta(hours=1)


@require_http_methods(["GET", "HEAD", "POST"])
def blocked(request: TenantRequest, sub_account: str) -> HttpResponse:
    now, zone = timezone.now(), request.member.zone
    form = NewBlockForm(
        request.POST if request.method == "POST" else None,
        instance=BlockedSlot(sub_account=request.sub_account, user=request.user),
        initial=_proposed(request, now),
        member=request.member,
        members=_members(request.member),
    )
    if form.is_valid():
        return _saved(request, block(form.wanted(), members=form.for_whom))
    context = {
        "form": form,
        "blocks": blocked_ahead(request.member, now=now),
        "removed": len(removed_blocks.remembered(request.member)),
        "zone": zone,
    }
    return render(request, "calendars/blocked.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def blocked_slot_edit(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    slot = _slot_to_change(request, pk)
    if not is_by_hand(slot):
        return redirect("integrations:event_edit", sub_account, slot.pk)
    form = EditBlockForm(
        request.POST if request.method == "POST" else None,
        instance=slot,
        zone=request.member.zone,
        counts=counts(slot, by=request.member),
        shows_title=sees_details(request.member, of=slot.user_id),
    )
    if form.is_valid():
        slot = _slot_to_change(request, pk)  # as it is stored, not as it was typed
        rows = change(
            slot, form.wanted(), form.scope, by=request.member, keeps_title=form.keeps_title
        )
        return _saved(request, rows)
    return render(
        request, "calendars/blocked_edit.html", {"form": form, "slot": slot}, status=_status(form)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def blocked_slot_remove(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    slot = _slot_to_change(request, pk)
    if not is_by_hand(slot):
        return _refused(request, slot)
    found = counts(slot, by=request.member)
    # What stands alone needs no question: its button says all.
    data = {"scope": Scope.ONE, **request.POST.dict()} if len(found) == 1 else request.POST
    form = ScopeForm(data if request.method == "POST" else None, counts=found)
    if form.is_valid():
        return _removed(request, remove(slot, Scope(form.cleaned_data["scope"]), by=request.member))
    context = {"form": form, "slot": slot, "zone": request.member.zone, "is_one": len(found) == 1}
    status = 422 if form.errors else 200
    return render(request, "calendars/blocked_remove.html", context, status=status)


@require_POST
def blocked_undo(request: TenantRequest, sub_account: str) -> HttpResponse:
    return _saved(request, put_back(removed_blocks.forget(request.member), by=request.member))


def _slot_to_change(request: TenantRequest, pk: int) -> BlockedSlot:
    """One of one's own, or of several people's where that is for admins to change."""
    here = BlockedSlot.objects.within(request.sub_account)
    mine = here.filter(user=request.user) | here.filter(pk__in=changeable(request.member))
    return get_object_or_404(mine.select_related("user"), pk=pk)


def _members(member: Member) -> list[Member]:
    """For whom an admin may block time; for everybody else nobody is looked up."""
    if not member.is_admin:
        return []
    here = Member.objects.within(member.sub_account).active()
    return list(here.select_related("user", "sub_account"))


def _refused(request: TenantRequest, slot: BlockedSlot) -> HttpResponse:
    said = _("This time comes from iCloud. Change it in Apple Calendar, and it follows here.")
    messages.error(request, said)
    return redirect("calendars:blocked_slot", request.sub_account.slug, slot.pk)


def _saved(request: TenantRequest, slots: Sequence[BlockedSlot]) -> HttpResponse:
    if not slots:
        return _gone(request)
    zone, (first, *others) = request.member.zone, slots
    said = _("%(time)s is blocked.")
    if others:
        said = ngettext(
            "%(time)s, and %(more)s more, are blocked.",
            "%(time)s, and %(more)s more, are blocked.",
            len(others),
        )
    messages.success(request, said % {"time": _words(first, zone), "more": len(others)})
    if has_meeting_in(*slots):
        is_own = not others and first.user_id == request.user.pk
        messages.warning(request, _over_meetings(is_own=is_own))
    week = reverse("calendars:week", args=[request.sub_account.slug])
    return redirect(f"{week}?date={first.starts_at.astimezone(zone).date()}")


def _over_meetings(*, is_own: bool) -> str:
    if is_own:
        return _("You have a meeting in that time. It stays as it is.")
    return _("There are meetings in that time. They stay as they are.")


def _removed(request: TenantRequest, slots: Sequence[BlockedSlot]) -> HttpResponse:
    if not slots:
        return _gone(request)
    zone, (first, *others) = request.member.zone, slots
    page = reverse("calendars:blocked", args=[request.sub_account.slug])
    if others:
        removed_blocks.remember(slots, by=request.member)
        said = ngettext(
            "%(time)s, and %(more)s more, are no longer blocked. You can undo that below.",
            "%(time)s, and %(more)s more, are no longer blocked. You can undo that below.",
            len(others),
        )
        messages.success(request, said % {"time": _words(first, zone), "more": len(others)})
        return redirect(page)
    said = _(
        "%(time)s is no longer blocked. To undo that, block it again: the times are filled in "
        "below."
    )
    messages.success(request, said % {"time": _words(first, zone)})
    times = {
        "starts_at": first.starts_at.astimezone(zone).strftime(WALL_CLOCK),
        "ends_at": first.ends_at.astimezone(zone).strftime(WALL_CLOCK),
    }
    return redirect(f"{page}?{urlencode(times)}")


def _gone(request: TenantRequest) -> HttpResponse:
    messages.info(request, _("It is not there any more: nothing has been changed."))
    return redirect("calendars:blocked", request.sub_account.slug)


def _proposed(request: TenantRequest, now: datetime) -> dict[str, object]:
    """The times in the address, as typed; else the hour that begins next."""
    if {"starts_at", "ends_at"} <= request.GET.keys():
        return {name: request.GET[name] for name in ("starts_at", "ends_at")}
    next_hour = now.replace(minute=0, second=0, microsecond=0) + ONE_HOUR
    return {"starts_at": next_hour, "ends_at": next_hour + ONE_HOUR}


def _words(slot: BlockedSlot, zone: ZoneInfo) -> str:
    starts, ends = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
    day_and_time = _("j F Y, H:i")
    until = date_format(ends, "H:i" if ends.date() == starts.date() else day_and_time)
    return f"{date_format(starts, day_and_time)} – {until}"


def _status(form: BlockForm) -> int:
    return 422 if form.errors else 200
