"""The staff's week, their blocked slots, and the settings of calendars."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings as configured
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.middleware import TenantRequest
from accounts.models import Member
from calendars.forms.people import PersonForm
from calendars.models import BlockedSlot, Calendar
from calendars.services.blocking_by_hand import changeable
from calendars.services.discretion import BUSY, sees_details
from calendars.services.permissions import own_calendars
from calendars.services.releasing import deleted_note
from calendars.services.week import blocks, week_of
from calendars.services.week_grid import first_day

ONE_WEEK = timedelta(days=7)
HOURS = [f"{hour:02}:00" for hour in range(24)]


@require_safe
def week(request: TenantRequest, sub_account: str) -> HttpResponse:
    now = timezone.now()
    today = now.astimezone(request.member.zone).date()
    first = first_day(request.GET.get("week") or request.GET.get("date", ""), today=today)
    members = list(Member.objects.within(request.sub_account).active().select_related("user"))
    shown = _picked(request, members)
    context = {
        "week": week_of(shown, viewer=request.member, first=first, now=now),
        "shown": shown,
        "is_own": shown.user_id == request.user.pk,
        "people": PersonForm(members=members, shown=shown, day=first.isoformat()),
        "previous": first - ONE_WEEK,
        "following": first + ONE_WEEK,
        "today": today,
        "hours": HOURS,
        "zone": request.member.zone,
    }
    return render(request, "calendars/week.html", context)


def _picked(request: TenantRequest, members: list[Member]) -> Member:
    """The member whose week is asked for, oneself by default."""
    asked = request.GET.get("user") or str(request.user.pk)
    picked = next((member for member in members if str(member.user_id) == asked), None)
    if picked is None:
        raise Http404
    picked.sub_account = request.sub_account
    return picked


@require_safe
def blocked_slot(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    slots = BlockedSlot.objects.within(request.sub_account).select_related("source", "user")
    slot = get_object_or_404(slots, pk=pk)
    shows = sees_details(request.member, of=slot.user_id)
    is_own = slot.user_id == request.user.pk
    context = {
        "slot": slot,
        "title": (slot.title or _(BUSY)) if shows else _(BUSY),
        "is_own": is_own,
        "may_change": changeable(request.member).filter(pk=slot.pk).exists(),
        "source": slot.source if is_own else None,
        "is_kept": is_own and slot.deleted_remotely_at is not None,
        "kept_note": deleted_note(slot, request.member.zone) if is_own else "",
        "blocks": blocks(slot),
        "last_day": slot.ends_at - timedelta(seconds=1),
        "zone": _zone_to_read(slot, request.member),
    }
    return render(request, "calendars/blocked_slot.html", context)


def _zone_to_read(slot: BlockedSlot, reader: Member) -> ZoneInfo:
    """The reader's zone; for whole days their owner's, by whose clock they are days."""
    owners = Member.objects.within(reader.sub_account).select_related("sub_account")
    owner = owners.filter(user=slot.user_id).first() if slot.all_day else None
    return (owner or reader).zone


@require_safe
def settings(request: TenantRequest, sub_account: str) -> HttpResponse:
    calendars = Calendar.objects.within(request.sub_account).prefetch_related(
        "calendarhost_set__user"
    )
    rows = [
        {
            "calendar": calendar,
            "hosts": [host.user for host in calendar.calendarhost_set.all()],
            "url": configured.SITE_URL + reverse("public:book", args=[sub_account, calendar.slug]),
        }
        for calendar in calendars
    ]
    may_edit = set(own_calendars(request.member).values_list("pk", flat=True))
    return render(request, "calendars/settings.html", {"rows": rows, "editable": may_edit})
