"""The page on which staff choose a time: a month, the times of a day, or any other time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.middleware import TenantRequest
from accounts.models import User
from calendars.engine.slots import Reason
from calendars.forms.appointments import HostForm, TimeForm, anyway_value
from calendars.forms.booking import FORM_ID
from calendars.models import Calendar
from calendars.services.availability import NotBookable
from calendars.services.combining import wanted_for
from calendars.services.finding import objections
from calendars.services.openings import openings
from calendars.services.reasons import all_in_words
from calendars.services.refusals import NotFree, SlotTaken
from calendars.services.seats import Moving
from calendars.views.booking_page import hosts_to_pick

Objections = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the page is shown again. `anyway` is what a button to insist would send."""

    status: int
    text: StrOrPromise
    objections: Objections = ()
    anyway: str = ""


NOT_OFFERED = _("That time is not offered. What you entered is kept.")
INCOMPLETE = Refused(422, _("Something is missing or not right. Please check what you entered."))
JUST_TAKEN = Refused(409, _("That time was taken a moment ago. What you entered is kept."))
NOBODY = Refused(
    409,
    _(
        "Nobody who could serve it is a host of this calendar, or it has too few hosts. "
        "Nothing is changed."
    ),
)
ANYONE = _("Anyone")
REFUSALS = (NotFree, SlotTaken, NotBookable)


def explained(
    refusal: Exception,
    form: TimeForm,
    *,
    calendar: Calendar,
    now: datetime,
    moving: Moving | None = None,
) -> Refused:
    """One of the `REFUSALS` in words; a time that is not offered can be taken all the same."""
    if isinstance(refusal, NotFree):
        against = objections_of(refusal, calendar=calendar, now=now, moving=moving)
        return Refused(409, NOT_OFFERED, against, anyway=anyway_value(form.wanted_at))
    return JUST_TAKEN if isinstance(refusal, SlotTaken) else NOBODY


def objections_of(
    refused: NotFree, *, calendar: Calendar, now: datetime, moving: Moving | None = None
) -> Objections:
    """Each host who cannot serve the time, and why, in words."""
    told = in_their_names(objections(calendar, refused.verdict, now=now, moving=moving))
    return told if calendar.is_active else (("", gettext("The calendar is not active.")), *told)


def in_their_names(reasons: Mapping[int, Sequence[Reason]]) -> Objections:
    """The hosts' names, each with the reasons in words; a simple calendar's own have no name."""
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=reasons)}
    return tuple(
        (names.get(host, ""), capfirst(all_in_words(why))) for host, why in reasons.items()
    )


def time_page(
    request: TenantRequest,
    template: str,
    calendar: Calendar,
    form: TimeForm,
    *,
    now: datetime,
    refused: Refused | None = None,
    moving: Moving | None = None,
    anyone: StrOrPromise = ANYONE,
    **more: Any,
) -> HttpResponse:
    zone = request.member.zone
    hosts = hosts_to_pick(wanted_for(calendar, moving))
    host = _host(request, hosts)
    day, month = _asked(request, form, moving)
    shown = openings(
        calendar,
        zone=zone,
        now=now,
        day=day,
        month=month,
        host=host,
        moving=moving,
        to_guests=False,
    )
    form.offer(shown.times)
    if not form.is_bound:
        form.initial["host"] = host
    wanted_day = shown.day.isoformat() if shown.day else ""
    context = {
        "calendar": calendar,
        "form": form,
        "form_id": FORM_ID,
        "host_form": HostForm(hosts=hosts, host=host, day=wanted_day, anyone=anyone),
        "openings": shown,
        "refused": refused,
        "today": now.astimezone(zone).date(),
        "zone": zone,
        **more,
    }
    return render(request, template, context, status=refused.status if refused else 200)


def _host(request: TenantRequest, hosts: list[User]) -> int | None:
    asked = request.POST.get("host") or request.GET.get("host")
    return next((user.pk for user in hosts if str(user.pk) == asked), None)


def _asked(
    request: TenantRequest, form: TimeForm, moving: Moving | None
) -> tuple[date | None, date | None]:
    """The day and the month to show: as the address says, else those of the time that was sent."""
    day, month = _date(request.GET.get("date")), _date(request.GET.get("month"), "-01")
    start = form.sent_time() if form.is_bound else moving and moving.meeting.starts_at
    if start and not (day or month):
        day = start.astimezone(request.member.zone).date()
    return day, month


def _date(text: str | None, rest: str = "") -> date | None:
    try:
        return date.fromisoformat(f"{text}{rest}")
    except ValueError:
        return None
