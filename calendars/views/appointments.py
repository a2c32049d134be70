"""A guest's own appointment, by the private link that only they have.

The pages work without cookies, in a frame on another site too: the secret in the address stands in
for the token against forged requests. Mail scanners follow every link, so looking changes nothing.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.client_identity import address_of
from accounts.services import throttling
from calendars.forms.changes import CancelForm, RescheduleForm
from calendars.ical import appointment_file
from calendars.models import Appointment
from calendars.services import cancelling, moving
from calendars.services.looking import look_first
from calendars.services.refusals import ChangesClosed, Ended, NotOffered, SlotTaken
from calendars.services.seats import moving_seat
from calendars.views.framing import let_frame
from calendars.views.guest_pages import (
    appointment_page,
    cancel_page,
    host_names,
    reschedule_page,
)
from calendars.views.refusing import Refusal, unsaved

HOUR = timedelta(hours=1)
WRONG_LINKS = 30  # an hour, from one address
INCOMPLETE = Refusal(422, _("Something is missing or not right. Please check what you entered."))
CHOOSE = Refusal(422, _("Please choose one of the times shown."))
TAKEN = Refusal(409, _("That time was just taken. Please choose another one."))
NOT_OFFERED = Refusal(409, _("That time cannot be booked. Please choose another one."))
UNSAVED = _("Nothing can be saved just now. Please send it again in a minute.")

GuestView = Callable[[HttpRequest, Appointment], HttpResponse]


def private_link(view: GuestView) -> Callable[..., HttpResponse]:
    """Find the appointment, or count a wrong guess; and keep the page's address out of caches,
    search engines and the logs of other sites."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, _find(request, token))
        except throttling.TooOften as wait:
            response = render(request, "calendars/too_often.html", {"wait": wait}, status=429)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(guarded)


@require_safe
@private_link
def appointment(request: HttpRequest, found: Appointment) -> HttpResponse:
    return appointment_page(request, found, now=timezone.now())


@require_safe
@private_link
def appointment_ics(request: HttpRequest, found: Appointment) -> HttpResponse:
    response = HttpResponse(
        appointment_file(found, host=host_names(found)), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return let_frame(response, found.meeting.sub_account)


@csrf_exempt  # the address is the secret, see above
@require_http_methods(["GET", "HEAD", "POST"])
@private_link
def reschedule(request: HttpRequest, found: Appointment) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        return reschedule_page(request, found, now=now)
    form = RescheduleForm(request.POST.dict())
    try:
        if not form.is_valid():
            return reschedule_page(request, found, now=now, form=form, refusal=CHOOSE)
        _count_change(request)
        wanted, meeting = form.cleaned_data["start"], found.meeting
        look_first(meeting.calendar, wanted, now=now, moving=moving_seat(found))
        moving.reschedule(found, wanted, now=now)
    except throttling.TooOften as wait:
        refusal = Refusal(429, str(wait))
    except SlotTaken:
        refusal = TAKEN
    except (NotOffered, ChangesClosed, Ended):
        refusal = NOT_OFFERED
    except DatabaseError as error:
        refusal = unsaved(error, UNSAVED)
    else:
        return redirect("public:appointment", found.token)
    # As it is by now: where it cannot be changed any more, the page says that instead.
    current = _appointments().get(pk=found.pk)
    return reschedule_page(request, current, now=now, form=form, refusal=refusal)


@csrf_exempt  # the address is the secret, see above
@require_http_methods(["GET", "HEAD", "POST"])
@private_link
def cancel(request: HttpRequest, found: Appointment) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        return cancel_page(request, found, now=now)
    form = CancelForm(request.POST.dict())
    if not form.is_valid():
        return cancel_page(request, found, now=now, form=form, refusal=INCOMPLETE)
    try:
        _count_change(request)
        cancelling.cancel_by_guest(found, reason=form.cleaned_data["reason"], now=now)
    except throttling.TooOften as wait:
        refusal = Refusal(429, str(wait))
    except DatabaseError as error:
        refusal = unsaved(error, UNSAVED)
    except ChangesClosed:
        return cancel_page(request, _appointments().get(pk=found.pk), now=now)
    else:
        return redirect("public:appointment", found.token)
    return cancel_page(request, found, now=now, form=form, refusal=refusal)


def _find(request: HttpRequest, token: str) -> Appointment:
    """The appointment with that link. Wrong ones are counted: guessing is answered with 429 soon.

    A right one is no guess. It works for those, too, who share an address with somebody who tries.
    """
    found = _appointments().filter(token=token).first()
    if found is None:
        throttling.count("link", address_of(request), limit=WRONG_LINKS, per=HOUR)
        raise Http404
    return found


def _appointments() -> QuerySet[Appointment]:
    return Appointment.objects.select_related(
        "meeting__calendar__sub_account", "meeting__sub_account"
    )


def _count_change(request: HttpRequest) -> None:
    throttling.count("change", address_of(request), limit=settings.BOOKING_RATE, per=HOUR)
