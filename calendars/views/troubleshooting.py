"""Why a calendar offers a time, or does not."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.middleware import TenantRequest
from calendars.engine.hours import ONE_DAY
from calendars.forms.booking import YEARS
from calendars.models import Calendar
from calendars.services.troubleshooting import report
from calendars.views.finding import calendar_to_edit

ONLY_REFUSED = "refused"


def troubleshoot(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    return _page(request, calendar_to_edit(request, pk))


@require_safe
def _page(request: TenantRequest, calendar: Calendar) -> HttpResponse:
    now = timezone.now()
    today = now.astimezone(calendar.zone).date()
    shown = report(calendar, _asked(request.GET.get("date", "")) or today, now=now)
    only = request.GET.get("show") == ONLY_REFUSED
    context = {
        "calendar": calendar,
        "report": shown,
        "candidates": [one for one in shown.candidates if one.reason or not only],
        "only_refused": only,
        "previous": shown.day - ONE_DAY,
        "following": shown.day + ONE_DAY,
        "today": today,
    }
    return render(request, "calendars/troubleshoot.html", context)


def _asked(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS[1:-1] else None
