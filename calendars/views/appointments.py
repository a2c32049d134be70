"""What a guest sees of their appointment, by the private link that only they have."""

from collections.abc import Callable
from functools import wraps
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from calendars.ical import appointment_file
from calendars.models import Appointment


def private_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep the page's address out of caches, search engines and the logs of other sites."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(guarded)


@require_safe
@private_link
def appointment(request: HttpRequest, token: str) -> HttpResponse:
    found = _appointment(token)
    context = {
        "appointment": found,
        "meeting": found.meeting,
        "sub_account": found.meeting.sub_account,
        "hosts": _hosts(found),
        "zone": ZoneInfo(found.guest_time_zone),
        "is_ended": found.status in Appointment.ENDED,
    }
    return render(request, "calendars/appointment.html", context)


@require_safe
@private_link
def appointment_ics(request: HttpRequest, token: str) -> HttpResponse:
    found = _appointment(token)
    response = HttpResponse(
        appointment_file(found, host=_hosts(found)), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


def _appointment(token: str) -> Appointment:
    rows = Appointment.objects.select_related(
        "meeting__calendar", "meeting__sub_account", "contact"
    )
    return get_object_or_404(rows, token=token)


def _hosts(appointment: Appointment) -> str:
    """Their names; an address is not for the public."""
    hosts = appointment.meeting.hosts.select_related("user").order_by("pk")
    return ", ".join(host.user.full_name for host in hosts if host.user.full_name)
