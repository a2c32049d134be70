"""A calendar's booking page: the month, the times of a day, and the form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User
from accounts.storage import TRY_AGAIN_AFTER
from calendars.forms.booking import FORM_ID, BookingForm, LookForm
from calendars.forms.zones import zone_named
from calendars.models import Calendar
from calendars.services.availability import hosts_of
from calendars.services.booking_keys import new_key
from calendars.services.openings import openings


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the page is shown again, with which status. `will_pass`: the same form can be sent again,
    with the same key, so that what was booked after all is not booked twice."""

    status: int
    text: str
    will_pass: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What the address asks to see; None for what it does not say, or not readably."""

    zone: ZoneInfo
    host: int | None
    day: date | None
    month: date | None


def booking_page(
    request: HttpRequest,
    calendar: Calendar,
    *,
    now: datetime,
    form: BookingForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    hosts = [row.user for row in hosts_of(calendar).select_related("user")]
    look = look_at(request, zone=zone_for(request, calendar), hosts=hosts, sent=form)
    shown = openings(
        calendar, zone=look.zone, now=now, day=look.day, month=look.month, host=look.host
    )
    will_pass = refusal is not None and refusal.will_pass
    form = _form(calendar, look, form, keeps_key=will_pass)
    form.offer(shown.times)
    day = shown.day.isoformat() if shown.day else ""
    context = {
        "sub_account": calendar.sub_account,
        "calendar": calendar,
        "form": form,
        "form_id": FORM_ID,
        "look": look,
        "look_form": LookForm(zone=look.zone, hosts=hosts, host=look.host, day=day),
        "openings": shown,
        "refusal": refusal,
        "today": now.astimezone(look.zone).date(),
        "unread": unread(request, look, shown.day),
    }
    status = refusal.status if refusal else 200
    response = render(request, "calendars/book.html", context, status=status)
    if will_pass:
        response["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response


def zone_for(request: HttpRequest, calendar: Calendar) -> ZoneInfo:
    """The guest's time zone if the address names one, else the calendar's."""
    return zone_named(request.GET.get("tz", "")) or calendar.zone


def look_at(
    request: HttpRequest,
    *,
    zone: ZoneInfo,
    hosts: Sequence[User] = (),
    sent: forms.Form | None = None,
) -> Look:
    """What the address asks for; without a date, the day of the time that was sent."""
    asked = request.POST.get("host") or request.GET.get("host")
    day = _date(request.GET.get("date", ""))
    start = _start(sent) if sent and not day else None
    return Look(
        zone=zone,
        host=next((user.pk for user in hosts if str(user.pk) == asked), None),
        day=start.astimezone(zone).date() if start else day,
        month=_date(request.GET.get("month", "") + "-01"),
    )


def _start(sent: forms.Form) -> datetime | None:
    """The start that was sent, if it is one, whatever else is wrong."""
    sent.full_clean()
    start: datetime | None = sent.cleaned_data.get("start")
    return start


def _form(
    calendar: Calendar, look: Look, sent: BookingForm | None, *, keeps_key: bool
) -> BookingForm:
    """A form, mostly with a new key: empty, or with what was sent and what is wrong with it."""
    if sent is not None and keeps_key:
        return sent
    key = new_key(calendar)
    if sent is None:
        return BookingForm(initial={"key": key, "host": look.host})
    sent.data = {**sent.data, "key": key}
    return sent


def unread(request: HttpRequest, look: Look, shown: date | None) -> list[str]:
    """What the address asked for and does not get."""
    unread = []
    if request.GET.get("tz") and request.GET["tz"] != look.zone.key:
        unread.append(f"We don’t know that time zone. Times are shown in {look.zone.key}.")
    if request.GET.get("date") and look.day != shown:
        unread.append("That date cannot be booked. The first free one is shown instead.")
    if request.GET.get("host") and look.host is None:
        unread.append("That person cannot be booked here. Times of everyone are shown.")
    return unread


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
