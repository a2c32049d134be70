"""A calendar's booking page: the month, the times of a day, and the form."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import User
from calendars.forms.booking import FORM_ID, BookingForm, LookForm
from calendars.forms.menu_choice import ServicesForm
from calendars.forms.zones import zone_named
from calendars.models import Calendar, CalendarGroup
from calendars.services.booking import BookingRequest
from calendars.services.booking_keys import new_key
from calendars.services.combining import Combination, Offered
from calendars.services.openings import Openings, openings
from calendars.services.serving import hosts_of, lets_pick_host
from calendars.views.refusing import Refusal, page_with


@dataclass(frozen=True, slots=True)
class Look:
    """What the address asks to see; None for what it does not say, or not readably."""

    zone: ZoneInfo
    host: int | None
    day: date | None
    month: date | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What a page is to book: on a calendar's own page that calendar, on a menu the services that
    are chosen."""

    wanted: Combination
    menu: CalendarGroup | None = None
    services_form: ServicesForm | None = None

    @property
    def page(self) -> Calendar | CalendarGroup:
        """Whose page it is: its keys are good for that."""
        return self.menu or self.wanted.first

    @property
    def hosts(self) -> list[User]:
        """Whom a guest can ask for."""
        return hosts_to_pick(self.wanted) if self._lets_pick else []

    @property
    def _lets_pick(self) -> bool:
        return self.menu is None or self.menu.guests_choose_host

    def request(self, form: BookingForm, *, zone: ZoneInfo) -> BookingRequest:
        """A valid form as a request for it. A host who is not theirs to choose is passed over."""
        request = form.wanted(self.wanted.first, zone=zone)
        host = request.host if self._lets_pick else None
        return replace(request, menu=self.menu, further=self.wanted.further, host=host)


def booking_page(
    request: HttpRequest,
    choice: Choice,
    *,
    now: datetime,
    form: BookingForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    hosts, wanted = choice.hosts, choice.wanted
    look = look_at(request, zone=zone_for(request, wanted.first), hosts=hosts, sent=form)
    shown = _openings(wanted, look, now=now, is_refused=refusal is not None)
    will_pass = refusal is not None and refusal.will_pass
    form = _form(choice, look, form, keeps_key=will_pass)
    form.offer(shown.times)
    day = shown.day.isoformat() if shown.day else ""
    context = {
        "sub_account": wanted.first.sub_account,
        "calendar": wanted.first,
        "wanted": wanted,
        "menu": choice.menu,
        "services_form": choice.services_form,
        "form": form,
        "form_id": FORM_ID,
        "look": look,
        "look_form": LookForm(zone=look.zone, hosts=hosts, host=look.host, day=day),
        "openings": shown,
        "today": now.astimezone(look.zone).date(),
        "unread": unread(request, look, shown.day),
    }
    return page_with(request, "calendars/book.html", context, refusal)


def _openings(wanted: Combination, look: Look, *, now: datetime, is_refused: bool) -> Openings:
    """What the address asks to see. Whoever was refused, and would find no times there to go on
    with, sees the first day that has some."""
    of = partial(openings, wanted, zone=look.zone, now=now, host=look.host)
    shown = of(day=look.day, month=look.month)
    if shown.times or not is_refused:
        return shown
    first = of()
    return first if first.times else shown


def hosts_to_pick(calendar: Offered) -> list[User]:
    """Whom one can ask for, in host order; nobody where that is not one's own to say."""
    if not lets_pick_host(calendar):
        return []
    return [row.user for row in hosts_of(calendar).select_related("user")]


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


def _form(choice: Choice, look: Look, sent: BookingForm | None, *, keeps_key: bool) -> BookingForm:
    """A form, mostly with a new key: empty, or with what was sent and what is wrong with it."""
    if sent is not None and keeps_key:
        return sent
    key = new_key(choice.page)
    if sent is None:
        return BookingForm(initial={"key": key, "host": look.host})
    sent.data = {**sent.data, "key": key}
    return sent


def unread(request: HttpRequest, look: Look, shown: date | None) -> list[str]:
    """What the address asked for and does not get."""
    unread = []
    if request.GET.get("tz") and request.GET["tz"] != look.zone.key:
        shown_in = _("We don’t know that time zone. Times are shown in %(zone)s.")
        unread.append(shown_in % {"zone": look.zone.key})
    if (look.day or request.GET.get("date")) and look.day != shown:
        unread.append(_("That date cannot be booked. The first free one is shown instead."))
    if request.GET.get("host") and look.host is None:
        unread.append(_("That person cannot be booked here. Times of everyone are shown."))
    return unread


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
