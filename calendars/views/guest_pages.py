"""What guests see of their own appointment: as it stands, to reschedule, to cancel."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F
from django.http import HttpRequest, HttpResponse

from calendars import adding
from calendars.forms.booking import FORM_ID, LookForm
from calendars.forms.changes import CancelForm, RescheduleForm
from calendars.forms.zones import zone_named
from calendars.models import Appointment, HistoryEntry
from calendars.services.combining import as_booked
from calendars.services.openings import openings
from calendars.services.policies import changes_close_at, may_cancel, may_reschedule
from calendars.services.seats import moving_seat
from calendars.services.serving import hosts_of, lets_pick_host
from calendars.services.telling import public_names
from calendars.views.booking_page import look_at, unread
from calendars.views.framing import public_page
from calendars.views.refusing import Refusal, page_with

PAST = (Appointment.Status.SHOWED, Appointment.Status.NOSHOW)


def appointment_page(request: HttpRequest, found: Appointment, *, now: datetime) -> HttpResponse:
    context = _context(found, now)
    context["add_to"] = adding.links(found, host=context["hosts"])
    return public_page(request, "calendars/appointment.html", context)


def reschedule_page(
    request: HttpRequest,
    found: Appointment,
    *,
    now: datetime,
    form: RescheduleForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    if not may_reschedule(found, now=now):
        was_allowed = found.meeting.calendar.guests_may_reschedule
        return _closed_page(request, found, now=now, what="rescheduled", was_allowed=was_allowed)
    zone = zone_named(request.GET.get("tz", "")) or ZoneInfo(found.guest_time_zone)
    wanted = as_booked(found.meeting)
    meeting, look = found.meeting, look_at(request, zone=zone, sent=form)
    shown = openings(
        wanted,
        zone=zone,
        now=now,
        day=look.day,
        month=look.month,
        moving=moving_seat(found),
    )
    form = form or RescheduleForm()
    form.offer(shown.times, current=meeting.starts_at)
    day = shown.day.isoformat() if shown.day else ""
    context = _context(found, now) | {
        "zone": zone,
        "form": form,
        "form_id": FORM_ID,
        "duration": wanted.duration,
        "has_other_hosts": lets_pick_host(wanted) and hosts_of(wanted).count() > 1,
        "look_form": LookForm(zone=zone, hosts=(), host=None, day=day),
        "openings": shown,
        "today": now.astimezone(zone).date(),
        "unread": unread(request, look, shown.day),
    }
    return page_with(request, "calendars/reschedule.html", context, refusal)


def cancel_page(
    request: HttpRequest,
    found: Appointment,
    *,
    now: datetime,
    form: CancelForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    if not may_cancel(found, now=now):
        was_allowed = found.meeting.calendar.guests_may_cancel
        return _closed_page(request, found, now=now, what="cancelled", was_allowed=was_allowed)
    context = _context(found, now) | {"form": form or CancelForm()}
    return page_with(request, "calendars/cancel.html", context, refusal)


def host_names(appointment: Appointment) -> str:
    """Of those who serve it, by their names only: an address is not for the public."""
    parts = appointment.meeting.hosts.serving().select_related("user").primary_first()
    return public_names(part.user for part in parts if part.user)


def _closed_page(
    request: HttpRequest, found: Appointment, *, now: datetime, what: str, was_allowed: bool
) -> HttpResponse:
    """Why it can't be changed here, or not any more, and what else there is to do."""
    until = changes_close_at(found)
    context = _context(found, now) | {
        "what": what,
        "until": until if was_allowed and until <= now else None,
    }
    return public_page(request, "calendars/closed.html", context, status=409)


def _context(found: Appointment, now: datetime) -> dict[str, Any]:
    meeting = found.meeting
    return {
        "appointment": found,
        "meeting": meeting,
        "sub_account": meeting.sub_account,
        "hosts": host_names(found),
        "zone": ZoneInfo(found.guest_time_zone),
        "is_ended": found.status in Appointment.ENDED,
        "is_over": found.status in PAST or meeting.ends_at <= now,
        "moved_from": _moved_from(found),
        "may_reschedule": may_reschedule(found, now=now),
        "may_cancel": may_cancel(found, now=now),
        "closes_at": changes_close_at(found),
    }


def _moved_from(found: Appointment) -> datetime | None:
    """When it began before it was last moved, if it was."""
    moves = found.history.filter(kind=HistoryEntry.Kind.MOVED).exclude(was_at=F("now_at"))
    return moves.values_list("was_at", flat=True).last()
