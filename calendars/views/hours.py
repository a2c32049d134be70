"""Hours: one's own by default, a host's for one calendar, and a simple calendar's own."""

from datetime import date
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import TenantRequest
from accounts.models import Member, SubAccount, User
from calendars.engine.hours import Hours
from calendars.forms.hours import HoursForm
from calendars.models import Calendar, CalendarHost, Schedule
from calendars.services.working_hours import hours_in, proposed_hours, schedule_of, set_hours
from calendars.views.finding import calendar_to_edit, host_to_set_hours_of


@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: TenantRequest, sub_account: str) -> HttpResponse:
    zone = request.member.zone
    schedule = schedule_of(request.user, request.sub_account)
    form = _form(request, schedule, proposal=proposed_hours(zone), today=_today(zone))
    if _is_saved(request, form, user=request.user, calendar=None, today=_today(zone)):
        return redirect("calendars:hours", sub_account)
    custom = Schedule.objects.within(request.sub_account).filter(user=request.user)
    hosted = CalendarHost.objects.within(request.sub_account).filter(user=request.user)
    context = {
        "form": form,
        "problems": form.problems(),
        "is_set": schedule is not None,
        "hosted": hosted.select_related("calendar").order_by("calendar__name"),
        "custom": set(custom.values_list("calendar", flat=True)),
    }
    return render(request, "calendars/hours.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def host_hours(request: TenantRequest, sub_account: str, pk: int, user: int) -> HttpResponse:
    host = host_to_set_hours_of(request, pk, user)
    zone = _zone_of(host, request.sub_account)
    schedule = schedule_of(host.user, request.sub_account, calendar=host.calendar)
    default = schedule_of(host.user, request.sub_account)
    proposal = hours_in(default, since=_today(zone)) if default else proposed_hours(zone)
    form = _form(request, schedule, proposal=proposal, today=_today(zone))
    if _is_saved(request, form, user=host.user, calendar=host.calendar, today=_today(zone)):
        return redirect("calendars:host_hours", sub_account, pk, user)
    context = {
        "form": form,
        "problems": form.problems(),
        "host": host,
        "is_own": user == request.user.pk,
        "is_custom": schedule is not None,
        "has_default": default is not None,
    }
    return render(request, "calendars/host_hours.html", context, status=_status(form))


@require_POST
def host_hours_default(
    request: TenantRequest, sub_account: str, pk: int, user: int
) -> HttpResponse:
    host = host_to_set_hours_of(request, pk, user)
    custom = Schedule.objects.within(request.sub_account).filter(
        user=host.user, calendar=host.calendar
    )
    custom.delete()
    said = _("The default hours of %(name)s count for “%(calendar)s”.")
    messages.success(request, said % {"name": host.user, "calendar": host.calendar})
    return redirect("calendars:host_hours", sub_account, pk, user)


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_hours(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    found = calendar_to_edit(request, pk)
    if found.kind != Calendar.Kind.SIMPLE:
        said = _("“%(calendar)s” is open when its hosts are: each has hours of their own.")
        messages.info(request, said % {"calendar": found})
        return redirect("calendars:calendar", sub_account, pk)
    today = _today(found.zone)
    schedule = schedule_of(None, request.sub_account, calendar=found)
    form = _form(request, schedule, proposal=proposed_hours(found.zone), today=today)
    if _is_saved(request, form, user=None, calendar=found, today=today):
        return redirect("calendars:calendar_hours", sub_account, pk)
    context = {
        "calendar": found,
        "form": form,
        "problems": form.problems(),
        "is_set": schedule is not None,
    }
    return render(request, "calendars/calendar_hours.html", context, status=_status(form))


def _form(
    request: TenantRequest, schedule: Schedule | None, *, proposal: Hours, today: date
) -> HoursForm:
    hours = hours_in(schedule, since=today) if schedule else proposal
    if _is_to_be_saved(request):
        return HoursForm(request.POST, zone=hours.zone.key, today=today)
    if request.method == "POST":
        return HoursForm.redrawn(request.POST, zone=hours.zone.key, today=today)
    return HoursForm.showing(hours, today=today)


def _is_saved(
    request: TenantRequest,
    form: HoursForm,
    *,
    user: User | None,
    calendar: Calendar | None,
    today: date,
) -> bool:
    """Whether there was something to be saved and now is."""
    if not (_is_to_be_saved(request) and form.is_valid()):
        return False
    wanted = form.wanted()
    set_hours(wanted, user=user, sub_account=request.sub_account, calendar=calendar, since=today)
    messages.success(request, _("The hours are saved."))
    if not wanted.weekly and not any(wanted.dates.values()):
        messages.warning(request, _("There are none in them: without hours nothing is offered."))
    return True


def _is_to_be_saved(request: TenantRequest) -> bool:
    """Or only drawn once more, with another row or a copied day."""
    return request.method == "POST" and not {"more", "copy"} & request.POST.keys()


def _status(form: HoursForm) -> int:
    return 422 if form.problems() else 200


def _zone_of(host: CalendarHost, sub_account: SubAccount) -> ZoneInfo:
    members = Member.objects.within(sub_account).select_related("sub_account")
    return members.get(user=host.user).zone


def _today(zone: ZoneInfo) -> date:
    return timezone.now().astimezone(zone).date()
